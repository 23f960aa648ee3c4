"""What changed: every followed company's verdict against its levels as last judged.

Changes, their deliveries and the new levels are written in one transaction a company. Killed before it, nothing has
happened and the next run finds the same change again; killed after it, everything is there. Two runs at once meet at
the row of the company, where the second finds that the first has judged.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Text, cast, delete, select, update
from sqlalchemy.exc import IntegrityError

from paycanary.alerts.levels import Levels, changed, levels_of
from paycanary.alerts.webhooks import CHANNEL
from paycanary.errors import Lang, NotFoundError, PaycanaryError
from paycanary.models import Company, Verdict
from paycanary.state.database import now
from paycanary.state.tables import Change, Delivery, Follow, Judged, Watchlist, Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from paycanary.state.database import Database

#: Gives the verdict on a company by any id it was ever followed by; the verdict bears the canonical one.
Ask = Callable[[str, Lang], Verdict]
_LANGS: Final[tuple[Lang, ...]] = ("ko", "en")
#: Names a delivery after its change, list and channel.
_DELIVERIES: Final = uuid.UUID("6f0a4a0e-6a5c-4f0b-9a53-0d3a3f5c1f70")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class JudgeSummary:
    """What one round of judging did, in companies and changes."""

    companies: int = 0
    """Followed."""
    judged: int = 0
    """Compared with their last levels; the others were judged on this snapshot before."""
    first: int = 0
    """Judged for the first time: there is nothing to compare with."""
    changes: int = 0
    deliveries: int = 0
    missing: int = 0
    """No longer to be found in the data; they stay followed."""
    failed: int = 0
    """Could not be judged now; the next round tries again."""


def judge(database: Database, verdict: Ask, snapshot_key: str, day: date) -> JudgeSummary:
    """Compare every followed company's verdict on a snapshot with its last levels; note what changed and who is told.

    ``snapshot_key`` is `service.market.Edition.key`: ``<number of the snapshot>-<day>``, and what more there is.
    """
    summary = JudgeSummary()
    with database.session() as session:
        _forget_unfollowed(session)
        followed = list(session.scalars(select(Follow.company_id).distinct().order_by(Follow.company_id)))  # fmt: skip
        known = {row.company_id: (row.as_of, row.snapshot) for row in session.scalars(select(Judged)) if row.levels}  # fmt: skip
    summary.companies = len(followed)
    for company in followed:
        if company in known and not _is_newer((day, snapshot_key), known[company]):
            continue
        try:
            told = {lang: verdict(company, lang) for lang in _LANGS}
            levels = levels_of(told)
        except NotFoundError:
            summary.missing += 1
            continue
        except PaycanaryError as error:
            _log.warning("%s could not be judged: %s", company, error)
            summary.failed += 1
            continue
        except Exception:  # noqa: BLE001 - one that nobody foresaw must not hold up all that come after it
            _log.exception("%s could not be judged", company)
            summary.failed += 1
            continue
        _note(database, _Judgement(company, told["ko"].company, levels, snapshot_key, day), summary)  # fmt: skip
    return summary


@dataclass(frozen=True, slots=True)
class _Judgement:
    followed_as: str
    company: Company
    levels: Levels
    snapshot: str
    day: date


def _note(database: Database, judgement: _Judgement, summary: JudgeSummary) -> None:
    counted = JudgeSummary()
    try:
        with database.session() as session:
            if judgement.company.id != judgement.followed_as:
                _rename(session, judgement)
            _compare(session, judgement, counted)
    except IntegrityError:
        # Another process judged it for the first time, or a list was deleted, at this very moment.
        summary.failed += 1
        return
    summary.judged += counted.judged
    summary.first += counted.first
    summary.changes += counted.changes
    summary.deliveries += counted.deliveries


def _compare(session: Session, judgement: _Judgement, summary: JudgeSummary) -> None:
    company, levels, moment = judgement.company.id, judgement.levels, now()
    row = session.scalar(select(Judged).where(Judged.company_id == company).with_for_update())
    if row is None:
        row = Judged(company_id=company, round=0, levels={})
        session.add(row)
    elif row.levels and not _is_newer((judgement.day, judgement.snapshot), (row.as_of, row.snapshot)):  # fmt: skip
        return
    summary.judged += 1
    summary.first += not row.levels
    # The built-in sample is no state of the world that a first real snapshot could change.
    is_same_world = bool(row.levels) and _is_sample(row.snapshot) == _is_sample(judgement.snapshot)
    signals = changed(row.levels, levels) if is_same_world else []
    if signals:
        row.round += 1
        places = list(_places(session, company))
        for signal in signals:
            change = _change(judgement, signal, row, moment)
            session.add(change)
            session.flush()
            session.add_all(_delivery(change, *place, moment) for place in places)
            summary.changes += 1
            summary.deliveries += len(places)
    row.levels, row.snapshot, row.as_of, row.judged_at = levels, judgement.snapshot, judgement.day, moment  # fmt: skip


def _change(judgement: _Judgement, signal: str, row: Judged, moment: datetime) -> Change:
    # With the snapshot: rounds begin anew where a company comes back to an id that it had before.
    named = f"{row.company_id}|{signal}|{row.round}|{judgement.snapshot}"
    return Change(
        id=hashlib.sha256(named.encode()).hexdigest(),
        company_id=row.company_id,
        company_name=judgement.company.name,
        signal=signal,
        before=row.levels[signal] | {"as_of": row.as_of.isoformat()},
        after=judgement.levels[signal] | {"as_of": judgement.day.isoformat()},
        as_of=judgement.day,
        noted_at=moment,
    )


def _places(session: Session, company: str) -> Iterator[tuple[str, str]]:
    """Lists that follow a company, with each channel; held, so that none is deleted before its deliveries are written."""
    lists = session.scalars(
        select(Watchlist)
        .join(Follow, Follow.watchlist_id == Watchlist.id)
        .where(Follow.company_id == company)
        .order_by(Watchlist.id)
        .with_for_update(of=Watchlist, read=True, key_share=True)
    ).all()
    for watchlist in lists:
        yield watchlist.id, "feed"
        if watchlist.email and watchlist.confirmed_at:
            yield watchlist.id, "email"
        for hook in session.scalars(
            select(Webhook.id).where(Webhook.watchlist_id == watchlist.id, Webhook.disabled_at.is_(None))
        ):  # fmt: skip
            yield watchlist.id, f"{CHANNEL}{hook}"


def _delivery(change: Change, watchlist: str, channel: str, moment: datetime) -> Delivery:
    # A feed is fetched: what stands in it is delivered.
    is_feed = channel == "feed"
    return Delivery(
        id=str(uuid.uuid5(_DELIVERIES, f"{change.id}|{watchlist}|{channel}")),
        change_id=change.id,
        watchlist_id=watchlist,
        channel=channel,
        state="sent" if is_feed else "pending",
        next_at=moment,
        sent_at=moment if is_feed else None,
    )


def _rename(session: Session, judgement: _Judgement) -> None:
    """Follow a company on under the id that it has now."""
    old, new = judgement.followed_as, judgement.company.id
    already = select(Follow.watchlist_id).where(Follow.company_id == new)
    session.execute(
        delete(Follow).where(Follow.company_id == old, Follow.watchlist_id.in_(already.scalar_subquery()))
    )  # fmt: skip
    session.execute(update(Follow).where(Follow.company_id == old).values(company_id=new))
    if session.get(Judged, new) is None:
        session.execute(update(Judged).where(Judged.company_id == old).values(company_id=new))
    else:
        session.execute(delete(Judged).where(Judged.company_id == old))


def _forget_unfollowed(session: Session) -> None:
    """Levels of companies that nobody follows any more; whoever follows one next begins anew. Rounds go on counting."""
    followed = select(Follow.company_id).scalar_subquery()
    # Only those that have any: this is asked every few seconds.
    has_levels = cast(Judged.levels, Text) != "{}"
    forgotten = (
        update(Judged).where(Judged.company_id.not_in(followed), has_levels).values(levels={})
    )
    session.execute(forgotten, execution_options={"synchronize_session": False})


def _is_newer(one: tuple[date, str], other: tuple[date, str]) -> bool:
    """Whether a day and snapshot come after another, so that a slow copy does not judge on what is past."""
    return (one[0], _number(one[1])) > (other[0], _number(other[1]))


def _number(snapshot: str) -> int:
    number = snapshot.partition("-")[0]
    return int(number) if number.isdigit() else -1


def _is_sample(snapshot: str) -> bool:
    return _number(snapshot) < 0

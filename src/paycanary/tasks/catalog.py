"""Every piece of unattended work by its name: plain arguments in, a plain account out.

    call("refresh", {"source": "krx"})     # {"result": {"changed": true, "snapshot": 12, ...}}
    call("refresh", {"source": "dart"})    # {"fault": {"kind": "transient", "retry_after": 31500.0, ...}}

A piece of work calls the function that the command of the same job calls, and adds only what a schedule needs of it. All of them may
be called again at any time: what is done already is not done twice.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import PaycanaryError
from paycanary.tasks.faults import fault
from paycanary.wording import today

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.service.settings import Settings
    from paycanary.tasks.retraining import Retrained
    from paycanary.tasks.settings import TaskSettings

Account = dict[str, Any]
#: Lines of a screen that a schedule's log shows.
_NAMED: Final = 5


def call(name: str, arguments: Account) -> Account:
    """Do a piece of work: ``{"result": ...}``, or ``{"fault": ...}`` where an error of ours ended it."""
    try:
        return {"result": TASKS[name](**arguments)}
    except PaycanaryError as error:
        return {"fault": asdict(fault(error))}


def refresh(source: str, since: str | None = None) -> Account:
    """Fetch one register and take it in; ``changed`` where rows were added.

    Raises:
        PaycanaryError: the register could not be asked to its end; what came until then was taken in.
    """
    from paycanary.tasks import refreshing  # noqa: PLC0415 - each piece loads what it needs

    fetched = refreshing.fetch([source], since=_day(since), wait=_own().store_seconds)
    summary = fetched.summary
    added = {table: rows for table, rows in summary.added.items() if rows} if summary else {}
    (outcome,) = fetched.outcomes
    if outcome.error is not None:
        raise outcome.error
    return {
        "source": source,
        "asked": outcome.tally.asked,
        "reused": outcome.tally.reused,
        "unreadable": outcome.tally.failed,
        "changed": bool(added),
        "added": added,
        "snapshot": summary.snapshot if summary else 0,
    }


def due(source: str) -> Account:
    """Whether a register has something new, and which months it lacks."""
    from paycanary.tasks import refreshing  # noqa: PLC0415

    (found,) = refreshing.due([source])
    return asdict(found)


def screen(as_of: str | None = None) -> Account:
    """Screen the whole market into ``screens/DAY.parquet`` of paycanary's home."""
    from paycanary.lake.home import lake_path  # noqa: PLC0415
    from paycanary.tasks import screening, writing  # noqa: PLC0415

    day = _day(as_of) or today()
    screened = screening.screen(day)
    folder = lake_path().with_name("screens")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{day}.parquet"
    content = screening.encode(screened, "parquet")
    before = path.read_bytes() if path.exists() else None
    if content != before:
        writing.write(path, content)
    return {
        "file": path.name,
        "companies": sum(screened.levels.values()),
        "levels": screened.levels,
        "snapshot": screened.snapshot,
        "changed": content != before,
    }


def expire(as_of: str | None = None) -> Account:
    """Remove entries of public lists whose publication has ended by a day, of the past or today."""
    from paycanary.lake import expiry, live  # noqa: PLC0415
    from paycanary.lake.home import lake_path  # noqa: PLC0415

    day = min(_day(as_of) or today(), today())
    done = live.patiently(lambda: expiry.expire(lake_path(), day), _own().store_seconds)
    return {**asdict(done), "day": str(done.day), "changed": done.removed > 0}


def retrain(as_of: str | None = None) -> Account:
    """Train the forecast anew and let the gate decide; the operator is told what it decided."""
    from paycanary.tasks import retraining  # noqa: PLC0415

    done = retraining.retrain(draws=_own().retrain_draws, last=_day(as_of))
    told = _tell(*_about(done)) if done.outcome != "unchanged" else []
    return {**asdict(done), "reasons": list(done.reasons), "told": told}


def backup() -> Account:
    """Back up state and lake to ``PAYCANARY_BACKUP_PLACE``; ``skipped`` where none is set."""
    from paycanary.backup.create import create  # noqa: PLC0415

    own = _own()
    if not own.backup_place:
        return {"skipped": "PAYCANARY_BACKUP_PLACE is not set"}
    made = create(own.backup_place, keep=own.backup_keep)
    return {
        "id": made.id,
        "files": len(made.files),
        "bytes": made.size,
        "snapshot": made.lake.snapshot if made.lake else 0,
    }


def alert() -> Account:
    """Judge followed companies on the newest data and send what is due."""
    from paycanary.service.market import Market  # noqa: PLC0415
    from paycanary.state.database import open_database  # noqa: PLC0415
    from paycanary.tasks import alerting  # noqa: PLC0415

    settings, database = _settings(), open_database()
    try:
        judged, sent = alerting.alert(database, settings, Market(settings.warm_rows).edition())
    finally:
        database.close()
    return {"judged": asdict(judged), "sent": asdict(sent)}


def tell(headline: str, lines: list[str]) -> Account:
    """Tell the operator something; ``told``: by which ways."""
    return {"told": _tell(headline, lines)}


TASKS: Final[dict[str, Callable[..., Account]]] = {
    work.__name__: work for work in (refresh, due, screen, expire, retrain, backup, alert, tell)
}


def _about(done: Retrained) -> tuple[str, list[str]]:
    """What the operator reads of a training."""
    page = "docs/how-to/airflow.md#the-gate"
    if done.outcome == "promoted":
        headline = f"forecast {done.version} is live (version {done.registered} in the registry)"
        return headline, [f"By the protocol it is not worse than the one before. To go back: {page}"]  # fmt: skip
    headline = f"forecast {done.version} was not taken: {done.live} stays live"
    return headline, [*done.reasons, f"It is kept as version {done.registered} in the registry. What to do: {page}"]  # fmt: skip


def _tell(headline: str, lines: list[str]) -> list[str]:
    from paycanary.tasks import operator  # noqa: PLC0415

    return list(operator.tell(headline, lines, _settings(), _own()).ways)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _own() -> TaskSettings:
    from paycanary.service.checked import checked  # noqa: PLC0415
    from paycanary.tasks.settings import TaskSettings  # noqa: PLC0415

    return checked(TaskSettings, "docs/how-to/airflow.md")


def _settings() -> Settings:
    from paycanary.service.checked import checked  # noqa: PLC0415
    from paycanary.service.settings import Settings  # noqa: PLC0415

    return checked(Settings, "docs/how-to/serve.md")

"""What people do with their watchlists. A list is known by its secret link; the database holds only the secret's hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import delete, func, select

from paycanary.alerts.webhooks import CHANNEL, KINDS
from paycanary.errors import UsageError
from paycanary.state.database import now
from paycanary.state.tables import Delivery, Follow, Watchlist, Webhook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from paycanary.alerts.outbound import Outbound
    from paycanary.errors import Lang
    from paycanary.state.database import Database

MOST_COMPANIES: Final = 50
MOST_HOOKS: Final = 5
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")

Column = Literal["secret_hash", "feed_hash", "confirm_hash"]


@dataclass(frozen=True, slots=True)
class Contents:
    """A list and what is on it."""

    watchlist: Watchlist
    follows: list[Follow]
    hooks: list[Webhook]


class WatchlistError(UsageError):
    """A list that cannot be changed in that way."""

    code = "watchlist"


def hashed(secret: str) -> str:
    """As the database knows a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(text: str) -> bool:
    """Whether a text has the form of a secret; what has not is not even looked for."""
    return _SECRET.fullmatch(text) is not None


def feed_secret(secret: str) -> str:
    """The feed's secret that belongs to a list's: derived, so that the list's page can show it; one way, so that it opens nothing else."""
    digest = hmac.digest(secret.encode(), b"paycanary.feed", "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def create(database: Database, companies: Iterable[tuple[str, str]], lang: Lang) -> str:
    """A new list of companies (id, name); its secret.

    Raises:
        WatchlistError: too many companies.
    """
    secret, moment = secrets.token_urlsafe(32), now()
    chosen = dict(companies)
    if len(chosen) > MOST_COMPANIES:
        raise _too_many_companies()
    with database.session() as session:
        watchlist = Watchlist(id=str(uuid.uuid4()), secret_hash=hashed(secret), feed_hash=hashed(feed_secret(secret)), lang=lang, created_at=moment)  # fmt: skip
        session.add(watchlist)
        session.flush()
        session.add_all(
            Follow(watchlist_id=watchlist.id, company_id=company, company_name=name, created_at=moment)
            for company, name in chosen.items()
        )  # fmt: skip
    return secret


def find(database: Database, secret: str, column: Column = "secret_hash") -> Contents | None:
    """The list that a secret opens, with what is on it. Found by the hash's index, so time tells nothing of the secret."""
    with database.session() as session:
        watchlist = known(session, secret, column)
        if watchlist is None:
            return None
        follows = session.scalars(select(Follow).where(Follow.watchlist_id == watchlist.id).order_by(Follow.company_name))  # fmt: skip
        hooks = session.scalars(select(Webhook).where(Webhook.watchlist_id == watchlist.id).order_by(Webhook.created_at))  # fmt: skip
        return Contents(watchlist, list(follows), list(hooks))


def follow(database: Database, secret: str, company: str, name: str) -> None:
    """Put a company on a list; once, however often it is asked.

    Raises:
        WatchlistError: no such list, or it is full.
    """
    with database.session() as session:
        watchlist = held(session, secret)
        if session.get(Follow, (watchlist.id, company)) is not None:
            return
        if _count(session, Follow, watchlist) >= MOST_COMPANIES:
            raise _too_many_companies()
        session.add(Follow(watchlist_id=watchlist.id, company_id=company, company_name=name, created_at=now()))  # fmt: skip


def unfollow(database: Database, secret: str, company: str) -> None:
    """Take a company off a list."""
    with database.session() as session:
        watchlist = held(session, secret)
        session.execute(delete(Follow).where(Follow.watchlist_id == watchlist.id, Follow.company_id == company))  # fmt: skip


def speak(database: Database, secret: str, lang: Lang) -> None:
    """Alerts of the list come in this language from now on."""
    with database.session() as session:
        held(session, secret).lang = lang


def add_hook(database: Database, secret: str, url: str, kind: str, outbound: Outbound) -> Webhook:
    """Post alerts to an address too. Its ``secret``, which signs them, is shown to whoever added it.

    Raises:
        AddressError: nothing is posted there.
        WatchlistError: no such list, no such kind, or enough webhooks.
    """
    if kind not in KINDS:
        raise refused("웹훅 종류는 json 이나 slack 입니다.", "A webhook is json or slack.", "하나를 골라 주세요.", "Choose one.")  # fmt: skip
    outbound.check(url)
    with database.session() as session:
        watchlist = held(session, secret)
        if _count(session, Webhook, watchlist) >= MOST_HOOKS:
            raise refused(f"웹훅은 목록마다 {MOST_HOOKS}개까지입니다.", f"A list has at most {MOST_HOOKS} webhooks.", "쓰지 않는 것을 지워 주세요.", "Remove one first.")  # fmt: skip
        hook = Webhook(id=str(uuid.uuid4()), watchlist_id=watchlist.id, url=url, kind=kind, secret=secrets.token_urlsafe(32), created_at=now(), failures=0)  # fmt: skip
        session.add(hook)
    return hook


def remove_hook(database: Database, secret: str, hook: str) -> None:
    """Take a webhook off a list, with what was still to be posted to it."""
    with database.session() as session:
        watchlist = held(session, secret)
        session.execute(delete(Webhook).where(Webhook.id == hook, Webhook.watchlist_id == watchlist.id))  # fmt: skip
        session.execute(delete(Delivery).where(Delivery.watchlist_id == watchlist.id, Delivery.channel == f"{CHANNEL}{hook}"))  # fmt: skip


def rotate(database: Database, secret: str, *, with_feed: bool) -> str:
    """Give the list a new link; the old one is dead at once, and the feed's address too if asked."""
    fresh = secrets.token_urlsafe(32)
    with database.session() as session:
        watchlist = held(session, secret)
        watchlist.secret_hash, watchlist.rotated_at = hashed(fresh), now()
        if with_feed:
            watchlist.feed_hash = hashed(feed_secret(fresh))
    return fresh


def destroy(database: Database, secret: str) -> None:
    """Delete a list and everything about it."""
    with database.session() as session:
        session.delete(held(session, secret))


def known(session: Session, secret: str, column: Column, *, for_update: bool = False) -> Watchlist | None:  # fmt: skip
    """The list that a secret opens."""
    if not is_secret(secret):
        return None
    query = select(Watchlist).where(getattr(Watchlist, column) == hashed(secret))
    return session.scalar(query.with_for_update() if for_update else query)


def held(session: Session, secret: str) -> Watchlist:
    """The list, so that nobody else changes it meanwhile."""
    watchlist = known(session, secret, "secret_hash", for_update=True)
    if watchlist is None:
        raise refused("이 링크로 열리는 목록이 없습니다.", "No list opens with this link.", "링크가 바뀌었거나 목록이 지워졌습니다. 새로 만들어 주세요.", "It was replaced or the list was deleted. Make a new one.")  # fmt: skip
    return watchlist


def _count(session: Session, table: type[Follow | Webhook], watchlist: Watchlist) -> int:
    return session.scalar(select(func.count()).where(table.watchlist_id == watchlist.id)) or 0


def _too_many_companies() -> WatchlistError:
    return refused(f"회사는 목록마다 {MOST_COMPANIES}곳까지입니다.", f"A list follows at most {MOST_COMPANIES} companies.", "빼고 다시 넣거나 목록을 하나 더 만들어 주세요.", "Take some off, or make another list.")  # fmt: skip


def refused(what_ko: str, what_en: str, todo_ko: str, todo_en: str) -> WatchlistError:
    """What is wrong, and what to do."""
    return WatchlistError({"ko": what_ko, "en": what_en}, {"ko": todo_ko, "en": todo_en})

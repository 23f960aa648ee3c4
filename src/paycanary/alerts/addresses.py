"""A list's e-mail address: kept and written to with its owner's consent only, ended by one press, forgotten where none came."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, update

from paycanary.alerts.mail import checked_address
from paycanary.alerts.watchlists import hashed, held, is_secret, known, refused
from paycanary.state.database import now
from paycanary.state.tables import Confirmation, Watchlist

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from paycanary.state.database import Database

#: Requests that one address may be sent while none of them is confirmed, by all lists: nobody is flooded through us.
_MOST_ASKED: Final = 3
#: How long a request holds, and counts.
_CONFIRM: Final = timedelta(hours=48)
_NO_ADDRESS: Final = {"email": None, "confirmed_at": None, "confirm_hash": None, "confirm_until": None}  # fmt: skip


def ask_address(database: Database, secret: str, address: str) -> str | None:
    """Set the address that alerts go to once it is confirmed; the secret of the confirmation, None where nothing changes.

    Raises:
        EmailError: no address.
        WatchlistError: no such list, or the address has been asked often enough.
    """
    checked, moment = checked_address(address), now()
    confirm = secrets.token_urlsafe(32)
    with database.session() as session:
        watchlist = held(session, secret)
        is_same = (watchlist.email or "").lower() == checked.lower()
        if is_same and watchlist.confirmed_at is not None:
            return None
        # Counted by request and not by list: a list can be deleted, or made to forget, and asked again.
        lately = (Confirmation.address_hash == _marked(checked), Confirmation.asked_at > moment - _CONFIRM)  # fmt: skip
        if (session.scalar(select(func.count()).where(*lately)) or 0) >= _MOST_ASKED:
            raise refused("이 주소로 확인 메일을 이미 여러 번 보냈습니다.", "This address has been sent several requests to confirm it already.",
                          "받은 메일에서 확인하거나 이틀 뒤 다시 해 주세요.", "Confirm one of them, or try again in two days.")  # fmt: skip
        session.add(Confirmation(confirm_hash=hashed(confirm), address_hash=_marked(checked), asked_at=moment))  # fmt: skip
        watchlist.email, watchlist.confirmed_at = checked, None
        watchlist.confirm_hash, watchlist.confirm_until = hashed(confirm), moment + _CONFIRM
        if not (is_same and watchlist.unsubscribe_key):
            watchlist.unsubscribe_key = secrets.token_urlsafe(32)
    return confirm


def withdraw(database: Database, confirm: str) -> None:
    """Forget a request that never went out, and the address with it."""
    asked = hashed(confirm)
    with database.session() as session:
        session.execute(update(Watchlist).where(Watchlist.confirm_hash == asked).values(_NO_ADDRESS))  # fmt: skip
        session.execute(delete(Confirmation).where(Confirmation.confirm_hash == asked))


def drop_address(database: Database, secret: str) -> None:
    """Forget the list's e-mail address."""
    with database.session() as session:
        _forget(held(session, secret))


def confirm_address(database: Database, confirm: str) -> bool:
    """Send e-mails from now on; False where the link is unknown, used or over."""
    moment = now()
    with database.session() as session:
        watchlist = known(session, confirm, "confirm_hash", for_update=True)
        if watchlist is None or not _is_open(watchlist, moment):
            return False
        watchlist.confirmed_at, watchlist.confirm_hash, watchlist.confirm_until = moment, None, None
        # Whoever reads its mail wants ours: what was asked of it before bothers nobody.
        mark = _marked(watchlist.email or "")
        session.execute(delete(Confirmation).where(Confirmation.address_hash == mark))
    return True


def is_confirmable(database: Database, confirm: str) -> bool:
    """Whether `confirm_address` would do it."""
    with database.session() as session:
        watchlist = known(session, confirm, "confirm_hash")
        return watchlist is not None and _is_open(watchlist, now())


def has_mail(database: Database, key: str) -> bool | None:
    """Whether e-mails go out to the list of an unsubscribe key; None where there is no such list."""
    with database.session() as session:
        watchlist = _by_key(session, key)
        return None if watchlist is None else watchlist.email is not None


def unsubscribe(database: Database, key: str) -> bool:
    """Forget the address, as often as it is asked; False where there is no such list."""
    with database.session() as session:
        watchlist = _by_key(session, key)
        if watchlist is not None:
            _forget(watchlist)
        return watchlist is not None


def forget_unconfirmed(database: Database) -> None:
    """Forget the addresses of people who did not answer, and that they were asked."""
    moment = now()
    with database.session() as session:
        is_over = (Watchlist.confirmed_at.is_(None), Watchlist.confirm_until <= moment)
        session.execute(update(Watchlist).where(*is_over).values(_NO_ADDRESS))
        session.execute(delete(Confirmation).where(Confirmation.asked_at <= moment - _CONFIRM))


def _is_open(watchlist: Watchlist, moment: datetime) -> bool:
    return watchlist.confirm_until is not None and watchlist.confirm_until > moment


def _marked(address: str) -> str:
    """What an address is counted by: however its letters are written, and readable to nobody who only looks."""
    return hashed(address.lower())


def _by_key(session: Session, key: str) -> Watchlist | None:
    if not is_secret(key):
        return None
    return session.scalar(select(Watchlist).where(Watchlist.unsubscribe_key == key).with_for_update())  # fmt: skip


def _forget(watchlist: Watchlist) -> None:
    for name, value in _NO_ADDRESS.items():
        setattr(watchlist, name, value)

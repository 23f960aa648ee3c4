"""Nobody is written to against their will, and nobody's address is kept who did not answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from paycanary.alerts import addresses, watchlists
from paycanary.alerts.watchlists import WatchlistError
from paycanary.state.database import now
from paycanary.state.tables import Confirmation, Watchlist
from tests.alerts.receivers import confirmed_address, followed

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.state.database import Database

VICTIM = "victim@example.com"


def passed(database: Database, hours: int) -> None:
    """So many hours go by."""
    with database.session() as session:
        earlier = now() - timedelta(hours=hours)
        session.execute(update(Confirmation).values(asked_at=earlier))
        until = earlier + timedelta(hours=48)
        session.execute(update(Watchlist).where(Watchlist.confirm_until.is_not(None)).values(confirm_until=until))  # fmt: skip


def kept(database: Database) -> tuple[list[str], int]:
    """Addresses of lists, and requests that are remembered."""
    with database.session() as session:
        emails = session.scalars(select(Watchlist.email).where(Watchlist.email.is_not(None)))
        return sorted(filter(None, emails)), session.scalar(select(func.count()).select_from(Confirmation)) or 0  # fmt: skip


def again(database: Database, secret: str) -> str:
    assert watchlists.find(database, secret)
    return secret


def dropped(database: Database, secret: str) -> str:
    addresses.drop_address(database, secret)
    return secret


def deleted(database: Database, secret: str) -> str:
    watchlists.destroy(database, secret)
    return followed(database)


def elsewhere(database: Database, secret: str) -> str:
    addresses.ask_address(database, secret, f"{secret[:8]}@example.com")
    return secret


@pytest.mark.parametrize("between", [again, dropped, deleted, elsewhere])
def test_an_address_is_asked_three_times_in_two_days_whatever_becomes_of_the_list(
    database: Database, between: Callable[[Database, str], str]
) -> None:
    secret = followed(database)
    for number in range(3):
        assert addresses.ask_address(database, secret, VICTIM.upper() if number else VICTIM)
        secret = between(database, secret)
    with pytest.raises(WatchlistError):
        addresses.ask_address(database, secret, VICTIM)
    passed(database, 49)
    assert addresses.ask_address(database, secret, VICTIM)


def test_who_confirms_may_be_asked_again(database: Database) -> None:
    for _ in range(5):
        confirmed_address(database, followed(database), VICTIM)


def test_a_request_that_never_went_out_is_forgotten(database: Database) -> None:
    secret = followed(database)
    for _ in range(5):
        confirm = addresses.ask_address(database, secret, VICTIM)
        assert confirm
        addresses.withdraw(database, confirm)
        assert kept(database) == ([], 0)
        assert not addresses.confirm_address(database, confirm)


def test_addresses_that_nobody_confirmed_are_forgotten_after_two_days(database: Database) -> None:
    confirmed_address(database, followed(database), "here@example.com")
    secret = followed(database)
    confirm = addresses.ask_address(database, secret, VICTIM)
    assert confirm
    passed(database, 47)
    addresses.forget_unconfirmed(database)
    assert kept(database) == (["here@example.com", VICTIM], 1)
    assert addresses.is_confirmable(database, confirm)
    passed(database, 49)
    assert not addresses.is_confirmable(database, confirm)
    assert not addresses.confirm_address(database, confirm)
    addresses.forget_unconfirmed(database)
    assert kept(database) == (["here@example.com"], 0)


def test_the_link_of_an_older_mail_ends_the_mails_too(database: Database) -> None:
    def key() -> str:
        with database.session() as session:
            return session.scalars(select(Watchlist.unsubscribe_key)).one() or ""

    secret = followed(database)
    addresses.ask_address(database, secret, VICTIM)
    first = key()
    confirmed_address(database, secret, VICTIM)
    # The same address, however it is written: there is nothing to ask.
    assert addresses.ask_address(database, secret, VICTIM.title()) is None
    assert key() == first
    assert addresses.unsubscribe(database, first)
    assert kept(database) == ([], 0)
    # Another address is another person's to end.
    confirmed_address(database, secret, "other@example.com")
    assert not addresses.unsubscribe(database, first)
    assert addresses.has_mail(database, "\0" * 43) is None

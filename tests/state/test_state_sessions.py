"""What a session of the state promises, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from paycanary.state.database import now
from paycanary.state.tables import (
    ApiKey,
    Change,
    Delivery,
    Follow,
    Job,
    JobEvent,
    Judged,
    Watchlist,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from paycanary.state.database import Database

SEOUL = timezone(timedelta(hours=9))


def key(number: str = "a", **values: Any) -> ApiKey:
    return ApiKey(**{"id": number, "key_hash": number * 64, "name": "가나다", "scopes": "read", "created_at": now()} | values)  # fmt: skip


def job(number: str, **values: Any) -> Job:
    return Job(**{"id": number, "kind": "refresh", "subject": "company", "lang": "ko", "state": "queued", "created_at": now()} | values)  # fmt: skip


def followed(number: str = "w") -> tuple[Watchlist, Follow]:
    watchlist = Watchlist(id=number, secret_hash=number * 64, feed_hash=number * 64, lang="ko", created_at=now())  # fmt: skip
    return watchlist, Follow(watchlist_id=number, company_id="dart:1", company_name="가", created_at=now())  # fmt: skip


def count(session: Session, table: type[Any]) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def test_a_session_is_one_transaction(database: Database) -> None:
    with database.session() as session:
        session.add(key("a"))

    def stop_half_way() -> None:
        with database.session() as session:
            session.add(key("b"))
            session.flush()
            assert count(session, ApiKey) == 2
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        stop_half_way()
    with database.session() as session:
        assert [k.id for k in session.scalars(select(ApiKey))] == ["a"]


def test_rows_can_be_read_after_their_session(database: Database) -> None:
    with database.session() as session:
        session.add(kept := key("a", used_on=date(2026, 2, 28)))
    assert (kept.id, kept.used_on, kept.name) == ("a", date(2026, 2, 28), "가나다")


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 1, 8, 59, 59, 123456, tzinfo=SEOUL),
        datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_as_the_same_moment_in_utc(
    database: Database, moment: datetime
) -> None:
    with database.session() as session:
        session.add(key("a", created_at=moment))
    with database.session() as session:
        (found,) = session.scalars(select(ApiKey.created_at))
        assert found == moment
        assert found.utcoffset() == timedelta(0)
        # In a condition too, whatever the zone it is asked in.
        asked = moment.astimezone(timezone(timedelta(hours=-5)))
        assert session.scalars(select(ApiKey.id).where(ApiKey.created_at == asked)).all() == ["a"]
        assert session.scalars(select(ApiKey.id).where(ApiKey.created_at < asked)).all() == []
        later = asked + timedelta(microseconds=1)
        assert session.scalars(select(ApiKey.id).where(ApiKey.created_at < later)).all() == ["a"]


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="a moment without a zone"), database.session() as s:
        s.add(key("a", created_at=datetime(2026, 2, 28)))  # noqa: DTZ001 - the point
    with database.session() as session:
        assert count(session, ApiKey) == 0


def test_documents_come_back_as_they_were(database: Database) -> None:
    document = {"값": ["가", 1, 2.5, None, True], "order": {"b": 1, "a": 2}, "hostile": "'\"\\;--\u2028<script>"}  # fmt: skip
    with database.session() as session:
        session.add(Judged(company_id="dart:1", levels=document, snapshot="1", as_of=date(2026, 1, 1), judged_at=now()))  # fmt: skip
    with database.session() as session:
        (found,) = session.scalars(select(Judged))
        assert found.levels == document
        assert found.round == 0


def test_what_is_unique_stays_unique(database: Database) -> None:
    with database.session() as session:
        session.add(key("a"))
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(key("b", key_hash="a" * 64))
    with database.session() as session:
        assert count(session, ApiKey) == 1


def test_many_may_lack_what_is_unique(database: Database) -> None:
    with database.session() as session:
        for number in "xy":
            session.add(followed(number)[0])
    with database.session() as session:
        assert session.scalars(select(Watchlist.confirm_hash)).all() == [None, None]


def test_one_job_of_a_kind_about_a_subject_is_open(database: Database) -> None:
    with database.session() as session:
        session.add_all([job("1", ended_at=now()), job("2", ended_at=now()), job("3")])
        session.add(job("other", subject="company2"))
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(job("4"))
    with database.session() as session:
        session.get_one(Job, "3").ended_at = now()
    with database.session() as session:
        session.add(job("4"))
    with database.session() as session:
        assert count(session, Job) == 5


def test_nothing_points_at_what_is_not_there(database: Database) -> None:
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(JobEvent(job_id="none", at=now(), event={}))


def test_what_belongs_to_a_watchlist_leaves_with_it(database: Database) -> None:
    change = Change(id="c" * 64, company_id="dart:1", company_name="가", signal="s", before={}, after={}, as_of=date(2026, 1, 1), noted_at=now())  # fmt: skip
    with database.session() as session:
        for number in "xy":
            watchlist, follow = followed(number)
            session.add(watchlist)
            session.flush()
            session.add(follow)
        session.add(change)
        session.flush()
        for number in "xy":
            session.add(Delivery(id=number, change_id=change.id, watchlist_id=number, channel="feed", state="pending", next_at=now()))  # fmt: skip
    with database.session() as session:
        session.execute(text("DELETE FROM watchlists WHERE id = 'x'"))
    with database.session() as session:
        assert session.scalars(select(Follow.watchlist_id)).all() == ["y"]
        assert session.scalars(select(Delivery.id)).all() == ["y"]
        assert count(session, Change) == 1


def test_text_is_kept_as_written(database: Database) -> None:
    written = "'; DROP TABLE api_keys; -- 값 \\ % _ \" \N{GRINNING FACE} \r\n\t" + "길" * 5000
    with database.session() as session:
        session.add(key("a", name=written))
    with database.session() as session:
        assert session.scalars(select(ApiKey.name).where(ApiKey.name == written)).all() == [written]


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_con: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_values_never_stand_in_a_statement(database: Database, statements: list[str]) -> None:
    with database.session() as session:
        session.add(key("a", name="hostile'--"))
        session.flush()
        session.scalars(select(ApiKey).where(ApiKey.name == "hostile'--")).one()
    assert any("api_keys" in statement for statement in statements)
    assert not any("hostile" in statement for statement in statements)

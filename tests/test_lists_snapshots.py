"""Dated snapshots of public lists: what was listed on a day, what a later reading took off, what expired, what was never whole."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycanary.errors import AnswerError
from paycanary.lake import asof
from paycanary.lake.identity import LIST_RULE
from paycanary.lake.tables import TABLES
from paycanary.signals import catalog
from paycanary.sources.lists import moel, tax
from tests.list_lake import ROUND, Lists, unknown
from tests.standins.lists import moel_row, tax_row
from tests.standins.server import Reply, Request, http_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

OTHERS = [moel_row(ROUND, f"남의가게{n}", "서울특별시", "30,000,000") for n in range(3)]
ENTRY = moel_row(ROUND, "가나전자", "경기도", "50,000,000")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lists]:
    with ExitStack() as stack:
        yield Lists(tmp_path, monkeypatch, stack).found()


def reason(world: Lists, day: date, signal: str = "wage_arrears") -> str:
    return unknown(world.verdict("가나전자", day), signal).reason


def test_a_day_sees_what_was_listed_then(world: Lists) -> None:
    world.moel.rows = [ENTRY, *OTHERS]
    world.fetch(moel)
    world.desk.clock.pass_days(5)
    world.moel.rows = [*OTHERS]  # paid
    world.fetch(moel)
    world.desk.clock.pass_days(5)
    world.moel.rows = [ENTRY, *OTHERS]  # and listed again
    world.fetch(moel)
    seen = {day: reason(world, date(2026, 11, 25) + timedelta(days=day)) for day in (-1, 0, 4, 5, 9, 10)}  # fmt: skip
    assert seen == {
        -1: "not_taken_in", 0: "not_matched", 4: "not_matched", 5: "not_listed", 9: "not_listed", 10: "not_matched",
    }  # fmt: skip


def test_the_later_of_two_readings_of_one_day_counts(world: Lists) -> None:
    world.moel.rows = [ENTRY, *OTHERS]
    world.fetch(moel)
    world.moel.rows = [*OTHERS]
    world.desk.clock.at += timedelta(hours=22) - timedelta(hours=9)  # 23:00 in Seoul, the same day
    world.desk.inbox._db.execute("DELETE FROM answers")
    world.fetch(moel)
    assert reason(world, date(2026, 11, 25)) == "not_listed"


def test_the_same_reading_taken_in_twice_adds_nothing(world: Lists) -> None:
    world.moel.rows = [ENTRY, *OTHERS]
    world.fetch(moel)
    before = world.rows("SELECT row_id FROM notices ORDER BY 1")
    world.desk.inbox._db.execute("UPDATE answers SET taken_in = 0")
    world.take_in("moel")
    assert world.rows("SELECT row_id FROM notices ORDER BY 1") == before


@pytest.mark.parametrize(
    ("told", "last"),
    [
        ("2024년 1차: 2024-01-25 ~ 2027-01-24", date(2027, 1, 24)),
        ("2024년 1차 (2024.1.25.~2027.1.24.)", date(2027, 1, 24)),
        ("2024년 1차 공개기간 : 2024년 1월 25일 ∼ 2027년 1월 24일", date(2027, 1, 24)),
        ("", date(2027, 12, 30)),  # the page tells no days: three years from the end of the round's year at most
        ("2023년 1차: 2023-07-13 ~ 2026-07-12", date(2027, 12, 30)),  # another round's days
    ],
)  # fmt: skip
def test_an_entry_is_shown_to_its_last_day_and_not_a_day_longer(
    world: Lists, told: str, last: date
) -> None:
    world.moel.before = f"<p>{told}</p>"
    world.moel.rows = [moel_row("2024년 1차", "가나전자", "경기도", "50,000,000"), *OTHERS]
    world.fetch(moel)
    assert reason(world, last) == "not_matched"
    assert reason(world, last + timedelta(days=1)) == "not_listed"
    began = {d for (d,) in world.rows("SELECT event_on FROM notices WHERE detail LIKE '2024%'")}
    assert began == ({date(2024, 1, 25)} if told.startswith("2024") else {None})


def test_an_entry_of_an_unknown_round_is_shown_three_years_from_its_reading_at_most(
    world: Lists,
) -> None:
    world.moel.rows = [moel_row("공개", "가나전자", "경기도", "50,000,000"), *OTHERS]
    world.fetch(moel)
    assert reason(world, date(2029, 11, 24)) == "not_matched"
    assert reason(world, date(2029, 11, 25)) == "not_listed"


def test_half_a_list_takes_nothing_off_and_is_gone_on_with(world: Lists) -> None:
    many = [tax_row(n, "2025", f"(주)남의회사{n}", "서울특별시", "1,000") for n in range(250)]
    world.tax.rows = [*many, tax_row(999, "2025", "(주)가나전자", "경기도", "2,000")]
    world.fetch(tax)
    world.desk.clock.pass_days(30)
    service, later = world.services["tax"], date(2026, 12, 25)
    asked = len(service.requests)
    service.fault(http_error(400), where=lambda r: r.form["currPage"] == "3")
    with pytest.raises(AnswerError):
        world.everything(tax)
    assert len(service.requests) == asked + 3
    world.take_in("tax")
    assert reason(world, later, "tax_arrears") == "not_matched"
    assert world.rows("SELECT count(*) FROM filings WHERE form = 'list'") == [(1,)]
    service.mend()
    world.fetch(tax)
    assert len(service.requests) == asked + 4  # the third page only
    assert world.rows("SELECT count(*) FROM filings WHERE form = 'list'") == [(2,)]
    assert world.rows("SELECT count(*) FROM notices WHERE filing_id LIKE 'tax:20261225%'") == [(251,)]  # fmt: skip


def test_a_list_that_changes_while_it_is_read_is_read_anew(world: Lists) -> None:
    world.moel.rows = [ENTRY, *(moel_row(ROUND, f"남의가게{n}", "서울", "1") for n in range(150))]
    service = world.services["moel"]

    def paid(_: Request, reply: Reply) -> Reply:
        world.moel.rows = world.moel.rows[1:]
        return reply

    service.fault(paid, times=1)
    world.fetch(moel)
    assert [r.form["pageIndex"] for r in service.requests] == ["1", "2", "1", "2"]
    assert world.rows("SELECT count(DISTINCT company_id) FROM notices") == [(150,)]
    assert reason(world, date(2026, 11, 25)) == "not_listed"


# --- the rule itself, against a plain model ------------------------------------------------------

FIRST = date(2026, 1, 5)
NAMES = ("a", "b", "c")
#: What happens on a day: nothing, a whole reading that found these names, or a search for one that found it or not.
EVENTS = st.one_of(
    st.none(),
    st.frozensets(st.sampled_from(NAMES)),
    st.tuples(st.sampled_from(NAMES), st.booleans()),
)
Event = frozenset[str] | tuple[str, bool] | None


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as connection:
        for table in TABLES.values():
            columns = ", ".join(f"{c.name} {c.type}" for c in table.columns)
            connection.execute(f"CREATE TABLE {table.name} ({columns})")
        yield connection


def write(con: duckdb.DuckDBPyConnection, history: list[Event], lives: int) -> None:
    for name in ("notices", "filings", "links", "companies"):
        con.execute(f"DELETE FROM {name}")
    for name in NAMES:
        con.execute("INSERT INTO links BY NAME SELECT ? AS company_id, 'dart:1' AS canonical_id, 0.5 AS confidence, ? AS rule", [f"moel:{name}", LIST_RULE])  # fmt: skip
        con.execute("INSERT INTO companies BY NAME SELECT ? AS company_id, ? AS name, ? AS published_on", [f"moel:{name}", name, FIRST])  # fmt: skip
    con.execute("INSERT INTO links BY NAME SELECT 'dart:1' AS company_id, 'dart:1' AS canonical_id, 1.0 AS confidence, 'self' AS rule")  # fmt: skip
    for number, event in enumerate(history):
        day = FIRST + timedelta(days=number)
        reading = f"moel:{day:%Y%m%d}T010000Z"
        found: list[str] = []
        if isinstance(event, frozenset):
            con.execute("INSERT INTO filings BY NAME SELECT 'list:moel' AS company_id, 'list' AS form, ? AS filing_id, 'moel' AS source, ? AS published_on, ? AS row_id", [reading, day, number])  # fmt: skip
            found = sorted(event)
        elif event is not None:
            reading += ":0a1b2c3d"
            found = [event[0]] if event[1] else []
        for name in found:
            con.execute(
                "INSERT INTO notices BY NAME SELECT ? AS company_id, 'wage_arrears' AS kind, ? AS filing_id, 'moel' AS source, "
                "? AS published_on, ? AS expires_on, hash(? || ?) >> 1 AS row_id",
                [f"moel:{name}", reading, day, FIRST + timedelta(days=lives), name, reading],
            )


def model(history: list[Event], day: int) -> set[str]:
    """Who is listed by the end of a day: the newest whole reading, and what was found since."""
    listed: set[str] = set()
    for event in history[: day + 1]:
        if isinstance(event, frozenset):
            listed = set(event)
        elif event is not None and event[1]:
            listed.add(event[0])
    return listed


@settings(max_examples=150, deadline=None)
@given(
    history=st.lists(EVENTS, min_size=1, max_size=7),
    lives=st.integers(1, 9),
    company=st.sampled_from(["dart:1", None]),
)
def test_what_is_known_on_a_day_is_what_the_plain_model_says(
    con: duckdb.DuckDBPyConnection, history: list[Event], lives: int, company: str | None
) -> None:
    write(con, history, lives)
    sql = catalog.inputs()["candidate_notice"]
    for number in range(len(history)):
        day = FIRST + timedelta(days=number)
        asof.know(con, day, company)
        con.execute(f"CREATE OR REPLACE TEMP TABLE scope AS SELECT 'dart:1' AS company_id, DATE '{day}' AS as_of")  # fmt: skip
        known = {row[0] for row in con.execute(f"SELECT name FROM ({sql})").fetchall()}
        assert known == (model(history, number) if number < lives else set())
        wholes = [n for n, e in enumerate(history[: number + 1]) if isinstance(e, frozenset)]
        read = con.execute("SELECT published_on FROM known_lists WHERE company_id IS NULL").fetchall()  # fmt: skip
        assert read == [(FIRST + timedelta(days=wholes[-1]),)] if wholes else read == []

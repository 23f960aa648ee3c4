"""Nothing that became public after the as-of date changes a verdict: rows of every table, added or taken away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paycanary.lake.asof import KNOWN
from paycanary.lake.reader import Reader, open_sample
from paycanary.lake.tables import TABLES
from paycanary.verdict import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

COMPANIES = ("dart:00164645", "dart:00111704", "dart:00125974", "dart:00258801")
DAYS = st.dates(date(2016, 6, 1), date(2026, 6, 30))


class Copied(Session):
    """A session over tables in memory, so that a test can change them."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        for name in TABLES:
            self.con.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM memory.main.{name}")

    def about(self, company: str, day: date) -> dict[str, Any]:
        """A verdict as a document, asked anew; who the company is today is no matter of the date."""
        self.engine._asked = None
        return self.verdict(company, day, "en").model_dump(exclude={"company"})


@pytest.fixture(scope="module")
def session() -> Iterator[Copied]:
    opened = Copied(open_sample())
    yield opened
    opened.con.close()


def later_rows(
    con: duckdb.DuckDBPyConnection, table: str, company: str, day: date, by: int
) -> None:
    """Copy a company's rows of any time as if they were published after ``day``, with other figures."""
    columns = list(TABLES[table].columns)
    changed = {
        "published_on": f"DATE '{day + timedelta(days=by)}'",
        "row_id": "row_id + 7",
        "value": "value * -3 + 1",
        "headcount": "headcount * 5",
        "opinion": "'adverse'",
        "shares": "shares * 9",
        "category": "'distress'",
        "filing_id": "'later'",
    }
    select = ", ".join(changed.get(c.name, c.name) for c in columns)
    con.execute(f"INSERT INTO {table} SELECT {select} FROM {table} WHERE company_id = ?", [company])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    company=st.sampled_from(COMPANIES),
    day=DAYS,
    table=st.sampled_from([name for name in KNOWN if name != "companies"]),
    by=st.integers(1, 900),
)
def test_rows_published_later_change_no_verdict(
    session: Copied, company: str, day: date, table: str, by: int
) -> None:
    before = session.about(company, day)
    session.con.execute("BEGIN")
    try:
        later_rows(session.con, table, company, day, by)
        assert session.about(company, day) == before
    finally:
        session.con.execute("ROLLBACK")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(company=st.sampled_from(COMPANIES), day=DAYS)
def test_deleting_everything_published_later_changes_no_verdict(
    session: Copied, company: str, day: date
) -> None:
    before = session.about(company, day)
    session.con.execute("BEGIN")
    try:
        for name in KNOWN:
            if name != "companies":
                session.con.execute(f"DELETE FROM {name} WHERE published_on > ?", [day])
        assert session.about(company, day) == before
    finally:
        session.con.execute("ROLLBACK")


def test_the_changed_rows_would_change_a_verdict_had_they_been_published(session: Copied) -> None:
    """The property above could not fail if the rows were without effect."""
    company, day = COMPANIES[0], date(2020, 6, 30)
    before = session.about(company, day)
    session.con.execute("BEGIN")
    try:
        later_rows(session.con, "facts", company, day, 0)
        assert session.about(company, day) != before
    finally:
        session.con.execute("ROLLBACK")

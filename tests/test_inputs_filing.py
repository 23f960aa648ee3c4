"""From filings in a small lake to when annual reports came, and to a finding that cites them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest

from paycanary.signals import known
from paycanary.signals.engine import Engine, answers
from tests.drawn import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.quick

_WHAT = "form, CAST(period_end AS VARCHAR), days_after, months_ago, rank, row_id"


@pytest.fixture
def lake() -> Iterator[Lake]:
    with duckdb.connect() as con:
        yield Lake(con)


def test_first_filings_are_ranked_and_dated_from_the_years_end(lake: Lake) -> None:
    lake.add(
        filings="""
            form         | period_end | published
            annual_first | 2023-12-31 | 2024-03-20
            annual_first | 2024-12-31 | 2025-04-07
            extension    |            | 2025-03-31
            """
    )
    assert lake.input("filing", "2025-06-30", _WHAT) == [
        ("annual_first", "2023-12-31", 80, 15, 1, 1),
        ("annual_first", "2024-12-31", 97, 2, 0, 2),
        ("extension", None, None, 2, 0, 3),
    ]


def test_corrections_and_other_documents_say_nothing_about_lateness(lake: Lake) -> None:
    lake.add(
        filings="""
            form             | period_end | published
            annual           | 2024-12-31 | 2025-09-20
            annual_corrected | 2024-12-31 | 2025-08-20
            audit_first      | 2024-12-31 | 2025-07-20
            half_year        | 2024-06-30 | 2024-08-14
            """
    )
    assert lake.input("filing", "2025-12-31", "form") == []


def test_the_same_report_filed_twice_counts_once_and_first(lake: Lake) -> None:
    lake.add(
        filings="""
            form         | period_end | published
            annual_first | 2024-12-31 | 2025-05-20
            annual_first | 2024-12-31 | 2025-03-20
            """
    )
    assert lake.input("filing", "2025-06-30", "days_after, rank") == [(79, 0)]


def test_a_report_is_not_known_before_it_is_filed(lake: Lake) -> None:
    lake.add(
        filings="""
            form         | period_end | published
            annual_first | 2023-12-31 | 2024-03-20
            annual_first | 2024-12-31 | 2025-04-07
            """
    )
    assert lake.input("filing", "2025-04-06", "days_after, rank") == [(80, 0)]


@pytest.mark.parametrize(("day", "level", "reason"), [(7, "good", None), (8, "unknown", "too_old")])
def test_an_overdue_report_makes_the_last_one_too_old_for_good(
    lake: Lake, day: int, level: str, reason: str | None
) -> None:
    lake.add(
        filings="""
            form         | period_end | published
            annual_first | 2024-12-31 | 2025-03-20
            """
    )
    lake.input("filing", "2026-04-01", "form")
    engine = Engine(lake.con)
    engine.ask(date(2026, 4, day), "a")
    (answer,) = [a for a in answers(known.read(lake.con, "a")) if a.signal == "late_filing"]
    assert (answer.level, answer.reason) == (level, reason)
    assert [figure.filing_id for figure in answer.figures] == ["20250320"]


def test_a_finding_cites_the_filing_that_came_late(lake: Lake) -> None:
    lake.add(
        filings="""
            form         | period_end | published
            annual_first | 2024-12-31 | 2025-07-01
            """
    )
    lake.input("filing", "2025-12-31", "form")
    engine = Engine(lake.con)
    engine.ask(date(2025, 12, 31), "a")
    (answer,) = [a for a in answers(known.read(lake.con, "a")) if a.signal == "late_filing"]
    assert (answer.level, answer.measure) == ("watch", 182.0)
    (figure,) = answer.figures
    assert (figure.source, figure.filing_id, figure.published_on) == ("opendart", "20250701", date(2025, 7, 1))  # fmt: skip

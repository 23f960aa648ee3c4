"""What the loaders make of the whole of the real OpenDART and KRX rows: no figure that cannot be, and nobody's name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from paycanary.lake.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from tests.command import Run


@pytest.fixture(scope="module")
def con(market_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_reader(market_home / "lake").connect() as connection:
        yield connection


def asked(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return con.execute(sql).fetchall()


def test_a_trusts_half_years_are_not_taken_for_years(con: duckdb.DuckDBPyConnection) -> None:
    """신한알파리츠 (293940) files an annual report every six months."""
    found = asked(
        con,
        "SELECT DISTINCT f.months FROM facts f JOIN companies c USING (company_id) WHERE c.stock_code = '293940' AND f.concept = 'net_income'",
    )
    assert {months for (months,) in found} == {3, 6}


def test_a_moved_years_end_leaves_one_short_year(con: duckdb.DuckDBPyConnection) -> None:
    """비츠로시스 (054220) moved its year's end from March to December 2022."""
    found = asked(
        con,
        "SELECT DISTINCT f.period_end, f.months FROM facts f JOIN companies c USING (company_id) WHERE c.stock_code = '054220' "
        "AND f.concept = 'net_income' AND f.months IN (9, 12) AND f.period_end BETWEEN DATE '2021-03-31' AND DATE '2023-12-31' "
        "AND month(f.period_end) IN (3, 12) ORDER BY ALL",
    )
    assert found == [
        (date(2021, 3, 31), 12),
        (date(2022, 3, 31), 12),
        (date(2022, 12, 31), 9),
        (date(2023, 12, 31), 12),
    ]


def test_no_company_has_two_full_years_within_one(con: duckdb.DuckDBPyConnection) -> None:
    overlapping = asked(
        con,
        "SELECT * FROM (SELECT company_id, period_end, lag(period_end) OVER (PARTITION BY company_id ORDER BY period_end) AS before "
        "FROM (SELECT DISTINCT company_id, period_end FROM facts WHERE months = 12)) WHERE date_diff('month', before, period_end) < 12",
    )
    assert overlapping == []


def test_periods_end_on_the_last_day_of_a_month(con: duckdb.DuckDBPyConnection) -> None:
    for name in ("facts", "opinions", "headcounts"):
        assert asked(con, f"SELECT * FROM {name} WHERE period_end <> last_day(period_end)") == []


def test_nobodys_name_stands_beside_an_auditor(con: duckdb.DuckDBPyConnection) -> None:
    found = asked(con, "SELECT DISTINCT auditor FROM opinions WHERE regexp_matches(auditor, '대표|이사|\\s') OR auditor LIKE '%회계사%' AND auditor NOT LIKE '%감사반'")  # fmt: skip
    assert found == []


def test_no_sale_of_shares_brought_more_than_the_largest_ever(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """LG에너지솔루션's first listing: 34 million new shares at 300,000 won."""
    ((largest,),) = asked(con, "SELECT max(proceeds) FROM capital_changes WHERE company_id = 'dart:01515323'")  # fmt: skip
    assert largest == 34_000_000 * 300_000
    above = asked(con, "SELECT count(*) FROM capital_changes WHERE proceeds > 13e12 OR proceeds <= 0")  # fmt: skip
    assert above == [(0,)]


def test_bonds_are_in_won(con: duckdb.DuckDBPyConnection) -> None:
    small = asked(con, "SELECT count(*) FROM facts WHERE concept = 'bonds_outstanding' AND value BETWEEN 1 AND 1e7")  # fmt: skip
    assert small == [(0,)]


def test_a_misspelt_disclaimer_is_one(market: Run) -> None:
    """와이앤넥스트 wrote 의견겨절 in its half-year report of 2024."""
    verdict = market.json("check", "와이앤넥스트", "--as-of", "2024-08-13")
    review = next(f for f in verdict["findings"] if f["signal"] == "interim_review")
    assert review["level"] == "danger"
    assert "20240813000431" in {figure["filing_id"] for figure in review["figures"]}


def test_a_copied_table_is_no_review(market: Run) -> None:
    """유한코스메틱's report on March 2023 repeats the disclaimers of the annual report: nobody reviewed that quarter."""
    verdict = market.json("check", "유한코스메틱", "--as-of", "2023-05-15")
    opinions = {
        (figure["period_end"], figure["value"])
        for finding in verdict["findings"]
        if finding["group"] == "audit"
        for figure in finding["figures"]
    }
    assert ("2022-12-31", "disclaimer") in opinions
    assert not {end for end, _ in opinions if end == "2023-03-31"}


def test_no_company_that_merely_left_the_exchange_is_called_distressed(
    con: duckdb.DuckDBPyConnection,
) -> None:
    ((rows, distress),) = asked(
        con,
        "SELECT count(*), count(*) FILTER (category = 'distress') FROM notices WHERE kind = 'delisting'",
    )
    assert int(str(rows)) > 1000
    assert 0.35 < int(str(distress)) / int(str(rows)) < 0.6
    left = "피흡수|완전자회사|이전상장|상장폐지 ?신청|스팩"
    assert asked(con, f"SELECT DISTINCT detail FROM notices WHERE category = 'distress' AND regexp_matches(detail, '{left}')") == []  # fmt: skip

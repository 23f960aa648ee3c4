"""Pension months summed over each company's workplaces, once, when a month comes in.

Who asks about everyone reads a row a company and month and sums only where two ids are one company, so a month that arrives costs
its own rows and not once more those of all months before it. A reading whose sums are missing (an extract; a month of a refresh before
this table was kept, until the next refresh) is summed from its workplaces when it is asked about: `known` gives both alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.lake import pension
from paycanary.lake.tables import COMPANY_MONTHS
from paycanary.sources.patterns import literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import duckdb

    from paycanary.lake.writer import Writer

#: A column's value where there is one workplace, and its sum over several. Construction sites count for ``industry`` alone.
_SUMS: Final = {
    "workplaces": ("CASE WHEN NOT is_site THEN 1 ELSE 0 END", "count(*) FILTER (NOT is_site)"),
    "headcount": ("CASE WHEN NOT is_site THEN headcount END", "sum(headcount) FILTER (NOT is_site)"),
    "joiners": ("CASE WHEN NOT is_site THEN joiners END", "CASE WHEN bool_and(joiners IS NOT NULL OR is_site) THEN sum(joiners) FILTER (NOT is_site) END"),
    "leavers": ("CASE WHEN NOT is_site THEN leavers END", "CASE WHEN bool_and(leavers IS NOT NULL OR is_site) THEN sum(leavers) FILTER (NOT is_site) END"),
    "left_by_withdrawal": (
        "CASE WHEN is_site THEN NULL WHEN status = 'withdrawn' THEN leavers ELSE 0 END",
        "sum(CASE WHEN status = 'withdrawn' THEN leavers ELSE 0 END) FILTER (NOT is_site)",
    ),
    "billed": ("CASE WHEN NOT is_site THEN billed END", "sum(billed) FILTER (NOT is_site)"),
    "income_per_head": (
        "CASE WHEN NOT is_site THEN income_per_head END",
        "sum(income_per_head * headcount) FILTER (NOT is_site) / nullif(sum(headcount) FILTER (NOT is_site AND income_per_head IS NOT NULL), 0)",
    ),
    "income_heads": (
        "CASE WHEN NOT is_site AND income_per_head IS NOT NULL THEN headcount END",
        "sum(headcount) FILTER (NOT is_site AND income_per_head IS NOT NULL)",
    ),
    "is_income_capped": ("NOT is_site AND is_income_capped", "bool_or(is_income_capped) FILTER (NOT is_site)"),
    "industry": ("industry", "max(industry)"),
    "largest": ("CASE WHEN NOT is_site THEN headcount END", "max(headcount) FILTER (NOT is_site)"),
    "industry_code": ("CASE WHEN NOT is_site THEN industry_code END", "first(industry_code ORDER BY headcount DESC, industry_code, region) FILTER (NOT is_site)"),
    "region": ("CASE WHEN NOT is_site THEN region END", "first(region ORDER BY headcount DESC, industry_code, region) FILTER (NOT is_site)"),
    "row_id": ("row_id", "coalesce(max(row_id) FILTER (NOT is_site), max(row_id))"),
}  # fmt: skip
_ONE: Final = ", ".join(f"{one} AS {name}" for name, (one, _) in _SUMS.items())
_SEVERAL: Final = ", ".join(f"{several} AS {name}" for name, (_, several) in _SUMS.items())
#: What is told of a company and month.
COLUMNS: Final = ("period_end", *_SUMS, "fetched_at")


def build(con: duckdb.DuckDBPyConnection, store: Writer) -> None:
    """Sum every reading that has no sums yet.

    Args:
        con: connection with views ``pension_readings`` and ``workplace_months`` as they will be after the commit.
        store: the commit.
    """
    new = con.execute(
        "SELECT filing_id, strftime(period_end, '%Y-%m'), published_on, CAST(fetched_at AS VARCHAR) FROM pension_readings "
        f"WHERE filing_id NOT IN (SELECT DISTINCT filing_id FROM ({store.select(COMPANY_MONTHS.name)})) ORDER BY period_end"
    ).fetchall()
    for filing, month, published, fetched in new:
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW month_rows AS SELECT * FROM workplace_months WHERE month = {literal(month)} AND filing_id = {literal(filing)}"
        )
        store.add(
            con, COMPANY_MONTHS.name, month, sums(), constant=pension.constant(month, filing, published, fetched)
        )  # fmt: skip
    con.execute("DROP VIEW IF EXISTS month_rows")


def sums() -> str:
    """A query of the sums of a month's reading (view ``month_rows``), without what is the same in all of them."""
    # Nine companies in ten have one workplace: a sum for each of them would cost three times as much.
    return (
        "WITH several AS (SELECT company_id FROM month_rows GROUP BY company_id HAVING count(*) > 1) "
        f"SELECT company_id, {_ONE} FROM month_rows ANTI JOIN several USING (company_id) "
        f"UNION ALL BY NAME SELECT company_id, {_SEVERAL} FROM month_rows SEMI JOIN several USING (company_id) GROUP BY company_id"
    )


def known(con: duckdb.DuckDBPyConnection, as_of: date, old: Sequence[str]) -> str:
    """A query of everyone's months as of a day: ``company_id`` (canonical) and `COLUMNS`; ``is_alone`` where no other row is of this company and month.

    Args:
        con: connection with the lake's views, for which readings have sums.
        as_of: the day.
        old: readings that do not count (`pension.superseded`).
    """
    unsummed = con.execute(
        "SELECT filing_id, strftime(period_end, '%Y-%m') FROM pension_readings WHERE published_on <= ? "
        f"AND filing_id NOT IN (SELECT DISTINCT filing_id FROM {COMPANY_MONTHS.name}) AND {pension.without(old)}",
        [as_of],
    ).fetchall()
    columns = ", ".join(f"t.{name}" for name in COLUMNS)
    member = f"t JOIN members m ON m.company_id = t.company_id WHERE t.published_on <= DATE '{as_of}'"  # fmt: skip
    return (
        f"SELECT m.canonical_id AS company_id, {columns}, m.is_alone FROM {COMPANY_MONTHS.name} {member} AND {pension.without(old, 't.filing_id')} "
        f"UNION ALL SELECT m.canonical_id AS company_id, {columns}, false AS is_alone FROM ({one(pension.beside(con, as_of, old, unsummed))}) {member}"
    )


def one(rows: str) -> str:
    """Rows of ``headcounts`` of pension workplaces, each as the sum of itself: ``company_id``, `COLUMNS` and ``published_on``."""
    return f"SELECT company_id, period_end, {_ONE}, fetched_at, published_on FROM ({rows}) WHERE kind = 'workplace'"

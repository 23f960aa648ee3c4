"""Spec tests: a signal's SQL over small tables drawn in the test, judged by the thresholds that ship.

A case names a signal, draws its input tables and draws the answer; what a column leaves out is filled in:

    check(
        "net_loss_streak",
        annual=\"\"\"
            concept    | year_rank | value
            net_income | 0         | -5
            net_income | 1         | -3
            \"\"\",
        expect=\"\"\"
            level | measure | concept    | value | period_end
            watch | 2       | net_income | -5    | 2024-12-31
            watch | 2       | net_income | -3    | 2023-12-31
            \"\"\",
    )

An empty cell is NULL. Only the columns drawn are compared, in any order of rows; ``expect=""`` means no row at all.
Without a ``company_id`` column a row belongs to company ``a``, which ``scope`` then holds too. Rows are numbered from 1 on
over the tables in the order of `INPUTS`: that number is their ``row_id``.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from textwrap import dedent
from typing import Any, Final

import duckdb

from paycanary.signals import catalog

Row = dict[str, Any]

#: The input tables as CONTRIBUTING.md declares them.
INPUTS: Final[dict[str, dict[str, str]]] = {
    "scope": {
        "company_id": "VARCHAR", "as_of": "DATE", "market": "VARCHAR", "industry": "VARCHAR", "sector": "VARCHAR",
        "is_listed": "BOOLEAN", "pension_until": "DATE",
    },
    "annual": {
        "company_id": "VARCHAR", "concept": "VARCHAR", "year_rank": "INTEGER", "period_end": "DATE", "value": "DOUBLE",
        "unit": "VARCHAR", "row_id": "BIGINT",
    },
    "latest": {
        "company_id": "VARCHAR", "concept": "VARCHAR", "period_end": "DATE", "value": "DOUBLE", "unit": "VARCHAR",
        "row_id": "BIGINT",
    },
    "listed_headcount": {
        "company_id": "VARCHAR", "period_end": "DATE", "rank": "INTEGER", "months_ago": "INTEGER", "headcount": "INTEGER",
        "payroll": "DOUBLE", "regular": "INTEGER", "contract": "INTEGER", "is_annual": "BOOLEAN", "row_id": "BIGINT",
    },
    "workplace_month": {
        "company_id": "VARCHAR", "period_end": "DATE", "months_ago": "INTEGER", "headcount": "INTEGER",
        "joiners": "INTEGER", "leavers": "INTEGER", "left_by_withdrawal": "INTEGER", "billed": "DOUBLE", "income_per_head": "DOUBLE",
        "is_income_capped": "BOOLEAN", "workplaces": "INTEGER", "row_id": "BIGINT",
    },
    "moved_month": {
        "company_id": "VARCHAR", "period_end": "DATE", "months_ago": "INTEGER", "moved": "INTEGER", "other_workplace": "VARCHAR",
        "joiners": "INTEGER", "row_id": "BIGINT",
    },
    "peer_standing": {
        "company_id": "VARCHAR", "period_end": "DATE", "months": "INTEGER", "metric": "VARCHAR", "value": "DOUBLE", "percentile": "DOUBLE",
        "likeness": "VARCHAR", "companies": "INTEGER", "newest": "INTEGER", "before": "INTEGER", "joiners": "INTEGER", "leavers": "INTEGER",
        "moved": "INTEGER", "row_id": "BIGINT",
    },
    "opinion": {
        "company_id": "VARCHAR", "period_end": "DATE", "is_annual": "BOOLEAN", "rank": "INTEGER", "opinion": "VARCHAR",
        "is_going_concern": "BOOLEAN", "emphasis": "VARCHAR", "auditor": "VARCHAR", "row_id": "BIGINT",
    },
    "auditor_statement": {
        "company_id": "VARCHAR", "period_end": "DATE", "is_annual": "BOOLEAN", "kind": "VARCHAR", "confidence": "DOUBLE",
        "sentence": "VARCHAR", "row_id": "BIGINT",
    },
    "capital_change": {
        "company_id": "VARCHAR", "changed_on": "DATE", "months_ago": "INTEGER", "category": "VARCHAR", "form": "VARCHAR",
        "shares": "DOUBLE", "par_value": "DOUBLE", "price": "DOUBLE", "proceeds": "DOUBLE", "row_id": "BIGINT",
    },
    "notice": {
        "company_id": "VARCHAR", "kind": "VARCHAR", "category": "VARCHAR", "event_on": "DATE", "months_ago": "INTEGER",
        "detail": "VARCHAR", "amount": "DOUBLE", "row_id": "BIGINT",
    },
    "candidate_notice": {
        "company_id": "VARCHAR", "kind": "VARCHAR", "name": "VARCHAR", "region": "VARCHAR", "event_on": "DATE", "expires_on": "DATE",
        "detail": "VARCHAR", "amount": "DOUBLE", "confidence": "DOUBLE", "published_on": "DATE", "rank": "INTEGER",
        "entries": "INTEGER", "row_id": "BIGINT",
    },
    "filing": {
        "company_id": "VARCHAR", "form": "VARCHAR", "period_end": "DATE", "published_on": "DATE", "days_after": "INTEGER",
        "months_ago": "INTEGER", "rank": "INTEGER", "row_id": "BIGINT",
    },
}  # fmt: skip

OUTPUT: Final = (
    "company_id", "level", "measure", "reason", "concept", "value", "text", "unit", "period_end", "row_id",
)  # fmt: skip
AS_OF: Final = date(2025, 6, 30)
_DEFAULTS: Final[Row] = {"company_id": "a", "unit": "KRW", "is_annual": True, "as_of": AS_OF}


def check(
    signal: str,
    *,
    expect: str,
    thresholds: dict[str, float] | None = None,
    as_of: date = AS_OF,
    **tables: str,
) -> None:
    """Assert that a signal answers exactly the rows drawn in ``expect``."""
    found = run(signal, thresholds=thresholds, as_of=as_of, **tables)
    wanted = table(expect)
    columns = list(wanted[0]) if wanted else ["level"]
    drawn = [{name: _comparable(name, row[name]) for name in columns} for row in found]
    asked = [{name: _comparable(name, row[name]) for name in columns} for row in wanted]
    assert sorted(map(repr, drawn)) == sorted(map(repr, asked))


def run(
    signal: str,
    *,
    thresholds: dict[str, float] | None = None,
    as_of: date = AS_OF,
    **tables: str,
) -> list[Row]:
    """A signal's rows over the drawn input tables, by the thresholds in force on ``as_of`` or those given."""
    asked = catalog.signals()[signal]
    assert asked.sql is not None, f"{signal} has no SQL"
    held = {name: c.value for name, c in asked.criteria(as_of).items()} | (thresholds or {})
    con = _connection()
    con.execute("BEGIN")
    try:
        _fill(con, tables)
        cursor = con.execute(asked.sql, {name: held[name] for name in asked.parameters})
        names = tuple(column[0] for column in cursor.description or ())
        assert names == OUTPUT
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        con.execute("ROLLBACK")


def levels(signal: str, **tables: str) -> set[tuple[str, float | None, str | None]]:
    """Level, measure (to six decimals) and reason, without the figures: one entry where all rows agree."""
    return {
        (row["level"], None if row["measure"] is None else round(row["measure"], 6), row["reason"])
        for row in run(signal, thresholds=None, as_of=AS_OF, **tables)
    }


def table(drawing: str) -> list[Row]:
    """Rows of a table drawn with ``|`` between cells, its first line the column names."""
    lines = [line for line in dedent(drawing).strip().splitlines() if line.strip()]
    if not lines:
        return []
    names = _cells(lines[0])
    return [dict(zip(names, _cells(line), strict=True)) for line in lines[1:]]


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for name, columns in INPUTS.items():
        declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        con.execute(f"CREATE TABLE {name} ({declared})")
    for name in catalog.VIEWS:
        con.execute(f"CREATE VIEW {name} AS {catalog.inputs()[name]}")
    return con


def _fill(con: duckdb.DuckDBPyConnection, tables: dict[str, str]) -> None:
    unknown = tables.keys() - INPUTS.keys()
    assert not unknown, f"no input table: {', '.join(unknown)}"
    drawn = {name: table(tables[name]) for name in INPUTS if name in tables}
    if "scope" not in drawn:
        ids = {row.get("company_id", "a") for rows in drawn.values() for row in rows}
        drawn["scope"] = [{"company_id": company} for company in sorted(ids)]
    row_id = 0
    for name, rows in drawn.items():
        for row in rows:
            if name == "workplace_month":
                # Drawn alike for both kinds of headcount; only listed companies' counts are numbered.
                row.pop("rank", None)
            strange = row.keys() - INPUTS[name].keys()
            assert not strange, f"{name} has no column {', '.join(strange)}"
            row_id += name != "scope"
            filled = {**_DEFAULTS, "row_id": row_id, **_dated(name, row), **row}
            values = [filled.get(column) for column in INPUTS[name]]
            marks = ", ".join(f"CAST(? AS {kind})" for kind in INPUTS[name].values())
            con.execute(f"INSERT INTO {name} VALUES ({marks})", values)


def _dated(name: str, row: Row) -> Row:
    """Days that follow from ranks and months, where the drawing leaves them out."""
    if name == "annual":
        return {"period_end": f"{2024 - int(row.get('year_rank') or 0)}-12-31"}
    if name == "capital_change":
        ago = int(row.get("months_ago") or 0)
        return {"changed_on": str(_months_before(AS_OF, ago))}
    if name == "notice":
        return {"event_on": str(_months_before(AS_OF, int(row.get("months_ago") or 0)))}
    if name == "candidate_notice":
        return {"rank": 0, "entries": 1, "confidence": 0.5, "published_on": str(AS_OF)}
    return {"period_end": "2024-12-31"}


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 28)


def _cells(line: str) -> list[Any]:
    return [cell.strip() or None for cell in line.split("|")]


def _comparable(name: str, value: Any) -> Any:
    """Numbers to six digits, everything else as it is drawn."""
    if value is None:
        return None
    if name in ("measure", "value", "row_id"):
        return f"{float(value):.6g}"
    return str(value)

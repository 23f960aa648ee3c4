"""Everyone's levels -> table ``screened``: a row a company, worst first. In SQL, since a whole country has half a million companies.

``levels`` (company_id, signal, level) is what any engine found; `paycanary.signals.engine.Engine.judge` makes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.signals import catalog
from paycanary.sources.patterns import literal

if TYPE_CHECKING:
    from datetime import date

    import duckdb

    from paycanary.signals.custom import Criteria

#: Worst first.
ORDER: Final = {"danger": 0, "watch": 1, "good": 2, "unknown": 3}
#: Columns before those of the signals.
FIXED: Final = ("id", "corp_code", "stock_code", "name", "market", "industry", "level", "probability", "base_rate")  # fmt: skip
#: A level among forty columns of half a million companies: one byte, and in order.
_LEVEL: Final = f"ENUM ({', '.join(map(literal, ORDER))})"
#: How much worse danger is than watch, among companies of one level.
_GRAVE: Final = 10
#: Sums of weights are compared as decimal fractions are by hand: 0.7 and 0.1 are 0.8.
PLACES: Final = 9


def rank(
    con: duckdb.DuckDBPyConnection,
    as_of: date,
    criteria: Criteria,
    base_rate: float,
    industry: str | None = None,
) -> None:
    """Make table ``screened`` (the columns of `FIXED`, one a signal, and ``place`` from 1 on) of ``levels``.

    The level of a company is as `paycanary.verdict.weigh` gives it.

    Args:
        con: connection with ``levels``, ``everyone`` (company_id, id), ``probabilities`` (company_id, probability), the inputs of the day and the lake's views.
        as_of: the day.
        criteria: weights, vetoes and bounds.
        base_rate: stands beside every probability.
        industry: only companies whose industry's name holds it.
    """
    whole = criteria.whole(as_of)
    asked = {n: s for n, s in catalog.signals().items() if n not in criteria.off}
    found = {row[0] for row in con.execute("SELECT DISTINCT signal FROM levels").fetchall()}
    heard = [name for name in asked if name in found]
    # A join for each signal that has answers: a tenth of the time of one aggregation with a filter a signal.
    joined = " ".join(
        f"LEFT JOIN (SELECT company_id, level FROM levels WHERE signal = '{name}') l{i} ON l{i}.company_id = s.company_id"
        for i, name in enumerate(heard)
    )
    each = ", ".join(
        f"CAST(coalesce(l{heard.index(name)}.level, 'unknown') AS {_LEVEL}) AS \"{name}\""
        if name in heard
        else f"CAST('unknown' AS {_LEVEL}) AS \"{name}\""
        for name in asked
    )
    weight = {name: float(criteria.weight(asked[name])) for name in heard}

    def total(*levels: str) -> str:
        among = ", ".join(f"'{level}'" for level in levels)
        return f"round({' + '.join(f'CASE WHEN l{i}.level IN ({among}) THEN {weight[n]!r}::DOUBLE ELSE 0 END' for i, n in enumerate(heard)) or '0.0'}, {PLACES})"

    vetoed = " OR ".join(f"l{i}.level = 'danger'" for i, n in enumerate(heard) if criteria.veto(asked[n]))  # fmt: skip
    names = ", ".join(f'"{name}"' for name in asked)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE screened AS
        WITH weighed AS (
            SELECT e.id, s.company_id, s.market, s.industry, {total("danger")} AS danger, {total("danger", "watch")} AS watch,
                {total("danger", "watch", "good")} AS known, coalesce({vetoed or "false"}, false) AS is_vetoed, {each}
            FROM scope s JOIN everyone e ON e.company_id = s.company_id {joined}
            WHERE s.company_id IN (SELECT company_id FROM levels) AND ($industry IS NULL OR contains(coalesce(s.industry, ''), $industry))
        ),
        named AS (
            SELECT m.canonical_id AS company_id, max_by(c.name, c.published_on) AS name, max(c.corp_code) AS corp_code, max(c.stock_code) AS stock_code
            FROM members m JOIN companies c ON c.company_id = m.company_id
            WHERE m.canonical_id IN (SELECT company_id FROM levels) GROUP BY m.canonical_id
        ),
        judged AS (
            SELECT w.id, n.corp_code, n.stock_code, n.name, w.market, w.industry,
                CAST(CASE WHEN w.is_vetoed OR w.danger >= $danger THEN 'danger' WHEN w.danger > 0 OR w.watch >= $watch THEN 'watch'
                    WHEN w.known < $known THEN 'unknown' ELSE 'good' END AS {_LEVEL}) AS level,
                p.probability, CASE WHEN p.probability IS NOT NULL THEN $base END AS base_rate, {names},
                round({_GRAVE - 1} * w.danger + w.watch, {PLACES}) AS burden
            FROM weighed w JOIN named n ON n.company_id = w.company_id LEFT JOIN probabilities p ON p.company_id = w.company_id
        )
        SELECT * EXCLUDE (burden), row_number() OVER (ORDER BY level, burden DESC, coalesce(name, ''), id) AS place
        FROM judged""",
        {
            "danger": whole["danger_weight"], "watch": whole["watch_weight"], "known": whole["known_weight"],
            "base": base_rate, "industry": industry,
        },
    )  # fmt: skip


def columns(criteria: Criteria) -> list[str]:
    """Columns of ``screened`` that are told, in their order."""
    return [*FIXED, *(name for name in catalog.signals() if name not in criteria.off)]


def select(criteria: Criteria, limit: int | None = None) -> str:
    """The first rows of ``screened``, or all, in their order."""
    told = ", ".join(f'"{name}"' for name in columns(criteria))
    return f"SELECT {told} FROM screened ORDER BY place LIMIT {limit or 'ALL'}"

"""Everyone's levels -> view ``findings``: a row a company and signal, those that are unknown too, with why. In SQL, since a country has millions of such rows.

Why a signal has no answer follows from what is held of the company (`paycanary.signals.engine.why_missing`). Few combinations of that
are met however many companies there are: Python is asked once a combination, so that a screen and a verdict give the same reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.signals import catalog
from paycanary.signals.engine import why_missing
from paycanary.sources.rows import insert

if TYPE_CHECKING:
    import duckdb

    from paycanary.signals.custom import Criteria

#: Columns of a finding.
COLUMNS: Final = ("id", "name", "signal", "level", "measure", "reason")
#: Between names of kinds of rows; stands in none of them.
_BETWEEN: Final = "|"


def find(con: duckdb.DuckDBPyConnection, criteria: Criteria, companies: int | None = None) -> None:
    """Make view ``findings`` (`COLUMNS`, ``place`` and ``number``, by which they are told) of what was ranked.

    Args:
        con: has ``screened`` and ``everyone``; ``levels`` with ``measure`` and ``reason``, ``held`` and ``read_lists``, as
            `paycanary.signals.engine.Engine.judge` makes them where findings are wanted.
        criteria: which signals are switched off.
        companies: only so many, the worst; None: all.
    """
    gathered = "SELECT company_id, string_agg(DISTINCT {what}, '{between}' ORDER BY {what}) AS {name} FROM {rows} GROUP BY company_id"
    held = gathered.format(what="what", between=_BETWEEN, name="held", rows="held")
    lists = gathered.format(what="list", between=_BETWEEN, name="lists", rows="read_lists")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE described AS SELECT s.place, s.id, s.name, e.company_id, coalesce(h.held, '') AS held, coalesce(l.lists, '') AS lists "
        f"FROM screened s JOIN everyone e ON e.id = s.id LEFT JOIN ({held}) h ON h.company_id = e.company_id "
        f"LEFT JOIN ({lists}) l ON l.company_id = e.company_id WHERE $companies IS NULL OR s.place <= $companies",
        {"companies": companies},
    )
    whole = {row[0] for row in con.execute("SELECT DISTINCT list FROM read_lists WHERE company_id IS NULL").fetchall()}  # fmt: skip
    met = con.execute("SELECT DISTINCT held, lists FROM described").fetchall()
    asked = [s for s in catalog.signals().values() if s.name not in criteria.off]
    con.execute("CREATE OR REPLACE TEMP TABLE reasons (held VARCHAR, lists VARCHAR, number INTEGER, signal VARCHAR, reason VARCHAR)")  # fmt: skip
    insert(
        con,
        "reasons",
        [
            (held, lists, number, signal.name, why_missing(signal, set(held.split(_BETWEEN)), whole | set(lists.split(_BETWEEN))))
            for held, lists in met
            for number, signal in enumerate(asked)
        ],
    )  # fmt: skip
    con.execute(
        "CREATE OR REPLACE TEMP VIEW findings AS SELECT d.id, d.name, r.signal, coalesce(f.level, 'unknown') AS level, f.measure, "
        "CASE WHEN f.level IS NULL THEN r.reason ELSE f.reason END AS reason, d.place, r.number "
        "FROM described d JOIN reasons r ON r.held = d.held AND r.lists = d.lists "
        "LEFT JOIN levels f ON f.company_id = d.company_id AND f.signal = r.signal"
    )


def select() -> str:
    """All findings: companies worst first, of each its signals in the catalog's order."""
    return f"SELECT {', '.join(COLUMNS)} FROM findings ORDER BY place, number"

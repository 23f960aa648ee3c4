"""A small lake in memory, from tables that are drawn.

The tables drawn are the lake's; a column left out is that of ``DEFAULTS``. Every company is linked to itself.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from paycanary.lake.tables import TABLES
from paycanary.signals.engine import Engine
from tests.spec.harness import table

if TYPE_CHECKING:
    import duckdb

DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "facts": {"concept": "equity", "basis": "CFS", "months": 0, "unit": "KRW", "lag": 0},
    "headcounts": {"kind": "listed", "is_site": False, "fetched_at": "2026-01-01"},
    "opinions": {"is_annual": True, "lag": 0, "is_going_concern": False},
    "capital_changes": {"form": "유상증자(제3자배정)", "category": "paid_in", "stock_kind": "보통주", "par_value": 500},
    "notices": {"kind": "arrears"},
    "filings": {"form": "annual"},
    "companies": {},
    "pension_moves": {"candidates": 1},
    "links": {},
}  # fmt: skip
_ANYWAY: Final = {"company_id": "a", "source": "opendart", "confidence": 1.0, "rule": "self"}


class Lake:
    """Tables of a lake in memory; rows are numbered from 1 on in the order drawn."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.rows = 0
        for item in TABLES.values():
            declared = ", ".join(f"{c.name} {c.type}" for c in item.columns)
            con.execute(f"CREATE TABLE {item.name} ({declared})")

    def add(self, **drawn: str) -> Lake:
        """Store drawn rows; ``published`` is the day of publication, and of the filing's number."""
        for name, drawing in drawn.items():
            columns = TABLES[name].columns
            for row in table(drawing):
                self.rows += 1
                day = row.pop("published", "2020-01-01")
                known = {
                    **_ANYWAY, **DEFAULTS[name], "row_id": self.rows, "published_on": day, "filing_id": day.replace("-", ""), **row,
                }  # fmt: skip
                marks = ", ".join(f"CAST(? AS {c.type})" for c in columns)
                self.con.execute(
                    f"INSERT INTO {name} VALUES ({marks})", [known.get(c.name) for c in columns]
                )
        return self

    def input(self, name: str, as_of: str, what: str) -> list[tuple[Any, ...]]:
        """Rows of an input table as of a day."""
        self.link()
        Engine(self.con).prepare(date.fromisoformat(as_of))
        return self.con.execute(f"SELECT {what} FROM {name} ORDER BY ALL").fetchall()

    def link(self) -> None:
        """Link every company to itself."""
        ids = " UNION ".join(f"SELECT company_id FROM {t}" for t in TABLES if t != "links")
        self.con.execute(
            "INSERT INTO links (company_id, canonical_id, confidence, published_on) SELECT company_id, company_id, 1, DATE '1900-01-01' "
            f"FROM ({ids}) WHERE company_id NOT IN (SELECT company_id FROM links)"
        )

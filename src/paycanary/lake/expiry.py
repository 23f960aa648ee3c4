"""Entries of public lists whose publication has ended leave the lake: the lists themselves may no longer show them.

Signals pass them over from their last day on anyway; this takes the rows away. Entries without a last day stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paycanary.lake import snapshots, writer

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

_TABLE: Final = "notices"


@dataclass(frozen=True, slots=True)
class Expiry:
    """What was taken away. ``snapshot``: the lake's newest; one of this call's own only where ``removed`` is not 0."""

    day: date
    removed: int
    snapshot: int


def expire(root: Path, day: date) -> Expiry:
    """Remove every entry whose publication ended by a day, in one snapshot; where there is none, nothing is written.

    Raises:
        BusyError: another refresh holds the store.
        LakeError: it cannot be written.
    """
    import duckdb  # noqa: PLC0415

    if not snapshots.history(root / "snapshots"):
        return Expiry(day, 0, 0)
    with writer.writing(root) as store:
        state = store.base.tables.get(_TABLE)
        if state is None or not state.files:
            return Expiry(day, 0, store.base.id)
        stored = snapshots.parquet(root, state)
        con = duckdb.connect()
        con.execute("SET TimeZone = 'UTC'")
        kept = f"SELECT * FROM {stored} WHERE expires_on IS NULL OR expires_on > DATE '{day}'"
        (left,) = con.execute(f"SELECT count(*) FROM ({kept})").fetchall()[0]
        removed = state.rows - int(left)
        if removed == 0:
            return Expiry(day, 0, store.base.id)
        store.write(con, _TABLE, kept, replace=True)
        made = store.commit({"source": "expiry", "added": {_TABLE: -removed}})
        return Expiry(day, removed, made.id)

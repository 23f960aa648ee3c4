"""What tests of live sources share: an inbox, a collector, and a way from what was fetched to staged rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from paycanary.sources.names import create_macros
from paycanary.sources.web.collector import Collector
from paycanary.sources.web.inbox import Inbox
from tests.stage import create_stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from paycanary.sources.summary import FileSummary


class Clock:
    """A clock that a test sets; it stands still."""

    def __init__(self, at: datetime = datetime(2026, 11, 25, 1, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_days(self, days: float) -> None:
        self.at += timedelta(days=days)


class Desk:
    """An inbox below a folder, asked through a new collector each time, as each run of the program does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.inbox = Inbox(folder / "inbox", self.clock)

    def collector(self, workers: int = 4) -> Collector:
        return Collector(self.inbox, workers=workers)

    def stage(self, source: str, load: Callable[..., list[FileSummary]]) -> Staged:
        """Export what is new, load it into fresh ``stage_*`` tables, and note it as taken in."""
        exported = self.folder / f"export-{source}-{len(list(self.folder.iterdir()))}"
        done = self.inbox.export(source, exported)
        con = duckdb.connect(config={"temp_directory": str(self.folder / ".spill")})
        con.execute("SET TimeZone = 'UTC'")
        create_macros(con)
        create_stage(con)
        summaries = load(con, exported)
        self.inbox.taken(done)
        for summary in summaries:
            assert summary.read == summary.accepted + summary.skipped + summary.rejected
            assert summary.rejected == sum(summary.reasons.values())
        return Staged(con, summaries)

    def bytes_kept(self) -> bytes:
        """Every byte below the folder, unpacked where the inbox packs: what must hold no key and no name of a person."""
        import zlib  # noqa: PLC0415

        kept = b"".join(p.read_bytes() for p in sorted(self.folder.rglob("*")) if p.is_file())
        rows = self.inbox._db.execute("SELECT rows FROM answers WHERE rows IS NOT NULL").fetchall()
        return kept + b"".join(zlib.decompress(packed) for (packed,) in rows)


class Staged:
    """Staged rows and what became of every file."""

    def __init__(self, con: duckdb.DuckDBPyConnection, summaries: list[FileSummary]) -> None:
        self.con = con
        self.summaries = summaries

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

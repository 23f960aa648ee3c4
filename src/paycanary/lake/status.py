"""What a lake holds, how fresh it is, and what was rejected."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from paycanary.documents import FetchStatus, RejectedStatus, SnapshotStatus, SourceStatus, Status
from paycanary.documents.fetched import ShortMonthReport
from paycanary.filings import reasons
from paycanary.lake import pension_readings, snapshots
from paycanary.lake.home import inbox_path

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.lake.reader import Reader

_SNAPSHOTS = 10


def read_status(reader: Reader, lang: Lang = "en") -> Status:
    """The state of what ``reader`` reads; what rows were rejected for is explained in ``lang``."""
    con = reader.connect()
    dated = ("companies", "filings", "facts", "all_headcounts", "opinions", "auditor_words", "capital_changes", "notices")  # fmt: skip
    union = " UNION ALL ".join(
        f"SELECT source, published_on, fetched_at FROM {name}" for name in dated
    )
    sources = con.execute(
        f"SELECT source, count(*), max(published_on), strftime(CAST(max(fetched_at) AS TIMESTAMP), '%Y-%m-%dT%H:%M:%SZ') "
        f"FROM ({union}) GROUP BY source ORDER BY source"
    ).fetchall()
    rejected = con.execute(
        "SELECT file, reason, count(*) FROM rejected GROUP BY ALL ORDER BY 3 DESC, 1, 2"
    ).fetchall()
    history = (
        [] if reader.is_sample else snapshots.readable(reader.root / "snapshots")[0][-_SNAPSHOTS:]
    )
    return Status(
        home=str(reader.root),
        sample=reader.is_sample,
        snapshot=reader.snapshot.id,
        tables={name: state.rows for name, state in reader.snapshot.tables.items()},
        sources=[
            SourceStatus(source=s, rows=rows, newest_published_on=newest, last_refresh=fetched)
            for s, rows, newest, fetched in sources
        ],
        rejected=[
            RejectedStatus(file=f, reason=r, explanation=reasons.meaning(r, lang), rows=n)
            for f, r, n in rejected
        ],
        short_months=[
            ShortMonthReport(**asdict(m))
            for m in pension_readings.short(pension_readings.stored(con))
        ],
        snapshots=[
            SnapshotStatus(
                id=s.id,
                kind=s.kind,
                committed_at=s.committed_at,
                source=s.summary.get("source"),
                added=sum(s.summary.get("added", {}).values()),
            )
            for s in reversed(history)
        ],
        services=_services(),
    )


def _services() -> list[FetchStatus]:
    """How each register stands with its public service; none where nothing was ever fetched."""
    folder = inbox_path()
    if not (folder / "answers.sqlite").exists():
        return []
    from paycanary.lake import live  # noqa: PLC0415 - loads what speaks HTTP; only who fetches pays for it
    from paycanary.sources.registers import REGISTERS  # noqa: PLC0415
    from paycanary.sources.web.inbox import Inbox  # noqa: PLC0415

    inbox = Inbox(folder, only_read=True)
    try:
        due = live.stale(inbox)
        return [
            FetchStatus(
                source=name,
                last_round=inbox.last_round(name),
                is_due=name in due,
                calls_today=inbox.calls_today(name),
                waiting=inbox.waiting(name),
            )
            for name in REGISTERS
        ]
    finally:
        inbox.close()

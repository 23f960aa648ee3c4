"""The whole market held against criteria, as a file that other programs read."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from paycanary.errors import UsageError
from paycanary.lake import asof
from paycanary.lake.reader import open_reader
from paycanary.signals import findings, ranking
from paycanary.signals.custom import BUILT_IN
from paycanary.sources.patterns import literal
from paycanary.verdict import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from paycanary.signals.custom import Criteria
    from paycanary.signals.spark import Spark


@dataclass(frozen=True, slots=True)
class Screened:
    """The whole market, worst first, in table ``screened`` of a session. ``snapshot``: 0 where the built-in sample answered."""

    session: Session
    criteria: Criteria
    day: date
    snapshot: int
    is_sample: bool
    #: How many companies stand at each level.
    levels: dict[str, int]
    #: When the first of what is stored became public, where that was after the day: nobody can be judged then. Else None.
    begins: date | None = None

    def rows(self, limit: int | None = None) -> list[dict[str, Any]]:
        """The first rows, or all: a dictionary a company."""
        return self.session.screened(self.criteria, limit)


def screen(day: date, criteria: Criteria = BUILT_IN, industry: str | None = None, spark: Spark | None = None, *, is_full: bool = False) -> Screened:  # fmt: skip
    """Hold the whole market against criteria on a day; ``spark``: the engine that judges, else DuckDB does. ``is_full``: `opened_findings` will be asked for.

    Raises:
        UsageError: no company fits the industry.
    """
    session = Session(open_reader())
    session.rank(day, criteria, industry, spark, is_full=is_full)
    levels = dict(session.con.execute("SELECT level, count(*) FROM screened GROUP BY level ORDER BY min(place)").fetchall())  # fmt: skip
    # Whoever has a level had something public.
    begins = None if set(levels) - {"unknown"} else _first_day(session)
    is_early = begins is not None and day < begins
    if not levels and industry and not is_early:
        known = session.industries(industry)
        raise UsageError(
            {
                "ko": f"--industry {industry}: 해당하는 회사가 없습니다.",
                "en": f"--industry {industry}: no company fits.",
            },
            {
                "ko": f"있는 업종의 예: {', '.join(known)}.",
                "en": f"Industries there are, for example: {', '.join(known)}.",
            },
        )
    reader = session.reader
    number = 0 if reader.is_sample else reader.snapshot.id
    return Screened(session, criteria, day, number, reader.is_sample, levels, begins if is_early else None)  # fmt: skip


def _first_day(session: Session) -> date | None:
    """The day on which the first of what is stored became public."""
    with session.reader.connect(*asof.DATED) as con:
        return asof.begins(con)


def encode(screened: Screened, form: str, limit: int | None = None) -> bytes:
    """The rows as ``csv``, ``json`` or ``parquet``: all say the same of a company; in JSON its signals lie together in one object."""
    from paycanary.report import tables  # noqa: PLC0415 - draws tables; only who prints pays for it

    if form != "parquet":
        rows = screened.rows(limit)
        return tables.encode(rows, form, as_of=screened.day, is_sample=screened.is_sample)
    with _copied(screened, ranking.select(screened.criteria, limit), form) as stream:
        return stream.read()


@contextmanager
def opened_findings(screened: Screened, form: str, companies: int | None = None) -> Iterator[BinaryIO]:  # fmt: skip
    """A row a company and signal as ``csv`` or ``parquet``, of the worst ``companies`` or of all; a stream, since a country has millions of them."""
    findings.find(screened.session.con, screened.criteria, companies)
    with _copied(screened, findings.select(), form) as stream:
        yield stream


@contextmanager
def _copied(screened: Screened, select: str, form: str) -> Iterator[BinaryIO]:
    """What a query gives, as DuckDB writes it: ``csv`` or ``parquet``."""
    options = "FORMAT csv, HEADER" if form == "csv" else "FORMAT parquet, COMPRESSION zstd"
    with tempfile.TemporaryDirectory(prefix="paycanary-") as folder:
        file = Path(folder) / form
        screened.session.con.execute(f"COPY ({select}) TO {literal(str(file))} ({options})")
        with file.open("rb") as stream:
            yield stream

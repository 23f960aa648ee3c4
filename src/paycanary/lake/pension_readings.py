"""Readings of a whole pension month: which reading a file is, and which files are taken for ones that were cut short.

Nothing in a month's file says how many rows it should have. That it was cut is told by what is held: the same month, else the
months nearest to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError
from paycanary.sources.nps_parts import TODO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import duckdb

    from paycanary.errors import Lang


@dataclass(frozen=True, slots=True)
class Month:
    """What became of a whole month that a file held. ``state``: new, same, corrected, or earlier.

    ``changed`` counts rows that the reading before did not have, ``gone`` those that only it had. ``earlier``: the file is the reading
    ``filing_id``, in whose place ``counts`` stands and goes on standing.
    """

    file: str
    month: str
    state: str
    filing_id: str
    published_on: str
    workplaces: int
    changed: int = 0
    gone: int = 0
    counts: str | None = None

    @property
    def is_stored(self) -> bool:
        """Whether the lake holds a reading more for it."""
        return self.state in ("new", "corrected")


@dataclass(frozen=True, slots=True)
class Extract:
    """A file whose rows, or some of them, are no whole month and so are those of single companies.

    ``workplaces``: of the month of which it has most; ``least``: what would make it whole; ``read``: all rows of the file.
    """

    file: str
    workplaces: int
    least: int
    read: int


@dataclass(frozen=True, slots=True)
class ShortMonth:
    """A stored month with so few workplaces that its file was perhaps cut short, and the month with most of them within a year of it."""

    month: str
    workplaces: int
    beside: str
    beside_workplaces: int


#: What to do about a file that was refused here.
_TODO: Final[dict[Lang, str]] = {
    "ko": f"{TODO['ko']} 온전한 파일이라면 --accept-fewer-rows 를 붙여 다시 하세요.",
    "en": f"{TODO['en']} If the file is whole, run it again with --accept-fewer-rows.",
}
#: A file with less than this share of the workplaces that it is held against is taken for one that was cut short.
_WHOLE: Final = 0.9
#: How many months away a month may lie for its number of workplaces to say how many another one should have.
_NEAR: Final = 12
#: A correction of which more than this share of rows is gone has other rows in their place; a file that was cut has none.
_GONE: Final = 0.01
#: A cut through its last field leaves one row that is read as another; through any other, a row with too few fields, which is rejected.
_CUT_THROUGH: Final = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """A row of ``pension_readings``."""

    month: str
    filing_id: str
    published_on: date
    workplaces: int
    digest: str
    file: str


def known(readings: Sequence[Reading], digest: str) -> Reading | None:
    """Of a month's readings, oldest first, the one with just these rows; where several have them, the newest.

    A file that was superseded is no news when it is read again: were it taken for a correction, a folder that holds both would
    change what is in force at every run.
    """
    return next((r for r in reversed(readings) if r.digest == digest), None)


def check_first(label: str, month: str, found: int, readings: Sequence[Reading]) -> None:
    """Hold the first reading of a month against the nearest month there is, of which ``readings`` (oldest first) may be several.

    Of two that are as near the one with more workplaces counts: a country does not change by a tenth in a year, a file that was cut does.

    Raises:
        InputFileError: it has so few workplaces that the file was cut short. Without a month nearby nothing can be told.
    """
    beside = _beside(month, readings)
    if beside is not None and found < _WHOLE * beside.workplaces:
        raise InputFileError(
            {
                "ko": f"{label}: {month} 사업장이 {found:,}개뿐입니다. 저장된 가장 가까운 달 {beside.month}에는 {beside.workplaces:,}개가 있습니다. 파일이 잘린 것으로 보고 받지 않았습니다.",
                "en": f"{label}: only {found:,} workplaces in {month}, where the nearest stored month, {beside.month}, has {beside.workplaces:,}. Taken for a file that was cut short; it was not stored.",
            },
            _TODO,
        )


def check_again(label: str, month: str, found: int, before: Reading) -> None:
    """Hold another reading of a month against the one that counts so far.

    Raises:
        InputFileError: it has so few workplaces that the file was cut short.
    """
    if found < _WHOLE * before.workplaces:
        raise InputFileError(
            {
                "ko": f"{label}: {month} 사업장이 {found:,}개뿐입니다. 저장된 그 달에는 {before.workplaces:,}개가 있습니다. 파일이 잘린 것으로 보고 저장된 달을 그대로 두었습니다.",
                "en": f"{label}: only {found:,} workplaces in {month}, where the stored month has {before.workplaces:,}. Taken for a file that was cut short; the stored month stays.",
            },
            _TODO,
        )


def check_rows(label: str, month: str, changed: int, gone: int, before: Reading) -> None:
    """Look at what another reading changes: rows that are gone, and none in their place, are the mark of a cut at a line's end.

    Raises:
        InputFileError: the file was cut short.
    """
    if changed <= _CUT_THROUGH and gone - changed > _GONE * before.workplaces:
        raise InputFileError(
            {
                "ko": f"{label}: 저장된 {month} 사업장 {before.workplaces:,}개 가운데 {gone:,}개가 없고, 새로 생기거나 바뀐 것은 없습니다. 정정이 아니라 끝이 잘린 파일로 보고 저장된 달을 그대로 두었습니다.",
                "en": f"{label}: {gone:,} of the {before.workplaces:,} workplaces stored of {month} are gone, and none is new or changed. Taken for a file that was cut at its end, not for a correction; the stored month stays.",
            },
            _TODO,
        )


def short(readings: Sequence[Reading]) -> list[ShortMonth]:
    """Stored months that look as if their file had been cut: what came first had nothing to be held against. ``readings``: oldest first."""
    newest = {r.month: r for r in readings}
    found = []
    for month, reading in sorted(newest.items()):
        near = [r for r in newest.values() if _apart(month, r.month) <= _NEAR]
        most = max(near, key=lambda r: (r.workplaces, r.month))
        if reading.workplaces < _WHOLE * most.workplaces:
            found.append(ShortMonth(month, reading.workplaces, most.month, most.workplaces))
    return found


def stored(con: duckdb.DuckDBPyConnection, relation: str = "pension_readings") -> list[Reading]:
    """The readings of the lake, oldest first."""
    rows = con.execute(
        "SELECT strftime(period_end, '%Y-%m'), filing_id, published_on, workplaces, digest, file "
        f"FROM {relation} ORDER BY fetched_at, length(filing_id), filing_id"
    ).fetchall()
    return [Reading(*row) for row in rows]


def _beside(month: str, readings: Sequence[Reading]) -> Reading | None:
    """The nearest month's newest reading, of two that are as near the one with more workplaces; None where none is near."""
    newest = {r.month: r for r in readings}.values()
    near = [r for r in newest if _apart(month, r.month) <= _NEAR]
    return min(near, key=lambda r: (_apart(month, r.month), -r.workplaces), default=None)


def _apart(month: str, other: str) -> int:
    """Months between two, each ``YYYY-MM``."""
    return abs((int(month[:4]) - int(other[:4])) * 12 + int(month[5:]) - int(other[5:]))

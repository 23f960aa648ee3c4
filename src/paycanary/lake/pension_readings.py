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
    "ko": f"{TODO['ko']} 온전한 파일이라면 그 파일 하나만 --accept-fewer-rows 와 함께 주세요.",
    "en": f"{TODO['en']} If the file is whole, give it alone with --accept-fewer-rows.",
}
#: A file with less than this share of the workplaces that it is held against is taken for one that was cut short.
_WHOLE: Final = 0.9
#: Rows of single companies that somebody picked are fewer than this share of a whole month; what lies between was cut.
_PICKED: Final = 0.1
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


def check_first(label: str, month: str, found: int, readings: Sequence[Reading], *, is_whole: bool = True) -> None:  # fmt: skip
    """Hold the first reading of a month against the month within a year that has most workplaces. ``readings``: oldest first, of it several perhaps.

    ``is_whole``: it has enough workplaces for a whole month. With fewer it is one of single companies, unless it is so large a part of what
    there is that nobody picked it: then its companies lack workplaces, and would seem to have lost people.

    Raises:
        InputFileError: it has so few workplaces that the file was cut short. Without a month nearby nothing can be told.
    """
    most = _most(month, readings)
    if most is None or found >= _WHOLE * most.workplaces:
        return
    if is_whole or found >= _PICKED * most.workplaces:
        raise InputFileError(
            {
                "ko": f"{label}: {month} 사업장이 {found:,}개뿐입니다. 가까운 달 {most.month}에는 {most.workplaces:,}개가 있습니다. 파일이 잘린 것으로 보고 이 파일에서는 아무것도 받지 않았습니다.",
                "en": f"{label}: only {found:,} workplaces in {month}, where a month nearby, {most.month}, has {most.workplaces:,}. Taken for a file that was cut short; nothing of it was stored.",
            },
            _TODO,
        )


def is_far_fewer(reading: Reading, than: Reading) -> bool:
    """Whether a reading has so few workplaces beside another that it came in only because whoever gave it said that it was whole."""
    return reading.workplaces < _WHOLE * than.workplaces


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
        most = _most(month, readings)
        if most is not None and reading.workplaces < _WHOLE * most.workplaces:
            found.append(ShortMonth(month, reading.workplaces, most.month, most.workplaces))
    return found


def stored(con: duckdb.DuckDBPyConnection, relation: str = "pension_readings") -> list[Reading]:
    """The readings of the lake, oldest first."""
    rows = con.execute(
        "SELECT strftime(period_end, '%Y-%m'), filing_id, published_on, workplaces, digest, file "
        f"FROM {relation} ORDER BY fetched_at, length(filing_id), filing_id"
    ).fetchall()
    return [Reading(*row) for row in rows]


def _most(month: str, readings: Sequence[Reading]) -> Reading | None:
    """Of the months within a year, each in its newest reading, the one with most workplaces; None where none is near.

    The largest, not the nearest: of two that were cut neither shows that the other was.
    """
    newest = {r.month: r for r in readings}.values()
    near = [r for r in newest if _apart(month, r.month) <= _NEAR]
    return max(near, key=lambda r: (r.workplaces, -_apart(month, r.month)), default=None)


def _apart(month: str, other: str) -> int:
    """Months between two, each ``YYYY-MM``."""
    return abs((int(month[:4]) - int(other[:4])) * 12 + int(month[5:]) - int(other[5:]))

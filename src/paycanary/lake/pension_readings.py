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
    newest = {r.month: r for r in readings}
    near = [(_apart(month, r.month), -r.workplaces, r) for r in newest.values()]
    if not (near := [one for one in near if one[0] <= _NEAR]):
        return
    *_, beside = min(near, key=lambda one: one[:2])
    if found < _WHOLE * beside.workplaces:
        raise InputFileError(
            {
                "ko": f"{label}: {month} 사업장이 {found:,}개뿐입니다. 저장된 가장 가까운 달 {beside.month}에는 {beside.workplaces:,}개가 있습니다. 파일이 잘린 것으로 보고 받지 않았습니다.",
                "en": f"{label}: only {found:,} workplaces in {month}, where the nearest stored month, {beside.month}, has {beside.workplaces:,}. Taken for a file that was cut short; it was not stored.",
            },
            TODO,
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
            TODO,
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
            TODO,
        )


def _apart(month: str, other: str) -> int:
    """Months between two, each ``YYYY-MM``."""
    return abs((int(month[:4]) - int(other[:4])) * 12 + int(month[5:]) - int(other[5:]))

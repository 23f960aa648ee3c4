"""What is asked for, and whether it can be had: all of it is looked at before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from benchmarks.country.dynamics import in_force, month_at
from benchmarks.country.planted import MONTHS

if TYPE_CHECKING:
    from pathlib import Path

EARLIEST: Final = date(2015, 12, 1)
NOTE: Final = "MADE-DATA.txt"
CASES: Final = "planted.json"
_TITLE: Final = "국민연금공단_국민연금 가입 사업장 내역_{day:%Y%m%d}.csv"
#: Days in the names of files: of a month, of its first and of its corrected reading.
_DAY: Final = 24
_FIRST_DAY: Final = 20
_CORRECTED_DAY: Final = 28


@dataclass(frozen=True)
class Wanted:
    """What is asked for: see ``python -m benchmarks.country --help``."""

    workplaces: int
    months: int
    first: date
    seed: int
    planted: int | None = None
    corrected: frozenset[date] = frozenset()
    late_titles: frozenset[date] = frozenset()

    @property
    def cases(self) -> int:
        """Planted cases a kind and year."""
        return min(24, self.workplaces // 2500) if self.planted is None else self.planted

    @property
    def written(self) -> list[date]:
        """The months that are written, in their order."""
        return [month_at(self.first, number) for number in range(self.months)]

    def titles(self, month: date) -> list[str]:
        """Names of a month's files: one, or the first reading's and the corrected one's."""
        title = month_at(month, 1) if month in self.late_titles else month
        days = (_FIRST_DAY, _CORRECTED_DAY) if month in self.corrected else (_DAY,)
        return [_TITLE.format(day=title.replace(day=day)) for day in days]

    def check(self) -> None:
        """See that it can be made.

        Raises:
            ValueError: a number or month out of bounds, or two months whose files would bear one name.
        """
        for name, value, least in (("--workplaces", self.workplaces, 1), ("--planted", self.cases, 0), ("--seed", self.seed, 0)):  # fmt: skip
            if value < least:
                raise ValueError(f"{name} {value}: give {least} or more.")
        if not 1 <= self.months <= MONTHS:
            raise ValueError(f"--months {self.months}: 1 to {MONTHS} are possible.")
        if self.first < EARLIEST:
            raise ValueError(f"--first {self.first:%Y-%m}: the register begins with {EARLIEST:%Y-%m}.")  # fmt: skip
        written = self.written
        try:
            in_force("income_ceiling", written[-1])
        except ValueError as error:
            raise ValueError(
                f"{error} Ask for fewer --months, or an earlier --first than {self.first:%Y-%m}."
            ) from error
        for name, months in (("--corrected", self.corrected), ("--late-title", self.late_titles)):
            if beyond := sorted(months.difference(written)):
                raise ValueError(f"{name} {_listed(beyond)}: give months that are written, {written[0]:%Y-%m} to {written[-1]:%Y-%m}.")  # fmt: skip
        self._check_names()

    def _check_names(self) -> None:
        """A file would be written over by another month's, and a month be missing without a word."""
        owners: dict[str, date] = {}
        for month in self.written:
            for title in self.titles(month):
                if (other := owners.setdefault(title, month)) != month:
                    raise ValueError(
                        f"--late-title {other:%Y-%m}: its file would bear the name of {month:%Y-%m}'s ({title}). "
                        f"Give {month:%Y-%m} a late title too, or a correction to one of both."
                    )

    def check_folder(self, folder: Path) -> None:
        """See that a folder holds nothing, or only what this same run wrote before: other months would pass for this run's.

        Raises:
            ValueError: it is no folder, or holds anything else.
        """
        if not folder.exists():
            return
        if not folder.is_dir():
            raise ValueError(f"{folder} is a file: give a folder.")
        found = {path.name for path in folder.iterdir()}
        note = folder / NOTE
        is_same = note.is_file() and self.note() == note.read_text(encoding="utf-8")
        own = {NOTE, CASES, *(title for month in self.written for title in self.titles(month))}
        if others := sorted(found - own if is_same else found):
            shown = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")  # noqa: PLR2004 - enough to know them by
            raise ValueError(f"{folder} holds files that are not of this run ({shown}): give an empty folder, or empty this one.")  # fmt: skip

    def note(self) -> str:
        """What ``MADE-DATA.txt`` says."""
        return _NOTE.format(wanted=self)

    def __str__(self) -> str:
        said = f"--workplaces {self.workplaces} --months {self.months} --first {self.first:%Y-%m} --seed {self.seed}"
        if self.planted is not None:
            said += f" --planted {self.planted}"
        for name, months in (("--corrected", self.corrected), ("--late-title", self.late_titles)):
            if months:
                said += f" {name} {_listed(sorted(months), ' ')}"
        return said


_NOTE: Final = """이 폴더의 파일은 모두 만들어 낸 자료입니다(MADE DATA).
실제 국민연금 가입 사업장 자료가 아니며, 실제 회사나 사람에 대해 아무것도 말하지 않습니다.
사업장 이름은 모두 (법인격 뒤에서) '가상'으로 시작하고, 사업자등록번호 앞 세 자리는 실제로 쓰이지 않는 001-099입니다.
만든 프로그램: python -m benchmarks.country (paycanary), {wanted}

Every file in this folder is made (MADE DATA).
It is not the pension register's data and says nothing about any real company or person.
Every workplace's name begins (behind its legal form) with '가상', "imagined"; business numbers begin with 001 to 099, which
no tax office has. Made by: python -m benchmarks.country (paycanary), {wanted}
planted.json names the cases whose right answer is known.
"""


def _listed(months: list[date], between: str = ", ") -> str:
    return between.join(f"{month:%Y-%m}" for month in months)

"""Made months as files, one after another: only one month is held at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.country import layout
from benchmarks.country.dynamics import begin, bills, in_force, month_at, step
from benchmarks.country.planted import MONTHS, Plan
from benchmarks.country.state import Maker, Workplaces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_EARLIEST: Final = date(2015, 12, 1)
#: Months that pass before the first one is written, so that workplaces are short of people, too small to be listed and so on.
_BEFORE: Final = 3
#: Share of the rows whose late joiners only the corrected file has.
_LATE: Final = 0.005
_TITLE: Final = "국민연금공단_국민연금 가입 사업장 내역_{day:%Y%m%d}.csv"
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

    def __str__(self) -> str:
        return f"--workplaces {self.workplaces} --months {self.months} --first {self.first:%Y-%m} --seed {self.seed}"


def write_country(folder: Path, wanted: Wanted) -> Iterator[Path]:
    """Write months, ``planted.json`` and ``MADE-DATA.txt``; gives each month's file as soon as it is whole.

    Raises:
        ValueError: a month outside those of the register, or more planted cases than the workplaces bear.
    """
    if not 1 <= wanted.months <= MONTHS or wanted.first < _EARLIEST:
        raise ValueError(f"1 to {MONTHS} months from {_EARLIEST:%Y-%m} on are possible.")
    in_force("income_ceiling", month_at(wanted.first, wanted.months - 1))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MADE-DATA.txt").write_text(_NOTE.format(wanted=wanted), encoding="utf-8")
    maker = Maker(wanted.seed)
    state = begin(np.random.default_rng([wanted.seed, 0]), maker, wanted.workplaces, wanted.first)
    plan = Plan(wanted.seed, wanted.first, wanted.cases, state)
    for number in range(-_BEFORE, wanted.months):
        month = month_at(wanted.first, number)
        rng = np.random.default_rng([wanted.seed, 3, number + _BEFORE])
        state = step(rng, maker, state, month, wanted.workplaces)
        if number < 0:
            continue
        state = plan.act(state, maker, number, np.datetime64(month, "D"))
        rows = state.keep(~state.is_hidden)
        title = month_at(month, 1) if month in wanted.late_titles else month
        if month in wanted.corrected:
            yield _write(folder, title.replace(day=20), month, _before_correction(rng, rows))
            title = title.replace(day=28)
        yield _write(folder, title if title.day > 1 else title.replace(day=24), month, rows)
    plan.write(folder / "planted.json", wanted.months)


def _write(folder: Path, day: date, month: date, rows: Workplaces) -> Path:
    path = folder / _TITLE.format(day=day)
    with path.open("wb") as out:
        layout.write_month(out, month, rows, bills(rows, month))
    return path


def _before_correction(rng: np.random.Generator, rows: Workplaces) -> Workplaces:
    """The month as it was published first: a few workplaces had reported none of their joiners yet."""
    first = rows.keep(np.ones(len(rows.wid), dtype=bool))
    late = (rng.random(len(first.wid)) < _LATE / max((first.joiners > 0).mean(), _LATE)) & (first.joiners > 0) & ~first.planted  # fmt: skip
    # A workplace that began this month would be left without a head: it stays as it is.
    late &= first.heads > first.joiners
    first.heads[late] -= first.joiners[late]
    first.joiners[late] = 0
    return first

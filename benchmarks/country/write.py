"""Made months as files, one after another: only one month is held at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.country import layout
from benchmarks.country.dynamics import begin, bills, month_at, step
from benchmarks.country.planted import Plan
from benchmarks.country.state import Maker, Workplaces
from benchmarks.country.wanted import CASES, NOTE, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

__all__ = ["Wanted", "write_country"]

#: Months that pass before the first one is written, so that workplaces are short of people, too small to be listed and so on.
_BEFORE: Final = 3
#: Share of the rows whose late joiners only the corrected file has.
_LATE: Final = 0.005


def write_country(folder: Path, wanted: Wanted) -> Iterator[Path]:
    """Write months, ``planted.json`` and ``MADE-DATA.txt``; gives each month's file as soon as it is whole.

    Raises:
        ValueError: what is asked for cannot be had (`Wanted.check`), the folder holds something else (`Wanted.check_folder`), or
            there are more planted cases than the workplaces bear; at once, and nothing is written then.
    """
    wanted.check()
    wanted.check_folder(folder)
    maker = Maker(wanted.seed)
    state = begin(np.random.default_rng([wanted.seed, 0]), maker, wanted.workplaces, wanted.first)
    plan = Plan(wanted.seed, wanted.first, wanted.cases, state)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTE).write_text(wanted.note(), encoding="utf-8")
    return _months(folder, wanted, maker, state, plan)


def _months(
    folder: Path, wanted: Wanted, maker: Maker, state: Workplaces, plan: Plan
) -> Iterator[Path]:
    for number in range(-_BEFORE, wanted.months):
        month = month_at(wanted.first, number)
        rng = np.random.default_rng([wanted.seed, 3, number + _BEFORE])
        state = step(rng, maker, state, month, wanted.workplaces)
        if number < 0:
            continue
        state = plan.act(state, maker, number, np.datetime64(month, "D"))
        rows = state.keep(~state.is_hidden)
        *before, title = wanted.titles(month)
        for first in before:
            yield _write(folder / first, month, _before_correction(rng, rows))
        yield _write(folder / title, month, rows)
    plan.write(folder / CASES, wanted.months)


def _write(path: Path, month: date, rows: Workplaces) -> Path:
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

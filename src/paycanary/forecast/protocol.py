"""The protocol by which every model is judged, fixed before any was tuned.

Two questions, each answered without a look at the answer:

- *years*: trained on as-of days up to 2022, calibrated on 2023, tested on 2024. Companies may recur, as they do when the forecast is used.
- *companies*: five groups of companies; each group is tested on every half-yearly day from the end of 2022 on, by a model that
  never saw one of its companies and no outcome that was not over on that day.

A row may teach a model that is tested on a day only if its months were over by then: until then nobody knew its outcome. That also cuts
off windows that overlap the test days. What a model chooses for itself (strength, calibration) it chooses within its training rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    Numbers = np.ndarray[Any, np.dtype[Any]]
    Flags = np.ndarray[Any, np.dtype[np.bool_]]

FIT_UNTIL: Final = np.datetime64("2022-12-31")
CALIBRATE: Final = 2023
TEST: Final = 2024
#: The first day that the companies' question is asked on: before it too few failures are over.
FIRST_TEST: Final = np.datetime64("2022-12-31")
#: Months of the days that the companies' question is asked on: more of them repeat the same failures.
TEST_MONTHS: Final = (6, 12)
FOLDS: Final = 5
_SEED: Final = 2026


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to fit, to calibrate on (none: within those to fit) and to test; flags, a row each."""

    fit: Flags
    calibrate: Flags
    test: Flags


def over(day: Numbers, months: int, by: np.datetime64) -> Flags:
    """Whether a row's months were over by a day, so that its outcome could be known."""
    return add_months(day, months) <= by


def years(day: Numbers, known: Flags, months: int) -> Split:
    """The question of years.

    Args:
        day: as-of day of each row, ``datetime64[D]``.
        known: whether its outcome is known at all.
        months: within which a failure counts.
    """
    year = day.astype("datetime64[Y]").astype(int) + 1970
    test = known & (year == TEST)
    if not test.any():
        return Split(test, test, test)
    first = day[test].min()
    usable = known & over(day, months, first)
    return Split(usable & (day <= FIT_UNTIL), usable & (year == CALIBRATE), test)


def companies(day: Numbers, company: Numbers, known: Flags, months: int) -> Iterator[Split]:
    """The question of companies: a split for each group and test day that has rows to fit."""
    group = folds(company)
    month = day.astype("datetime64[M]").astype(int) % 12 + 1
    tested = known & (day >= FIRST_TEST) & np.isin(month, TEST_MONTHS)
    nobody = np.zeros(len(day), dtype=bool)
    for one in np.unique(day[tested]):
        usable = known & over(day, months, one)
        for fold in range(FOLDS):
            fit = usable & (group != fold)
            if fit.any():
                yield Split(fit, nobody, tested & (day == one) & (group == fold))


def folds(company: Numbers, count: int = FOLDS) -> Numbers:
    """The group of each row's company: the same for the same companies, whatever the order of rows."""
    names, inverse = np.unique(company, return_inverse=True)
    order = np.random.default_rng(_SEED).permutation(len(names))
    dealt = np.empty(len(names), dtype=int)
    dealt[order] = np.arange(len(names)) % count
    found: Numbers = dealt[inverse]
    return found


def add_months(day: Numbers, months: int) -> Numbers:
    """Days so many months later, at most the last of their month, as SQL adds an interval."""
    month = day.astype("datetime64[M]")
    target = month + months
    last = (target + 1).astype("datetime64[D]") - 1
    found: Numbers = np.minimum(target.astype("datetime64[D]") + (day - month.astype("datetime64[D]")), last)  # fmt: skip
    return found

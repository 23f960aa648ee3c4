"""How well probabilities told what happened. Every number comes with an interval: companies are drawn anew, each with all its rows.

``y``: 0 or 1 a row; ``p``: a score a row, larger where failing is thought likelier; shapes (rows,).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from paycanary.documents.forecast import ReliabilityPoint
from paycanary.models import Estimated

if TYPE_CHECKING:
    from collections.abc import Callable

    Floats = np.ndarray[Any, np.dtype[np.float64]]
    Days = np.ndarray[Any, np.dtype[np.datetime64]]

#: Share of a day's companies that are flagged where recall is told.
FLAGGED: Final = 0.05
#: Groups of equal size in which predicted and observed shares are compared.
_BINS: Final = 10
_DRAWS: Final = 1000
_LEVEL: Final = 0.95
_DAYS_A_MONTH: Final = 365.25 / 12


def auc(y: Floats, p: Floats) -> float:
    """Area under the ROC curve: how often a failing row scores above another one."""
    _check_both(y)
    return float(roc_auc_score(y, p))


def average_precision(y: Floats, p: Floats) -> float:
    """Mean precision over the ranks of failing rows."""
    _check_both(y)
    return float(average_precision_score(y, p))


def brier_skill(y: Floats, p: Floats, base: Floats) -> float:
    """1 - Brier score / Brier score of the base rate known when predicted; below 0 is worse than that constant."""
    return float(1 - np.mean((p - y) ** 2) / np.mean((base - y) ** 2))


def calibration_error(y: Floats, p: Floats) -> float:
    """Mean distance of predicted and observed share over ten groups of equal size by prediction."""
    return sum(abs(at.predicted - at.observed) * at.rows for at in reliability(y, p)) / len(y)


def reliability(y: Floats, p: Floats) -> list[ReliabilityPoint]:
    """Predicted share, observed share and rows of ten groups of equal size by prediction: the points of a reliability plot."""
    order = np.argsort(p, kind="stable")
    return [
        ReliabilityPoint(predicted=p[part].mean(), observed=y[part].mean(), rows=len(part))
        for part in np.array_split(order, _BINS)
        if len(part)
    ]


def flagged(p: Floats, day: Days, share: float = FLAGGED) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """The share of each day's rows that score highest; of equal scores those that come first."""
    found = np.zeros(len(p), dtype=bool)
    for one in np.unique(day):
        rows = np.flatnonzero(day == one)
        found[rows[np.argsort(-p[rows], kind="stable")[: int(np.ceil(share * len(rows)))]]] = True
    return found


def recall(y: Floats, p: Floats, day: Days, share: float = FLAGGED) -> float:
    """Share of failing rows among those flagged on their day."""
    _check_both(y)
    return float(y[flagged(p, day, share)].sum() / y.sum())


def lead_time(p: Floats, day: Days, company: np.ndarray[Any, Any], failed_on: Days) -> float:
    """Median months from the first day on which a company that failed was flagged to its failure; of those ever flagged.

    Args:
        p: scores, all of them, so that the flagged share is one of all.
        day: as-of day of each row.
        company: of each row.
        failed_on: when it failed after that day; NaT where it did not.

    Raises:
        ValueError: none that failed was ever flagged.
    """
    rows = np.flatnonzero(flagged(p, day) & ~np.isnat(failed_on))
    if not len(rows):
        msg = "no company that failed was flagged"
        raise ValueError(msg)
    order = rows[np.lexsort((day[rows], company[rows]))]
    _, first = np.unique(company[order], return_index=True)
    ahead = (failed_on[order[first]] - day[order[first]]).astype(float)
    return float(np.median(ahead) / _DAYS_A_MONTH)


def interval(measure: Callable[[np.ndarray[Any, Any]], float], groups: np.ndarray[Any, Any], seed: int = 0, draws: int = _DRAWS) -> Estimated:  # fmt: skip
    """A measure of chosen rows, with its bootstrap interval over groups.

    Args:
        measure: takes row numbers; raises ValueError where those cannot tell (only one outcome).
        groups: the company of each row.
        seed: of the draws.
        draws: how many.
    """
    rng = np.random.default_rng(seed)
    names, inverse = np.unique(groups, return_inverse=True)
    members = np.split(np.argsort(inverse, kind="stable"), np.cumsum(np.bincount(inverse))[:-1])
    drawn = []
    for _ in range(draws):
        rows = np.concatenate([members[i] for i in rng.integers(0, len(names), len(names))])
        told = _told(measure, rows)
        if told is not None:
            drawn.append(told)
    value = _told(measure, np.arange(len(groups)))
    if value is None or not drawn:
        return Estimated(value=value, low=None, high=None)
    low, high = np.quantile(drawn, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Estimated(value=value, low=low, high=high)


def _check_both(y: Floats) -> None:
    if not 0 < y.sum() < len(y):
        msg = "all rows have one outcome"
        raise ValueError(msg)


def _told(
    measure: Callable[[np.ndarray[Any, Any]], float], rows: np.ndarray[Any, Any]
) -> float | None:
    try:
        value = measure(rows)
    except ValueError:
        return None
    return value if np.isfinite(value) else None

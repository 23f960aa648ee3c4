"""How well a reader reads, with intervals: 95 % of draws of companies, since one company's paragraphs resemble each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from paycanary.text.reading import DOUBTFUL, SURE
from paycanary.text.training.labelled import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paycanary.text.training.rivals import Matrix

_DRAWS: Final = 1000
_BINS: Final = 10
_THRESHOLDS: Final = [step / 20 for step in range(1, 20)]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure and its interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def matrix(kinds: Sequence[frozenset[str]]) -> Matrix:
    """Labels as [paragraphs][kinds], 0 or 1."""
    return np.array([[float(k in its) for k in KINDS] for its in kinds])


def f1(truth: Matrix, told: Matrix) -> Matrix:
    """F1 of each kind; NaN where the kind neither is nor is told."""
    hits = (truth * told).sum(0)
    both = truth.sum(0) + told.sum(0)
    shares: Matrix = np.divide(2 * hits, both, out=np.full(len(hits), np.nan), where=both > 0)
    return shares


def macro_f1(truth: Matrix, told: Matrix) -> float:
    """Mean of the F1 of the kinds that there are."""
    there = truth.sum(0) > 0
    return float(np.mean(f1(truth, told)[there])) if there.any() else float("nan")


def calibration_error(truth: Matrix, chances: Matrix) -> float:
    """Expected calibration error over all kinds: ten bins of equal width."""
    flat, happened = chances.ravel(), truth.ravel()
    bins = np.minimum((flat * _BINS).astype(int), _BINS - 1)
    return float(
        sum(abs((flat[bins == b] - happened[bins == b]).sum()) for b in range(_BINS)) / len(flat)
    )


def brier(truth: Matrix, chances: Matrix) -> float:
    """Mean squared error of the probabilities, over all kinds."""
    return float(((chances - truth) ** 2).mean())


def best_threshold(truth: Matrix, chances: Matrix) -> float:
    """From which probability on a kind is best taken as stated: highest macro F1, in steps of .05. Choose it on what is not tested."""
    return max(_THRESHOLDS, key=lambda t: macro_f1(truth, (chances >= t).astype(float)))


def precision_recall(truth: Matrix, told: Matrix) -> dict[str, float | None]:
    """Of all decisions together: what share of those told is right, and what share of those that are there is told."""
    hits, there, said = (truth * told).sum(), truth.sum(), told.sum()
    return {
        "precision": float(hits / said) if said else None,
        "recall": float(hits / there) if there else None,
    }


def measure(
    truth: Matrix, chances: Matrix, companies: Sequence[str], threshold: float = 0.5
) -> dict[str, Any]:
    """Everything that is published about one reader: estimates by name, and for each kind precision, recall, F1 and count.

    ``threshold``: from which probability on a kind is taken as stated. What people are told at `reading.SURE` and from
    `reading.DOUBTFUL` on stands beside.
    """
    told = (chances >= threshold).astype(float)
    rows = [np.flatnonzero(np.asarray(companies) == c) for c in dict.fromkeys(companies)]

    def estimate(of: Callable[[Matrix, Matrix], float], predicted: Matrix) -> Estimate:
        random = np.random.default_rng(0)
        draws = []
        for _ in range(_DRAWS):
            drawn = np.concatenate([rows[i] for i in random.integers(len(rows), size=len(rows))])
            draws.append(of(truth[drawn], predicted[drawn]))
        drawn_values = np.asarray(draws)[np.isfinite(draws)]
        if not len(drawn_values):  # a kind that this set does not hold
            return Estimate(float("nan"), float("nan"), float("nan"))
        low, high = np.percentile(drawn_values, [2.5, 97.5])
        return Estimate(of(truth, predicted), float(low), float(high))

    by_kind = {}
    for i, kind in enumerate(KINDS):
        by_kind[kind] = {
            "count": int(truth[:, i].sum()),
            **precision_recall(truth[:, i], told[:, i]),
            "f1": estimate(lambda t, p, i=i: float(f1(t[:, [i]], p[:, [i]])[0]), told),  # type: ignore[misc]
        }
    return {
        "paragraphs": len(truth),
        "companies": len(rows),
        "threshold": threshold,
        "macro_f1": estimate(macro_f1, told),
        "exact": estimate(lambda t, p: float((t == p).all(1).mean()), told),
        "brier": estimate(brier, chances),
        "calibration_error": estimate(calibration_error, chances),
        "stated": precision_recall(truth, (chances >= SURE).astype(float)),
        "stated or unsure": precision_recall(truth, (chances >= DOUBTFUL).astype(float)),
        "kinds": by_kind,
    }


def kappa(first: Matrix, second: Matrix) -> dict[str, float]:
    """Cohen's kappa of two readers for each kind, and over all decisions ("all")."""

    def one(a: Matrix, b: Matrix) -> float:
        chance = a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())
        return float(((a == b).mean() - chance) / (1 - chance)) if chance < 1 else 1.0

    return {kind: one(first[:, i], second[:, i]) for i, kind in enumerate(KINDS)} | {"all": one(first.ravel(), second.ravel())}  # fmt: skip

"""The model that wins: logistic regression on normal scores, whose every coefficient keeps to its feature's direction.

A sum of one term a feature, each a line between knots, so that it can be told in a company's own figures and carried out without any
library (`scorecard`). No library at hand fits a logistic regression with signs given; SciPy's bounded optimiser does it in few lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, ndtri
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    Floats = np.ndarray[Any, np.dtype[np.float64]]

#: Knots of a feature's scores: the least, the largest, and equal shares of the companies between two.
_KNOTS: Final = 41
#: Log odds are kept within these, so that nothing is ever certain.
MOST: Final = 12.0
#: Steps go on until nothing moves any more, so that the last digits do not depend on where they stop.
_CLOSE: Final = {"maxiter": 2000, "maxfun": 4000, "ftol": 1e-14, "gtol": 1e-9, "maxcor": 30}


@dataclass(frozen=True, slots=True)
class Shape:
    """Normal scores of a feature: of values (between ``knots`` on a line, beyond them level), and of whether it is known.

    A value scores as its rank among those known does on a normal distribution, equal values sharing the middle of their ranks.
    """

    knots: Floats
    scores: Floats
    middle: float
    known: float
    unknown: float

    @classmethod
    def of(cls, column: Floats) -> Shape:
        """Learn from a column (rows,), NaN where unknown."""
        held = np.sort(column[~np.isnan(column)])
        if not len(held):
            return cls(np.zeros(1), np.zeros(1), 0.0, 0.0, 0.0)
        places = np.round(np.linspace(0, len(held) - 1, _KNOTS)).astype(int)
        knots = np.unique(held[places])
        below, upto = np.searchsorted(held, knots, "left"), np.searchsorted(held, knots, "right")
        scores = ndtri((below + upto) / 2 / len(held))
        middle = float(np.interp(np.median(held), knots, scores))
        missing = 1 - len(held) / len(column)
        if missing == 0:
            return cls(knots, scores, middle, 0.0, 0.0)
        return cls(knots, scores, middle, float(ndtri((1 - missing) / 2)), float(ndtri(1 - missing / 2)))  # fmt: skip

    def values(self, column: Floats) -> Floats:
        """Scores of values; of unknown ones the middle's."""
        unknown = np.isnan(column)
        found: Floats = np.where(
            unknown,
            self.middle,
            np.interp(np.where(unknown, self.knots[0], column), self.knots, self.scores),
        )
        return found

    def flags(self, column: Floats) -> Floats:
        """Scores of whether values are known."""
        found: Floats = np.where(np.isnan(column), self.unknown, self.known)
        return found


class SignedLogistic:
    """Ridge logistic regression on normal scores and on whether each feature is known.

    Args:
        directions: of each feature: 1 or -1 where its coefficient may not have the other sign, 0 where it may.
        penalty: half of this times the squared coefficients is added to the loss, which is summed over rows.
    """

    def __init__(self, directions: Sequence[int], penalty: float = 30.0) -> None:
        self.directions = list(directions)
        self.penalty = penalty
        self.shapes: list[Shape] = []
        #: Of values, then of whether they are known, then the intercept.
        self.coefficients = np.zeros(0)

    def fit(self, x: Floats, y: Floats) -> Self:
        """See `models.Model`."""
        self.shapes = [Shape.of(column) for column in x.T]
        design = self._design(x)
        free = [(None, None)] * (len(self.shapes) + 1)
        bounds = [_BOUNDS[direction] for direction in self.directions] + free
        start = np.zeros(design.shape[1])
        start[-1] = np.log(y.mean() / (1 - y.mean()))

        def loss(beta: Floats) -> tuple[float, Floats]:
            scores = design @ beta
            slope = design.T @ (expit(scores) - y)
            slope[:-1] += self.penalty * beta[:-1]
            value = np.logaddexp(0, scores).sum() - (y * scores).sum()
            return float(value + self.penalty / 2 * (beta[:-1] @ beta[:-1])), slope

        # One thread: sums in another order would make another model.
        with threadpool_limits(1):
            found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options=_CLOSE)  # fmt: skip
        self.coefficients = found.x
        return self

    def log_odds(self, x: Floats) -> Floats:
        """See `models.Model`."""
        found: Floats = np.clip(self._design(x) @ self.coefficients, -MOST, MOST)
        return found

    def _design(self, x: Floats) -> Floats:
        """(rows, 2 features + 1)."""
        values = [shape.values(column) for shape, column in zip(self.shapes, x.T, strict=True)]
        flags = [shape.flags(column) for shape, column in zip(self.shapes, x.T, strict=True)]
        return np.column_stack([*values, *flags, np.ones(len(x))])


_BOUNDS: Final[dict[int, tuple[float | None, float | None]]] = {
    -1: (None, 0.0),
    0: (None, None),
    1: (0.0, None),
}

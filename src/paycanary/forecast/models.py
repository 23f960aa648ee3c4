"""Models that are tried. Each takes features as they are (NaN where unknown) and gives log odds; `Platt` makes probabilities of them.

All of them see few failures, so all are held back: strong penalties, small trees, and directions that chance may not turn round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import QuantileTransformer
from threadpoolctl import threadpool_limits

from paycanary.forecast.signed import MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    Floats = np.ndarray[Any, np.dtype[np.float64]]

_QUANTILES: Final = 200


class Model(Protocol):
    """Fits, and scores by log odds (not calibrated), shape (rows,)."""

    def fit(self, x: Floats, y: Floats) -> Self:
        """Learn from rows (rows, features) and their outcomes 0 or 1 (rows,)."""

    def log_odds(self, x: Floats) -> Floats:
        """Score rows."""


class Logistic:
    """Ridge logistic regression on normal scores of each feature, with a flag for each that is unknown at times."""

    def __init__(self, strength: float) -> None:
        self._pipeline: Pipeline = make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
            QuantileTransformer(output_distribution="normal", n_quantiles=_QUANTILES, subsample=None),
            LogisticRegression(C=strength, max_iter=5000),
        )  # fmt: skip

    def fit(self, x: Floats, y: Floats) -> Self:
        """See `Model`."""
        self._pipeline.set_params(quantiletransformer__n_quantiles=min(_QUANTILES, len(x)))
        self._pipeline.fit(x, y)
        return self

    def log_odds(self, x: Floats) -> Floats:
        """See `Model`."""
        found: Floats = np.clip(self._pipeline.decision_function(x), -MOST, MOST)
        return found


class Boosted:
    """Boosted trees that keep to each feature's direction, averaged over seeds; two leaves make the sum additive in the features."""

    def __init__(self, directions: Sequence[int], leaves: int, trees: int, rate: float, *, smallest: int = 100, seeds: int = 3) -> None:  # fmt: skip
        self._directions = np.asarray(directions)
        self._settings = {
            "max_leaf_nodes": leaves, "max_iter": trees, "learning_rate": rate, "min_samples_leaf": smallest,
            "l2_regularization": 5.0, "max_features": 0.5, "early_stopping": False,
        }  # fmt: skip
        self._seeds = seeds
        self._held: list[HistGradientBoostingClassifier] = []
        self._used = np.ones(0, dtype=bool)

    def fit(self, x: Floats, y: Floats) -> Self:
        """See `Model`."""
        self._used = np.array([len(np.unique(c[~np.isnan(c)])) > 1 for c in x.T])
        # One thread: there are few rows, and sums in another order would make another model.
        with threadpool_limits(1):
            self._held = [
                HistGradientBoostingClassifier(random_state=seed, monotonic_cst=self._directions[self._used], **self._settings).fit(x[:, self._used], y)
                for seed in range(self._seeds)
            ]  # fmt: skip
        return self

    def log_odds(self, x: Floats) -> Floats:
        """See `Model`."""
        scores = [model.decision_function(x[:, self._used]) for model in self._held]
        found: Floats = np.clip(np.mean(scores, axis=0), -MOST, MOST)
        return found


class Together:
    """The mean of several models' log odds."""

    def __init__(self, *models: Model) -> None:
        self._models = models

    def fit(self, x: Floats, y: Floats) -> Self:
        """See `Model`."""
        for model in self._models:
            model.fit(x, y)
        return self

    def log_odds(self, x: Floats) -> Floats:
        """See `Model`."""
        found: Floats = np.mean([model.log_odds(x) for model in self._models], axis=0)
        return found


class Platt:
    """Log odds -> probabilities: a line, kept near the identity where failures are few (Platt 1999 with a ridge), above a floor.

    The floor is by how much more of the half with the lower scores failed than the line says: what no figure foresaw stays possible.
    """

    def __init__(self) -> None:
        self.slope, self.intercept, self.floor = 1.0, 0.0, 0.0

    def fit(self, scores: Floats, y: Floats) -> Self:
        """Learn from scores of rows that taught no model, and their outcomes."""
        if len(np.unique(y)) > 1:
            line = LogisticRegression(C=1.0).fit(scores[:, None], y)
            self.slope, self.intercept = max(0.0, float(line.coef_[0, 0])), float(line.intercept_[0])  # fmt: skip
            lower = np.argsort(scores, kind="stable")[: len(scores) // 2]
            self.floor = max(0.0, float(np.mean(y[lower] - self.probability(scores[lower]))))
        return self

    def probability(self, scores: Floats) -> Floats:
        """Calibrated probabilities, shape (rows,)."""
        above = 1 / (1 + np.exp(-(self.intercept + self.slope * scores)))
        found: Floats = self.floor + (1 - self.floor) * above
        return found

"""Which model is taken, decided within the rows that teach: nobody looks at a row that is tested.

Every candidate scores the rows to fit, each by a fit that saw no row of its group; `Platt` makes probabilities of these scores. The
candidate with the least log loss is fitted on all of the rows and keeps that calibration. The same rows give the same choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.metrics import log_loss

from paycanary.errors import UsageError
from paycanary.forecast import protocol
from paycanary.forecast.models import Boosted, Logistic, Model, Platt, Together
from paycanary.forecast.signed import SignedLogistic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Array = np.ndarray[Any, Any]

#: Groups of groups within the rows to fit, whose models score each other's rows.
_INNER: Final = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """A fitted and calibrated model; ``losses``: log loss of each candidate that could be judged, by name."""

    name: str
    model: Model
    platt: Platt
    losses: dict[str, float]

    def probability(self, x: Array) -> Array:
        """Calibrated probabilities of rows."""
        return self.platt.probability(self.model.log_odds(x))


def candidates(directions: list[int]) -> dict[str, Callable[[], Model]]:
    """Models that are tried, by name, made anew for each fit."""
    return {
        "logistic": lambda: Logistic(0.003),
        "boosted stumps": lambda: Boosted(directions, leaves=2, trees=300, rate=0.05),
        "boosted trees": lambda: Boosted(directions, leaves=8, trees=80, rate=0.05),
        "logistic + stumps": lambda: Together(Logistic(0.003), Boosted(directions, leaves=2, trees=300, rate=0.05)),
    }  # fmt: skip


def directed(directions: list[int]) -> dict[str, Callable[[], Model]]:
    """Models that live on directions being given, which nobody knows of a table at large."""
    return {
        "signed logistic": lambda: SignedLogistic(directions),
        "signed logistic + stumps": lambda: Together(SignedLogistic(directions), Boosted(directions, leaves=2, trees=300, rate=0.05)),
    }  # fmt: skip


def larger(directions: list[int]) -> dict[str, Callable[[], Model]]:
    """Models held back less, for tables with many failures."""
    return {
        "freer logistic": lambda: Logistic(0.03),
        "many trees": lambda: Boosted(
            directions, leaves=16, trees=300, rate=0.1, smallest=20, seeds=1
        ),
    }


def named(models: dict[str, Callable[[], Model]], only: Sequence[str]) -> dict[str, Callable[[], Model]]:  # fmt: skip
    """The models of these names; of none: all.

    Raises:
        UsageError: there is no model of a name.
    """
    for name in only:
        if name not in models:
            raise UsageError(
                {"ko": f"'{name}': 그런 모형이 없습니다.", "en": f"There is no model '{name}'."},
                {"ko": f"다음 가운데 고르세요: {', '.join(models)}.", "en": f"Choose among: {', '.join(models)}."},
            )  # fmt: skip
    return {name: make for name, make in models.items() if not only or name in only}


def choose(x: Array, y: Array, group: Array, models: Mapping[str, Callable[[], Model]]) -> Chosen:
    """Choose among models, fit and calibrate, on rows to fit alone.

    Args:
        x: (rows, features), NaN where unknown.
        y: 0 or 1, both of them.
        group: the company of each row.
        models: at least one; of equal ones the first is taken.
    """
    calibrations, losses = {}, {}
    for name, make in models.items():
        scores, told = out_of_group(x, y, group, make)
        calibrations[name] = Platt().fit(scores[told], y[told])
        if told.any():
            p = calibrations[name].probability(scores[told])
            losses[name] = float(log_loss(y[told], p, labels=[0, 1]))
    best = min(losses, key=lambda name: losses[name]) if losses else next(iter(models))
    return Chosen(best, models[best]().fit(x, y), calibrations[best], losses)


def out_of_group(x: Array, y: Array, group: Array, make: Callable[[], Model]) -> tuple[Array, Array]:  # fmt: skip
    """Scores of rows, each by a model that did not see its group, and whether there was one that could be fitted."""
    fold = protocol.folds(group, _INNER)
    scores = np.full(len(y), np.nan)
    for one in range(_INNER):
        learn, score = fold != one, fold == one
        if score.any() and len(np.unique(y[learn])) > 1:
            scores[score] = make().fit(x[learn], y[learn]).log_odds(x[score])
    return scores, ~np.isnan(scores)

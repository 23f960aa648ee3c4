"""The forecast that ships: a sum of one term a feature, carried out in plain Python in microseconds.

    card = scorecard()
    card.probability(values)       # values: feature -> figure, unknown ones left out
    card.terms(values)             # by how much each moves the log odds, against the average listed company

A term is a line between knots, level beyond them, and one number where the figure is unknown. `train` makes the file.
"""

from __future__ import annotations

import json
import math
import os
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import ModelError
from paycanary.resources import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Companies for which the model was made, by the name of its file.
LISTED: Final = "listed-12m"


@dataclass(frozen=True, slots=True)
class Term:
    """By how much a figure moves the log odds: ``moves[i]`` at ``knots[i]``, ``unknown`` where it is not known."""

    knots: tuple[float, ...]
    moves: tuple[float, ...]
    unknown: float

    def at(self, value: float | None) -> float:
        """The move of a value; of None, NaN and the infinite, which are no figures, that of an unknown one."""
        if value is None or not math.isfinite(value):
            return self.unknown
        knots, moves = self.knots, self.moves
        above = bisect_right(knots, value)
        if above == 0:
            return moves[0]
        if above == len(knots):
            return moves[-1]
        left, right = knots[above - 1], knots[above]
        return moves[above - 1] + (moves[above] - moves[above - 1]) * (value - left) / (right - left)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scored:
    """What a scorecard tells of one company: ``terms`` by feature, their sum with the intercept, and the probability of that."""

    probability: float
    log_odds: float
    terms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A trained forecast.

    ``intercept``: log odds of the average listed company, at the base rate that the forecast is anchored to. ``floor``: what no figure
    foresees, the least probability there is. ``ranks``: log odds below which 0, 1, ... 100 % of listed companies lie on the reference
    day. ``facts``: what `train` says about it.
    """

    version: str
    months: int
    intercept: float
    floor: float
    terms_by_name: Mapping[str, Term]
    ranks: tuple[float, ...]
    base_rate: float
    facts: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Scorecard:
        """Read what `train` wrote."""
        read: dict[str, Any] = json.loads(text)
        return cls(
            version=read["version"],
            months=read["months"],
            intercept=read["intercept"],
            floor=read["floor"],
            terms_by_name={
                name: Term(tuple(entry["knots"]), tuple(entry["moves"]), entry["unknown"])
                for name, entry in read["terms"].items()
            },
            ranks=tuple(read["ranks"]),
            base_rate=read["base_rate"]["anchored"],
            facts=read,
        )

    def terms(self, values: Mapping[str, float | None]) -> dict[str, float]:
        """Feature -> by how much it moves the log odds."""
        return {name: term.at(values.get(name)) for name, term in self.terms_by_name.items()}

    def score(self, values: Mapping[str, float | None]) -> Scored:
        """All of it at once."""
        terms = self.terms(values)
        log_odds = self.intercept + math.fsum(terms.values())
        return Scored(self.at(log_odds), log_odds, terms)

    def log_odds(self, values: Mapping[str, float | None]) -> float:
        """The log odds of failing."""
        return self.intercept + math.fsum(self.terms(values).values())

    def probability(self, values: Mapping[str, float | None]) -> float:
        """The probability of failing within ``months``, 0 to 1."""
        return self.at(self.log_odds(values))

    def at(self, log_odds: float) -> float:
        """The probability of log odds, 0 to 1."""
        return self.floor + (1 - self.floor) * _logistic(log_odds)

    def rank(self, log_odds: float) -> float:
        """Share of listed companies, in whole hundredths below 1, that had lower log odds on the reference day."""
        steps = len(self.ranks) - 1
        return min(max(0, bisect_right(self.ranks, log_odds) - 1), steps - 1) / steps


def _logistic(log_odds: float) -> float:
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)


def scorecard() -> Scorecard:
    """The forecast in use: that of the file ``PAYCANARY_FORECAST_MODEL`` names, else the one that ships.

    Raises:
        ModelError: the file cannot be read, or is no scorecard.
    """
    return _read(os.environ.get("PAYCANARY_FORECAST_MODEL"))


def shipped() -> str:
    """The text of the one that ships, as `train` wrote it."""
    return read_text("forecast", "trained", f"{LISTED}.json")


@cache
def _read(path: str | None) -> Scorecard:
    if path is None:
        return Scorecard.parse(shipped())
    try:
        return Scorecard.parse(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            {"ko": f"{path}: 예측 모형으로 읽을 수 없습니다({error}).", "en": f"{path}: cannot be read as a forecast ({error})."},
            {"ko": "PAYCANARY_FORECAST_MODEL 을 `paycanary forecast train` 이 쓴 파일로 정하거나 지우세요.", "en": "Set PAYCANARY_FORECAST_MODEL to a file that `paycanary forecast train` wrote, or unset it."},
        ) from error  # fmt: skip

"""A forecast as people read it, for every way of showing one: factors in words, the reasons told first, what is cited."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from paycanary.forecast import telling
from paycanary.forecast.scorecard import scorecard
from paycanary.resources import read_yaml
from paycanary.wording import number, percent

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.forecast.scorecard import Scorecard
    from paycanary.models import Figure, Forecast, Verdict

#: Reasons that are told before all the others.
FIRST: Final = 5
#: Below this a factor has a second decimal: 1.05 is not 1.1.
_FINE: Final = 2
_COARSE: Final = 10


@cache
def words(lang: Lang) -> dict[str, str]:
    """What is said around a forecast."""
    said: dict[str, str] = read_yaml("report", "words", f"forecast.{lang}.yaml")
    return said


def band(name: str, lang: Lang) -> str:
    """What a band means, in a sentence."""
    return str(telling.words(lang)["bands"][name])


def definition(card: Scorecard, lang: Lang) -> str:
    """What counts as failing."""
    return str(telling.words(lang)["definition"]).format(months=card.months)


def heading(title: str) -> str:
    """A reason's title where it begins a line."""
    return title[:1].upper() + title[1:]


def factor(odds: float, lang: Lang) -> str:
    """What a reason does to the odds: ``3.2배 높임``, ``2.4배 낮춤``; ``3.2 times higher``, ``2.4 times lower``."""
    times = max(odds, 1 / odds)
    digits = 2 if times < _FINE else int(times < _COARSE)
    return words(lang)["raises" if odds >= 1 else "lowers"].format(times=number(times, digits))


def cell(forecast: Forecast, lang: Lang) -> str:
    """The forecast in a table: rank first, then the probability."""
    said = words(lang)["cell"]
    return said.format(rank=percent(forecast.rank, lang), probability=percent(forecast.probability, lang))  # fmt: skip


def beneath(lang: Lang) -> str:
    """What stands beneath a table that holds probabilities: the base rate, where their level comes from, what is predicted."""
    card = scorecard()
    said = words(lang)["beneath"].format(months=card.months, base_rate=percent(card.base_rate, lang))  # fmt: skip
    return f"{said} {definition(card, lang)}"


def figures(verdict: Verdict, first: int | None = None) -> list[Figure]:
    """All figures that are cited beside a forecast, or beside why there is none; ``first``: of so many reasons."""
    told = verdict.forecast
    if told is not None:
        return [figure for reason in told.reasons[:first] for figure in reason.figures]
    return list(verdict.forecast_unknown.figures) if verdict.forecast_unknown else []

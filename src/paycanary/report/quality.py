"""How well the forecast told, for people: tables with intervals and reliability plots, all from the scorecard's own facts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from paycanary.documents.forecast import Evaluated, ReliabilityPoint
from paycanary.report.charts import reliability
from paycanary.resources import read_yaml
from paycanary.wording import number, percent, quantity

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.forecast.scorecard import Scorecard
    from paycanary.models import Estimated

#: How a measure is shown; others are plain numbers of two decimals.
_UNITS: Final = {"recall_at_5_percent": "share", "lead_time_months": "months", "calibration_error": "share"}  # fmt: skip
_DIGITS: Final = {"brier_skill": 3}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what is measured, what that means, and a value and its interval a model."""

    name: str
    hint: str
    cells: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Plot:
    """A reliability plot: its name, what it says in words, its points, its SVG."""

    title: str
    told: str
    points: list[ReliabilityPoint]
    svg: str


@dataclass(frozen=True, slots=True)
class Question:
    """What was measured on one question; ``plot`` is of the model in use."""

    name: str
    title: str
    says: str
    models: list[str]
    lines: list[Line]
    plot: Plot | None


def questions(card: Scorecard, lang: Lang) -> list[Question]:
    """Every question of the protocol with the model and the simple rules side by side, the model first."""
    used = card.facts["trained"]["model"]
    results = [Evaluated(**entry) for entry in card.facts["quality"]["results"]]
    results.sort(key=lambda result: result.model != used)
    names = dict.fromkeys(entry["question"] for entry in card.facts["quality"]["results"])
    return [_question(name, [r for r in results if r.question == name], used, lang) for name in names]  # fmt: skip


@cache
def words(lang: Lang) -> dict[str, Any]:
    """What is said of measured quality."""
    said: dict[str, Any] = read_yaml("report", "words", f"quality.{lang}.yaml")
    return said


def model_name(model: str, lang: Lang) -> str:
    """What people call a model or a rule; its own name where nobody calls it otherwise."""
    return str(words(lang)["models"].get(model, model))


def _question(name: str, results: list[Evaluated], used: str, lang: Lang) -> Question:
    said = words(lang)
    told = said["questions"].get(name, {"title": name, "says": ""})
    lines = [
        Line(title, "", [(f"{getattr(result, count):,}", "") for result in results])
        for count, title in said["counts"].items()
    ]
    lines += [
        Line(measure["name"], measure["hint"], [_shown(result.measures.get(key), key, lang) for result in results])
        for key, measure in said["measures"].items()
        if any(key in result.measures for result in results)
    ]  # fmt: skip
    own = next((result for result in results if result.model == used), None)
    plot = _plot(name, told["title"], own.reliability, lang) if own and own.reliability else None
    models = [model_name(result.model, lang) for result in results]
    return Question(name, told["title"], told["says"], models, lines, plot)


def _plot(name: str, question: str, points: list[ReliabilityPoint], lang: Lang) -> Plot:
    said = words(lang)["plot"]
    title = said["title"].format(question=question)
    *others, highest = points
    told = said["told"].format(
        predicted=percent(highest.predicted, lang),
        observed=percent(highest.observed, lang),
        others_predicted=percent(max((p.predicted for p in others), default=0), lang),
        others_observed=percent(max((p.observed for p in others), default=0), lang),
    )
    drawn = reliability(f"reliability-{name}", title, told, [(p.predicted, p.observed) for p in points], (said["predicted"], said["observed"]))  # fmt: skip
    return Plot(title, told, points, drawn)


def _shown(estimate: Estimated | None, measure: str, lang: Lang) -> tuple[str, str]:
    """A measure and its interval; without one where the draws told none."""
    if estimate is None:
        return "–", ""
    if estimate.value is None:
        return str(words(lang)["unknown"]), ""

    def text(value: float) -> str:
        unit = _UNITS.get(measure)
        if unit == "share":
            return percent(value, lang)
        return quantity(value, unit, lang) if unit else number(value, _DIGITS.get(measure, 2))

    if estimate.low is None or estimate.high is None:
        return text(estimate.value), ""
    low, high = text(estimate.low), text(estimate.high)
    unit = high.lstrip("−0123456789.,")
    said = str(words(lang)["interval"]).format(low=low.removesuffix(unit), high=high)
    return text(estimate.value), said

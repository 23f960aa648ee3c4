"""A company's forecast in words: from what is known beside its answers to a `Forecast`, or to why there is none."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from paycanary import citations
from paycanary.forecast.features import MAX_AGE_MONTHS, features, meaning
from paycanary.forecast.scorecard import Scorecard, probability, scorecard
from paycanary.models import (
    Estimated,
    Figure,
    Forecast,
    ForecastChange,
    ForecastQuality,
    ForecastReason,
    Reason,
    Unknown,
)
from paycanary.resources import read_yaml
from paycanary.text import percent, quantity, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paycanary.errors import Lang
    from paycanary.signals.known import BesideRow, Known

#: What a part of the log odds must reach to be told as a reason: the odds times 1.05, or through it.
_LEAST: Final = 0.05
#: Reasons whose change is told.
_CHANGES: Final = 3
Band = Literal["top_5", "top_20", "upper_half", "lower_half"]
_BANDS: Final[tuple[tuple[float, Band], ...]] = (
    (0.95, "top_5"), (0.8, "top_20"), (0.5, "upper_half"), (0.0, "lower_half"),
)  # fmt: skip
_FLAGS: Final[dict[Lang, tuple[str, str]]] = {"ko": ("아니요", "예"), "en": ("no", "yes")}


def forecast(known: Known, lang: Lang, card: Scorecard | None = None) -> Forecast | Unknown:
    """The forecast of a company of which ``known`` is known; or why there is none."""
    card = card or scorecard()
    values = values_of(known.beside)
    failed = [row for row in known.beside if row.topic == "failed"]
    if is_stale(card):
        return _none("not_computable", "stale", lang)
    if failed:
        what = _words(lang)["failed_by"][failed[0].concept].format(text=word(failed[0].text or "", lang))  # fmt: skip
        return _none("not_applicable", "failed", lang, failed, what=what, day=failed[0].period_end)
    if not values:
        return _none(*_why_not(known.held), lang)
    return _told(card, values, known.beside, lang)


def is_stale(card: Scorecard) -> bool:
    """Whether it was taught with other features than this program makes."""
    return bool(card.facts["trained"]["features_sha256"] != meaning())


def values_of(beside: Iterable[BesideRow]) -> dict[str, float | None]:
    """Features by name; unknown ones are left out."""
    return {row.concept: row.value for row in beside if row.topic == "feature"}


def reasons_of(card: Scorecard, values: Mapping[str, float | None]) -> dict[str, float]:
    """Reason -> by how much it moves the log odds, the strongest first."""
    moved: dict[str, float] = {}
    for name, move in card.terms(values).items():
        reason = features()[name].reason
        moved[reason] = moved.get(reason, 0.0) + move
    return dict(sorted(moved.items(), key=lambda item: (-abs(item[1]), item[0])))


def _told(card: Scorecard, values: dict[str, float | None], beside: list[BesideRow], lang: Lang) -> Forecast:  # fmt: skip
    words = _words(lang)
    log_odds = card.log_odds(values)
    moved = reasons_of(card, values)
    rank = card.rank(log_odds)
    chance = probability(log_odds)
    shown = _Shown(values, lang)
    return Forecast(
        probability=chance,
        base_rate=card.base_rate,
        months=card.months,
        rank=rank,
        band=next(band for least, band in _BANDS if rank >= least),
        sentence=words["sentence"].format(
            probability=percent(chance, lang), months=card.months, base_rate=percent(card.base_rate, lang), rank=percent(rank, lang)
        ),
        definition=definition(card, lang),
        anchor=anchor(card, lang),
        limits=limits(lang),
        reasons=[
            ForecastReason(
                reason=reason,
                title=words["reasons"][reason]["title"],
                sentence=words["reasons"][reason]["sentence"].format_map(shown),
                odds=_odds(move),
                figures=[_figure(row) for row in beside if row.topic == reason and row.filing_id],
            )
            for reason, move in moved.items()
            if abs(move) >= _LEAST
        ],
        changes=[
            ForecastChange(
                reason=reason,
                sentence=words["change"].format(
                    title=words["reasons"][reason]["title"], probability=percent(probability(log_odds - move), lang)
                ),
                probability=probability(log_odds - move),
            )
            for reason, move in sorted(moved.items(), key=lambda item: -item[1])[:_CHANGES]
            if move >= _LEAST
        ],
        model_version=card.version,
        quality=quality(card, lang),
    )  # fmt: skip


def quality(card: Scorecard, lang: Lang) -> list[ForecastQuality]:
    """How well the model told what it had not seen, a sentence a question."""
    found = []
    for result in card.facts["quality"]["results"]:
        if result["model"] != card.facts["trained"]["model"]:
            continue
        measures = {name: Estimated(**value) for name, value in result["measures"].items()}
        found.append(
            ForecastQuality(
                question=result["question"],
                sentence=_words(lang)["quality"][result["question"]].format(
                    rows=f"{result['rows']:,}", failed_companies=result["failed_companies"],
                    recall=_interval(measures["recall_at_5_percent"], lang), auc=_interval(measures["auc"], lang),
                ),
                rows=result["rows"],
                failed_rows=result["failed_rows"],
                failed_companies=result["failed_companies"],
                measures=measures,
            )
        )  # fmt: skip
    return found


def _none(reason: Reason, why: str, lang: Lang, rows: Iterable[BesideRow] = (), **said: Any) -> Unknown:  # fmt: skip
    words = _words(lang)
    return Unknown(
        what="forecast",
        title=words["title"],
        reason=reason,
        explanation=words["unknown"][why].format(max_age_months=MAX_AGE_MONTHS, **said),
        figures=[_figure(row) for row in rows if row.filing_id],
    )


def _why_not(held: set[str]) -> tuple[Reason, str]:
    """Why a company of which ``held`` is known has no features."""
    if "known opinion" in held:
        return "too_old", "too_old"
    if "statements" in held:
        return "not_applicable", "statements_only"
    if "known workplace_month" in held and not held & {"filings", "exchange"}:
        return "not_applicable", "pension_only"
    return "not_filed", "not_filed"


def band(name: str, lang: Lang) -> str:
    """What a band means, in a sentence."""
    return str(_words(lang)["bands"][name])


def title(reason: str, lang: Lang) -> str:
    """What figures of one kind are called."""
    return str(_words(lang)["reasons"][reason]["title"])


def definition(card: Scorecard, lang: Lang) -> str:
    """What counts as failing."""
    return str(_words(lang)["definition"]).format(months=card.months)


def limits(lang: Lang) -> str:
    """What the forecast cannot say."""
    return str(_words(lang)["limits"])


def stale(lang: Lang) -> str:
    """Why there is no forecast where `is_stale`."""
    return str(_words(lang)["unknown"]["stale"])


def anchor(card: Scorecard, lang: Lang) -> str:
    """Where the level of the probabilities comes from."""
    base = card.facts["base_rate"]
    shares = {name: percent(base[name], lang) for name in ("anchored", "rows")}
    counts = {name: value for name, value in base.items() if name not in shares}
    return str(_words(lang)["anchor"]).format(**shares, **counts)


class _Shown(dict[str, str]):
    """Features as text, by name; one that is not known says so."""

    def __init__(self, values: Mapping[str, float | None], lang: Lang) -> None:
        super().__init__()
        self._values, self._lang = values, lang

    def __missing__(self, name: str) -> str:
        value = self._values.get(name)
        if value is None:
            return str(_words(self._lang)["missing"])
        unit = features()[name].unit
        if unit == "flag":
            return _FLAGS[self._lang][int(value)]
        if unit == "share":
            return percent(value, self._lang)
        return quantity(value, unit, self._lang)


def _odds(move: float) -> float:
    """The factor, to three significant digits."""
    return float(f"{math.exp(move):.3g}")


def _interval(estimate: Estimated, lang: Lang) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "-"
    joined = "~" if lang == "ko" else " to "
    return f"{estimate.value:.2f} ({estimate.low:.2f}{joined}{estimate.high:.2f})"


def _figure(row: BesideRow) -> Figure:
    value: float | int | str | None = row.text if row.text is not None else row.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Figure(
        concept=row.concept, value=value, unit=row.unit, period_end=row.period_end,
        source=cast("str", row.source), filing_id=cast("str", row.filing_id), published_on=cast("Any", row.published_on),
        url=citations.url(cast("str", row.source), cast("str", row.filing_id)),
    )  # fmt: skip


@cache
def _words(lang: Lang) -> dict[str, Any]:
    words: dict[str, Any] = read_yaml("forecast", "words", f"{lang}.yaml")
    return words

"""A company's forecast in words: from what is known beside its answers to a `Forecast`, or to why there is none."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast

from paycanary import citations
from paycanary.forecast import remote
from paycanary.forecast.features import MAX_AGE_MONTHS, features, meaning
from paycanary.forecast.scorecard import Scorecard, scorecard
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
from paycanary.wording import percent, quantity, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paycanary.errors import Lang
    from paycanary.signals.known import BesideRow, Known

#: What a part of the log odds must reach to be told as a reason: the odds times 1.05, or through it.
_LEAST: Final = 0.05
#: Last days for the reports of fiscal years that end in December: 90 days after a year, 45 after a quarter (Capital Markets Act 159, 160).
_DUE: Final = ((11, 14), (8, 14), (5, 15), (3, 31))
#: Figures that must be known where one filing alone is: a full report brings so many, and a mere column of a later one does not.
_FIGURES: Final = 22
#: Features of which one at least must be known: what is left without them is known of every company.
_NEEDED: Final = ("net_income", "interim_net_income_per_head", "interim_net_loss", "headcount")
#: Days that companies file before the last, and until what was filed on it is taken in.
_EARLY: Final = timedelta(days=30)
_GRACE: Final = timedelta(days=7)
#: Reasons whose change is told.
_CHANGES: Final = 3
Band = Literal["top_5", "top_20", "upper_half", "lower_half"]
_BANDS: Final[tuple[tuple[float, Band], ...]] = (
    (0.95, "top_5"), (0.8, "top_20"), (0.5, "upper_half"), (0.0, "lower_half"),
)  # fmt: skip
_FLAGS: Final[dict[Lang, tuple[str, str]]] = {"ko": ("아니요", "예"), "en": ("no", "yes")}


def forecast(known: Known, as_of: date, lang: Lang, card: Scorecard | None = None) -> Forecast | Unknown:  # fmt: skip
    """The forecast of a company of which ``known`` was known by ``as_of``; or why there is none."""
    card = card or scorecard()
    values = values_of(known.beside)
    failed = [row for row in known.beside if row.topic == "failed"]
    if is_stale(card):
        return _none("not_computable", "stale", lang)
    if failed:
        # An event may be filed after it happened, and announced before.
        day = max(day for day in (failed[0].period_end, failed[0].published_on) if day)
        what = words(lang)["failed_by"][failed[0].concept].format(text=word(failed[0].text or "", lang))  # fmt: skip
        return _none("not_applicable", "failed", lang, failed, what=what, day=day)
    if not values:
        return _none(*_why_not(known.held), lang)
    (until,) = (row for row in known.beside if row.topic == "until")
    stored = Stored(until.value, until.period_end, until.text)
    if hindered := _hindered(values, stored, as_of):
        return _none(*hindered, lang, until=stored.until, due=stored.due(as_of))
    return _told(card, values, known.beside, lang, is_one=stored.is_one)


def _hindered(values: Mapping[str, float | None], stored: Stored, as_of: date) -> tuple[Reason, str] | None:  # fmt: skip
    """Why a company with these features has no forecast; None where it has one."""
    if not stored.is_current(as_of):
        return "not_taken_in", "not_current"
    if stored.is_one and sum(value is not None for value in values.values()) < _FIGURES:
        return "not_filed", "one_filing"
    if all(values.get(name) is None for name in _NEEDED):
        return "not_filed", "too_few"
    return None


class Stored(NamedTuple):
    """How many filings of a company are stored, up to when the market's are, and up to when they would be if as a year before."""

    filings: float | None
    until: date | None
    expected: str | None

    @property
    def is_one(self) -> bool:
        """Whether one filing alone is known of the company, or none."""
        return not self.filings or self.filings < 2  # noqa: PLR2004 - two

    def due(self, as_of: date) -> date:
        """The day up to which the market's reports should be stored: as a year before, else as the law has it."""
        return date.fromisoformat(self.expected) if self.expected else due(as_of)

    def is_current(self, as_of: date) -> bool:
        """Whether they are, so that what is missing of a company was missing."""
        return self.until is not None and self.until >= self.due(as_of) - _EARLY


def due(as_of: date) -> date:
    """The last day by which reports of most companies had to be filed, and `_GRACE` has passed since."""
    days = (date(year, month, day) for year in (as_of.year, as_of.year - 1) for month, day in _DUE)
    return next(day for day in days if day + _GRACE <= as_of)


def probabilities(rows: Iterable[tuple[str, str, str, float | None, str | None, date | None]], as_of: date) -> dict[str, float]:  # fmt: skip
    """Company -> probability, of those that have a forecast: the same as `forecast` gives, for many at once.

    Args:
        rows: company, topic, concept, value, text and day of what is known beside the answers; topics feature, failed and until.
        as_of: the day on which it was known.
    """
    card = scorecard()
    values: dict[str, dict[str, float | None]] = {}
    stored: dict[str, Stored] = {}
    failed = set()
    for company, topic, concept, value, text, day in rows:
        if topic == "feature":
            values.setdefault(company, {})[concept] = value
        elif topic == "failed":
            failed.add(company)
        else:
            stored[company] = Stored(value, day, text)
    if is_stale(card):
        return {}
    asked = {company: known for company, known in values.items() if company not in failed and not _hindered(known, stored[company], as_of)}  # fmt: skip
    return dict(zip(asked, remote.probabilities(card, list(asked.values())), strict=True))


def is_stale(card: Scorecard) -> bool:
    """Whether it was taught with other features than this program makes."""
    return bool(card.facts["trained"]["features_sha256"] != meaning())


def values_of(beside: Iterable[BesideRow]) -> dict[str, float | None]:
    """Features by name; unknown ones are left out."""
    return {row.concept: row.value for row in beside if row.topic == "feature"}


def reasons_of(card: Scorecard, values: Mapping[str, float | None]) -> dict[str, float]:
    """Reason -> by how much it moves the log odds, the strongest first."""
    return _reasons(card.terms(values))


def _reasons(terms: Mapping[str, float]) -> dict[str, float]:
    moved: dict[str, float] = {}
    for name, move in terms.items():
        reason = features()[name].reason
        moved[reason] = moved.get(reason, 0.0) + move
    return dict(sorted(moved.items(), key=lambda item: (-abs(item[1]), item[0])))


def _told(card: Scorecard, values: dict[str, float | None], beside: list[BesideRow], lang: Lang, *, is_one: bool) -> Forecast:  # fmt: skip
    said = words(lang)
    scored = remote.score(card, values)
    log_odds, chance = scored.log_odds, scored.probability
    moved = _reasons(scored.terms)
    rank = card.rank(log_odds)
    shown = _Shown(values, lang)
    return Forecast(
        probability=chance,
        base_rate=card.base_rate,
        months=card.months,
        rank=rank,
        band=next(band for least, band in _BANDS if rank >= least),
        sentence=said["sentence"].format(
            probability=percent(chance, lang), months=card.months, base_rate=percent(card.base_rate, lang), rank=percent(rank, lang)
        ) + (f" {said['one_filing']}" if is_one else ""),
        definition=said["definition"].format(months=card.months),
        anchor=anchored(card, lang),
        limits=said["limits"],
        reasons=[
            ForecastReason(
                reason=reason,
                title=said["reasons"][reason]["title"],
                sentence=_sentence(reason, move, shown, lang),
                odds=_odds(move),
                figures=[_figure(row) for row in beside if row.topic == reason and row.filing_id],
            )
            for reason, move in moved.items()
            if abs(move) >= _LEAST
        ],
        changes=[
            ForecastChange(
                reason=reason,
                sentence=said["change"].format(
                    title=said["reasons"][reason]["title"], probability=percent(card.at(log_odds - move), lang)
                ),
                probability=card.at(log_odds - move),
            )
            for reason, move in sorted(moved.items(), key=lambda item: -item[1])[:_CHANGES]
            if move >= _LEAST and percent(card.at(log_odds - move), lang) != percent(chance, lang)
        ],
        known_features=sum(value is not None for name, value in values.items() if name in card.terms_by_name),
        asked_features=len(card.terms_by_name),
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
                sentence=words(lang)["quality"][result["question"]].format(
                    rows=f"{result['rows']:,}", failed_companies=result["failed_companies"],
                    recall=_interval(measures["recall_at_5_percent"], lang, 100), auc=_interval(measures["auc"], lang),
                ),
                rows=result["rows"],
                failed_rows=result["failed_rows"],
                failed_companies=result["failed_companies"],
                measures=measures,
            )
        )  # fmt: skip
    return found


def _none(reason: Reason, why: str, lang: Lang, rows: Iterable[BesideRow] = (), **filled: Any) -> Unknown:  # fmt: skip
    said = words(lang)
    return Unknown(
        what="forecast",
        title=said["title"],
        reason=reason,
        explanation=said["unknown"][why].format(max_age_months=MAX_AGE_MONTHS, **filled),
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


def anchored(card: Scorecard, lang: Lang) -> str:
    """Where the level of its probabilities comes from."""
    base = card.facts["base_rate"]
    shares = {name: percent(base[name], lang) for name in ("anchored", "rows")}
    counts = {name: value for name, value in base.items() if name not in shares}
    return str(words(lang)["anchor"]).format(**shares, **counts)


class _Shown(dict[str, str]):
    """Features as text, by name; one that is not known says so."""

    def __init__(self, values: Mapping[str, float | None], lang: Lang) -> None:
        super().__init__()
        self._values, self._lang = values, lang

    def knows(self, name: str) -> bool:
        """Whether a feature is known."""
        return self._values.get(name) is not None

    def __missing__(self, name: str) -> str:
        value = self._values.get(name)
        if value is None:
            return str(words(self._lang)["missing"])
        unit = features()[name].unit
        if unit == "flag":
            return _FLAGS[self._lang][int(value)]
        if unit == "share":
            return percent(value, self._lang)
        return quantity(value, unit, self._lang)


def _sentence(reason: str, move: float, shown: _Shown, lang: Lang) -> str:
    """A reason's figures; where none is known, what that alone told."""
    if any(shown.knows(name) for name, feature in features().items() if feature.reason == reason):
        return str(words(lang)["reasons"][reason]["sentence"].format_map(shown))
    return str(words(lang)["nothing_known"]["more" if move > 0 else "less"])


def _odds(move: float) -> float:
    """The factor, to three significant digits."""
    return float(f"{math.exp(move):.3g}")


def _interval(estimate: Estimated, lang: Lang, scale: int = 1) -> str:
    """``0.94 (0.92 to 0.97)``; by a scale of 100 in percent."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "-"
    value, low, high = (f"{at * scale:.{0 if scale > 1 else 2}f}" for at in (estimate.value, estimate.low, estimate.high))  # fmt: skip
    unit = {"ko": "%", "en": " %"}[lang] if scale > 1 else ""
    return f"{value}{unit} ({low}{'~' if lang == 'ko' else ' to '}{high}{unit})"


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
def words(lang: Lang) -> dict[str, Any]:
    """What a forecast says, by place (``words/``)."""
    found: dict[str, Any] = read_yaml("forecast", "words", f"{lang}.yaml")
    return found

"""Companies of a table -> verdicts as a row has room for them: found by the product's own search, judged as every door judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paycanary import history
from paycanary.documents.notion import CitedFiling, NotionRow, RowVerdict
from paycanary.notion.companies import Finder, Match
from paycanary.notion.words import words
from paycanary.report.candidates import candidate
from paycanary.wording import month, number, percent, quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date
    from typing import Literal

    from paycanary.documents.notion import HeadcountYear
    from paycanary.errors import Lang
    from paycanary.models import Verdict
    from paycanary.progress import Progress
    from paycanary.signals.custom import Criteria
    from paycanary.verdict import Session

_RUNWAY: Final = "cash_runway"
_HEADCOUNT: Final = ("listed_headcount_change", "headcount_change")
#: Up to so many companies are asked one by one; more are asked as a screen is.
_FEW: Final = 3
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A row before it is judged: its number from 1, its page, and the cell that names the company."""

    number: int
    title: str
    cell: str
    page_id: str | None = None
    page_unknown: Literal["no_page", "several_pages"] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """How rows are judged.

    Args:
        as_of: the day.
        lang: language of sentences.
        criteria: thresholds, weights and vetoes.
        is_title: the cells are titles of pages, where more than a name may stand.
        with_forecast: probabilities are told too.
        beside: puts accepted corrections beside verdicts.
    """

    as_of: date
    lang: Lang
    criteria: Criteria
    is_title: bool = False
    with_forecast: bool = False
    beside: Callable[[list[Verdict]], list[Verdict]] = lambda verdicts: verdicts


def judge(
    session: Session, rows: Iterable[Asked], question: Question, progress: Progress
) -> list[NotionRow]:
    """Every row with its verdict, or with the reason why it has none; the same company is judged once.

    The names are looked for in one index, and the verdicts of all companies come from one asking.
    """
    asked = list(rows)
    finder = Finder(session.index)
    progress.step(str(words("check", question.lang)["step_find"]), len(asked))
    matches: list[Match] = []
    for row in asked:
        matches.append(finder.find(row.cell, is_title=question.is_title))
        progress.advance()
    wanted = list(dict.fromkeys(m.hit.company_id for m in matches if m.hit is not None))
    progress.step(str(words("check", question.lang)["step_judge"]))
    judged = _verdicts(session, wanted, question)
    return [
        _row(row, match, judged.get(match.hit.company_id) if match.hit else None, question.lang)
        for row, match in zip(asked, matches, strict=True)
    ]


def _verdicts(session: Session, wanted: Sequence[str], question: Question) -> dict[str, RowVerdict]:
    day, lang, criteria = question.as_of, question.lang, question.criteria
    changes: dict[str, HeadcountYear] = {}
    if len(wanted) <= _FEW:
        found = {}
        for company in wanted:
            found[company] = session.verdict(company, day, lang, criteria)
            changes |= history.year_changes(session, [company])
    else:
        found = session.verdicts(wanted, day, lang, criteria)
        changes = history.year_changes(session, wanted)
    verdicts = question.beside(list(found.values()))
    return {
        company: _short(verdict, changes.get(company), with_forecast=question.with_forecast)
        for company, verdict in zip(found, verdicts, strict=True)
    }


def _short(verdict: Verdict, change: HeadcountYear | None, *, with_forecast: bool) -> RowVerdict:
    runway = next((f for f in verdict.findings if f.signal == _RUNWAY), None)
    forecast = verdict.forecast if with_forecast else None
    company = verdict.company
    return RowVerdict(
        company_id=company.id,
        company=company.name,
        stock_code=company.stock_code,
        corp_code=company.corp_code,
        level=verdict.level,
        sentence=verdict.sentence,
        runway_months=runway.measure if runway else None,
        runway_sentence=runway.sentence if runway else _why_unknown(verdict, (_RUNWAY,), "runway_off"),
        headcount_change=change,
        headcount_sentence=_headcount(verdict, change),
        probability=forecast.probability if forecast else None,
        base_rate=forecast.base_rate if forecast else None,
        forecast_sentence=_forecast(verdict) if with_forecast else None,
        filings=_filings(verdict, change),
        corrections=verdict.corrections,
        as_of=verdict.as_of,
        data_until=verdict.data_until,
    )  # fmt: skip


def _why_unknown(verdict: Verdict, signals: Sequence[str], otherwise: str) -> str:
    """The verdict's own words on why a signal has no answer."""
    said = {u.what: f"{u.title}: {u.explanation}" for u in verdict.unknown}
    told = next((said[signal] for signal in signals if signal in said), None)
    return told or str(words("check", verdict.lang)[otherwise])


def _headcount(verdict: Verdict, change: HeadcountYear | None) -> str:
    if change is None:
        listed_first = _HEADCOUNT if verdict.company.stock_code else tuple(reversed(_HEADCOUNT))
        return _why_unknown(verdict, listed_first, "headcount_unpaired")
    said, lang = words("check", verdict.lang), verdict.lang
    return str(said[f"headcount_{change.kind}"]).format(
        before=quantity(_heads(change.before.value), "persons", lang),
        after=quantity(_heads(change.after.value), "persons", lang),
        then=month(change.before.period_end, lang) if change.before.period_end else "",
        now=month(change.after.period_end, lang) if change.after.period_end else "",
        change=f"{number(change.percent)}%" if lang == "ko" else f"{number(change.percent)} %",
    )


def _heads(value: float | str | None) -> float:
    return value if isinstance(value, int | float) else 0.0


def _forecast(verdict: Verdict) -> str | None:
    if verdict.forecast is None:
        return verdict.forecast_unknown.explanation if verdict.forecast_unknown else None
    forecast, lang = verdict.forecast, verdict.lang
    return str(words("check", lang)["forecast"]).format(
        months=forecast.months,
        probability=percent(forecast.probability, lang),
        base_rate=percent(forecast.base_rate, lang),
        definition=forecast.definition,
    )


def _filings(verdict: Verdict, change: HeadcountYear | None) -> list[CitedFiling]:
    """Every filing that a figure shown rests on, once: of findings in their order, then of the change in headcount."""
    figures = [figure for finding in verdict.findings for figure in finding.figures]
    if change is not None:
        figures += [change.after, change.before]
    told = {
        (f.source, f.filing_id): CitedFiling(source=f.source, filing_id=f.filing_id, published_on=f.published_on, url=f.url)
        for f in reversed(figures)
    }  # fmt: skip
    order = dict.fromkeys((f.source, f.filing_id) for f in figures)
    return [told[key] for key in order]


def _row(asked: Asked, match: Match, verdict: RowVerdict | None, lang: Lang) -> NotionRow:
    return NotionRow(
        number=asked.number,
        title=asked.title,
        page_id=asked.page_id,
        page_unknown=asked.page_unknown,
        asked=match.asked,
        state=match.state,
        reason=None if verdict else _reason(match, lang),
        candidates=[candidate(hit) for hit in match.candidates[:_NAMED]],
        verdict=verdict,
    )


def _reason(match: Match, lang: Lang) -> str:
    """Why a row was not judged, with what came near."""
    labels = "; ".join(hit.label() for hit in match.candidates[:_NAMED])
    said = words("check", lang)["states"]
    key = "not_found_near" if match.state == "not_found" and match.nearest else match.state
    return str(said[key]).format(asked=match.asked, candidates=labels, nearest=", ".join(match.nearest))  # fmt: skip

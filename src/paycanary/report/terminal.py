"""A verdict for a terminal or a pipe: the sentence, then findings with figures, sources and dates."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.padding import Padding
from rich.text import Text

from paycanary.report import forecast as forecasts
from paycanary.report.names import GROUPS, LEVELS, MARKS, figure_value, source_name
from paycanary.signals import catalog
from paycanary.verdict import concept_name
from paycanary.wording import month

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from paycanary.errors import Lang
    from paycanary.models import Correction, Figure, Finding, Verdict

STYLES: Final = {"danger": "bold red", "watch": "yellow", "good": "green", "unknown": "dim"}
_WORDS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {
        "as_of": "{} 기준", "published": "공시", "unknown": "모르는 것", "questions": "면접에서 물어볼 것",
        "sample": "내장 표본으로 답했습니다. 전체 자료는 `paycanary refresh` 로 받으세요.", "until": "자료: {}까지 공개된 것", "error": "오류 신고: {}",
        "links": "같은 회사로 본 등록부: {}", "sure": "확실도 {}", "full": "까닭과 직접 찾아볼 곳: --full",
        "corrections": "받아들인 오류 신고", "correction": "↳ {} 받아들인 정정({}, {}): {}", "company": "회사가 신고", "other": "다른 사람이 신고",
    },
    "en": {
        "as_of": "as of {}", "published": "published", "unknown": "Unknown", "questions": "To ask in the interview",
        "sample": "Answered from the built-in sample. Take in full data with `paycanary refresh`.", "until": "Data: published up to {}", "error": "Report an error: {}",
        "links": "Registers taken for the same company: {}", "sure": "confidence {}", "full": "Why, and where to look yourself: --full",
        "corrections": "Accepted reports of errors", "correction": "↳ Correction accepted on {} ({}, {}): {}", "company": "reported by the company", "other": "reported by someone else",
    },
}  # fmt: skip


def show_verdict(console: Console, verdict: Verdict, *, full: bool = False) -> None:
    """Print a verdict; ``full`` spells out, for everything unknown, why and where a person can look."""
    lang = verdict.lang
    words = _WORDS[lang]
    company = verdict.company
    ids = " · ".join(
        x for x in (company.stock_code, company.market, company.industry, company.region) if x
    )
    head = Text(company.name, style="bold")
    head.append(f"  {ids}  " if ids else "  ", style="dim")
    head.append(words["as_of"].format(verdict.as_of), style="dim")
    console.print(head)
    lead = Text(
        f"{MARKS[verdict.level]} {LEVELS[lang][verdict.level]}  ", style=STYLES[verdict.level]
    )
    lead.append(verdict.sentence, style="bold")
    console.print(lead)
    console.print(Text(verdict.coverage_sentence, style="dim"))
    if verdict.sample:
        console.print(Text(words["sample"], style="dim"))
    for group, findings in groupby(_by_group(verdict.findings), key=lambda f: f.group):
        console.print()
        console.print(Text(GROUPS[lang][group], style="bold underline"))
        for finding in findings:
            _show_finding(console, finding, verdict)
    first = None if full else forecasts.FIRST
    _show_forecast(console, verdict, first)
    _show_unknown(console, verdict, full=full)
    shown = [figure for finding in verdict.findings for figure in finding.figures]
    shown += forecasts.figures(verdict, first)
    show_corrections(
        console, verdict, [c for c in verdict.corrections if not any(map(c.is_about, shown))]
    )
    if verdict.questions:
        console.print()
        console.print(Text(words["questions"], style="bold underline"))
        for i, question in enumerate(verdict.questions, 1):
            _show_indented(console, Text(f"{i}. {question}"), 2)
    console.print()
    _show_links(console, verdict)
    if verdict.data_until:
        console.print(Text(words["until"].format(verdict.data_until), style="dim"))
    if verdict.report_error:
        console.print(Text(words["error"].format(verdict.report_error), style="dim"))


def figure_line(figures: Iterable[Figure], lang: Lang) -> list[str]:
    """Figures of one finding, a line a filing: source, number, day, then what it says."""
    lines: dict[tuple[str, str, str], list[str]] = {}
    for figure in sorted(figures, key=lambda f: (f.published_on, str(f.period_end)), reverse=True):
        key = (
            source_name(figure.source, lang),
            figure.filing_id,
            str(figure.published_on),
        )
        lines.setdefault(key, []).append(figure_text(figure, lang))
    published = _WORDS[lang]["published"]
    return [
        f"{' · '.join(texts)}  [{source} {filing}, {day} {published}]"
        for (source, filing, day), texts in lines.items()
    ]


def figure_text(figure: Figure, lang: Lang) -> str:
    """``당기순이익 2024.12 −1,277억 원``."""
    name = concept_name(figure.concept, lang)
    period = f" {month(figure.period_end, lang)}" if figure.period_end else ""
    return f"{name}{period} {figure_value(figure.value, figure.unit, lang)}"


def _by_group(findings: Iterable[Finding]) -> list[Finding]:
    """Groups in the order of their gravest finding; findings keep their order."""
    order: dict[str, int] = {}
    for finding in findings:
        order.setdefault(finding.group, len(order))
    return sorted(findings, key=lambda f: order[f.group])


def show_corrections(console: Console, verdict: Verdict, corrections: Sequence[Correction]) -> None:
    """Print corrections apart from their figures, each with what was shown when it was reported."""
    if not corrections:
        return
    console.print()
    title = f"{_WORDS[verdict.lang]['corrections']} ({verdict.company.name})"
    console.print(Text(title, style="bold underline"))
    for correction in corrections:
        if correction.shown:
            _show_indented(console, Text(correction.shown, style="dim"), 2)
        _show_indented(console, Text(_correction_line(correction, verdict.lang)), 2)


def _correction_line(correction: Correction, lang: Lang) -> str:
    """One line, since a statement may hold line ends: day, who reported, number, what stands beside the figure."""
    words = _WORDS[lang]
    statement = " ".join(correction.statement.split())
    return words["correction"].format(
        correction.accepted_on, words[correction.reporter], correction.id, statement
    )


def _show_finding(console: Console, finding: Finding, verdict: Verdict) -> None:
    lang = verdict.lang
    line = Text()
    mark = f"{MARKS[finding.level]} {LEVELS[lang][finding.level]}  "
    line.append(mark, style=STYLES[finding.level])
    line.append(finding.title, style="bold")
    line.append(f"  {finding.sentence}")
    _show_indented(console, line, 2)
    _show_figures(console, finding.figures, verdict)


def _show_figures(console: Console, figures: Sequence[Figure], verdict: Verdict) -> None:
    """Figures with the filings that they stand in, and corrections beside them."""
    for text in figure_line(figures, verdict.lang):
        _show_indented(console, Text(text, style="dim"), 8)
    for correction in verdict.corrections:
        if any(map(correction.is_about, figures)):
            _show_indented(console, Text(_correction_line(correction, verdict.lang)), 8)


def _show_forecast(console: Console, verdict: Verdict, first: int | None) -> None:
    """Rank, probability, base rate and what is predicted together; then ``first`` reasons, all and what it rests on where None."""
    said, told, unknown = forecasts.words(verdict.lang), verdict.forecast, verdict.forecast_unknown
    if told is None:
        if unknown is not None:
            console.print()
            console.print(Text(unknown.title, style="bold underline"))
            _show_indented(console, Text(unknown.explanation), 2)
            _show_figures(console, unknown.figures, verdict)
        return
    console.print()
    console.print(Text(said["title"].format(months=told.months), style="bold underline"))
    lead = Text(forecasts.band(told.band, verdict.lang), style="bold").append(f" {told.sentence}", style="not bold")  # fmt: skip
    _show_indented(console, lead, 2)
    _show_indented(console, Text(told.definition, style="dim"), 2)
    known = said["known"].format(known=told.known_features, asked=told.asked_features)
    _show_indented(console, Text(known, style="dim"), 2)
    if told.reasons:
        _show_indented(console, Text(said["reasons"], style="dim"), 2)
    for reason in told.reasons[:first]:
        line = Text(f"{'↑' if reason.odds >= 1 else '↓'} {forecasts.factor(reason.odds, verdict.lang)}  ")  # fmt: skip
        line.append(forecasts.heading(reason.title), style="bold").append(
            f"  {reason.sentence}", style="not bold"
        )
        _show_indented(console, line, 4)
        _show_figures(console, reason.figures, verdict)
    if first is not None and len(told.reasons) > first:
        more = said["more"].format(n=len(told.reasons) - first)
        _show_indented(console, Text(more, style="dim"), 4)
    if told.changes:
        _show_indented(console, Text(said["changes"], style="dim"), 2)
    for change in told.changes:
        _show_indented(console, Text(change.sentence), 4)
    rest = [told.anchor, told.limits, *(q.sentence for q in told.quality), said["version"].format(version=told.model_version)]  # fmt: skip
    if first is not None:
        rest = [said["anchored"].format(version=told.model_version)]
    for text in rest:
        _show_indented(console, Text(text, style="dim"), 2)


def _show_indented(console: Console, text: Text, indent: int) -> None:
    """Print behind a margin: kept by wrapped lines in a terminal; one unbroken line in a pipe."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent)))
    else:
        console.print(Text(" " * indent) + text)


def _show_unknown(console: Console, verdict: Verdict, *, full: bool) -> None:
    """What is unknown, a line a reason; ``full``: a line a question."""
    if not verdict.unknown:
        return
    lang = verdict.lang
    console.print()
    title = f"{_WORDS[lang]['unknown']} ({len(verdict.unknown)})"
    console.print(Text(title, style="bold underline"))
    if full:
        for item in verdict.unknown:
            _show_indented(console, Text(f"{item.title}: {item.explanation}", style="dim"), 2)
        return
    # An entry that may be about the company is never hidden behind a reason.
    named = [i for i in verdict.unknown if i.figures and i.reason == "not_matched"]
    for item in named:
        _show_indented(console, Text(f"{item.title}: {item.explanation}"), 2)
    by_reason: dict[str, list[str]] = {}
    for item in (i for i in verdict.unknown if i not in named):
        by_reason.setdefault(item.reason, []).append(item.title)
    for reason, titles in by_reason.items():
        text = f"{catalog.reasons(lang)[reason]} {', '.join(titles)}"
        _show_indented(console, Text(text, style="dim"), 2)
    _show_indented(console, Text(_WORDS[lang]["full"], style="dim"), 2)


def _show_links(console: Console, verdict: Verdict) -> None:
    """Say which registers were taken for this company wherever that is not certain."""
    words = _WORDS[verdict.lang]
    doubtful = [link for link in verdict.company.links if link.confidence < 1]
    if doubtful:
        shown = ", ".join(
            f"{source_name(link.source, verdict.lang)} {link.name} ({words['sure'].format(f'{link.confidence:.2f}')})"
            for link in doubtful
        )
        console.print(Text(words["links"].format(shown), style="dim"))

"""A company's verdict as blocks: the sentence, findings with their figures, charts, what is unknown, what the file says of itself."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from paycanary.report import forecast as forecasts
from paycanary.report.files.blocks import (
    Content,
    Heading,
    Listing,
    Paragraph,
    Picture,
    Span,
    Table,
    mark,
    plain,
    slug,
    soft,
    text_of,
)
from paycanary.report.files.pieces import about_file, corrections, figures, thresholds, words
from paycanary.report.names import GROUPS, source_name
from paycanary.signals import catalog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.models import Figure, Unknown, Verdict
    from paycanary.report.files.blocks import Block, Line
    from paycanary.report.series import Chart


def shown(verdict: Verdict, *, with_forecast: bool) -> Verdict:
    """The verdict as a file shows it: the probability only where it was asked for."""
    if with_forecast:
        return verdict
    return verdict.model_copy(update={"forecast": None, "forecast_unknown": None})


def content(
    verdict: Verdict, drawn: Sequence[tuple[Chart, Picture | None]], *, with_forecast: bool, own: bool = False
) -> Content:  # fmt: skip
    """The file about one company. ``own``: thresholds of the writer's were applied."""
    said, lang, company = words(verdict.lang), verdict.lang, verdict.company
    title = said["title"].format(name=company.name, day=verdict.as_of)
    lead = Heading(1, plain(title))
    blocks = [
        lead,
        *body(verdict, drawn, 2, with_forecast=with_forecast),
        *about_file(
            verdict.as_of,
            lang,
            [(company.name, verdict.report_error)],
            len(verdict.corrections),
            sample=verdict.sample,
            own=own,
        ),
    ]
    return Content(
        title=text_of(lead.line),
        description=said["description"].format(day=verdict.as_of),
        day=verdict.as_of,
        lang=lang,
        slug=slug(company.name, company.id),
        tags=tuple(x for x in (company.name, company.industry) if x),
        blocks=tuple(blocks),
    )


def body(
    verdict: Verdict, drawn: Sequence[tuple[Chart, Picture | None]], level: int, *, with_forecast: bool
) -> list[Block]:  # fmt: skip
    """All that is said of one company, its sections at a level of headings."""
    said = words(verdict.lang)
    blocks: list[Block] = [
        Paragraph((mark(verdict.level, verdict.lang), Span("  "), Span(verdict.sentence)), "lead"),
        Paragraph(soft(verdict.coverage_sentence)),
    ]
    if verdict.sample:
        blocks.append(Paragraph(plain(said["sample"]), "note"))
    blocks += _about(verdict)
    blocks += _findings(verdict, level)
    blocks += forecast(verdict, level) if with_forecast else [Paragraph(soft(said["forecast_none"]))]  # fmt: skip
    blocks += _charts(verdict, drawn, level)
    blocks += _unknown(verdict, level)
    if verdict.questions:
        asked = tuple(plain(question) for question in verdict.questions)
        blocks += [Heading(level, plain(said["questions"])), Listing(asked, is_numbered=True)]
    return [*blocks, *_links(verdict, level), *_apart(verdict)]


def _about(verdict: Verdict) -> list[Block]:
    said, company = words(verdict.lang), verdict.company
    until = verdict.data_until
    rows = [
        (said["as_of"], str(verdict.as_of)),
        (said["data_until"], said["published_up_to"].format(day=until) if until else said["no_data"]),
    ]  # fmt: skip
    keys = ("stock_code", "corp_code", "corporation_number", "business_number", "market", "industry", "region")  # fmt: skip
    rows += [(said[key], value) for key in keys if (value := getattr(company, key))]
    cells: tuple[tuple[Line, ...], ...] = tuple((soft(name), plain(value)) for name, value in rows)
    return [Table(said["about"], (said["item"], said["value"]), cells, widths=(20, 80))]


def _findings(verdict: Verdict, level: int) -> list[Block]:
    said, lang = words(verdict.lang), verdict.lang
    blocks: list[Block] = [Heading(level, plain(said["findings"]))]
    if not verdict.findings:
        return [*blocks, Paragraph(plain(said["findings_none"]))]
    order: dict[str, int] = {}
    for finding in verdict.findings:
        order.setdefault(finding.group, len(order))
    grouped = sorted(verdict.findings, key=lambda f: order[f.group])
    for group, found in groupby(grouped, key=lambda f: f.group):
        blocks.append(Heading(level + 1, plain(GROUPS[lang][group])))
        for finding in found:
            name = Span(finding.title, "strong")
            line = (mark(finding.level, lang), Span("  "), name, Span(f"  {finding.sentence}"))
            blocks.append(Paragraph(line, "finding"))
            blocks += figures(finding.title, finding.figures, verdict)
            blocks += thresholds(finding.thresholds, lang)
    return blocks


def forecast(verdict: Verdict, level: int) -> list[Block]:
    """The probability with base rate, definition, limits and measured quality; or why there is none."""
    said, told, lang = words(verdict.lang), verdict.forecast, verdict.lang
    around = forecasts.words(lang)
    if told is None:
        unknown = verdict.forecast_unknown
        if unknown is None:
            return []
        head = Heading(level, plain(unknown.title))
        return [head, Paragraph(plain(unknown.explanation)), *figures(unknown.title, unknown.figures, verdict)]  # fmt: skip
    known = around["known"].format(known=told.known_features, asked=told.asked_features)
    blocks: list[Block] = [
        Heading(level, plain(around["title"].format(months=told.months))),
        Paragraph(plain(said["forecast_says"]), "note"),
        Paragraph((Span(forecasts.band(told.band, lang), "strong"), Span(f" {told.sentence}"))),
        *(Paragraph(plain(text)) for text in (told.definition, known)),
    ]
    if told.reasons:
        blocks.append(Paragraph(plain(around["reasons"])))
    for reason in told.reasons:
        arrow = "↑" if reason.odds >= 1 else "↓"
        factor = forecasts.factor(reason.odds, lang)
        title = forecasts.heading(reason.title)
        moved = Span(said["forecast_reason"].format(arrow=arrow, factor=factor))
        blocks.append(
            Paragraph((moved, Span(title, "strong"), Span(f"  {reason.sentence}")), "finding")
        )
        blocks += figures(title, reason.figures, verdict)
        if not reason.figures:
            blocks.append(Paragraph(soft(said["no_figures"])))
    if told.changes:
        blocks.append(Paragraph(plain(around["changes"])))
        blocks.append(Listing(tuple(plain(change.sentence) for change in told.changes)))
    blocks.append(Heading(level + 1, plain(said["quality"])))
    rest = [*(q.sentence for q in told.quality), told.anchor, told.limits, around["version"].format(version=told.model_version)]  # fmt: skip
    return [*blocks, *(Paragraph(plain(text)) for text in rest)]


def _charts(verdict: Verdict, drawn: Sequence[tuple[Chart, Picture | None]], level: int) -> list[Block]:  # fmt: skip
    said = words(verdict.lang)
    blocks: list[Block] = [Heading(level, plain(said["charts"]))] if drawn else []
    for chart, picture in drawn:
        blocks += [Heading(level + 1, plain(chart.title)), Paragraph(plain(chart.told))]
        if picture is not None:
            blocks.append(picture)
        if chart.more:
            blocks.append(Paragraph(soft(chart.more)))
        if chart.rows:
            blocks.append(_series(verdict, chart, is_folded=picture is not None))
    return blocks


def _series(verdict: Verdict, chart: Chart, *, is_folded: bool) -> Table:
    """The numbers of a chart, newest first, each row with the filings that it stands in."""
    said = words(verdict.lang)
    rows = []
    for row in reversed(chart.rows):
        source: list[Span] = []
        for place, s in enumerate(row.sources):
            source += [
                Span("; " if place else ""),
                Span(s.name, url=s.url),
                Span(" "),
                Span(s.filing_id, "code"),
                Span(f" {s.published_on}"),
            ]
        values = [
            plain(row.cells[key].shown if key in row.cells else said["no_value"])
            for key in chart.columns
        ]
        rows.append((plain(row.label), *values, tuple(source)))
    count = len(chart.columns)
    share = {1: 22, 2: 18, 3: 15}.get(count, 13)
    return Table(
        said["chart_table"].format(title=chart.title),
        (said["period"], *chart.columns.values(), said["source"]),
        tuple(rows),
        frozenset(range(1, count + 1)),
        (12, *[share] * count, 88 - share * count),
        is_folded=is_folded,
        stacks=True,
    )


def _unknown(verdict: Verdict, level: int) -> list[Block]:
    """What has no answer, by why: the reason, then each question with where to look and what is on record."""
    said, lang = words(verdict.lang), verdict.lang
    if not verdict.unknown:
        return []
    head = said["unknown"].format(n=len(verdict.unknown))
    blocks: list[Block] = [Heading(level, plain(head)), Paragraph(plain(said["unknown_says"]))]
    by_reason: dict[str, list[Unknown]] = {}
    for item in verdict.unknown:
        by_reason.setdefault(item.reason, []).append(item)
    for reason, items in by_reason.items():
        blocks.append(Heading(level + 1, plain(catalog.reasons(lang)[reason])))
        # Many are told nothing more than the reason that stands above them.
        more = [item for item in items if item.explanation != catalog.reasons(lang)[reason]]
        if bare := [item.title for item in items if item not in more]:
            blocks.append(Paragraph((Span(", ".join(bare), "strong"),)))
        if more:
            lines = [(Span(u.title, "strong"), Span(f": {u.explanation}")) for u in more]
            blocks.append(Listing(tuple(lines)))
        for item in items:
            if item.figures:
                blocks.append(Paragraph((Span(said["figures_of"].format(title=item.title)),)))
                blocks += figures(item.title, item.figures, verdict)
    return blocks


def _links(verdict: Verdict, level: int) -> list[Block]:
    said, lang = words(verdict.lang), verdict.lang
    doubtful = [link for link in verdict.company.links if link.confidence < 1]
    if not doubtful:
        return []
    rows = tuple(
        (plain(source_name(x.source, lang)), plain(x.name), plain(f"{x.confidence:.2f}"))
        for x in doubtful
    )
    head = (said["source"], said["link_name"], said["confidence"])
    return [
        Heading(level, plain(said["links"])),
        Paragraph(plain(said["links_says"])),
        Table(said["links"], head, rows, frozenset({2}), (25, 55, 20)),
    ]


def _apart(verdict: Verdict) -> list[Block]:
    """Corrections of figures that do not stand in the file: a newer filing took their place."""
    stand = all_figures(verdict)
    rest = [c for c in verdict.corrections if not any(map(c.is_about, stand))]
    return corrections(rest, verdict.lang, shown=True)


def all_figures(verdict: Verdict) -> list[Figure]:
    """Every figure that a verdict cites."""
    found = [figure for f in verdict.findings for figure in f.figures]
    found += [figure for u in verdict.unknown for figure in u.figures]
    return found + forecasts.figures(verdict)

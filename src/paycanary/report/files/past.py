"""A company's story as blocks: each day, what became public on it with its source, and which answers changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.report.files.blocks import (
    Content,
    Heading,
    Listing,
    Paragraph,
    Span,
    Table,
    mark,
    plain,
    slug,
    soft,
)
from paycanary.report.files.pieces import about_file, cited, corrections, words
from paycanary.report.names import LEVELS, figure_value, source_name
from paycanary.verdict import concept_name
from paycanary.wording import money, month, quantity, word

if TYPE_CHECKING:
    from paycanary.documents.past import Past, PastChange, PastDay, PastEvent
    from paycanary.errors import Lang
    from paycanary.models import Figure
    from paycanary.report.files.blocks import Block, Line


def content(past: Past, *, own: bool = False) -> Content:
    """The file. ``own``: thresholds are the writer's."""
    lang = past.lang
    said, name = words(lang), past.company.name
    title = said["title_past"].format(name=name, day=past.as_of)
    blocks: list[Block] = [Heading(1, plain(title)), Paragraph(plain(said["past_says"]))]
    if past.sample:
        blocks.append(Paragraph(plain(said["sample"]), "note"))
    if past.days:
        counts = said["past_days"].format(judged=past.judged, shown=len(past.days))
        blocks += [Paragraph(soft(counts)), Paragraph(soft(said["past_time"]))]
    elif not past.judged:
        blocks.append(Paragraph(plain(said["past_none"].format(day=past.as_of))))
    for place, day in enumerate(past.days):
        blocks += _day(day, lang, last=past.days[place - 1] if place else None)
    blocks.append(Heading(2, plain(said["past_now"].format(day=past.as_of))))
    blocks.append(Paragraph((mark(past.level, lang), Span("  "), Span(past.sentence)), "lead"))
    until = past.data_until
    data = said["published_up_to"].format(day=until) if until else said["no_data"]
    blocks.append(Paragraph(soft(f"{said['data_until']}: {data}")))
    blocks.append(Paragraph(soft(said["forecast_none"])))
    blocks += corrections(past.corrections, lang, shown=True)
    blocks += about_file(past.as_of, lang, [(name, past.report_error)], len(past.corrections), sample=False, own=own)  # fmt: skip
    return Content(
        title=title,
        description=said["description"].format(day=past.as_of),
        day=past.as_of,
        lang=lang,
        slug=f"{slug(name, past.company.id)}-{'history' if lang == 'en' else '연혁'}",
        tags=tuple(x for x in (name, past.company.industry) if x),
        blocks=tuple(blocks),
    )


def _day(day: PastDay, lang: Lang, last: PastDay | None) -> list[Block]:
    said = words(lang)
    changed = day.before != day.after
    overall = said["past_level" if changed else "past_level_same"]
    told = overall.format(before=LEVELS[lang][day.before], after=LEVELS[lang][day.after])
    blocks: list[Block] = [Heading(2, plain(str(day.day)))]
    if changed:
        sentence = (mark(day.after, lang), Span("  "), Span(told, "strong"), Span(f". {day.sentence}"))  # fmt: skip
        blocks.append(Paragraph(sentence))
    else:
        blocks.append(Paragraph(soft(told)))
    if day.events:
        head = (said["past_public"], said["source"], said["filing"])
        rows = tuple(
            (plain(_event(e, lang)), *cited(e.source, e.filing_id, e.url, lang)) for e in day.events
        )
        blocks.append(
            Table(f"{said['past_public']}, {day.day}", head, rows, widths=(60, 15, 25), stacks=True)
        )
    elif last is not None:
        blocks.append(Paragraph(soft(said["past_end"].format(last=last.day, day=day.day))))
    if day.changes:
        head = tuple(said[key] for key in ("signal", "past_before", "past_after", "past_says_then"))
        changes = tuple(_change(change, lang) for change in day.changes)
        caption = said["past_changes"].format(day=day.day)
        blocks.append(Table(caption, head, changes, widths=(18, 10, 10, 62), stacks=True))
        blocks += _figures(day, lang)
    return blocks


def _change(change: PastChange, lang: Lang) -> tuple[Line, ...]:
    said = words(lang)
    told = change.finding.sentence if change.finding else change.unknown.explanation if change.unknown else ""  # fmt: skip
    cites = said["past_of_day" if change.cites_day else "past_not_of_day"]
    return (
        plain(change.title),
        (mark(change.before, lang),),
        (mark(change.after, lang),),
        (Span(told), Span(f" {cites}", "soft")),
    )


def _figures(day: PastDay, lang: Lang) -> list[Block]:
    """The figures that the changed answers rest on, a line a question, each with filing and day."""
    lines: list[Line] = []
    for change in day.changes:
        answer = change.finding or change.unknown
        if answer is None or not answer.figures:
            continue
        line = [Span(f"{change.title}: ", "strong")]
        for place, figure in enumerate(answer.figures):
            line += [Span("; " if place else ""), *_figure(figure, lang)]
        lines.append(tuple(line))
    return [Listing(tuple(lines))] if lines else []


def _figure(figure: Figure, lang: Lang) -> Line:
    period = f" {month(figure.period_end, lang)}" if figure.period_end else ""
    value = figure_value(figure.value, figure.unit, lang)
    return (
        Span(f"{concept_name(figure.concept, lang)}{period} {value} ["),
        Span(source_name(figure.source, lang), url=figure.url),
        Span(" "),
        Span(figure.filing_id, "code"),
        Span(f", {figure.published_on}]"),
    )


def _event(event: PastEvent, lang: Lang) -> str:
    """What became public, in words."""
    told = {"filing": _filing, "opinion": _opinion, "capital": _capital, "notice": _notice}
    if event.kind in told:
        return told[event.kind](event, lang)
    said, period = words(lang), _period(event, lang)
    if event.kind == "headcount":
        people = quantity(event.value or 0, "persons", lang)
        return str(said["event_headcount"].format(period=period, people=people))
    if event.kind == "words":
        kind = concept_name(f"says_{event.name}", lang)
        return str(said["event_words"].format(period=period, kind=kind))
    return str(said["event_facts"].format(n=round(event.value or 0), period=period))


def _period(event: PastEvent, lang: Lang) -> str:
    return month(event.period_end, lang) if event.period_end else "–"


def _filing(event: PastEvent, lang: Lang) -> str:
    said = words(lang)
    form = said["forms"].get(event.name, said["forms"]["other"])
    return str(said["event_filing"].format(form=form, period=_period(event, lang)))


def _opinion(event: PastEvent, lang: Lang) -> str:
    said = words(lang)
    key = "event_opinion" if event.is_annual else "event_review"
    told = said[key].format(period=_period(event, lang), opinion=word(event.name, lang))
    return str(said["event_going_concern"].format(told=told) if event.is_going_concern else told)


def _capital(event: PastEvent, lang: Lang) -> str:
    said = words(lang)
    return str(
        said["event_capital_money" if event.amount else "event_capital"].format(
            category=said["categories"].get(event.name, said["categories"]["other"]),
            day=event.period_end or "–",
            shares="–" if event.value is None else quantity(event.value, "shares", lang),
            money=money(event.amount or 0, "KRW", lang),
        )
    )


def _notice(event: PastEvent, lang: Lang) -> str:
    said, named = words(lang), concept_name(event.name, lang)
    other = said["notices"]["other"] if named == event.name else named
    kind = said["notices"].get(event.name, other)
    if event.category:
        # A register that was asked may have answered no.
        kind = f"{kind} ({word(event.category, lang)})"
    key = "event_notice_detail" if event.detail else "event_notice"
    day = event.period_end or "–"
    return str(said[key].format(kind=kind, day=day, detail=word(event.detail or "", lang)))

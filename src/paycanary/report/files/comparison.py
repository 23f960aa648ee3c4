"""Several companies as blocks: side by side, question by question, then each with all that it rests on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from paycanary.report import forecast as forecasts
from paycanary.report.files.blocks import (  # fmt: skip
    Content,
    Heading,
    Paragraph,
    Span,
    Table,
    mark,
    plain,
    slug,
)
from paycanary.report.files.company import body
from paycanary.report.files.pieces import about_file, words
from paycanary.signals import catalog
from paycanary.wording import quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.models import Verdict
    from paycanary.report.files.blocks import Block, Line, Picture
    from paycanary.report.series import Chart

#: Companies in one table; more stand in the next.
ABREAST: Final = 4


def content(
    verdicts: Sequence[Verdict],
    drawn: Sequence[Sequence[tuple[Chart, Picture | None]]],
    *,
    with_forecast: bool,
    own: bool = False,
) -> Content:
    """The file about several companies, in the order asked. ``drawn``: the charts of each."""
    first = verdicts[0]
    said, lang = words(first.lang), first.lang
    names = called(verdicts)
    title = said["title_several"].format(names=", ".join(names), day=first.as_of)
    blocks: list[Block] = [Heading(1, plain(title)), *side_by_side(verdicts, with_forecast=with_forecast)]  # fmt: skip
    for name, verdict, charts in zip(names, verdicts, drawn, strict=True):
        blocks.append(Heading(2, plain(name)))
        blocks += body(verdict, charts, 3, with_forecast=with_forecast)
    addresses = [(name, v.report_error) for name, v in zip(names, verdicts, strict=True)]
    accepted = sum(len(v.corrections) for v in verdicts)
    blocks += about_file(first.as_of, lang, addresses, accepted, sample=first.sample, own=own)
    return Content(
        title=title,
        description=said["description"].format(day=first.as_of),
        day=first.as_of,
        lang=lang,
        slug=slug("-".join(v.company.name for v in verdicts), "-".join(v.company.id for v in verdicts)),
        tags=tuple(dict.fromkeys(v.company.name for v in verdicts)),
        blocks=tuple(blocks),
    )  # fmt: skip


def called(verdicts: Sequence[Verdict]) -> list[str]:
    """The companies' names; with a number where another bears the same."""
    names = Counter(v.company.name for v in verdicts)
    return [
        c.name if names[c.name] == 1 else f"{c.name} ({c.stock_code or c.corp_code or c.id})"
        for c in (v.company for v in verdicts)
    ]


def side_by_side(verdicts: Sequence[Verdict], *, with_forecast: bool) -> list[Block]:
    """A table of levels: companies in columns, questions in rows. Figures stand below, with their sources."""
    lang = verdicts[0].lang
    said = words(lang)
    names = called(verdicts)
    parts = [slice(i, i + ABREAST) for i in range(0, len(verdicts), ABREAST)]
    beneath = [Paragraph(plain(forecasts.beneath(lang)))] if with_forecast and any(v.forecast for v in verdicts) else []  # fmt: skip
    tables = [_abreast(names[part], verdicts[part], with_forecast=with_forecast) for part in parts]
    return [Heading(2, plain(said["compare"])), *tables, *beneath]


def _abreast(names: Sequence[str], verdicts: Sequence[Verdict], *, with_forecast: bool) -> Table:
    lang = verdicts[0].lang
    said = words(lang)
    found = [{f.signal: f for f in v.findings} for v in verdicts]
    rows: list[tuple[Line, ...]] = [
        ((Span(said["overall"], "strong"),), *((mark(v.level, lang),) for v in verdicts))
    ]
    if with_forecast and any(v.forecast for v in verdicts):
        months = next(v.forecast.months for v in verdicts if v.forecast)
        cells = [plain(forecasts.cell(v.forecast, lang) if v.forecast else "–") for v in verdicts]
        rows.append((plain(forecasts.words(lang)["row"].format(months=months)), *cells))
    for signal in catalog.signals().values():
        if not any(signal.name in by for by in found):
            continue
        cells = []
        for by in found:
            finding = by.get(signal.name)
            line: Line = (mark(finding.level if finding else "unknown", lang),)
            if finding and finding.measure is not None and signal.unit != "none":
                line = (*line, Span(f" {quantity(finding.measure, signal.unit, lang)}"))
            cells.append(line)
        rows.append((plain(catalog.wording(lang)[signal.name]["title"]), *cells))
    share = 70 // len(verdicts)
    caption = f"{said['compare']}: {', '.join(names)}"
    return Table(caption, (said["signal"], *names), tuple(rows), widths=(30, *[share] * len(names)))

"""Pieces that several kinds of files share: figures with their sources, thresholds, corrections, what every file says of itself."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from paycanary import __version__
from paycanary.report.files.blocks import Heading, Listing, Paragraph, Span, Table, plain, soft
from paycanary.report.names import figure_value, source_name
from paycanary.resources import read_yaml
from paycanary.verdict import concept_name
from paycanary.wording import month, threshold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from paycanary.errors import Lang
    from paycanary.models import Correction, Figure, Threshold, Verdict
    from paycanary.report.files.blocks import Block, Line

_USER = "user"


@cache
def words(lang: Lang) -> dict[str, Any]:
    """Words of files."""
    found: dict[str, Any] = read_yaml("report", "words", f"file.{lang}.yaml")
    return found


def cited(source: str, filing_id: str, url: str | None, lang: Lang) -> tuple[Line, Line]:
    """Cells: the register, which leads to the document where it has an address, and the filing's number."""
    return (Span(source_name(source, lang), url=url),), (Span(filing_id, "code"),)


def figures(title: str, listed: Sequence[Figure], verdict: Verdict) -> list[Block]:
    """A table of figures, each with register, filing number and day of publication; corrections below it."""
    if not listed:
        return []
    said, lang = words(verdict.lang), verdict.lang
    rows = [
        (
            plain(concept_name(f.concept, lang)),
            plain(month(f.period_end, lang) if f.period_end else ""),
            plain(figure_value(f.value, f.unit, lang)),
            *cited(f.source, f.filing_id, f.url, lang),
            plain(str(f.published_on)),
        )
        for f in listed
    ]
    head = tuple(said[key] for key in ("figure", "period", "value", "source", "filing", "published"))  # fmt: skip
    # Words read from the left, also where a number stands among them.
    right = frozenset[int]() if any(isinstance(f.value, str) for f in listed) else frozenset({2})
    table = Table(said["figures_of"].format(title=title), head, tuple(rows), right, (27, 9, 24, 11, 17, 12), stacks=True)  # fmt: skip
    beside = [c for c in verdict.corrections if any(map(c.is_about, listed))]
    return [table, *corrections(beside, lang)]


def corrections(beside: Iterable[Correction], lang: Lang, *, shown: bool = False) -> list[Block]:
    """Accepted reports of errors, a line each; ``shown``: with the figure as it was, where it does not stand above."""
    said = words(lang)
    return [
        Paragraph(
            plain(
                said["correction_shown" if shown and c.shown else "correction"].format(
                    day=c.accepted_on,
                    who=said[f"by_{c.reporter}"],
                    id=c.id,
                    statement=c.statement,
                    shown=c.shown,
                )
            ),
            "note",
        )
        for c in beside
    ]


def thresholds(applied: Sequence[Threshold], lang: Lang) -> list[Block]:
    """The thresholds of a finding in one line: value, who says so, since when."""
    if not applied:
        return []
    said = words(lang)
    names = read_yaml("report", "words", f"threshold.{lang}.yaml")
    line = [Span(f"{said['thresholds']} ", "soft")]
    for place, t in enumerate(applied):
        told = said["threshold_since" if t.since else "threshold"].format(
            name=names.get(t.name, t.name),
            value="–" if t.value is None else threshold(t.name, t.value),
            who=said["set_by_writer"] if t.who == _USER else t.who,
            since=t.since,
        )
        line += [Span("; " if place else "", "soft"), Span(told, "soft", t.url)]
    return [Paragraph(tuple(line), "small")]


def about_file(day: date, lang: Lang, report_error: Sequence[tuple[str, str | None]], accepted: int, *, sample: bool, own: bool) -> list[Block]:  # fmt: skip
    """What stands at the end of every file: where a company can answer, who answers for publishing it, how it was made.

    ``report_error``: of each company what it is called, and where errors about it are reported.
    """
    said = words(lang)
    told: list[Block] = [Heading(2, plain(said["reply"]))]
    told.append(Paragraph((Span(f"{said['reply_line']} "), Span(said["reply_blank"], "soft"))))
    addresses = [(name, url) for name, url in report_error if url]
    if addresses:
        several = len(report_error) > 1
        lines = [
            (Span(f"{name}: " if several else ""), Span(url, url=url)) for name, url in addresses
        ]
        told += [Paragraph(plain(said["reply_at"])), Listing(tuple(lines))]
    else:
        told.append(Paragraph(plain(said["reply_nowhere"])))
    count = said["reply_accepted"].format(day=day, n=accepted) if accepted else said["reply_none"].format(day=day)  # fmt: skip
    told.append(Paragraph(plain(count)))
    told.append(Heading(2, plain(said["this_file"])))
    rest = [said["responsibility"], said["level_says"], said["no_advice"]]
    if own:
        rest.append(said["own_criteria"])
    if sample:
        rest.append(said["sample"])
    rest.append(said["made"].format(version=__version__, day=day))
    return [*told, *(Paragraph(soft(text)) for text in rest)]

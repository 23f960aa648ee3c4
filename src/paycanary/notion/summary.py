"""What a check of a table says on a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Group
from rich.table import Table as Drawn
from rich.text import Text as RichText

from paycanary.notion import values
from paycanary.notion.words import printable, words
from paycanary.report.names import LEVELS, MARKS
from paycanary.report.terminal import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.documents.notion import NotionCheck, NotionRow, NotionSync
    from paycanary.errors import Lang
    from paycanary.notion.columns import Choice

#: Rows on a terminal; the CSV and JSON have all.
SHOWN: Final = 40
_EXAMPLES: Final = 3
_ORDER: Final = ("danger", "watch", "good", "unknown")


def _text(text: str, style: str = "") -> RichText:
    """Words for a terminal: titles and cells come from strangers."""
    return RichText(printable(text), style=style)


def counted(rows: Sequence[NotionRow]) -> tuple[dict[str, int], dict[str, int]]:
    """Rows at each level, the gravest first, and rows by what became of them."""
    levels = Counter(values.level_of(row) for row in rows)
    states = Counter(row.state for row in rows)
    return {level: levels[level] for level in _ORDER}, dict(sorted(states.items()))


def show(report: NotionCheck, lang: Lang) -> Group:
    """Rows worst first, then what was counted and what was left out."""
    said = words("check", lang)
    lines = [*told(report, report.rows, lang)]
    if report.is_view:
        lines.append(str(said["view"]))
    if report.uneven_rows:
        lines.append(str(said["uneven"]).format(count=report.uneven_rows))
    if unjoined := sum(row.page_unknown == "several_pages" for row in report.rows):
        lines.append(str(said["unjoined"]).format(count=unjoined))
    if report.refused:
        reasons = Counter(file.says for file in report.refused)
        why = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
        lines.append(str(said["refused"]).format(count=len(report.refused), told=why))
    lines.append(str(said["note"]))
    return Group(drawn(report.rows, lang), *(_text(line, style="dim") for line in lines))


def show_sync(report: NotionSync, lang: Lang) -> Group:
    """The rows worst first, then what was written and what was not, and why."""
    said = words("sync", lang)
    lines = told(report, report.rows, lang)
    counts = ", ".join(f"{said['outcome_names'][o]} {count:,}" for o, count in report.outcomes.items())  # fmt: skip
    lines.append(str(said["outcomes"]).format(told=counts))
    if report.created:
        key = "would_create" if report.is_dry_run else "created"
        lines.append(str(said[key]).format(count=len(report.created), names=", ".join(report.created)))  # fmt: skip
    if report.occupied:
        lines.append(str(said["occupied"]).format(names=", ".join(report.occupied)))
    failed = [row for row in report.rows if row.outcome == "failed"]
    lines += [str(said["failed"]).format(title=r.title, fault=r.fault) for r in failed[:SHOWN]]
    if report.is_dry_run:
        lines.append(str(said["dry_run"]))
    lines.append(str(words("check", lang)["note"]))
    return Group(drawn(report.rows, lang), *(_text(line, style="dim") for line in lines))


def told(report: NotionCheck | NotionSync, rows: Sequence[NotionRow], lang: Lang) -> list[str]:
    """Lines that say what was asked and how many rows stand where."""
    said = words("check", lang)
    shown = {level: f"{LEVELS[lang][level]} {count:,}" for level, count in report.levels.items()}
    left = {state: count for state, count in report.states.items() if state != "judged"}
    lines = [
        str(said["summary"]).format(table=report.table, column=report.column, rows=len(rows), as_of=report.as_of),
        str(said["levels"]).format(told=" · ".join(shown.values())),
    ]  # fmt: skip
    if left:
        names = said["state_names"]
        why = ", ".join(f"{names[state]} {count:,}" for state, count in left.items())
        lines.append(str(said["not_judged"]).format(count=sum(left.values()), told=why))
    if report.sample:
        lines.append(str(said["sample"]))
    return lines


def drawn(rows: Sequence[NotionRow], lang: Lang) -> Group:
    """The gravest rows, each with its sentence or the reason why it has none."""
    said = words("check", lang)
    table = Drawn(*said["row_head"], box=box.SIMPLE_HEAD)
    ordered = sorted(rows, key=lambda row: (_ORDER.index(values.level_of(row)), row.number))
    for row in ordered[:SHOWN]:
        level = values.level_of(row)
        sentence = row.verdict.sentence if row.verdict else row.reason or ""
        mark = _text(f"{MARKS[level]} {LEVELS[lang][level]}", style=STYLES[level])
        table.add_row(mark, _text(row.title), _text(row.verdict.company if row.verdict else ""), _text(sentence))  # fmt: skip
    left = len(ordered) - SHOWN
    more = [_text(str(said["more"]).format(count=left), style="dim")] if left > 0 else []
    return Group(table, *more)


def named(names: Sequence[str], lang: Lang) -> Drawn:
    """A numbered table of names."""
    table = Drawn(*words("sync", lang)["choose_head"], box=box.SIMPLE_HEAD)
    for number, name in enumerate(names, 1):
        table.add_row(str(number), _text(name))
    return table


def choices(found: Sequence[Choice], lang: Lang) -> Drawn:
    """A numbered table of what may hold the companies."""
    table = Drawn(*words("check", lang)["choose_head"], box=box.SIMPLE_HEAD)
    for number, choice in enumerate(found, 1):
        cells = [row[choice.column] for row in choice.table.rows if row[choice.column]]
        examples = _text(", ".join(cells[:_EXAMPLES]))
        table.add_row(str(number), _text(choice.table.name), _text(choice.column), f"{len(choice.table.rows):,}", examples)  # fmt: skip
    return table

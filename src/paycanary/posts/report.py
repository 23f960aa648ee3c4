"""What a run did, for people: on a terminal, in a file beside the posts, and as a document."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from rich.text import Text

from paycanary.documents.notion import RefusedFile
from paycanary.documents.posts import PostEntry, PostNote, PostsReport
from paycanary.notion.words import words as notion_words
from paycanary.posts.places import PLACES
from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from paycanary.errors import Lang
    from paycanary.posts.markdown import Note
    from paycanary.posts.run import Made

#: Notes that only say what anybody would expect; the terminal names them last.
_EXPECTED = ("upload", "date_missing", "columns", "toc")
#: The first line of a report's file.
_OURS = "<!-- paycanary notion post -->"
_MARKUP = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>|#~$"})


@cache
def said(lang: Lang) -> dict[str, Any]:
    """The words of this package."""
    found: dict[str, Any] = read_yaml("posts", "words", f"posts.{lang}.yaml")
    return found


def document(made: Made, lang: Lang) -> PostsReport:
    """A run's report."""
    place = PLACES[made.options.place](made.options.folder, made.options.site)
    refusals = {**notion_words("export", lang)["refused"], **said(lang)["refused"]}
    posts = [
        PostEntry(
            id=outcome.planned.entry.key,
            title=outcome.planned.post.title,
            page=outcome.planned.entry.where,
            file=outcome.file,
            address=place.address(outcome.planned.post),
            state=outcome.state,
            date=outcome.planned.post.day,
            tags=list(outcome.planned.post.tags),
            series=outcome.planned.post.series,
            order=outcome.planned.post.order,
            notes=[_note(note, lang) for note in outcome.notes],
        )
        for outcome in made.outcomes
    ]
    return PostsReport(
        notebook=made.notebook,
        place=made.options.place,
        folder=str(made.options.folder),
        counts=dict(Counter(post.state for post in posts)),
        posts=posts,
        refused=[
            RefusedFile(path=path, reason=reason, says=refusals[reason])
            for path, reason in made.refused
        ],
        left=[record.file for record in made.left],
    )


def write(report: PostsReport, folder: Path, lang: Lang) -> Path:
    """Write the whole of it beside the posts; where a file of that name is somebody's own, among what runs keep for themselves."""
    path = folder / PLACES[report.place].report
    own = folder / ".paycanary"
    if path.exists() and not path.read_bytes().startswith(_OURS.encode()):
        path = own / "report.md"
    draft = own / "report.draft"
    draft.write_text(f"{_OURS}\n\n{markdown(report, lang)}", encoding="utf-8", errors="replace")
    draft.replace(path)
    return path


def show(console: Console, report: PostsReport, where: Path, lang: Lang) -> None:
    """A few lines: how many pages, and what could not be carried over how often."""
    words = said(lang)
    console.print(Text(_counts(report, lang), style="bold"))
    counts = Counter(note.reason for post in report.posts for note in post.notes)
    if not counts:
        console.print(Text(words["all_carried"]))
    else:
        pages = sum(bool(post.notes) for post in report.posts)
        console.print(Text(words["not_carried"].format(pages=pages, total=len(report.posts))))
        ordered = sorted(counts.items(), key=lambda c: (c[0] in _EXPECTED, -c[1], c[0]))
        for reason, count in ordered:
            line = words["note"].format(says=words["notes"][reason], count=f"{count:,}")
            console.print(Text(f"  {line}", style="dim" if reason in _EXPECTED else "yellow"))
    for refused in report.refused:
        console.print(Text(f"  {_line(refused.path)}: {refused.says}", style="yellow"))
    if report.left:
        console.print(Text(f"{words['left_head']}: {len(report.left):,}"))
    console.print(Text(words["where"].format(file=where), style="dim"))  # fmt: skip


def markdown(report: PostsReport, lang: Lang) -> str:
    """The whole of it, page by page."""
    words = said(lang)
    lines = [f"# {_plain(words['title'].format(place=report.place, notebook=report.notebook))}", "", _plain(_counts(report, lang)), ""]  # fmt: skip
    lines += [f"## {words['posts_head']}", "", f"| {' | '.join(words['columns'])} |", "|" + " --- |" * len(words["columns"])]  # fmt: skip
    for number, post in enumerate(report.posts, start=1):
        state = words["states"][post.state]
        cells = [str(number), _plain(post.title), str(post.date), _plain(", ".join(post.tags)), _plain(post.series), state, _plain(post.file)]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", f"## {words['notes_head']}", ""]
    told = [post for post in report.posts if post.notes]
    if not told:
        lines.append(words["all_carried"])
    for post in told:
        lines += [f"### {_plain(post.title)}", "", f"{_plain(post.page)} → {_plain(post.file)}", ""]
        for note in post.notes:
            place = _place(note, lang)
            detail = f": {_plain(note.detail)}" if note.detail else ""
            lines.append(f"- {place}: {_plain(note.says)}{detail}")
        lines.append("")
    for head, rows in (
        (words["refused_head"], [f"{_plain(r.path)}: {r.says}" for r in report.refused]),
        (words["left_head"], [_plain(file) for file in report.left]),
    ):
        if rows:
            lines += ["", f"## {head}", "", *(f"- {row}" for row in rows)]
    return "\n".join(lines).rstrip() + "\n"


def _counts(report: PostsReport, lang: Lang) -> str:
    words = said(lang)
    told = ", ".join(
        f"{name} {report.counts[state]:,}"
        for state, name in words["states"].items()
        if report.counts.get(state)
    )
    return str(words["counts"].format(total=f"{len(report.posts):,}", told=told or words["nothing"], folder=report.folder))  # fmt: skip


def _note(note: Note, lang: Lang) -> PostNote:
    return PostNote(reason=note.reason, says=said(lang)["notes"][note.reason], place=note.place, detail=note.detail)  # fmt: skip


def _place(note: PostNote, lang: Lang) -> str:
    words = said(lang)
    if note.place.startswith("line "):
        return str(words["line"].format(number=note.place.removeprefix("line ")))
    return str(words["block"].format(id=note.place) if note.place else words["page"])


def _line(text: str) -> str:
    """On one line, without control characters."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))[:200]


def _plain(text: str) -> str:
    """On one line, nothing in it Markdown."""
    return _line(text).translate(_MARKUP)

"""Runs -> Markdown within a line, in the dialect of a place."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from paycanary.posts import blocks as b
from paycanary.posts.emphasis import delimits, is_punctuation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.posts.dialects import Dialect
    from paycanary.posts.places import Rendered

#: What is put around words, outermost first: style -> Markdown's mark ("" for none), HTML's element.
_MARKS: Final[dict[b.Style, tuple[str, str]]] = {
    "bold": ("**", "strong"), "italic": ("*", "em"), "strike": ("~~", "del"), "underline": ("", "u"),
    "sub": ("", "sub"), "sup": ("", "sup"), "mark": ("", "mark"), "kbd": ("", "kbd"),
}  # fmt: skip
_ALWAYS: Final = re.compile(r"[\\`*\[\]<>~$|^]")
_UNDERSCORE: Final = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITY: Final = re.compile(r"&(?=#?\w+;)")
#: White space that would make a line code.
_INDENT: Final = re.compile(r"^[ \t]+", re.MULTILINE)
#: What would begin a block at the start of a line.
_BLOCK: Final = re.compile(r"^(\s*)(#|[-+=:]|\d+(?=[.)]))", re.MULTILINE)


@dataclass(slots=True)
class _Edge:
    """The beginning or end of a styled stretch; ``pair`` is its number, the same at both ends."""

    style: b.Style
    is_open: bool
    pair: int
    #: Written with its other mark, ``_`` for italics.
    is_other: bool = False


class Spans:
    """Writes runs of one page.

    Args:
        dialect: what the place's Markdown understands.
        rendered: where targets lead, and who is told what was lost.
    """

    def __init__(self, dialect: Dialect, rendered: Rendered) -> None:
        self.dialect = dialect
        self.out = rendered
        self._pairs = 0

    def write(self, runs: Sequence[b.Run], *, in_table: bool = False) -> str:
        """Markdown; lines are broken by a backslash at their ends, in tables by ``<br>``."""
        used = frozenset[b.Style]().union(*(run.styles for run in runs))
        styles = [style for style in _MARKS if style in used]
        parts = self._wrap(list(runs), styles, in_table=in_table)
        text = self._joined(parts)
        if in_table:
            return " ".join(text.split("\n"))
        return _BLOCK.sub(_guarded, _INDENT.sub("", text))

    def text(self, text: str) -> str:
        """Plain words, so that nothing in them is Markdown."""
        text = _ENTITY.sub("&amp;", text)
        text = _ALWAYS.sub(r"\\\g<0>", text)
        text = _UNDERSCORE.sub(r"\\_", text)
        return self.dialect.guard_text(text)

    def _wrap(self, runs: list[b.Run], styles: list[b.Style], *, in_table: bool) -> list[str | _Edge]:  # fmt: skip
        if not styles:
            parts: list[str | _Edge] = []
            for link, group in groupby(runs, key=lambda run: run.link if run.kind != "image" else None):  # fmt: skip
                words = "".join(self._leaf(run, in_table=in_table) for run in group)
                address = self.out.href(link) if link else None
                parts.append(f"[{words}]({self.dialect.address(address)})" if address else words)
            return parts
        style, *rest = styles
        parts = []
        for has, group in groupby(runs, key=lambda run: style in run.styles):
            inner = self._wrap(list(group), rest, in_table=in_table)
            if not has:
                parts += inner
                continue
            lead, inner, tail = _spaces(inner)
            if not inner:
                parts += [lead + tail]
                continue
            self._pairs += 1
            edges = [_Edge(style, is_open, self._pairs) for is_open in (True, False)]
            parts += [lead, edges[0], *inner, edges[1], tail]
        return parts

    def _leaf(self, run: b.Run, *, in_table: bool) -> str:  # noqa: PLR0911 - one for each kind
        if run.kind == "break":
            if in_table:
                return " <br> " if self.dialect.has_html else " "
            return "\\\n" if self.dialect.has_backslash_break else "  \n"
        if run.kind == "math":
            tex = run.text.replace("|", r"\vert ") if in_table else run.text
            if self.dialect.math_note:
                self.out.note(self.dialect.math_note)
            return self.dialect.inline_math(" ".join(tex.split()), self)
        if run.kind == "footnote":
            return f"[^{run.text}]"
        if run.kind == "image" and run.link:
            address = self.out.href(run.link)
            return f"![{self.text(run.text)}]({self.dialect.address(address)})" if address else self.text(run.text)  # fmt: skip
        if "code" in run.styles:
            return self._code(run.text, in_table=in_table)
        return self.text(run.text)

    def _code(self, text: str, *, in_table: bool) -> str:
        text = " ".join(text.split("\n"))
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence = "`" * (longest + 1)
        space = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") else ""
        text = self.dialect.guard_code(text, self.out.note)
        if in_table and self.dialect.escapes_code_bars:
            text = text.replace("|", r"\|")
        return f"{fence}{space}{text}{space}{fence}" if text.strip() else " "

    def _joined(self, parts: list[str | _Edge]) -> str:
        """Edges as marks where every reader of Markdown understands them there, else as HTML, else left out."""
        unclear = {part.pair for part in parts if isinstance(part, _Edge) and not _MARKS[part.style][0]}  # fmt: skip
        while True:
            parts = [each for part in parts if (each := self._settled(part, unclear)) != ""]
            unclear = {
                part.pair
                for number, part in enumerate(parts)
                if isinstance(part, _Edge) and not _is_clear(parts, number, part)
            }
            if not unclear:
                return _strung(parts)

    def _settled(self, part: str | _Edge, unclear: set[int]) -> str | _Edge:
        """An edge that cannot be a mark: another mark, an element, or nothing."""
        if isinstance(part, str) or part.pair not in unclear:
            return part
        if part.style == "italic" and not part.is_other:
            return replace(part, is_other=True)
        if self.dialect.has_html:
            element = _MARKS[part.style][1]
            return f"<{element}>" if part.is_open else f"</{element}>"
        if part.is_open:
            self.out.note("style_dropped", detail=part.style)
        return ""


def _strung(parts: list[str | _Edge]) -> str:
    text = ""
    for part in parts:
        piece = _mark(part) if isinstance(part, _Edge) else part
        if piece.startswith("[") and text.endswith("!"):  # it would make a picture of the link
            text = text[:-1] + r"\!"
        text += piece
    return text


def _mark(edge: _Edge) -> str:
    return "_" if edge.is_other else _MARKS[edge.style][0]


def _is_clear(parts: list[str | _Edge], number: int, edge: _Edge) -> bool:
    """Whether an edge is read as what it is, between what stands on its sides."""
    mark = _mark(edge)
    before = parts[number - 1] if number else " "
    after = parts[number + 1] if number + 1 < len(parts) else " "
    left = before[-1] if isinstance(before, str) else _mark(before)[-1]
    right = after[0] if isinstance(after, str) else _mark(after)[0]
    opens, closes = delimits(left, right)
    if mark[0] in (left, right):
        # Three stars in a row: the italic ones give way; two pairs of any other mark do not stand side by side.
        return edge.style == "bold" and isinstance(before if mark[0] == left else after, _Edge) and _is_italic(before, after)  # fmt: skip
    if mark == "_":  # within a word it is no mark
        opens, closes = opens and (not closes or is_punctuation(left)), closes and (not opens or is_punctuation(right))  # fmt: skip
    return opens if edge.is_open else closes


def _is_italic(*sides: str | _Edge) -> bool:
    return any(isinstance(side, _Edge) and side.style == "italic" for side in sides)


def _spaces(parts: list[str | _Edge]) -> tuple[str, list[str | _Edge], str]:
    """White space at either end, taken out."""
    kept = list(parts)
    lead = tail = ""
    while kept and isinstance(kept[0], str):
        text = kept[0].removeprefix("\\\n")
        bare = text.lstrip()
        lead += kept[0][: len(kept[0]) - len(bare)]
        kept[0] = bare
        if bare:
            break
        kept.pop(0)
    while kept and isinstance(kept[-1], str):
        bare = kept[-1].rstrip()
        if bare.endswith("\\") and kept[-1].endswith("\\\n") and not bare.endswith("\\\\"):
            bare = bare[:-1].rstrip()
        tail = kept[-1][len(bare) :] + tail
        kept[-1] = bare
        if bare:
            break
        kept.pop()
    return lead, kept, tail


def _guarded(match: re.Match[str]) -> str:
    lead, sign = match.groups()
    return f"{lead}{sign}\\" if sign.isdigit() else f"{lead}\\{sign}"

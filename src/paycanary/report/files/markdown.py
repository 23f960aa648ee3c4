"""Blocks as Markdown: GitHub's, which other places read too, or a post for Jekyll with front matter.

Nothing of a name or a filing can become markup: what Markdown, HTML, Liquid or kramdown could read as theirs is escaped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from paycanary.report.files.blocks import Heading, Listing, Paragraph, Picture
from paycanary.report.front_matter import front_matter

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.report.files.blocks import Block, Content, Line, Span, Table

_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>#|~!$&^=]")
#: Signs that a theme could print as markup, and what stands for them.
_INERT: Final = str.maketrans("<>{}", "‹›()")
#: What begins a list or a rule at the head of a line.
_HEAD: Final = re.compile(r"^(\s*(?:\d{1,9}(?=[.)]))?)([-+:.)])")
#: What GitHub links or turns into a picture by itself.
_LINKED: Final = re.compile(r"(?i)(?<=www)\.|(?<=[a-z]):(?=//)|(?<=\S)@(?=\S)|(?<!\w):(?=[\w+-]+:)")


class Escape:
    """How text is kept text: by backslashes, or by character references where a template language reads the file first."""

    def __init__(self, *, by_reference: bool) -> None:
        self.by_reference = by_reference

    def __call__(self, text: str, *, is_head: bool = False) -> str:
        """The text; ``is_head``: it begins a line, where more could be read as markup."""
        done = _LINKED.sub(self._one, _SPECIAL.sub(self._one, text))
        if not is_head:
            return done
        return _HEAD.sub(lambda m: m[1] + self._one(m[2]), done)

    def _one(self, found: re.Match[str] | str) -> str:
        character = found if isinstance(found, str) else found[0]
        return f"&#{ord(character)};" if self.by_reference else f"\\{character}"


def markdown(content: Content, address: Callable[[Picture], str | None]) -> str:
    """The file. ``address``: where a picture lies beside it; None: it is left out, and its table stands open."""
    return _written(content.blocks, Escape(by_reference=False), address)


def jekyll(content: Content, address: Callable[[Picture], str | None]) -> str:
    """A post with front matter; its title stands there, and not again in the text."""
    front = {
        "layout": "post",
        "title": _inert(content.title),
        "description": _inert(content.description),
        "date": content.day,
        "lang": content.lang,
        "tags": [_inert(tag) for tag in content.tags],
    }
    body = [b for b in content.blocks if not (isinstance(b, Heading) and b.level == 1)]
    return front_matter(front) + _written(body, Escape(by_reference=True), address)


def _inert(text: str) -> str:
    """Text for front matter, which themes print as it is: neither tags nor Liquid."""
    return text.translate(_INERT)


def _written(blocks: tuple[Block, ...] | list[Block], escape: Escape, address: Callable[[Picture], str | None]) -> str:  # fmt: skip
    parts = []
    for block in blocks:
        if isinstance(block, Heading):
            parts.append(f"{'#' * block.level} {_line(block.line, escape)}")
        elif isinstance(block, Paragraph):
            text = _line(block.line, escape, is_head=True)
            parts.append(f"> {text}" if block.kind == "note" else f"**{text}**" if block.kind == "lead" else text)  # fmt: skip
        elif isinstance(block, Listing):
            signs = (f"{n}." if block.is_numbered else "-" for n in range(1, len(block.items) + 1))
            parts.append("\n".join(f"{s} {_line(i, escape, is_head=True)}" for s, i in zip(signs, block.items, strict=True)))  # fmt: skip
        elif isinstance(block, Picture):
            if where := address(block):
                parts.append(f"![{escape(block.alt)}]({where})")
        else:
            parts.append(_table(block, escape))
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(table: Table, escape: Escape) -> str:
    rules = ("---:" if i in table.right else "---" for i in range(len(table.head)))
    rows = [
        [escape(name) for name in table.head],
        list(rules),
        *([_line(cell, escape) for cell in row] for row in table.rows),
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _line(line: Line, escape: Escape, *, is_head: bool = False) -> str:
    return "".join(_span(s, escape, is_head=is_head and i == 0) for i, s in enumerate(line)).strip()


def _span(span: Span, escape: Escape, *, is_head: bool) -> str:
    text = escape(span.text, is_head=is_head)
    if span.look == "strong" and (core := text.strip()):
        # Stars beside a blank would not make it bold.
        text = text.replace(core, f"**{core}**")
    # In angle brackets an address ends with no bracket of its own.
    return f"[{text}](<{span.url}>)" if span.url else text

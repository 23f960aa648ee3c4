"""Blocks -> Markdown for velog, Jekyll and Hugo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paycanary.posts import blocks as b
from paycanary.posts.html import inline
from paycanary.posts.languages import language_of
from paycanary.posts.spans import Spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.posts.dialects import Dialect
    from paycanary.posts.places import Rendered


class MarkdownWriter:
    """Writes one page.

    Args:
        dialect: what the place's Markdown understands.
        rendered: where targets lead, and who is told what was lost.
    """

    def __init__(self, dialect: Dialect, rendered: Rendered) -> None:
        self.dialect = dialect
        self.out = rendered
        self.spans = Spans(dialect, rendered)

    def write(self, blocks: Sequence[b.Block]) -> str:
        """The blocks, an empty line between two."""
        return "\n\n".join(part for block in blocks if (part := self.block(block)))

    def block(self, block: b.Block) -> str:  # noqa: C901, PLR0911, PLR0912 - one for each kind
        """One block; "" for one of which nothing is left."""
        self.out.place = block.place or self.out.place
        match block:
            case b.Paragraph():
                return self.spans.write(block.runs)
            case b.Heading():
                words = self.spans.write(block.runs).replace("\\\n", " ").replace("\n", " ")
                # Signs at its end would be taken for the heading's own.
                words = re.sub(r"(?<!\\)#$", r"\#", words.rstrip())
                return f"{'#' * block.level} {words}" if words else ""
            case b.Listing():
                return self._list(block)
            case b.Quote():
                return _prefixed(self.write(block.children), "> ")
            case b.Callout():
                return _prefixed(self._with_icon(block), "> ")
            case b.Toggle():
                return self._toggle(block)
            case b.Code():
                return self._code(block)
            case b.Formula():
                if self.dialect.math_note:
                    self.out.note(self.dialect.math_note, detail=block.tex)
                tex = re.sub(r"\n\s*\n", "\n", block.tex)
                return self.dialect.block_math(tex, self.spans)
            case b.Picture():
                return self._picture(block)
            case b.Attachment() | b.Bookmark():
                name = block.caption or [b.Run(self.out.name(block.target))]
                return self.spans.write([b.Run(run.text, run.styles, block.target, run.kind) for run in name])  # fmt: skip
            case b.Table():
                return self._table(block)
            case b.Rule():
                return "---"
            case b.Columns():
                self.out.note("columns")
                return "\n\n".join(filter(None, (self.write(column) for column in block.columns)))
            case b.Footnotes():
                return self._footnotes(block)
            case b.Lost():
                self.out.note(block.reason, detail=block.detail)
                if block.target and (address := self.out.href(block.target)):
                    return self.spans.write([b.Run(block.detail or address, link=block.target)])
                return ""
            case _:
                raise TypeError(block)

    def _list(self, block: b.Listing) -> str:
        lines: list[str] = []
        is_loose = any(len(item.children) > 1 and not _is_tight(item) for item in block.items)
        for number, item in enumerate(block.items, start=block.start or 1):
            mark = "- " if block.start is None else f"{number}. "
            box = {None: "", False: "[ ] ", True: "[x] "}[item.checked]
            first, rest = (item.children[0], item.children[1:]) if item.children else (None, [])
            is_words = isinstance(first, b.Paragraph)
            if is_words and _is_tight(item):
                head = self.block(item.children[0])
                inner = "\n".join([head, *(self.block(child) for child in rest)])
            else:
                inner = self.write(item.children)
            if box and not is_words:
                inner = f"\n\n{inner}" if inner else inner
            text = _indented(box + inner, " " * len(mark))
            lines.append((mark + text).rstrip())
        text = ("\n\n" if is_loose else "\n").join(lines)
        if self.dialect.marks_start and block.start not in (None, 1):
            text += f'\n{{: start="{block.start}"}}'
        return text

    def _with_icon(self, block: b.Callout) -> str:
        if not block.icon:
            return self.write(block.children)
        first = block.children[0] if block.children else None
        icon = b.Run(f"{block.icon} ")
        if isinstance(first, b.Paragraph):
            head = b.Paragraph([icon, *first.runs], place=first.place)
            return self.write([head, *block.children[1:]])
        return self.write([b.Paragraph([b.Run(block.icon)]), *block.children])

    def _toggle(self, block: b.Toggle) -> str:
        if not self.dialect.details:
            self.out.note("toggle_opened", detail=b.plain(block.title))
            bold = [b.Run(r.text, r.styles | {"bold"}, r.link, r.kind) for r in block.title]
            title = b.Heading(block.level, block.title) if block.level else b.Paragraph(bold)
            return self.write([title, *block.children])
        # Within an HTML element no Markdown is read, so its title is HTML.
        title_html = self._summary(block.title)
        title_html = f"<strong>{title_html}</strong>" if block.level else title_html
        body = self.write(block.children)
        return f"{self.dialect.details}\n<summary>{title_html}</summary>\n\n{body}\n\n</details>"

    def _summary(self, runs: Sequence[b.Run]) -> str:
        plain = [b.Run(" ") if run.kind == "break" else run for run in runs]
        guard, attribute = self.dialect.guard_html, self.dialect.attribute
        return inline(plain, self.out.href, guard=guard, attribute=attribute)

    def _code(self, block: b.Code) -> str:
        longest = max((len(run) for run in re.findall("`+", block.text)), default=0)
        fence = "`" * max(3, longest + 1)
        text = self.dialect.guard_code(block.text, self.out.note)
        code = f"{fence}{language_of(block.language)}\n{text}\n{fence}"
        return f"{code}\n\n{self.spans.write(block.caption)}" if block.caption else code

    def _picture(self, block: b.Picture) -> str:
        address = self.out.href(block.target)
        if address is None:
            return self.spans.write(block.caption)
        alt = self.spans.text(" ".join(b.plain(block.caption).split()))
        return f"![{alt}]({self.dialect.address(address)})"

    def _table(self, block: b.Table) -> str:
        width = max((len(row) for row in block.rows), default=0)
        if not width:
            return ""
        rows = block.rows if block.has_head else [[], *block.rows]
        lines: list[str] = []
        for number, row in enumerate(rows):
            cells = [self.spans.write(cell, in_table=True) for cell in row]
            if block.has_head_column and cells and cells[0] and (number or not block.has_head):
                cells[0] = f"**{cells[0]}**" if not row[0][0].styles else cells[0]
            cells += [""] * (width - len(cells))
            lines.append(f"| {' | '.join(cells)} |")
            if not number:
                lines.append(f"|{' --- |' * width}")
        return "\n".join(lines)

    def _footnotes(self, block: b.Footnotes) -> str:
        return "\n\n".join(
            f"[^{label}]: {_indented(self.write(blocks), '    ')}"
            for label, blocks in block.notes.items()
        )


def _is_tight(item: b.Item) -> bool:
    """A line of words with nothing but lists below it."""
    return all(isinstance(child, b.Listing) for child in item.children[1:])


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join((prefix + line).rstrip() for line in text.split("\n"))


def _indented(text: str, indent: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *((indent + line).rstrip() if line else "" for line in rest)])

"""Blocks -> HTML that blogs' editors keep: a fragment for Tistory, a page to copy from for Naver.

Every word is escaped; elements come from this module alone. No script, no style sheet, no event handler.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from paycanary.posts import blocks as b
from paycanary.posts.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paycanary.posts.places import Rendered

_ELEMENTS: Final[dict[b.Style, str]] = {
    "bold": "strong", "italic": "em", "strike": "s", "underline": "u", "sub": "sub", "sup": "sup", "mark": "mark", "kbd": "kbd", "code": "code",
}  # fmt: skip
_BOXES: Final = {None: "", False: "☐ ", True: "☑ "}


def inline(
    runs: Sequence[b.Run],
    href: Callable[[b.Target], str | None],
    *,
    math: tuple[str, str] = (r"\(", r"\)"),
    footnote: str = '<sup><a href="#note-{0}">{0}</a></sup>',
    guard: Callable[[str], str] = str,
    attribute: Callable[[str], str] = escape,
) -> str:
    """Runs as HTML.

    Args:
        runs: the words.
        href: where a target is published; None: nowhere, and the words stand without a link.
        math: what stands around TeX.
        footnote: what stands for a note's label.
        guard: what is done to words that are HTML already.
        attribute: an address as an attribute's value.
    """
    parts: list[str] = []
    for run in runs:
        if run.kind == "break":
            parts.append("<br>")
        elif run.kind == "footnote":
            parts.append(footnote.format(escape(run.text)))
        elif run.kind == "image" and run.link:
            if source := href(run.link):
                parts.append(f'<img src="{attribute(source)}" alt="{guard(escape(run.text))}">')
            else:
                parts.append(guard(escape(run.text)))
        else:
            words = math[0] + run.text + math[1] if run.kind == "math" else run.text
            text = guard(escape(words, quote=False))
            for style, element in reversed(_ELEMENTS.items()):
                if style in run.styles:
                    text = f"<{element}>{text}</{element}>"
            if run.link and (address := href(run.link)):
                text = f'<a href="{attribute(address)}">{text}</a>'
            parts.append(text)
    return "".join(parts)


class HtmlWriter:
    """Writes one page.

    Args:
        rendered: where targets lead, and who is told what was lost.
        is_simple: for editors that take no folding and no table heads: toggles are opened under a bold line.
    """

    def __init__(self, rendered: Rendered, *, is_simple: bool) -> None:
        self.out = rendered
        self.is_simple = is_simple

    def write(self, blocks: Sequence[b.Block]) -> str:
        """The blocks, a line each."""
        return "\n".join(part for block in blocks if (part := self.block(block)))

    @staticmethod
    def escaped(text: str) -> str:
        """Plain words."""
        return escape(text)

    def words(self, runs: Sequence[b.Run]) -> str:
        """Runs in this place's HTML."""
        note = "<sup>[{0}]</sup>" if self.is_simple else '<sup><a href="#note-{0}">{0}</a></sup>'
        math = ("$", "$") if self.is_simple else (r"\(", r"\)")
        return inline(runs, self.out.href, math=math, footnote=note)

    def block(self, block: b.Block) -> str:  # noqa: C901, PLR0911, PLR0912 - one for each kind
        """Runs in this place's HTML."""
        self.out.place = block.place or self.out.place
        match block:
            case b.Paragraph():
                if any(run.kind == "math" for run in block.runs):
                    self.out.note("math_text" if self.is_simple else "math")
                return f"<p>{self.words(block.runs)}</p>"
            case b.Heading():
                level = min(block.level + 1, 6)  # the blog's own title is the first
                return f"<h{level}>{self.words(block.runs)}</h{level}>"
            case b.Listing():
                return self._list(block)
            case b.Quote():
                return f"<blockquote>\n{self.write(block.children)}\n</blockquote>"
            case b.Callout():
                return self._callout(block)
            case b.Toggle():
                return self._toggle(block)
            case b.Code():
                return self._code(block)
            case b.Formula():
                self.out.note("math_text" if self.is_simple else "math", detail=block.tex)
                begin, end = ("$$", "$$") if self.is_simple else (r"\[", r"\]")
                return f"<p>{begin}{escape(block.tex, quote=False)}{end}</p>"
            case b.Picture():
                return self._picture(block)
            case b.Attachment() | b.Bookmark():
                words = self.words(block.caption) or escape(self.out.name(block.target))
                address = self.out.href(block.target)
                return f'<p><a href="{escape(address)}">{words}</a></p>' if address else f"<p>{words}</p>"  # fmt: skip
            case b.Table():
                return self._table(block)
            case b.Rule():
                return "<hr>"
            case b.Columns():
                self.out.note("columns")
                return "\n".join(self.write(column) for column in block.columns)
            case b.Footnotes():
                return self._footnotes(block)
            case b.Lost():
                self.out.note(block.reason, detail=block.detail)
                address = self.out.href(block.target) if block.target else None
                return f'<p><a href="{escape(address)}">{escape(block.detail or address)}</a></p>' if address else ""  # fmt: skip
            case _:
                raise TypeError(block)

    def _list(self, block: b.Listing) -> str:
        items: list[str] = []
        for item in block.items:
            first, rest = (item.children[0], item.children[1:]) if item.children else (None, [])
            box = _BOXES[item.checked]
            if isinstance(first, b.Paragraph):
                self.out.place = first.place or self.out.place
                text = box + self.words(first.runs)
            else:
                text, rest = box, item.children
            inner = self.write(rest)
            items.append(f"<li>{text}\n{inner}</li>" if inner else f"<li>{text}</li>")
        if block.start is None:
            return "<ul>\n" + "\n".join(items) + "\n</ul>"
        start = f' start="{block.start}"' if block.start != 1 else ""
        return f"<ol{start}>\n" + "\n".join(items) + "\n</ol>"

    def _callout(self, block: b.Callout) -> str:
        children = block.children
        if block.icon:
            first = children[0] if children else None
            icon = b.Run(f"{block.icon} ")
            if isinstance(first, b.Paragraph):
                children = [b.Paragraph([icon, *first.runs], place=first.place), *children[1:]]
            else:
                children = [b.Paragraph([icon]), *children]
        style = "" if self.is_simple else ' data-ke-style="style3"'
        return f"<blockquote{style}>\n{self.write(children)}\n</blockquote>"

    def _toggle(self, block: b.Toggle) -> str:
        if self.is_simple:
            self.out.note("toggle_opened", detail=b.plain(block.title))
            title = f"<p><strong>{self.words(block.title)}</strong></p>"
            return f"{title}\n{self.write(block.children)}".rstrip()
        title = self.words(block.title)
        title = f"<strong>{title}</strong>" if block.level else title
        return f"<details>\n<summary>{title}</summary>\n{self.write(block.children)}\n</details>"

    def _code(self, block: b.Code) -> str:
        language = language_of(block.language)
        text = escape(block.text, quote=False)
        caption = f"\n<p>{self.words(block.caption)}</p>" if block.caption else ""
        if self.is_simple:
            return f"<pre>{text}</pre>{caption}"
        name = escape(language or "text")
        return f'<pre class="{name}" data-ke-language="{name}" data-ke-type="codeblock"><code>{text}</code></pre>{caption}'

    def _picture(self, block: b.Picture) -> str:
        alt = escape(b.plain(block.caption) or self.out.name(block.target))
        caption = self.words(block.caption)
        source = self.out.href(block.target)
        if source is None:
            return f"<p>{caption}</p>" if caption else ""
        image = f'<img src="{escape(source)}" alt="{alt}">'
        if self.is_simple:
            return f"<p>{image}</p>" + (f"\n<p>{caption}</p>" if caption else "")
        under = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f"<figure>{image}{under}</figure>"

    def _table(self, block: b.Table) -> str:
        width = max((len(row) for row in block.rows), default=0)
        lines: list[str] = []
        for number, row in enumerate(block.rows):
            cells: list[str] = []
            for column in range(width):
                words = self.words(row[column]) if column < len(row) else ""
                is_head = (block.has_head and not number) or (block.has_head_column and not column)
                if is_head and self.is_simple:
                    cells.append(f"<td><strong>{words}</strong></td>")
                else:
                    cells.append(f"<th>{words}</th>" if is_head else f"<td>{words}</td>")
            lines.append(f"<tr>{''.join(cells)}</tr>")
        if block.has_head and not self.is_simple and lines:
            lines = ["<thead>", lines[0], "</thead>", "<tbody>", *lines[1:], "</tbody>"]
        else:
            lines = ["<tbody>", *lines, "</tbody>"]
        return '<table border="1">\n' + "\n".join(lines) + "\n</table>"

    def _footnotes(self, block: b.Footnotes) -> str:
        lines = ["<hr>", "<ol>"]
        for label, blocks in block.notes.items():
            name = "" if self.is_simple else f' id="note-{escape(label)}"'
            lines.append(f"<li{name}>{self.write(blocks)}</li>")
        return "\n".join([*lines, "</ol>"])

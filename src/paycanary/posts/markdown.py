"""A page of Notion's Markdown export -> blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from paycanary.posts import blocks as b
from paycanary.posts.inline import Inline, strip
from paycanary.posts.syntax import DEEPEST, parser, split_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.token import Token

_TODO: Final = re.compile(r"\[([ xX])\]\s+")
_HEADING: Final = re.compile(r"(#{1,6})\s+(.*)", re.DOTALL)
#: An emoji with what may hang on it, at the start of a callout.
_ICON: Final = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff][\ufe0f\u20e3\u200d\U0001f3fb-\U0001f3ff\U0001f000-\U0001faff\u2600-\u27bf]*")  # fmt: skip
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".avif", ".heic", ".tif", ".tiff")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """Something that could not be carried over, or not whole.

    Attributes:
        reason: key of ``notes`` in words/posts.<lang>.yaml.
        place: ``line 12``, or the id of a block; "" for the page as a whole.
        detail: what it was: an address, a name, the beginning of its words.
    """

    reason: str
    place: str = ""
    detail: str = ""


@dataclass(slots=True)
class Document:
    """A page that was read."""

    blocks: list[b.Block]
    notes: list[Note] = field(default_factory=list)


def read_markdown(
    text: str, resolve: Callable[[str], b.Target | None], first_line: int = 1
) -> Document:
    """Read a page.

    Args:
        text: Markdown as Notion writes it.
        resolve: where an address in it leads; None: nowhere that may be linked.
        first_line: number in its file of the first line of ``text``.
    """
    split, numbers = split_lines(text)
    env: dict[str, object] = {}
    tokens = parser().parse(split, env)
    reader = _Reader(tokens, resolve, [n + first_line - 1 for n in numbers])
    for token in tokens:
        if token.level >= DEEPEST - 2 and token.nesting == 1 and token.map:
            reader.notes.append(Note("deep", f"line {reader.lines[token.map[0]]}"))
            break
    return Document(reader.blocks(""), reader.notes)


class _Reader:
    """Walks markdown-it's tokens once."""

    def __init__(
        self, tokens: list[Token], resolve: Callable[[str], b.Target | None], lines: list[int]
    ) -> None:
        self.tokens = tokens
        self.at = 0
        self.resolve = resolve
        self.lines = lines
        self.place = ""
        self.notes: list[Note] = []

    def blocks(self, closing: str) -> list[b.Block]:
        """Blocks up to the token of that type, which is passed."""
        found: list[b.Block] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.type == closing:
                break
            if token.map:
                self.place = f"line {self.lines[min(token.map[0], len(self.lines) - 1)]}"
            if (block := self._block(token)) is not None:
                found.append(block)
        return found

    def _block(self, token: Token) -> b.Block | None:  # noqa: C901, PLR0911, PLR0912 - one for each kind
        place = self.place
        match token.type:
            case "paragraph_open" | "heading_open":
                runs = self._inline()
                self.at += 1
                if token.type == "heading_open":
                    return b.Heading(int(token.tag[1]), runs, place=place)
                return self._paragraph(runs, place)
            case "html_block":
                return self._html(token, place)
            case "bullet_list_open" | "ordered_list_open":
                start = token.attrs.get("start", 1) if token.type.startswith("o") else None
                items = self.blocks(token.type.replace("open", "close"))
                only = [item for item in items if isinstance(item, b.Item)]
                return b.Listing(only, None if start is None else int(start), place=place)
            case "list_item_open":
                return self._item(self.blocks("list_item_close"), place)
            case "blockquote_open":
                return b.Quote(self.blocks("blockquote_close"), place=place)
            case "frame_open":
                return self._frame(token, place)
            case "fence" | "code_block":
                return b.Code(token.info.strip(), token.content.removesuffix("\n"), place=place)
            case "math_block":
                return b.Formula(token.content.strip(), place=place)
            case "hr":
                return b.Rule(place=place)
            case "table_open":
                return self._table(place)
            case "footnote_block_open":
                return self._footnotes(place)
            case _:
                return None

    def _note(self, reason: str, detail: str) -> None:
        self.notes.append(Note(reason, self.place, detail))

    def _inline(self) -> list[b.Run]:
        """Runs of the inline token that comes next."""
        token = self.tokens[self.at]
        self.at += 1
        return Inline(self.resolve, self._note).read(token.children or [])

    def _words(self, text: str) -> list[b.Run]:
        """Runs of Markdown that stands within HTML."""
        (token,) = parser().parseInline(text, {})
        return strip(Inline(self.resolve, self._note).read(token.children or []))

    def _paragraph(self, runs: list[b.Run], place: str) -> b.Block | None:
        runs = strip(runs)
        if not runs:
            return None
        only = runs[0] if len(runs) == 1 else None
        if only is None or only.link is None:
            return b.Paragraph(runs, place=place)
        target, name = only.link, only.text.strip()
        if only.kind == "image":
            caption = [b.Run(name)] if name and name != _file(target) else []
            return b.Picture(target, caption, place=place)
        caption = [replace(only, link=None, text=name)]
        if target.kind == "asset":
            if target.value.lower().endswith(_PICTURES):
                return b.Picture(target, caption, place=place)
            return b.Attachment(target, caption, place=place)
        return b.Bookmark(target, caption, place=place)

    def _html(self, token: Token, place: str) -> b.Block | None:
        return self._paragraph(self._words(token.content), place)

    def _item(self, inner: list[b.Block], place: str) -> b.Item:
        first = inner[0] if inner else None
        if isinstance(first, b.Paragraph) and first.runs[0].kind == "text":
            mark = _TODO.match(first.runs[0].text) or re.fullmatch(r"\[([ xX])\]", first.runs[0].text)  # fmt: skip
            if mark:
                first.runs[0] = replace(first.runs[0], text=first.runs[0].text[mark.end() :])
                first.runs = strip(first.runs)
                rest = inner if first.runs else inner[1:]
                return b.Item(rest, mark[1] != " ", place=place)
        return b.Item(inner, place=place)

    def _frame(self, token: Token, place: str) -> b.Block:
        inner = self.blocks("frame_close")
        if token.meta["tag"] == "details":
            heading = _HEADING.fullmatch(token.meta["summary"])
            words = heading[2] if heading else token.meta["summary"]
            level = len(heading[1]) if heading else 0
            return b.Toggle(self._words(words), inner, level, place=place)
        icon = ""
        first = inner[0] if inner else None
        if isinstance(first, b.Paragraph) and first.runs[0].kind == "text":
            found = _ICON.match(first.runs[0].text)
            if found:
                icon = found[0]
                rest = replace(first.runs[0], text=first.runs[0].text[found.end() :].lstrip())
                first.runs = strip([rest, *first.runs[1:]])
                inner = inner if first.runs else inner[1:]
        return b.Callout(icon, inner, place=place)

    def _table(self, place: str) -> b.Table:
        rows: list[list[list[b.Run]]] = []
        while (token := self.tokens[self.at]).type != "table_close":
            if token.type == "inline":
                rows[-1].append(strip(self._inline()))
                continue
            if token.type == "tr_open":
                rows.append([])
            self.at += 1
        self.at += 1
        return b.Table(rows, has_head=any(rows[0]) if rows else False, place=place)

    def _footnotes(self, place: str) -> b.Footnotes:
        notes: dict[str, list[b.Block]] = {}
        while (token := self.tokens[self.at]).type != "footnote_block_close":
            self.at += 1
            if token.type == "footnote_open":
                notes[str(token.meta["id"] + 1)] = self.blocks("footnote_close")
        self.at += 1
        return b.Footnotes(notes, place=place)


def _file(target: b.Target) -> str:
    return target.value.rpartition("/")[2]

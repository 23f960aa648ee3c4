"""Blocks as PDF pages or one picture, set by Typst. Text reaches it as data, never as part of its source. Extra ``report``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pylopdf_fonts_ko
import typst

from paycanary.report.files.blocks import Heading, Listing, Paragraph, Picture, Table
from paycanary.resources import read_text

if TYPE_CHECKING:
    from paycanary.report.files.blocks import Block, Content, Line

#: A picture is 540 points wide: as sharp as a phone shows it.
_PIXELS: Final = 1080
_WIDTH: Final = 540
_INCH: Final = 72
#: Accessible: tagged, with a title, a language, and words for every picture.
_STANDARD: Final = "ua-1"


def pdf(content: Content) -> bytes:
    """Pages in A4. The day of the data is the file's date: the same content gives the same bytes."""
    moment = datetime(content.day.year, content.day.month, content.day.day, tzinfo=UTC)
    made = _compiler().compile(
        format="pdf",
        sys_inputs=_inputs(content, "pages"),
        timestamp=int(moment.timestamp()),
        pdf_standards=_STANDARD,
    )
    return _one(made)


def picture(content: Content) -> bytes:
    """One PNG, as long as it has to be."""
    made = _compiler().compile(
        format="png", ppi=_PIXELS / _WIDTH * _INCH, sys_inputs=_inputs(content, "picture")
    )
    return _one(made)


def _one(made: Any) -> bytes:
    whole: bytes = made[0] if isinstance(made, list) else made
    return whole


def _inputs(content: Content, form: str) -> dict[str, str]:
    told = {
        "title": content.title,
        "description": content.description,
        "tags": content.tags,
        "lang": content.lang,
        "day": content.day.isoformat(),
        "blocks": [_block(b, i, content.blocks) for i, b in enumerate(content.blocks)],
    }
    return {"content": json.dumps(told, ensure_ascii=False), "form": form}


def _block(block: Block, place: int, blocks: tuple[Block, ...]) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "line": _line(block.line)}
    if isinstance(block, Paragraph):
        # What introduces a table stays with it on one page.
        is_sticky = isinstance(blocks[min(place + 1, len(blocks) - 1)], Table | Picture | Listing)
        return {"kind": "paragraph", "look": block.kind, "line": _line(block.line), "sticky": is_sticky}  # fmt: skip
    if isinstance(block, Listing):
        return {"kind": "listing", "numbered": block.is_numbered, "items": [_line(i) for i in block.items]}  # fmt: skip
    if isinstance(block, Picture):
        return {"kind": "picture", "svg": block.svg, "alt": block.alt, "width": block.width}
    return {
        "kind": "table",
        "head": block.head,
        "rows": [[_line(cell) for cell in row] for row in block.rows],
        "right": sorted(block.right),
        "widths": block.widths,
    }


def _line(line: Line) -> list[dict[str, Any]]:
    return [{"text": s.text, "look": s.look, "url": s.url} for s in line]


def _compiler() -> Any:
    """A compiler with the document's source: one can set a source that is no file only once."""
    source = read_text("report", "files", "templates", "document.typ").encode()
    compiler: Any = typst.Compiler  # its stubs know of no source and fonts together
    return compiler(input=source, font_paths=_fonts())


@cache
def _fonts() -> Any:
    """The one font that the package brings: what a machine has installed changes nothing."""
    folder = str(pylopdf_fonts_ko.sans_path().parent)
    fonts: Any = typst.Fonts
    return fonts(include_system_fonts=False, font_paths=[folder])

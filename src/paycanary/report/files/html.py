"""Blocks as HTML: a page in one file that asks nobody for anything, or a fragment for a blog's HTML editor. Extra ``report``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from paycanary.report.files.blocks import text_of
from paycanary.resources import read_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.report.files.blocks import Block, Content, Picture

_NUMBERS: Final = "text-align:right;font-variant-numeric:tabular-nums;"
_CELL: Final = "padding:4px 8px;border-bottom:1px solid #dcd8ce;vertical-align:top;"
_TABLE: Final = "border-collapse:collapse;width:100%;font-size:.9em;"
#: Looks in a fragment: blogs take no style sheet.
_STYLES: Final = {
    "body": "line-height:1.6;word-break:keep-all;overflow-wrap:anywhere;color:#1e2329;",
    "lead": "font-size:1.12em;font-weight:600;",
    "note": "border-left:4px solid #dcd8ce;padding:4px 12px;background:#f5f3ee;",
    "finding": "margin:20px 0 4px;",
    "small": "font-size:.88em;color:#545b64;",
    "soft": "color:#545b64;",
    "code": "font-family:monospace;font-size:.9em;",
    "danger": "color:#a3201b;font-weight:700;",
    "watch": "color:#7d4f00;font-weight:700;",
    "good": "color:#1c633c;font-weight:700;",
    "unknown": "color:#545b64;font-weight:700;",
    "scroll": "overflow-x:auto;margin:4px 0 16px;",
    "table": _TABLE,
    "stacks": _TABLE,
    "head": f"text-align:left;color:#545b64;{_CELL}",
    "head-number": f"color:#545b64;{_CELL}{_NUMBERS}",
    "cell": _CELL,
    "short": f"{_CELL}white-space:nowrap;",
    "number": f"{_CELL}{_NUMBERS}",
}
#: Words for looks that a page's style sheet speaks of; elements speak for themselves.
_CLASSES: Final = {"lead", "note", "finding", "small", "soft", "code", "danger", "watch", "good", "unknown", "scroll", "number", "head-number", "cell", "short", "stacks"}  # fmt: skip


def page(content: Content) -> str:
    """A whole page: its charts and its style inside, no script, no address that is asked."""
    style = Markup(read_text("report", "files", "templates", "page.css"))  # noqa: S704 - our own file
    return _render("page.html", content, _class, _drawn, style=style, is_page=True)


def fragment(content: Content, address: Callable[[Picture], str | None]) -> str:
    """What stands between the tags of a blog's page; ``address``: where a picture lies beside it."""

    def picture(drawn: Picture) -> Markup:
        where = address(drawn)
        if where is None:
            return Markup()
        image = Markup('<p><img src="{}" alt="{}" width="{}" style="max-width:100%;height:auto;"></p>')  # fmt: skip
        return image.format(where, drawn.alt, drawn.width)

    return _render("fragment.html", content, _style, picture, style="", is_page=False)


def _render(name: str, content: Content, at: Any, picture: Any, **more: Any) -> str:
    template = _environment().get_template(name)
    return template.render(content=content, at=at, picture=picture, **more)


def _class(look: str) -> Markup:
    return Markup(' class="{}"').format(look) if look in _CLASSES else Markup()


def _style(look: str) -> Markup:
    return Markup(' style="{}"').format(_STYLES[look]) if look in _STYLES else Markup()


def _drawn(picture: Picture) -> Markup:
    return Markup(picture.svg)  # noqa: S704 - our own drawing: names in it are escaped text nodes


def _kind(block: Block) -> str:
    return type(block).__name__


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("paycanary.report.files", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"kind_of": _kind, "text_of": text_of}
    return made

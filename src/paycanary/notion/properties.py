"""Values of Notion's properties: read as plain text, and paycanary's own written."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from paycanary.notion import values
from paycanary.report.names import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.errors import Lang
    from paycanary.notion.values import Kind, Value

#: Types from which a company's name can be read.
READABLE: Final = frozenset({"title", "rich_text", "select", "multi_select", "formula", "rollup", "relation", "number"})  # fmt: skip
#: Notion takes 2,000 characters a piece of text and 100 pieces; some characters count twice.
_PIECE: Final = 1000
_PIECES: Final = 100
_TYPES: Final[dict[Kind, str]] = {"text": "rich_text", "number": "number", "select": "select", "date": "date"}  # fmt: skip
_COLOURS: Final = {"danger": "red", "watch": "yellow", "good": "green", "unknown": "gray"}


def text(value: dict[str, Any]) -> str:
    """A property's value as text, several values a line each; "" where there is none. Relations are asked for otherwise."""
    kind = value.get("type", "")
    held, read = value.get(kind), _READ.get(kind)
    return "" if held is None or read is None else read(held)


def _plain(held: object) -> str:
    return str(int(held)) if isinstance(held, float) and held.is_integer() else str(held)


_READ: Final[dict[str, Callable[[Any], str]]] = {
    "title": lambda held: "".join(str(piece.get("plain_text", "")) for piece in held),
    "rich_text": lambda held: "".join(str(piece.get("plain_text", "")) for piece in held),
    "select": lambda held: str(held.get("name", "")),
    "multi_select": lambda held: "\n".join(str(option.get("name", "")) for option in held),
    "formula": text,
    "rollup": lambda held: "\n".join(filter(None, (text(part) for part in held.get("array") or ()))),
    "number": _plain,
    "string": str,
}  # fmt: skip


def related(value: dict[str, Any]) -> list[str]:
    """Numbers of the pages that a relation leads to."""
    return [str(page["id"]) for page in value.get("relation") or () if "id" in page]


def title(page: dict[str, Any]) -> str:
    """A page's title."""
    held = page.get("properties", {}).values()
    return next((text(value) for value in held if value.get("type") == "title"), "")


def schema(column: str, lang: Lang) -> dict[str, Any]:
    """How Notion is told to add one of paycanary's columns."""
    kind = values.columns(with_forecast=True)[column]
    if kind == "select":
        options = [{"name": LEVELS[lang][level], "color": colour} for level, colour in _COLOURS.items()]  # fmt: skip
        return {"select": {"options": options}}
    return {"number": {"format": "number"}} if kind == "number" else {_TYPES[kind]: {}}


def type_of(column: str) -> str:
    """Notion's name for the type of one of paycanary's columns."""
    return _TYPES[values.columns(with_forecast=True)[column]]


def written(column: str, value: Value) -> dict[str, Any]:
    """A value as Notion takes it."""
    kind = type_of(column)
    if kind == "number":
        return {"number": value}
    if kind == "select":
        return {"select": {"name": str(value)} if value else None}
    if kind == "date":
        return {"date": {"start": str(value)} if value else None}
    told = str(value or "")
    pieces = [told[i : i + _PIECE] for i in range(0, len(told), _PIECE)][:_PIECES]
    return {"rich_text": [{"type": "text", "text": {"content": piece}} for piece in pieces]}


def is_same(column: str, held: dict[str, Any] | None, value: Value) -> bool:
    """Whether a page already holds a value."""
    kind = type_of(column)
    stands = (held or {}).get(kind)
    if kind == "rich_text":
        return "".join(str(p.get("plain_text", "")) for p in stands or ()) == str(value or "")[: _PIECE * _PIECES]  # fmt: skip
    if kind == "number":
        return stands == value
    key = "name" if kind == "select" else "start"
    stood = stands.get(key) if isinstance(stands, dict) else None
    return stood == (value.isoformat() if isinstance(value, date) else value or None)

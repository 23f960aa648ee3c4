"""Blocks of Notion's API, as JSON with their children -> blocks."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from paycanary.posts import blocks as b
from paycanary.posts.inline import join, strip
from paycanary.posts.notebook import web_target

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTS: Final = {"bulleted_list_item": "bullet", "numbered_list_item": "number", "to_do": "bullet"}
_STYLES: Final[dict[str, b.Style]] = {"bold": "bold", "italic": "italic", "strikethrough": "strike", "underline": "underline", "code": "code"}  # fmt: skip
_FILES: Final = ("file", "pdf", "video", "audio")
#: Kinds that are told of by a name of their own; any other is `block_unsupported`.
_TOLD: Final = {"template": "template", "table_of_contents": "toc", "breadcrumb": "toc"}
#: Deeper blocks are not asked for.
DEEPEST: Final = 30


def to_blocks(found: Sequence[dict[str, Any]]) -> list[b.Block]:
    """Blocks of a list of the API's, each with its ``children`` where it has some. Neighbouring entries become one list."""
    blocks: list[b.Block] = []
    for kind, group in groupby(found, key=lambda each: _LISTS.get(each["type"], "")):
        if not kind:
            for each in group:
                blocks += _blocks(each)
            continue
        found = list(group)
        items = [_item(each) for each in found]
        first = int(found[0][found[0]["type"]].get("list_start_index") or 1)
        blocks.append(b.Listing(items, first if kind == "number" else None, place=items[0].place))
    return blocks


def runs_of(rich: Sequence[dict[str, Any]]) -> list[b.Run]:
    """Words of a rich text."""
    runs: list[b.Run] = []
    for each in rich:
        marks = each.get("annotations") or {}
        styles = {style for name, style in _STYLES.items() if marks.get(name)}
        if str(marks.get("color", "")).endswith("_background"):
            styles.add("mark")
        if each["type"] == "equation":
            runs.append(b.Run(each["equation"]["expression"], frozenset(), None, "math"))
            continue
        link = _link(each)
        for number, line in enumerate(str(each.get("plain_text", "")).split("\n")):
            if number:
                runs.append(b.Run("", kind="break"))
            runs.append(b.Run(line, frozenset(styles), link))
    return join(runs)


def asset_key(block: dict[str, Any]) -> str | None:
    """The key of a block's file that Notion itself keeps: the block's id and the file's name; None for another block."""
    held = block.get(block["type"])
    if not isinstance(held, dict) or held.get("type") != "file":
        return None
    name = held.get("name") or unquote(urlsplit(held["file"]["url"]).path.rpartition("/")[2])
    return f"{block['id']}/{str(name).replace('/', '-')}"


def _link(rich: dict[str, Any]) -> b.Target | None:
    mention = rich.get("mention") or {}
    if mention.get("type") in ("page", "database"):
        return b.Target("page", _hex(mention[mention["type"]]["id"]), rich.get("href") or "")
    href = rich.get("href")
    if not href:
        return None
    return web_target(f"https://www.notion.so{href}" if href.startswith("/") else href)


def _hex(identity: str) -> str:
    return identity.replace("-", "").lower()


def _item(each: dict[str, Any]) -> b.Item:
    held = each[each["type"]]
    words = strip(runs_of(held["rich_text"]))
    head: list[b.Block] = [b.Paragraph(words, place=each["id"])] if words else []
    checked = bool(held.get("checked")) if each["type"] == "to_do" else None
    return b.Item([*head, *_inner(each)], checked, place=each["id"])


def _inner(each: dict[str, Any]) -> list[b.Block]:
    inner = to_blocks(each.get("children", []))
    return [*inner, b.Lost("deep", place=each["id"])] if each.get("is_cut") else inner


def _blocks(each: dict[str, Any]) -> list[b.Block]:  # noqa: C901, PLR0911, PLR0912 - one for each kind
    kind, place = each["type"], each["id"]
    held = each.get(kind) or {}
    words = strip(runs_of(held.get("rich_text") or []))
    match kind:
        case "paragraph":
            return [*([b.Paragraph(words, place=place)] if words else []), *_inner(each)]
        case "heading_1" | "heading_2" | "heading_3" | "heading_4":
            level = int(kind[-1])
            if held.get("is_toggleable"):
                return [b.Toggle(words, _inner(each), level, place=place)]
            return [b.Heading(level, words, place=place)]
        case "toggle":
            return [b.Toggle(words, _inner(each), place=place)]
        case "quote" | "callout":
            head: list[b.Block] = [b.Paragraph(words, place=place)] if words else []
            if kind == "quote":
                return [b.Quote([*head, *_inner(each)], place=place)]
            icon = held.get("icon") or {}
            return [b.Callout(str(icon.get("emoji") or ""), [*head, *_inner(each)], place=place)]
        case "code":
            text = "".join(str(part.get("plain_text", "")) for part in held.get("rich_text") or [])
            caption = strip(runs_of(held.get("caption") or []))
            return [b.Code(held.get("language") or "", text, caption, place=place)]
        case "equation":
            return [b.Formula(held["expression"].strip(), place=place)]
        case "divider":
            return [b.Rule(place=place)]
        case "column_list":
            return [b.Columns([_inner(column) for column in each.get("children", [])], place=place)]
        case "table":
            rows = [[strip(runs_of(cell)) for cell in row["table_row"]["cells"]] for row in each.get("children", [])]  # fmt: skip
            return [b.Table(rows, bool(held.get("has_column_header")), bool(held.get("has_row_header")), place=place)]  # fmt: skip
        case "synced_block":
            lost = [b.Lost("synced", place=place)] if each.get("is_lost") else []
            return [*_inner(each), *lost]
        case _:
            return _leading(each, held, place)


def _leading(each: dict[str, Any], held: dict[str, Any], place: str) -> list[b.Block]:  # noqa: C901, PLR0911 - one for each kind
    """Blocks that lead elsewhere, and those that cannot be carried over."""
    kind = each["type"]
    if kind == "image" or kind in _FILES:
        key = asset_key(each)
        address = (held.get("external") or {}).get("url") or ""
        target = b.Target("asset", key) if key else web_target(address)
        caption = strip(runs_of(held.get("caption") or []))
        if target is None:
            reason = "image_dropped" if kind == "image" else "link_dropped"
            return _unlinked(reason, caption, address, place)
        if kind == "image":
            return [b.Picture(target, caption, place=place)]
        name = [b.Run(str(held.get("name") or target.value.rpartition("/")[2]))]
        return [b.Attachment(target, caption or name, place=place)]
    if kind in ("bookmark", "embed", "link_preview"):
        address = str(held.get("url") or "")
        target = web_target(address)
        caption = strip(runs_of(held.get("caption") or [])) or [b.Run(address)]
        if target is None:
            return _unlinked("link_dropped", caption, address, place)
        if kind == "embed":
            return [b.Lost("embed", b.plain(caption), target, place=place)]
        return [b.Bookmark(target, caption, place=place)]
    if kind == "child_page":
        target = b.Target("page", _hex(place))
        return [b.Bookmark(target, [b.Run(held.get("title") or place)], place=place)]
    if kind == "link_to_page" and held.get("type") == "page_id":
        target = b.Target("page", _hex(held["page_id"]))
        if not each.get("title"):
            return [b.Lost("page_missing", held["page_id"], place=place)]
        return [b.Bookmark(target, [b.Run(each["title"])], place=place)]
    if kind in ("child_database", "link_to_page"):
        return [b.Lost("database", str(held.get("title") or ""), place=place)]
    return [b.Lost(_TOLD.get(kind, "block_unsupported"), kind, place=place)]


def _unlinked(reason: str, words: list[b.Run], address: str, place: str) -> list[b.Block]:
    """What cannot be linked to: its words alone."""
    shown: list[b.Block] = [b.Paragraph(words, place=place)] if words else []
    return [*shown, b.Lost(reason, address, place=place)]


def property_text(value: dict[str, Any]) -> str:  # noqa: PLR0911 - one for each kind
    """A property's value as an export writes it; "" for kinds that say nothing about a post."""
    kind = value["type"]
    held = value.get(kind)
    if held is None:
        return ""
    if kind in ("title", "rich_text"):
        return "".join(str(part.get("plain_text", "")) for part in held)
    if kind in ("select", "status"):
        return str(held["name"])
    if kind == "multi_select":
        return ", ".join(str(each["name"]) for each in held)
    if kind == "date":
        return str(held["start"])[:10]
    if kind in ("created_time", "last_edited_time"):
        return seoul_day(str(held)).isoformat()
    if kind == "formula":
        return property_text(held) if held.get("type") == "date" else str(held.get(held["type"]) or "")  # fmt: skip
    if kind == "unique_id":
        return f"{held.get('prefix') or ''}{held.get('number')}"
    if kind in ("number", "checkbox", "url", "string"):
        return str(held)
    return ""


def seoul_day(moment: str) -> date:
    """The day in Korea of a moment as the API gives it, ``2024-04-13T15:00:00.000Z``."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Asia/Seoul")).date()

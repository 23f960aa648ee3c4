"""Notion's API as far as pages go: a page holds blocks, a block may hold blocks, files lie elsewhere under addresses that expire.

    with service() as notion:
        page = notion.rules.note("제목", [paragraph("글"), toggle("펼치기", [paragraph("안")])])
        ... PAYCANARY_NOTION_URL=notion.url NOTION_TOKEN=TOKEN

Builds on the stand-in of databases: the same token, limits and errors.
"""

from __future__ import annotations

import copy
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.standins.notion import Notion, RefusedError, Service
from tests.standins.server import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Block = dict[str, Any]
_MOST: Final = 100
_PLAIN: Final = {"bold": False, "italic": False, "strikethrough": False, "underline": False, "code": False, "color": "default"}  # fmt: skip


@dataclass
class Workspace(Notion):
    """A workspace with pages of blocks.

    ``files``: path -> bytes, given at ``/files/<path>`` while they have not expired. ``signed`` counts signatures given out; those up to
    ``stale`` are not taken any more. ``failing``: page or block -> code with which it is refused.
    """

    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    below: dict[str, list[Block]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    url: str = ""
    signed: int = 0
    stale: int = 0
    failing: dict[str, str] = field(default_factory=dict)

    def note(self, title: str, blocks: Sequence[Block], properties: Mapping[str, Any] | None = None, number: str = "") -> str:  # fmt: skip
        """Add a page; returns its number."""
        number = number or str(uuid.uuid4())
        values: dict[str, Any] = {"title": {"id": "title", "type": "title", "title": words(title)}, **(properties or {})}  # fmt: skip
        self.notes[number] = {"created_time": "2024-04-12T16:30:00.000Z", "properties": values}
        self.below[number] = self._kept(blocks)
        return number

    def _kept(self, blocks: Sequence[Block]) -> list[Block]:
        kept = []
        for block in blocks:
            own = copy.deepcopy(block)
            inner = own.pop("children", None)
            own = {"object": "block", "id": str(uuid.uuid4()), "has_children": inner is not None, "archived": False, **own}  # fmt: skip
            if inner is not None:
                self.below[own["id"]] = self._kept(inner)
            kept.append(own)
        return kept

    def __call__(self, request: Request) -> Reply:
        if request.path.startswith("/files/"):
            name = request.path.removeprefix("/files/")
            signature = int(request.params.get("X-Amz-Signature", "0"))
            if name in self.expired or name not in self.files or signature <= self.stale:
                return Reply(b"<Error><Code>AccessDenied</Code></Error>", 403, "application/xml")
            return Reply(self.files[name], 200, "application/octet-stream")
        return super().__call__(request)

    def _answer(self, request: Request) -> Any:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["v1", "blocks", number, "children"]:
                self._admit()
                self._let_in(request)
                return self._children(str(uuid.UUID(number)), request.params)
            case "GET", ["v1", "blocks", number]:
                self._admit()
                self._let_in(request)
                return self._block(str(uuid.UUID(number)))
            case "GET", ["v1", "pages", number] if (own := str(uuid.UUID(number))) in self.notes:
                self._admit()
                self._let_in(request)
                self._seen(own)
                return {"object": "page", "id": own, "url": f"https://www.notion.so/{uuid.UUID(own).hex}", "in_trash": False, **self.notes[own]}  # fmt: skip
        return super()._answer(request)

    def _let_in(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise RefusedError("unauthorized", "The token is not valid.")

    def _seen(self, number: str) -> None:
        if number in self.unshared:
            raise RefusedError("object_not_found", f"{number} is not shared with the integration.")
        if number in self.failing:
            raise RefusedError(self.failing[number], "Refused, as the test wants it.")

    def _block(self, number: str) -> Any:
        self._seen(number)
        for held in (block for blocks in self.below.values() for block in blocks):
            if held["id"] == number:
                return self._addressed(held)
        raise RefusedError("object_not_found", f"No block {number}.")

    def _children(self, number: str, params: Mapping[str, str]) -> Any:
        self._seen(number)
        if number not in self.below:
            raise RefusedError("object_not_found", f"No block {number}.")
        held = self.below[number]
        size = int(params.get("page_size", _MOST))
        if not 1 <= size <= _MOST:
            raise RefusedError("validation_error", "page_size should be at most 100.")
        places = [block["id"] for block in held]
        start = places.index(params["start_cursor"]) if "start_cursor" in params else 0
        following = places[start + size] if start + size < len(places) else None
        results = [self._addressed(block) for block in held[start : start + size]]
        return {"object": "list", "type": "block", "results": results, "has_more": following is not None, "next_cursor": following}  # fmt: skip

    def _addressed(self, block: Block) -> Block:
        """A block whose file has a newly signed address."""
        held = block.get(block["type"])
        if not isinstance(held, dict) or held.get("type") != "file":
            return block
        self.signed += 1
        address = f"{self.url}/files/{held['file']['url']}?X-Amz-Signature={self.signed}"
        own = {**held, "file": {"url": address, "expiry_time": f"2026-01-01T00:00:{self.signed % 60:02}.000Z"}}  # fmt: skip
        return {**block, block["type"]: own}


def service(**switches: Any) -> Service:
    """A stand-in to be started as a context manager; its ``rules`` are the workspace."""
    rules = Workspace(**switches)
    running = Service(rules)
    rules.url = running.url
    return running


# --- blocks as the API gives them -------------------------------------------------------------------


def words(*parts: str | Block) -> list[Block]:
    """A rich text."""
    return [part if isinstance(part, dict) else styled(part) for part in parts if part]


def styled(text: str, href: str | None = None, **annotations: Any) -> Block:
    """A piece of a rich text."""
    link = {"url": href} if href else None
    return {"type": "text", "text": {"content": text, "link": link}, "annotations": {**_PLAIN, **annotations}, "plain_text": text, "href": href}  # fmt: skip


def equation(tex: str) -> Block:
    """An equation within a line."""
    return {"type": "equation", "equation": {"expression": tex}, "annotations": _PLAIN, "plain_text": tex, "href": None}  # fmt: skip


def mention(page: str, title: str) -> Block:
    """A mention of a page."""
    return {"type": "mention", "mention": {"type": "page", "page": {"id": page}}, "annotations": _PLAIN, "plain_text": title, "href": f"https://www.notion.so/{page.replace('-', '')}"}  # fmt: skip


def block(kind: str, *parts: str | Block, children: Sequence[Block] | None = None, **more: Any) -> Block:  # fmt: skip
    """A block whose content is a rich text."""
    made: Block = {"type": kind, kind: {"rich_text": words(*parts), "color": "default", **more}}
    return {**made, "children": list(children)} if children is not None else made


def bare(kind: str, children: Sequence[Block] | None = None, **content: Any) -> Block:
    """A block of any other content."""
    made: Block = {"type": kind, kind: content}
    return {**made, "children": list(children)} if children is not None else made


def hosted(kind: str, path: str, caption: str = "", **more: Any) -> Block:
    """A picture or file that lies with Notion."""
    return bare(kind, type="file", file={"url": path}, caption=words(caption), **more)

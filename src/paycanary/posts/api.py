"""A page read through Notion's API, with the pages beneath it where that is asked for, as a notebook."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
from notion_client.errors import HTTPResponseError

from paycanary.errors import (  # fmt: skip
    AnswerError,
    KeyRefusedError,
    PaycanaryError,
    SourceError,
    UnreachableError,
)
from paycanary.notion.api import Notion
from paycanary.posts.api_blocks import DEEPEST, asset_key, property_text, seoul_day, to_blocks
from paycanary.posts.markdown import Document
from paycanary.posts.notebook import Entry, GoneError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paycanary.errors import Lang
    from paycanary.progress import Progress

_ID: Final = re.compile(r"([0-9a-f]{32})$")
#: Bytes of a picture or file.
_LARGEST: Final = 256 << 20
_PAGE: Final = 100
#: Pages in a row without an answer, after which the rest is not asked for.
_UNANSWERED: Final = 3
#: Kinds whose children are pages and rows of their own.
_APART: Final = ("child_page", "child_database")


def page_id(text: str) -> str | None:
    """The 32 hex digits of a page's address or id; None where it is neither."""
    plain = text.strip().replace("-", "").lower()
    if _ID.fullmatch(plain):
        return plain
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https"):
        return None
    shown = parse_qs(parts.query).get("p", [""])[0]
    for candidate in (shown, parts.path):
        if found := _ID.search(candidate.replace("-", "").lower()):
            return found[1]
    return None


@contextmanager
def read_notebook(root: str, progress: Progress, *, subpages: bool) -> Iterator[ApiNotebook]:
    """A page, read whole.

    Args:
        root: 32 hex digits.
        progress: told of every page.
        subpages: also the pages beneath it, and beneath those.

    Raises:
        KeyRefusedError: no token, or one that is not valid (any more).
        SourceError: the page is not there, or not shared with the integration.
        UnreachableError: Notion does not answer, several pages long.
        AnswerError: it answers something else.
    """
    with Pages.from_environment() as notion, httpx.Client(follow_redirects=True, timeout=60) as files:  # fmt: skip
        notebook = ApiNotebook(notion, files)
        notebook.take(root, progress, subpages=subpages)
        yield notebook


class Pages(Notion):
    """A connection that reads pages; its errors speak of pages."""

    def children(self, block_id: str, what: dict[Lang, str]) -> list[dict[str, Any]]:
        """The blocks right below a page or block; kinds that the client's version does not know come too."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            asked = {"page_size": _PAGE, **cursor}
            answer = self._ask(lambda: self._client.blocks.children.list(block_id, **asked), what)  # noqa: B023 - asked at once
            results = answer.get("results")
            if not isinstance(results, list):
                raise self._broken("no results")
            found += [each for each in results if isinstance(each, dict) and "type" in each]
            following = answer.get("next_cursor")
            if not answer.get("has_more") or not following or following == cursor.get("start_cursor"):  # fmt: skip
                return found
            cursor = {"start_cursor": following}

    def block(self, block_id: str, what: dict[Lang, str]) -> dict[str, Any]:
        """A block without those below it."""
        return self._ask(lambda: self._client.blocks.retrieve(block_id), what)

    def _explained(self, error: Exception, what: dict[Lang, str]) -> PaycanaryError:
        status = error.status if isinstance(error, HTTPResponseError) else None
        if status == httpx.codes.UNAUTHORIZED:
            return KeyRefusedError(
                "notion",
                {"ko": "노션이 NOTION_TOKEN 을 받지 않았습니다(401: 만료되었거나 틀림).", "en": "Notion did not take NOTION_TOKEN (401): it has expired or is wrong."},
                {"ko": "노션의 연결(integration) 설정에서 토큰을 새로 받아 NOTION_TOKEN 에 넣으세요.", "en": "Get a new token from the integration's settings in Notion and put it into NOTION_TOKEN."},
            )  # fmt: skip
        if status in (httpx.codes.NOT_FOUND, httpx.codes.FORBIDDEN):
            return SourceError(
                "notion",
                {"ko": f"{what['ko']}: 없거나 연결에 공유되어 있지 않습니다({status}).", "en": f"{what['en']} is not there, or is not shared with the integration ({status})."},
                {"ko": "노션에서 그 페이지의 ··· → 연결 → 만든 연결을 더한 뒤 다시 실행하세요.", "en": "Add the integration to the page under ··· → Connections, then run it again."},
            )  # fmt: skip
        if status == httpx.codes.BAD_REQUEST:
            return AnswerError(
                "notion",
                {"ko": f"{what['ko']}: 노션이 요청을 받지 않았습니다(400).", "en": f"{what['en']}: Notion refused the request (400)."},
                {"ko": "데이터베이스가 아니라 페이지의 주소인지 보세요.", "en": "See that it is the address of a page, not of a database."},
            )  # fmt: skip
        told = super()._explained(error, what)
        told.todo = {"ko": "잠시 뒤 다시 실행하세요. 바뀐 글만 다시 씁니다.", "en": "Run it again later; only posts that have changed are written again."}  # fmt: skip
        return told


@dataclass(slots=True)
class ApiNotebook:
    """Pages as Notion's API gave them."""

    notion: Pages
    files: httpx.Client
    name: str = ""
    entries: list[Entry] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    _trees: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    def take(self, root: str, progress: Progress, *, subpages: bool) -> None:
        """Read a page; what cannot be read beneath it is refused, page by page."""
        progress.step("notion")
        waiting, met, unanswered = [root], {root}, 0
        read: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
        while waiting:
            identity = waiting.pop(0)
            try:
                page = self.notion.page(identity, _named(identity))
                tree = self._children(identity, 0)
            except SourceError as error:
                is_silent = isinstance(error, UnreachableError)
                unanswered = unanswered + 1 if is_silent else 0
                if identity == root or isinstance(error, KeyRefusedError) or unanswered >= _UNANSWERED:  # fmt: skip
                    raise
                self.refused.append((identity, "page_unanswered" if is_silent else "page_unreadable"))  # fmt: skip
                continue
            unanswered = 0
            read[identity] = page, tree
            progress.advance()
            below = [each for each in _child_pages(tree) if each not in met] if subpages else []
            met.update(below)
            waiting += below
        titles = {identity: _title(page) for identity, (page, _) in read.items()}
        for identity, (page, tree) in read.items():
            _name_links(tree, titles)
            self._add(identity, page, tree)
        self.name = self.entries[0].title

    def read(self, entry: Entry) -> Document:
        """A page's blocks."""
        return Document(to_blocks(self._trees[entry.key]))

    def asset_mark(self, key: str) -> str | None:
        """The file's place at Notion, without the signature that changes each time."""
        return urlsplit(self._addresses[key]).path if key in self._addresses else None

    def asset(self, key: str) -> bytes:
        """A file's bytes, fetched now. Raises `GoneError`."""
        try:
            return self._fetched(self._addresses[key])
        except GoneError as error:
            if error.reason != "asset_gone" or (address := self._signed(key)) is None:
                raise
            return self._fetched(address)

    def _fetched(self, address: str) -> bytes:
        raw = bytearray()
        try:
            with self.files.stream("GET", address) as answer:
                if answer.is_client_error:
                    raise GoneError("asset_gone")
                answer.raise_for_status()
                for piece in answer.iter_bytes():
                    raw += piece
                    if len(raw) > _LARGEST:
                        raise GoneError("asset_large")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GoneError("asset_unreachable") from error
        return bytes(raw)

    def _signed(self, key: str) -> str | None:
        """A file's address, asked for anew: one is good for an hour, and pages may have taken longer to read."""
        identity = key.partition("/")[0]
        try:
            block = self.notion.block(identity, _named(identity))
            return str(block[block["type"]]["file"]["url"])
        except (SourceError, LookupError, TypeError):
            return None

    def _add(self, identity: str, page: dict[str, Any], tree: list[dict[str, Any]]) -> None:
        values = page.get("properties") or {}
        title = _title(page)
        texts = {name: property_text(v) for name, v in values.items() if v["type"] != "title"}
        for block in _walk(tree):
            if key := asset_key(block):
                self._addresses[key] = block[block["type"]]["file"]["url"]
        mark = hashlib.sha256(json.dumps([title, texts, _lasting(tree)], sort_keys=True).encode())
        self._trees[identity] = tree
        self.entries.append(
            Entry(
                key=identity,
                title=title,
                where=str(page.get("url") or identity),
                properties={name: text for name, text in texts.items() if text},
                mark=mark.hexdigest(),
                day=seoul_day(page["created_time"]) if page.get("created_time") else None,
            )
        )

    def _children(self, identity: str, depth: int) -> list[dict[str, Any]]:
        blocks = self.notion.children(identity, _named(identity))
        for block in blocks:
            source = (block.get("synced_block") or {}).get("synced_from") or {}
            if not block.get("has_children") or block["type"] in _APART:
                continue
            if depth >= DEEPEST:
                block["is_cut"] = True
                continue
            try:
                block["children"] = self._children(source.get("block_id") or block["id"], depth + 1)
            except SourceError as error:
                if not source or isinstance(error, KeyRefusedError | UnreachableError):
                    raise
                block["is_lost"] = True
        return blocks


def _named(identity: str) -> dict[Lang, str]:
    return {"ko": f"노션 페이지 {identity}", "en": f"Notion page {identity}"}


def _title(page: dict[str, Any]) -> str:
    values = (page.get("properties") or {}).values()
    return next((property_text(v) for v in values if v["type"] == "title"), "")


def _name_links(tree: list[dict[str, Any]], titles: dict[str, str]) -> None:
    """Give links to pages the pages' titles, which the API leaves out."""
    for block in _walk(tree):
        if block["type"] == "link_to_page" and (found := (block["link_to_page"] or {}).get("page_id")):  # fmt: skip
            block["title"] = titles.get(found.replace("-", "").lower(), "")


def _walk(tree: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in tree:
        yield block
        yield from _walk(block.get("children", []))


def _child_pages(tree: list[dict[str, Any]]) -> list[str]:
    return [b["id"].replace("-", "").lower() for b in _walk(tree) if b["type"] == "child_page"]


def _lasting(value: Any) -> Any:
    """A block without what changes each time it is asked for: the signatures of files' addresses, and when it was edited."""
    if isinstance(value, list):
        return [_lasting(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {k: v for k, v in value.items() if k not in ("expiry_time", "last_edited_time", "last_edited_by", "request_id")}  # fmt: skip
    if "expiry_time" in value and "url" in kept:
        kept["url"] = urlsplit(str(kept["url"])).path
    return {k: _lasting(v) for k, v in kept.items()}

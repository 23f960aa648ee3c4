"""Notion's API, version 2025-09-03, as far as tables go: databases hold data sources, data sources hold pages.

    with service() as notion:
        jobs = notion.rules.database("Jobs", {"이름": "title", "회사": "rich_text"}, [{"이름": "지원", "회사": "카카오"}])
        ... PAYCANARY_NOTION_URL=notion.url NOTION_TOKEN=TOKEN

Objects, pagination, codes of errors and limits follow developers.notion.com. Notion's words for errors are told in its own manner,
not copied.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.standins.server import Reply, Request, StandIn, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TOKEN: Final = "ntn_tests_only_0123456789"  # noqa: S105 - of nobody
VERSION: Final = "2025-09-03"
_STATUS: Final = {"unauthorized": 401, "restricted_resource": 403, "object_not_found": 404, "conflict_error": 409, "rate_limited": 429, "validation_error": 400, "missing_version": 400, "invalid_request_url": 400}  # fmt: skip
_EMPTY: Final[dict[str, Any]] = {"title": [], "rich_text": [], "multi_select": [], "relation": []}
_MOST: Final = 100
_LONGEST: Final = 2000


class RefusedError(Exception):
    """An error as Notion tells it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Notion:
    """A workspace and who may do what in it.

    ``refusing``: page -> code with which a change of it is refused. ``per_second``: requests answered a second, on average; ``burst``: how many at once before that counts.
    """

    token: str = TOKEN
    can_update: bool = True
    per_second: float = 3.0
    burst: float = 6.0
    databases: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    unshared: set[str] = field(default_factory=set)
    refusing: dict[str, str] = field(default_factory=dict)
    limited: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._left, self._at = self.burst, time.monotonic()

    # --- filling ------------------------------------------------------------------------------------

    def database(
        self, title: str, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]] = ()
    ) -> str:
        """Add a database with one table; returns its number."""
        number = str(uuid.uuid4())
        self.databases[number] = {"title": title, "sources": []}
        self.table(number, title, columns, rows)
        return number

    def table(
        self, database: str, name: str, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]] = ()
    ) -> str:  # fmt: skip
        """Add a table (data source) to a database: columns are property -> type, rows property -> value."""
        number = str(uuid.uuid4())
        self.databases[database]["sources"].append(number)
        schema = {n: {"id": uuid.uuid4().hex[:4], "name": n, "type": kind, kind: {}} for n, kind in columns.items()}  # fmt: skip
        self.sources[number] = {"title": name, "database": database, "properties": schema}
        for row in rows:
            self.page(number, row)
        return number

    def page(self, source: str, row: Mapping[str, Any]) -> str:
        """Add a page to a table."""
        number = str(uuid.uuid4())
        schema = self.sources[source]["properties"]
        held = {name: _value(schema[name]["type"], value) for name, value in row.items()}
        self.pages[number] = {"source": source, "properties": held, "in_trash": False}
        return number

    def values(self, page: str) -> dict[str, Any]:
        """A page's values, as plain as they go."""
        return {name: _plain(value) for name, value in self.pages[page]["properties"].items()}

    def of(self, database: str) -> list[str]:
        """The pages of a database."""
        sources = self.databases[database]["sources"]
        return [number for number, page in self.pages.items() if page["source"] in sources]

    # --- answering ----------------------------------------------------------------------------------

    def __call__(self, request: Request) -> Reply:
        try:
            with self._lock:
                return as_json(self._answer(request))
        except RefusedError as error:
            body = {"object": "error", "status": _STATUS[error.code], "code": error.code, "message": str(error), "request_id": str(uuid.uuid4())}  # fmt: skip
            reply = as_json(body, _STATUS[error.code])
            if error.code == "rate_limited":
                return Reply(reply.body, reply.status, headers={"Retry-After": "1"})
            return reply

    def _answer(self, request: Request) -> Any:
        self._admit()
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise RefusedError("unauthorized", "The token is not valid.")
        if "notion-version" not in request.headers:
            raise RefusedError("missing_version", "The header Notion-Version is missing.")
        if request.headers["notion-version"] != VERSION:
            raise RefusedError("validation_error", f"This stand-in knows {VERSION} only.")
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["v1", "databases", number]:
                return self._database(_dashed(number))
            case "GET", ["v1", "data_sources", number]:
                return self._source(_dashed(number))
            case "PATCH", ["v1", "data_sources", number]:
                return self._change(_dashed(number), request.json)
            case "POST", ["v1", "data_sources", number, "query"]:
                return self._query(_dashed(number), request.json)
            case "GET", ["v1", "pages", number]:
                return self._page(self._shared(self.pages, _dashed(number), "page"))
            case "PATCH", ["v1", "pages", number]:
                return self._write(_dashed(number), request.json)
        raise RefusedError("invalid_request_url", "There is no such address.")

    def _admit(self) -> None:
        now = time.monotonic()
        self._left = min(self.burst, self._left + (now - self._at) * self.per_second)
        self._at = now
        if self._left < 1:
            self.limited += 1
            raise RefusedError("rate_limited", "Too many requests.")
        self._left -= 1

    def _shared(self, kind: dict[str, dict[str, Any]], number: str, name: str) -> str:
        if kind is self.databases and number in self.pages:
            raise RefusedError("validation_error", f"{number} is a page, not a database.")
        if number not in kind or number in self.unshared:
            raise RefusedError("object_not_found", f"No {name} {number}, or it is not shared with the integration.")  # fmt: skip
        return number

    def _database(self, number: str) -> Any:
        held = self.databases[self._shared(self.databases, number, "database")]
        sources = [{"id": s, "name": self.sources[s]["title"]} for s in held["sources"]]
        return {"object": "database", "id": number, "title": _rich(held["title"]), "data_sources": sources, "in_trash": False}  # fmt: skip

    def _source(self, number: str) -> Any:
        held = self.sources[self._shared(self.sources, number, "data source")]
        parent = {"type": "database_id", "database_id": held["database"]}
        if held["database"] in self.unshared:
            raise RefusedError("object_not_found", f"No data source {number}, or it is not shared.")
        return {"object": "data_source", "id": number, "title": _rich(held["title"]), "properties": held["properties"], "parent": parent, "in_trash": False}  # fmt: skip

    def _change(self, number: str, body: Any) -> Any:
        self._may_update()
        schema = self.sources[self._shared(self.sources, number, "data source")]["properties"]
        for name, about in body["properties"].items():
            (kind,) = about
            # As Notion does: a property that is there is turned into the other type.
            schema[name] = {"id": uuid.uuid4().hex[:4], "name": name, "type": kind, **about}
        return self._source(number)

    def _query(self, number: str, body: Any) -> Any:
        self._shared(self.sources, number, "data source")
        size = body.get("page_size", _MOST)
        if not 1 <= size <= _MOST:
            raise RefusedError("validation_error", f"page_size should be at most {_MOST}.")
        rows = [n for n, page in self.pages.items() if page["source"] == number and not page["in_trash"]]  # fmt: skip
        start = 0
        if cursor := body.get("start_cursor"):
            if cursor not in rows:
                raise RefusedError("validation_error", "The start_cursor is not valid.")
            start = rows.index(cursor)
        end = start + size
        following = rows[end] if end < len(rows) else None
        return {"object": "list", "type": "page_or_data_source", "results": [self._page(n) for n in rows[start:end]], "has_more": following is not None, "next_cursor": following}  # fmt: skip

    def _page(self, number: str) -> Any:
        held = self.pages[number]
        schema = self.sources[held["source"]]["properties"]
        values = {
            name: {"id": about["id"], "type": about["type"], about["type"]: held["properties"].get(name, {}).get(about["type"], _EMPTY.get(about["type"]))}
            for name, about in schema.items()
        }  # fmt: skip
        return {"object": "page", "id": number, "parent": {"type": "data_source_id", "data_source_id": held["source"]}, "in_trash": held["in_trash"], "archived": held["in_trash"], "properties": values}  # fmt: skip

    def _write(self, number: str, body: Any) -> Any:
        self._may_update()
        if number in self.refusing:
            raise RefusedError(self.refusing[number], "Refused, as the test wants it.")
        held = self.pages[self._shared(self.pages, number, "page")]
        if held["in_trash"]:
            raise RefusedError("validation_error", "A page in the trash cannot be edited.")
        schema = self.sources[held["source"]]["properties"]
        for name, value in body["properties"].items():
            if name not in schema:
                raise RefusedError("validation_error", f"{name} is not a property that exists.")
            kind = schema[name]["type"]
            if set(value) - {"type"} != {kind}:
                raise RefusedError("validation_error", f"{name} is expected to be {kind}.")
            held["properties"][name] = {"type": kind, kind: _checked(name, kind, value[kind])}
        return self._page(number)

    def _may_update(self) -> None:
        if not self.can_update:
            raise RefusedError("restricted_resource", "Insufficient permissions for this endpoint.")


def _checked(name: str, kind: str, value: Any) -> Any:
    """A value as Notion keeps it."""
    if kind == "rich_text":
        if len(value) > _MOST or any(len(piece["text"]["content"]) > _LONGEST for piece in value):
            raise RefusedError("validation_error", f"{name} is too long.")
        return [{**piece, "plain_text": piece["text"]["content"]} for piece in value]
    if kind == "number" and not (value is None or isinstance(value, int | float)):
        raise RefusedError("validation_error", f"{name} should be a number.")
    if kind == "select" and value is not None and "," in value["name"]:
        raise RefusedError("validation_error", f"{name}: an option has no comma.")
    if kind == "date" and value is not None:
        return {"start": value["start"], "end": None, "time_zone": None}
    return value


def _value(kind: str, value: Any) -> dict[str, Any]:
    if kind in ("title", "rich_text"):
        return {"type": kind, kind: _rich(value)}
    if kind == "select":
        return {"type": kind, kind: {"name": value}}
    if kind == "multi_select":
        return {"type": kind, kind: [{"name": name} for name in value]}
    if kind == "relation":
        return {"type": kind, kind: [{"id": number} for number in value]}
    return {"type": kind, kind: value}


def _plain(value: dict[str, Any]) -> Any:
    held = value[value["type"]]
    if isinstance(held, list):
        return "".join(piece.get("plain_text", "") for piece in held)
    return held.get("name", held.get("start")) if isinstance(held, dict) else held


def _rich(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": {"content": text, "link": None}, "plain_text": text}] if text else []  # fmt: skip


def _dashed(number: str) -> str:
    try:
        return str(uuid.UUID(number))
    except ValueError:
        raise RefusedError("validation_error", f"{number} should be a uuid.") from None


class Service(StandIn):
    """A running stand-in; ``rules`` is the workspace."""

    def __init__(self, rules: Notion) -> None:
        super().__init__(rules)
        self.rules = rules

    def changes(self, kind: str) -> list[Any]:
        """Bodies of all changes to ``pages`` or ``data_sources`` so far, with the number of what was changed."""
        return [
            (request.path.rsplit("/", 1)[1], json.loads(request.body))
            for request in list(self.requests)
            if request.method == "PATCH" and f"/{kind}/" in request.path
        ]


def service(**switches: Any) -> Service:
    """A stand-in to be started as a context manager."""
    return Service(Notion(**switches))

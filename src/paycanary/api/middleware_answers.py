"""Answers that were given before, before any route is looked for; all others on their way out, compressed.

A handler whose answer follows from its address, its language and the data's version says so by ``request.state.keep = True``.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from cachetools import LRUCache

from paycanary.api.middleware_rates import refusal
from paycanary.api.problems import language
from paycanary.service.answers import Answer, compress, is_compressible, is_known
from paycanary.telemetry.instruments import CACHE

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from paycanary.service.answers import Answers, Key
    from paycanary.service.core import Service

_FROM_MEMORY: Final = {"cache.result": "memory"}
_FROM_REDIS: Final = {"cache.result": "redis"}
_NEW: Final = {"cache.result": "new"}
_API: Final = "/v1"
_STATIC: Final = "/static/"
#: Addresses remembered whose answers are not kept, so that nobody waits for another's.
_OWN: Final = 4096
_OK: Final = 200
#: What an answer may vary by and still be found: its key holds the language, and it is kept plain and compressed.
_VARIES: Final = frozenset({b"accept-language", b"accept-encoding"})
#: An answer with one of these is neither kept nor compressed.
_LEFT_ALONE: Final = frozenset({b"set-cookie", b"content-encoding"})
_NO_GZIP: Final = re.compile(rb"gzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)")


class Call(NamedTuple):
    """A request as ASGI gives it, with its headers by name."""

    scope: Scope
    receive: Receive
    send: Send
    headers: dict[bytes, bytes]


class KeptAnswers:
    """Gives kept answers; of many that ask for the same at once one makes it and the others wait for that."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._flights: dict[tuple[str, Key], asyncio.Future[Answer | None]] = {}
        self._unkept: LRUCache[Key, bool] = LRUCache(_OWN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give an answer, kept or new."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if scope["method"] != "GET":
            await self.app(scope, receive, _Compressing(send, headers).send)
            return
        if _is_doubtful(scope, headers):
            await _make(self.app, Call(scope, receive, send, headers))
            return
        service: Service = scope["app"].state.service
        version = service.version()
        key = _key(scope, headers, service)
        answer = service.answers.look(version, key)
        if answer is None:
            await self._find(version, key, Call(scope, receive, send, headers), service.answers)
        else:
            CACHE.add(1, _FROM_MEMORY)
            await _tell(answer, headers, send)

    async def _find(self, version: str, key: Key, call: Call, answers: Answers) -> None:
        """Give an answer that another copy left, or that is being made now, or a new one."""
        flight = self._flights.get((version, key))
        if key in self._unkept:
            await _make(self.app, call)
        elif flight is None:
            await self._fly(version, key, call, answers)
        elif (answer := await asyncio.shield(flight)) is not None:
            CACHE.add(1, _FROM_MEMORY)
            await _tell(answer, call.headers, call.send)
        else:
            await _make(self.app, call)

    async def _fly(self, version: str, key: Key, call: Call, answers: Answers) -> None:
        flight = self._flights[version, key] = asyncio.get_running_loop().create_future()

        def land(answer: Answer | None) -> None:
            self._flights.pop((version, key), None)
            if not flight.done():
                flight.set_result(answer)

        def give_up(status: int) -> None:
            # An error, or a copy that was still right, says nothing of the next answer.
            if status == _OK:
                self._unkept[key] = True
            land(None)

        try:
            answer = await answers.look_further(version, key)
            is_new = answer is None
            if answer is None:
                answer = await _make(self.app, call, give_up)
            if answer is None:
                return
            answers.hold(version, key, answer)
            CACHE.add(1, _NEW if is_new else _FROM_REDIS)
            land(answer)
            await _tell(answer, call.headers, call.send)
            if is_new:
                await answers.share(version, key, answer)
        finally:
            land(None)


class _Compressing:
    """Sends an answer that is not kept; compressed where it comes in one piece and holds nothing secret.

    An answer that sets a cookie carries a form's token too, which compressing could betray beside what a stranger wrote.
    """

    def __init__(self, send: Send, headers: dict[bytes, bytes]) -> None:
        self._send = send
        self._takes = takes_gzip(headers)
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self._takes and not _LEFT_ALONE.intersection(_names(message)):  # fmt: skip
                self._start = message
            else:
                await self._send(message)
            return
        start, self._start = self._start, None
        if start is not None:
            headers = dict(start["headers"])
            body = message.get("body", b"")
            if not message.get("more_body") and is_compressible(headers.get(b"content-type", b""), len(body)):  # fmt: skip
                body = compress(body)
                message = {**message, "body": body}
                varied = headers.get(b"vary")
                start["headers"] = [
                    *(h for h in start["headers"] if h[0] not in (b"content-length", b"vary")),
                    (b"content-length", str(len(body)).encode()),
                    (b"content-encoding", b"gzip"),
                    (b"vary", b"accept-encoding, " + varied if varied else b"accept-encoding"),
                ]
            await self._send(start)
        await self._send(message)


async def _make(
    app: ASGIApp, call: Call, give_up: Callable[[int], None] | None = None
) -> Answer | None:
    """Let the routes answer: an answer to keep is given back unsent, any other goes out as it comes.

    ``give_up`` is told the status at once when the answer is none to keep; without it none is kept.
    """
    start: Message | None = None
    parts: list[bytes] = []
    is_whole = False
    out = _Compressing(call.send, call.headers)

    async def take(message: Message) -> None:
        nonlocal start, is_whole
        if message["type"] == "http.response.start":
            if give_up is not None and _is_to_keep(call.scope, message):
                start = message
                return
            if give_up is not None:
                give_up(message["status"])
        elif start is not None:
            parts.append(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            return
        await out.send(message)

    await app(call.scope, call.receive, take)
    return Answer(start["headers"], b"".join(parts)) if start and is_whole else None


def _is_to_keep(scope: Scope, start: Message) -> bool:
    is_asked = scope["state"].get("keep") or scope["path"].startswith(_STATIC)
    if start["status"] != _OK or not is_asked:
        return False
    headers = dict(start["headers"])
    varies = {part.strip().lower() for part in headers.get(b"vary", b"").split(b",") if part.strip()}  # fmt: skip
    return not _LEFT_ALONE.intersection(headers) and varies <= _VARIES


async def _tell(answer: Answer, headers: dict[bytes, bytes], send: Send) -> None:
    asked = headers.get(b"if-none-match")
    if asked is not None and is_known(asked, answer.etag):
        await send({"type": "http.response.start", "status": 304, "headers": answer.unchanged})
        await send({"type": "http.response.body", "body": b""})
        return
    body, wire = answer.body, answer.plain_headers
    if answer.packed is not None and takes_gzip(headers):
        body, wire = answer.packed, answer.packed_headers
    await send({"type": "http.response.start", "status": _OK, "headers": wire})
    await send({"type": "http.response.body", "body": body})


def takes_gzip(headers: dict[bytes, bytes]) -> bool:
    """Whether ``Accept-Encoding`` allows gzip."""
    accepted = headers.get(b"accept-encoding", b"")
    return b"gzip" in accepted and _NO_GZIP.search(accepted) is None


def _is_doubtful(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """Whether a request bears a key that may not read, which the routes refuse: it is refused for what is kept as well."""
    bears_key = b"authorization" in headers and scope["path"].startswith(_API)
    return bears_key and refusal(scope) is not None


def _key(scope: Scope, headers: dict[bytes, bytes], service: Service) -> Key:
    """What an answer follows from beside the data: a page's language stands in its address, and it says what is degraded."""
    path: str = scope["path"]
    query: bytes = scope["query_string"]
    if path.startswith(_API):
        accepted = headers.get(b"accept-language", b"").decode("latin-1")
        return path, query, language(query, accepted)
    return path, query, service.ails()


def _names(message: Message) -> set[bytes]:
    return {name for name, _ in message["headers"]}

"""What is refused before anyone looks at it: broken hosts, bodies too large or too slow, forms of other sites, and haste without end."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

from paycanary.api.faults import respond
from paycanary.api.problems import HttpError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: A name or an address, and a port. Nothing is made from it, but proxies and logs see it too.
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
#: Takes no cookies, so that another site's page has nothing to misuse.
_WITHOUT_COOKIES: Final = "/v1/"
_LONGEST_ADDRESS: Final = 8192
#: Of a body that nobody waits for the server would go on to take any amount.
_CLOSE: Final = (b"connection", b"close")


class Guard:
    """Refuses what is malformed, too large, or sent by another site's form.

    Forms: as Go's ``CrossOriginProtection``: browsers say by ``Sec-Fetch-Site`` or ``Origin`` where a request comes from;
    what says neither is no browser and has nobody's cookies.
    """

    def __init__(self, app: ASGIApp, *, most_bytes: int, base_url: str) -> None:
        self.app = app
        self._most = most_bytes
        self._base = urlsplit(base_url).netloc.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers:
            receive, send = self._counted(receive, send)
        fault = self._fault(scope, headers)
        if fault is not None:
            await refuse(fault, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _fault(self, scope: Scope, headers: dict[bytes, bytes]) -> str | None:
        if not _HOST.fullmatch(headers.get(b"host", b"")):
            return "malformed"
        if len(scope["path"]) + len(scope["query_string"]) > _LONGEST_ADDRESS:
            return "long_address"
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            return "malformed"
        if int(length) > self._most:
            return "too_large"
        is_ours = (
            scope["method"] in _SAFE
            or scope["path"].startswith(_WITHOUT_COOKIES)
            or self._is_same_site(headers)
        )
        return None if is_ours else "cross_site"

    def _is_same_site(self, headers: dict[bytes, bytes]) -> bool:
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            return site in (b"same-origin", b"none")
        origin = headers.get(b"origin")
        if origin is None:
            return True
        _, _, host = origin.partition(b"://")
        return bool(host) and host in (headers[b"host"], self._base)

    def _counted(self, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """The body as it comes, until it is too much: it may have told no length. What nobody reads of it ends the connection."""
        left = self._most
        is_whole = False

        async def receive_counted() -> Message:
            nonlocal left, is_whole
            message = await receive()
            is_whole = is_whole or not message.get("more_body", False)
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        async def send_closing(message: Message) -> None:
            if message["type"] == "http.response.start" and not is_whole:
                others = (h for h in message["headers"] if h[0] != b"connection")
                message["headers"] = [*others, _CLOSE]
            await send(message)

        return receive_counted, send_closing


class Deadline:
    """Gives a request up that takes too long: 408 while its body is still coming, else 504.

    A stream of events may go on once it has begun. A handler's thread cannot be stopped; its answer is thrown away.
    """

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self.app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for an answer as long as is allowed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        waits_for_body = has_begun = is_stream = is_over = False

        async def receive_noted() -> Message:
            nonlocal waits_for_body
            waits_for_body = True
            message = await receive()
            waits_for_body = False
            return message

        async def send_gated(message: Message) -> None:
            nonlocal has_begun, is_stream
            if is_over:
                return
            if message["type"] == "http.response.start":
                has_begun = True
                is_stream = any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in message["headers"])  # fmt: skip
            await send(message)

        task = asyncio.ensure_future(self.app(scope, receive_noted, send_gated))
        try:
            done, _ = await asyncio.wait({task}, timeout=self._seconds)
            if done or is_stream:
                await task
                return
        except asyncio.CancelledError:
            task.cancel()
            raise
        is_over = True
        task.cancel()
        # Whatever it still says, nobody listens.
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        if has_begun:
            raise TimeoutError
        await refuse("slow_request" if waits_for_body else "timeout", scope, receive, send)


async def refuse(code: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem: JSON for programs, a page for people."""
    if code == "malformed":
        # Nothing may be read from such a host.
        host = (b"host", b"invalid")
        scope = {**scope, "headers": [h for h in scope["headers"] if h[0] != b"host"] + [host]}
    await respond(Request(scope), HttpError(code))(scope, receive, send)

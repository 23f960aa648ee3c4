"""How often someone may ask: by address, by API key, and less often for what costs more."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from paycanary.api.faults import respond
from paycanary.api.problems import HttpError
from paycanary.errors import StateError
from paycanary.service.limiter import subscriber, visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from paycanary.service.core import Service
    from paycanary.service.limiter import Kind, Ruling
    from paycanary.state.keys import Holder, Keyring

#: Costs nothing, or is asked by a machine that watches.
_FREE: Final = ("/static/", "/health/", "/favicon")
_API: Final = "/v1/"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HEAVY: Final = re.compile(r"(?:/en|/v1)?/(?:screen|compare)(?:[/.]|$)")
#: Forms of a watchlist that write to nobody: who sends one knows its secret link, or is a mail program that ends e-mails.
#: And decisions of moderators; logging in, which comes before, is counted as a form.
_KNOWN: Final = re.compile(
    r"(?:/en)?/(?:watch/(?:confirm/|stop/)?[A-Za-z0-9_-]{43}|moderation/[^/]+)"
)
#: Somebody's own criteria are judged anew.
_CRITERIA: Final = b"criteria"
#: Spends the operator's calls to the registers, by whichever door it is asked for.
_REFRESH: Final = "/refresh"
_BEARER: Final = b"bearer "
#: Seconds that a request waits to hear whose key it bears.
_WAIT: Final = 0.25


class Rates:
    """Counts requests and refuses what is too many, with ``RateLimit`` headers as IETF's draft names them."""

    def __init__(self, app: ASGIApp, *, proxies: Sequence[str]) -> None:
        self.app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request, and let it pass or refuse it."""
        if scope["type"] != "http" or scope["path"].startswith(_FREE):
            await self.app(scope, receive, send)
            return
        service: Service = scope["app"].state.service
        who = scope["state"]["subscriber"] = subscriber(self._address(scope))
        kind = _kind(scope)
        ruling: Ruling | None = None
        scope["state"]["is_key_unknown"] = False
        holder = scope["state"]["holder"] = await self._holder(scope, service, who)
        if holder is not None:
            kind = "key"
            ruling = await service.limiter.hit(kind, holder.id)
        elif service.limiter.has(kind):
            ruling = await service.limiter.hit(kind, who)
        if ruling is None:
            await self.app(scope, receive, send)
            return
        told = [
            (b"ratelimit-policy", f'"{kind}";q={ruling.limit};w={ruling.window}'.encode()),
            (b"ratelimit", f'"{kind}";r={ruling.remaining};t={ruling.seconds}'.encode()),
        ]

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *told]
            await send(message)

        if ruling.is_allowed:
            await self.app(scope, receive, send_told)
            return
        error = HttpError("rate_limit", headers={"Retry-After": str(ruling.seconds)})
        await respond(Request(scope), error)(scope, receive, send_told)

    def _address(self, scope: Scope) -> str:
        client = scope.get("client")
        peer = client[0] if client else ""
        if not self._proxies:
            return peer
        forwarded = b",".join(v for n, v in scope["headers"] if n == b"x-forwarded-for")
        return visitor(peer, forwarded.decode("latin-1"), self._proxies)

    async def _holder(self, scope: Scope, service: Service, who: str) -> Holder | None:
        """Whose key the request bears; None for none, a wrong one, or one that nobody can be asked about now."""
        given = next((v for n, v in scope["headers"] if n == b"authorization"), b"")
        if not scope["path"].startswith(_API) or given[: len(_BEARER)].lower() != _BEARER:
            return None
        key = given[len(_BEARER) :].strip().decode("latin-1")
        keyring: Keyring = scope["app"].state.keyring
        holder = keyring.just_seen(key)
        if holder is not None:
            return holder
        # A key that may be made up costs a look into the database: that is counted as the address's own request.
        if not keyring.was_good(key):
            ruling = await service.limiter.hit("normal", who)
            if ruling is not None and not ruling.is_allowed:
                scope["state"]["is_key_unknown"] = True
                return None
        try:
            async with asyncio.timeout(_WAIT):
                return await asyncio.to_thread(keyring.find, key)
        except (StateError, TimeoutError):
            scope["state"]["is_key_unknown"] = True
            return None


def refusal(scope: Scope) -> Literal["unauthorized", "forbidden"] | None:
    """Why the key that a request bears may not read; None where it may, or where nobody can be asked about it now."""
    holder: Holder | None = scope["state"]["holder"]
    if holder is None:
        return None if scope["state"]["is_key_unknown"] else "unauthorized"
    return None if "read" in holder.scopes else "forbidden"


def _kind(scope: Scope) -> Kind:
    path: str = scope["path"]
    if scope["method"] not in _SAFE:
        if _KNOWN.fullmatch(path):
            return "normal"
        return "heavy" if path.startswith(_API) and not path.endswith(_REFRESH) else "form"
    # As the routes read it: a name may be written with escapes.
    if _HEAVY.match(path) or _CRITERIA in unquote_to_bytes(scope["query_string"]):
        return "heavy"
    return "normal"

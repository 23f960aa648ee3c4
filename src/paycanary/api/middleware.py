"""What every request passes on its way in and out, from outside: frame, CORS, guard, rates, heads, answers, deadline.

All of it is plain ASGI: a layer costs a call, not a task. An answer that is kept never reaches the routes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.api.cors import OPEN, OpenPaths
from paycanary.api.faults import Faults
from paycanary.api.head import Heads
from paycanary.api.middleware_answers import KeptAnswers
from paycanary.api.middleware_guard import Deadline, Guard
from paycanary.api.middleware_rates import Rates
from paycanary.telemetry.numbers import begin

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from paycanary.service.settings import Settings

Header = tuple[bytes, bytes]
STATIC: Final = "/static/"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_POWERS: Final = ", ".join(
    f"{power}=()"
    for power in ("accelerometer", "camera", "geolocation", "gyroscope", "magnetometer", "microphone", "payment", "usb")
)  # fmt: skip
_COMMON: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": _POWERS,
    "cross-origin-opener-policy": "same-origin",
    # For what no handler says otherwise about: a page may hold a secret link.
    "cache-control": "no-store",
}
_TWO_YEARS: Final = "max-age=63072000"
#: An asset's address changes with the version.
_FOR_LONG: Final = (b"cache-control", b"public, max-age=31536000, immutable")
_FOR_NOW: Final = (b"cache-control", b"public, max-age=300")
_FOUND: Final = (200, 304)


def install(app: FastAPI, settings: Settings) -> None:
    """Lay all layers around an application's routes."""
    # Starlette redirects to what the Host header says, which anyone may write.
    app.router.redirect_slashes = False
    app.add_middleware(Faults)
    app.add_middleware(Deadline, seconds=settings.request_seconds)
    app.add_middleware(KeptAnswers)
    app.add_middleware(Heads)
    app.add_middleware(Rates, proxies=settings.trusted_proxies)
    app.add_middleware(Guard, most_bytes=settings.request_bytes, base_url=settings.base_url)
    app.add_middleware(OpenPaths, origins=settings.cors_origins)
    app.add_middleware(Frame, is_https=settings.is_https)


class Frame:
    """Gives every request a number and every answer the headers that browsers are told by; a handler's own ones win."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        common = _COMMON | ({"strict-transport-security": _TWO_YEARS} if is_https else {})
        self._pages = _wire(common | {"cross-origin-resource-policy": "same-origin"})
        self._open = _wire(common | {"cross-origin-resource-policy": "cross-origin"})
        self._names = frozenset(name for name, _ in self._pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, framed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = begin(scope["headers"])  # the server gives every request a context of its own
        scope.setdefault("state", {})["request_id"] = number
        path: str = scope["path"]
        ours = self._open if path.startswith(OPEN) else self._pages

        async def send_framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], (b"x-request-id", number.encode())]
                if path.startswith(STATIC) and message["status"] in _FOUND:
                    headers = [header for header in headers if header[0] != b"cache-control"]
                    headers.append(_FOR_LONG if b"v=" in scope["query_string"] else _FOR_NOW)
                given = {name for name, _ in headers}
                if given.isdisjoint(self._names):
                    headers += ours
                else:
                    headers += [header for header in ours if header[0] not in given]
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, send_framed)


def _wire(headers: dict[str, str]) -> list[Header]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]

"""Which browsers' pages may read the API: the operator's origins, without credentials, and the API's paths alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Paths that programs ask; pages for people have no business in another site's script.
OPEN: Final = ("/v1/", "/health/")
_DAY: Final = 86_400
_FOR_ALL: Final = (b"access-control-allow-origin", b"*")
_BY_ORIGIN: Final = (b"vary", b"Origin")


class OpenPaths:
    """CORS for `OPEN`; everything else passes untouched."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.app = app
        self.cors = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "HEAD", "POST"),
            allow_headers=("Authorization", "Content-Type", "If-None-Match"),
            expose_headers=("ETag", "Link", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID", "X-Total-Count"),
            max_age=_DAY,
        )  # fmt: skip
        self._untold = _FOR_ALL if "*" in origins else _BY_ORIGIN

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let CORS at the open paths."""
        if scope["type"] != "http" or not scope["path"].startswith(OPEN):
            await self.app(scope, receive, send)
        elif any(name == b"origin" for name, _ in scope["headers"]):
            await self.cors(scope, receive, send)
        else:
            await self.app(scope, receive, self._telling(send))

    def _telling(self, send: Send) -> Send:
        """An answer to who names no origin may be kept, by a browser or on the way, and given to who does."""

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], self._untold]
            await send(message)

        return send_told

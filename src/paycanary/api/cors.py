"""Which browsers' pages may read the API: the operator's origins, without credentials, and the API's paths alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

#: Paths that programs ask; pages for people have no business in another site's script.
OPEN: Final = ("/v1/", "/health/")
_DAY: Final = 86_400


class OpenPaths:
    """CORS for `OPEN`; everything else passes untouched."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.app = app
        self.cors = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "HEAD", "POST"),
            allow_headers=("Authorization", "Content-Type", "If-None-Match"),
            expose_headers=("ETag", "Link", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Total-Count"),
            max_age=_DAY,
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let CORS at the open paths."""
        is_open = scope["type"] == "http" and scope["path"].startswith(OPEN)
        await (self.cors if is_open else self.app)(scope, receive, send)

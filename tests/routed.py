"""The application with routes that no real one has: slow ones, counted ones, ones that fail."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from tests.visiting import Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Routes:
    """What the routes do: ``/v1/counted`` says how often it was asked and waits for ``gate``."""

    gate: threading.Event = field(default_factory=threading.Event)
    count: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    keep: bool = True
    size: int = 0
    status: int = 200

    def counted(self, request: Request) -> Response:
        self.count += 1
        mine = self.count
        self.gate.wait(10)
        request.state.keep = self.keep
        body = f"{mine} {request.url.query} {'x' * self.size}"
        return Response(body, self.status, self.headers, "text/plain")

    async def echo(self, request: Request) -> Response:
        return Response(str(len(await request.body())))

    def fails(self) -> Response:
        raise ZeroDivisionError


@contextmanager
def routed(**settings: Any) -> Iterator[tuple[Visitor, Routes]]:
    """The application, open for visitors, and what its made-up routes do."""
    routes = Routes()
    with visiting(**{"rate_limit": "", "heavy_rate_limit": "", **settings}) as visitor:
        app: Any = visitor.client.app
        app.add_api_route("/v1/counted", routes.counted)
        app.add_api_route("/counted", routes.counted)
        app.add_api_route("/v1/quick", lambda: Response("quick"))
        app.add_api_route("/v1/fails", routes.fails)
        app.add_api_route("/v1/echo", routes.echo, methods=["POST"])
        routes.gate.set()
        try:
            yield visitor, routes
        finally:
            routes.gate.set()

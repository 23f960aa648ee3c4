"""The application: the API, and the frame that the pages are hung into."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from fastapi import FastAPI, Request

from paycanary import __version__
from paycanary.service.core import Service
from paycanary.service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def service_of(request: Request) -> Service:
    """The service that answers a request (a FastAPI dependency)."""
    return cast("Service", request.app.state.service)


def create_api(settings: Settings | None = None) -> FastAPI:
    """The API alone; `paycanary.web.app.create_app` adds the pages."""
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.service = Service(chosen)
        try:
            yield
        finally:
            app.state.service.close()

    app = FastAPI(
        title="paycanary", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.settings = chosen
    return app

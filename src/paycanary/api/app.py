"""The application: the API, and the frame that the pages are hung into."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from paycanary import __version__
from paycanary.api import (
    companies,
    description,
    faults,
    health,
    jobs,
    market,
    middleware,
    problem_page,
    reference,
)
from paycanary.api.parameters import service_of
from paycanary.api.screens import Screens
from paycanary.service.core import Service
from paycanary.service.ending import Ending
from paycanary.service.settings import Settings
from paycanary.state.keys import Keyring
from paycanary.telemetry import start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["create_api", "service_of"]
#: Every module of the API; each has a ``router``.
PARTS = (companies, jobs, market, reference, health, description, problem_page)


def create_api(settings: Settings | None = None) -> FastAPI:
    """The API alone; `paycanary.web.app.create_app` adds the pages."""
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.service = Service(chosen)
        app.state.keyring = Keyring(app.state.service.database)
        app.state.screens = Screens()
        app.state.readiness = health.Readiness()
        app.state.ending = Ending(chosen.drain_seconds)
        app.state.ending.listen()
        app.state.streams = jobs.Streams(chosen.job_streams)
        try:
            yield
        finally:
            await app.state.service.aclose()
            start.stop()

    app = FastAPI(
        title="paycanary", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )  # fmt: skip
    app.state.settings = chosen
    for part in PARTS:
        app.include_router(part.router)
    description.describe(app)
    faults.install(app)
    middleware.install(app, chosen)
    start.instrument_app(app)
    return app

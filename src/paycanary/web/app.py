"""The application with all its network doors; ``uvicorn paycanary.web.app:serve_app --factory`` runs it."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from fastapi.staticfiles import StaticFiles

from paycanary.api.app import create_api
from paycanary.telemetry import start
from paycanary.web import (
    company,
    compare,
    corrections,
    errors,
    explain,
    home,
    jobs,
    machines,
    moderation,
    screen,
    watch,
)

if TYPE_CHECKING:
    from fastapi import FastAPI

    from paycanary.service.settings import Settings

#: Every module of pages; each has a ``router`` that is hung in twice, plainly (Korean) and under ``/en``.
PAGES = (home, company, compare, screen, explain, corrections, moderation, watch, jobs)


def serve_app() -> FastAPI:
    """API and pages, in a process that tells of itself as its environment asks; its metrics go to who started it."""
    start.leave_metrics(start.start("api"))
    return create_app()


def create_app(settings: Settings | None = None) -> FastAPI:
    """API and pages."""
    app = create_api(settings)
    for page in PAGES:
        app.include_router(page.router, include_in_schema=False)
        app.include_router(page.router, prefix="/en", include_in_schema=False)
    app.include_router(machines.router, include_in_schema=False)
    errors.install(app)
    app.mount("/static", StaticFiles(directory=str(files("paycanary") / "web" / "static")))
    return app

"""The application with all its network doors; ``uvicorn paycanary.web.app:create_app --factory`` runs it."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from fastapi.staticfiles import StaticFiles

from paycanary.api.app import create_api
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

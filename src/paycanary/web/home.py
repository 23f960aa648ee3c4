"""The first page: one search box."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from paycanary.web.pages import page

router = APIRouter()


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """Show the search box."""
    return page(request, "home.html")

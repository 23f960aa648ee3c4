"""A company that a query may mean."""

from __future__ import annotations

from paycanary.models import Model


class Candidate(Model):
    """A company that a query may mean."""

    id: str
    name: str
    matched: str
    stock_code: str | None = None
    corp_code: str | None = None
    market: str | None = None
    industry: str | None = None
    region: str | None = None
    headcount: int | None = None

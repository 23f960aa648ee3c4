"""Companies to choose from, with what tells same-name firms apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from paycanary.documents.candidates import Candidate
from paycanary.wording import quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.errors import Lang
    from paycanary.lake.search import Hit

_HEAD = {
    "ko": ("", "이름", "종목", "고유번호", "시장", "업종", "지역", "인원"),
    "en": ("", "Name", "Stock", "Corp code", "Market", "Industry", "Region", "Staff"),
}


def candidate(hit: Hit) -> Candidate:
    """A search hit as a document."""
    return Candidate(
        id=hit.company_id,
        name=hit.name,
        matched=hit.matched,
        stock_code=hit.stock_code,
        corp_code=hit.corp_code,
        market=hit.market,
        industry=hit.industry,
        region=hit.region,
        headcount=hit.headcount,
    )


def table(hits: Sequence[Hit], lang: Lang) -> Table:
    """A numbered table of candidates."""
    drawn = Table(*_HEAD[lang], box=box.SIMPLE_HEAD)
    for i, hit in enumerate(hits, 1):
        staff = quantity(hit.headcount, "persons", lang) if hit.headcount is not None else ""
        cells = (
            hit.name,
            hit.stock_code,
            hit.corp_code,
            hit.market,
            hit.industry,
            hit.region,
            staff,
        )
        drawn.add_row(str(i), *(cell or "" for cell in cells))
    return drawn

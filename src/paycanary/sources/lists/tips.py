"""Companies selected for TIPS: the list behind https://jointips.or.kr/network/startups, a JSON answer without a key.

GET /api/cms/public/startup/list with ``page``, ``size``, ``sort``, ``dir`` answers ``{"code": 200, "data": [...], "total": n}``.
The founder's name (``ceo``) and the company's own words are dropped here. No business number, no search by name that is known of.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from paycanary.sources.lists.paging import PAGE_SIZE, ListApi, as_answer, changed, take_whole
from paycanary.sources.lists.tables import MAX_BYTES, LayoutError, Page
from paycanary.sources.web.calendar import Calendar

if TYPE_CHECKING:
    from datetime import date

    from paycanary.sources.subject import Subject
    from paycanary.sources.web.calls import Answer, Call, Row
    from paycanary.sources.web.collector import Collector

NAME: Final = "tips"
#: Selections come every month or two, in some fifty pages.
CALENDAR: Final = Calendar("month", day=4)
FIELDS: Final = ("id", "name", "year", "operator", "district", "left_out")
_KEPT: Final = {"id": "id", "name": "name", "year": "selYear", "operator": "operatorName", "district": "sigunguNm"}  # fmt: skip
_PATH: Final = "api/cms/public/startup/list"
_OK: Final = "200"
_LONGEST: Final = 200


class TipsApi(ListApi):
    """The public list of TIPS companies: ``page`` of the whole."""

    source = NAME
    site = "https://jointips.or.kr"

    def ask(self, call: Call) -> Answer:
        """Read one page.

        Raises:
            SourceError: see `Web.send`; AnswerError too where the answer is laid out otherwise.
        """
        query = {"page": call.params["page"], "size": str(PAGE_SIZE), "sort": "name", "dir": "asc"}
        reply = self._web.send("GET", _PATH, params=query, max_bytes=MAX_BYTES)
        try:
            return as_answer(call, read_startups(reply.body))
        except LayoutError as error:
            raise changed(NAME, error) from None


def read_startups(body: bytes) -> Page:
    """A page of the list, founders left out; no message quotes the answer, which names them.

    Raises:
        LayoutError: not the documented answer.
    """
    try:
        document: Any = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise LayoutError("no JSON") from None
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, list) or str(document.get("code")) != _OK:
        raise LayoutError("no list in the answer")
    total = str(document.get("total", ""))
    if not (total.isascii() and total.isdigit()):
        raise LayoutError("no total in the answer")
    rows: list[Row] = []
    for entry in data:
        if not isinstance(entry, dict) or "name" not in entry:
            raise LayoutError("an entry without a name")
        rows.append({field: _word(entry.get(key)) for field, key in _KEPT.items()})
    return Page(rows, int(total))


def about_company(c: Collector, subject: Subject) -> None:
    """Nothing: the list can be read whole only, and fifty calls are too many for one answer."""


def everything(c: Collector, since: date | None) -> None:  # noqa: ARG001 - the list is read whole: what is gone counts too
    """Read the whole list.

    Raises:
        SourceError: it could not be read to its end; nothing of it counts then.
    """
    take_whole(c, TipsApi())


def _word(value: Any) -> str | None:
    return " ".join(value.split())[:_LONGEST] or None if isinstance(value, str) else None

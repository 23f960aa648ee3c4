"""The labour ministry's list of employers with unpaid wages (근로기준법 제43조의2).

POST https://www.moel.go.kr/info/defaulter/defaulterList.do, no key: 8 columns, of which the person's name and age and the
employer's home address are never read. No business number: an entry names a workplace, and a same name is no proof. Every round
is public for three years.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from paycanary.sources.lists import work24
from paycanary.sources.lists.paging import (
    PAGE_SIZE,
    ListApi,
    as_answer,
    changed,
    search,
    take_whole,
)
from paycanary.sources.lists.tables import MAX_BYTES, Layout, LayoutError, province, read_page
from paycanary.sources.names import plain_name
from paycanary.sources.web.calendar import Calendar
from paycanary.sources.web.keys import find_key

if TYPE_CHECKING:
    from datetime import date

    from paycanary.sources.lists.tables import Page
    from paycanary.sources.subject import Subject
    from paycanary.sources.web.calls import Answer, Call
    from paycanary.sources.web.collector import Collector

NAME: Final = "moel"
#: Rounds come twice a year, but an entry goes on the day on which the wages are paid: a dozen pages a day keep us from showing it longer.
CALENDAR: Final = Calendar("day")
FIELDS: Final = ("round", "name", "industry", "region", "amount", "unit", "public_from", "public_until", "left_out")  # fmt: skip
LAYOUT: Final = Layout(
    columns=(("구분", "차수"), ("성명",), ("나이", "연령"), ("사업장명",), ("업종",), ("주소",), ("소재지",), ("체불액", "체불금액")),
    kept={"round": 0, "name": 3, "industry": 4, "region": 6, "amount": 7},
    persons=(1,),
)  # fmt: skip
_PATH: Final = "info/defaulter/defaulterList.do"
_DAY: Final = r"(20\d\d)\s*[.\-/년]\s*(\d{1,2})\s*[.\-/월]\s*(\d{1,2})\s*[.일]?"
#: '2023년 1차: 2023-07-13 ~ 2026-07-12', however the page writes its dashes and dots.
_PERIOD: Final = re.compile(
    rf"(20\d\d)\s*년\s*(\d)\s*차\s*[^0-9~]{{0,20}}?\(?{_DAY}\)?\s*[~∼〜–-]\s*\(?{_DAY}"
)


class MoelApi(ListApi):
    """The ministry's page: ``page`` of the whole list, or ``search`` by workplace name."""

    source = NAME
    site = "https://www.moel.go.kr"

    def ask(self, call: Call) -> Answer:
        """Read one page.

        Raises:
            SourceError: see `Web.send`; AnswerError too where the page is laid out otherwise.
        """
        form = {
            "pageIndex": call.params.get("page", "1"),
            "pageUnit": str(PAGE_SIZE),
            "searchField": "2",
            "searchText": call.params.get("name", ""),
        }
        reply = self._web.send("POST", _PATH, form=form, max_bytes=MAX_BYTES)
        try:
            return as_answer(call, _complete(read_page(reply.body, LAYOUT)))
        except LayoutError as error:
            raise changed(NAME, error) from None


def about_company(c: Collector, subject: Subject) -> None:
    """Look for the company's name without its legal form, which a list may write otherwise, and its business number at Work24 where a key for it is set.

    Raises:
        SourceError: a service could not be asked; what the other answered is in the inbox.
    """
    try:
        search(c, MoelApi(), plain_name(subject.name))
    finally:
        # Another service: what ails the page does not ail it.
        if work24.can_ask(subject) and find_key("work24") is not None:
            work24.ask_about(c, subject)


def everything(c: Collector, since: date | None) -> None:  # noqa: ARG001 - the list is read whole: what is gone counts too
    """Read the whole list, some twelve pages.

    Raises:
        SourceError: it could not be read to its end; nothing of it counts then.
    """
    take_whole(c, MoelApi())


def _complete(page: Page) -> Page:
    """Regions cut to the province, and the days between which each round is public, where the page tells them."""
    periods = {
        (m[1], m[2]): tuple(f"{y}-{int(mo):02}-{int(d):02}" for y, mo, d in (m.group(3, 4, 5), m.group(6, 7, 8)))
        for m in _PERIOD.finditer(page.text)
    }  # fmt: skip
    for row in page.rows:
        row["region"] = province(row.get("region"))
        named = re.search(r"(20\d\d)\s*년\s*(\d)\s*차", row.get("round") or "")
        first, last = periods.get((named[1], named[2]), (None, None)) if named else (None, None)
        row["public_from"], row["public_until"] = first, last
    return page

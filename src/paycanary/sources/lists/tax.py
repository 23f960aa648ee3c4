"""The tax service's list of large and habitual arrears: corporations only (국세기본법 제85조의5).

POST https://www.nts.go.kr/nts/ad/openInfo/selectList.do with ``tcd=1``, no key: 12 columns, of which the representative and his
address are never read. No business number: a same name is no proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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

if TYPE_CHECKING:
    from datetime import date

    from paycanary.sources.subject import Subject
    from paycanary.sources.web.calls import Answer, Call
    from paycanary.sources.web.collector import Collector

NAME: Final = "tax"
#: New names come each December; entries go when paid. Hundreds of pages: once a month is what a public site may be asked for,
#: and a company that is looked up is searched for by name on the day itself.
CALENDAR: Final = Calendar("month", day=2)
FIELDS: Final = (
    "year",
    "name",
    "industry",
    "region",
    "amount",
    "unit",
    "taxes",
    "cases",
    "left_out",
)
LAYOUT: Final = Layout(
    columns=(
        ("no", "No", "NO", "번호", "순번"), ("공개년도", "공개연도", "년도"), ("법인명", "상호"), ("대표자",), ("업종",), ("소재지",),
        ("대표자주소", "주소"), ("체납액",), ("세목",), ("납기",), ("건수",), ("요지",),
    ),
    kept={"year": 1, "name": 2, "industry": 4, "region": 5, "amount": 7, "taxes": 8, "cases": 10},
    persons=(3,),
)  # fmt: skip
_PATH: Final = "nts/ad/openInfo/selectList.do"


class TaxApi(ListApi):
    """The tax service's page: ``page`` of the whole list, or ``search`` by corporation name."""

    source = NAME
    site = "https://www.nts.go.kr"

    def ask(self, call: Call) -> Answer:
        """Read one page.

        Raises:
            SourceError: see `Web.send`; AnswerError too where the page is laid out otherwise.
        """
        form = {
            "tcd": "1",
            "searchType": "1",
            "searchValue": call.params.get("name", ""),
            "searchYear": "",
            "currPage": call.params.get("page", "1"),
            "pageIndex": str(PAGE_SIZE),
            "search_order": "1",
        }
        reply = self._web.send("POST", _PATH, form=form, max_bytes=MAX_BYTES)
        try:
            page = read_page(reply.body, LAYOUT)
        except LayoutError as error:
            raise changed(NAME, error) from None
        for row in page.rows:
            row["region"] = province(row.get("region"))
        return as_answer(call, page)


def about_company(c: Collector, subject: Subject) -> None:
    """Look for the company's name without its legal form, which a list may write otherwise.

    Raises:
        SourceError: the list could not be asked.
    """
    search(c, TaxApi(), plain_name(subject.name))


def everything(c: Collector, since: date | None) -> None:  # noqa: ARG001 - the list is read whole: what is gone counts too
    """Read the whole list.

    Raises:
        SourceError: it could not be read to its end; nothing of it counts then.
    """
    take_whole(c, TaxApi())

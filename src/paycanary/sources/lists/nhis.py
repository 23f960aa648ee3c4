"""The health insurer's list of large arrears of the four social insurances: corporations only (국민건강보험법 제83조 등).

The page (https://www.nhis.or.kr, 고액·상습체납자 인적사항 공개) bears, by law, the name or the corporation's name with its
representative, age, line of business, address, and kind and amount of what is owed. Nothing public tells the address behind its
search, and nobody could check it: it has to be given as ``PAYCANARY_NHIS_URL``. It is then asked in the usual way of the
government's web framework (``pageIndex``, ``pageUnit``, ``searchText``); a page that answers otherwise is refused by its layout.
A name is kept only where it says itself that it is a corporation's.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from paycanary.errors import UnreachableError
from paycanary.sources.lists.paging import (
    PAGE_SIZE,
    ListApi,
    as_answer,
    changed,
    search,
    take_whole,
)
from paycanary.sources.lists.tables import (
    LEFT_OUT,
    MAX_BYTES,
    Layout,
    LayoutError,
    has_legal_form,
    province,
    read_page,
)
from paycanary.sources.names import plain_name
from paycanary.sources.web.calendar import Calendar

if TYPE_CHECKING:
    from datetime import date

    from paycanary.sources.subject import Subject
    from paycanary.sources.web.calls import Answer, Call, Row
    from paycanary.sources.web.collector import Collector

NAME: Final = "nhis"
#: New names come at the end of each December; entries go when paid. More than a hundred pages: see `tax.CALENDAR`.
CALENDAR: Final = Calendar("month", day=3)
FIELDS: Final = ("year", "name", "industry", "region", "amount", "unit", "insurance", "left_out")
LAYOUT: Final = Layout(
    columns=(
        ("번호", "순번", "No"), ("년도", "연도"), ("사업장명", "법인명", "명칭", "상호"), ("대표자", "성명"), ("나이", "연령"),
        ("업종",), ("주소", "소재지"), ("종류", "보험"), ("체납액", "금액"),
    ),
    kept={"year": 1, "name": 2, "industry": 5, "region": 6, "insurance": 7, "amount": 8},
    persons=(3,),
)  # fmt: skip
_VARIABLE: Final = "PAYCANARY_NHIS_URL"


class NhisApi(ListApi):
    """The insurer's page: ``page`` of the whole list, or ``search`` by workplace or corporation name."""

    source = NAME
    site = "https://www.nhis.or.kr"

    def ask(self, call: Call) -> Answer:
        """Read one page.

        Raises:
            SourceError: see `Web.send`; AnswerError too where the page is laid out otherwise.
        """
        form = {
            "searchText": call.params.get("name", ""),
            "pageIndex": call.params.get("page", "1"),
            "pageUnit": str(PAGE_SIZE),
        }
        reply = self._web.send("POST", self._web.base_url, form=form, max_bytes=MAX_BYTES)
        try:
            page = read_page(reply.body, LAYOUT)
        except LayoutError as error:
            raise changed(NAME, error) from None
        page.rows = [_corporate(row) for row in page.rows]
        return as_answer(call, page)


def about_company(c: Collector, subject: Subject) -> None:
    """Look for the company's name without its legal form, which a list may write otherwise.

    Raises:
        SourceError: the page's address is not given, or the list could not be asked.
    """
    _require_address()
    search(c, NhisApi(), plain_name(subject.name))


def everything(c: Collector, since: date | None) -> None:  # noqa: ARG001 - the list is read whole: what is gone counts too
    """Read the whole list.

    Raises:
        SourceError: the page's address is not given, or it could not be read to its end; nothing of it counts then.
    """
    _require_address()
    take_whole(c, NhisApi())


def _require_address() -> None:
    """No public text tells where on the insurer's site the list is asked, so whoever runs this has to.

    Raises:
        UnreachableError: nobody has.
    """
    if os.environ.get(_VARIABLE):
        return
    error = UnreachableError(
        NAME,
        {
            "ko": "nhis: 4대 보험료 체납 명단 페이지의 주소가 정해져 있지 않습니다.",
            "en": "nhis: the address of the page of social-insurance arrears is not set.",
        },
        {
            "ko": f"https://www.nhis.or.kr 에서 명단의 주소를 찾아 {_VARIABLE} 로 주거나, 거기서 직접 찾아보세요.",
            "en": f"Find the list's address at https://www.nhis.or.kr and set {_VARIABLE}, or look there yourself.",
        },
    )
    error.is_unset = True
    raise error


def _corporate(row: Row) -> Row:
    """The row, with its region cut to the province; nothing of it where the name may be a person's."""
    if row.get(LEFT_OUT) or not has_legal_form(row.get("name")):
        return {LEFT_OUT: "person"}
    return {**row, "region": province(row.get("region"))}

"""Employment insurance of workplaces (고용·산재보험 가입 사업장), by business number, workplaces of one or two people too.

Source: https://www.data.go.kr/data/15059256/openapi.do, ``getGySjBoheomBsshItem``. ``opaBoheomFg`` 2 is employment insurance,
1 industrial accident insurance; asked together, every workplace comes twice. The one filter that works is the whole business
number: others are ignored without a word, so an answer about other businesses is refused rather than believed.

The service does not say of which day its counts are: they count as of the day on which they were fetched. There is no whole to
fetch (6.5 million rows by pages): `everything` asks again for companies asked before.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from paycanary.sources.data_go_kr import DAILY_LIMIT, Gateway, Service
from paycanary.sources.web.calendar import Calendar
from paycanary.sources.web.calls import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paycanary.sources.subject import Subject
    from paycanary.sources.web.calls import Row
    from paycanary.sources.web.collector import Collector

NAME: Final = "comwel"
CALENDAR: Final = Calendar("company")
WORKPLACES: Final = "getGySjBoheomBsshItem"
SERVICE: Final = Service(
    NAME,
    "근로복지공단 고용·산재보험 현황정보",
    "https://www.data.go.kr/data/15059256/openapi.do",
    "https://apis.data.go.kr/B490001/gySjbPstateInfoService",
    ("_type", "json"),
)
FIELDS: Final = {
    WORKPLACES: ("saeopjaDrno", "saeopjangNm", "sangsiInwonCnt", "seongripDt", "opaBoheomFg", "gyEopjongCd", "gyEopjongNm")
}  # fmt: skip
EMPLOYMENT: Final = "2"
_AGE: Final = timedelta(days=20)
_DIGITS: Final = 10
#: The fourth and fifth digit of a corporation's business number; all others belong to persons, whose shops may bear their names.
_CORPORATIONS: Final = range(81, 89)


class ComwelApi:
    """The one operation that looks a business number up."""

    source = NAME
    daily_limit: int | None = DAILY_LIMIT

    @cached_property
    def _gateway(self) -> Gateway:
        return Gateway(SERVICE, FIELDS)

    def bucket(self, call: Call) -> str:
        """Each operation has a quota of its own."""
        return call.endpoint

    def ask(self, call: Call) -> Answer:
        """Ask now.

        Raises:
            SourceError: see `Gateway.rows`; AnswerError also where the answer is about other businesses or both insurances.
        """
        number = call.params["v_saeopjaDrno"]
        rows = self._gateway.rows(WORKPLACES, call.params, most=5000)
        if any(_digits(row.get("saeopjaDrno")) != number for row in rows):
            raise self._gateway.broken("rows of other business numbers than was asked for")
        if any(row.get("opaBoheomFg") not in (None, EMPLOYMENT) for row in rows):
            raise self._gateway.broken("rows of the other insurance")
        return Answer([_nameless(row, number) for row in rows])


def about_company(c: Collector, subject: Subject, api: ComwelApi | None = None) -> None:
    """Fetch a company's workplaces; nothing where the ten digits of its business number are not known.

    Raises:
        SourceError: see `ComwelApi.ask`.
    """
    number = subject.business_number or ""
    if len(number) == _DIGITS and number.isdigit():
        c.get(api or ComwelApi(), _call(number))


def everything(c: Collector, since: date | None, api: ComwelApi | None = None) -> None:  # noqa: ARG001 - every register is asked the same way
    """Ask again about every company ever asked about, as far as its answers have grown old.

    Raises:
        SourceError: why it ended early; what came until then is in the inbox.
    """
    numbers = sorted({params["v_saeopjaDrno"] for params, _ in c.inbox.requests(NAME, WORKPLACES)})
    c.progress.step(NAME, total=len(numbers))
    _drain(c.map(api or ComwelApi(), map(_call, numbers)))


def _drain(answers: Iterable[object]) -> None:
    for _ in answers:
        pass


def _call(number: str) -> Call:
    return Call(WORKPLACES, {"v_saeopjaDrno": number, "opaBoheomFg": EMPLOYMENT}, _AGE)


def _digits(text: str | None) -> str:
    return "".join(filter(str.isdigit, text or ""))


def _nameless(row: Row, number: str) -> Row:
    """The row without its name where the business is a person's."""
    is_corporation = int(number[3:5]) in _CORPORATIONS
    return row if is_corporation else {**row, "saeopjangNm": None}

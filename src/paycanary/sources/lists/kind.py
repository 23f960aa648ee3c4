"""The exchange's notices at KIND: companies listed, delisted, and under administration (관리종목).

Downloads that call themselves ``.xls`` and are HTML tables in EUC-KR; no key. KIND gives an empty table to who does not come from
its own page, hence the referer. Representatives' names (대표자명) are never read. KRX restricts redistribution: read, do not pass on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from paycanary.errors import AnswerError
from paycanary.sources.lists.paging import changed
from paycanary.sources.lists.tables import MAX_BYTES, LayoutError, read_named
from paycanary.sources.web.calendar import Calendar
from paycanary.sources.web.calls import Answer, Call
from paycanary.sources.web.inbox import KOREA

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from paycanary.errors import SourceError
    from paycanary.sources.subject import Subject
    from paycanary.sources.web.client import Web
    from paycanary.sources.web.collector import Collector

NAME: Final = "krx"
#: Designations are announced after the close of trading.
CALENDAR: Final = Calendar("day", hour=19)
_FRESH: Final = timedelta(hours=12)
_SITE: Final = "https://kind.krx.co.kr"
_SINCE: Final = "1999-01-01"
MARKETS: Final = {"stockMkt": "유가증권시장", "kosdaqMkt": "코스닥", "konexMkt": "코넥스"}


@dataclass(frozen=True, slots=True)
class _Download:
    """One of KIND's downloads: how it is asked for, and which columns are kept."""

    method: str
    path: str
    form: dict[str, str]
    wanted: dict[str, str]


_DOWNLOADS: Final = {
    "corpList": _Download(
        "GET", "corpgeneral/corpList.do", {"method": "download", "searchType": "13"},
        {name: name for name in ("회사명", "종목코드", "업종", "상장일", "결산월", "지역")},
    ),
    "delcompany": _Download(
        "POST", "investwarn/delcompany.do",
        {"method": "searchDelCompanySub", "forward": "delcompany_down", "currentPageSize": "5000", "pageIndex": "1",
         "orderMode": "2", "orderStat": "D"},
        {"Name": "회사명", "Symbol": "종목코드", "DelistingDate": "폐지일자", "Reason": "폐지사유"},
    ),
    "adminissue": _Download(
        "POST", "investwarn/adminissue.do",
        {"method": "searchAdminIssueSub", "forward": "adminissue_down", "currentPageSize": "5000", "pageIndex": "1",
         "orderMode": "1", "orderStat": "D"},
        {"Name": "종목명", "Symbol": "종목코드", "DesignationDate": "지정일", "Reason": "지정사유"},
    ),
}  # fmt: skip
FIELDS: Final = {name: tuple(download.wanted) for name, download in _DOWNLOADS.items()}


class KindApi:
    """KIND's downloads, each whole in one answer: ``corpList`` (``market``), ``delcompany``, ``adminissue``."""

    source = NAME
    daily_limit: int | None = None

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    @cached_property
    def _web(self) -> Web:
        from paycanary.sources.web.client import Web  # noqa: PLC0415 - heavy

        return Web(NAME, _SITE, per_second=1, headers={"Referer": f"{_SITE}/investwarn/delcompany.do?method=searchDelCompanyMain"})  # fmt: skip

    def bucket(self, call: Call) -> str:  # noqa: ARG002 - no quota is stated
        """One for all."""
        return NAME

    def ask(self, call: Call) -> Answer:
        """Download one list.

        Raises:
            SourceError: see `Web.send`; AnswerError too where the table is another, breaks off, or is empty.
        """
        asked = _DOWNLOADS[call.endpoint]
        fields = dict(asked.form)
        if call.endpoint == "corpList":
            fields["marketType"] = call.params["market"]
        if call.endpoint == "delcompany":
            today = self._now().astimezone(KOREA).date()
            fields |= {"fromDate": _SINCE, "toDate": today.isoformat()}
        is_get = asked.method == "GET"
        reply = self._web.send(
            asked.method,
            asked.path,
            params=fields if is_get else None,
            form=None if is_get else fields,
            max_bytes=MAX_BYTES,
        )
        try:
            rows = read_named(reply.body, asked.wanted)
        except LayoutError as error:
            raise changed(NAME, error) from None
        if not rows:
            # None of these lists is ever empty: KIND shows this to who seems to come from elsewhere.
            raise changed(NAME, LayoutError("the list is empty"))
        return Answer(rows)


def about_company(c: Collector, subject: Subject) -> None:
    """All three lists, for a company that has a stock code: each is one answer, whoever is asked about.

    Raises:
        SourceError: KIND could not be asked.
    """
    if subject.stock_code:
        everything(c, None)


def everything(c: Collector, since: date | None) -> None:  # noqa: ARG001 - every list is one answer
    """All three lists.

    Raises:
        SourceError: KIND could not be asked.
    """
    _take(c, ("adminissue", "delcompany", "corpList"))


def _take(c: Collector, endpoints: tuple[str, ...]) -> None:
    api = KindApi(c.inbox.now)
    failed: SourceError | None = None
    for endpoint in endpoints:
        markets: list[dict[str, str]] = [{"market": m} for m in MARKETS] if endpoint == "corpList" else [{}]  # fmt: skip
        for params in markets:
            try:
                c.get(api, Call(endpoint, params, max_age=_FRESH))
            except AnswerError as error:
                # A list that was changed says nothing of the others.
                failed = error
    if failed is not None:
        raise failed

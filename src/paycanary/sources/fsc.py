"""Summary statements and outlines of companies, unlisted ones too, from the Financial Services Commission (금융위원회).

Source: https://www.data.go.kr/data/15043459/openapi.do (기업 재무정보) and 15043184 (기업기본정보), behind one gateway. A year of a
company is asked for by its corporation number: ``getSummFinaStat_V2`` gives a row a basis (110 consolidated, 120 separate),
``getBs_V2`` and ``getIncoStat_V2`` a row an account with two years before.

The service does not say on which day a figure became public. It counts as known from the day on which it was fetched, so a
verdict as of an earlier day does not use it. There is no whole to fetch: `everything` asks again for companies asked before.
The representative's name (``enpRprFnm``) is never kept, and of an address only the province.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from paycanary.errors import AnswerError
from paycanary.sources.data_go_kr import DAILY_LIMIT, Gateway, Service
from paycanary.sources.names import plain_name, rough_key
from paycanary.sources.web.calendar import Calendar
from paycanary.sources.web.calls import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paycanary.sources.subject import Subject
    from paycanary.sources.web.calls import Row
    from paycanary.sources.web.collector import Collector

NAME: Final = "fsc"
CALENDAR: Final = Calendar("company")
SUMMARY: Final = "getSummFinaStat_V2"
BALANCE: Final = "getBs_V2"
INCOME: Final = "getIncoStat_V2"
OUTLINE: Final = "getCorpOutline_V2"
STATEMENTS: Final = (SUMMARY, BALANCE, INCOME)
_BASE: Final = "https://apis.data.go.kr/1160100/service"
_STATEMENT_SERVICE: Final = Service(
    NAME,
    "금융위원회 기업 재무정보",
    "https://www.data.go.kr/data/15043459/openapi.do",
    _BASE,
    ("resultType", "json"),
)
_OUTLINE_SERVICE: Final = Service(
    NAME,
    "금융위원회 기업기본정보",
    "https://www.data.go.kr/data/15043184/openapi.do",
    _BASE,
    ("resultType", "json"),
)
_ROW: Final = ("basDt", "crno", "bizYear", "fnclDcd", "fnclDcdNm", "curCd")
_ACCOUNT: Final = ("acitId", "acitNm", "crtmAcitAmt", "pvtrAcitAmt", "bpvtrAcitAmt")
FIELDS: Final = {
    SUMMARY: (*_ROW, "enpSaleAmt", "enpBzopPft", "enpCrtmNpf", "enpTastAmt", "enpTdbtAmt", "enpTcptAmt", "enpCptlAmt"),
    BALANCE: _ROW + _ACCOUNT,
    INCOME: _ROW + _ACCOUNT,
    OUTLINE: (
        "crno", "corpNm", "corpEnsnNm", "enpPbanCmpyNm", "corpRegMrktDcdNm", "bzno", "enpBsadr", "sicNm", "enpEstbDt", "enpStacMm",
        "enpEmpeCnt", "enpMainBizNm", "fssCorpUnqNo", "fstOpegDt", "lastOpegDt",
    ),
}  # fmt: skip
_PATH: Final = {
    **dict.fromkeys(STATEMENTS, "GetFinaStatInfoService_V2"),
    OUTLINE: "GetCorpBasicInfoService_V2",
}
_YEARS: Final = 4
_NEW: Final = timedelta(days=30)
_OLD: Final = timedelta(days=180)
_CORPORATION_DIGITS: Final = 13
_BUSINESS_DIGITS: Final = 10


class FscApi:
    """Both services: statements and outlines. Each operation has a quota of its own."""

    source = NAME
    daily_limit: int | None = DAILY_LIMIT

    @cached_property
    def _statements(self) -> Gateway:
        return Gateway(_STATEMENT_SERVICE, FIELDS)

    @cached_property
    def _outlines(self) -> Gateway:
        return Gateway(_OUTLINE_SERVICE, FIELDS)

    def bucket(self, call: Call) -> str:
        """Each operation has a quota of its own."""
        return call.endpoint

    def ask(self, call: Call) -> Answer:
        """Ask now. Rows of another company than was asked for mean that the service ignored the question.

        Raises:
            SourceError: see `Gateway.rows`.
        """
        gateway = self._outlines if call.endpoint == OUTLINE else self._statements
        path = f"{_PATH[call.endpoint]}/{call.endpoint}"
        rows = gateway.rows(path, call.params)
        for name in ("crno", "bizYear", "bzno"):
            if (asked := call.params.get(name)) and any(row.get(name) != asked for row in rows):
                raise gateway.broken(f"{call.endpoint}: rows of another {name} than was asked for")
        return Answer([_province_only(row) for row in rows])


def identify(c: Collector, subject: Subject, api: FscApi | None = None) -> Subject:
    """Fill in the corporation and business number, the DART code and the fiscal month.

    By the corporation or the business number where one is known, else by name: one company of exactly that name, or the one
    among several that agrees with a number already known. Where that leaves a doubt, nothing is filled in.

    Raises:
        SourceError: see `Gateway.rows`.
    """
    api = api or FscApi()
    if subject.corporation_number:
        outlines = c.get(api, _outline_of(subject.corporation_number))
        return _with(subject, _newest(outlines))
    if len(subject.business_number or "") == _BUSINESS_DIGITS and (row := _by_business(c, api, subject)):  # fmt: skip
        return _with(subject, row)
    found = c.get(api, Call(OUTLINE, {"corpNm": plain_name(subject.name)}, _NEW))
    wanted = {rough_key(name) for name in (subject.name, *subject.names)} - {""}
    companies = {
        number: _newest(rows)
        for number, rows in _by_company(found).items()
        if any(rough_key(r.get(f) or "") in wanted for r in rows for f in ("corpNm", "enpPbanCmpyNm"))
    }  # fmt: skip
    agreed = [row for row in companies.values() if _agrees(subject, row)]
    if len(agreed) == 1:
        return _with(subject, agreed[0])
    possible = [row for row in companies.values() if _agrees(subject, row) is None]
    return _with(subject, possible[0]) if len(companies) == len(possible) == 1 else subject


def about_company(c: Collector, subject: Subject, api: FscApi | None = None) -> None:
    """Fetch the outline and four years of statements; nothing where the corporation number is not known.

    Raises:
        SourceError: why it ended early; what came until then is in the inbox.
    """
    if subject.corporation_number:
        _fetch(c, api or FscApi(), [subject.corporation_number])


def everything(c: Collector, since: date | None, api: FscApi | None = None) -> None:  # noqa: ARG001 - every register is asked the same way
    """Ask again about every company ever asked about, as far as its answers have grown old.

    Raises:
        SourceError: as `about_company`.
    """
    asked = {params["crno"] for params, _ in c.inbox.requests(NAME, SUMMARY)}
    _fetch(c, api or FscApi(), sorted(asked))


def _fetch(c: Collector, api: FscApi, companies: Iterable[str]) -> None:
    newest = c.inbox.today().year
    calls = [
        call
        for number in companies
        for call in (
            _outline_of(number),
            *(_year(operation, number, year, newest) for year in range(newest - 1, newest - 1 - _YEARS, -1) for operation in STATEMENTS),
        )
    ]  # fmt: skip
    c.progress.step(NAME, total=len(calls))
    for _ in c.map(api, calls):
        pass


def _outline_of(number: str) -> Call:
    return Call(OUTLINE, {"crno": number}, _NEW)


def _year(operation: str, number: str, year: int, today: int) -> Call:
    """Statements of the newest two years still come in and are corrected; older ones seldom are."""
    return Call(operation, {"crno": number, "bizYear": str(year)}, _NEW if year >= today - 2 else _OLD)  # fmt: skip


def _by_business(c: Collector, api: FscApi, subject: Subject) -> Row:
    """The outline of a business number; empty where none is found, or several, or the service ignored the number."""
    try:
        found = c.get(api, Call(OUTLINE, {"bzno": subject.business_number or ""}, _NEW))
    except AnswerError:
        return {}  # the portal's page names no such parameter, though clients use it
    companies = _by_company(found)
    return _newest(found) if len(companies) == 1 else {}


def _by_company(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Outlines by corporation number: a company has one for each span in which nothing changed."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        if number := row.get("crno"):
            grouped.setdefault(number, []).append(row)
    return grouped


def _newest(rows: Sequence[Row]) -> Row:
    return max(rows, key=lambda row: row.get("lastOpegDt") or "", default={})


def _agrees(subject: Subject, row: Row) -> bool | None:
    """Whether an outline bears a number that is known already: None where there is none to compare."""
    pairs = [
        (subject.corp_code, row.get("fssCorpUnqNo")),
        (subject.business_number, (row.get("bzno") or "")[: len(subject.business_number or "")]),
    ]
    judged = [known == found for known, found in pairs if known and found]
    return all(judged) if judged else None


def _with(subject: Subject, row: Row) -> Subject:
    """The subject with what an outline says; a number that cannot be one is left out, and what was known stands."""
    number, business = row.get("crno") or "", row.get("bzno") or ""
    month = row.get("enpStacMm") or ""
    known = subject.business_number
    if not business.isdigit() or len(business) != _BUSINESS_DIGITS or not business.startswith(known or ""):  # fmt: skip
        business = ""
    return replace(
        subject,
        corporation_number=subject.corporation_number or (number if number.isdigit() and len(number) == _CORPORATION_DIGITS else None),
        business_number=business or known,
        corp_code=subject.corp_code or row.get("fssCorpUnqNo") or None,
        fiscal_month=subject.fiscal_month or (int(month) if month.isdigit() and 1 <= int(month) <= 12 else None),  # noqa: PLR2004 - months
    )  # fmt: skip


def _province_only(row: Row) -> Row:
    address = (row.get("enpBsadr") or "").split()
    return {**row, "enpBsadr": address[0]} if address else row

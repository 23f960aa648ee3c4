"""Questions about reports, events and documents, with how long each answer stands."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from paycanary.sources.dart.api import SOURCE, Api
from paycanary.sources.web.calls import Call, Row
from paycanary.sources.web.inbox import KOREA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from paycanary.sources.dart.reports import Report
    from paycanary.sources.web.collector import Collector

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
PAGE: Final = "100"
#: How long after a filing its contents are surely in the API.
_READY: Final = timedelta(days=14)
STATEMENTS: Final = "fnlttSinglAcntAll"
#: ``corp_cls`` of companies on KOSPI, KOSDAQ and KONEX; all others are ``E``.
LISTED: Final = frozenset("YKN")
#: Endpoints about one periodic report. Dividends are checked against the number of shares, hence mrhlSttus.
ALL: Final = (
    STATEMENTS, "accnutAdtorNmNdAdtOpinion", "empSttus", "alotMatter", "mrhlSttus", "irdsSttus", "cprndNrdmpBlce",
)  # fmt: skip
#: Of an older report: what a newer one does not repeat. Dividends and issues of several years stand in the newest.
OLDER: Final = (STATEMENTS, "accnutAdtorNmNdAdtOpinion", "empSttus")


def standing(c: Collector, endpoint: str, params: Mapping[str, str]) -> Call:
    """A call about a filing: its answer stands for good once there is one.

    That there is none stands too where it was asked two weeks after the filing or later; before that the contents may not
    have been ready, and it is asked again after a day.
    """
    known = c.inbox.find(SOURCE, Call(endpoint, params))
    if known is None or known.rows or known.file is not None:
        return Call(endpoint, params)
    filed = next((params[name] for name in ("filing", "rcept_no", "end_de") if name in params), "")
    asked = known.fetched_at.astimezone(KOREA).date() - _READY
    return Call(endpoint, params, DAY if filed[:8] > f"{asked:%Y%m%d}" else None)


def company_call(corp_code: str, max_age: timedelta = WEEK) -> Call:
    """Official numbers, fiscal month and market of a company."""
    return Call("company", {"corp_code": corp_code}, max_age)


def fiscal_months(rows: Iterable[Row]) -> dict[str, int]:
    """Company -> month in which its fiscal year ends, from answers of ``company`` that carry ``corp_code``."""
    found = {}
    for row in rows:
        month = row.get("acc_mt") or ""
        if row.get("corp_code") and month.isdigit() and 1 <= int(month) <= 12:  # noqa: PLR2004 - months
            found[row["corp_code"] or ""] = int(month)
    return found


def ask_reports(c: Collector, api: Api, asked: Sequence[tuple[Report, Sequence[str]]]) -> None:
    """Ask endpoints about reports; consolidated statements first, separate ones where there are none.

    A company whose year does not end in December may answer under the year's first or its last calendar year: the second is
    asked where the first gives nothing.

    Raises:
        SourceError: the round ended early.
    """
    c.progress.step("dart", total=sum(len(endpoints) for _, endpoints in asked))
    rest = list(asked)
    for place in (0, 1):
        rest = [(r, endpoints) for r, endpoints in rest if len(r.years) > place]
        answered: set[str] = set()
        separate: list[Call] = []
        for call, rows in c.map(api, _report_calls(c, rest, place)):
            if rows:
                answered.add(call.params["filing"])
            elif call.endpoint == STATEMENTS:
                separate.append(standing(c, STATEMENTS, {**call.params, "fs_div": "OFS"}))
        for call, rows in c.map(api, separate):
            if rows:
                answered.add(call.params["filing"])
        rest = [(r, endpoints) for r, endpoints in rest if r.receipt not in answered]


def _report_calls(
    c: Collector, asked: Iterable[tuple[Report, Sequence[str]]], place: int
) -> Iterator[Call]:
    for report, endpoints in asked:
        params = {
            "corp_code": report.corp_code,
            "bsns_year": report.years[place],
            "reprt_code": report.code,
            # Ours, not sent: which filing and month the answer is expected to be about.
            "filing": report.receipt,
            "period": report.period,
        }
        for endpoint in endpoints:
            own = {"fs_div": "CFS"} if endpoint == STATEMENTS else {}
            yield standing(c, endpoint, {**params, **own})


def event_calls(c: Collector, events: Iterable[tuple[str, str, str]]) -> Iterator[Call]:
    """The contents of reports of material facts: (endpoint, corp_code, day of receipt)."""
    for endpoint, corp, day in events:
        params = {"corp_code": corp, "bgn_de": day, "end_de": day}
        yield standing(c, endpoint, params)


def document_calls(c: Collector, rows: Iterable[Row]) -> Iterator[Call]:
    """The original documents of filings, but for those that were fetched before, even if their bytes are gone by now."""
    asked: dict[str, bool] = defaultdict(bool)
    for params, _ in c.inbox.requests(SOURCE, "document"):
        asked[params["rcept_no"]] = True
    for row in rows:
        own = {
            name: row.get(name) or ""
            for name in ("rcept_no", "corp_code", "corp_name", "report_nm")
        }
        call = standing(c, "document", {**own, "report_nm": own["report_nm"].strip()})
        if not asked[own["rcept_no"]] or c.inbox.find(SOURCE, Call("document", call.params)):
            yield call


def pages(
    c: Collector, api: Api, searches: Sequence[tuple[dict[str, str], timedelta | None]]
) -> list[Row]:
    """Every filing of some searches of ``list``, all their pages.

    Raises:
        SourceError: the round ended early, or a page could not be read: without it nobody knows what is missing.
    """

    def call(params: dict[str, str], age: timedelta | None, page: int) -> Call:
        # Oldest first, so that what is filed meanwhile stands on a page that is still to come.
        own = {"page_no": str(page), "page_count": PAGE, "sort": "date", "sort_mth": "asc"}
        return Call("list", {**params, **own}, age)

    found: list[Row] = []
    more: list[Call] = []
    first = {call(params, age, 1).request: (params, age) for params, age in searches}
    failed = c.tally(SOURCE).failed
    c.progress.step("dart", total=len(searches))
    for answered, rows in c.map(api, [call(params, age, 1) for params, age in searches]):
        found += rows
        params, age = first[answered.request]
        total = (rows[0].get("total_page") or "") if rows else ""
        more += [call(params, age, n) for n in range(2, int(total) + 1)] if total.isdigit() else []
    c.progress.step("dart", total=len(more))
    for _, rows in c.map(api, more):
        found += rows
    if c.tally(SOURCE).failed > failed:
        raise c.tally(SOURCE).failures[-1][1]
    return found

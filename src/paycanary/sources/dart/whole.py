"""The whole register: who filed something new, and only then what it says.

A first round reaches thirteen months back; it may take several days of quota and goes on each time where it stopped, because
every answer is kept the moment it comes. Later rounds begin a week before the last, since contents are at times ready days after
a filing.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from paycanary.sources import opendart
from paycanary.sources.dart import reports
from paycanary.sources.dart.api import SOURCE, Api
from paycanary.sources.dart.asking import (
    ALL,
    DAY,
    LISTED,
    WEEK,
    ask_reports,
    company_call,
    document_calls,
    event_calls,
    fiscal_months,
    pages,
    standing,
)  # fmt: skip
from paycanary.sources.web.calls import Call
from paycanary.sources.web.inbox import KOREA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from paycanary.sources.web.collector import Collector

#: Calls of a day that a batch leaves for single companies, which a person waits for.
RESERVE: Final = 2_000
#: Companies that fnlttMultiAcnt takes at once.
_AT_ONCE: Final = 100
_FIRST_ROUND: Final = timedelta(days=395)
#: Nobody needs more of the past at once, whatever the lake holds.
_LONGEST: Final = timedelta(days=1100)
_COMPANY_AGE: Final = timedelta(days=180)
_TODAY_AGE: Final = timedelta(hours=6)
#: Periodic reports, audit reports, material facts; then what only titles tell: extended terms (E), ends of rehabilitation (I).
_KINDS: Final = ("A", "F", "B", "E", "I")
_YEARS: Final = 3
_ANNUAL_DUE: Final = (4, 2)
_MULTI: Final = "fnlttMultiAcnt"


def ask_whole(c: Collector, since: date | None) -> None:
    """Ask for everything that is new.

    Args:
        c: the collector.
        since: newest publication day that the lake holds; counts only before the first whole round.

    Raises:
        SourceError: the round ended early (quota, key, connection, an unreadable list of filings); run again, it goes on.
    """
    with Api(reserve=RESERVE) as api:
        register = c.file(api, Call("corpCode", {}, WEEK))
        last = c.inbox.last_round(SOURCE)
        if last is None and register is not None:
            _ask_market(c, api, register)
        today = c.inbox.today()
        begin = _begin(today, last.astimezone(KOREA).date() if last else None, since)
        if c.again_from is not None:
            begin = max(min(begin, c.again_from), today - _LONGEST)
        rows = pages(c, api, list(_searches(begin, c.inbox.today())))
        filed = reports.periodic(rows, {})
        months = _companies(c, api, (r.corp_code for r in filed))
        filed = reports.periodic(rows, months)
        _ask_many(c, api, filed)
        ask_reports(c, api, [(report, ALL) for report in filed])
        _run(c, api, list(event_calls(c, reports.events(rows))))
        known = {r.corp_code for r in filed}
        audits = [
            row
            for row in reports.audits(rows)
            if row["corp_code"] not in known and row["corp_cls"] not in LISTED
        ]
        _companies(c, api, (row["corp_code"] or "" for row in audits))
        _run(c, api, list(document_calls(c, audits)))


def _begin(today: date, last: date | None, since: date | None) -> date:
    """The first day of receipt to look at."""
    if last is not None:
        return max(last - WEEK, today - _LONGEST)
    # What the lake holds may be single companies, so a first round is never shorter than usual.
    first = (today - _FIRST_ROUND).replace(day=1)
    return max(min(first, since - WEEK), today - _LONGEST) if since else first


def _searches(begin: date, today: date) -> Iterator[tuple[dict[str, str], timedelta | None]]:
    """Searches of one kind each, newest first: this month, what the quarter has before it, then whole quarters.

    A search without a company may span three months. One whose days are over is asked once; this month's is asked anew.
    """
    end, first = today, today.replace(day=1)
    while end >= begin:
        first = max(first, begin)
        for kind in _KINDS:
            days = {"bgn_de": f"{first:%Y%m%d}", "end_de": f"{end:%Y%m%d}"}
            yield {**days, "pblntf_ty": kind}, None if end < today - DAY else _TODAY_AGE
        end = first - DAY
        first = end.replace(month=(end.month - 1) // 3 * 3 + 1, day=1)


def _companies(c: Collector, api: Api, codes: Iterable[str]) -> dict[str, int]:
    """Ask who they are; company -> month in which its fiscal year ends."""
    wanted = list(dict.fromkeys(codes))
    c.progress.step("dart", total=len(wanted))
    found: dict[str, int] = {}
    for call, rows in c.map(api, (company_call(code, _COMPANY_AGE) for code in wanted)):
        found |= fiscal_months([{**row, "corp_code": call.params["corp_code"]} for row in rows])
    return found


def _ask_market(c: Collector, api: Api, register: Path) -> None:
    """Main accounts of everyone with a stock code, three fiscal years: the whole market within minutes of a first round."""
    today = c.inbox.today()
    newest = today.year - (1 if (today.month, today.day) >= _ANNUAL_DUE else 2)
    codes = sorted(opendart.listed_corporations(register))
    _run(
        c,
        api,
        [
            _many(chunk, str(newest - back), "11011", timedelta(days=30))
            for back in range(_YEARS)
            for chunk in _chunks(codes)
        ],
    )


def _ask_many(c: Collector, api: Api, filed: Iterable[reports.Report]) -> None:
    """Main accounts of those who filed, a hundred companies a call, newest reports first."""
    groups: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for report in filed:
        groups[report.years[0], report.code][report.corp_code] = report.receipt
    calls = []
    for (year, code), receipts in sorted(groups.items(), reverse=True):
        for chunk in _chunks(sorted(receipts)):
            params = _many(chunk, year, code, DAY).params
            # The newest of their filings is ours, not sent: a correction makes it another question.
            newest = max(receipts[company] for company in chunk)
            calls.append(standing(c, _MULTI, {**params, "filing": newest}))
    _run(c, api, calls)


def _many(codes: list[str], year: str, code: str, max_age: timedelta) -> Call:
    params = {"corp_code": ",".join(codes), "bsns_year": year, "reprt_code": code}
    return Call(_MULTI, params, max_age)


def _chunks(codes: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(codes), _AT_ONCE):
        yield codes[start : start + _AT_ONCE]


def _run(c: Collector, api: Api, calls: list[Call]) -> None:
    c.progress.step("dart", total=len(calls))
    for _ in c.map(api, calls):
        pass

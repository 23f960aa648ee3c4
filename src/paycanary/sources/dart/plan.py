"""What to ask OpenDART: about one company within seconds, and what is new in the whole register.

Answers about a filing stand for good, since every question names the filing it is about; a correction has a number of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from paycanary.sources.dart import reports, whole
from paycanary.sources.dart.api import SOURCE, Api
from paycanary.sources.dart.asking import (
    ALL,
    LISTED,
    OLDER,
    WEEK,
    ask_reports,
    company_call,
    document_calls,
    event_calls,
    fiscal_months,
    pages,
)  # fmt: skip
from paycanary.sources.web.calendar import Calendar
from paycanary.sources.web.calls import Call

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from paycanary.sources.subject import Subject
    from paycanary.sources.web.calls import Row
    from paycanary.sources.web.collector import Collector

NAME: Final = SOURCE
#: Filings come in on every working day; what one day brought is there the next morning.
CALENDAR: Final = Calendar("day", hour=7)
_YEARS: Final = 3
#: As long as an application for rehabilitation is danger (its danger_months, 60): its end must not go unseen.
_PROCEEDING_YEARS: Final = 5
_DOCUMENTS: Final = 4
_LISTS_AGE: Final = timedelta(hours=6)
#: The first day for which OpenDART has reports of material facts.
_FIRST_DAY: Final = "20150101"
_CORPORATION_DIGITS: Final = 13
_BUSINESS_DIGITS: Final = 10


def corporations(c: Collector) -> Path | None:
    """The register of all corporations (ZIP), at most a week old.

    Raises:
        SourceError: it could not be fetched.
    """
    with Api() as api:
        return c.file(api, Call("corpCode", {}, WEEK))


def identify(c: Collector, subject: Subject) -> Subject:
    """Fill in the official numbers of a company whose DART code is known.

    Raises:
        SourceError: OpenDART could not be asked.
    """
    if subject.corp_code is None:
        return subject
    with Api() as api:
        rows = c.get(api, company_call(subject.corp_code))
    if not rows:
        return subject
    row = rows[0]
    stock = (row["stock_code"] or "").strip() or None
    return replace(
        subject,
        corporation_number=_digits(row["jurir_no"], _CORPORATION_DIGITS)
        or subject.corporation_number,
        business_number=_digits(row["bizr_no"], _BUSINESS_DIGITS) or subject.business_number,
        stock_code=stock or subject.stock_code,
        fiscal_month=fiscal_months([{**row, "corp_code": "-"}]).get("-") or subject.fiscal_month,
        is_listed=subject.is_listed or row["corp_cls"] in LISTED,
    )


def about_company(c: Collector, subject: Subject) -> None:
    """Everything that OpenDART knows of one company and a verdict needs.

    A company with periodic reports: the figures of the newest three annual reports and the newest interim report. Another
    one: the original documents of its newest audit reports. Both: its filings of three years, and reports of material facts.

    Raises:
        SourceError: OpenDART could not be asked; what came until then is kept.
    """
    code = subject.corp_code
    if code is None:
        return
    with Api() as api:
        company = c.get(api, company_call(code))
        rows = _filings(c, api, code, is_listed=any(r["corp_cls"] in LISTED for r in company))
        months = fiscal_months([{**row, "corp_code": code} for row in company])
        filed = reports.periodic(rows, months)
        asked = _chosen(filed)
        ask_reports(c, api, asked)
        calls = list(event_calls(c, reports.events(rows)))
        if not asked:
            calls += document_calls(c, reports.audits(rows)[:_DOCUMENTS])
        c.progress.step("dart", total=len(calls))
        for _ in c.map(api, calls):
            pass


def everything(c: Collector, since: date | None) -> None:
    """What is new in the whole register; see `whole.ask_whole`.

    Raises:
        SourceError: as there.
    """
    whole.ask_whole(c, since)


def _filings(c: Collector, api: Api, code: str, *, is_listed: bool) -> list[Row]:
    """Filings of a company that a signal may need: periodic, audit, material facts, late filing and the exchange's."""
    today = c.inbox.today()
    begin = f"{today.year - _YEARS}0101"
    # Whole months, so that a question stays the same through a month.
    long_ago = f"{today.year - _PROCEEDING_YEARS}{today:%m}01"
    kinds = {
        "A": begin,
        "B": _FIRST_DAY,
        "E": long_ago,
        "F": begin,
        **({"I": long_ago} if is_listed else {}),
    }
    searches = [
        ({"corp_code": code, "bgn_de": day, "pblntf_ty": kind}, _LISTS_AGE)
        for kind, day in kinds.items()
    ]
    return pages(
        c,
        api,
        [({**params, "end_de": f"{today:%Y%m%d}"}, age) for params, age in searches],
    )


def _chosen(filed: list[reports.Report]) -> list[tuple[reports.Report, tuple[str, ...]]]:
    """The newest interim report if none of a year is newer, and the newest annual ones."""
    annual = [r for r in filed if r.is_annual][:_YEARS]
    interim = [r for r in filed if not r.is_annual and (not annual or r.period > annual[0].period)]
    return [
        *((r, ALL) for r in interim[:1]),
        *((r, ALL if r is annual[0] else OLDER) for r in annual),
    ]


def _digits(text: str | None, length: int) -> str | None:
    kept = "".join(c for c in text or "" if c.isdigit())
    return kept if len(kept) == length and kept.strip("0") else None

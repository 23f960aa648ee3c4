"""What titles of filings say: ``[기재정정]사업보고서 (2024.12)`` is a correction of the annual report on the year to December 2024.

Source: ``list.json``, field ``report_nm``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paycanary.sources.web.calls import Row

_PERIODIC: Final = re.compile(r"(사업|반기|분기)보고서\((\d{4})\.(0[1-9]|1[0-2])\)")
_AUDIT: Final = re.compile(r"(?:연결|결합)?감사보고서\((\d{4})\.(0[1-9]|1[0-2])\)")
_MARK: Final = re.compile(r"^(\[[^\]]*\])+")
#: Marks of filings that change an attachment only; they have no body of their own.
_ATTACHED: Final = ("[첨부정정]", "[첨부추가]")
_YEAR: Final = 12
_ANNUAL, _HALF = "11011", "11012"
_QUARTERS: Final = {3: "11013", 9: "11014"}
#: Reports of material facts, by words of their titles -> the endpoint that has their contents.
EVENTS: Final = {
    "부도": "dfOcr",
    "영업정지": "bsnSp",
    "회생절차": "ctrcvsBgrq",
    "해산사유": "dsRsOcr",
    "관리절차개시": "bnkMngtPcbg",
    "관리절차중단": "bnkMngtPcsp",
    "소송": "lwstLg",
}


@dataclass(frozen=True, slots=True)
class Report:
    """A periodic report in its newest version. ``period`` is its last month, ``2024-12``."""

    corp_code: str
    code: str
    years: tuple[str, ...]
    period: str
    receipt: str

    @property
    def is_annual(self) -> bool:
        """Whether it covers a whole fiscal year."""
        return self.code == _ANNUAL


def periodic(rows: Iterable[Row], fiscal_months: Mapping[str, int]) -> list[Report]:
    """Periodic reports among filings, each once, newest period first.

    Args:
        rows: filings of ``list.json``.
        fiscal_months: company -> month in which its fiscal year ends. An annual report's own title goes before it.
            Where neither tells, December, as for nineteen companies in twenty; the answers themselves say what they are.
    """
    found: dict[tuple[str, str, str], tuple[str, str]] = {}
    months = dict(fiscal_months)
    for row in rows:
        match = _PERIODIC.search(_title(row))
        corp, receipt = row["corp_code"], row["rcept_no"]
        if match is None or not corp or not receipt or _is_attached(row):
            continue
        kind, year, month = match.groups()
        if kind == "사업":
            months[corp] = int(month)
        key = (corp, kind, f"{year}-{month}")
        found[key] = max(found.get(key, ("", "")), (receipt, kind))
    reports = []
    for (corp, kind, period), (receipt, _) in found.items():
        closing = months.get(corp, _YEAR)
        code = _code(kind, int(period[5:]), closing)
        if code is not None:
            reports.append(Report(corp, code, _years(period, closing), period, receipt))
    return sorted(reports, key=lambda r: (r.period, r.receipt, r.corp_code), reverse=True)


def audits(rows: Iterable[Row]) -> list[Row]:
    """Audit reports filed by themselves, each period and kind in its newest version, newest first."""
    found: dict[tuple[str | None, str], Row] = {}
    for row in sorted(rows, key=lambda r: r["rcept_no"] or ""):
        match = _AUDIT.search(_title(row))
        if match is not None and row["corp_code"] and row["rcept_no"] and not _is_attached(row):
            found[row["corp_code"], match[0]] = row
    return sorted(found.values(), key=lambda r: (_period(r), r["rcept_no"] or ""), reverse=True)


def events(rows: Iterable[Row]) -> list[tuple[str, str, str]]:
    """Reports of material facts that a signal needs: (endpoint, corp_code, day of receipt), each once, newest first."""
    found = {
        (endpoint, row["corp_code"], row["rcept_dt"])
        for row in rows
        for word, endpoint in EVENTS.items()
        if word in _title(row) and "주요사항보고서" in _title(row)
    }
    named = [(e, corp, day) for e, corp, day in found if corp and day]
    return sorted(named, key=lambda event: (event[2], *event), reverse=True)


def _title(row: Row) -> str:
    return "".join((row["report_nm"] or "").split())


def _is_attached(row: Row) -> bool:
    mark = _MARK.match(_title(row))
    return mark is not None and any(name in mark[0] for name in _ATTACHED)


def _period(row: Row) -> str:
    match = _AUDIT.search(_title(row))
    return f"{match[1]}-{match[2]}" if match else ""


def _code(kind: str, month: int, closing: int) -> str | None:
    if kind == "사업":
        return _ANNUAL
    return _HALF if kind == "반기" else _QUARTERS.get((month - closing) % _YEAR)


def _years(period: str, closing: int) -> tuple[str, ...]:
    """Business years to ask under: a year that does not end in December may be called by its first or its last."""
    year, month = int(period[:4]), int(period[5:])
    last = year if month <= closing else year + 1
    return (str(last),) if closing == _YEAR else (str(last - 1), str(last))

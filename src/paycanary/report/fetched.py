"""What came of asking the public services, as tables."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from paycanary.documents.fetched import Asked, Fetch, RefreshReport
from paycanary.sources.registers import REGISTERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from paycanary.documents import FetchStatus, Keys
    from paycanary.errors import Lang
    from paycanary.lake.live import Fetched, Outcome
    from paycanary.lake.refresh import RefreshSummary
    from paycanary.models import Verdict
    from paycanary.verdict import Session

_STATES: dict[Lang, dict[str, str]] = {
    "ko": {
        "done": "받음",
        "failed": "받지 못함",
        "quota": "한도까지 받음",
        "not_set": "설정 없음",
    },
    "en": {"done": "done", "failed": "failed", "quota": "limit reached", "not_set": "not set up"},
}

#: A register that has nothing to ask of this company: no number to ask by, or a list that is only read whole.
_IDLE: dict[Lang, str] = {"ko": "물을 것 없음", "en": "nothing to ask"}


def judged(session: Session, fetched: Fetched, day: date, lang: Lang) -> Verdict:
    """The verdict after a fetch; what a register that is down would have told is unknown for that reason."""
    from paycanary.verdict import unreached  # noqa: PLC0415

    verdict = session.verdict(fetched.company_id or "", day, lang)
    lost = {o.source: o.error.what[lang] for o in fetched.outcomes if o.error is not None}
    return unreached(verdict, lost)


def document(fetched: Fetched, verdict: Verdict | None, lang: Lang) -> Fetch:
    """The fetch as every door gives it."""
    return Fetch(
        company=fetched.company_id,
        sources=[_asked(outcome, lang) for outcome in fetched.outcomes],
        refresh=account(fetched.summary, lang) if fetched.summary else None,
        verdict=verdict,
    )


def account(summary: RefreshSummary, lang: Lang) -> RefreshReport:
    """A refresh's account of itself as every door gives it."""
    refused = [
        {"file": r.file, "message": f"{r.what[lang]} {r.todo[lang]}"} for r in summary.refused
    ]
    return RefreshReport.model_validate({**asdict(summary), "refused": refused})


def _asked(outcome: Outcome, lang: Lang) -> Asked:
    error = outcome.error
    state = "done" if error is None else "quota" if error.code == "quota" else "failed"
    if getattr(error, "is_unset", False):
        state = "not_set"
    return Asked(
        source=outcome.source,
        state=state,
        asked=outcome.tally.asked,
        reused=outcome.tally.reused,
        empty=outcome.tally.empty,
        failed=outcome.tally.failed,
        seconds=outcome.seconds,
        resumes_on=getattr(error, "resumes_on", None),
        error=error.code if error else None,
        message=error.line(lang) if error else None,
    )


def fetched_table(fetch: Fetch, lang: Lang) -> Group:
    """A row a register, then what could not be asked and why."""
    head = {
        "ko": ("출처", "결과", "물음", "다시 씀", "기록 없음", "못 읽음", "초"),
        "en": ("Source", "Result", "Calls", "Reused", "Empty", "Unreadable", "s"),
    }[lang]
    drawn = Table(*head, box=box.SIMPLE_HEAD)
    for column in drawn.columns[2:]:
        column.justify = "right"
    for s in fetch.sources:
        drawn.add_row(
            getattr(REGISTERS[s.source], lang),
            _IDLE[lang]
            if s.state == "done" and not s.asked + s.reused + s.failed
            else _STATES[lang][s.state],
            *(f"{n:,}" for n in (s.asked, s.reused, s.empty, s.failed)),
            f"{s.seconds:.1f}",
        )
    parts: list[Any] = [drawn]
    parts += [Text(line) for line in dict.fromkeys(s.message for s in fetch.sources if s.message)]
    if fetch.refresh is None:
        parts.append(
            Text({"ko": "새로 저장한 것이 없습니다.", "en": "Nothing new was stored."}[lang])
        )
    else:
        added = ", ".join(f"{name} {n:,}" for name, n in fetch.refresh.added.items() if n)
        nothing = {"ko": "없음", "en": "nothing"}[lang]
        parts.append(
            Text({
                "ko": f"새로 저장: {added or nothing}. 기록 {fetch.refresh.snapshot}번, {fetch.refresh.seconds:g}초.",
                "en": f"New rows: {added or nothing}. Snapshot {fetch.refresh.snapshot}, {fetch.refresh.seconds:g} s.",
            }[lang])
        )  # fmt: skip
    return Group(*parts)


def key_table(listed: Keys, lang: Lang) -> Table:
    """Which keys are set and where."""
    head = {
        "ko": ("인증키", "있는 곳", "환경변수", "받는 곳"),
        "en": ("Key", "Found in", "Environment", "Get one at"),
    }[lang]
    drawn = Table(*head, box=box.SIMPLE_HEAD)
    missing = {"ko": "없음", "en": "not set"}[lang]
    for key in listed.keys:
        drawn.add_row(key.name, key.where or missing, ", ".join(key.variables), key.url)
    return drawn


def service_table(services: Sequence[FetchStatus], lang: Lang) -> Table:
    """How each register stands with its public service."""
    head = {
        "ko": ("공개 서비스", "마지막으로 다 받은 때", "새 자료", "오늘 물음", "저장 대기"),
        "en": ("Public service", "Last fetched whole", "Due", "Calls today", "Waiting"),
    }[lang]
    drawn = Table(*head, box=box.SIMPLE_HEAD)
    yes, no = {"ko": ("있음", ""), "en": ("yes", "")}[lang]
    for s in services:
        drawn.add_row(
            getattr(REGISTERS[s.source], lang),
            f"{s.last_round:%Y-%m-%dT%H:%M:%SZ}" if s.last_round else "",
            yes if s.is_due else no,
            f"{s.calls_today:,}",
            f"{s.waiting:,}",
        )
    return drawn

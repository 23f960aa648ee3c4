"""What could have been known when: a company judged on every day on which something about it became public.

Each day is answered by the same `Session.verdict` as any other as-of day, so nothing published later is in it, and thresholds
are those in force that day. What became public is read from the same cut of the lake.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from paycanary import citations
from paycanary.documents.past import Past, PastChange, PastDay, PastEvent
from paycanary.history import days
from paycanary.progress import SILENT, Progress
from paycanary.signals.custom import BUILT_IN, Criteria

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from paycanary.errors import Lang
    from paycanary.models import Finding, Unknown, Verdict
    from paycanary.verdict import Session

_COLUMNS: Final = ("kind", "name", "period_end", "value", "unit", "amount", "detail", "is_annual", "is_going_concern", "category", "source", "filing_id")  # fmt: skip
#: What a day brought; reports tell of the same issue or opinion again, which counts on the first day only.
_EVENTS: Final = """
WITH day AS (SELECT CAST($day AS DATE) AS day)
SELECT DISTINCT 'filing' AS kind, form AS name, period_end, NULL::DOUBLE AS value, NULL::VARCHAR AS unit, NULL::DOUBLE AS amount,
    NULL::VARCHAR AS detail, NULL::BOOLEAN AS is_annual, NULL::BOOLEAN AS is_going_concern, NULL::VARCHAR AS category, source, filing_id
FROM known_filings, day WHERE company_id = $company AND published_on = day AND form NOT IN ('list', 'search', 'monthly')
UNION
SELECT 'opinion', opinion, period_end, NULL, NULL, NULL, NULL, is_annual, is_going_concern, NULL, source, min(filing_id)
FROM known_opinions o, day WHERE company_id = $company AND published_on = day AND lag = 0
    AND NOT EXISTS (FROM known_opinions e WHERE e.company_id = o.company_id AND e.published_on < day AND e.lag = 0 AND e.period_end = o.period_end
        AND e.is_annual = o.is_annual AND e.opinion = o.opinion AND e.is_going_concern IS NOT DISTINCT FROM o.is_going_concern)
GROUP BY ALL
UNION
SELECT 'capital', category, changed_on, shares, 'shares', max(proceeds), min(form), NULL, NULL, NULL, source, min(filing_id)
FROM known_capital_changes c, day WHERE company_id = $company AND published_on = day
    AND NOT EXISTS (FROM known_capital_changes e WHERE e.company_id = c.company_id AND e.published_on < day AND e.changed_on = c.changed_on
        AND e.category = c.category AND e.shares IS NOT DISTINCT FROM c.shares)
GROUP BY ALL
UNION
SELECT 'notice', n.kind, n.event_on, NULL, NULL, max(n.amount), max(n.detail), NULL, NULL, n.category, n.source, min(n.filing_id)
FROM known_notices n, day WHERE company_id = $company AND published_on = day
    AND NOT EXISTS (FROM known_notices e WHERE e.company_id = n.company_id AND e.published_on < day AND e.kind = n.kind
        AND e.event_on IS NOT DISTINCT FROM n.event_on AND e.category IS NOT DISTINCT FROM n.category AND e.detail IS NOT DISTINCT FROM n.detail)
GROUP BY ALL
UNION
SELECT 'headcount', h.kind, period_end, sum(headcount), 'persons', NULL, NULL, NULL, NULL, NULL, source, min(filing_id)
FROM known_headcounts h, day WHERE company_id = $company AND published_on = day AND headcount IS NOT NULL AND NOT coalesce(is_site, false)
GROUP BY ALL
UNION
SELECT 'facts', source, max(period_end), count(*), NULL, NULL, NULL, NULL, NULL, NULL, source, filing_id
FROM known_facts, day WHERE company_id = $company AND published_on = day AND lag = 0 GROUP BY ALL
UNION
SELECT 'words', w.kind, period_end, NULL, NULL, NULL, NULL, is_annual, NULL, NULL, source, min(filing_id)
FROM known_auditor_words w, day WHERE company_id = $company AND published_on = day AND w.kind <> 'none'
    AND NOT EXISTS (FROM known_auditor_words e WHERE e.company_id = w.company_id AND e.published_on < day AND e.period_end = w.period_end AND e.kind = w.kind)
GROUP BY ALL
"""
#: Days that brought no figure: a filing whose figures came with another, words of an auditor.
_MORE_DAYS: Final = (
    "SELECT published_on FROM known_filings WHERE company_id = $company AND form NOT IN ('list', 'search', 'monthly') "
    "UNION SELECT published_on FROM known_auditor_words WHERE company_id = $company AND kind <> 'none'"
)
#: A day that brought one of these is told, whatever it changed.
_TOLD: Final = ("filing", "opinion", "capital", "notice")
_ORDER: Final = ("filing", "opinion", "words", "notice", "capital", "headcount", "facts")


def retrospective(
    session: Session,
    company: str,
    as_of: date,
    lang: Lang = "ko",
    criteria: Criteria = BUILT_IN,
    *,
    progress: Progress = SILENT,
) -> Past:
    """The story of a canonical company id up to a day.

    The last day is judged too: where nothing became public on it, what differs from the day before came with time alone.
    """
    told = []
    before: Verdict | None = None
    with _one_thread(session), _without_ended(session, as_of):
        last = session.verdict(company, as_of, lang, criteria)
        public = _days(session, company, as_of)
        progress.step("judge", len(public))
        for day in public:
            verdict = session.verdict(company, day, lang, criteria)
            told.append(_day(before, verdict, _events(session, company, day)))
            before = verdict
            progress.advance()
    if before is not None and before.as_of != as_of:
        told.append(_day(before, last, []))
    return Past(
        company=last.company,
        as_of=as_of,
        lang=lang,
        judged=len(public),
        days=[d for d in told if d.changes or d.before != d.after or any(e.kind in _TOLD for e in d.events)],
        level=last.level,
        sentence=last.sentence,
        data_until=last.data_until,
        sample=last.sample,
        report_error=last.report_error,
    )  # fmt: skip


@contextmanager
def _one_thread(session: Session) -> Iterator[None]:
    """Many small questions: a second thread costs a quarter more than it brings."""
    ((threads,),) = session.con.execute("SELECT current_setting('threads')").fetchall()
    session.con.execute("SET threads = 1")
    try:
        yield
    finally:
        session.con.execute(f"SET threads = {int(threads)}")


@contextmanager
def _without_ended(session: Session, until: date) -> Iterator[None]:
    """Entries of lists whose publication has ended may be told of no more, not even as what stood there: as after `paycanary expire`."""
    con = session.con
    con.execute("ALTER VIEW notices RENAME TO notices_with_ended")
    con.execute(f"CREATE VIEW notices AS FROM notices_with_ended WHERE expires_on IS NULL OR expires_on > DATE '{until}'")  # fmt: skip
    session.engine.forget()
    try:
        yield
    finally:
        con.execute("DROP VIEW notices")
        con.execute("ALTER VIEW notices_with_ended RENAME TO notices")
        session.engine.forget()


def _days(session: Session, company: str, as_of: date) -> list[date]:
    found = set(days(session, company, as_of))
    found |= {row[0] for row in session.con.execute(_MORE_DAYS, {"company": company}).fetchall()}
    return sorted(found)


def _events(session: Session, company: str, day: date) -> list[PastEvent]:
    """What became public on a day about which the session was asked last."""
    rows = session.con.execute(_EVENTS, {"company": company, "day": day}).fetchall()
    found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    made = [PastEvent(**row, url=citations.url(row["source"], row["filing_id"])) for row in found]
    return sorted(made, key=_place)


def _place(event: PastEvent) -> tuple[Any, ...]:
    return (_ORDER.index(event.kind), str(event.period_end), event.name, event.value or 0, event.filing_id)  # fmt: skip


def _day(before: Verdict | None, after: Verdict, events: list[PastEvent]) -> PastDay:
    """A day held against the one judged before it; before the first, nothing was known."""
    earlier = {f.signal: f.level for f in before.findings} if before else {}
    now: dict[str, Finding | Unknown] = {f.signal: f for f in after.findings}
    now |= {u.what: u for u in after.unknown}
    changes = []
    for signal, answer in now.items():
        was, level = earlier.get(signal, "unknown"), getattr(answer, "level", "unknown")
        if was == level:
            continue
        finding = next((f for f in after.findings if f.signal == signal), None)
        unknown = next((u for u in after.unknown if u.what == signal), None)
        cites = any(figure.published_on == after.as_of for figure in answer.figures)
        changes.append(
            PastChange(signal=signal, title=answer.title, before=was, after=level, finding=finding, unknown=unknown, cites_day=cites)
        )  # fmt: skip
    return PastDay(
        day=after.as_of,
        before=before.level if before else "unknown",
        after=after.level,
        sentence=after.sentence,
        events=events,
        changes=changes,
    )

"""What was public of a company on a day, over time: facts, share issues, headcount, each row with its source.

Reads the as-of inputs that a `Session` has made, so nothing published later is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paycanary import citations
from paycanary.documents import CapitalChange, FactRow, Facts, Headcount, HeadcountRow
from paycanary.documents.notion import HeadcountYear
from paycanary.models import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from paycanary.verdict import Session

#: As `signals/inputs/annual.sql` chooses among versions of one figure.
_FACTS = """
SELECT concept, basis, period_end, months, value, unit, source, filing_id, published_on FROM (
    SELECT *, ROW_NUMBER() OVER (
        PARTITION BY concept, basis, period_end, months
        ORDER BY CASE WHEN source = 'fsc' THEN 1 ELSE 0 END, published_on DESC, lag, filing_id DESC,
            CASE WHEN value = ROUND(value / 1000000.0) * 1000000 THEN 1 ELSE 0 END, row_id) AS version
    FROM known_facts WHERE company_id = ?)
WHERE version = 1 ORDER BY period_end, months, concept, basis
"""
_CHANGES = """
SELECT c.changed_on, c.category, c.form, c.shares, c.price, c.proceeds, k.source, k.filing_id, k.published_on
FROM capital_change c JOIN known_capital_changes k ON k.row_id = c.row_id AND k.company_id = c.company_id
WHERE c.company_id = ? ORDER BY c.changed_on, c.category, c.shares
"""
_HEADCOUNT = """
SELECT 'workplace' AS kind, w.period_end, w.headcount, w.joiners, w.leavers, w.billed, w.income_per_head, w.is_income_capped,
    CAST(NULL AS DOUBLE) AS payroll, k.source, k.filing_id, k.published_on
FROM workplace_month w JOIN known_headcounts k ON k.row_id = w.row_id AND k.company_id = w.company_id WHERE w.company_id = $company
UNION ALL
SELECT 'listed', l.period_end, l.headcount, NULL, NULL, NULL, NULL, NULL, l.payroll, k.source, k.filing_id, k.published_on
FROM listed_headcount l JOIN known_headcounts k ON k.row_id = l.row_id AND k.company_id = l.company_id WHERE l.company_id = $company
ORDER BY 2, 1
"""


_YEAR = """
SELECT c.company_id, c.kind, c.place, c.months_ago, c.headcount, c.period_end, k.source, k.filing_id, k.published_on FROM (
    SELECT company_id, 'listed' AS kind, rank AS place, months_ago, headcount, period_end, row_id FROM listed_headcount
    UNION ALL SELECT company_id, 'workplace', months_ago, months_ago, headcount, period_end, row_id FROM workplace_month
) c JOIN known_headcounts k ON k.row_id = c.row_id AND k.company_id = c.company_id
WHERE c.company_id IN (SELECT unnest($companies::VARCHAR[])) AND c.headcount IS NOT NULL
    AND (c.place = 0 OR c.months_ago BETWEEN 11 AND 13)
ORDER BY c.company_id, c.kind, c.place
"""
_DAYS = " UNION ".join(
    f"SELECT published_on FROM known_{name} WHERE company_id = $company"
    for name in ("facts", "headcounts", "opinions", "notices", "capital_changes")
)


def facts(session: Session, company: str, as_of: date) -> Facts:
    """Figures and share issues of a canonical company id known by ``as_of``."""
    session.engine.ask(as_of, company)
    return Facts(
        company=company,
        as_of=as_of,
        facts=[FactRow(**row) for row in _rows(session, _FACTS, [company])],
        capital_changes=[CapitalChange(**row) for row in _rows(session, _CHANGES, [company])],
    )


def headcount(session: Session, company: str, as_of: date) -> Headcount:
    """People of a canonical company id known by ``as_of``: pension months, and counts of periodic reports."""
    session.engine.ask(as_of, company)
    rows = _rows(session, _HEADCOUNT, {"company": company})
    return Headcount(company=company, as_of=as_of, rows=[HeadcountRow(**row) for row in rows])


def year_changes(session: Session, companies: Iterable[str]) -> dict[str, HeadcountYear]:
    """Headcount against that of 11 to 13 months before, of those companies of which both are public.

    Reads what the session's engine was last asked about. Reports of a listed company stand before pension months of the
    same age.
    """
    rows = _read(session, _YEAR, {"companies": list(dict.fromkeys(companies))})
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in rows:
        found.setdefault(row["company_id"], {}).setdefault(row["kind"], []).append(row)
    changes = {}
    for company, kinds in found.items():
        pairs = [_year(counts) for counts in kinds.values()]
        told = [pair for pair in pairs if pair is not None]
        if told:
            changes[company] = max(told, key=lambda y: (y.after.period_end, y.kind == "listed"))
    return changes


def _year(counts: list[dict[str, Any]]) -> HeadcountYear | None:
    newest = next((row for row in counts if row["place"] == 0), None)
    earlier = [row for row in counts if row["place"] and row["headcount"]]
    if newest is None or not earlier:
        return None
    before = min(earlier, key=lambda row: abs(row["months_ago"] - 12))
    return HeadcountYear(
        kind=newest["kind"],
        percent=100 * (newest["headcount"] - before["headcount"]) / before["headcount"],
        before=_heads(before),
        after=_heads(newest),
    )


def _heads(row: dict[str, Any]) -> Figure:
    return Figure(
        concept="headcount",
        value=row["headcount"],
        unit="persons",
        period_end=row["period_end"],
        source=row["source"],
        filing_id=row["filing_id"],
        published_on=row["published_on"],
        url=citations.url(row["source"], row["filing_id"]),
    )


def days(session: Session, company: str, as_of: date) -> list[date]:
    """Days by ``as_of`` on which something about a canonical company id came out, oldest first."""
    session.engine.ask(as_of, company)
    return sorted(row["published_on"] for row in _read(session, _DAYS, {"company": company}))


def _rows(session: Session, sql: str, parameters: Any) -> list[dict[str, Any]]:
    return [
        row | {"url": citations.url(row["source"], row["filing_id"])}
        for row in _read(session, sql, parameters)
    ]


def _read(session: Session, sql: str, parameters: Any) -> list[dict[str, Any]]:
    found = session.con.execute(sql, parameters)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

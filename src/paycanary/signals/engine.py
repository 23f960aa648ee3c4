"""Asking signals: as-of inputs once, then every signal's SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from paycanary.lake import asof
from paycanary.signals import catalog
from paycanary.signals.custom import BUILT_IN, Criteria

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

_FIGURE: Final = ("concept", "value", "text", "unit", "period_end", "row_id")
_STATEMENTS: Final = ("annual", "latest")


@dataclass(frozen=True, slots=True)
class Cited:
    """A figure with the lake row it stands in. ``value`` is in ``unit``; a word stands in ``text`` instead."""

    concept: str
    value: float | None
    text: str | None
    unit: str | None
    period_end: date | None
    source: str
    filing_id: str
    published_on: date


@dataclass(slots=True)
class Answer:
    """A signal's answer for one company: a level with figures, or ``unknown`` with a reason."""

    signal: str
    level: str
    measure: float | None = None
    reason: str | None = None
    figures: list[Cited] = field(default_factory=list)


class Engine:
    """Signals over one DuckDB connection that has the lake's views."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        asof.create_known(con)
        self._created: set[str] = set()
        self._pension_until: dict[date, date | None] = {}

    def prepare(
        self, as_of: date, companies: Sequence[str] | None, criteria: Criteria = BUILT_IN
    ) -> None:
        """Fill the input tables for canonical ids ``companies`` (None: everyone) as of a day."""
        asof.know(self.con, as_of, companies)
        values: dict[str, Any] = {
            "as_of": as_of,
            "max_age_months": int(criteria.whole(as_of)["max_age_months"]),
            "pension_until": self._newest_pension_month(as_of),
        }
        for name, sql in catalog.inputs().items():
            parameters = {p: values[p] for p in re.findall(r"\$(\w+)", catalog.strip_comments(sql))}
            if name in self._created:
                self.con.execute(f"DELETE FROM {name}")
                self.con.execute(f"INSERT INTO {name} {sql}", parameters)
            else:
                self.con.execute(f"CREATE TEMP TABLE {name} AS {sql}", parameters)
                self._created.add(name)

    def answers(self, company: str, as_of: date, criteria: Criteria = BUILT_IN) -> list[Answer]:
        """Every signal's answer for one company; call `prepare` first."""
        cites = self._cites()
        missing = self._why_missing()
        answers: list[Answer] = []
        for signal in catalog.signals().values():
            if signal.name in criteria.off:
                continue
            if signal.sql is None:
                answers.append(Answer(signal.name, "unknown", reason=signal.reason))
                continue
            rows = [r for r in self._ask(signal, as_of, criteria) if r["company_id"] == company]
            if not rows:
                answers.append(Answer(signal.name, "unknown", reason=missing(company, signal)))
                continue
            first = rows[0]
            answer = Answer(
                signal.name, first["level"], first.get("measure"), first.get("reason")
            )
            answer.figures = [
                Cited(*(row.get(name) for name in _FIGURE[:-1]), *cites[row["row_id"]])  # type: ignore[arg-type]
                for row in rows
                if row.get("row_id") in cites and row.get("concept")
            ]
            answers.append(answer)
        return answers

    def levels(self, as_of: date, criteria: Criteria = BUILT_IN) -> dict[str, dict[str, str]]:
        """Company -> signal -> level, for every company prepared; signals without an answer are left out."""
        found: dict[str, dict[str, str]] = {}
        for signal in catalog.signals().values():
            if signal.sql is None or signal.name in criteria.off:
                continue
            rows = self.con.execute(
                f"SELECT company_id, min(level) FROM ({signal.sql}) GROUP BY company_id",
                self._parameters(signal, as_of, criteria),
            ).fetchall()
            for company, level in rows:
                found.setdefault(company, {})[signal.name] = level
        return found

    def _ask(
        self, signal: catalog.Signal, as_of: date, criteria: Criteria
    ) -> list[dict[str, Any]]:
        assert signal.sql is not None  # noqa: S101 - callers have looked
        cursor = self.con.execute(signal.sql, self._parameters(signal, as_of, criteria))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _parameters(
        self, signal: catalog.Signal, as_of: date, criteria: Criteria
    ) -> dict[str, float]:
        values = criteria.thresholds(signal, as_of)
        return {name: values[name] for name in signal.parameters}

    def _cites(self) -> dict[int, tuple[str, str, date]]:
        """Row id -> source, filing and day of publication, over everything known."""
        union = " UNION ALL ".join(
            f"SELECT row_id, source, filing_id, published_on FROM known_{name}"
            for name in ("facts", "headcounts", "opinions", "capital_changes", "notices")
        )
        return {row[0]: row[1:] for row in self.con.execute(union).fetchall()}

    def _why_missing(self) -> Any:
        """A function that finds why a company has no answer to a signal."""
        has = {
            name: {row[0] for row in self.con.execute(f"SELECT DISTINCT company_id FROM {query}").fetchall()}
            for name, query in {
                "inputs.annual": "annual",
                "inputs.listed_headcount": "listed_headcount",
                "inputs.opinion": "opinion",
                "statements": "known_facts WHERE concept = 'total_assets'",
                "facts": "known_facts",
                "filings": "known_filings WHERE source = 'opendart'",
                "workplaces": "known_headcounts WHERE kind = 'workplace'",
                "listed": "known_headcounts WHERE kind = 'listed'",
                "opinions": "known_opinions",
            }.items()
        }  # fmt: skip

        def reason(company: str, signal: catalog.Signal) -> str:
            if signal.needs == "workplace_month":
                return "not_filed" if company in has["workplaces"] else "not_matched"
            stale = {"listed_headcount": "listed", "opinion": "opinions"}.get(signal.needs, "facts")
            source = signal.needs if f"inputs.{signal.needs}" in has else "annual"
            if company in has[stale] and company not in has[f"inputs.{source}"]:
                return "too_old"
            if signal.needs in _STATEMENTS and company in has["filings"] and company not in has["statements"]:
                return "not_taken_in"
            return "not_filed"

        return reason

    def _newest_pension_month(self, as_of: date) -> date | None:
        """The newest pension month that anyone had by then: silence is judged against it, not against today."""
        if as_of not in self._pension_until:
            ((newest,),) = self.con.execute(
                "SELECT max(period_end) FROM headcounts WHERE kind = 'workplace' AND published_on <= ?", [as_of]
            ).fetchall()  # fmt: skip
            self._pension_until[as_of] = newest
        return self._pension_until[as_of]

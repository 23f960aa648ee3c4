"""Asking signals: as-of inputs once, then every signal's SQL in one statement.

The same path serves one company (a person waits) and everyone (a screen, or a server that warms itself once and
then answers each verdict by a look-up): `Engine.ask` fills table ``answers``, `known` reads a company's, `answers` makes
them an answer a signal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from paycanary.lake import asof
from paycanary.signals import catalog
from paycanary.signals.custom import BUILT_IN, Criteria

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import date
    from pathlib import Path

    import duckdb

    from paycanary.signals.known import Known

_CITED: Final = (
    "facts",
    "headcounts",
    "pension_moves",
    "opinions",
    "auditor_words",
    "capital_changes",
    "notices",
    "filings",
)
#: Signals that a company's trade alone may answer: the question does not apply to it.
ANSWERED_BY_TRADE: Final = frozenset({"debt_ratio", "interest_cover", "operating_cash_flow"})
#: What the others are asked of. A row of ``scope`` alone answers none of them (tests/spec/test_silence.py).
_ROWS: Final = (*(name for name in catalog.inputs() if name != "scope"), *(f"known_{name}" for name in (*asof.KNOWN, "candidates", "lists", "peers")))  # fmt: skip
#: What is known about a company, for telling why a signal has no answer.
_HELD: Final = {
    "annual": "annual",
    "latest": "latest",
    "listed_headcount": "listed_headcount",
    "opinion": "opinion",
    "auditor_statement": "auditor_statement",
    "workplace_month": "workplace_month",
    "peer_standing": "peer_standing",
    "known annual": "known_facts WHERE months = 12 AND concept NOT IN ('net_income_comparative', 'cash_dividends')",
    "known latest": "known_facts WHERE months = 0",
    "known listed_headcount": "known_headcounts WHERE kind = 'listed'",
    "known opinion": "known_opinions",
    "known auditor_statement": "known_auditor_words",
    "statements": "known_facts WHERE concept = 'total_assets'",
    "filings": "known_filings WHERE source = 'opendart'",
    "known workplace_month": "known_months",
    "exchange": "scope WHERE is_listed",
}
_PENSION: Final = ("workplace_month", "peer_standing")
_STATEMENTS: Final = ("annual", "latest")
#: Companies with an audited report: all that forecasts are made of.
_REPORTING: Final = "canonical_id IN (SELECT l.canonical_id FROM links l JOIN opinions o ON o.company_id = l.company_id)"
#: The list that only companies on the exchange can stand on.
_EXCHANGE_LIST: Final = "administration"
#: A figure: that a list was read, and on which day.
_READ: Final = "list_read"


#: Which lists were read, whole (``company_id`` NULL) or for a company.
READ_LISTS: Final = "SELECT DISTINCT company_id, list FROM known_lists"
#: Nothing beside the answers.
_NOTHING: Final = (
    "SELECT NULL::VARCHAR AS company_id, NULL::VARCHAR AS topic, NULL::VARCHAR AS concept, NULL::DOUBLE AS value, NULL::VARCHAR AS text, "
    "NULL::VARCHAR AS unit, NULL::DATE AS period_end, NULL::BIGINT AS row_id WHERE false"
)


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
    """Signals over one DuckDB connection that has the lake's views. Not for several threads at once."""

    def __init__(self, con: duckdb.DuckDBPyConnection, beside: str = _NOTHING) -> None:
        # ``beside``: SQL over the inputs, with the columns of `_NOTHING`, for what is to be known beside the answers.
        self.con = con
        self._beside = beside
        self._asked: tuple[date, str | None, Criteria] | None = None

    def ask(self, as_of: date, company: str | None, criteria: Criteria = BUILT_IN) -> None:
        """Ask every signal about a canonical company id (None: everyone) as of a day.

        Does nothing when that was what was asked last, or when everyone was.
        """
        if self._asked in ((as_of, company, criteria), (as_of, None, criteria)):
            return
        self.prepare(as_of, company, criteria)
        signals, beside = asked(criteria), self._beside
        if company:
            # Planning costs more than answering: of what nothing is known about one company, nothing is asked.
            held = self._tables_held()
            signals = [s for s in signals if s.name in ANSWERED_BY_TRADE or _mentions(s.sql or "", held)]  # fmt: skip
            signals = signals or asked(criteria)[:1]
            beside = beside if _mentions(beside, held) else _NOTHING
        union = " UNION ALL BY NAME ".join(
            f"SELECT '{signal.name}' AS signal, * FROM ({filled(signal, as_of, criteria)})"
            for signal in signals
        )
        cites = " UNION ALL ".join(
            f"SELECT row_id, source, filing_id, published_on FROM known_{name}" for name in _CITED
        )
        # One entry may be about several companies.
        cites += " UNION ALL SELECT DISTINCT row_id, source, filing_id, published_on FROM known_candidates"
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE answers AS SELECT a.company_id, a.signal, a.level, a.measure, a.reason, "
            "a.concept, a.value, a.text, a.unit, a.period_end, c.source, c.filing_id, c.published_on "
            f"FROM ({union}) a LEFT JOIN ({cites}) c ON c.row_id = a.row_id ORDER BY a.company_id"
        )
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE beside AS SELECT b.company_id, b.topic, b.concept, b.value, b.text, b.unit, b.period_end, "
            f"c.source, c.filing_id, c.published_on FROM ({beside}) b LEFT JOIN ({cites}) c ON c.row_id = b.row_id"
        )
        self._hold()
        self._asked = (as_of, company, criteria)

    def _tables_held(self) -> set[str]:
        """Those of `_ROWS` that have a row."""
        found = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (FROM {name})" for name in _ROWS)
        return {name for (name,) in self.con.execute(found).fetchall()}

    def forget(self) -> None:
        """What was asked last is asked again: the views beneath have changed."""
        self._asked = None

    def _hold(self) -> None:
        """Make table ``held``."""
        held = " UNION ALL ".join(held_sql().values())
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE held AS {held}")

    def judge(self, as_of: date, criteria: Criteria = BUILT_IN, *, is_full: bool = False) -> None:
        """Make table ``levels`` (company_id, signal, level) about everyone as of a day, and ``beside`` without sources; a signal without an answer has no row.

        Ids are those of table ``everyone`` (company_id, id). What was asked about everyone is taken from there. Else no figure is looked up, which is half of `ask`'s time over a whole country.
        ``is_full``: ``levels`` has ``measure`` and ``reason`` too, and `paycanary.signals.findings` finds the tables that it reads.
        """
        if self._asked == (as_of, None, criteria):
            found = f"SELECT DISTINCT company_id, signal, {_judged(is_full=is_full)} FROM answers"
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE levels AS {found}")
            self._name_everyone()
        else:
            self.prepare(as_of, None, criteria, is_lean=True)
            found = " UNION ALL ".join(levels_sql(as_of, criteria, is_full=is_full))
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE levels AS {found}")
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE beside AS {self._beside}")
            if is_full:
                self._hold()
        if is_full:
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE read_lists AS {READ_LISTS}")

    def judge_elsewhere(self, as_of: date, criteria: Criteria, folder: Path) -> None:
        """As `judge`, from what another engine wrote into ``folder`` (`paycanary.signals.spark.Spark.judge`); ``beside`` is made here, of those that report."""
        self.prepare(as_of, None, criteria, is_lean=True, among=_REPORTING)
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE beside AS SELECT e.id AS company_id, b.* EXCLUDE (company_id) "
            f"FROM ({self._beside}) b JOIN everyone e ON e.company_id = b.company_id"
        )
        for name, select in asof.members():
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")
        self._name_everyone()
        for name in (path.name for path in folder.iterdir() if path.is_dir()):
            files = [str(file) for file in sorted((folder / name).glob("*.parquet"))]
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM read_parquet($files)", {"files": files})  # fmt: skip

    def _name_everyone(self) -> None:
        """Where ids stand for themselves."""
        self.con.execute("CREATE OR REPLACE TEMP TABLE everyone AS SELECT DISTINCT canonical_id AS company_id, canonical_id AS id FROM members")  # fmt: skip

    def prepare(
        self,
        as_of: date,
        company: str | None = None,
        criteria: Criteria = BUILT_IN,
        *,
        is_lean: bool = False,
        among: str = "true",
    ) -> None:
        """Make the input tables as of a day without asking anything of them: for who asks otherwise. ``is_lean`` and ``among``: see `asof.know`."""
        self._asked = None
        asof.know(self.con, as_of, company, is_lean=is_lean, among=among)
        filling = values(self.con, as_of, criteria)
        for name, sql in catalog.inputs().items():
            kind = "VIEW" if name in catalog.VIEWS else "TABLE"
            self.con.execute(
                f"CREATE OR REPLACE TEMP {kind} {name} AS {catalog.filled(sql, filling)}"
            )


def values(con: duckdb.DuckDBPyConnection, as_of: date, criteria: Criteria) -> dict[str, str]:
    """What stands for the parameters of inputs' SQL, as literals. ``con``: has the lake's views.

    Silence is judged against the newest whole pension month that anyone had by then, not against today, and not against an extract. A reading of a whole
    month is one by itself; of rows that came otherwise the month is whole where there are as many as ``complete_month_workplaces``.
    """
    whole = criteria.whole(as_of)
    ((newest,),) = con.execute(
        "SELECT max(period_end) FROM (SELECT period_end FROM headcounts WHERE kind = 'workplace' AND published_on <= $day "
        "GROUP BY period_end HAVING count(*) >= $least "
        "UNION ALL SELECT period_end FROM pension_readings WHERE published_on <= $day)",
        {"day": as_of, "least": whole["complete_month_workplaces"]},
    ).fetchall()
    return {
        "as_of": f"DATE '{as_of}'",
        "max_age_months": str(int(whole["max_age_months"])),
        "most_candidates": repr(whole["most_candidates"]),
        "pension_until": f"DATE '{newest}'" if newest else "NULL",
    }


def answers(known: Known, criteria: Criteria = BUILT_IN) -> list[Answer]:
    """Every signal's answer for a company, from what is known of it once `Engine.ask` has asked."""
    found: dict[str, Answer] = {}
    for row in known.answers:
        answer = found.get(row.signal)
        if answer is None:
            answer = found[row.signal] = Answer(row.signal, row.level, row.measure, row.reason)
        if row.concept and row.source and row.filing_id and row.published_on:
            answer.figures.append(
                Cited(row.concept, row.value, row.text, row.unit, row.period_end, row.source, row.filing_id, row.published_on)
            )  # fmt: skip
    read = {
        row.list: Cited(_READ, None, "not_listed", None, row.published_on, row.source, row.filing_id, row.published_on)
        for row in known.lists
    }  # fmt: skip
    return [
        found.get(signal.name) or _missing(signal, known.held, read)
        for signal in catalog.signals().values()
        if signal.name not in criteria.off
    ]


def _missing(signal: catalog.Signal, held: set[str], read: dict[str, Cited]) -> Answer:
    """The answer of a signal that has no row about a company of which ``held`` is known; ``read``: the lists that were read."""
    answer = Answer(signal.name, "unknown", reason=why_missing(signal, held, read))
    if answer.reason == "not_listed" and signal.list is not None:
        answer.figures = [read[signal.list]]
    return answer


def why_missing(signal: catalog.Signal, held: set[str], lists: Container[str]) -> str:
    """Why a company of which ``held`` is known has no answer to a signal; ``lists`` were read."""
    if signal.list is None:
        return signal.reason or _not_held(signal, held)
    if signal.list == _EXCHANGE_LIST and "exchange" not in held:
        return "not_applicable"
    return "not_listed" if signal.list in lists else "not_taken_in"


def _not_held(signal: catalog.Signal, held: set[str]) -> str:
    """Why a signal that asks no list has no answer."""
    if signal.needs == "notice":
        return "not_applicable"
    if signal.needs in _PENSION and "known workplace_month" not in held:
        return "not_matched"
    if signal.needs == "peer_standing" and "workplace_month" in held:
        return "not_computable"
    if signal.needs == "peer_standing" or (
        f"known {signal.needs}" in held and signal.needs not in held
    ):
        return "too_old"
    is_behind = signal.needs in _STATEMENTS and "filings" in held and "statements" not in held
    if is_behind or (signal.needs == "auditor_statement" and "known opinion" in held):
        return "not_taken_in"
    return "not_filed"


def held_sql() -> dict[str, str]:
    """A query a kind of rows, of the companies of which there are any: ``company_id`` and ``what``."""
    return {
        name: f"SELECT DISTINCT company_id, '{name}' AS what FROM {rows}"
        for name, rows in _HELD.items()
    }


def levels_sql(as_of: date, criteria: Criteria, *, is_full: bool = False) -> list[str]:
    """A query a signal over the inputs of a day: ``company_id``, ``signal``, ``level``; ``is_full``: ``measure`` and ``reason`` too."""
    return [
        f"SELECT DISTINCT company_id, '{s.name}' AS signal, {_judged(is_full=is_full)} FROM ({filled(s, as_of, criteria)})"
        for s in asked(criteria)
    ]


def _mentions(sql: str, tables: set[str]) -> bool:
    return not tables.isdisjoint(re.findall(r"\w+", sql))


def _judged(*, is_full: bool) -> str:
    """Columns of a finding; all its rows have the same."""
    return "level, CAST(measure AS DOUBLE) AS measure, CAST(reason AS VARCHAR) AS reason" if is_full else "level"  # fmt: skip


def asked(criteria: Criteria) -> list[catalog.Signal]:
    """Signals that SQL answers, but for those that are switched off."""
    return [s for s in catalog.signals().values() if s.sql and s.name not in criteria.off]


def filled(signal: catalog.Signal, as_of: date, criteria: Criteria) -> str:
    """A signal's SQL with its thresholds in place: numbers of ours or of a checked criteria file, never raw text."""
    values = {name: repr(value) for name, value in criteria.thresholds(signal, as_of).items()}
    return catalog.filled(signal.sql or "", values)

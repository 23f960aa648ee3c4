"""Findings -> verdict: one sentence first, then everything it rests on.

Every door asks here, so that all give the same verdict::

    session = Session(open_reader())
    verdict = session.verdict(session.resolve("삼부토건").company_id, as_of=date(2022, 12, 31))
"""

from __future__ import annotations

import math
import os
import tempfile
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from paycanary import citations
from paycanary.filings.concepts import load_concepts
from paycanary.forecast import telling
from paycanary.forecast.features import beside_sql
from paycanary.forecast.scorecard import scorecard
from paycanary.lake import search
from paycanary.lake.identity import LINK_THRESHOLD
from paycanary.models import (
    Company,
    Coverage,
    Figure,
    Finding,
    Forecast,
    Level,
    Link,
    Reason,
    Threshold,
    Unknown,
    Verdict,
)
from paycanary.signals import catalog, engine, known, ranking
from paycanary.signals.custom import BUILT_IN, Criteria
from paycanary.signals.engine import Answer, Cited, Engine
from paycanary.signals.sentences import fill
from paycanary.sources.rows import insert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from paycanary.errors import Lang
    from paycanary.lake.reader import Reader
    from paycanary.lake.search import Hit
    from paycanary.signals.catalog import Criterion
    from paycanary.signals.known import Known, RegisterRow
    from paycanary.signals.spark import Spark

#: Reasons that a fetch might have removed.
_FOR_WANT_OF_ROWS: Final = ("not_filed", "not_taken_in", "not_matched", "too_old")
_CLAUSES: Final = 3
_QUESTIONS: Final = 6
_COVERAGE: Final[dict[Lang, dict[Coverage, str]]] = {
    "ko": {
        "listed": "상장회사: 사업보고서와 분기 보고서가 공시됩니다.",
        "externally_audited": "비상장 공시회사: 감사보고서나 사업보고서, 또는 금융위원회의 요약 재무제표가 공개되어 있습니다.",
        "venture_disclosure": "벤처 공시: 벤처확인기업 공시가 있습니다.",
        "pension_only": "국민연금 자료뿐: 가입자 수와 고지액만 공개되어 있고 재무제표는 공개되지 않았습니다.",
        "name_only": "이름뿐: 등록부에 이름이 있으나 공개된 수치를 받지 못했습니다.",
    },
    "en": {
        "listed": "Listed: annual and quarterly reports are public.",
        "externally_audited": "Unlisted, reporting: audit or annual reports are on DART, or summary statements with the FSC.",
        "venture_disclosure": "Venture disclosure: it discloses as a certified venture.",
        "pension_only": "Pension data only: insured staff and contributions are public, accounts are not.",
        "name_only": "Name only: it stands in a register, but no public figures have been taken in.",
    },
}


class Session:
    """One snapshot, opened once and asked many times. Not for use by several threads at once.

    ``with_forecast=False`` leaves out what forecasts look at, a third of an answer's time: verdicts then have none.
    """

    def __init__(self, reader: Reader, *, with_forecast: bool = True) -> None:
        self.reader = reader
        self.con = reader.connect()
        self.engine = Engine(self.con, *([beside_sql()] if with_forecast else []))

    @cached_property
    def index(self) -> search.Index:
        """The name index, built when a query needs more than an exact match."""
        return search.Index(self.con)

    def resolve(self, query: str) -> Hit:
        """The company a query means.

        Raises:
            NotFoundError: none.
            AmbiguousError: several; they are attached.
        """
        hits = search.quick(self.con, query)
        return hits[0] if len(hits) == 1 else search.resolve(self.index, query)

    def verdict(
        self, company: str, as_of: date, lang: Lang = "ko", criteria: Criteria = BUILT_IN
    ) -> Verdict:
        """The verdict on a canonical company id as of a day, from what was public by then."""
        self.engine.ask(as_of, company, criteria)
        told = known.read(self.con, company)
        return compose(company, told, as_of, lang, criteria, is_sample=self.reader.is_sample)

    def verdicts(
        self,
        companies: Iterable[str],
        as_of: date,
        lang: Lang = "ko",
        criteria: Criteria = BUILT_IN,
    ) -> dict[str, Verdict]:
        """Verdicts on many canonical company ids, each as `verdict` gives it, for little more than the price of one screen."""
        self.engine.ask(as_of, None, criteria)
        return {
            company: compose(company, told, as_of, lang, criteria, is_sample=self.reader.is_sample)
            for company, told in known.several(self.con, companies).items()
        }

    def rank(self, as_of: date, criteria: Criteria = BUILT_IN, industry: str | None = None, spark: Spark | None = None, *, is_full: bool = False) -> None:  # fmt: skip
        """Make table ``screened`` of every company with any answer (`paycanary.signals.ranking.rank`).

        ``industry`` keeps companies whose industry's name holds it. ``probability`` is NULL where there is no forecast, and ``base_rate`` with it.
        ``spark``: the engine that judges; else DuckDB does. ``is_full``: findings will be asked for (`paycanary.signals.findings.find`).
        """
        if spark is None:
            self.engine.judge(as_of, criteria, is_full=is_full)
        else:
            with tempfile.TemporaryDirectory(
                prefix="spark-", dir=self._beside_the_lake()
            ) as folder:
                spark.prepare(self.reader, self.con, as_of, criteria)
                spark.judge(as_of, criteria, Path(folder), is_full=is_full)
                self.engine.judge_elsewhere(as_of, criteria, Path(folder))
        self.con.execute("CREATE OR REPLACE TEMP TABLE probabilities AS SELECT company_id, CAST(NULL AS DOUBLE) AS probability FROM everyone LIMIT 0")  # fmt: skip
        insert(self.con, "probabilities", list(self._probabilities(as_of).items()))
        ranking.rank(self.con, as_of, criteria, scorecard().base_rate, industry)

    def _beside_the_lake(self) -> Path | None:
        """A folder that all machines see which see the lake; None, the system's own, where the sample answers or it cannot be written."""
        home = self.reader.root.parent
        return None if self.reader.is_sample or not os.access(home, os.W_OK) else home

    def screen(
        self, as_of: date, criteria: Criteria = BUILT_IN, industry: str | None = None
    ) -> list[dict[str, Any]]:
        """Every company with any answer, worst first: ids, level, a level per signal. `rank` says more."""
        self.rank(as_of, criteria, industry)
        return self.screened(criteria)

    def screened(self, criteria: Criteria = BUILT_IN, limit: int | None = None) -> list[dict[str, Any]]:  # fmt: skip
        """The first rows of what was ranked, or all."""
        columns = ranking.columns(criteria)
        rows = self.con.execute(ranking.select(criteria, limit)).fetchall()
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _probabilities(self, as_of: date) -> dict[str, float]:
        """Of every company that was asked about and has a forecast."""
        rows = self.con.execute("SELECT company_id, topic, concept, value, text, period_end FROM beside WHERE topic IN ('feature', 'failed', 'until')")  # fmt: skip
        return telling.probabilities(rows.fetchall(), as_of)

    def canonical(self, company: str) -> str | None:
        """The company that a register's id belongs to; None for an id that nothing stored bears."""
        row = self.con.execute(
            "SELECT canonical_id FROM links WHERE company_id = ? AND confidence >= ?",
            [company, LINK_THRESHOLD],
        ).fetchone()
        return str(row[0]) if row else None

    def industries(self, near: str, limit: int = 5) -> list[str]:
        """Names of industries there are, the most alike to ``near`` first."""
        rows = self.con.execute(
            "SELECT industry FROM (SELECT DISTINCT industry FROM scope WHERE industry IS NOT NULL) "
            "ORDER BY jaro_winkler_similarity(industry, ?) DESC, industry LIMIT ?",
            [near, limit],
        ).fetchall()
        return [row[0] for row in rows]


def compose(
    company: str,
    told: Known,
    as_of: date,
    lang: Lang = "ko",
    criteria: Criteria = BUILT_IN,
    *,
    is_sample: bool,
) -> Verdict:
    """The verdict on a canonical company id of which ``told`` is known, when ``criteria`` were asked as of ``as_of``."""
    answers = engine.answers(told, criteria)
    in_force = _criteria_on(as_of)
    findings = sorted(
        (_finding(a, in_force[a.signal], lang, criteria) for a in answers if a.level != "unknown"),
        key=lambda f: (ranking.ORDER[f.level], not (f.veto and f.level == "danger"), -f.weight),
    )
    identity = _company(company, told.register)
    coverage = _coverage(told.held)
    level = judge(findings, criteria.whole(as_of))
    told_of = telling.forecast(told, as_of, lang)
    return Verdict(
        company=identity,
        as_of=as_of,
        lang=lang,
        coverage=coverage,
        coverage_sentence=_COVERAGE[lang][coverage],
        level=level,
        sentence=_lead(identity.name, level, findings, answers, lang),
        findings=findings,
        unknown=[
            _unknown(a, in_force[a.signal], lang, criteria) for a in answers if a.level == "unknown"
        ],
        questions=_questions(findings, answers, lang),
        forecast=told_of if isinstance(told_of, Forecast) else None,
        forecast_unknown=told_of if isinstance(told_of, Unknown) else None,
        data_until=told.data_until,
        sample=is_sample,
        report_error=report_url(company),
    )


@lru_cache(maxsize=32)
def _criteria_on(as_of: date) -> dict[str, dict[str, Criterion]]:
    """Signal -> its thresholds in force on a day."""
    return {name: signal.criteria(as_of) for name, signal in catalog.signals().items()}


def _values(signal: str, in_force: dict[str, Criterion], criteria: Criteria) -> dict[str, float]:
    return {name: c.value for name, c in in_force.items()} | criteria.changed.get(signal, {})


def _finding(
    answer: Answer, in_force: dict[str, Criterion], lang: Lang, criteria: Criteria
) -> Finding:
    signal = catalog.signals()[answer.signal]
    words = catalog.wording(lang)[answer.signal]
    values = _values(answer.signal, in_force, criteria)
    return Finding(
        signal=signal.name,
        group=cast("Any", signal.group),
        level=cast("Level", answer.level),
        title=words["title"],
        sentence=fill(_template(words, answer), answer, signal, values, lang),
        measure=answer.measure,
        weight=criteria.weight(signal),
        veto=criteria.veto(signal),
        thresholds=[
            Threshold(
                name=name,
                value=values[name],
                since=None if values[name] != c.value else c.since,
                who=c.who if values[name] == c.value else "user",
                url=c.url if values[name] == c.value else None,
            )
            for name, c in in_force.items()
        ],
        figures=[_figure(f) for f in answer.figures],
    )


def _company(company: str, rows: Sequence[RegisterRow]) -> Company:
    """Who the company is, from its entries in registers, its own first."""
    keys = ("name", "name_en", "corp_code", "stock_code", "corporation_number", "business_number", "market", "industry", "region")  # fmt: skip
    merged = {key: next((row[i] for row in rows if row[i]), None) for i, key in enumerate(keys, 2)}
    links = {
        (r.source, r.company_id): Link(
            source=r.source, id=r.company_id, name=r.name or r.company_id, confidence=r.confidence, rule=r.rule
        )
        for r in reversed(rows)
    }  # fmt: skip
    names = dict.fromkeys(row.name for row in rows if row.name and row.name != merged["name"])
    return Company(
        id=company,
        **{**merged, "name": merged["name"] or company},
        names=list(names),
        links=list(reversed(links.values())),
    )


def _coverage(held: set[str]) -> Coverage:
    if "exchange" in held:
        return "listed"
    if "filings" in held or "statements" in held:
        return "externally_audited"
    return "pension_only" if "known workplace_month" in held else "name_only"


def unreached(verdict: Verdict, lost: Mapping[str, str]) -> Verdict:
    """The verdict, where what is unknown for want of a register that could not be asked says so.

    ``lost`` says of each such register, by the name that `refresh` takes, what happened.
    """

    def told(unknown: Unknown) -> Unknown:
        at_fault = [r for r in catalog.signals()[unknown.what].registers if r in lost]
        if not at_fault or unknown.figures or unknown.reason not in _FOR_WANT_OF_ROWS:
            return unknown
        why = " ".join(dict.fromkeys(lost[register] for register in at_fault))
        text = f"{catalog.reasons(verdict.lang)['not_reachable']} {why}"
        return unknown.model_copy(update={"reason": "not_reachable", "explanation": text})

    return verdict.model_copy(update={"unknown": [told(u) for u in verdict.unknown]})


def report_url(company: str) -> str | None:
    """Where an error about a company is reported: ``PAYCANARY_REPORT_URL``, else the page of the service at ``PAYCANARY_BASE_URL``."""
    named, base = os.environ.get("PAYCANARY_REPORT_URL"), os.environ.get("PAYCANARY_BASE_URL")
    return named or (f"{base.rstrip('/')}/companies/{company}/report" if base else None)


def judge(findings: Sequence[Finding], whole: dict[str, float]) -> Level:
    """The level that findings add up to, by the criteria about verdicts as a whole."""
    return weigh([(f.level, f.weight, f.veto) for f in findings], whole)


def weigh(findings: Sequence[tuple[str, float, bool]], whole: dict[str, float]) -> Level:
    """As `judge`, from (level, weight, veto) of what is known."""

    def total(*levels: str) -> float:
        return round(math.fsum(w for level, w, _ in findings if level in levels), ranking.PLACES)

    danger, watch = total("danger"), total("danger", "watch")
    if any(level == "danger" and veto for level, _, veto in findings):
        return "danger"
    if danger >= whole["danger_weight"]:
        return "danger"
    if danger > 0 or watch >= whole["watch_weight"]:
        return "watch"
    if total("danger", "watch", "good") < whole["known_weight"]:
        return "unknown"
    return "good"


def _template(words: dict[str, str], answer: Answer) -> str:
    """The sentence for a level; ``<level>_none`` is for an answer without a number to judge, ``<level>_with_<concept>`` for one with such a figure."""
    plain = words[answer.level]
    if answer.measure is None:
        return words.get(f"{answer.level}_none", plain)
    shown = {figure.concept for figure in answer.figures}
    begin = f"{answer.level}_with_"
    return next(
        (words[key] for key in words if key.startswith(begin) and key.removeprefix(begin) in shown),
        plain,
    )


def _figure(cited: Cited) -> Figure:
    value: float | int | str | None = cited.text if cited.text is not None else cited.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Figure(
        concept=cited.concept,
        value=value,
        unit=cited.unit,
        period_end=cited.period_end,
        source=cited.source,
        filing_id=cited.filing_id,
        published_on=cited.published_on,
        url=citations.url(cited.source, cited.filing_id),
    )


def _unknown(
    answer: Answer, in_force: dict[str, Criterion], lang: Lang, criteria: Criteria
) -> Unknown:
    words = catalog.wording(lang)[answer.signal]
    reason = answer.reason or "not_filed"
    told = words.get(f"unknown_{reason}") or words.get("unknown") or catalog.reasons(lang)[reason]
    if answer.figures:
        values = _values(answer.signal, in_force, criteria)
        told = fill(told, answer, catalog.signals()[answer.signal], values, lang)
    return Unknown(
        what=answer.signal,
        title=words["title"],
        reason=cast("Reason", reason),
        explanation=told,
        figures=[_figure(f) for f in answer.figures],
    )


def _lead(
    name: str, level: Level, findings: Sequence[Finding], answers: Sequence[Answer], lang: Lang
) -> str:
    """The one sentence a verdict begins with: figures and dates, no adjectives."""
    clauses = _clauses(findings, answers, lang)
    asked, known = len(answers), len(findings)
    if clauses and level == "good":
        crossed = sum(f.level != "good" for f in findings)
        return {
            "ko": f"{name}: 답을 찾은 {known}개 항목 가운데 {known - crossed}개는 기준 안에 있고, {crossed}개가 걸렸습니다: {', '.join(clauses)}.",
            "en": f"{name}: of the {known} questions that could be answered, {known - crossed} cross no threshold and {crossed} do: {'; '.join(clauses)}.",
        }[lang]
    if clauses:
        tail = {
            "ko": f" (알아본 {asked}개 중 {known}개에 답이 있음)",
            "en": f" ({known} of {asked} questions could be answered)",
        }[lang]
        joined = (", " if lang == "ko" else "; ").join(clauses)
        return f"{name}: {joined}.{tail}"
    if level == "unknown" or not findings:
        return {
            "ko": f"{name}: 공개된 자료가 모자라 판단하지 않습니다. 알아본 {asked}개 중 {known}개에만 답이 있습니다.",
            "en": f"{name}: too little is public to judge; only {known} of {asked} questions could be answered.",
        }[lang]
    return {
        "ko": f"{name}: 답을 찾은 {known}개 항목에서 기준에 걸린 것이 없습니다. 나머지 {asked - known}개는 알 수 없습니다.",
        "en": f"{name}: none of the {known} questions that could be answered crosses a threshold; {asked - known} remain unknown.",
    }[lang]


def _clauses(findings: Sequence[Finding], answers: Sequence[Answer], lang: Lang) -> list[str]:
    """Short clauses of the gravest findings, one a group first, so that the sentence is not three times about money."""
    by_name = {a.signal: a for a in answers}
    grave = [f for f in findings if f.level in ("danger", "watch")]
    seen: set[str] = set()
    first = [f for f in grave if not (f.group in seen or seen.add(f.group))]  # type: ignore[func-returns-value]
    chosen = (first + [f for f in grave if f not in first])[:_CLAUSES]
    clauses = []
    for finding in sorted(chosen, key=findings.index):
        signal = catalog.signals()[finding.signal]
        template = catalog.wording(lang)[finding.signal].get(f"clause_{finding.level}")
        if template:
            values = {t.name: t.value for t in finding.thresholds if t.value is not None}
            clauses.append(fill(template, by_name[finding.signal], signal, values, lang))
    return clauses


def _questions(findings: Sequence[Finding], answers: Sequence[Answer], lang: Lang) -> list[str]:
    """What to ask in the interview: the weak points first, then what nobody can look up."""
    words = catalog.wording(lang)
    weak = [f.signal for f in findings if f.level in ("danger", "watch")]
    unanswered = sorted(
        (a.signal for a in answers if a.level == "unknown" and a.reason != "not_applicable"),
        key=lambda s: -catalog.signals()[s].weight,
    )
    asks = [words[s]["ask"] for s in (*weak, *unanswered) if words[s].get("ask")]
    return list(dict.fromkeys(asks))[:_QUESTIONS]


def concept_name(concept: str, lang: Lang) -> str:
    """A concept's name for people; signals' own figure names come from ``wording/concepts``."""
    known = load_concepts().get(concept)
    if known is not None:
        return known.ko if lang == "ko" else known.en
    return catalog.concepts(lang).get(concept, concept)

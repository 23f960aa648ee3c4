"""Money and funding signals: criteria, SQL and words belong together, and every SQL file is Spark's too."""

from __future__ import annotations

import re
import string
from datetime import date
from typing import TYPE_CHECKING, Final, get_args

import pytest
import sqlglot
from sqlglot import expressions as exp

from paycanary.errors import Lang
from paycanary.signals import catalog, sentences
from paycanary.signals.engine import Answer, Cited
from tests.spec.harness import run

if TYPE_CHECKING:
    from paycanary.signals.catalog import Signal

pytestmark = pytest.mark.quick

SIGNALS: Final = {n: s for n, s in catalog.signals().items() if s.group in ("money", "funding")}
LANGUAGES: Final = get_args(Lang)
LEVELS: Final = {"danger", "watch", "good"}
WATCH_AT_MOST: Final = {"share_issues", "convertible_conversions", "capital_reduction"}
NEVER_WATCH: Final = {"full_impairment"}
#: What sentences state about a company are figures, not judgements.
ADJECTIVES: Final = re.compile(
    r"부실|위험|건전|안전|불안|양호|우량|심각|취약|\b(risky|unsafe|safe|healthy|weak|sound|poor|serious|bad)\b"
)
#: A particle whose form hangs on the last sound, straight behind a figure: 이/가, 은/는, 을/를, 과/와, 으로/로.
LOOSE_PARTICLE: Final = re.compile(
    r"\{(?!measure\})[^}]*\}(이|가|은|는|을|를|과|와|으로|로)(?![가-힣])"
)

every_signal = pytest.mark.parametrize("signal", SIGNALS.values(), ids=SIGNALS)
every_language = pytest.mark.parametrize("lang", LANGUAGES)


def parsed(signal: Signal) -> exp.Expr:
    return sqlglot.parse_one(signal.sql or "", read="duckdb")


def levels(signal: Signal) -> set[str]:
    return LEVELS - ({"danger"} if signal.name in WATCH_AT_MOST else set()) - ({"watch"} if signal.name in NEVER_WATCH else set())  # fmt: skip


@every_signal
def test_parameters_are_the_thresholds_that_the_criteria_declare(signal: Signal) -> None:
    assert signal.parameters == set(signal.thresholds)


@every_signal
def test_thresholds_are_dated_and_owned(signal: Signal) -> None:
    assert 1 <= signal.weight <= 5
    for dated in signal.thresholds.values():
        assert [c.since for c in dated] == sorted({c.since for c in dated})
        for criterion in dated:
            assert criterion.who
            assert criterion.note
            assert criterion.who == "paycanary" or (criterion.url or "").startswith("https://")


@every_signal
def test_sql_says_what_it_asks_and_when_it_does_not_know(signal: Signal) -> None:
    comment = (signal.sql or "").split("SELECT", maxsplit=1)[0]
    assert re.findall(r"^-- (Question|Rule|Unknown|Figures):", comment, re.MULTILINE) == ["Question", "Rule", "Unknown", "Figures"]  # fmt: skip
    assert f"criteria/{signal.group}.yaml, {signal.name}" in comment


@every_signal
def test_sql_is_answered_by_no_row_where_nothing_is_known(signal: Signal) -> None:
    assert run(signal.name, scope="company_id\na") == []


@every_signal
def test_sql_becomes_spark_sql_with_its_parameters(signal: Signal) -> None:
    (spark,) = sqlglot.transpile(
        catalog.strip_comments(signal.sql or ""), read="duckdb", write="spark",
        unsupported_level=sqlglot.ErrorLevel.RAISE,
    )  # fmt: skip
    again = sqlglot.parse_one(spark, read="spark")
    assert {p.name for p in again.find_all(exp.Placeholder)} == signal.parameters


@every_signal
def test_sql_keeps_to_the_common_dialect(signal: Signal) -> None:
    tree = parsed(signal)
    assert not list(
        tree.find_all(exp.Filter, exp.Qualify, exp.Array, exp.List, exp.Lambda, exp.Interval)
    )
    assert not [d for d in tree.find_all(exp.Distinct) if d.args.get("on")]
    # Spark knows no DISTINCT in a window function.
    assert not [w for w in tree.find_all(exp.Window) if w.find(exp.Distinct)]


@every_signal
def test_sql_can_give_the_levels_that_have_words(signal: Signal) -> None:
    words = {literal.name for literal in parsed(signal).find_all(exp.Literal) if literal.is_string}
    assert words & LEVELS == levels(signal)


@every_language
@every_signal
def test_every_level_has_a_sentence(signal: Signal, lang: Lang) -> None:
    words = catalog.wording(lang)[signal.name]
    weak = levels(signal) - {"good"}
    wanted = {"title", "question", "ask", *levels(signal), *(f"clause_{level}" for level in weak)}
    spare = {"unknown"} | {f"{level}_none" for level in levels(signal)}
    assert set(words) - spare == wanted
    assert all(text and text == text.strip() for text in words.values())


@every_language
@every_signal
def test_sentences_name_only_what_a_finding_has(signal: Signal, lang: Lang) -> None:
    figures = {
        literal.name for literal in parsed(signal).find_all(exp.Literal) if literal.is_string
    }
    known = figures | set(signal.thresholds) | {"measure", "first", "last", "count"}
    for key, text in catalog.wording(lang)[signal.name].items():
        fields = {field for _, field, _, _ in string.Formatter().parse(text) if field}
        names = {re.split(r"\.", field)[0] for field in fields}
        assert names <= known, key
        assert not (fields and key in ("title", "question", "ask", "unknown")), key


@every_language
@every_signal
def test_sentences_state_figures_without_adjectives(signal: Signal, lang: Lang) -> None:
    for key, text in catalog.wording(lang)[signal.name].items():
        if key in LEVELS or key.startswith("clause_"):
            assert not ADJECTIVES.search(text), key


@every_signal
def test_korean_sentences_are_polite_and_read_with_any_figure(signal: Signal) -> None:
    for key, text in catalog.wording("ko")[signal.name].items():
        assert not LOOSE_PARTICLE.search(text), key
        if key in LEVELS or key == "unknown":
            assert re.search(r"니다(\([^()]*\))?\.$", text), key
        if key in ("question", "ask"):
            assert text.endswith("?"), key


def test_clauses_are_short() -> None:
    for name in SIGNALS:
        for lang, limit in (("ko", 80), ("en", 120)):
            for key, text in catalog.wording(lang)[name].items():
                assert not key.startswith("clause_") or len(text) <= limit, (name, lang, key)


def figure(concept: str, value: float, end: date) -> Cited:
    return Cited(concept, value, None, "KRW", end, "opendart", "20250320000001", date(2025, 3, 20))


@pytest.mark.parametrize(
    ("lang", "sentence", "clause"),
    [
        (
            "ko",
            "2024.12 사업연도로 영업이익이 이자비용보다 적은 해가 3년째입니다(영업이익 −1,277억 원, 이자비용 310억 원, 공시로 확인되는 해만 셈).",
            "이자비용보다 적은 영업이익 3년째(2024.12 −1,277억 원)",
        ),
        (
            "en",
            "Operating profit was below the interest expense for 3 years running up to 2024-12 (operating profit −127.7bn won, interest 31bn won; only years found in filings are counted).",
            "operating profit below interest for 3 years running (2024-12: −127.7bn won)",
        ),
    ],
)
def test_a_sentence_and_its_clause(lang: Lang, sentence: str, clause: str) -> None:
    signal = SIGNALS["interest_cover"]
    answer = Answer("interest_cover", "danger", 3.0)
    answer.figures = [
        figure(concept, value, date(2024 - years_ago, 12, 31))
        for years_ago, profit, interest in ((0, -127.7e9, 31e9), (1, 5e9, 30e9), (2, 4e9, 29e9))
        for concept, value in (("operating_profit", profit), ("interest_expense", interest))
    ]
    words = catalog.wording(lang)["interest_cover"]
    assert sentences.fill(words["danger"], answer, signal, {"danger_years": 3}, lang) == sentence
    assert (
        sentences.fill(words["clause_danger"], answer, signal, {"danger_years": 3}, lang) == clause
    )

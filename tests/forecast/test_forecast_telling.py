"""A company's forecast in words: where there is one, what it rests on; where there is none, why."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Literal

import duckdb
import pytest

from paycanary.forecast import telling
from paycanary.forecast.features import beside_sql
from paycanary.models import Forecast, Unknown
from paycanary.signals import known
from paycanary.signals.engine import Engine
from paycanary.wording import number
from tests.drawn import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command import Run

#: A company with two years of reports; losses grow, shares are sold, people leave.
REPORTS = {
    "opinions": """
        company_id | period_end | opinion     | is_annual | is_going_concern | auditor    | published
        a          | 2022-12-31 | unqualified | true      | false            | 가회계법인 | 2023-03-20
        a          | 2023-12-31 | unqualified | true      | true             | 나회계법인 | 2024-03-20
        """,
    "facts": """
        company_id | concept              | basis | months | period_end | value        | unit    | published
        a          | net_income           | CFS   | 12     | 2022-12-31 | -5000000000  | KRW     | 2023-03-20
        a          | net_income           | CFS   | 12     | 2023-12-31 | -20000000000 | KRW     | 2024-03-20
        a          | minority_share_ratio |       | 0      | 2023-12-31 | 0.8          | ratio   | 2024-03-20
        """,
    "headcounts": """
        company_id | period_end | headcount | payroll    | contract | published
        a          | 2022-12-31 | 80        | 4000000000 | 5        | 2023-03-20
        a          | 2023-12-31 | 40        | 2000000000 | 10       | 2024-03-20
        """,
    "filings": """
        company_id | form   | period_end | published
        a          | annual | 2022-12-31 | 2023-03-20
        a          | annual | 2023-12-31 | 2024-03-20
        """,
    "capital_changes": """
        company_id | changed_on | form                | shares | proceeds | published
        a          | 2023-06-01 | 유상증자(제3자배정) | 1000   | 90000000 | 2024-03-20
        """,
}
AS_OF = date(2024, 4, 30)


@pytest.fixture
def lake() -> Iterator[Lake]:
    with duckdb.connect() as con:
        yield Lake(con)


def told(lake: Lake, as_of: date = AS_OF, lang: Literal["ko", "en"] = "en") -> Forecast | Unknown:
    lake.link()
    Engine(lake.con, beside_sql()).ask(as_of, "a")
    return telling.forecast(known.read(lake.con, "a"), as_of, lang)


def why(lake: Lake, as_of: date = AS_OF) -> str:
    found = told(lake, as_of)
    assert isinstance(found, Unknown)
    assert found.what == "forecast"
    return found.explanation


# --- told ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_forecast_says_what_is_predicted_beside_what_happens_to_all(lake: Lake, lang: Literal["ko", "en"]) -> None:  # fmt: skip
    found = told(lake.add(**REPORTS), lang=lang)
    assert isinstance(found, Forecast)
    assert found.probability > found.base_rate > 0
    assert found.band == "top_5"
    assert number(100 * found.base_rate, 1) in found.sentence
    assert {"ko": "의견거절", "en": "disclaimer"}[lang] in found.definition
    assert {"ko": "체불", "en": "wages"}[lang] in found.definition
    assert [q.question for q in found.quality] == ["years", "companies"]
    for text in (found.sentence, found.anchor, found.limits, found.definition, *(r.sentence for r in found.reasons)):  # fmt: skip
        assert "{" not in text
    assert found.known_features < found.asked_features


def test_reasons_are_told_in_the_companys_own_figures(lake: Lake) -> None:
    found = told(lake.add(**REPORTS))
    assert isinstance(found, Forecast)
    by = {reason.reason: reason for reason in found.reasons}
    income = by["net_income"]
    assert "−20bn won" in income.sentence
    assert "a head: −500m won" in income.sentence
    assert income.odds > 1
    assert [(f.concept, f.value, f.filing_id, f"{f.published_on}") for f in income.figures] == [
        ("net_income", -20000000000, "20240320", "2024-03-20"), ("net_income", -5000000000, "20230320", "2023-03-20"),
    ]  # fmt: skip
    assert "going concern yes" in by["audit_opinion"].sentence
    assert by["audit_opinion"].odds > 1.5
    assert "50 %" in by["headcount"].sentence
    # What is not filed is said to be not known, never 0.
    assert "not known" in by["minority_shareholders"].sentence
    # The strongest first; factors are told to three digits.
    strengths = [abs(log(reason.odds)) for reason in found.reasons]
    assert all(first >= second - 0.01 for first, second in pairwise(strengths))


def test_what_would_change_it_is_the_probability_without_that_reason(lake: Lake) -> None:
    found = told(lake.add(**REPORTS))
    assert isinstance(found, Forecast)
    assert found.changes
    card = telling.scorecard()
    values = telling.values_of(known.read(lake.con, "a").beside)
    moved = telling.reasons_of(card, values)
    for change in found.changes:
        assert change.probability == pytest.approx(card.at(card.log_odds(values) - moved[change.reason]))  # fmt: skip
        assert change.probability < found.probability


def test_the_same_whether_one_or_all_are_asked(lake: Lake) -> None:
    lake.add(**REPORTS)
    lake.link()
    engine = Engine(lake.con, beside_sql())
    engine.ask(AS_OF, None)
    whole = known.read(lake.con, "a")
    ((text,),) = [[told] for portion in known.everyone(lake.con) for owner, told in portion if owner == "a"]  # fmt: skip
    assert known.parse(text, known.whole_lists(lake.con)).beside == whole.beside
    rows = lake.con.execute("SELECT company_id, topic, concept, value, text, period_end FROM beside WHERE topic IN ('feature', 'failed', 'until')").fetchall()  # fmt: skip
    found = told(lake)
    assert isinstance(found, Forecast)
    assert telling.probabilities(rows, AS_OF) == {"a": found.probability}


# --- none ----------------------------------------------------------------------------------------


def test_what_is_forecast_has_happened(lake: Lake) -> None:
    lake.add(**REPORTS)
    lake.add(
        opinions="""
            company_id | period_end | opinion    | published
            a          | 2023-12-31 | disclaimer | 2024-04-15
            """
    )
    assert "happened already: disclaimer of opinion, public since 2024-04-15" in why(lake)
    # Before that day nobody knew.
    assert isinstance(told(lake, date(2024, 4, 14)), Forecast)


def test_one_filing_tells_of_no_change(lake: Lake) -> None:
    first = {name: "\n".join(line for line in rows.splitlines() if "2023-03-20" not in line) for name, rows in REPORTS.items()}  # fmt: skip
    found = told(lake.add(**first))
    assert isinstance(found, Forecast)
    assert "One filing alone is known" in found.sentence
    assert "One filing" not in told_whole().sentence


def told_whole() -> Forecast:
    """The forecast of the company with both reports."""
    with duckdb.connect() as con:
        found = told(Lake(con).add(**REPORTS))
    assert isinstance(found, Forecast)
    return found


def test_one_filing_with_few_figures(lake: Lake) -> None:
    lake.add(
        opinions=REPORTS["opinions"], facts=REPORTS["facts"],
        filings="company_id | form | period_end | published\na | annual | 2023-12-31 | 2024-03-20",
    )  # fmt: skip
    assert "Only one filing" in why(lake)


def test_neither_income_nor_staff(lake: Lake) -> None:
    kept = {n: REPORTS[n] for n in ("opinions", "filings", "capital_changes")}
    assert "Neither its net income nor its headcount" in why(lake.add(**kept))


def test_a_store_that_ends_too_early_tells_nothing_of_a_company(lake: Lake) -> None:
    lake.add(**REPORTS)
    lake.add(filings="company_id | form | period_end | published\na | q1 | 2023-03-31 | 2023-05-14")
    # A year before there was a report of March a week later; now there is none.
    assert isinstance(told(lake, date(2024, 5, 20)), Forecast)
    assert "those due by 2024-05-14 are missing" in why(lake, date(2024, 5, 21))


def test_a_store_of_yearly_reports_alone_is_current(lake: Lake) -> None:
    assert isinstance(told(lake.add(**REPORTS), date(2024, 12, 31)), Forecast)


def test_a_store_without_a_year_before_is_held_to_the_law(lake: Lake) -> None:
    one = {name: rows.replace("2023-03-20", "2024-03-19") for name, rows in REPORTS.items()}
    lake.add(**one)
    assert isinstance(told(lake, date(2024, 5, 21)), Forecast)
    assert "those due by 2024-05-15 are missing" in why(lake, date(2024, 5, 22))


def test_an_old_audit(lake: Lake) -> None:
    assert "ended more than 20 months before" in why(lake.add(**REPORTS), date(2025, 9, 30))


def test_pension_data_alone(lake: Lake) -> None:
    lake.add(
        headcounts="""
            company_id | kind      | workplace | period_end | headcount | published
            a          | workplace | w         | 2024-03-31 | 40        | 2024-04-15
            """
    )
    assert "Only pension data is known" in why(lake)


def test_statements_alone(lake: Lake) -> None:
    lake.add(
        facts="""
            company_id | concept      | months | period_end | value | source | published
            a          | total_assets | 0      | 2023-12-31 | 100   | fsc    | 2024-04-15
            """
    )
    assert "Only statements are known" in why(lake)


@pytest.mark.parametrize(
    ("as_of", "due"),
    [("2024-01-01", "2023-11-14"), ("2024-04-06", "2023-11-14"), ("2024-04-07", "2024-03-31"), ("2024-08-21", "2024-08-14"), ("2024-12-31", "2024-11-14")],
)  # fmt: skip
def test_days_on_which_reports_are_due(as_of: str, due: str) -> None:
    assert telling.due(date.fromisoformat(as_of)) == date.fromisoformat(due)


# --- doors ---------------------------------------------------------------------------------------


def test_the_screen_and_the_check_give_the_same(sample: Run) -> None:
    rows = sample.json("screen", "--as-of", "2024-12-31", "--limit", 1000)["rows"]
    told = {row["id"]: row["probability"] for row in rows}
    given = {company: p for company, p in told.items() if p is not None}
    assert len(given) >= 10
    for company in [*list(given)[:3], next(c for c in told if told[c] is None)]:
        verdict = sample.json("check", company, "--as-of", "2024-12-31")
        assert (verdict["forecast"] is None) == (verdict["forecast_unknown"] is not None)
        assert (verdict["forecast"] or {}).get("probability") == told[company]

"""A company's people beside companies of its kind. The tables below are the specification."""

from __future__ import annotations

from datetime import date

import pytest

from paycanary.signals import catalog
from paycanary.signals.engine import Answer, Cited, answers
from paycanary.signals.known import Known
from paycanary.signals.sentences import fill
from tests.spec.harness import AS_OF, check, run


def _standing(
    metric: str, percentile: float, newest: int, before: int = 100, months: int = 12, companies: int = 30, moved: int | str = ""
) -> str:  # fmt: skip
    return f"""
        period_end | months   | metric   | value             | percentile   | likeness | companies   | newest   | before   | joiners | leavers | moved
        2026-06-30 | {months} | {metric} | {newest - before} | {percentile} | industry | {companies} | {newest} | {before} | 3       | 9       | {moved}
        """


@pytest.mark.parametrize(
    ("signal", "metric", "low"),
    [("change_against_peers", "change", True), ("leavers_against_peers", "exit_rate", False)],
)
@pytest.mark.parametrize(
    ("percentile", "newest", "level"),
    [
        # Among the last five of a hundred, and shrunk.
        (5, 90, "watch"),
        (0.5, 10, "watch"),
        (5, 99, "watch"),
        (7.5, 10, "good"),
        (50, 90, "good"),
        # Where everybody grows, the one that grows least has not shrunk.
        (0.5, 100, "good"),
        (0.5, 104, "good"),
    ],
)
def test_watch_is_the_last_of_twenty_that_shrank(
    *, signal: str, metric: str, low: bool, percentile: float, newest: int, level: str
) -> None:
    place = percentile if low else 100 - percentile
    rows = run(signal, peer_standing=_standing(metric, place, newest))
    assert {(row["level"], row["measure"]) for row in rows} == {(level, newest - 100)}


# Less than half of the ten; half of them.
@pytest.mark.parametrize(("moved", "level"), [("", "watch"), (4, "watch"), (5, "good"), (30, "good")])  # fmt: skip
def test_people_who_perhaps_moved_are_no_loss(moved: int | str, level: str) -> None:
    for signal, metric, place in (("change_against_peers", "change", 1), ("leavers_against_peers", "exit_rate", 99)):  # fmt: skip
        rows = run(signal, peer_standing=_standing(metric, place, 90, moved=moved))
        assert {row["level"] for row in rows} == {level}
        shown = [row["value"] for row in rows if row["concept"] == "moved_people"]
        assert shown == ([moved] if moved else [])


@pytest.mark.parametrize(("months", "companies"), [(6, 30), (12, 29)])
def test_nothing_is_judged_by_half_a_year_or_by_few_companies(months: int, companies: int) -> None:
    for signal, metric in (("change_against_peers", "change"), ("leavers_against_peers", "exit_rate")):  # fmt: skip
        check(signal, peer_standing=_standing(metric, 50, 50, months=months, companies=companies), expect="")  # fmt: skip


def test_every_window_is_shown_with_its_place() -> None:
    check(
        "change_against_peers",
        peer_standing="""
            period_end | months | metric    | value | percentile | likeness        | companies | newest | before | joiners | leavers | row_id
            2026-06-30 | 1      | change    | -1    | 40         | industry_region | 41        | 95     | 96     | 0       | 1       | 7
            2026-06-30 | 3      | change    | -2    | 30         | industry_region | 42        | 95     | 97     | 0       | 2       | 7
            2026-06-30 | 6      | change    | -3    | 20         | industry_region | 43        | 95     | 98     | 0       | 3       | 7
            2026-06-30 | 12     | change    | -5    | 10         | industry        | 44        | 95     | 100    | 3       | 8       | 7
            2026-06-30 | 12     | exit_rate | 2     | 60         | industry        | 44        | 95     | 100    | 3       | 8       | 7
            """,
        expect="""
            level | measure | concept          | value | text     | unit    | period_end | row_id
            good  | -5      | change_1m        | -1    |          | percent | 2026-06-30 | 7
            good  | -5      | change_3m        | -2    |          | percent | 2026-06-30 | 7
            good  | -5      | change_6m        | -3    |          | percent | 2026-06-30 | 7
            good  | -5      | change_12m       | -5    |          | percent | 2026-06-30 | 7
            good  | -5      | change_rank_1m   | 40    |          | none    | 2026-06-30 | 7
            good  | -5      | change_rank_3m   | 30    |          | none    | 2026-06-30 | 7
            good  | -5      | change_rank_6m   | 20    |          | none    | 2026-06-30 | 7
            good  | -5      | change_rank_12m  | 10    |          | none    | 2026-06-30 | 7
            good  | -5      | peer_rank        | 10    |          | none    | 2026-06-30 | 7
            good  | -5      | peer_companies   | 44    |          | firms   | 2026-06-30 | 7
            good  | -5      | peer_likeness    |       | industry |         | 2026-06-30 | 7
            good  | -5      | headcount        | 95    |          | persons | 2026-06-30 | 7
            good  | -5      | headcount_before | 100   |          | persons | 2026-06-30 | 7
            """,
    )


def test_it_is_told_against_whom() -> None:
    rows = run("leavers_against_peers", peer_standing=_standing("exit_rate", 97.5, 90, companies=812))  # fmt: skip
    answer = Answer("leavers_against_peers", "watch", 4.2)
    answer.figures = [
        Cited(r["concept"], r["value"], r["text"], r["unit"], r["period_end"], "nps", "nps:2026-06", AS_OF)
        for r in rows
    ]  # fmt: skip
    asked = catalog.signals()[answer.signal]
    said = {
        lang: fill(catalog.wording(lang)[answer.signal]["watch"], answer, asked, {"judged_months": 12}, lang)
        for lang in ("ko", "en")
    }  # fmt: skip
    assert said == {
        "ko": "2026.06까지 12개월 동안 국민연금 가입자의 월평균 4.2%가 빠졌고, 들어온 사람(3명)보다 나간 사람(9명)이 많습니다. "
        "같은 업종·규모의 회사 100곳 가운데 약 97.5곳은 이보다 적게 빠졌습니다(같은 곳은 절반으로 셈, 비교한 회사 812곳).",
        "en": "Over the 12 months to 2026-06, 4.2% of the people insured left in an average month, and more left than joined "
        "(9 people left, 3 people joined). Of 100 companies of the same trade and size, about 97.5 had fewer leavers, those with as many counted half (812 firms compared).",
    }


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ({"known workplace_month", "workplace_month"}, "not_computable"),
        ({"known workplace_month"}, "too_old"),
        (set(), "not_matched"),
    ],
)
def test_without_peers_the_reason_is_told(held: set[str], reason: str) -> None:
    told = answers(Known([], held, [], [], date(2026, 1, 1)))
    found = {a.signal: (a.level, a.reason) for a in told}
    for signal in ("change_against_peers", "leavers_against_peers"):
        assert found[signal] == ("unknown", reason)

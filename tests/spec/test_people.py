"""People: staff of listed companies, pension months, pay. The tables below are the specification."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paycanary.signals import catalog
from paycanary.signals.engine import Answer, Cited
from paycanary.signals.sentences import fill
from tests.spec.harness import AS_OF, check, run

if TYPE_CHECKING:
    from collections.abc import Callable


def _listed(before: int | None, now: int | None, months: int = 12) -> str:
    return f"""
        period_end | rank | months_ago | headcount
        2025-12-31 | 0    | 0          | {"" if now is None else now}
        2024-12-31 | 4    | {months}   | {"" if before is None else before}
        """


def _pension(before: int | None, now: int | None, months: int = 12) -> str:
    return f"""
        period_end | rank | months_ago | headcount
        2026-06-30 | 0    | 0          | {"" if now is None else now}
        2025-06-30 | 1    | {months}   | {"" if before is None else before}
        """


@pytest.mark.parametrize(
    ("before", "now", "months", "level", "change"),
    [
        # a year apart, 11 to 13 months: watch from -10 %, danger from -30 %
        (1000, 901, 12, "good", -9.9),
        (1000, 900, 12, "watch", -10),
        (1000, 701, 12, "watch", -29.9),
        (1000, 700, 12, "danger", -30),
        (1000, 0, 12, "danger", -100),
        (1000, 1500, 12, "good", 50),
        (1000, 700, 11, "danger", -30),
        (1000, 700, 13, "danger", -30),
        # any other distance: watch from -30 %, danger from -50 %
        (1000, 701, 14, "good", -29.9),
        (1000, 700, 14, "watch", -30),
        (1000, 501, 36, "watch", -49.9),
        (1000, 500, 36, "danger", -50),
        (1000, 700, 3, "watch", -30),
        (1000, 500, 3, "danger", -50),
        # fewer than 10 people before: watch at most
        (10, 5, 12, "danger", -50),
        (9, 4, 12, "watch", -55.5556),
    ],
)
@pytest.mark.parametrize(
    ("signal", "needs", "draw"),
    [
        ("listed_headcount_change", "listed_headcount", _listed),
        ("headcount_change", "workplace_month", _pension),
    ],
)
def test_change_of_headcount_is_judged_by_how_far_apart_the_two_counts_are(
    *,
    signal: str,
    needs: str,
    draw: Callable[..., str],
    before: int,
    now: int,
    months: int,
    level: str,
    change: float,
) -> None:
    check(
        signal,
        **{needs: draw(before, now, months)},
        expect=f"""
            level   | measure  | concept   | value    | unit
            {level} | {change} | headcount | {before} | persons
            {level} | {change} | headcount | {now}    | persons
            """,
    )


@pytest.mark.parametrize(
    ("before", "now", "months"),
    [
        (None, 100, 12),  # the earlier count is missing
        (100, None, 12),  # the newest count is missing: nothing older stands in for it
        (0, 100, 12),  # nothing to compare with
        (100, 100, 10),  # no count that is a year old, and no grave fall
        (100, 10, 37),  # too long ago
    ],
)
def test_staff_of_a_listed_company_is_unknown_without_two_counts(
    before: int | None, now: int | None, months: int
) -> None:
    check(
        "listed_headcount_change",
        listed_headcount=_listed(before, now, months),
        expect="",
    )


def test_a_slow_fall_shows_from_the_highest_count_of_three_years_to_the_newest() -> None:
    # Sambu Construction as published: -27 % in a year is watch, -61 % in 27 months is danger.
    check(
        "listed_headcount_change",
        listed_headcount="""
            period_end | rank | months_ago | headcount
            2025-12-31 | 0    | 0          | 176
            2025-09-30 | 1    | 3          | 183
            2024-12-31 | 4    | 12         | 242
            2023-12-31 | 8    | 24         | 437
            2023-09-30 | 9    | 27         | 454
            2023-06-30 | 10   | 30         | 376
            2022-12-31 | 12   | 36         | 435
            """,
        expect="""
            level  | measure | concept   | value | period_end | row_id
            danger | -61.2335 | headcount | 454  | 2023-09-30 | 5
            danger | -61.2335 | headcount | 437  | 2023-12-31 | 4
            danger | -61.2335 | headcount | 242  | 2024-12-31 | 3
            danger | -61.2335 | headcount | 176  | 2025-12-31 | 1
            """,
    )


def test_a_fall_is_told_by_its_two_counts_and_months() -> None:
    rows = run("listed_headcount_change", listed_headcount=_listed(454, 176, 27))
    answer = Answer("listed_headcount_change", "danger", rows[0]["measure"])
    answer.figures = [
        Cited(r["concept"], r["value"], None, r["unit"], r["period_end"], "opendart", "1", AS_OF)
        for r in rows
    ]
    asked = catalog.signals()[answer.signal]
    said = {
        (lang, key): fill(catalog.wording(lang)[answer.signal][key], answer, asked, {}, lang)
        for lang in ("ko", "en")
        for key in ("danger", "clause_danger")
    }
    assert said == {
        ("ko", "danger"): "직원이 454명(2024.12)에서 176명(2025.12)으로 줄었습니다(−61.2%).",
        ("ko", "clause_danger"): "직원 454명→176명(2024.12→2025.12)",
        ("en", "danger"): "Staff fell from 454 people (2024-12) to 176 people (2025-12): −61.2%.",
        ("en", "clause_danger"): "staff 454 people to 176 people (2024-12 to 2025-12)",
    }


def test_without_a_grave_fall_the_count_nearest_to_a_year_ago_is_compared() -> None:
    check(
        "listed_headcount_change",
        listed_headcount="""
            period_end | rank | months_ago | headcount
            2025-12-31 | 0    | 0          | 100
            2025-06-30 | 1    | 6          | 90
            2025-01-31 | 2    | 11         | 98
            2023-12-31 | 3    | 24         | 50
            """,
        expect="""
            level | measure  | value | period_end
            good  | 2.04082  | 98    | 2025-01-31
            good  | 2.04082  | 100   | 2025-12-31
            """,
    )


@pytest.mark.parametrize(("spike", "level"), [(180, "watch"), (199, "watch"), (200, "good")])
def test_a_count_twice_both_its_neighbours_is_taken_for_a_slip(spike: int, level: str) -> None:
    for signal, needs in (
        ("listed_headcount_change", "listed_headcount"),
        ("headcount_change", "workplace_month"),
    ):
        rows = run(
            signal,
            **{
                needs: f"""
                    period_end | rank | months_ago | headcount
                    2025-12-31 | 0    | 0          | 101
                    2025-09-30 | 1    | 3          | 100
                    2025-06-30 | 2    | 6          | {spike}
                    2025-03-31 | 3    | 9          | 100
                    2024-12-31 | 4    | 12         | 100
                    """
            },
        )
        assert {r["level"] for r in rows} == {level}


def test_companies_are_judged_apart() -> None:
    check(
        "listed_headcount_change",
        listed_headcount="""
            company_id | period_end | rank | months_ago | headcount
            a          | 2025-12-31 | 0    | 0          | 60
            a          | 2024-12-31 | 4    | 12         | 100
            b          | 2025-12-31 | 0    | 0          | 100
            b          | 2024-12-31 | 4    | 12         | 100
            c          | 2025-12-31 | 0    | 0          | 100
            """,
        expect="""
            company_id | level  | value
            a          | danger | 100
            a          | danger | 60
            b          | good   | 100
            b          | good   | 100
            """,
    )


def test_pension_months_1_3_6_and_12_months_ago_are_shown_between_the_two_compared() -> None:
    check(
        "headcount_change",
        workplace_month="""
            period_end | rank | months_ago | headcount
            2026-06-30 | 0    | 0          | 80
            2026-05-31 | 1    | 1          | 85
            2026-04-30 | 2    | 2          | 86
            2026-03-31 | 3    | 3          | 88
            2025-12-31 | 6    | 6          | 95
            2025-06-30 | 12   | 12         | 100
            2025-05-31 | 13   | 13         | 99
            """,
        expect="""
            level | measure | value | period_end
            watch | -20     | 100   | 2025-06-30
            watch | -20     | 95    | 2025-12-31
            watch | -20     | 88    | 2026-03-31
            watch | -20     | 85    | 2026-05-31
            watch | -20     | 80    | 2026-06-30
            """,
    )


@pytest.mark.parametrize(
    ("months", "now", "level"),
    [
        (50, 50, "watch"),  # 2022-04 against 2026-06: watch at most, from -50 %
        (50, 51, "good"),
        (60, 40, "watch"),
        (6, 71, "good"),  # only half a year is there: better than nothing
    ],
)
def test_pension_months_far_apart_or_close_together_are_compared_where_no_others_are(
    months: int, now: int, level: str
) -> None:
    check(
        "headcount_change",
        workplace_month=_pension(100, now, months),
        expect=f"""
            level   | measure      | value
            {level} | {now - 100}  | 100
            {level} | {now - 100}  | {now}
            """,
    )


def test_a_month_older_than_three_years_is_not_compared_beside_a_younger_one() -> None:
    check(
        "headcount_change",
        workplace_month="""
            period_end | rank | months_ago | headcount
            2026-06-30 | 0    | 0          | 100
            2024-06-30 | 1    | 24         | 110
            2022-06-30 | 2    | 48         | 500
            """,
        expect="""
            level | measure  | value
            good  | -9.09091 | 110
            good  | -9.09091 | 100
            """,
    )


@pytest.mark.parametrize(("before", "now", "months"), [(100, None, 12), (0, 9, 12), (100, 50, 61)])
def test_pension_headcount_is_unknown_without_two_months(
    before: int | None, now: int | None, months: int
) -> None:
    check("headcount_change", workplace_month=_pension(before, now, months), expect="")


def _fallen(now: int, *moves: str, before: int = 100) -> dict[str, str]:
    """Pension members of a year ago and now; ``moves`` are months in which people perhaps moved to another company."""
    return {
        "workplace_month": _pension(before, now),
        "moved_month": "\n".join(("period_end | months_ago | moved | other_workplace | joiners", *moves)),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "level"),
    [
        (_fallen(60), "danger"),
        # A split: those who perhaps went to another company are taken to be there still; the fall is a reason to ask.
        (_fallen(60, "2026-03-31 | 3 | 40 | 가상새곳(주) | 41"), "watch"),
        (_fallen(60, "2026-03-31 | 3 | 11 | 가상새곳(주) | 11"), "watch"),
        # 30 others left: that is danger by itself.
        (_fallen(60, "2026-03-31 | 3 | 10 | 가상새곳(주) | 10"), "danger"),
        (_fallen(40, "2026-03-31 | 3 | 30 | 가상새곳(주) | 30"), "danger"),
        # In two months.
        (_fallen(60, "2026-03-31 | 3 | 6 | 가상새곳(주) | 6", "2026-06-30 | 0 | 5 | 가상이웃(주) | 5"), "watch"),
        # Before the months compared: no part of this fall.
        (_fallen(60, "2025-06-30 | 12 | 40 | 가상새곳(주) | 41"), "danger"),
        (_fallen(95, "2026-03-31 | 3 | 40 | 가상새곳(주) | 41"), "good"),
    ],
)  # fmt: skip
def test_people_who_perhaps_moved_to_another_company_are_no_danger(
    tables: dict[str, str], level: str
) -> None:
    assert {row["level"] for row in run("headcount_change", **tables)} == {level}


def test_a_split_does_not_hide_a_fall_that_came_after_it() -> None:
    rows = run(
        "headcount_change",
        workplace_month="""
            period_end | rank | months_ago | headcount
            2026-06-30 | 0    | 0          | 30
            2026-03-31 | 3    | 3          | 60
            2025-06-30 | 12   | 12         | 100
            """,
        moved_month=_fallen(30, "2026-03-31 | 3 | 40 | 가상새곳(주) | 41")["moved_month"],
    )
    assert {(row["level"], row["measure"]) for row in rows} == {("danger", -70)}


def test_where_people_perhaps_moved_is_told_with_its_own_row() -> None:
    tables = _fallen(60, "2026-06-30 | 0 | 40 | 가상새곳(주) | 41")
    check(
        "headcount_change",
        **tables,
        expect="""
            level | measure | concept       | value | text         | unit    | period_end | row_id
            watch | -40     | headcount     | 100   |              | persons | 2025-06-30 | 2
            watch | -40     | headcount     | 60    |              | persons | 2026-06-30 | 1
            watch | -40     | moved_people  | 40    |              | persons | 2026-06-30 | 3
            watch | -40     | moved_to      |       | 가상새곳(주) |         | 2026-06-30 | 3
            watch | -40     | moved_joiners | 41    |              | persons | 2026-06-30 | 3
            """,
    )
    rows = run("headcount_change", **tables)
    answer = Answer("headcount_change", "watch", rows[0]["measure"])
    answer.figures = [
        Cited(r["concept"], r["value"], r["text"], r["unit"], r["period_end"], "nps", "nps:2026-06", AS_OF)
        for r in rows
    ]  # fmt: skip
    asked = catalog.signals()[answer.signal]
    said = {
        (lang, key): fill(catalog.wording(lang)[answer.signal][key], answer, asked, {}, lang)
        for lang in ("ko", "en")
        for key in ("watch_with_moved_to", "clause_watch")
    }
    assert said == {
        ("ko", "watch_with_moved_to"): "국민연금 가입자가 100명(2025.06)에서 60명(2026.06)으로 줄었습니다(−40%). "
        "2026.06에 나간 사람 가운데 40명은 합병이나 분할로 다른 회사로 옮긴 사람일 수 있습니다. 같은 달에 같은 업종·지역의 가상새곳(주)에 41명이 새로 들어왔습니다.",
        ("ko", "clause_watch"): "국민연금 가입자 100명→60명(2025.06→2026.06)",
        ("en", "watch_with_moved_to"): "People insured in the national pension fell from 100 people (2025-06) to 60 people (2026-06): −40%. "
        "Of those who left in 2026-06, 40 people perhaps moved to another company, as in a merger or a split: in the same month 41 people joined 가상새곳(주), of the same trade and province.",
        ("en", "clause_watch"): "pension members 100 people to 60 people (2025-06 to 2026-06)",
    }  # fmt: skip


def test_one_pension_month_alone_says_nothing_of_change() -> None:
    check(
        "headcount_change",
        workplace_month="""
            rank | months_ago | headcount
            0    | 0          | 40
            """,
        expect="",
    )


def _months(headcount: int, joiners: int | str, leavers: int | str, months: int = 12) -> str:
    rows = (
        f"2025-{12 - ago:02}-28 | {ago} | {ago} | {headcount} | {joiners} | {leavers}"
        for ago in range(months)
    )
    return "\n".join(("period_end | rank | months_ago | headcount | joiners | leavers", *rows))


@pytest.mark.parametrize(
    ("headcount", "joiners", "leavers", "level", "rate"),
    [
        # under 300 people: 5.0 % a month; from 300 on 2.8 %
        (200, 5, 10, "watch", 5),
        (1000, 0, 28, "watch", 2.8),
        (1000, 0, 27, "good", 2.7),
        (300, 0, 9, "watch", 3),
        (299, 0, 9, "good", 3.01003),
        # as many joined: many leavers alone are no distress
        (200, 10, 10, "good", 5),
        (200, 9, 10, "watch", 5),
        (200, 0, 0, "good", 0),
    ],
)
def test_leaver_rate(headcount: int, joiners: int, leavers: int, level: str, rate: float) -> None:
    rows = run("leaver_rate", workplace_month=_months(headcount, joiners, leavers))
    assert {r["level"] for r in rows} == {level}
    assert {f"{r['measure']:.6g}" for r in rows} == {f"{rate:.6g}"}
    assert sorted(r["concept"] for r in rows) == sorted(["headcount", "joiners", "leavers"] * 12)


def test_leaver_rate_needs_half_a_year_and_both_counts() -> None:
    assert run("leaver_rate", workplace_month=_months(200, 0, 10, months=6))
    check("leaver_rate", workplace_month=_months(200, 0, 10, months=5), expect="")
    check("leaver_rate", workplace_month=_months(200, "", 10), expect="")
    check("leaver_rate", workplace_month=_months(200, 0, ""), expect="")
    check("leaver_rate", workplace_month=_months(0, 0, 0), expect="")

"""What stands behind a fall or a rate: a season, people who perhaps moved. The tables below are the specification."""

from __future__ import annotations

import pytest

from paycanary.signals import catalog
from paycanary.signals.engine import Answer, Cited
from paycanary.signals.sentences import fill
from tests.spec.harness import AS_OF, Row, check, run


def _counts(*counts: int | str) -> str:
    """Pension members month by month, the oldest first."""
    rows = []
    for ago, count in enumerate(reversed(counts)):
        years, months = divmod(6 - 1 - ago, 12)
        rows.append(f"{2026 + years}-{months + 1:02}-28 | {ago} | {count}")
    return "\n".join(("period_end | months_ago | headcount", *rows))


#: From the end of one season to the end of the third: 100 people, 200 in the four months of the season.
SEASONS = (*(100,) * 8, *(200,) * 4, *(100,) * 8, *(200,) * 4, 100)


def _told(row: Row) -> tuple[str, float, str]:
    return row["concept"], row["value"], f"{row['period_end']:%Y-%m}"


@pytest.mark.parametrize(
    ("counts", "level"),
    [
        (SEASONS, "good"),
        # One season alone is not known as one.
        (SEASONS[-13:], "danger"),
        # The newest month lies anywhere between two seasons.
        ((*SEASONS, 100, 100, 100), "good"),
        ((*SEASONS, *SEASONS[:7]), "good"),
        # In the season nobody has gone.
        (SEASONS[:-1], "good"),
        # A year before, half as far or more.
        ((*(100,) * 8, 133, 133, 133, 133, *(100,) * 8, *(200,) * 4, 100), "danger"),
        ((*(100,) * 8, 134, 134, 134, 134, *(100,) * 8, *(200,) * 4, 100), "good"),
        # A fifth of the people or more, and five: else it is coming and going.
        ((*(100,) * 8, *(126,) * 4, *(100,) * 8, *(152,) * 4, 100), "good"),
        ((*(100,) * 8, *(124,) * 4, *(100,) * 8, *(144,) * 4, 100), "watch"),
        ((*(10,) * 8, *(15,) * 4, *(10,) * 8, *(15,) * 4, 10), "good"),
        ((*(5,) * 8, *(9,) * 4, *(5,) * 8, *(9,) * 4, 5), "watch"),
        # Back at 80 percent of the people before.
        ((*(100,) * 8, *(250,) * 4, *(100,) * 8, *(200,) * 4, 100), "good"),
        ((*(100,) * 8, *(251,) * 4, *(100,) * 8, *(200,) * 4, 100), "danger"),
        # Nobody came in between: a fall that goes on, half a year and a year ago.
        ((*(400,) * 12, *(200,) * 6, *(180,) * 6, 90), "danger"),
        # Lost beside the season: the same month of the year before says so.
        ((*SEASONS[:-1], 91), "good"),
        ((*SEASONS[:-1], 90), "watch"),
        ((*SEASONS[:-1], 71), "watch"),
        ((*SEASONS[:-1], 70), "danger"),
        # The season did not come.
        ((*SEASONS, *SEASONS[:8]), "danger"),
        ((*SEASONS[:20], 100, 100, 100, 100), "danger"),
        # A month of the year before is not there.
        ((*SEASONS[:11], "", *SEASONS[12:]), "danger"),
    ],
)
def test_what_falls_in_the_same_months_every_year_is_the_season(
    counts: tuple[int | str, ...], level: str
) -> None:
    assert {row["level"] for row in run("headcount_change", workplace_month=_counts(*counts))} == {
        level
    }


def test_a_season_is_told_with_the_months_of_the_year_before() -> None:
    rows = run("headcount_change", workplace_month=_counts(*SEASONS))
    assert {row["measure"] for row in rows} == {0}
    assert [_told(row) for row in rows if row["concept"].startswith("season_")] == [
        ("season_peak", 200, "2026-05"),
        ("season_peak_before", 200, "2025-05"),
        ("season_low_before", 100, "2025-06"),
    ]
    by_row = {row["row_id"]: f"{row['period_end']:%Y-%m}" for row in rows if row["concept"] == "headcount"}  # fmt: skip
    assert by_row.keys() >= {1, 2, 13}
    answer = Answer("headcount_change", "good", 0)
    answer.figures = [
        Cited(r["concept"], r["value"], None, r["unit"], r["period_end"], "nps", "nps:2026-06", AS_OF)
        for r in rows
    ]  # fmt: skip
    asked = catalog.signals()[answer.signal]
    said = {lang: fill(catalog.wording(lang)[answer.signal]["good_with_season_peak"], answer, asked, {}, lang) for lang in ("ko", "en")}  # fmt: skip
    assert said == {
        "ko": "국민연금 가입자가 200명(2026.05)에서 100명(2026.06)으로 줄었으나, 한 해 앞 같은 기간에도 200명에서 100명으로 줄었다가 되돌아왔습니다. "
        "계절에 따른 변화로 봅니다. 2025.06과 견주면 0%입니다.",
        "en": "People insured in the national pension went from 200 people (2026-05) to 100 people (2026-06), and a year before between the same months "
        "from 200 people to 100 people: the season. Beside 2025-06: 0%.",
    }


def test_a_season_is_not_told_beside_a_fall() -> None:
    rows = run("headcount_change", workplace_month=_counts(*SEASONS[:-1], 70))
    assert {row["concept"] for row in rows} == {"headcount"}
    assert {row["measure"] for row in rows} == {-30}


# --- monthly leavers -----------------------------------------------------------------------------


def _left(*leavers: int) -> str:
    """A year of 200 members; of the last months these have left and nobody joined."""
    rows = []
    for ago in range(12):
        left = leavers[ago] if ago < len(leavers) else 0
        rows.append(f"2025-{12 - ago:02}-28 | {ago} | 200 | 0 | {left}")
    return "\n".join(("period_end | months_ago | headcount | joiners | leavers", *rows))


@pytest.mark.parametrize(
    ("leavers", "moved", "level"),
    [
        ((120,), 0, "watch"),
        # A split: those who perhaps went to another company are no rate.
        ((120,), 120, "good"),
        # The others reach it by themselves.
        ((180,), 60, "watch"),
        ((180,), 61, "good"),
        # Of another month than those who left.
        ((0, 120), 0, "watch"),
    ],
)
def test_people_who_perhaps_moved_are_no_leaver_rate(
    leavers: tuple[int, ...], moved: int, level: str
) -> None:
    rows = run(
        "leaver_rate",
        workplace_month=_left(*leavers),
        moved_month=f"""
            period_end | months_ago | moved   | other_workplace | joiners
            2025-12-28 | 0          | {moved} | 가상새곳(주)    | {moved}
            """,
    )
    assert {row["level"] for row in rows} == {level}
    assert {row["measure"] for row in rows} == {100 * sum(leavers) / 2400}
    told = [_told(row) for row in rows if row["concept"] == "moved_people"]
    assert told == ([("moved_people", moved, "2025-12")] if moved else [])


def test_a_rate_without_those_who_moved_is_judged_by_its_own_shrinking() -> None:
    """More left than joined only because some moved."""
    check(
        "leaver_rate",
        workplace_month="""
            period_end | months_ago | headcount | joiners | leavers
            2025-12-28 | 0          | 100       | 5       | 20
            2025-11-28 | 1          | 100       | 8       | 8
            2025-10-28 | 2          | 100       | 8       | 8
            2025-09-28 | 3          | 100       | 8       | 8
            2025-08-28 | 4          | 100       | 8       | 8
            2025-07-28 | 5          | 100       | 8       | 8
            """,
        moved_month="""
            period_end | months_ago | moved | other_workplace | joiners
            2025-12-28 | 0          | 15    | 가상새곳(주)    | 15
            """,
        expect="\n".join(
            (
                "level | measure | concept | value | period_end",
                *(f"good | 10 | headcount | 100 | 2025-{month:02}-28" for month in range(7, 13)),
                *(f"good | 10 | joiners | {8 if month < 12 else 5} | 2025-{month:02}-28" for month in range(7, 13)),
                *(f"good | 10 | leavers | {8 if month < 12 else 20} | 2025-{month:02}-28" for month in range(7, 13)),
                "good | 10 | moved_people | 15 | 2025-12-28",
            )
        ),
    )  # fmt: skip

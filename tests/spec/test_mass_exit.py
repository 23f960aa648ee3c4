"""People who left within one month, and what else may stand behind it. The tables below are the specification."""

from __future__ import annotations

import pytest

from tests.spec.harness import check, run


@pytest.mark.parametrize(
    ("headcount", "joiners", "leavers", "level", "share"),
    [
        # 30 % of the month before and 10 people: danger
        (70, 0, 30, "danger", 30),
        (701, 0, 299, "watch", 29.9),
        (22, 0, 10, "danger", 31.25),
        (21, 0, 9, "watch", 30),  # fewer than 10 people
        (4, 0, 2, "good", 33.3333),  # fewer than 3
        (7, 0, 3, "watch", 30),
        # as many as the law makes an employer report: watch
        (89, 0, 10, "watch", 10.101),
        (90, 0, 9, "good", 9.09091),
        (450, 0, 50, "watch", 10),
        (451, 0, 49, "good", 9.8),
        (4900, 0, 100, "watch", 2),
        (4901, 0, 99, "good", 1.98),
        # as many joined as left: no exit
        (100, 50, 50, "good", 50),
        (99, 49, 50, "danger", 50),
        (100, 0, 0, "good", 0),
    ],
)
def test_mass_exit(headcount: int, joiners: int, leavers: int, level: str, share: float) -> None:
    check(
        "mass_exit",
        workplace_month=f"""
            period_end | rank | months_ago | headcount   | joiners   | leavers
            2026-06-30 | 0    | 0          | {headcount} | {joiners} | {leavers}
            """,
        expect=f"""
            level   | measure | concept   | value       | unit    | period_end
            {level} | {share} | headcount | {headcount} | persons | 2026-06-30
            {level} | {share} | joiners   | {joiners}   | persons | 2026-06-30
            {level} | {share} | leavers   | {leavers}   | persons | 2026-06-30
            """,
    )


def test_mass_exit_speaks_of_the_gravest_month_of_a_year() -> None:
    rows = run(
        "mass_exit",
        workplace_month="""
            period_end | rank | months_ago | headcount | joiners | leavers
            2026-06-30 | 0    | 0          | 60        | 1       | 1
            2026-05-31 | 1    | 1          | 60        | 30      | 30
            2025-07-31 | 11   | 11         | 60        | 0       | 40
            2025-06-30 | 12   | 12         | 100       | 0       | 900
            """,
    )
    assert {(r["level"], str(r["period_end"])) for r in rows} == {("danger", "2025-07-31")}


@pytest.mark.parametrize(
    ("headcount", "joiners", "leavers"),
    [("60", "", "40"), ("60", "0", ""), ("", "0", "40"), ("0", "0", "0")],
)
def test_mass_exit_does_not_read_a_missing_count_as_none(
    headcount: str, joiners: str, leavers: str
) -> None:
    check(
        "mass_exit",
        workplace_month=f"""
            rank | months_ago | headcount   | joiners   | leavers
            0    | 0          | {headcount} | {joiners} | {leavers}
            """,
        expect="",
    )


def _exit(leavers: int = 40, left_by_withdrawal: int = 0, before: int = 100, earlier: str = "") -> str:  # fmt: skip
    """A month in which ``leavers`` of ``before`` left; ``earlier`` is the same month a year before."""
    return f"""
        period_end | rank | months_ago | headcount          | joiners | leavers   | left_by_withdrawal
        2026-06-30 | 0    | 0          | {before - leavers} | 0       | {leavers} | {left_by_withdrawal}
        {earlier}
        """


def _move(leavers: int, day: str = "2026-06-30") -> str:
    return f"""
        period_end | moved     | other_workplace | joiners
        {day}      | {leavers} | 가상이웃(주)    | {leavers + 1}
        """


@pytest.mark.parametrize(
    ("tables", "level"),
    [
        ({"workplace_month": _exit()}, "danger"),
        # All or enough of them left with a workplace that left the scheme: what is left over is no mass exit.
        ({"workplace_month": _exit(left_by_withdrawal=40)}, "watch"),
        ({"workplace_month": _exit(left_by_withdrawal=11)}, "watch"),
        ({"workplace_month": _exit(left_by_withdrawal=10)}, "danger"),
        # So many joined another company.
        ({"workplace_month": _exit(), "moved_month": _move(40)}, "watch"),
        ({"workplace_month": _exit(), "moved_month": _move(11)}, "watch"),
        ({"workplace_month": _exit(), "moved_month": _move(10)}, "danger"),
        ({"workplace_month": _exit(), "moved_month": _move(40, day="2026-05-31")}, "danger"),
        # A branch that left the scheme and a move are one and the same: they do not add up.
        ({"workplace_month": _exit(left_by_withdrawal=10), "moved_month": _move(10)}, "danger"),
        # The season: half the part or more a year before, and back at 80 % of the people.
        ({"workplace_month": _exit(earlier="2025-06-30 | 12 | 12 | 80 | 0 | 20 | 0")}, "good"),
        ({"workplace_month": _exit(earlier="2025-06-30 | 12 | 12 | 81 | 0 | 19 | 0")}, "danger"),
        ({"workplace_month": _exit(earlier="2025-06-30 | 12 | 12 | 75 | 0 | 50 | 0")}, "good"),
        ({"workplace_month": _exit(earlier="2025-06-30 | 12 | 12 | 76 | 0 | 50 | 0")}, "danger"),
        ({"workplace_month": _exit(earlier="2025-06-30 | 12 | 12 | 80 | 20 | 20 | 0")}, "danger"),
        ({"workplace_month": _exit(earlier="2025-07-31 | 11 | 11 | 80 | 0 | 20 | 0")}, "danger"),
    ],
)  # fmt: skip
def test_an_exit_that_something_else_explains_is_not_taken_for_one(
    tables: dict[str, str], level: str
) -> None:
    assert {(row["level"], row["measure"]) for row in run("mass_exit", **tables)} == {(level, 40)}


def test_what_explains_an_exit_is_shown_with_its_own_row() -> None:
    check(
        "mass_exit",
        workplace_month=_exit(
            left_by_withdrawal=15, earlier="2025-06-30 | 12 | 12 | 81 | 0 | 19 | 0"
        ),
        moved_month=_move(40),
        expect="""
            level | concept            | value | text         | unit    | period_end | row_id
            watch | headcount          | 60    |              | persons | 2026-06-30 | 1
            watch | joiners            | 0     |              | persons | 2026-06-30 | 1
            watch | leavers            | 40    |              | persons | 2026-06-30 | 1
            watch | left_by_withdrawal | 15    |              | persons | 2026-06-30 | 1
            watch | moved_joiners      | 41    |              | persons | 2026-06-30 | 3
            watch | moved_to           |       | 가상이웃(주) |         | 2026-06-30 | 3
            """,
    )
    rows = run("mass_exit", workplace_month=_exit(earlier="2025-06-30 | 12 | 12 | 80 | 0 | 20 | 0"))
    assert [(r["value"], str(r["period_end"]), r["row_id"]) for r in rows if r["concept"] == "season_leavers"] == [(20, "2025-06-30", 2)]  # fmt: skip


@pytest.mark.parametrize(
    ("headcount", "move", "level"),
    [
        (0, "", "danger"),
        # All of them, or more than half, joined another company when they left: a merger is no end.
        (0, _move(40), "watch"),
        (0, _move(21), "watch"),
        (0, _move(20), "danger"),
        (0, _move(40, day="2026-05-31"), "danger"),
        (60, _move(40), "good"),
    ],
)
def test_a_company_whose_people_moved_to_another_is_not_told_to_have_ended(
    headcount: int, move: str, level: str
) -> None:
    rows = run(
        "pension_report_age",
        scope="""
            company_id | pension_until
            a          | 2026-06-30
            """,
        workplace_month=f"""
            period_end | rank | months_ago | headcount   | joiners | leavers
            2026-06-30 | 0    | 0          | {headcount} | 0       | 40
            2026-05-31 | 1    | 1          | 40          | 0       | 0
            """,
        moved_month=move,
    )
    assert {(row["level"], row["measure"]) for row in rows} == {(level, 0)}
    shown = {"headcount", "moved_to", "moved_joiners"} if level == "watch" else {"headcount"}
    assert {row["concept"] for row in rows} == shown

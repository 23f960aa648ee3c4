"""Signals about people over a made country: planted cases are found, and what only looks like them is not accused."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("pyarrow")

from benchmarks.country.write import Wanted, write_country
from paycanary.lake.reader import open_reader
from paycanary.lake.refresh import refresh
from paycanary.signals import catalog
from paycanary.signals.custom import BUILT_IN
from paycanary.signals.engine import Engine

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

FIRST = date(2024, 1, 1)
#: Two years, so that a season has come twice.
MONTHS = 26
#: All months are public.
DAY = date(2026, 4, 15)
#: The newest month, and the earliest one that the signals about a month look at.
WINDOW = ("2025-03", "2026-02")


@pytest.fixture(scope="module")
def cases_of(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The lake of a made country, and its planted cases."""
    folder = tmp_path_factory.mktemp("signals")
    list(write_country(folder / "made", Wanted(5000, MONTHS, FIRST, 11, planted=3)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", "2000")
        refresh(folder / "lake", "nps", folder / "made")
    told = json.loads((folder / "made" / "planted.json").read_text("utf-8"))
    return folder / "lake", told


@pytest.fixture(scope="module")
def con(cases_of: tuple[Path, list[dict[str, Any]]]) -> duckdb.DuckDBPyConnection:
    """The lake with the inputs about everyone on `DAY`."""
    opened = open_reader(cases_of[0]).connect()
    Engine(opened).prepare(DAY)
    return opened


def levels(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    """Company -> level."""
    signal = catalog.signals()[name]
    values = {k: repr(v) for k, v in BUILT_IN.thresholds(signal, DAY).items()}
    assert signal.sql is not None
    rows = con.execute(f"SELECT DISTINCT company_id, level FROM ({catalog.filled(signal.sql, values)})").fetchall()  # fmt: skip
    assert len(rows) == len({company for company, _ in rows})
    return dict(rows)


def test_mass_exits_are_found_and_moves_and_seasons_are_not_accused(
    con: duckdb.DuckDBPyConnection, cases_of: tuple[Path, list[dict[str, Any]]]
) -> None:
    found = levels(con, "mass_exit")
    recent = [
        case for case in cases_of[1]
        if case["kind"] in {"seasonal", "healthy", "slow_bleed"} or WINDOW[0] <= case["month"] <= WINDOW[1]
    ]  # fmt: skip
    wanted = {
        "mass_exit": {"danger"}, "slow_bleed": {"good"}, "merger": {"watch"}, "company_split": {"watch"},
        "branch_split_off": {"watch"}, "branch_move": {"good"}, "seasonal": {"good"}, "healthy": {"good"},
    }  # fmt: skip
    for kind, right in wanted.items():
        asked = [case["company_id"] for case in recent if case["kind"] == kind]
        assert len(asked) >= 3
        assert {found[company] for company in asked} == right, kind


def test_moves_lead_to_the_counterpart(
    con: duckdb.DuckDBPyConnection, cases_of: tuple[Path, list[dict[str, Any]]]
) -> None:
    moved = {(c, f"{day:%Y-%m}"): other for c, day, other in con.execute("SELECT company_id, period_end, other_id FROM pension_moves").fetchall()}  # fmt: skip
    asked = right = 0
    for case in cases_of[1]:
        if case["kind"] in {"merger", "company_split", "branch_split_off"}:
            asked += 1
            right += moved.get((case["company_id"], case["month"])) == case["counterpart"]["company_id"]  # fmt: skip
        if case["kind"] == "mass_exit":
            assert (case["company_id"], case["month"]) not in moved
    assert asked >= 18
    assert right == asked


def test_one_company_and_everyone_are_answered_alike(
    con: duckdb.DuckDBPyConnection, cases_of: tuple[Path, list[dict[str, Any]]]
) -> None:
    everyone = levels(con, "mass_exit")
    own = open_reader(cases_of[0]).connect()
    engine = Engine(own)
    for kind in ("merger", "mass_exit", "seasonal"):
        company = next(c["company_id"] for c in cases_of[1] if c["kind"] == kind and c["month"] <= WINDOW[1])  # fmt: skip
        engine.prepare(DAY, company)
        assert levels(own, "mass_exit") == {k: v for k, v in everyone.items() if k == company}

"""A made country: read without loss in every era, the same again, its books in balance, its planted cases in the rows."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest

pytest.importorskip("pyarrow")

from benchmarks.country import layout, names
from benchmarks.country.dynamics import in_force, month_at
from benchmarks.country.planted import KINDS
from benchmarks.country.write import Wanted, write_country
from paycanary.filings.nps import create_names
from paycanary.lake.batches import refresh
from paycanary.sources import nps
from paycanary.sources.nps_parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Across the arrival of sole proprietors, a new ceiling and a new rate.
FIRST = date(2024, 10, 1)
MONTHS = 18


def made(folder: Path, wanted: Wanted) -> list[Path]:
    return list(write_country(folder, wanted))


def digests(paths: list[Path]) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country")
    made(folder, Wanted(3000, MONTHS, FIRST, 7, planted=2))
    return folder


@pytest.fixture(scope="module")
def rows(
    country: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Table ``rows`` of all months, figures as numbers; ``step`` counts months."""
    with duckdb.connect() as con:
        folder = tmp_path_factory.mktemp("utf8")
        for path in country.glob("*.csv"):
            (folder / path.name).write_bytes(path.read_bytes().decode("cp949").encode())
        columns = {
            "month": "VARCHAR", "name": "VARCHAR", "number": "VARCHAR", "status": "VARCHAR", **{f"c{i}": "VARCHAR" for i in range(8)},
            "form": "VARCHAR", **{f"d{i}": "VARCHAR" for i in range(4)}, "withdrawn": "VARCHAR", "heads": "INT", "billed": "BIGINT",
            "joiners": "INT", "leavers": "INT",
        }  # fmt: skip
        con.execute(
            "CREATE TABLE rows AS SELECT name, number, status, form, coalesce(withdrawn, '') AS withdrawn, heads, billed, joiners, leavers,"
            f" month, dense_rank() OVER (ORDER BY month) AS step FROM read_csv('{folder}/*.csv', header = false, skip = 1,"
            f" auto_detect = false, strict_mode = true, columns = {columns})"
        )
        yield con


def one(con: duckdb.DuckDBPyConnection, query: str, *values: object) -> Any:
    found = con.execute(query, list(values)).fetchone()
    assert found is not None
    return found[0] if len(found) == 1 else found


# --- the files -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "era"),
    [("2018-12", "vintage"), ("2019-01", "prose"), ("2021-12", "prose"), ("2022-04", "blanks"), ("2023-01", "clean"), ("2026-02", "clean")],
)  # fmt: skip
def test_every_era_is_read_without_loss(tmp_path: Path, first: str, era: str) -> None:
    month = date.fromisoformat(f"{first}-01")
    (path,) = made(tmp_path, Wanted(1000, 1, month, 3))
    assert layout.era_of(month).name == era
    text = path.read_bytes()
    assert text.endswith(layout.era_of(month).newline.encode())
    with duckdb.connect() as con, nps.reading(con, Part(path, None, path.name), tmp_path, "rows", "FROM raw_nps"):  # fmt: skip
        assert one(con, "SELECT count(*) FROM raw_nps_broken") == 0
        count, cells = one(con, "SELECT count(*), list(row(month, name, business_number, headcount, leavers)) FROM rows")  # fmt: skip
    lines = text.decode("cp949").splitlines()[1:]
    assert count == len(lines) >= 1000
    told = [line.split(",") for line in lines]
    assert all(len(row) == 22 for row in told)
    assert [tuple(cell) for cell in cells] == [(r[0], r[1], r[2], r[18], r[21]) for r in told]
    assert {row[0] for row in told} == {f"{month:%Y%m}" if era == "vintage" else first}
    assert {row[16] for row in told} & {"", "0001-01-01"} == {"0001-01-01" if era == "prose" else ""}  # fmt: skip


def test_same_seed_same_bytes_and_later_months_change_nothing(tmp_path: Path) -> None:
    wanted = Wanted(1000, 3, date(2025, 6, 1), 5)
    once = digests(made(tmp_path / "a", wanted))
    assert digests(made(tmp_path / "b", wanted)) == once
    assert digests(made(tmp_path / "c", Wanted(1000, 2, date(2025, 6, 1), 5))) == once[:2]
    assert digests(made(tmp_path / "d", Wanted(1000, 2, date(2025, 6, 1), 6))) != once[:2]


def test_corrected_months_and_late_titles(tmp_path: Path) -> None:
    first, second = date(2023, 1, 1), date(2023, 2, 1)
    wanted = Wanted(2000, 2, first, 5, corrected=frozenset([first]), late_titles=frozenset([second]))  # fmt: skip
    early, corrected, late = made(tmp_path / "a", wanted)
    plain = made(tmp_path / "b", Wanted(2000, 2, first, 5))
    assert digests([corrected, late]) == digests(plain)
    assert "_202303" in late.name
    assert b"\r\n2023-02," in late.read_bytes()
    before, after = (path.read_text("cp949").splitlines() for path in (early, corrected))
    changed = [(a.split(","), b.split(",")) for a, b in zip(before, after, strict=True) if a != b]
    assert 3 <= len(changed) <= 30
    for a, b in changed:
        assert a[:18] == b[:18]
        assert int(a[20]) == 0 < int(b[20]) == int(b[18]) - int(a[18])


def test_the_register_takes_it_without_a_rejected_row(tmp_path: Path) -> None:
    made(tmp_path / "made", Wanted(10_000, 3, date(2025, 6, 1), 1))
    summary = refresh(tmp_path / "lake", "nps", tmp_path / "made")
    files = [file for file in summary.files if file.read]
    assert [file.rejected for file in files] == [0, 0, 0]
    # A company that a planted split founds comes on top of the rows asked for.
    assert all(10_000 <= file.accepted <= 10_010 for file in files)
    assert files[0].skipped == 0 < files[1].skipped  # sole proprietors, since 2025-07


# --- the rows ------------------------------------------------------------------------------------


def test_books_balance(rows: duckdb.DuckDBPyConnection) -> None:
    assert one(rows, "SELECT count(*) - count(DISTINCT (month, number, name)) FROM rows") == 0
    pairs, wrong = one(
        rows,
        "SELECT count(*), count(*) FILTER (a.heads <> b.heads + a.joiners - a.leavers) FROM rows AS a"
        " JOIN rows AS b ON (a.number, a.name) = (b.number, b.name) AND a.step = b.step + 1",
    )
    assert (wrong, pairs > 40_000) == (0, True)
    assert one(rows, "SELECT count(*) FROM rows WHERE heads < 0 OR joiners < 0 OR leavers < 0") == 0


def test_bills_follow_rate_and_ceiling(rows: duckdb.DuckDBPyConnection) -> None:
    capped = 0
    for step in (1, 9, 15, 16, MONTHS):
        month = month_at(FIRST, step - 1)
        most = int(in_force("income_ceiling", month) * in_force("contribution_rate", month) / 10 + 1e-6) * 10  # fmt: skip
        found, highest = one(
            rows,
            "SELECT count(*) FILTER (billed % (heads * 10) = 0), max(billed / heads) FROM rows WHERE step = ? AND heads > 0",
            step,
        )
        assert found == one(rows, "SELECT count(*) FROM rows WHERE step = ? AND heads > 0", step)
        capped += highest == most
        assert highest <= most
    assert capped == 5
    assert one(rows, "SELECT count(*) FROM rows WHERE heads = 0 AND billed <> 0") == 0


def test_workplaces_begin_end_move_and_pause(rows: duckdb.DuckDBPyConnection) -> None:
    assert one(rows, "SELECT count(*) FROM rows WHERE (status = '2') <> (withdrawn <> '')") == 0
    ended = "SELECT number, name, step, withdrawn, heads, month FROM rows WHERE status = '2'"
    assert one(rows, f"SELECT count(*) FROM ({ended})") > 150
    assert one(rows, f"SELECT count(*) FROM ({ended}) WHERE heads > 0 OR left(withdrawn, 7) <> month") == 0  # fmt: skip
    assert one(rows, f"SELECT count(*) FROM ({ended}) AS e JOIN rows USING (number, name) WHERE rows.step > e.step") == 0  # fmt: skip
    assert one(rows, "SELECT count(*) FROM rows WHERE form = '2' AND (month < '2025-07' OR (heads < 10 AND status = '1'))") == 0  # fmt: skip
    assert one(rows, "SELECT count(*) FROM rows WHERE form = '2'") > 1000
    assert one(rows, "SELECT count(*) FROM rows WHERE name LIKE '%공사' AND name LIKE '%/일용/%'") > 1000  # fmt: skip
    paused = one(
        rows,
        "SELECT count(*) FROM (SELECT step - lag(step) OVER (PARTITION BY number, name ORDER BY step) AS gap FROM rows) WHERE gap > 1",
    )
    assert paused > 100
    renamed = "SELECT count(DISTINCT (number, name)) FROM rows WHERE name LIKE '%가상네오%'"
    assert one(rows, renamed) > 5


def test_everything_says_that_it_is_made(rows: duckdb.DuckDBPyConnection, country: Path) -> None:
    unmarked = "SELECT count(*) FROM rows WHERE NOT regexp_matches(name, '^(\\([주유]\\)|주식회사 )?가상')"  # fmt: skip
    assert one(rows, unmarked) == 0
    assert one(rows, "SELECT min(left(number, 3)), max(left(number, 3)) FROM rows WHERE len(number) = 6") == ("001", "099")  # fmt: skip
    assert {int(n) for (n,) in rows.execute("SELECT DISTINCT len(number) FROM rows").fetchall()} == {6}  # fmt: skip
    note = (country / "MADE-DATA.txt").read_text("utf-8")
    assert "만들어 낸 자료" in note
    assert "is made (MADE DATA)" in note


def test_units_belong_to_their_company() -> None:
    """Every trade and form of a name: a branch or site is cut off, and nothing of the company is."""
    serials = np.arange(2000)
    plain, _ = names.company_labels(serials, 1)
    with duckdb.connect() as con:
        create_names(con)
        for site in (False, True):
            units = names.branch_labels(plain, serials, site=site)
            texts = [[part.as_py().decode("cp949") for part in column] for column in (plain, units)]
            wrong = con.execute(
                "SELECT company, unit FROM (SELECT unnest($plain) AS company, unnest($units) AS unit)"
                " WHERE workplace_company(unit) <> company OR workplace_company(company) <> company OR workplace_is_site(unit) <> $site",
                {"plain": texts[0], "units": texts[1], "site": site},
            ).fetchall()
            assert wrong == []


# --- planted cases -------------------------------------------------------------------------------


def test_planted_cases_are_in_the_rows(rows: duckdb.DuckDBPyConnection, country: Path) -> None:
    cases = json.loads((country / "planted.json").read_text("utf-8"))
    assert {case["kind"] for case in cases} == set(KINDS)
    for case in cases:
        _check_row(rows, case, case["month"])
        if other := case.get("counterpart"):
            _check_row(rows, other, case["month"])
        _check_kind(rows, case)


def _check_row(rows: duckdb.DuckDBPyConnection, told: dict[str, Any], month: str) -> None:
    found = rows.execute(
        "SELECT joiners, leavers, heads FROM rows WHERE name = ? AND number = ? AND month = ?",
        [told["workplace"], told["business_number"], month],
    ).fetchall()
    assert found == [(told["joiners"], told["leavers"], told["headcount"])]


def _check_kind(rows: duckdb.DuckDBPyConnection, case: dict[str, Any]) -> None:
    before, left, other = case["headcount_before"], case["leavers"], case.get("counterpart")
    if case["kind"] == "mass_exit":
        assert left >= max(10, 0.3 * before)
        return
    series = rows.execute(
        "SELECT month, heads, joiners, leavers FROM rows WHERE name = ? AND number = ? ORDER BY month",
        [case["workplace"], case["business_number"]],
    ).fetchall()
    if case["kind"] == "slow_bleed":
        shares = [leavers / (heads + leavers) for month, heads, joiners, leavers in series if case["month"] <= month <= case["until"]]  # fmt: skip
        assert len(shares) >= 12
        assert all(0.02 <= share <= 0.04 for share in shares)
    elif case["kind"] == "seasonal":
        risen = {int(month[5:]) for month, _, joiners, _ in series[1:] if joiners}
        assert risen == {case["season"]["first_month"]}
    elif case["kind"] == "healthy":
        assert all(leavers < 0.3 * (heads - joiners + leavers) for _, heads, joiners, leavers in series)  # fmt: skip
    else:
        assert other is not None
        assert 0 <= other["joiners"] - left <= 3
        assert (other["headcount_before"] == 0) == (case["kind"] in {"company_split", "branch_split_off"})  # fmt: skip
        assert (case["headcount"] == 0) == (case["kind"] in {"merger", "branch_split_off"})
        assert (case["company_id"] == other["company_id"]) == (case["kind"] == "branch_move")


def test_company_ids_are_those_of_the_store(country: Path, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    newest = max(country.glob("*.csv"))
    (tmp_path / "one" / newest.name).symlink_to(newest)
    refresh(tmp_path / "lake", "nps", tmp_path / "one")
    cases = json.loads((country / "planted.json").read_text("utf-8"))
    asked = {case["company_id"] for case in cases if case["kind"] in {"healthy", "seasonal", "slow_bleed"}}  # fmt: skip
    with duckdb.connect() as con:
        stored = {i for (i,) in con.execute(f"SELECT DISTINCT company_id FROM read_parquet('{tmp_path}/lake/**/*.parquet', union_by_name = true)").fetchall()}  # fmt: skip
    assert asked
    assert asked <= stored

"""Months summed over a company's workplaces: once when they come in, and the same as summed when asked."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from nps_files import month_text, workplace

from paycanary.lake import company_months
from paycanary.lake.batches import refresh
from paycanary.lake.reader import open_reader
from paycanary.signals.engine import Engine

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

DAY = date(2027, 1, 1)
MONTHS = ("2025-10", "2025-11", "2025-12")
#: What everyone is judged by, as far as it rests on pension months.
INPUTS = ("scope", "peer_standing")
#: A mean is summed in another order.
ROUNDED = "SELECT * REPLACE (round(income_per_head, 3) AS income_per_head) FROM workplace_month ORDER BY ALL"


@pytest.fixture(autouse=True)
def _small_country(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", "30")


def entries(month: str, more: int = 0) -> list[dict[str, str]]:
    """Forty corporations; of the first one branches and sites, one branch silent of its leavers, one gone; another that is a site alone."""
    number = int(month[-2:])
    made = [
        workplace(f"가상{'가나다라마바사아자차'[i % 10]}{i}산업(주)", f"{100000 + i}", heads=20 + i + number + more * (i % 3 == 0), joined=1, left=number % 3)
        for i in range(40)
    ]  # fmt: skip
    made.append(
        workplace("가상가0산업(주)부산공장", "100000", heads=7, joined=2, left=1, province="26")
    )
    made.append(
        workplace("가상가0산업(주)서울지점", "100000", heads=90, joined=0, left=0, status="2")
    )
    made.append(
        workplace(
            "가상가0산업(주)/일용/가상아파트 신축공사", "100000", heads=400, joined=50, left=9
        )
    )
    made.append(workplace("가상나1산업(주)안산공장", "100001", heads=5, joined="", left=""))
    made.append(
        workplace("가상현장(주)/일용/가상도로 확장공사", "100077", heads=30, joined=1, left=2)
    )
    return made


def take(root: Path, folder: Path, month: str, rows: list[dict[str, str]] | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{month}.csv").write_bytes(
        month_text(month, entries=rows or entries(month)).encode("cp949")
    )
    refresh(root, "nps", folder / f"{month}.csv")


def files(root: Path) -> set[str]:
    state = open_reader(root).snapshot.tables.get("company_months")
    return set(state.files) if state else set()


#: Written down once more, from the words of the data dictionary.
SUMS = """
SELECT company_id, period_end, filing_id, count(*) FILTER (NOT is_site) AS workplaces, sum(headcount) FILTER (NOT is_site) AS headcount,
    CASE WHEN count(*) FILTER (NOT is_site) = count(joiners) FILTER (NOT is_site) THEN sum(joiners) FILTER (NOT is_site) END AS joiners,
    CASE WHEN count(*) FILTER (NOT is_site) = count(leavers) FILTER (NOT is_site) THEN sum(leavers) FILTER (NOT is_site) END AS leavers,
    sum(leavers) FILTER (NOT is_site AND status = 'withdrawn') AS withdrawn, sum(billed) FILTER (NOT is_site) AS billed,
    round(sum(income_per_head * headcount) FILTER (NOT is_site) / sum(headcount) FILTER (NOT is_site AND income_per_head IS NOT NULL), 3) AS income,
    max(industry) AS industry, max_by(region, headcount) FILTER (NOT is_site) AS region, count(*) > 0 AS there
FROM workplace_months GROUP BY ALL
"""
KEPT = """
SELECT company_id, period_end, filing_id, workplaces, headcount, joiners, leavers, nullif(left_by_withdrawal, 0), billed, round(income_per_head, 3),
    industry, region, true
FROM company_months
"""


def test_a_month_is_summed_when_it_comes_in_and_never_again(tmp_path: Path) -> None:
    root, before = tmp_path / "lake", set[str]()
    for month in MONTHS:
        take(root, tmp_path, month)
        assert before < files(root)
        assert len(files(root) - before) == 1
        before = files(root)
    con = open_reader(root).connect()
    kept = con.execute(f"{KEPT} ORDER BY ALL").fetchall()
    wanted = con.execute(
        f"SELECT * REPLACE (nullif(withdrawn, 0) AS withdrawn) FROM ({SUMS}) ORDER BY ALL"
    ).fetchall()
    assert kept == wanted
    assert len(kept) == 3 * 41
    several = con.execute(
        "SELECT workplaces, headcount, joiners, leavers, left_by_withdrawal, largest FROM company_months WHERE workplaces > 2 ORDER BY period_end"
    ).fetchall()
    assert several == [(3, 127, 3, 2, 0, 90), (3, 128, 3, 3, 0, 90), (3, 129, 3, 1, 0, 90)]
    assert con.execute("SELECT joiners, leavers FROM company_months WHERE workplaces = 2").fetchall() == [(None, None)] * 3  # fmt: skip
    # The same month once more is no new one; a correction is summed beside it.
    take(root, tmp_path, MONTHS[0])
    assert files(root) == before
    take(root, tmp_path / "new", MONTHS[0], entries(MONTHS[0], 5))
    assert len(files(root) - before) == 1


def judged(con: duckdb.DuckDBPyConnection, day: date = DAY) -> dict[str, list[tuple[Any, ...]]]:
    """What everyone is judged by, and their levels."""
    engine = Engine(con)
    engine.prepare(day)
    made = {name: con.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in INPUTS}
    made["workplace_month"] = con.execute(ROUNDED).fetchall()
    engine.judge(day)
    made["levels"] = con.execute("SELECT e.id, signal, level FROM levels JOIN everyone e USING (company_id) ORDER BY ALL").fetchall()  # fmt: skip
    return made


def test_sums_change_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paycanary.lake.pension_readings._PICKED", 1)
    root = tmp_path / "lake"
    for month in MONTHS:
        take(root, tmp_path, month)
    take(root, tmp_path / "new", MONTHS[1], entries(MONTHS[1], 5))
    # An extract: some workplaces of a month that is there as a whole, and of one that is not.
    for month in (MONTHS[2], "2026-01"):
        take(root, tmp_path / "few", month, entries(month, 3)[:12])
    for day in (DAY, date(2026, 1, 15), date(2025, 12, 15)):
        with_sums = judged(open_reader(root).connect(), day)
        assert with_sums["levels"]
        for left in ("false", "month < '2025-11'"):
            con = open_reader(root).connect()
            con.execute(f"CREATE TABLE fewer AS FROM company_months WHERE {left}")
            con.execute("CREATE OR REPLACE VIEW company_months AS FROM fewer")
            assert judged(con, day) == with_sums
    one = open_reader(root).connect()
    ((company,),) = one.execute("SELECT canonical_id FROM links WHERE company_id IN (SELECT company_id FROM company_months WHERE workplaces = 3) LIMIT 1").fetchall()  # fmt: skip
    everyone = judged(open_reader(root).connect())["workplace_month"]
    Engine(one).prepare(DAY, company)
    assert one.execute(ROUNDED).fetchall() == [row for row in everyone if row[0] == company]


def test_an_extract_beside_a_whole_month_costs_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Companies of the extract are gone through by themselves, never all workplaces of its month with each of them: 18 million pairs here, a gigabyte."""
    monkeypatch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", "5000")
    monkeypatch.setattr("paycanary.lake.pension_readings._PICKED", 1)
    root, rows = tmp_path / "lake", [workplace(f"가상{i}산업(주)", f"{100000 + i}", heads=20, joined=1, left=1) for i in range(6000)]  # fmt: skip
    for month in MONTHS[:2]:
        take(root, tmp_path, month, rows)
    time.sleep(1)  # moments are whole seconds
    take(root, tmp_path / "few", MONTHS[1], rows[:3000])
    con = open_reader(root).connect()
    con.execute("SET memory_limit = '200MB'; SET max_temp_directory_size = '0MB'")
    Engine(con).prepare(DAY, is_lean=True)
    assert con.execute("SELECT count(*), sum(headcount) FROM workplace_month").fetchall() == [(12_000, 240_000)]  # fmt: skip


def test_months_of_before_are_summed_by_the_next_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "lake"
    with monkeypatch.context() as patch:
        patch.setattr(company_months, "build", lambda *_: None)
        for month in MONTHS[:2]:
            take(root, tmp_path, month)
    assert files(root) == set()
    before = judged(open_reader(root).connect())
    take(root, tmp_path, MONTHS[0])
    assert len(files(root)) == 2
    assert judged(open_reader(root).connect()) == before

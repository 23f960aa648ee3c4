"""``screen --findings``: a row a company and signal, the same as each verdict tells."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest

from paycanary.lake.reader import open_sample
from paycanary.signals import catalog, findings
from paycanary.signals.custom import BUILT_IN, Criteria
from paycanary.verdict import Session
from tests.command import Run, one_line

if TYPE_CHECKING:
    from pathlib import Path

DAYS = [date(2023, 6, 30), date(2026, 6, 30)]


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("is_asked", [False, True], ids=["judged", "asked before"])
def test_findings_are_those_of_the_verdicts(day: date, *, is_asked: bool) -> None:
    session = Session(open_sample())
    if is_asked:
        session.engine.ask(day, None)
    session.rank(day, is_full=True)
    names = {row["id"]: row["name"] for row in session.screened()}
    order = list(names)
    findings.find(session.con, BUILT_IN)
    found = session.con.execute(findings.select()).fetchall()
    assert [(row[0], row[2]) for row in found] == [(i, s) for i in order for s in catalog.signals()]
    reasons = set()
    for company, verdict in Session(open_sample()).verdicts(order, day, "en").items():
        told = {f.signal: (f.level, f.measure, None) for f in verdict.findings}
        told |= {u.what: ("unknown", None, u.reason) for u in verdict.unknown}
        rows = [row for row in found if row[0] == company]
        assert {row[1] for row in rows} == {names[company]}
        # An unknown may have a measure that was not good enough; a verdict does not show it.
        ours = {
            s: (level, None if level == "unknown" else measure, reason)
            for _, _, s, level, measure, reason in rows
        }
        assert ours == told, company
        reasons |= {reason for _, _, reason in ours.values()}
    assert len(reasons) > 4
    session.con.close()


def test_a_signal_that_is_off_has_no_row_and_the_worst_come_first() -> None:
    own = Criteria(off=frozenset({"debt_ratio"}))
    session = Session(open_sample())
    session.rank(DAYS[1], own, is_full=True)
    findings.find(session.con, own, 3)
    found = session.con.execute(findings.select()).fetchall()
    assert len(found) == 3 * (len(catalog.signals()) - 1)
    assert "debt_ratio" not in {row[2] for row in found}
    assert list(dict.fromkeys(row[0] for row in found)) == [row["id"] for row in session.screened(own, 3)]  # fmt: skip
    session.con.close()


def test_csv_and_parquet_hold_the_same_findings(sample: Run, tmp_path: Path) -> None:
    asked = ("screen", "--findings", "--as-of", "2026-06-30", "--limit", 5)
    path = tmp_path / "findings.parquet"
    assert sample.ok(*asked, "--format", "parquet", "-o", path) == ""
    rows = list(csv.DictReader(io.StringIO(sample.ok(*asked, "--format", "csv"))))
    assert len(rows) == 5 * len(catalog.signals())
    with duckdb.connect() as con:
        told = con.execute("SELECT * FROM read_parquet(?)", [str(path)])
        columns = [c[0] for c in told.description or ()]
        read = [dict(zip(columns, row, strict=True)) for row in told.fetchall()]
    assert columns == list(findings.COLUMNS)
    assert rows == [{k: "" if v is None else str(v) for k, v in row.items()} for row in read]


def test_a_table_of_findings_is_refused(sample: Run) -> None:
    assert "--format csv" in one_line(sample("screen", "--findings", "--lang", "en"), 2)
    assert "--format csv" in one_line(sample("screen", "--findings", "--lang", "ko"), 2)

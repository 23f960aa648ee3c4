"""The screen and its formats, own criteria, and that every door gives the same answer."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pexpect
import pytest

from paycanary.lake.reader import open_sample
from paycanary.signals import catalog
from paycanary.signals.custom import BUILT_IN
from paycanary.verdict import Session, weigh
from tests.command import PAYCANARY, Run, one_line

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = "삼부토건"
NAMES: Final = ("카카오", "HMM", "한화오션")
ORDER: Final = ("danger", "watch", "good", "unknown")


@pytest.fixture(scope="module")
def screened(sample: Run) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sample.json("screen")["rows"]
    return rows


def test_the_screen_is_worst_first(screened: list[dict[str, Any]]) -> None:
    ranks = [ORDER.index(row["level"]) for row in screened]
    assert ranks == sorted(ranks)
    assert len({*ranks}) >= 3
    assert len(screened) > 30
    assert NAME in [row["name"] for row in screened if row["level"] == "danger"]
    for row in screened:
        assert (row["probability"] is None) == (row["base_rate"] is None)
        assert set(row["signals"].values()) <= set(ORDER)


def test_csv_and_parquet_hold_the_same(sample: Run, tmp_path: Path) -> None:
    # A day up to which the sample's reports are stored, so that there are forecasts.
    day = ("--as-of", "2026-06-30")
    screened = sample.json("screen", *day)["rows"]
    assert any(row["probability"] for row in screened)
    rows = list(csv.DictReader(io.StringIO(sample.ok("screen", *day, "--format", "csv"))))
    signals = list(screened[0]["signals"])
    assert len(signals) > 20
    assert {
        "corp_code",
        "stock_code",
        "name",
        "level",
        "probability",
        "base_rate",
        *signals,
    } <= set(rows[0])
    assert len(rows) == len(screened)
    for row, expected in zip(rows, screened, strict=True):
        for key in ("corp_code", "stock_code", "name", "level"):
            assert row[key] == (expected[key] or "")
        for number in ("probability", "base_rate"):
            assert row[number] == ("" if expected[number] is None else str(expected[number]))
        assert {s: row[s] for s in signals} == expected["signals"]

    path = tmp_path / "screen.parquet"
    result = subprocess.run(
        sample.command("screen", *day, "--format", "parquet"), env=sample.environment(), capture_output=True, check=True
    )  # fmt: skip
    path.write_bytes(result.stdout)
    with duckdb.connect() as con:
        found = con.execute("SELECT * FROM read_parquet(?)", [str(path)])
        columns = [column[0] for column in found.description or []]
        read = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        types = dict(
            con.execute("SELECT name, type FROM parquet_schema(?)", [str(path)]).fetchall()
        )
    assert columns == list(rows[0])
    assert types["probability"] == types["base_rate"] == "DOUBLE"
    assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in read] == rows


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_the_screen_goes_into_a_file(sample: Run, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"screen.{form}"
    assert sample.ok("screen", "--format", form, "--output", path, "--limit", 5) == ""
    with duckdb.connect() as con:
        reader = {"csv": "read_csv", "json": "read_json", "parquet": "read_parquet"}[form]
        what = "len(rows)" if form == "json" else "count(*)"
        assert con.execute(f"SELECT {what} FROM {reader}(?)", [str(path)]).fetchall() == [(5,)]


def test_an_output_file_needs_a_format_that_has_files(sample: Run, tmp_path: Path) -> None:
    path = tmp_path / "screen.txt"
    line = one_line(sample("screen", "--output", path, "--lang", "en"), 2)
    assert "--format csv" in line
    assert not path.exists()


def test_parquet_is_not_thrown_at_a_terminal(sample: Run) -> None:
    talk = pexpect.spawn(
        PAYCANARY[0],
        [*PAYCANARY[1:], "screen", "--format", "parquet", "--lang", "en"],
        env=sample.environment(),
        encoding="utf-8",
        timeout=60,
    )
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.exitstatus == 2
    assert "--output" in talk.before
    assert "PAR1" not in talk.before


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_day_before_everything_is_told(sample: Run, lang: str) -> None:
    """Nothing at danger on a day of which nothing is stored is no word about anybody; documents stay as they are."""
    with open_sample().connect() as con:
        ((first,),) = con.execute("SELECT min(published_on) FROM (SELECT published_on FROM filings UNION ALL SELECT published_on FROM facts)").fetchall()  # fmt: skip
    early = (first - timedelta(days=1)).isoformat()
    for more in ((), ("--json",), ("--format", "csv"), ("--industry", "소프트웨어")):
        told = sample("screen", "--as-of", early, *more, "--lang", lang)
        assert told.returncode == 0
        (line,) = told.stderr.splitlines()
        assert line.startswith("paycanary: ")
        assert early in line
        assert str(first) in line
        if more == ("--json",):
            levels = {row["level"] for row in json.loads(told.stdout)["rows"]}
            assert levels <= {"unknown"}
    # From the first day on there is something, whatever it says.
    assert sample("screen", "--as-of", first.isoformat(), "--lang", lang).stderr == ""


def test_the_screen_by_industry(sample: Run, screened: list[dict[str, Any]]) -> None:
    rows = sample.json("screen", "--industry", "소프트웨어")["rows"]
    assert rows
    assert all("소프트웨어" in row["industry"] for row in rows)
    assert [r for r in screened if r in rows] == rows
    assert len(rows) < len(screened)


def test_own_criteria_change_the_outcome(
    sample: Run, screened: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "strict.yaml"
    path.write_text(
        "signals:\n"
        "  net_loss_streak:\n    thresholds: {danger_years: 1}\n    veto: true\n"
        "  debt_ratio: {off: true}\n"
        "verdict:\n  danger_weight: 1\n",
        encoding="utf-8",
    )
    strict = sample.json("screen", "--criteria", path)["rows"]
    assert [row["level"] for row in strict].count("danger") > [row["level"] for row in screened].count("danger")  # fmt: skip
    assert all("debt_ratio" not in row["signals"] for row in strict)
    losing = [row for row in strict if row["signals"]["net_loss_streak"] == "danger"]
    assert len(losing) > sum(r["signals"]["net_loss_streak"] == "danger" for r in screened)
    assert {row["level"] for row in losing} == {"danger"}
    verdict = sample.json("check", losing[0]["stock_code"], "--criteria", path)
    assert verdict["level"] == "danger"
    finding = next(f for f in verdict["findings"] if f["signal"] == "net_loss_streak")
    assert finding["veto"] is True
    changed = next(t for t in finding["thresholds"] if t["name"] == "danger_years")
    assert (changed["value"], changed["who"]) == (1, "user")
    assert "debt_ratio" not in [f["signal"] for f in verdict["findings"]]
    assert "debt_ratio" not in [u["what"] for u in verdict["unknown"]]


def test_criteria_that_change_nothing(sample: Run, tmp_path: Path) -> None:
    plain = sample.ok("check", NAME, "--json")
    for text in ("", "# nothing yet\n", "name: mine\nsignals: {}\n"):
        path = tmp_path / "none.yaml"
        path.write_text(text, encoding="utf-8")
        assert sample.ok("check", NAME, "--json", "--criteria", path) == plain


# --- the answers agree ---------------------------------------------------------------------------


def test_a_comparison_is_its_verdicts(sample: Run) -> None:
    comparison = sample.json("compare", *NAMES, "--as-of", "2024-12-31")
    assert [v["company"]["name"] for v in comparison["verdicts"]] == list(NAMES)
    for name, verdict in zip(NAMES, comparison["verdicts"], strict=True):
        assert verdict == sample.json("check", name, "--as-of", "2024-12-31")
    shown = sample.ok("compare", *NAMES, "--lang", "ko")
    assert all(name in shown for name in NAMES)


def test_the_screen_agrees_with_each_verdict(sample: Run, screened: list[dict[str, Any]]) -> None:
    for row in screened[:3] + screened[-3:]:
        if not row["stock_code"]:
            continue
        verdict = sample.json("check", row["stock_code"])
        assert verdict["level"] == row["level"], row["name"]
        told = verdict["forecast"] or {"probability": None, "base_rate": None}
        assert {key: row[key] for key in ("probability", "base_rate")} == {key: told[key] for key in ("probability", "base_rate")}  # fmt: skip
        levels = {f["signal"]: f["level"] for f in verdict["findings"]}
        known = {s: level for s, level in row["signals"].items() if level != "unknown"}
        assert levels == known, row["name"]


@pytest.mark.parametrize(
    "day", ["2022-12-31", "20221231", "2022.12.31", "2022/12/31", " 2022-12-31 "]
)
def test_a_day_may_be_written_in_several_ways(sample: Run, day: str) -> None:
    assert sample.json("check", NAME, "--as-of", day)["as_of"] == "2022-12-31"


def test_every_threshold_names_its_source(sample: Run) -> None:
    criteria = sample.json("criteria")["criteria"]
    assert len(criteria) > 40
    for entry in criteria:
        assert entry["who"]
        assert entry["url"] or entry["note"], entry
    shown = sample.ok("criteria", "--lang", "ko")
    assert all(entry["threshold"] in shown for entry in criteria)
    years = [line.split() for line in shown.splitlines() if "unread_from_year" in line]
    assert [("2024" in year) for year in years] == [True, True]


def test_the_market_is_ranked_as_each_verdict_weighs() -> None:
    """SQL over everyone and Python over one company come to the same levels, also by weights that no binary fraction is."""
    session = Session(open_sample())
    day = date(2026, 6, 30)
    weights = {name: 0.1 * (1 + i % 7) for i, name in enumerate(catalog.signals())}
    own = replace(BUILT_IN, weights=weights, vetoes={"going_concern": True, "net_loss_streak": False}, verdict={"danger_weight": 0.8, "watch_weight": 0.3, "known_weight": 1.1})  # fmt: skip
    for criteria in (BUILT_IN, own):
        rows = session.screen(day, criteria)
        whole = criteria.whole(day)
        assert len({row["level"] for row in rows}) >= 3
        for row in rows:
            known = [(row[n], criteria.weight(s), criteria.veto(s)) for n, s in catalog.signals().items() if row[n] != "unknown"]  # fmt: skip
            assert row["level"] == weigh(known, whole), row["id"]


def test_levels_alone_are_those_of_full_answers() -> None:
    """Without figures, with numbers for ids and headcounts left in their files: the same screen as of what was asked in full."""
    day = date(2026, 6, 30)
    asked = Session(open_sample())
    asked.engine.ask(day, None)
    alone = Session(open_sample())
    rows = alone.screen(day)
    assert rows == asked.screen(day)
    assert any(row["probability"] for row in rows)
    # The same session answers in full afterwards.
    company = rows[0]["id"]
    assert alone.verdict(company, day) == asked.verdict(company, day)
    assert alone.screen(day) == rows

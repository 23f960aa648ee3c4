"""Training by one command, the same bytes for the same rows; the card and the drift that go with it."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest

from paycanary.errors import UsageError
from paycanary.forecast import card as cards
from paycanary.forecast import drift, train
from paycanary.forecast.dataset import build
from paycanary.forecast.features import features
from paycanary.forecast.scorecard import Scorecard, scorecard
from paycanary.lake.reader import open_sample
from paycanary.progress import SILENT
from tests.drawn import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.command import Run

DAYS = [f"{year}-{end}" for year in range(2020, 2026) for end in ("06-30", "12-31")]
COMPANIES = 90
#: Of the exchange's companies these are listed, and these were delisted for distress.
LISTED, GONE = 100, 6


@pytest.fixture(scope="module")
def lake() -> Iterator[Lake]:
    """The exchange's lists: more companies than the data set holds, and more of the delisted."""
    with duckdb.connect() as con:
        made = Lake(con)
        made.add(
            companies="company_id | name | market | listed_on | source | published\n"
            + "\n".join(f"dart:{n} | 회사{n} | KOSDAQ | {'2010-01-01' if n < LISTED else ''} | krx | 2010-01-01" for n in range(LISTED + GONE)),
            notices="company_id | kind | category | event_on | source | published\n"
            + "\n".join(f"dart:{LISTED + n} | delisting | distress | 2023-0{n + 1}-01 | krx | 2023-0{n + 1}-01" for n in range(GONE)),
        )  # fmt: skip
        made.link()
        yield made


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of companies of which those with losses fail more often; two of the delisted ones are in it."""
    path = tmp_path_factory.mktemp("train") / "d.parquet"
    rng = np.random.default_rng(1)
    names = [*range(COMPANIES), LISTED, LISTED + 1]
    columns = ", ".join(f"{name} DOUBLE" for name in features())
    con = duckdb.connect()
    con.execute(f"CREATE TABLE d (company_id VARCHAR, as_of DATE, failed_on DATE, failed_by VARCHAR, failed_12m BOOLEAN, failed_24m BOOLEAN, {columns})")  # fmt: skip
    for day in DAYS:
        for name in names:
            losses = int(rng.integers(0, 4))
            fails = bool(rng.random() < 0.02 + 0.2 * (losses == 3))
            known = fails if day < "2025-06-01" else None
            failed_on = f"{int(day[:4]) + 1}-03-20" if fails else None
            con.execute("INSERT INTO d (company_id, as_of, failed_on, failed_12m, net_losses_3y, headcount) VALUES (?, ?, ?, ?, ?, ?)", [f"dart:{name}", day, failed_on, known, losses, float(rng.integers(5, 500))])  # fmt: skip
    con.execute(f"COPY d TO '{path}' (FORMAT parquet)")
    return path


@pytest.fixture(scope="module")
def text(lake: Lake, table: Path) -> str:
    return train.train(lake.con, table, SILENT, draws=20)


def test_the_same_rows_give_the_same_bytes(lake: Lake, table: Path, text: str) -> None:
    assert train.train(lake.con, table, SILENT, draws=20) == text
    other = table.with_name("other.parquet")
    duckdb.execute(f"COPY (SELECT * REPLACE (CASE WHEN company_id = 'dart:1' THEN headcount + 1 ELSE headcount END AS headcount) FROM '{table}') TO '{other}' (FORMAT parquet)")  # fmt: skip
    changed = train.train(lake.con, other, SILENT, draws=20)
    was, now = (json.loads(t) for t in (text, changed))
    assert was["trained"]["data_sha256"] != now["trained"]["data_sha256"]
    assert was["version"] != now["version"]


def test_the_level_is_anchored_to_the_exchanges_counts(table: Path, text: str) -> None:
    base = json.loads(text)["base_rate"]
    assert (base["delisted"], base["delisted_held"]) == (GONE, 2)
    assert (base["listed"], base["listed_held"]) == (LISTED, COMPANIES)
    failed = base["failed_delisted"] * GONE / 2 + base["failed_listed"] * LISTED / COMPANIES
    assert base["anchored"] == pytest.approx(failed / (LISTED * 4), rel=1e-6)
    assert base["failed_delisted"] <= 2
    # The average of what is predicted lies where the anchor is, not where the rows are.
    card = Scorecard.parse(text)
    found = duckdb.execute(f"SELECT net_losses_3y, headcount FROM '{table}'").fetchall()
    mean = np.mean([card.probability({"net_losses_3y": a, "headcount": b}) for a, b in found])
    assert mean == pytest.approx(base["anchored"], rel=0.35)
    assert card.facts["trained"]["reference_day"] == "2025-12-31"


def test_it_learns_what_is_there(text: str) -> None:
    card = Scorecard.parse(text)
    assert set(card.terms_by_name) == {"net_losses_3y", "headcount"}
    few, many = (card.probability({"net_losses_3y": n, "headcount": 50.0}) for n in (0, 3))
    assert many > 3 * few
    assert {r["question"] for r in card.facts["quality"]["results"]} == {"years", "companies"}


def test_without_the_exchanges_lists_there_is_no_level(table: Path) -> None:
    with duckdb.connect() as con:
        Lake(con)
        with pytest.raises(UsageError, match="refresh krx"):
            train.train(con, table, SILENT, draws=20)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_card_says_what_was_measured(text: str, lang: Any) -> None:
    card = Scorecard.parse(text)
    said = cards.markdown(lang, card)
    assert card.version in said
    assert "{" not in said
    for result in card.facts["quality"]["results"]:
        assert result["model"] in said
        assert f"{result['measures']['auc']['value']:.3f}" in said
    assert card.facts["trained"]["data_sha256"] in said


# --- drift ---------------------------------------------------------------------------------------


def test_drift_is_told_by_shares_of_the_same_bins() -> None:
    rng = np.random.default_rng(2)
    then = rng.normal(size=5000)
    bins = drift.spread(then)
    assert sum(bins["shares"]) == pytest.approx(1)
    steady = drift._drift("headcount", rng.normal(size=5000), bins)
    shifted = drift._drift("headcount", rng.normal(size=5000) + 1, bins)
    unknown = drift._drift("headcount", np.where(rng.random(5000) < 0.3, np.nan, then), bins)
    assert (steady.level, shifted.level, unknown.level) == ("steady", "shifted", "shifted")
    assert unknown.unknown_now == pytest.approx(0.3, abs=0.03)
    assert drift.index([0.5, 0.5], [0.5, 0.5]) == 0
    # By hand: (0.6 - 0.5) ln(0.6 / 0.5) + (0.4 - 0.5) ln(0.4 / 0.5).
    assert drift.index([0.5, 0.5], [0.6, 0.4]) == pytest.approx(0.0405465, abs=1e-6)


def test_the_drift_of_a_day_of_the_sample() -> None:
    report = drift.drift(open_sample().connect(), date(2024, 12, 31), scorecard())
    assert report.companies > 5
    assert {f.feature for f in report.features} == set(scorecard().terms_by_name)
    assert [f.index for f in report.features] == sorted((f.index for f in report.features), reverse=True)  # fmt: skip
    assert 0 < (report.mean_probability or 0) < 1


# --- commands ------------------------------------------------------------------------------------


def test_the_commands(run: Run, sample: Run, tmp_path: Path) -> None:
    for lang, word in (("ko", "예측 모형 카드"), ("en", "Model card")):
        assert word in run.ok("forecast", "card", "--lang", lang)
    told = sample.json("forecast", "drift", "--as-of", "2024-12-31")
    assert told["model_version"] == scorecard().version
    assert "PSI" in sample.ok("forecast", "drift", "--as-of", "2024-12-31")
    path, made = tmp_path / "d.parquet", tmp_path / "m.json"
    build(open_sample().connect(), [date(2022, 12, 31), date(2023, 12, 31), date(2024, 6, 30), date(2024, 12, 31)], path)  # fmt: skip
    told = sample.json("forecast", "train", "--dataset", path, "--out", made, "--draws", 10)
    # A few companies teach another one than ships.
    assert not told["is_shipped"]
    assert Scorecard.parse(made.read_text(encoding="utf-8")).version == told["version"]


def test_the_whole_market_gives_what_ships(market: Run, tmp_path: Path) -> None:
    """The shared data, from raw answers to the file that the package carries; another processor may round its last digits otherwise."""
    path = tmp_path / "m.json"
    told = market.json("forecast", "train", "--out", path, "--draws", 50)
    assert told["measures"]["companies"]["auc"]["low"] > 0.7
    made, carried = Scorecard.parse(path.read_text(encoding="utf-8")), scorecard()
    assert made.base_rate == pytest.approx(carried.base_rate)
    assert made.facts["trained"]["failed_rows"] == carried.facts["trained"]["failed_rows"]
    assert made.intercept == pytest.approx(carried.intercept, abs=1e-4)
    for name, term in carried.terms_by_name.items():
        assert made.terms_by_name[name].knots == pytest.approx(term.knots, rel=1e-6)
        assert made.terms_by_name[name].moves == pytest.approx(term.moves, abs=1e-4)
        assert made.terms_by_name[name].unknown == pytest.approx(term.unknown, abs=1e-4)

"""The protocol: what may teach a model that is tested on a day, and how its telling is measured."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycanary.errors import UsageError
from paycanary.forecast import evaluate, metrics, protocol
from paycanary.forecast.features import features
from paycanary.forecast.models import Boosted, Logistic, Platt, Together
from paycanary.models import Estimated
from paycanary.progress import SILENT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Run

DAYS = np.array(
    [f"{year}-{end}" for year in range(2018, 2026) for end in ("06-30", "12-31")],
    dtype="datetime64[D]",
)
COMPANIES = 60


@pytest.fixture(scope="module")
def rows() -> tuple[Any, Any]:
    """Day and company of 60 companies on all days."""
    return np.repeat(DAYS, COMPANIES), np.tile([f"dart:{n:08}" for n in range(COMPANIES)], len(DAYS))  # fmt: skip


# --- splits --------------------------------------------------------------------------------------


@given(day=st.dates(date(2000, 1, 1), date(2040, 12, 31)), months=st.integers(1, 36))
def test_months_are_added_as_sql_adds_them(day: date, months: int) -> None:
    ((told,),) = duckdb.execute(f"SELECT CAST(DATE '{day}' + INTERVAL {months} MONTH AS DATE)").fetchall()  # fmt: skip
    assert protocol.add_months(np.array([day], dtype="datetime64[D]"), months)[0] == told


@pytest.mark.parametrize("months", [12, 24])
def test_later_years_are_told_from_what_was_over_by_then(rows: tuple[Any, Any], months: int) -> None:  # fmt: skip
    day, _ = rows
    known = protocol.over(day, months, np.datetime64("2026-05-15"))
    split = protocol.years(day, known, months)
    if months == 24:
        # The months of 2024's rows are not over.
        assert not (split.fit | split.calibrate | split.test).any()
        return
    assert set(day[split.test]) == set(DAYS[(np.datetime64("2023-12-31") < DAYS) & (np.datetime64("2025-01-01") > DAYS)])  # fmt: skip
    assert day[split.fit].max() == np.datetime64("2022-12-31")
    # The end of 2023 is left out: its months were not over on the first day of the test.
    assert set(day[split.calibrate]) == {np.datetime64("2023-06-30")}


def test_companies_are_tested_by_what_never_saw_them(rows: tuple[Any, Any]) -> None:
    day, company = rows
    known = protocol.over(day, 12, np.datetime64("2026-05-15"))
    tested = np.zeros(len(day), dtype=int)
    for split in protocol.companies(day, company, known, 12):
        assert not set(company[split.fit]) & set(company[split.test])
        (one,) = set(day[split.test])
        assert (protocol.add_months(day[split.fit], 12) <= one).all()
        tested += split.test
    assert set(tested[known & (day >= protocol.FIRST_TEST)]) == {1}
    assert not tested[day < protocol.FIRST_TEST].any()


@given(st.randoms(use_true_random=False))
def test_a_company_is_in_the_same_group_whatever_the_order(shuffle: Any) -> None:
    names = [f"dart:{n:08}" for n in range(30)] * 2
    mixed = names[:]
    shuffle.shuffle(mixed)
    first = dict(zip(names, protocol.folds(np.array(names)), strict=True))
    assert dict(zip(mixed, protocol.folds(np.array(mixed)), strict=True)) == first
    assert np.bincount(list(first.values())).tolist() == [6] * 5


# --- measures ------------------------------------------------------------------------------------

Y = np.array([0, 0, 1, 0, 1, 0, 0, 0, 0, 1], dtype=float)
P = np.array([0.1, 0.2, 0.9, 0.3, 0.4, 0.5, 0.0, 0.1, 0.2, 0.6])


def test_measures_by_hand() -> None:
    # 21 pairs, of which one (0.4 beside 0.5) is in the wrong order.
    assert metrics.auc(Y, P) == pytest.approx(20 / 21)
    assert metrics.average_precision(Y, P) == pytest.approx((1 + 1 + 3 / 4) / 3)
    base = np.full(10, 0.3)
    assert metrics.brier_skill(Y, base, base) == 0
    assert metrics.brier_skill(Y, Y, base) == 1
    assert metrics.brier_skill(Y, 1 - Y, base) < 0
    assert metrics.calibration_error(Y, Y) == 0
    assert metrics.calibration_error(Y, np.full(10, 0.3)) == pytest.approx(0.42)  # of groups of one
    assert sum(point.rows for point in metrics.reliability(Y, P)) == 10


def test_the_share_flagged_is_that_of_each_day() -> None:
    day = np.array([1] * 5 + [2] * 5)
    assert metrics.flagged(P, day, 0.2).tolist() == [n in (2, 9) for n in range(10)]
    assert metrics.recall(Y, P, day, 0.2) == pytest.approx(2 / 3)
    # A constant flags as many, not all.
    assert metrics.flagged(np.zeros(10), day, 0.4).sum() == 4


def test_months_from_the_first_flag_to_the_failure() -> None:
    day = np.array(["2022-06-30", "2022-12-31", "2023-06-30"] * 3, dtype="datetime64[D]")
    company = np.repeat(["a", "b", "c"], 3)
    failed_on = np.repeat(np.array(["2023-12-31", "2024-03-31", "NaT"], dtype="datetime64[D]"), 3)
    # Of three companies a day one is flagged: a on the first two, c on the last.
    p = np.array([9, 9, 0, 0, 0, 0, 0, 0, 9], dtype=float)
    assert metrics.lead_time(p, day, company, failed_on) == pytest.approx(18, abs=0.1)
    with pytest.raises(ValueError, match="flagged"):
        metrics.lead_time(p, day, company, np.full(9, np.datetime64("NaT")))


def test_intervals_draw_companies_whole() -> None:
    one = np.repeat(np.arange(5), 2)
    first = metrics.interval(lambda r: metrics.auc(Y[r], P[r]), one, draws=200)
    assert first == metrics.interval(lambda r: metrics.auc(Y[r], P[r]), one, draws=200)
    assert first.low is not None
    assert first.low < (first.value or 0) <= (first.high or 0)
    # All rows of one company: every draw is the same.
    same = metrics.interval(lambda r: float(len(r)), np.zeros(10), draws=20)
    assert same == Estimated(value=10, low=10, high=10)
    assert metrics.interval(lambda r: metrics.auc(Y[r] * 0, P[r]), one, draws=20).value is None


# --- models --------------------------------------------------------------------------------------


def _made(seed: int, rows: int = 1500) -> tuple[Any, Any]:
    """Three features: the first speaks for failing, the second is chance, the third is unknown of all; a fifth is unknown anyway."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3))
    y = (rng.random(rows) < 1 / (1 + np.exp(4 - 2 * x[:, 0]))).astype(float)
    x[:, 2] = np.nan
    x[rng.random(rows) < 0.2, 0] = np.nan
    return x, y


@pytest.mark.parametrize("name", ["logistic", "stumps", "together"])
def test_models_learn_what_is_there(name: str) -> None:
    make = {
        "logistic": lambda: Logistic(0.01),
        "stumps": lambda: Boosted([1, 0, 0], leaves=2, trees=60, rate=0.1, smallest=20),
        "together": lambda: Together(Logistic(0.01), Boosted([1, 0, 0], leaves=2, trees=60, rate=0.1, smallest=20)),
    }[name]  # fmt: skip
    model = make().fit(*_made(1))
    x, y = _made(2)
    assert metrics.auc(y, model.log_odds(x)) > 0.8
    assert np.array_equal(model.log_odds(x), make().fit(*_made(1)).log_odds(x))


def test_a_model_keeps_to_the_direction() -> None:
    x, y = _made(1)
    told_wrongly = Boosted([-1, 0, 0], leaves=4, trees=60, rate=0.1, smallest=20).fit(x, y)
    line = np.column_stack([np.linspace(-3, 3, 50), np.zeros(50), np.full(50, np.nan)])
    assert (np.diff(told_wrongly.log_odds(line)) <= 1e-12).all()
    rightly = Boosted([1, 0, 0], leaves=4, trees=60, rate=0.1, smallest=20).fit(x, y).log_odds(line)  # fmt: skip
    assert (np.diff(rightly) >= -1e-12).all()
    assert rightly[-1] > rightly[0]


def test_calibration_brings_the_mean_to_the_base_rate() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(size=4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(3 - scores))).astype(float)
    told = Platt().fit(scores + 2, y).probability(scores + 2)
    assert told.mean() == pytest.approx(y.mean(), rel=0.02)
    assert metrics.calibration_error(y, told) < 0.02
    # What fails of those that nothing speaks against stays possible.
    often = (scores > 1.5) | (rng.random(4000) < 0.01)
    floored = Platt().fit(scores, often.astype(float))
    assert 0.005 < floored.floor < 0.015
    assert floored.probability(np.array([-50.0]))[0] == pytest.approx(floored.floor)
    # One outcome only cannot calibrate: the scores stand as they are.
    assert Platt().fit(scores, y * 0).probability(np.zeros(1))[0] == 0.5
    # A score that tells the contrary is not turned round.
    assert Platt().fit(-scores, y).slope == 0


# --- whole ---------------------------------------------------------------------------------------


def _table(path: Path, rows: tuple[Any, Any], *, failing: bool = True) -> Path:
    """A data set in which companies with losses fail more often."""
    day, company = rows
    rng = np.random.default_rng(0)
    con = duckdb.connect()
    con.execute("CREATE TABLE d (company_id VARCHAR, as_of DATE, failed_12m BOOLEAN, failed_24m BOOLEAN, failed_on DATE)")  # fmt: skip
    for name in features():
        con.execute(f"ALTER TABLE d ADD COLUMN {name} DOUBLE")
    losses = rng.integers(0, 4, len(day))
    fails = (rng.random(len(day)) < 0.02 + 0.1 * (losses == 3)) & failing
    answers = np.where(day < np.datetime64("2025-06-01"), fails, None)
    when = np.where(fails, (day + 91).astype(str).astype(object), None)
    drawn = {
        "company_id": company, "as_of": day.astype(str).astype(object), "answer": answers, "failed_on": when, "losses": losses.astype(float), "income": np.where(losses, -1.0, 1.0),
    }  # fmt: skip
    con.register("drawn", drawn)
    con.execute("INSERT INTO d (company_id, as_of, failed_12m, failed_on, net_losses_3y, net_income) SELECT company_id, as_of, answer, failed_on, losses, income FROM drawn")  # fmt: skip
    con.execute(f"COPY d TO '{path}' (FORMAT parquet)")
    return path


def test_every_model_and_rule_is_judged_on_both_questions(tmp_path: Path, rows: tuple[Any, Any]) -> None:  # fmt: skip
    table = evaluate.load(_table(tmp_path / "d.parquet", rows), 12)
    assert table.names == ("net_income", "net_losses_3y")
    report = evaluate.evaluate(table, 12, SILENT, draws=20, only=("logistic", "signed logistic"))
    asked = [(found.question, found.model) for found in report.results]
    models = ["logistic", "signed logistic", "net loss", "three net losses running"]
    assert asked == [(q, m) for q in ("years", "companies") for m in models]
    assert set(report.left_out) == set(features()) - set(table.names)
    # Altman's Z'' is known of nobody here, so it is not asked.
    for found in report.results:
        assert found.base_rate == pytest.approx(found.failed_rows / found.rows)
        auc = found.measures["auc"]
        assert auc.low is not None
        assert auc.low <= (auc.value or 0) <= (auc.high or 0)
        assert ("brier_skill" in found.measures) == (found.model not in ("net loss", "three net losses running"))  # fmt: skip
    by = {(f.question, f.model): f for f in report.results}
    assert (by["companies", "logistic"].measures["auc"].value or 0) > 0.6


def test_the_command_tells_it(run: Run, tmp_path: Path, rows: tuple[Any, Any]) -> None:
    path = _table(tmp_path / "d.parquet", rows)
    told = run.json("forecast", "evaluate", path, "--draws", 10, "--only", "logistic")
    assert told["months"] == 12
    assert {found["question"] for found in told["results"]} == {"years", "companies"}
    for lang, word in (("ko", "배운 적 없는 회사"), ("en", "companies never taught")):
        assert word in run.ok(
            "forecast", "evaluate", path, "--draws", 10, "--only", "logistic", "--lang", lang
        )
    none = _table(tmp_path / "none.parquet", rows, failing=False)
    assert "only one kind" in run.problem("forecast", "evaluate", none)["message"]
    assert (
        "signed logistic + stumps"
        in run.problem("forecast", "evaluate", path, "--only", "best")["message"]
    )


def test_what_is_no_data_set_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    path.write_bytes(b"nothing")
    with pytest.raises(UsageError, match="no data set"):
        evaluate.load(path, 12)
    duckdb.execute(f"COPY (SELECT 1 AS a) TO '{path}' (FORMAT parquet)")
    with pytest.raises(UsageError, match="no column"):
        evaluate.load(path, 12)

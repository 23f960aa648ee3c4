"""The forecast that ships: terms in plain Python that do what the trained model does, and reasons that move only as it does."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycanary.errors import ModelError
from paycanary.forecast import scorecard as scorecards
from paycanary.forecast.features import features, meaning
from paycanary.forecast.models import Platt
from paycanary.forecast.scorecard import Scorecard, Term, scorecard, shipped
from paycanary.forecast.signed import SignedLogistic
from paycanary.forecast.telling import is_stale, reasons_of
from paycanary.forecast.train import Fitted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Run

SHIPPED = scorecard()
NAMES = sorted(SHIPPED.terms_by_name)


def figure(name: str) -> st.SearchStrategy[float | None]:
    """A figure as companies have it, or none, or beyond what anyone has."""
    knots = SHIPPED.terms_by_name[name].knots
    width = max(1.0, knots[-1] - knots[0])
    return st.none() | st.floats(knots[0] - width, knots[-1] + width)


companies = st.fixed_dictionaries({name: figure(name) for name in NAMES})


# --- terms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "move"),
    [(0, 1), (1, 2), (0.5, 1.5), (3, 3), (-9, 1), (99, 4), (5, 4), (None, 7), (math.nan, 7), (math.inf, 7), (-math.inf, 7)],
)  # fmt: skip
def test_a_term_is_a_line_between_knots(value: float | None, move: float) -> None:
    assert Term((0, 1, 5), (1, 2, 4), 7).at(value) == move


def test_the_terms_do_what_the_trained_model_does() -> None:
    rng = np.random.default_rng(5)
    x = np.column_stack([rng.normal(size=3000), rng.integers(0, 4, 3000), rng.lognormal(10, 3, 3000)]).astype(float)  # fmt: skip
    x[rng.random(x.shape) < 0.2] = np.nan
    y = (rng.random(3000) < 1 / (1 + np.exp(3 - np.nan_to_num(x[:, 0])))).astype(float)
    model = SignedLogistic([1, 1, -1]).fit(x, y)
    line = Platt().fit(model.log_odds(x), y)
    terms, intercept = Fitted(model, line).terms("abc", x[:100])
    card = Scorecard(
        "v", 12, intercept, line.floor,
        {n: Term(tuple(t["knots"]), tuple(t["moves"]), t["unknown"]) for n, t in terms.items()}, (0.0,), 0.1, {},
    )  # fmt: skip
    told = [card.probability(dict(zip("abc", map(float, row), strict=True))) for row in x]
    assert told == pytest.approx(line.probability(model.log_odds(x)).tolist(), abs=1e-6)
    # On the reference rows each term averages to nothing: moves are against the average company.
    for nth, name in enumerate("abc"):
        moves = [card.terms_by_name[name].at(float(value)) for value in x[:100, nth]]
        assert np.mean(moves) == pytest.approx(0, abs=1e-6)


def test_a_signed_model_keeps_to_its_directions() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(2000, 2))
    y = (rng.random(2000) < 1 / (1 + np.exp(2 - 2 * x[:, 0] + x[:, 1]))).astype(float)
    line = np.column_stack([np.linspace(-3, 3, 60), np.zeros(60)])
    rightly = SignedLogistic([1, 0]).fit(x, y).log_odds(line)
    assert (np.diff(rightly) >= 0).all()
    assert rightly[-1] > rightly[0] + 1
    # What it may not learn the right way round it does not learn at all.
    assert np.ptp(SignedLogistic([-1, 0]).fit(x, y).log_odds(line)) == pytest.approx(0, abs=1e-9)


# --- what ships ----------------------------------------------------------------------------------


def test_what_ships_was_taught_with_the_features_that_are_made() -> None:
    assert SHIPPED.facts["trained"]["features_sha256"] == meaning(), "paycanary forecast train --out src/paycanary/forecast/trained/listed-12m.json"  # fmt: skip
    assert not is_stale(SHIPPED)
    assert set(SHIPPED.terms_by_name) | set(SHIPPED.facts["trained"]["left_out"]) == set(features())
    assert list(SHIPPED.ranks) == sorted(SHIPPED.ranks)


@given(companies, st.sampled_from(NAMES), st.floats(0, 1), st.floats(0, 1))
def test_more_of_what_speaks_for_failing_never_lowers_it(values: dict[str, float | None], name: str, at: float, by: float) -> None:  # fmt: skip
    knots = SHIPPED.terms_by_name[name].knots
    less = knots[0] + at * (knots[-1] - knots[0])
    more = less + by * (knots[-1] - less)
    low, high = (SHIPPED.probability(values | {name: value}) for value in (less, more))
    direction = features()[name].direction
    assert (high - low) * direction >= -1e-12
    assert SHIPPED.floor <= low < 1


@given(companies, st.sampled_from(NAMES), st.floats(-1e-3, 1e-3))
def test_reasons_move_exactly_as_the_log_odds_do(values: dict[str, float | None], name: str, by: float) -> None:  # fmt: skip
    before, after = values, dict(values)
    if values[name] is not None:
        after[name] = values[name] * (1 + by) + by
    told, then = reasons_of(SHIPPED, before), reasons_of(SHIPPED, after)
    moved = SHIPPED.log_odds(after) - SHIPPED.log_odds(before)
    changed = {r: then[r] - told[r] for r in told if abs(then[r] - told[r]) > 1e-12}
    assert set(changed) <= {features()[name].reason}
    assert sum(changed.values()) == pytest.approx(moved, abs=1e-9)
    # Two reasons change places only if they were no farther apart than the log odds moved.
    order = list(told)
    for first, second in pairwise(order):
        if abs(then[first]) < abs(then[second]):
            assert abs(told[first]) - abs(told[second]) <= abs(moved) + 1e-9


@given(companies)
def test_reasons_and_intercept_add_up_to_the_probability(values: dict[str, float | None]) -> None:
    total = SHIPPED.intercept + sum(reasons_of(SHIPPED, values).values())
    assert SHIPPED.at(total) == pytest.approx(SHIPPED.probability(values), abs=1e-12)


def test_ranks() -> None:
    card = Scorecard("v", 12, 0.0, 0.0, {}, (-2.0, -1.0, 0.0, 1.0, 2.0), 0.01, {})
    assert [card.rank(at) for at in (-3, -2, -0.5, 0, 5)] == [0, 0, 0.25, 0.5, 0.75]


def test_scoring_loads_nothing_heavy() -> None:
    heavy = "numpy,pandas,sklearn,scipy,duckdb,pydantic,mlflow"
    code = f"import sys; from paycanary.forecast.scorecard import scorecard; scorecard().probability({{}}); print([m for m in {heavy.split(',')!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    code = "import sys; from paycanary.cli.main import app; from paycanary import verdict; print([m for m in ('numpy', 'pandas', 'sklearn', 'scipy', 'mlflow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- another one ---------------------------------------------------------------------------------


def test_a_setting_names_another_model(run: Run, tmp_path: Path) -> None:
    content: dict[str, Any] = json.loads(shipped())
    content["version"], content["intercept"] = "mine", 0.0
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    asked = ("check", "한샘", "--as-of", "2024-06-30")
    mine = run.json(*asked, env={"PAYCANARY_FORECAST_MODEL": str(path)})["forecast"]
    usual = run.json(*asked)["forecast"]
    assert (mine["model_version"], usual["model_version"]) == ("mine", SHIPPED.version)
    assert mine["probability"] > usual["probability"]
    path.write_text(shipped()[:1000], encoding="utf-8")
    problem = run.problem(*asked, env={"PAYCANARY_FORECAST_MODEL": str(path)})
    assert str(path) in problem["message"]
    assert "forecast train" in problem["message"]


def test_a_model_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_FORECAST_MODEL", "/nowhere/model.json")
    with pytest.raises(ModelError, match="PAYCANARY_FORECAST_MODEL"):
        scorecards.scorecard()

"""A forecast goes live only where the protocol says that it is not worse than the one in use."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.forecast import registry
from paycanary.forecast.gate import MEASURES, judge
from paycanary.forecast.scorecard import Scorecard, shipped
from paycanary.tasks import retraining

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.command import Run


def changed(change: Callable[[dict[str, Any]], None], version: str = "2026-12-31-00000000") -> str:
    """The forecast that ships, with other results of the protocol."""
    facts = copy.deepcopy(json.loads(shipped()))
    facts["version"] = version
    for result in facts["quality"]["results"]:
        if result["model"] == facts["trained"]["model"]:
            change(result)
    return json.dumps(facts)


def same(_: dict[str, Any]) -> None:
    """Nothing is other."""


def worse(name: str, *, by: float) -> Callable[[dict[str, Any]], None]:
    """A measure that lies so far beyond the bad end of the interval."""

    def change(result: dict[str, Any]) -> None:
        measure = result["measures"][name]
        measure["value"] = measure["low"] - by if MEASURES[name] else measure["high"] + by

    return change


LIVE = Scorecard.parse(shipped())


def test_the_same_measures_are_not_worse() -> None:
    assert judge(Scorecard.parse(changed(same)), LIVE).is_not_worse


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_beyond_the_interval_is_worse_and_one_within_is_not(name: str) -> None:
    ruling = judge(Scorecard.parse(changed(worse(name, by=0.001))), LIVE)
    assert not ruling.is_not_worse
    assert len(ruling.reasons) == 2  # a question each
    assert all(f": {name} " in reason for reason in ruling.reasons)
    assert judge(Scorecard.parse(changed(worse(name, by=-0.001))), LIVE).is_not_worse


def test_a_question_that_the_data_cannot_answer_is_worse() -> None:
    facts = json.loads(changed(same))
    facts["quality"]["results"] = [r for r in facts["quality"]["results"] if r["question"] != "years"]  # fmt: skip
    (reason,) = judge(Scorecard.parse(json.dumps(facts)), LIVE).reasons
    assert reason.startswith("years: ")


def test_a_measure_that_is_not_known_is_worse() -> None:
    def unknown(result: dict[str, Any]) -> None:
        result["measures"]["auc"]["value"] = None

    assert len(judge(Scorecard.parse(changed(unknown)), LIVE).reasons) == 2


def test_a_forecast_that_rests_on_fewer_failures_is_worse_however_it_told() -> None:
    def fewer(result: dict[str, Any]) -> None:
        result["failed_companies"] = int(0.8 * result["failed_companies"])
        for name, is_more_better in MEASURES.items():
            result["measures"][name]["value"] = 1.0 if is_more_better else 0.0

    reasons = judge(Scorecard.parse(changed(fewer)), LIVE).reasons
    assert len(reasons) == 2
    assert all("failed companies to judge by" in reason for reason in reasons)


def test_what_is_worse_is_kept_and_what_is_not_goes_live(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training itself is tried elsewhere; here it gives what a month may give."""
    assert home
    trained: list[str] = []
    monkeypatch.setattr(retraining, "train", lambda *_, **__: trained[-1])
    trained.append(shipped())
    first = retraining.retrain()
    assert (first.outcome, first.live) == ("unchanged", LIVE.version)
    trained.append(changed(worse("auc", by=0.01), "2026-12-31-00000001"))
    kept = retraining.retrain()
    assert (kept.outcome, kept.live) == ("kept", LIVE.version)
    assert not any(registry.LIVE in v.aliases for v in registry.versions())
    trained.append(changed(worse("auc", by=-0.005), "2026-12-31-00000002"))
    taken = retraining.retrain()
    assert (taken.outcome, taken.live) == ("promoted", "2026-12-31-00000002")
    assert retraining.live().version == "2026-12-31-00000002"
    again = retraining.retrain()
    assert (again.outcome, again.registered) == ("unchanged", taken.registered)
    # From now on that one is what others are held against.
    trained.append(changed(worse("auc", by=0.01), "2026-12-31-00000003"))
    assert retraining.retrain().live == "2026-12-31-00000002"


def test_the_command_trains_on_the_sample_and_says_why_it_is_not_taken(run: Run) -> None:
    told = run.json("forecast", "retrain", "--draws", "10")
    assert (told["outcome"], told["live"]) == ("kept", LIVE.version)
    assert any("failed companies to judge by" in reason for reason in told["reasons"])
    listed = run.json("forecast", "models", "list")["versions"]
    assert [v["version"] for v in listed] == [told["registered"]]

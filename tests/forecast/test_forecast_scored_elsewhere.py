"""The models that `benchmarks/scoring.py` gives to other libraries tell what the scorecard tells."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.scoring import made_up
from benchmarks.scoring_peer import fitted_as, matrix
from paycanary.forecast.scorecard import Scorecard, shipped


def test_the_model_that_is_fitted_tells_what_the_scorecard_tells() -> None:
    card = Scorecard.parse(shipped())
    rows = made_up(card)[:1000]
    model, platt = fitted_as(card)
    told = platt.probability(model.log_odds(matrix(rows, card)))
    assert told == pytest.approx([card.probability(row) for row in rows], abs=1e-12)
    assert np.isnan(matrix(rows, card)).any()

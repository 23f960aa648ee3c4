"""Scores, from the model server at ``PAYCANARY_MODELS_URL`` where that is set, else in process: the same numbers either way.

The words of a forecast (its ranks, its measured quality) are those of the scorecard at hand, so the server must score by the same version;
another one is an error. While the server cannot be asked, the scorecard at hand scores if the server has scored by that version since
this program began: the same model gives the same numbers. If it never has, nobody knows what it would have said, and that is an error.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from paycanary import inference
from paycanary.forecast.scorecard import Scored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paycanary.forecast.scorecard import Scorecard

MODEL: Final = "forecast"
#: Rows of one request; a whole market is one.
_ROWS: Final = 5000
_log: Final = logging.getLogger(__name__)
#: Address and version by which it has scored.
_agreed: Final[set[tuple[str, str]]] = set()


def score(card: Scorecard, values: Mapping[str, float | None]) -> Scored:
    """One company's score.

    Raises:
        ModelError: the server cannot be asked, or scores by another version.
    """
    url = inference.url()
    if url is None:
        return card.score(values)
    told = _ask(url, card, [values], ("probability", "log_odds", "terms"))
    if told is None:
        return card.score(values)
    (probability,), (log_odds,), terms = (told.outputs[n] for n in ("probability", "log_odds", "terms"))  # fmt: skip
    return Scored(probability, log_odds, dict(zip(card.terms_by_name, terms, strict=True)))


def probabilities(card: Scorecard, rows: Sequence[Mapping[str, float | None]]) -> list[float]:
    """The probabilities of many, asked in one request.

    Raises:
        ModelError: the server cannot be asked, or scores by another version.
    """
    url = inference.url()
    if url is None:
        return [card.probability(row) for row in rows]
    found: list[float] = []
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        told = _ask(url, card, part, ("probability",))
        found += told.outputs["probability"] if told else [card.probability(row) for row in part]
    return found


def _ask(url: str, card: Scorecard, rows: Sequence[Mapping[str, float | None]], wanted: tuple[str, ...]) -> inference.Answer | None:  # fmt: skip
    """The server's answer; None where the scorecard at hand may stand in."""
    names = list(card.terms_by_name)
    data = [inference.number(row.get(name)) for row in rows for name in names]
    tensor = inference.Tensor("features", "FP64", (len(rows), len(names)), data)
    sizes = {"probability": len(rows), "log_odds": len(rows), "terms": len(data)}
    try:
        told = inference.infer(
            url, MODEL, card.version, tensor, {name: sizes[name] for name in wanted}
        )
    except inference.UnansweredError as error:
        if (url, card.version) not in _agreed:
            raise
        _log.warning(
            "%s; scored in process by the same version, %s", error.what["en"], card.version
        )
        return None
    _agreed.add((url, card.version))
    return told

"""Readers side by side on paragraphs that taught none of them, and the training of the one that ships."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from paycanary.text.model import load
from paycanary.text.training.finetune import Plan, Transformer, temperature
from paycanary.text.training.labelled import labelled, read_labels
from paycanary.text.training.measure import Estimate, kappa, matrix, measure
from paycanary.text.training.rivals import RIVALS
from paycanary.text.training.written import written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from paycanary.text.training.labelled import Labelled
    from paycanary.text.training.rivals import Matrix, Rival

_FOLDS: Final = 4
#: The sets that readers are judged on: whose words they are.
SETS: Final = {
    "filings": "auditors' paragraphs of companies that never taught, published 2023 or later",
    "english": "paragraphs of UK and US filings of companies that never taught",
    "written": "notices, e-mails and news written for this purpose by somebody who had not seen what taught",
}


@dataclass(frozen=True, slots=True)
class Data:
    """What teaches, and what tests by set."""

    taught: list[Labelled]
    tested: dict[str, list[Labelled]]


def load_data(folder: Path) -> Data:
    """Labels with their words; see `labelled.labelled`."""
    everything = [*labelled(folder), *written()]
    tested = [x for x in everything if x.split == "test"]
    return Data(
        [x for x in everything if x.split == "train"],
        {
            "filings": [x for x in tested if x.lang == "ko" and not x.company.startswith("written")],
            "english": [x for x in tested if x.lang == "en" and not x.company.startswith("written")],
            "written": [x for x in tested if x.company.startswith("written")],
        },
    )  # fmt: skip


def teach(rival: Rival, taught: Sequence[Labelled]) -> Rival:
    """Fit on all that teaches."""
    rival.fit([x.text for x in taught], matrix([x.kinds for x in taught]))
    return rival


def teach_transformer(
    encoder: str, plan: Plan, taught: Sequence[Labelled], tell: Callable[[str], None]
) -> Transformer:
    """Fit on all that teaches; the temperature comes from folds of companies, each told by a reader that it did not teach."""
    companies = sorted({x.company for x in taught})
    order = np.random.default_rng(plan.seed).permutation(len(companies))
    fold = {companies[i]: n % _FOLDS for n, i in enumerate(order.tolist())}
    scores, truth = [], []
    for left in range(_FOLDS):
        own = [x for x in taught if fold[x.company] != left]
        held = [x for x in taught if fold[x.company] == left]
        reader = Transformer(encoder, plan)
        teach(reader, own)
        scores.append(reader.logits([x.text for x in held]))
        truth.append(matrix([x.kinds for x in held]))
        tell(f"fold {left + 1} of {_FOLDS}")
    final = Transformer(encoder, replace(plan), tell)
    teach(final, taught)
    final.temperature = temperature(np.concatenate(scores), np.concatenate(truth))
    return final


def judge(rival: Rival, data: Data) -> dict[str, dict[str, Any]]:
    """Measures of one reader on every set."""
    told = {}
    for name, rows in data.tested.items():
        if rows:
            chances: Matrix = rival.predict_proba([x.text for x in rows])
            told[name] = measure(
                matrix([x.kinds for x in rows]), chances, [x.company for x in rows]
            )
    return told


def judge_rivals(data: Data, tell: Callable[[str], None]) -> dict[str, dict[str, dict[str, Any]]]:
    """Measures of every rival."""
    told = {}
    for name, make in RIVALS.items():
        tell(name)
        told[name] = judge(teach(make(), data.taught), data)
    return told


class Shipped:
    """A model as it is used, in the dress of a rival."""

    def __init__(self, folder: Path | None) -> None:
        self._model = load(folder)

    def fit(self, texts: Sequence[str], labels: Matrix) -> Shipped:  # noqa: ARG002
        """Do nothing: it is taught."""
        return self

    def predict_proba(self, texts: Sequence[str]) -> Matrix:
        """Of the graph with int8 weights."""
        return np.array(self._model.probabilities(texts))


def agreement() -> dict[str, Any]:
    """How far two people agree who labelled without knowing of each other: Cohen's kappa by kind, and on how many paragraphs."""
    both = [row for row in read_labels() if row["second"] != ""]
    first, second = (matrix([frozenset(r[c].split()) for r in both]) for c in ("first", "second"))
    return {"paragraphs": len(both), "exact": float((first == second).all(1).mean()), "kappa": kappa(first, second)}  # fmt: skip


def plain(measured: Any) -> Any:
    """Estimates as lists of value, low, high, for JSON."""
    if isinstance(measured, Estimate):
        return [round(v, 4) for v in asdict(measured).values()]
    if isinstance(measured, dict):
        return {key: plain(value) for key, value in measured.items()}
    return round(measured, 4) if isinstance(measured, float) else measured

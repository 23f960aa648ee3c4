"""Readers side by side on paragraphs that taught none of them, and the training of the one that ships."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

import numpy as np

from paycanary.text.model import load
from paycanary.text.training.finetune import Plan, Transformer, temperature
from paycanary.text.training.labelled import labelled, read_labels, unlabelled
from paycanary.text.training.measure import (
    Estimate,
    best_threshold,
    kappa,
    macro_f1,
    matrix,
    measure,
)
from paycanary.text.training.pair import Pair
from paycanary.text.training.rivals import RIVALS, Keywords, Rival
from paycanary.text.training.written import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from paycanary.text.training.convolution import Plan as ConvolutionPlan
    from paycanary.text.training.labelled import Labelled
    from paycanary.text.training.rivals import Matrix

_R = TypeVar("_R", bound=Rival)
_FOLDS: Final = 2
#: Characters of an unlabelled paragraph that are shown: more costs time and says little more.
_SHOWN: Final = 300
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
    unlabelled: list[str]


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
        unlabelled(folder),
    )  # fmt: skip


def teach(rival: Rival, taught: Sequence[Labelled]) -> Rival:
    """Fit on all that teaches."""
    rival.fit([x.text for x in taught], matrix([x.kinds for x in taught]))
    return rival


class Taught(Rival, Protocol):
    """A reader that is calibrated: its log odds are divided by a temperature."""

    temperature: float
    threshold: float

    def logits(self, texts: Sequence[str]) -> Matrix:
        """Log odds before the temperature: [texts][kinds]."""


def teach_calibrated(
    make: Callable[[], Taught], data: Data, seed: int, tell: Callable[[str], None]
) -> Taught:
    """A reader taught by all that teaches; its temperature and threshold come from folds, each told by a reader that it did not teach."""
    scores, truth = [], []
    for nth, (odds, its) in enumerate(_out_of_fold(make, lambda r, texts: r.logits(texts), data.taught, seed)):  # fmt: skip
        scores.append(odds)
        truth.append(its)
        tell(f"fold {nth + 1} of {_FOLDS}: F1 {macro_f1(truth[-1], (scores[-1] > 0).astype(float)):.3f}")  # fmt: skip
    final = make()
    teach(final, data.taught)
    odds, labels = np.concatenate(scores), np.concatenate(truth)
    final.temperature = temperature(odds, labels)
    final.threshold = best_threshold(labels, 1 / (1 + np.exp(-odds / final.temperature)))
    tell(f"temperature {final.temperature:.2f}, threshold {final.threshold:.2f}")
    return final


def _out_of_fold(
    make: Callable[[], _R], ask: Callable[[_R, list[str]], Matrix], taught: Sequence[Labelled], seed: int
) -> Iterator[tuple[Matrix, Matrix]]:  # fmt: skip
    """What readers tell of the fold that taught none of them, and its labels."""
    for rows, held in _folds(taught, seed):
        reader = make()
        teach(reader, rows)
        yield ask(reader, [x.text for x in held]), matrix([x.kinds for x in held])


def _folds(
    taught: Sequence[Labelled], seed: int
) -> Iterator[tuple[list[Labelled], list[Labelled]]]:
    """What teaches and what is held back, by company."""
    companies = sorted({x.company for x in taught})
    order = np.random.default_rng(seed).permutation(len(companies))
    fold = {companies[i]: n % _FOLDS for n, i in enumerate(order.tolist())}
    for left in range(_FOLDS):
        yield [x for x in taught if fold[x.company] != left], [x for x in taught if fold[x.company] == left]  # fmt: skip


def teach_transformer(
    encoder: str, plan: Plan, data: Data, tell: Callable[[str], None]
) -> Transformer:
    """Any encoder, by its name on a hub or by path.

    First by the keyword rules on paragraphs that nobody labelled, which shows it the words; then by labels, which shows the exceptions.
    """
    texts, by_rules = _weak(data.unlabelled, plan.seed)
    tell(f"{len(texts)} paragraphs without labels, by keyword rules")
    with tempfile.TemporaryDirectory() as scratch:
        begin = Path(scratch)
        Transformer(encoder, replace(plan, epochs=1), tell).fit(texts, by_rules).save(begin)
        return cast("Transformer", teach_calibrated(lambda: Transformer(str(begin), plan, tell), data, plan.seed, tell))  # fmt: skip


def teach_pair(
    encoder: str, plan: ConvolutionPlan, data: Data, tell: Callable[[str], None]
) -> Pair:
    """Convolutions over the vectors of an encoder's pieces, which begin as the keyword rules tell, and a linear reader of characters."""
    return cast("Pair", teach_calibrated(lambda: Pair(encoder, plan, tell), data, plan.seed, tell))


def _weak(texts: list[str], seed: int) -> tuple[list[str], Matrix]:
    """What a rule finds, and as many of the others."""
    texts = [text[:_SHOWN] for text in texts]
    told = Keywords().predict_proba(texts)
    hit = told.any(1)
    others = np.random.default_rng(seed).permutation(np.flatnonzero(~hit))[: hit.sum()]
    rows = np.concatenate([np.flatnonzero(hit), others])
    return [texts[i] for i in rows], told[rows]


def judge(rival: Rival, data: Data, threshold: float) -> dict[str, dict[str, Any]]:
    """Measures of one reader on every set."""
    told = {}
    for name, rows in data.tested.items():
        if rows:
            chances: Matrix = rival.predict_proba([x.text for x in rows])
            companies = [x.company for x in rows]
            told[name] = measure(matrix([x.kinds for x in rows]), chances, companies, threshold)
    return told


def judge_rivals(
    data: Data, seed: int, tell: Callable[[str], None]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Measures of every rival, each with the threshold that is best on folds of what teaches."""
    told = {}
    for name, make in RIVALS.items():
        tell(name)
        told_each = _out_of_fold(make, lambda r, texts: r.predict_proba(texts), data.taught, seed)
        chances, truth = map(np.concatenate, zip(*told_each, strict=True))
        threshold = best_threshold(truth, chances)
        told[name] = judge(teach(make(), data.taught), data, threshold)
    return told


class Shipped:
    """A model as it is used, in the dress of a rival."""

    def __init__(self, folder: Path | None) -> None:
        self._model = load(folder)
        self.threshold: float = self._model.facts["threshold"]

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

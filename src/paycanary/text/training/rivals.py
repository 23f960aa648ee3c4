"""What the Transformer has to beat: keyword rules, and logistic regression over character n-grams or over morphemes."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from paycanary.text.rules import Rules, rules
from paycanary.text.training.labelled import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Matrix = np.ndarray[Any, np.dtype[np.float64]]


class Rival(Protocol):
    """Learns from texts and labels, tells probabilities."""

    def fit(self, texts: Sequence[str], labels: Matrix) -> object:
        """``labels``: [texts][kinds], 0 or 1."""

    def predict_proba(self, texts: Sequence[str]) -> Matrix:
        """[texts][kinds], 0 to 1."""


class Keywords:
    """Rules; nothing is learned."""

    def __init__(self) -> None:
        self._rules = Rules(rules())

    def fit(self, texts: Sequence[str], labels: Matrix) -> Keywords:  # noqa: ARG002
        """Do nothing."""
        return self

    def predict_proba(self, texts: Sequence[str]) -> Matrix:
        """0 or 1."""
        found = [self._rules.stated(text) for text in texts]
        return np.array([[float(kind in its) for kind in KINDS] for its in found])


def _figures_as_one(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[0-9]+(?:[.,][0-9]+)*", "0", text.lower()))


def _linear(c: float) -> OneVsRestClassifier:
    return OneVsRestClassifier(LogisticRegression(C=c, max_iter=2000))


def characters(c: float = 20.0) -> Rival:
    """Character n-grams, 1 to 5, within words."""
    words = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), min_df=2, sublinear_tf=True, preprocessor=_figures_as_one)  # fmt: skip
    pipeline: Rival = make_pipeline(words, _linear(c))
    return pipeline


def morphemes(c: float = 20.0) -> Rival:
    """Morphemes by kiwipiepy, one to three in a row."""
    from kiwipiepy import Kiwi  # noqa: PLC0415 - slow to load, and only here

    kiwi = Kiwi()

    def cut(text: str) -> list[str]:
        return [f"{t.form}/{t.tag}" for t in kiwi.tokenize(_figures_as_one(text))]

    words = TfidfVectorizer(analyzer=partial(_grams, cut), min_df=2, sublinear_tf=True)
    pipeline: Rival = make_pipeline(words, _linear(c))
    return pipeline


def _grams(cut: Callable[[str], list[str]], text: str, longest: int = 3) -> list[str]:
    tokens = cut(text)
    return [" ".join(tokens[i : i + n]) for n in range(1, longest + 1) for i in range(len(tokens) - n + 1)]  # fmt: skip


RIVALS: Final[dict[str, Callable[[], Rival]]] = {
    "keyword rules": Keywords,
    "character n-grams": characters,
    "morphemes": morphemes,
}

"""The reader that ships: convolutions over word pieces and a linear reader of characters, each with half the say.

Half is not chosen on any text: of readers that err differently, the mean of the log odds errs less, and nothing is left to tune.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from paycanary.text.characters import BITS, Characters, runs
from paycanary.text.training.convolution import Convolution, Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paycanary.text.training.rivals import Matrix

#: Inverse strength of the penalty on weights, chosen on folds of what teaches.
_C: Final = 60.0
#: A run that stands in fewer texts teaches nothing.
_LEAST_TEXTS: Final = 2


class Pair:
    """Learns from texts and labels, tells probabilities; see `rivals.Rival`."""

    def __init__(
        self, encoder: str, plan: Plan, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self.words = Convolution(encoder, plan, tell)
        self.characters: Characters | None = None
        self.temperature = 1.0
        #: From which probability on a kind is best taken as stated (`measure.best_threshold`).
        self.threshold = 0.5

    @property
    def tokenizer(self) -> Any:
        """Of the words."""
        return self.words.tokenizer

    @property
    def plan(self) -> Plan:
        """Of the words."""
        return self.words.plan

    @property
    def model(self) -> Any:
        """The network that reads the words."""
        return self.words.model

    @property
    def share(self) -> float:
        """What a reader's log odds are multiplied by in what is told."""
        return 1 / (2 * self.temperature)

    def fit(self, texts: Sequence[str], labels: Matrix) -> Pair:
        """Teach both. ``labels``: [texts][outputs], 0 or 1."""
        self.words.fit(texts, labels)
        self.characters = taught(self._normal(texts), labels)
        return self

    def logits(self, texts: Sequence[str]) -> Matrix:
        """Log odds before the temperature: [texts][outputs]."""
        assert self.characters is not None  # noqa: S101 - for the type checker; `fit` comes first
        by_characters = np.array([self.characters.odds(t) for t in self._normal(texts)], dtype=np.float64)  # fmt: skip
        told: Matrix = (self.words.logits(texts) + by_characters) / 2
        return told

    def predict_proba(self, texts: Sequence[str]) -> Matrix:
        """[texts][outputs], 0 to 1."""
        chances: Matrix = 1 / (1 + np.exp(-self.logits(texts) / self.temperature))
        return chances

    def encoded(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text for the network: its tokens, then what rules find in it."""
        return self.words.encoded(texts)

    def _normal(self, texts: Sequence[str]) -> list[str]:
        normalizer = self.tokenizer.backend_tokenizer.normalizer
        return [normalizer.normalize_str(text) for text in texts]


def taught(texts: Sequence[str], labels: Matrix) -> Characters:
    """Logistic regression, kind by kind, over runs weighted by how rare they are (tf-idf), rows of about length one."""
    each = [runs(text) for text in texts]
    ends = np.cumsum([0, *map(len, each)])
    shape = (len(each), 2**BITS)
    counts = sparse.csr_matrix((np.ones(ends[-1]), np.concatenate(each), ends), shape=shape)
    counts.sum_duplicates()
    stands_in = np.bincount(counts.indices, minlength=2**BITS)
    rarity = np.where(stands_in >= _LEAST_TEXTS, np.log((1 + len(each)) / (1 + stands_in)) + 1, 0.0)
    squares = (rarity**2).astype(np.float32)
    lengths = np.sqrt(counts @ squares)
    lengths[lengths == 0] = 1
    rows = sparse.diags(1 / lengths) @ counts @ sparse.diags(rarity)
    fitted = [_fitted(rows, labels[:, kind]) for kind in range(labels.shape[1])]
    weights = np.stack([by_run * rarity for by_run, _ in fitted], axis=1).astype(np.float32)
    return Characters(weights, squares, np.array([bias for _, bias in fitted], dtype=np.float32))


def _fitted(rows: sparse.spmatrix, labels: Matrix) -> tuple[Matrix, float]:
    """Weights by run, and bias; of a kind that all texts are or none is, its rate alone."""
    said = labels.sum()
    if said in {0, len(labels)}:
        return np.zeros(rows.shape[1]), float(np.log((said + 0.5) / (len(labels) - said + 0.5)))
    model = LogisticRegression(C=_C, max_iter=2000).fit(rows, labels)
    return model.coef_[0], float(model.intercept_[0])

"""Fine-tuning of any encoder, by name on a hub or by path: one probability a kind, or one choice of several."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 - torch's own name for it
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from paycanary.text.rules import Rules, rules
from paycanary.text.training.precision import autocast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from paycanary.text.training.rivals import Matrix

_BATCH_AT_TEST: Final = 64
#: Texts are padded to multiples of this: every shape that is new costs oneDNN a compilation.
_STEP: Final = 32
#: Weight of a step in the running mean of the weights: the mean of the last steps reads better than the last one.
_DECAY: Final = 0.99


@dataclass(frozen=True, slots=True)
class Plan:
    """How the encoder is taught."""

    epochs: int = 10
    batch: int = 16
    rate: float = 3e-4
    warmup: float = 0.1
    dropout: float = 0.1
    #: Tokens of words; what rules find comes behind them, within the 256 places of a small encoder.
    max_tokens: int = 238
    seed: int = 0
    task: Literal["kinds", "choice"] = "kinds"


class Transformer:
    """Learns from texts (or pairs of texts) and labels, tells probabilities; see `rivals.Rival`.

    ``encoder``: a name on a hub, or a folder that Transformers wrote.
    """

    def __init__(
        self, encoder: str, plan: Plan = Plan(), tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self.encoder, self.plan, self.tell = encoder, plan, tell
        self._rules = Rules(rules())
        self.tokenizer: Any = None
        self.model: Any = None
        #: Divides the log odds; found on what did not teach.
        self.temperature = 1.0
        #: From which probability on a kind is best taken as stated (`measure.best_threshold`).
        self.threshold = 0.5

    @property
    def share(self) -> float:
        """What its log odds are multiplied by in what is told."""
        return 1 / self.temperature

    def fit(self, texts: Sequence[Any], labels: Matrix) -> Transformer:
        """Teach. ``labels``: [texts][outputs], 0 or 1; for a choice exactly one 1 a row."""
        plan = self.plan
        torch.manual_seed(plan.seed)
        self.tokenizer = AutoTokenizer.from_pretrained(self.encoder)
        model = AutoModelForSequenceClassification.from_pretrained(
            self.encoder, num_labels=labels.shape[1], hidden_dropout_prob=plan.dropout, attention_probs_dropout_prob=plan.dropout,
            classifier_dropout=plan.dropout,
        )  # fmt: skip
        if plan.task == "kinds":
            model.resize_token_embeddings(len(self.tokenizer) + self._rules.count)
        encoded = self._encode(texts)
        target = torch.from_numpy(labels).float()
        steps = plan.epochs * -(-len(texts) // plan.batch)
        optimiser = torch.optim.AdamW(model.parameters(), lr=plan.rate, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, plan.rate, total_steps=steps + 1, pct_start=plan.warmup, anneal_strategy="linear")  # fmt: skip
        mean, step = copy.deepcopy(model), 0
        for epoch in range(plan.epochs):
            model.train()
            losses = []
            for rows in batches([len(e) for e in encoded], plan.batch, plan.seed + epoch):
                with autocast():
                    scores = model(**self._padded([encoded[i] for i in rows])).logits
                loss = self._loss(scores.float(), target[rows])
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimiser.step()
                schedule.step()
                step += 1
                follow(mean, model, min(_DECAY, step / (step + 10)))
                losses.append(loss.item())
            self.tell(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}")
        self.model = mean.eval()
        return self

    def logits(self, texts: Sequence[Any]) -> Matrix:
        """Log odds (or scores of a choice) before the temperature: [texts][outputs]."""
        encoded = self._encode(texts)
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
        told: Matrix = np.zeros((len(encoded), self.model.config.num_labels))
        with torch.no_grad():
            for start in range(0, len(order), _BATCH_AT_TEST):
                rows = order[start : start + _BATCH_AT_TEST]
                told[rows] = self.model(**self._padded([encoded[i] for i in rows])).logits.double().numpy()  # fmt: skip
        return told

    def predict_proba(self, texts: Sequence[Any]) -> Matrix:
        """[texts][outputs], 0 to 1."""
        scores = self.logits(texts) / self.temperature
        if self.plan.task == "choice":
            odds = np.exp(scores - scores.max(1, keepdims=True))
            chances: Matrix = odds / odds.sum(1, keepdims=True)
            return chances
        sigmoid: Matrix = 1 / (1 + np.exp(-scores))
        return sigmoid

    def save(self, folder: Path) -> None:
        """As Transformers keeps it, so that another may begin from there."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def encoded(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text: its tokens, then what rules find in it."""
        return [row["input_ids"] for row in self._encode(texts)]

    def _loss(self, scores: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        if self.plan.task == "choice":
            return F.cross_entropy(scores, target)
        return F.binary_cross_entropy_with_logits(scores, target)

    def _encode(self, texts: Sequence[Any]) -> list[dict[str, list[int]]]:
        pairs = [t if isinstance(t, tuple) else (t,) for t in texts]
        columns = [list(c) for c in zip(*pairs, strict=True)]
        read = self.tokenizer(*columns, truncation=True, max_length=self.plan.max_tokens)
        if self.plan.task == "kinds":
            vocabulary = len(self.tokenizer)
            rows = zip(read["input_ids"], columns[0], strict=True)
            read["input_ids"] = [self._rules.behind(ids, text, vocabulary) for ids, text in rows]
            read["attention_mask"] = [[1] * len(ids) for ids in read["input_ids"]]
            read.pop("token_type_ids", None)  # one text: all zeros, as where there are none
        names = [n for n in ("input_ids", "token_type_ids", "attention_mask") if n in read]
        return [_Encoded({n: read[n][i] for n in names}) for i in range(len(pairs))]

    def _padded(self, rows: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        return dict(self.tokenizer.pad(rows, return_tensors="pt", pad_to_multiple_of=_STEP))


class _Encoded(dict[str, list[int]]):
    """One encoded text; as long as its tokens."""

    def __len__(self) -> int:
        return len(self["input_ids"])


def temperature(logits: Matrix, labels: Matrix) -> float:
    """What divides log odds so that probabilities fit best (least log loss), looked for between 0.3 and 5."""

    def loss(t: float) -> float:
        scaled = logits / t
        return float(np.mean(np.logaddexp(0, scaled) - labels * scaled))

    best: float = min(np.exp(np.linspace(np.log(0.3), np.log(5), 200)).tolist(), key=loss)
    return best


def batches(lengths: list[int], size: int, seed: int) -> Iterator[list[int]]:
    """Shuffled, then sorted by length within some batches' worth, so that little is padded."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(lengths))
    chunks = []
    for start in range(0, len(order), size * 16):
        near = sorted(order[start : start + size * 16].tolist(), key=lambda i: lengths[i])
        chunks += [near[i : i + size] for i in range(0, len(near), size)]
    for i in random.permutation(len(chunks)):
        yield chunks[i]


def follow(mean: Any, model: Any, decay: float) -> None:
    """Move the running mean of the weights towards the weights as they are."""
    with torch.no_grad():
        for kept, now in zip(mean.parameters(), model.parameters(), strict=True):
            kept.lerp_(now, 1 - decay)

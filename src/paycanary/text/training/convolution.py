"""A convolutional reader: which short runs of words stand anywhere in a text. Smaller than a Transformer, and made for few labels.

Kim (2014), Convolutional Neural Networks for Sentence Classification: runs of one to five pieces, the strongest of each wins. The pieces'
vectors begin as those of an encoder that `pretrain` taught. What search expressions find (`paycanary.text.rules`) stands behind the
words as pieces of its own, so that the network learns when to trust them (Cheng et al. 2016, Wide & Deep Learning).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own name for it
from transformers import AutoModel, AutoTokenizer

from paycanary.text.rules import Rules, rules
from paycanary.text.training.finetune import batches, follow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paycanary.text.training.rivals import Matrix

_DECAY: Final = 0.995
_BATCH_AT_TEST: Final = 64
#: Log odds by which a rule's finding moves its kind before anything is learned.
_TRUST: Final = 4.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is taught."""

    epochs: int = 30
    batch: int = 32
    rate: float = 1e-3
    widths: tuple[int, ...] = (1, 2, 3, 4, 5)
    filters: int = 96
    dropout: float = 0.5
    word_dropout: float = 0.1
    max_tokens: int = 256
    seed: int = 0


class Network(nn.Module):  # type: ignore[misc]
    """Token ids and mask -> log odds of each kind."""

    def __init__(self, vectors: torch.Tensor, marks: int, outputs: int, plan: Plan) -> None:
        super().__init__()
        self.register_buffer("marks", torch.arange(len(vectors) - marks, len(vectors)))
        self.vectors = nn.Embedding.from_pretrained(vectors, freeze=False)
        size = vectors.shape[1]
        self.runs = nn.ModuleList(
            nn.Conv1d(size, plan.filters, w, padding=w // 2) for w in plan.widths
        )
        self.dropout = nn.Dropout(plan.dropout)
        self.last = nn.Linear(plan.filters * len(plan.widths), outputs)
        self.wide = nn.Linear(marks, outputs, bias=False)
        # It begins as the rules would tell; examples move it from there.
        nn.init.constant_(self.last.bias, -_TRUST + 1)
        nn.init.zeros_(self.wide.weight)
        with torch.no_grad():
            for kind in range(min(outputs, marks // 2)):
                self.wide.weight[kind, 2 * kind : 2 * kind + 2] = torch.tensor([_TRUST, -_TRUST])

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """[texts][tokens] twice -> [texts][kinds]. Padding has no vector, and a run that begins in it wins nothing: how far a text is padded changes nothing."""
        mask = attention_mask.unsqueeze(1).to(torch.float32)
        columns = self.vectors(input_ids).transpose(1, 2) * mask
        width = input_ids.shape[1]
        best = [(torch.relu(run(columns)[:, :, :width]) * mask).amax(2) for run in self.runs]
        found = (input_ids.unsqueeze(2) == self.marks).to(torch.float32).amax(1)
        told: torch.Tensor = self.last(self.dropout(torch.cat(best, 1))) + self.wide(found)
        return told


class Convolution:
    """Learns from texts and labels, tells probabilities; see `rivals.Rival`."""

    def __init__(
        self, encoder: str, plan: Plan = Plan(), tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self.encoder, self.plan, self.tell = encoder, plan, tell
        self.tokenizer = AutoTokenizer.from_pretrained(encoder)
        self._rules = Rules(rules())
        self.model: Any = None
        self.temperature = 1.0
        #: From which probability on a kind is best taken as stated (`measure.best_threshold`).
        self.threshold = 0.5

    @property
    def share(self) -> float:
        """What its log odds are multiplied by in what is told."""
        return 1 / self.temperature

    def fit(self, texts: Sequence[str], labels: Matrix) -> Convolution:
        """Teach. ``labels``: [texts][outputs], 0 to 1."""
        plan = self.plan
        torch.manual_seed(plan.seed)
        vectors = AutoModel.from_pretrained(self.encoder).get_input_embeddings().weight.detach()
        vectors = torch.cat([vectors / vectors.std(), torch.randn(self._rules.count, vectors.shape[1])])  # fmt: skip
        model = Network(vectors, self._rules.count, labels.shape[1], plan)
        encoded, target = self.encoded(texts), torch.from_numpy(labels).float()
        optimiser = torch.optim.AdamW(model.parameters(), lr=plan.rate, weight_decay=0.01)
        steps = plan.epochs * -(-len(texts) // plan.batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, plan.rate, total_steps=steps + 1, pct_start=0.1)  # fmt: skip
        mean, step = copy.deepcopy(model), 0
        for epoch in range(plan.epochs):
            model.train()
            losses = []
            for rows in batches([len(e) for e in encoded], plan.batch, plan.seed + epoch):
                ids, mask = padded([encoded[i] for i in rows])
                hidden = (torch.rand(ids.shape) < plan.word_dropout) & (mask > 0)
                loss = F.binary_cross_entropy_with_logits(model(ids.masked_fill(hidden, 4), mask), target[rows])  # fmt: skip
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                step += 1
                follow(mean, model, min(_DECAY, step / (step + 10)))
                losses.append(loss.item())
            self.tell(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}")
        self.model = mean.eval()
        return self

    def logits(self, texts: Sequence[str]) -> Matrix:
        """Log odds before the temperature: [texts][outputs]."""
        encoded = self.encoded(texts)
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
        told: Matrix = np.zeros((len(encoded), self.model.last.out_features))
        with torch.no_grad():
            for start in range(0, len(order), _BATCH_AT_TEST):
                rows = order[start : start + _BATCH_AT_TEST]
                told[rows] = self.model(*padded([encoded[i] for i in rows])).double().numpy()
        return told

    def predict_proba(self, texts: Sequence[str]) -> Matrix:
        """[texts][outputs], 0 to 1."""
        chances: Matrix = 1 / (1 + np.exp(-self.logits(texts) / self.temperature))
        return chances

    def encoded(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text: its tokens, then what rules find in it."""
        read: list[list[int]] = self.tokenizer(list(texts), truncation=True, max_length=self.plan.max_tokens)["input_ids"]  # fmt: skip
        vocabulary = len(self.tokenizer)
        return [self._rules.behind(ids, t, vocabulary) for ids, t in zip(read, texts, strict=True)]


def padded(rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask of encoded texts, as long as the longest of them."""
    width = -(-max(map(len, rows)) // 16) * 16
    ids = torch.zeros((len(rows), width), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return ids, mask

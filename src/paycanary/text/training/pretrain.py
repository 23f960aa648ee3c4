"""Masked language modelling of a small BERT on two cores, for where no hub with Korean encoders can be reached.

Lines are packed into blocks of one length, so that no step is spent on padding; the output layer is worked out at masked places only.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own name for it
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

from paycanary.text.training.precision import autocast
from paycanary.text.training.tokens import SPECIAL, train_tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_PAD, _, _CLS, _SEP, _MASK = range(5)
_MASKED: Final = 0.15
_KEPT: Final = 0.1
_RANDOM: Final = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """Size of the model and length of the training."""

    vocabulary: int = 8000
    layers: int = 4
    hidden: int = 256
    heads: int = 4
    positions: int = 256
    block: int = 128
    batch: int = 32
    rate: float = 1e-3
    warmup: float = 0.06
    minutes: float = 40.0
    seed: int = 0


def pretrain(
    lines: Sequence[str], folder: Path, plan: Plan, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Train a tokenizer and an encoder on lines; both stand in ``folder`` as Transformers keeps them. Gives what was measured."""
    torch.manual_seed(plan.seed)
    tokenizer = train_tokenizer(lines, plan.vocabulary)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=SPECIAL[0], unk_token=SPECIAL[1], cls_token=SPECIAL[2], sep_token=SPECIAL[3],
        mask_token=SPECIAL[4], model_max_length=plan.positions,
    )  # fmt: skip
    blocks = pack(
        [e.ids for e in tokenizer.encode_batch(list(lines), add_special_tokens=False)], plan.block
    )
    held = max(1, len(blocks) // 50)
    order = np.random.default_rng(plan.seed).permutation(len(blocks))
    taught, kept = torch.from_numpy(blocks[order[held:]]), torch.from_numpy(blocks[order[:held]])
    model = BertForMaskedLM(
        BertConfig(
            vocab_size=tokenizer.get_vocab_size(), hidden_size=plan.hidden, num_hidden_layers=plan.layers, num_attention_heads=plan.heads,
            intermediate_size=4 * plan.hidden, max_position_embeddings=plan.positions, pad_token_id=_PAD,
        )
    )  # fmt: skip
    tell(
        f"{len(lines)} lines, {blocks.size} tokens, {sum(p.numel() for p in model.parameters())} parameters"
    )
    measured = _run(model, taught, kept, plan, tell)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    measured |= {"lines": len(lines), "tokens": int(blocks.size), "plan": asdict(plan)}
    (folder / "pretraining.json").write_text(json.dumps(measured, indent=1), encoding="utf-8")
    return measured


def pack(lines: Sequence[Sequence[int]], block: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Lines end to end, [SEP] between, cut into blocks that begin with [CLS]: int64 [blocks, block]."""
    stream = [token for line in lines for token in (*line, _SEP)]
    body = block - 1
    count = len(stream) // body
    cut = np.asarray(stream[: count * body], dtype=np.int64).reshape(count, body)
    return np.concatenate([np.full((count, 1), _CLS, dtype=np.int64), cut], axis=1)


def _masked(
    blocks: torch.Tensor, vocabulary: int, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """What the model sees, and where it has to guess."""
    guess = (torch.rand(blocks.shape, generator=random) < _MASKED) & (blocks > _MASK)
    how = torch.rand(blocks.shape, generator=random)
    seen = blocks.masked_fill(guess & (how >= _KEPT + _RANDOM), _MASK)
    strange = torch.randint(len(SPECIAL), vocabulary, blocks.shape, generator=random)
    return torch.where(guess & (how < _RANDOM), strange, seen), guess


def _loss(model: Any, blocks: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    seen, guess = _masked(blocks, model.config.vocab_size, random)
    with autocast():
        states = model.bert(seen).last_hidden_state[guess]
        guesses = model.cls(states)
    return F.cross_entropy(guesses.float(), blocks[guess])


def _run(
    model: Any, taught: torch.Tensor, kept: torch.Tensor, plan: Plan, tell: Callable[[str], None]
) -> dict[str, Any]:
    """One-cycle over a given time: the rate follows the clock, so that a slow machine ends as well as a fast one."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=plan.rate, weight_decay=0.01, betas=(0.9, 0.98))  # fmt: skip
    random = torch.Generator().manual_seed(plan.seed)
    began, told, step, losses = time.monotonic(), 0.0, 0, []
    model.train()
    while (spent := (time.monotonic() - began) / 60) < plan.minutes:
        share = spent / plan.minutes
        rate = plan.rate * min(share / plan.warmup, (1 - share) / (1 - plan.warmup))
        for group in optimiser.param_groups:
            group["lr"] = max(rate, plan.rate * 0.01)
        rows = torch.randint(len(taught), (plan.batch,), generator=random)
        loss = _loss(model, taught[rows], random)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
        step += 1
        if spent - told >= 1:
            told = spent
            tell(f"{spent:.0f} min, step {step}, loss {np.mean(losses[-100:]):.3f}")
    model.eval()
    with torch.no_grad():
        fixed = torch.Generator().manual_seed(1)
        held = [_loss(model, part, fixed).item() for part in kept.split(64)]
    tell(f"{step} steps, held out {np.mean(held):.3f}")
    return {
        "steps": step,
        "loss": float(np.mean(losses[-200:])),
        "held_out_loss": float(np.mean(held)),
    }

"""Trained encoder -> folder that `paycanary.text.model` reads: ONNX graph with int8 weights, tokenizer, description with checksums."""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from paycanary.text.model import DESCRIPTION, GRAPH, TOKENIZER
from paycanary.text.training.labelled import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paycanary.text.training.finetune import Transformer

_OPSET: Final = 17
_FULL: Final = "full.onnx"


class _Scores(nn.Module):  # type: ignore[misc]
    """Scores alone, divided by the temperature: what the graph tells are log odds of calibrated probabilities."""

    def __init__(self, model: Any, temperature: float) -> None:
        super().__init__()
        self.model, self.temperature = model, temperature

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return scores / self.temperature


def export(
    reader: Transformer, folder: Path, facts: Mapping[str, Any], *, is_small: bool = True
) -> Path:
    """Write the model; ``is_small``: weights as int8 (dynamic quantisation), else as they were taught.

    The version is made of the files' checksums: the same files have the same version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / _FULL
        _trace(reader, full)
        if is_small:
            quantize_dynamic(full, folder / GRAPH, weight_type=QuantType.QInt8, per_channel=True)
        else:
            (folder / GRAPH).write_bytes(full.read_bytes())
    reader.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    return describe(folder, {
        "kinds": list(KINDS), "max_tokens": reader.plan.max_tokens, "vocabulary": reader.tokenizer.backend_tokenizer.get_vocab_size(),
        "temperature": reader.temperature, **facts,
    })  # fmt: skip


def describe(folder: Path, facts: Mapping[str, Any]) -> Path:
    """Write `model.json` beside the other two files."""
    sums = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in (GRAPH, TOKENIZER)}
    version = hashlib.sha256("".join(sums.values()).encode()).hexdigest()[:8]
    whole = {"version": version, **facts, "sha256": sums}
    (folder / DESCRIPTION).write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")  # fmt: skip
    return folder


def _trace(reader: Transformer, path: Path) -> None:
    model = _Scores(reader.model, reader.temperature).eval()
    # Exported without fused attention: its traced form fixes the batch's size.
    reader.model.set_attn_implementation("eager")
    ids = torch.ones((2, 16), dtype=torch.long)
    sizes = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        torch.onnx.export(
            model, (ids, torch.ones_like(ids)), str(path), opset_version=_OPSET, dynamo=False, do_constant_folding=True,
            input_names=["input_ids", "attention_mask"], output_names=["logits"],
            dynamic_axes={"input_ids": sizes, "attention_mask": sizes, "logits": {0: "texts"}},
        )  # fmt: skip

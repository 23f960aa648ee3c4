"""Trained encoder -> folder that `paycanary.text.model` reads: ONNX graph with int8 weights, tokenizer, description with checksums."""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

from paycanary.text.model import CHARACTERS, DESCRIPTION, GRAPH, TOKENIZER
from paycanary.text.rules import rules
from paycanary.text.training.labelled import KINDS
from paycanary.text.training.pair import Pair

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paycanary.text.training.convolution import Convolution
    from paycanary.text.training.finetune import Transformer

    Reader = Transformer | Convolution | Pair

_OPSET: Final = 17
_FULL: Final = "full.onnx"


class _Scores(nn.Module):  # type: ignore[misc]
    """Scores alone, by the share they have: what the graph tells are log odds of calibrated probabilities, or its part of them."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.model, self.share = reader.model, reader.share

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        told = self.model(input_ids=input_ids, attention_mask=attention_mask)
        scores: torch.Tensor = getattr(told, "logits", told)
        return scores * self.share


def export(
    reader: Reader,
    folder: Path,
    facts: Mapping[str, Any],
    sample: Sequence[str] = (),
) -> Path:
    """Write the model with int8 weights; without a ``sample`` as it was taught.

    The ranges of what flows between layers are fixed on the sample (static quantisation). Were they found for each call (dynamic), what is
    told of a text would depend on the others in the call, and a server that gathers texts would answer otherwise than the process.
    The version is made of the files' checksums: the same files have the same version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reader.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / _FULL
        _trace(reader, full)
        if sample:
            shrink(full, folder / GRAPH, reader.encoded(sample))
        else:
            (folder / GRAPH).write_bytes(full.read_bytes())
    if isinstance(reader, Pair) and reader.characters:
        reader.characters.write(folder / CHARACTERS, reader.share)
    return describe(folder, {
        "kinds": list(KINDS), "max_tokens": reader.plan.max_tokens, "vocabulary": reader.tokenizer.backend_tokenizer.get_vocab_size(),
        "temperature": reader.temperature, "rules": rules(), **facts,
    })  # fmt: skip


def keep(reader: Reader, path: Path) -> Path:
    """Write the module that tells the same log odds as the graph, as PyTorch has it: what the graph is compared with."""
    torch.save(_Scores(reader).eval(), path)
    return path


def shrink(full: Path, small: Path, sample: Sequence[Sequence[int]]) -> None:
    """Matrices as int8, a scale a channel; the ranges of their inputs as the sample shows them. Embeddings too: they are most of the file.

    Weights take seven of the eight bits (``reduce_range``): processors without VNNI add products of 8 bits in 16, where the sums of whole
    ranges are cut off, and would tell other probabilities than processors with it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        ready = Path(scratch) / "ready.onnx"
        quant_pre_process(str(full), str(ready), skip_symbolic_shape=True)
        quantize_static(
            str(ready), str(small), _Shown(sample), quant_format=QuantFormat.QDQ, op_types_to_quantize=["MatMul", "Gemm", "Conv", "Gather"],
            per_channel=True, reduce_range=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax,
            extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip


class _Shown(CalibrationDataReader):  # type: ignore[misc]
    """The sample, one text a call."""

    def __init__(self, sample: Sequence[Sequence[int]]) -> None:
        self._rows = iter(sample)

    def get_next(self) -> dict[str, Any] | None:
        """The next text's inputs."""
        ids = next(self._rows, None)
        if ids is None:
            return None
        tokens = np.array([ids], dtype=np.int64)
        return {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}


def describe(folder: Path, facts: Mapping[str, Any]) -> Path:
    """Write `model.json` beside the other files."""
    names = [name for name in (GRAPH, TOKENIZER, CHARACTERS) if (folder / name).exists()]
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    version = hashlib.sha256("".join(sums.values()).encode()).hexdigest()[:8]
    whole = {"version": version, **facts, "sha256": sums}
    (folder / DESCRIPTION).write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")  # fmt: skip
    return folder


def _trace(reader: Reader, path: Path) -> None:
    model = _Scores(reader).eval()
    # Exported without fused attention: its traced form fixes the batch's size.
    if hasattr(reader.model, "set_attn_implementation"):
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

"""Makes a text model of the shipped one's form in no time; runs where `onnx` is installed, in the environment of the model server.

    python small_model.py FOLDER SEED LAYERS [--dynamic]

Every character is a token; a text's scores are the mean of its tokens' after ``LAYERS`` products of matrices, which only take time.
All sums are of whole numbers, so that no order of adding changes an answer;
but with ``--dynamic``, by which inputs are quantised over a whole call.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

KINDS: Final = ("going_concern", "rescue", "unpaid_wages")
_WIDTH: Final = 256
_MOST: Final = 256


def make(folder: Path, seed: int, layers: int, *, is_dynamic: bool) -> None:
    """Write the three files."""
    folder.mkdir(parents=True, exist_ok=True)
    signs = ["[UNK]", *map(chr, range(0x20, 0x7F)), *map(chr, range(0xAC00, 0xD7A4))]
    tokenizer = Tokenizer(models.WordLevel({sign: at for at, sign in enumerate(signs)}, "[UNK]"))  # type: ignore[call-arg]
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("[\\s\\S]"), "isolated")  # type: ignore[assignment]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[UNK] $A", special_tokens=[("[UNK]", 0)]
    )  # type: ignore[assignment]
    tokenizer.save(str(folder / "tokenizer.json"))
    graph = folder / "model.onnx"
    onnx.save(_graph(len(signs), seed, layers), str(graph))
    if is_dynamic:
        quantize_dynamic(graph, graph, weight_type=QuantType.QInt8)
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("model.onnx", "tokenizer.json")}  # fmt: skip
    facts = {"version": f"small-{seed}", "kinds": KINDS, "max_tokens": _MOST, "vocabulary": len(signs), "sha256": sums}  # fmt: skip
    (folder / "model.json").write_text(json.dumps(facts), encoding="utf-8")


def _graph(signs: int, seed: int, layers: int) -> onnx.ModelProto:
    rng = np.random.default_rng(seed)

    def constant(name: str, values: np.ndarray) -> onnx.TensorProto:
        return numpy_helper.from_array(values, name)

    constants = [
        constant("table", rng.integers(-8, 9, (signs, _WIDTH)).astype(np.float32)),
        constant("turn", rng.permutation(np.eye(_WIDTH, dtype=np.float32))),
        constant("head", rng.integers(-3, 4, (_WIDTH, len(KINDS))).astype(np.float32)),
        constant("scale", np.array([50], dtype=np.float32)),
        constant("one", np.array([1], dtype=np.int64)),
        constant("two", np.array([2], dtype=np.int64)),
    ]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["x0"]),
        *(helper.make_node("MatMul", [f"x{i}", "turn"], [f"x{i + 1}"]) for i in range(layers)),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "two"], ["wide"]),
        helper.make_node("Mul", [f"x{layers}", "wide"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "one"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["mask", "one"], ["count"], keepdims=1),
        helper.make_node("MatMul", ["sum", "head"], ["scores"]),
        helper.make_node("Div", ["scores", "count"], ["mean"]),
        helper.make_node("Div", ["mean", "scale"], ["logits"]),
    ]
    tokens = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in ("input_ids", "attention_mask")]  # fmt: skip
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", len(KINDS)])
    graph = helper.make_graph(nodes, "small", tokens, [logits], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), is_dynamic="--dynamic" in sys.argv)

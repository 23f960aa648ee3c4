"""One way of telling probabilities, in the environment of its library. Run by ``scoring.py``; prints JSON.

    python scoring_peer.py make FOLDER         # what the other ways load, of card.json, rows.json and others.json
    python scoring_peer.py WAY FOLDER          # load, then one company at a time, then all at once
    python scoring_peer.py size NAME...        # what is installed beside these distributions

Nothing is imported before the clock starts but what is timed, so that imports stand in functions.
"""

# ruff: noqa: PLC0415
from __future__ import annotations

import json
import re
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    Array = np.ndarray[Any, Any]

#: Calls that are timed.
CALLS = 1000
REPEATS = 5


# --- what is loaded ------------------------------------------------------------------------------


def make(folder: Path) -> None:
    """Write the scorecard and the stumps in each library's own form."""
    import pickle

    import numpy as np
    import onnx

    from paycanary.forecast.choose import candidates
    from paycanary.forecast.features import features
    from paycanary.forecast.scorecard import Scorecard

    card = Scorecard.parse((folder / "card.json").read_text(encoding="utf-8"))
    model, platt = fitted_as(card)
    (folder / "signed.pickle").write_bytes(pickle.dumps((model, platt)))
    onnx.save(card_graph(card), folder / "card.onnx")

    rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    np.save(folder / "rows.npy", matrix(rows, card))
    rows += json.loads((folder / "others.json").read_text(encoding="utf-8"))
    x, p = matrix(rows, card), np.array([card.probability(row) for row in rows])
    y = (np.random.default_rng(1).random(len(x)) < p).astype(float)
    directions = [int(features()[name].direction) for name in card.terms_by_name]
    boosted: Any = candidates(directions)["boosted stumps"]().fit(x, y)
    (folder / "stumps.pickle").write_bytes(pickle.dumps(boosted))
    base, stumps = stumps_of(boosted)
    onnx.save(stumps_graph(base, stumps, len(card.terms_by_name)), folder / "stumps.onnx")
    compile_stumps(base, stumps, len(card.terms_by_name), folder)


def fitted_as(card: Any) -> tuple[Any, Any]:
    """The model and the calibration that tell what a scorecard tells, as if they had been fitted."""
    import numpy as np

    from paycanary.forecast.models import Platt
    from paycanary.forecast.signed import Shape, SignedLogistic

    terms = list(card.terms_by_name.values())
    model, platt = SignedLogistic([0] * len(terms)), Platt()
    model.shapes = [Shape(np.array(t.knots), np.array(t.moves), t.unknown, 0.0, 0.0) for t in terms]
    model.coefficients = np.array([1.0] * len(terms) + [0.0] * len(terms) + [card.intercept])
    platt.floor = card.floor
    return model, platt


def matrix(rows: list[dict[str, float]], card: Any) -> Array:
    """Rows as numbers, NaN where unknown."""
    import numpy as np

    return np.array([[row.get(name, np.nan) for name in card.terms_by_name] for row in rows])


def stumps_of(boosted: Any) -> tuple[float, list[Any]]:
    """The intercept, and of each stump: feature, threshold, whether unknown goes left, both leaves; averaged over the seeds."""
    import numpy as np

    held = boosted._held  # noqa: SLF001 - of a candidate, and the trees of scikit-learn, which has no other way to them
    used = np.flatnonzero(boosted._used)  # noqa: SLF001
    stumps = []
    for model in held:
        for (tree,) in model._predictors:  # noqa: SLF001
            root, *leaves = tree.nodes
            if leaves:
                left, right = (
                    tree.nodes[root[side]]["value"] / len(held) for side in ("left", "right")
                )
                stumps.append((int(used[root["feature_idx"]]), float(root["num_threshold"]), bool(root["missing_go_to_left"]), float(left), float(right)))  # fmt: skip
    return float(np.mean([model._baseline_prediction for model in held])), stumps  # noqa: SLF001


def card_graph(card: Any) -> Any:
    """The scorecard as ONNX: of every line its width, cut to where the value lies, times its slope."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    terms = list(card.terms_by_name.values())
    lines = max(len(t.knots) for t in terms) - 1
    low, width, slope = (np.zeros((len(terms), lines)) for _ in range(3))
    for nth, term in enumerate(terms):
        knots, moves = np.array(term.knots), np.array(term.moves)
        here = len(knots) - 1
        low[nth, :here], width[nth, :here] = knots[:-1], np.diff(knots)
        slope[nth, :here] = np.diff(moves) / np.diff(knots)
    held = {
        "low": low, "width": width, "slope": slope, "zero": np.array(0.0), "first": np.array([t.moves[0] for t in terms]),
        "unknown": np.array([t.unknown for t in terms]), "intercept": np.array(card.intercept), "floor": np.array(card.floor),
        "rest": np.array(1 - card.floor), "last": np.array([2]), "features": np.array([1]),
    }  # fmt: skip
    steps = [
        ("Unsqueeze", ["x", "last"], "wide"), ("Sub", ["wide", "low"], "above"), ("Max", ["above", "zero"], "positive"),
        ("Min", ["positive", "width"], "within"), ("Mul", ["within", "slope"], "moved"), ("ReduceSum", ["moved", "last"], "sum"),
        ("Add", ["sum", "first"], "known"), ("IsNaN", ["x"], "nan"), ("IsInf", ["x"], "infinite"), ("Or", ["nan", "infinite"], "none"),
        ("Where", ["none", "unknown", "known"], "terms"), ("ReduceSum", ["terms", "features"], "total"), ("Add", ["total", "intercept"], "odds"),
        ("Sigmoid", ["odds"], "chance"), ("Mul", ["chance", "rest"], "part"), ("Add", ["part", "floor"], "p"),
    ]  # fmt: skip
    nodes = [
        helper.make_node(op, given, [out], **({"keepdims": 0} if op == "ReduceSum" else {}))
        for op, given, out in steps
    ]
    graph = helper.make_graph(
        nodes,
        "scorecard",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, [None, len(terms)])],
        [helper.make_tensor_value_info("p", TensorProto.DOUBLE, [None])],
        [numpy_helper.from_array(value, name) for name, value in held.items()],
    )
    return _checked(graph)


def stumps_graph(base: float, stumps: list[Any], width: int) -> Any:
    """The stumps as ONNX's tree ensemble, with their sigmoid."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    count = len(stumps)
    trees = [tree for tree in range(count) for _ in range(3)]
    ensemble = helper.make_node(
        "TreeEnsembleRegressor", ["x"], ["odds"], domain="ai.onnx.ml", n_targets=1, aggregate_function="SUM",
        nodes_treeids=trees, nodes_nodeids=[0, 1, 2] * count, nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"] * count,
        nodes_featureids=[part for feature, *_ in stumps for part in (feature, 0, 0)],
        nodes_values_as_tensor=numpy_helper.from_array(np.array([part for _, at, *_ in stumps for part in (at, 0.0, 0.0)]), "at"),
        nodes_truenodeids=[1, 0, 0] * count, nodes_falsenodeids=[2, 0, 0] * count,
        nodes_missing_value_tracks_true=[part for _, _, left, *_ in stumps for part in (int(left), 0, 0)],
        target_treeids=[tree for tree in range(count) for _ in range(2)], target_nodeids=[1, 2] * count, target_ids=[0, 0] * count,
        target_weights_as_tensor=numpy_helper.from_array(np.array([leaf for *_, left, right in stumps for leaf in (left, right)]), "leaves"),
        base_values_as_tensor=numpy_helper.from_array(np.array([base]), "base"),
    )  # fmt: skip
    # ONNX Runtime gives the sum of a tree ensemble as float even where it adds doubles.
    graph = helper.make_graph(
        [ensemble, helper.make_node("Sigmoid", ["odds"], ["p"])],
        "stumps",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, [None, width])],
        [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])],
    )
    return _checked(graph)


def _checked(graph: Any) -> Any:
    import onnx
    from onnx import helper

    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    onnx.checker.check_model(model)
    return model


def compile_stumps(base: float, stumps: list[Any], width: int, folder: Path) -> None:
    """The stumps as a Treelite model, and as a library in C."""
    import numpy as np
    import tl2cgen
    from treelite.model_builder import Metadata, ModelBuilder, PostProcessorFunc, TreeAnnotation

    builder = ModelBuilder(
        threshold_type="float64", leaf_output_type="float64",
        metadata=Metadata(num_feature=width, task_type="kBinaryClf", average_tree_output=False, num_target=1, num_class=[1], leaf_vector_shape=(1, 1)),
        tree_annotation=TreeAnnotation(num_tree=len(stumps), target_id=[0] * len(stumps), class_id=[0] * len(stumps)),
        postprocessor=PostProcessorFunc(name="sigmoid"), base_scores=[base],
    )  # fmt: skip
    for feature, at, left, *leaves in stumps:
        builder.start_tree()
        builder.start_node(0)
        builder.numerical_test(feature_id=feature, threshold=at, default_left=left, opname="<=", left_child_key=1, right_child_key=2)  # fmt: skip
        builder.end_node()
        for key, leaf in enumerate(leaves, 1):
            builder.start_node(key)
            builder.leaf(float(np.float64(leaf)))
            builder.end_node()
        builder.end_tree()
    model = builder.commit()
    model.serialize(str(folder / "stumps.treelite"))
    tl2cgen.export_lib(model, toolchain="gcc", libpath=str(folder / "stumps.so"))


# --- ways ----------------------------------------------------------------------------------------


def card(_: Path) -> Callable[[Any], Any]:
    from paycanary.forecast.scorecard import scorecard

    return scorecard().probability


def signed(folder: Path) -> Callable[[Array], Any]:
    import pickle

    model, platt = pickle.loads((folder / "signed.pickle").read_bytes())  # noqa: S301 - written by `make`
    return lambda x: platt.probability(model.log_odds(x))


def boosted(folder: Path) -> Callable[[Array], Any]:
    import pickle

    model = pickle.loads((folder / "stumps.pickle").read_bytes())  # noqa: S301 - written by `make`
    return lambda x: 1 / (1 + np_exp(-model.log_odds(x)))


def np_exp(x: Array) -> Any:
    import numpy as np

    return np.exp(x)


def onnx_of(name: str) -> Callable[[Path], Callable[[Array], Any]]:
    def load(folder: Path) -> Callable[[Array], Any]:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"])  # fmt: skip
        return lambda x: session.run(None, {"x": x})[0]

    return load


def gtil(folder: Path) -> Callable[[Array], Any]:
    import treelite

    model = treelite.Model.deserialize(str(folder / "stumps.treelite"))
    return lambda x: treelite.gtil.predict(model, x, nthread=1)


def compiled(folder: Path) -> Callable[[Array], Any]:
    import tl2cgen

    predictor = tl2cgen.Predictor(str(folder / "stumps.so"), nthread=1)
    return lambda x: predictor.predict(tl2cgen.DMatrix(x, dtype="float64"))


WAYS: dict[str, Callable[[Path], Callable[[Any], Any]]] = {
    "card": card, "signed": signed, "boosted": boosted, "onnx-card": onnx_of("card"), "onnx-stumps": onnx_of("stumps"),
    "treelite": gtil, "tl2cgen": compiled,
}  # fmt: skip


def resident() -> float:
    """Memory held now, in MiB."""
    import resource

    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def run(way: str, folder: Path) -> dict[str, Any]:
    """Load and measure a way."""
    bare = resident()
    began = time.perf_counter()
    tell = WAYS[way](folder)
    loaded = time.perf_counter() - began
    held = resident()
    modules = [name for name in ("numpy", "pandas", "scipy", "sklearn") if name in sys.modules]
    rows: Any
    if way == "card":
        rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
        one = rows

        def everything() -> list[float]:
            return [tell(row) for row in rows]
    else:
        import numpy as np

        rows = np.load(folder / "rows.npy")
        one = [rows[n : n + 1] for n in range(len(rows))]

        def everything() -> list[float]:
            found: list[float] = np.asarray(tell(rows), dtype=float).ravel().tolist()
            return found

    singles = []
    # scikit-learn's stumps take milliseconds.
    calls = CALLS if way != "boosted" else CALLS // 10
    for nth in range(calls + 20):
        began = time.perf_counter()
        tell(one[nth % len(one)])
        singles.append(time.perf_counter() - began)
    whole = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        p = everything()
        whole.append(time.perf_counter() - began)
    return {
        "bare": bare, "load": loaded, "rss": held, "modules": modules, "one": statistics.median(singles[20:]),
        "p99": statistics.quantiles(singles[20:], n=100)[-1], "market": statistics.median(whole), "p": p,
    }  # fmt: skip


def size(known: set[str]) -> dict[str, Any]:
    """Distributions beside those known, by name: version, bytes without bytecode, licence."""
    from importlib.metadata import distributions

    found = {}
    for one in distributions():
        name = re.sub("[-_.]+", "-", one.metadata["Name"]).lower()
        if name in known or name in ("pip", "setuptools"):
            continue
        files = [Path(str(file.locate())) for file in one.files or []]
        told = [text.rpartition(" :: ")[2] for text in one.metadata.get_all("Classifier") or [] if text.startswith("License ::")]  # fmt: skip
        plain = [text.splitlines()[0] for text in one.metadata.get_all("License") or []]
        said = next(iter([*(one.metadata.get_all("License-Expression") or []), *told, *plain, "?"]))
        total = sum(f.stat().st_size for f in files if f.suffix != ".pyc" and f.is_file())
        found[name] = {"version": one.version, "bytes": total, "licence": said}
    return found


def main() -> None:
    what, *rest = sys.argv[1:]
    if what == "make":
        make(Path(rest[0]))
    elif what == "size":
        print(json.dumps(size(set(rest))))
    else:
        print(json.dumps(run(what, Path(rest[0]))))


if __name__ == "__main__":
    main()

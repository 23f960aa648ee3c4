"""The reader as it ships beside the PyTorch module it was made of: do they say the same, and how fast is each.

    python -m benchmarks.reading --from DIR --torch FILE [--model DIR] [--rounds 7] [--write]

``--torch`` is what `paycanary text train --keep FILE` wrote in the run that wrote the model; ``--from`` the folder of the labelled
paragraphs. Both read the same tokens on one thread, in turn; what is told is the median of the rounds. ``--write`` keeps
``benchmarks/reading.md``.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from benchmarks.run import HERE, ROOT, table
from paycanary.text.model import load
from paycanary.text.training.convolution import padded
from paycanary.text.training.judge import load_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paycanary.text.model import Encoded

KEPT: Final = HERE / "reading.md"
#: Texts of one call.
SIZES: Final = (1, 8, 32)


class Torch:
    """The module of full precision, asked as the graph is."""

    def __init__(self, path: Path) -> None:
        torch.set_num_threads(1)
        self._module: Any = torch.load(path, weights_only=False)

    def run(self, encoded: Sequence[Encoded]) -> list[list[float]]:
        """Probabilities: [texts][kinds]; what characters add is the same for both."""
        with torch.inference_mode():
            scores = self._module(*padded([text.ids for text in encoded])).double()
            added = [text.odds for text in encoded if text.odds is not None]
            told: list[list[float]] = torch.sigmoid(
                scores + torch.tensor(np.array(added)) if added else scores
            ).tolist()
        return told


def rates(runs: dict[str, Callable[[list[Encoded]], object]], encoded: list[Encoded], size: int, rounds: int) -> dict[str, list[float]]:  # fmt: skip
    """Milliseconds a text of each round, each run in turn on the same calls."""
    ordered = sorted(encoded, key=len)
    calls = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    told: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            began = time.perf_counter()
            for call in calls:
                run(call)
            told[name].append((time.perf_counter() - began) / len(encoded) * 1000)
    return {name: values[1:] for name, values in told.items()}  # the first fills the caches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--from", dest="folder", type=Path, required=True)
    parser.add_argument("--torch", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=ROOT / "src" / "paycanary" / "text" / "trained")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    model, full = load(given.model), Torch(given.torch)
    data = load_data(given.folder)
    tested = [x.text for rows in data.tested.values() for x in rows]
    everything = model.encode([*(x.text for x in data.taught), *tested])
    small = np.array([model.run([text])[0] for text in everything])
    large = np.array([full.run([text])[0] for text in everything])
    threshold = model.facts["threshold"]
    equal = ((small >= threshold) == (large >= threshold)).all(1)
    encoded = model.encode(tested)
    rows = []
    for size in SIZES:
        took = rates({"int8": model.run, "torch": full.run}, encoded, size, given.rounds)
        ratio = statistics.median(b / a for a, b in zip(took["int8"], took["torch"], strict=True))
        a, b = (statistics.median(took[n]) for n in ("int8", "torch"))
        rows.append([str(size), f"{a:.2f}", f"{1000 / a:,.0f}", f"{b:.2f}", f"{1000 / b:,.0f}", f"{ratio:.2f}"])  # fmt: skip
    size_of = {n: f"{p.stat().st_size / 2**20:.1f} MiB" for n, p in (("graph", given.model / "model.onnx"), ("module", given.torch))}  # fmt: skip
    head = ["texts a call", "int8, ms a text", "texts a second", "PyTorch, ms a text", "texts a second", "times faster"]  # fmt: skip
    text = (
        "# The reader with int8 weights beside PyTorch, measured\n\n"
        f"{datetime.now(UTC).date()}, Python {platform.python_version()}, PyTorch {torch.__version__}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores "
        f"(load {os.getloadavg()[0]:.0f}), one thread each; medians of {given.rounds} rounds over {len(encoded)} paragraphs, texts encoded.\n\n"
        f"Model {model.version}: {size_of['graph']} beside {size_of['module']}. Of all {len(everything)} labelled paragraphs **{equal.mean():.2%}** get the same labels from both "
        f"(at {threshold:.2f}); the largest difference of a probability is {np.abs(small - large).max():.3f}, the mean {np.abs(small - large).mean():.5f}.\n\n"
        f"{table(head, rows)}\n"
    )  # fmt: skip
    print(text)
    if given.write:
        KEPT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""One way to serve the text model, or the bare call; run in the environment of that way by `benchmarks/serving.py`.

    python serving_peer.py (bare | litserve | bentoml | fastapi | kserve) PORT MODEL

Each reads a folder of `paycanary.text.model` with the same few lines of its own: paycanary is not installed here.
"""

# ruff: noqa: PLC0415, D102, S606 - each way imports and becomes what its own environment holds

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

STEP = 16
#: Texts of one call, for everyone.
BATCH = 8
THREADS = os.cpu_count() or 1


class Reader:
    """The model as `paycanary.text.model` runs it: padded to a multiple of 16, one thread a call."""

    def __init__(self, folder: str) -> None:
        import numpy as np
        import onnxruntime
        import re2
        from tokenizers import Tokenizer

        facts = json.loads(Path(folder, "model.json").read_text())
        flags = re2.Options()
        flags.case_sensitive, flags.dot_nl = False, True
        pairs = facts.get("rules", {}).values()
        self.rules = [re2.compile(pair[side], flags) for pair in pairs for side in ("said", "unsaid")]  # fmt: skip
        self.vocabulary = facts["vocabulary"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            f"{folder}/model.onnx", options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(facts["max_tokens"])
        table = np.load(f"{folder}/characters.npy").astype(np.float32)
        self.weights, self.squares, self.bias = table[:-1, :-1].copy(), table[:-1, -1].copy(), table[-1, :-1]  # fmt: skip

    def encode(self, texts: list[str]) -> list[tuple[list[int], Any]]:
        encoded = self.tokenizer.encode_batch_fast(texts)
        return [(e.ids + self.marks(text), self.odds(text)) for e, text in zip(encoded, texts, strict=True)]  # fmt: skip

    def odds(self, text: str) -> Any:
        """Of the reader of characters, as `paycanary.text.characters` has them."""
        import numpy as np

        normal = f" {self.tokenizer.normalizer.normalize_str(text).strip()} "
        signs = np.frombuffer(normal.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
        hashed, rows = np.zeros(len(signs), np.uint64), []
        for n in range(1, 5):
            hashed = hashed[: len(signs) - n + 1] * np.uint64(0x9E3779B97F4A7C15) + signs[n - 1 :] + np.uint64(n)  # fmt: skip
            rows.append((hashed ^ (hashed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(48))  # fmt: skip
        found = np.concatenate(rows).astype(np.int64)
        length = np.sqrt(self.squares[found].sum())
        return self.weights.take(found, axis=0).sum(0) / length + self.bias if length else self.bias

    def marks(self, text: str) -> list[int]:
        return [self.vocabulary + at for at, rule in enumerate(self.rules) if rule.search(text)]

    def run(self, encoded: list[tuple[list[int], Any]]) -> list[list[float]]:
        import numpy as np

        lengths = np.array([[len(tokens)] for tokens, _ in encoded])
        width = -(-int(lengths.max()) // STEP) * STEP
        ids = np.zeros((len(encoded), width), dtype=np.int64)
        for row, (tokens, _) in enumerate(encoded):
            ids[row, : len(tokens)] = tokens
        mask = (np.arange(width) < lengths).astype(np.int64)
        (scores,) = self.session.run(None, {"input_ids": ids, "attention_mask": mask})
        scores = scores + np.array([odds for _, odds in encoded])
        told: list[list[float]] = (1 / (1 + np.exp(-scores.astype(np.float64)))).tolist()
        return told

    def read(self, texts: list[str]) -> list[list[float]]:
        return self.run(self.encode(texts))


def bare(folder: str, seconds: float, texts: list[str]) -> dict[str, Any]:
    """Texts a second of the bare call, on tokens that are ready: by threads and texts of a call; texts of one length together."""
    reader = Reader(folder)
    encoded = sorted(reader.encode(texts), key=lambda text: len(text[0]))
    told = {}
    for threads in sorted({1, THREADS}):
        for size in (1, BATCH):
            batches = [encoded[at : at + size] for at in range(0, len(encoded), size)]
            told[f"{threads}x{size}"] = _rate(reader, batches, threads, seconds)
    return told


def _rate(
    reader: Reader, batches: list[list[tuple[list[int], Any]]], threads: int, seconds: float
) -> float:
    counts = [0] * threads
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        at = number
        while time.perf_counter() < end:
            counts[number] += len(
                reader.run(batches[at % len(batches)]) and batches[at % len(batches)]
            )
            at += 1

    began = time.perf_counter()
    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / (time.perf_counter() - began)


LIT = """
import sys; sys.path.insert(0, {here!r})
import litserve
from serving_peer import BATCH, THREADS, Reader

class Text(litserve.LitAPI):
    def setup(self, device):
        self.reader = Reader({folder!r})

    def decode_request(self, request):
        return request["texts"]

    def predict(self, requests):
        told = iter(self.reader.read([text for texts in requests for text in texts]))
        return [[next(told) for _ in texts] for texts in requests]

    def encode_response(self, output):
        return {{"probabilities": output}}

if __name__ == "__main__":
    api = Text(max_batch_size=BATCH, batch_timeout=0.001)
    litserve.LitServer(api, accelerator="cpu", workers_per_device=THREADS).run(host="127.0.0.1", port={port}, generate_client_file=False, log_level="warning")
"""


def litserve(port: int, folder: str) -> None:
    """LitServe with its own batching; a worker a processor."""
    scratch = _written(
        "lit.py", LIT.format(here=str(Path(__file__).parent), folder=folder, port=port)
    )
    os.execv(sys.executable, [sys.executable, str(scratch / "lit.py")])


def _written(name: str, text: str) -> Path:
    """A folder with a program, to work in."""
    scratch = Path(tempfile.mkdtemp(prefix="serving-"))
    (scratch / name).write_text(text, encoding="utf-8")
    os.chdir(scratch)
    return scratch


def fastapi(port: int, _: str) -> None:
    """An empty route."""
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()

    @app.post("/")
    async def empty() -> dict[str, bool]:
        return {"ok": True}

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def kserve(port: int, _: str) -> None:
    """KServe's SDK as it comes, with a model that does nothing."""
    sys.argv = sys.argv[:1]
    from kserve import InferOutput, InferResponse, Model, ModelServer

    class Empty(Model):  # type: ignore[misc]
        def predict(self, payload: Any, headers: Any = None) -> Any:  # noqa: ARG002
            return InferResponse(
                payload.id or "1", self.name, [InferOutput("probability", [1], "FP64", [0.5])]
            )

    model = Empty("forecast")
    model.ready = True
    ModelServer(http_port=port, enable_grpc=False, access_log_format=None).start([model])


BENTO = """
import sys; sys.path.insert(0, {here!r})
import bentoml
from serving_peer import BATCH, Reader

@bentoml.service(workers={threads}, logging={{"access": {{"enabled": False}}}}, metrics={{"enabled": False}}, traffic={{"timeout": 60}})
class Text:
    def __init__(self):
        self.reader = Reader({folder!r})

    @bentoml.api(batchable=True, max_batch_size=BATCH, max_latency_ms=1000)
    def read(self, texts: list[str]) -> list[list[float]]:
        return self.reader.read(texts)
"""


def bentoml(port: int, folder: str) -> None:
    """BentoML with its adaptive batching; a worker a processor."""
    scratch = _written(
        "service.py", BENTO.format(here=str(Path(__file__).parent), folder=folder, threads=THREADS)
    )
    os.environ |= {"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": str(scratch)}
    os.execv(
        str(Path(sys.executable).with_name("bentoml")),
        ["bentoml", "serve", "service:Text", "--host", "127.0.0.1", "--port", str(port)],
    )


if __name__ == "__main__":
    what, number, model = sys.argv[1:4]
    if what == "bare":
        print(json.dumps(bare(model, float(number), json.load(sys.stdin))))
    else:
        {"litserve": litserve, "bentoml": bentoml, "fastapi": fastapi, "kserve": kserve}[what](
            int(number), model
        )

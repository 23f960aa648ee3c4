"""A real model server, in the environment that `make test` makes for it, with small models that are made once a run."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.servers import Server, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = ROOT / ".venv-models" / "bin" / "python"
HERE: Final = Path(__file__).parent
#: Seconds in which a small model reads 256 characters: next to none, and a good hundredth.
_LAYERS: Final = {"quick": 1, "slow": 150}


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a model server is started with: nothing that was set for this run."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PAYCANARY_")}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "LANG": "C.UTF-8", **(env or {})}


@dataclass
class ModelServer(Server):
    """``paycanary models serve``."""

    grpc_port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/v2/health/ready", trust_env=False, timeout=5).status_code == 200  # fmt: skip
        return False

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False, timeout=60, **options)

    def read(self, texts: Sequence[str], **more: Any) -> dict[str, Any]:
        """The answer to texts."""
        with self.client() as client:
            response = client.post("/v2/models/text/infer", json=asking(texts) | more)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def grpc(self, *calls: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The answers to calls over gRPC, one after the other."""
        ran = subprocess.run(
            [str(PYTHON), str(HERE / "grpc_client.py"), str(self.grpc_port)], input="".join(json.dumps(c) + "\n" for c in calls),
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def metrics(self) -> dict[str, float]:
        """Metrics of ours, by name and labels."""
        with self.client() as client:
            lines = client.get("/metrics").text.splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line.startswith("paycanary_")}  # fmt: skip


def asking(texts: Sequence[str]) -> dict[str, Any]:
    """A request about texts."""
    return {"inputs": [{"name": "texts", "datatype": "BYTES", "shape": [len(texts)], "data": list(texts)}]}  # fmt: skip


def rows_of(answer: Mapping[str, Any], name: str = "probabilities") -> list[list[float]]:
    """An output of two dimensions, by row."""
    (found,) = (o for o in answer["outputs"] if o["name"] == name)
    width = found["shape"][1]
    return [found["data"][at : at + width] for at in range(0, len(found["data"]), width)]


@contextmanager
def serving(env: Mapping[str, str] | None = None) -> Iterator[ModelServer]:
    """A server on free ports."""
    assert PYTHON.exists(), "no environment of the model server: run `make .venv-models/.installed`"
    port, grpc_port = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="paycanary-models-") as folder:
        command = [str(PYTHON), "-m", "paycanary", "models", "serve", "--port", str(port), "--grpc-port", str(grpc_port)]  # fmt: skip
        server = ModelServer(command, Path(folder), port, options={"env": environment(env)}, grpc_port=grpc_port)  # fmt: skip
        try:
            yield server.start()
        finally:
            if server.is_running:
                server.kill()


def made(folder: Path, seed: int, speed: str = "quick", *more: str) -> Path:
    """A small text model."""
    subprocess.run([str(PYTHON), str(HERE / "small_model.py"), str(folder), str(seed), str(_LAYERS[speed]), *more], check=True, timeout=60)  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model that is quick."""
    return made(tmp_path_factory.mktemp("models") / "small-1", 1)


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, but slow."""
    return made(tmp_path_factory.mktemp("models") / "slow-1", 1, "slow")


@pytest.fixture(scope="session")
def served(small: Path) -> Iterator[ModelServer]:
    """A server of the small model that many tests ask."""
    with serving({"PAYCANARY_TEXT_MODEL": str(small)}) as server:
        yield server

"""A server's life under load: it begins only with models that can be used, takes up new ones, and ends without losing anything."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest

from paycanary.forecast.scorecard import shipped
from tests.serving.conftest import PYTHON, ModelServer, asking, environment, made, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = ["임금이 체불되었습니다."]


class Load:
    """Clients that ask again and again until told to stop, each on a connection that it keeps."""

    def __init__(
        self, server: ModelServer, clients: int = 8, texts: list[str] | None = None
    ) -> None:
        self.server, self.texts = server, texts or TEXT
        self.answers: list[httpx.Response] = []
        self.lost: list[Exception] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """No more requests; those that were sent are waited for."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _ask(self) -> None:
        with self.server.client() as client:
            while not self._stop.is_set():
                try:
                    self.answers.append(client.post("/v2/models/text/infer", json=asking(self.texts)))  # fmt: skip
                except httpx.TransportError as error:
                    self.lost.append(error)
                    return

    @property
    def versions(self) -> set[str]:
        return {answer.json()["model_version"] for answer in self.answers}


def until(met: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.05)


@pytest.fixture
def shelf(small: Path, tmp_path: Path) -> Path:
    """A folder of versions with two that can be used; the first is in use."""
    shutil.copytree(small, tmp_path / "text" / "first")
    made(tmp_path / "text" / "second", 2)
    (tmp_path / "text" / "current").symlink_to("first")
    (tmp_path / "forecast").mkdir()
    (tmp_path / "forecast" / "one.json").write_text(shipped(), encoding="utf-8")
    (tmp_path / "forecast" / "current").write_text("one.json\n", encoding="utf-8")
    return tmp_path


def point(shelf: Path, model: str, version: str) -> None:
    """Exchange the pointer at once, as an operator does."""
    new = shelf / model / "new"
    if model == "text":
        new.symlink_to(version)
    else:
        new.write_text(version, encoding="utf-8")
    new.replace(shelf / model / "current")


def env(shelf: Path, **more: str) -> dict[str, str]:
    return {"PAYCANARY_MODELS_DIR": str(shelf), "PAYCANARY_MODELS_RELOAD_SECONDS": "0.2"} | more


def test_a_new_version_is_taken_up_without_a_failed_request(shelf: Path) -> None:
    with serving(env(shelf)) as server:
        with Load(server) as load:
            for version in ("second", "first", "second"):
                seen = len(load.answers)
                until(lambda seen=seen: len(load.answers) > seen + 20)  # type: ignore[misc]
                point(shelf, "text", version)
                expected = {"first": "small-1", "second": "small-2"}[version]
                until(lambda expected=expected: server.read(TEXT)["model_version"] == expected)  # type: ignore[misc]
        assert not load.lost
        assert {answer.status_code for answer in load.answers} == {200}
        assert load.versions == {"small-1", "small-2"}
        by_version = {
            (a.json()["model_version"], json.dumps(a.json()["outputs"])) for a in load.answers
        }
        assert len(by_version) == 2
        assert server.metrics()['paycanary_models_reloads_total{model="text",outcome="taken"}'] == 3


def test_another_scorecard_is_taken_up(shelf: Path) -> None:
    card = json.loads(shipped())
    card["version"] = "another"
    (shelf / "forecast" / "two.json").write_text(json.dumps(card), encoding="utf-8")
    with serving(env(shelf)) as server, server.client() as client:
        assert client.get("/v2/models/forecast").json()["versions"] == [
            json.loads(shipped())["version"]
        ]
        point(shelf, "forecast", "two.json")
        until(lambda: client.get("/v2/models/forecast").json()["versions"] == ["another"])


def spoiled(folder: Path, how: str) -> None:
    if how == "cut":
        whole = (folder / "model.onnx").read_bytes()
        (folder / "model.onnx").write_bytes(whole[: len(whole) // 2])
    elif how == "another tokenizer":
        told = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        told["model"]["vocab"].popitem()
        (folder / "tokenizer.json").write_text(json.dumps(told), encoding="utf-8")
    elif how == "another vocabulary":
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        (folder / "model.json").write_text(
            json.dumps(facts | {"vocabulary": 8000}), encoding="utf-8"
        )
    elif how == "no description":
        (folder / "model.json").write_bytes(b"\xff{")
    elif how == "fewer kinds":
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        (folder / "model.json").write_text(
            json.dumps(facts | {"kinds": ["rescue"]}), encoding="utf-8"
        )
    else:
        (folder / "tokenizer.json").unlink()


HOW = {
    "cut": "model.onnx is damaged",
    "another tokenizer": "tokenizer.json is damaged, or belongs to another model",
    "another vocabulary": "but the model was taught with 8000",
    "no description": "model.json cannot be read",
    "fewer kinds": "but 1 kinds are described",
    "missing": "tokenizer.json cannot be read",
}


def test_a_spoiled_version_is_refused_and_the_old_one_stays(shelf: Path) -> None:
    with serving(env(shelf)) as server, server.client() as client, Load(server, 2) as load:
        for number, (how, said) in enumerate(HOW.items()):
            name = f"spoiled-{number}"
            shutil.copytree(shelf / "text" / "second", shelf / "text" / name)
            spoiled(shelf / "text" / name, how)
            point(shelf, "text", name)
            until(
                lambda said=said: (
                    said in client.get("/v2/models/text").json()["parameters"].get("refused", "")
                )
            )  # type: ignore[misc]
            assert server.read(TEXT)["model_version"] == "small-1"
            assert client.get("/v2/health/ready").status_code == 200
        assert server.metrics()['paycanary_models_refused_version{model="text"}'] == 1
        asked = client.post("/v2/repository/models/text/load")
        assert asked.status_code == 503
        assert "tokenizer.json" in asked.json()["error"]
        point(shelf, "text", "second")
        until(lambda: server.read(TEXT)["model_version"] == "small-2")
        assert "refused" not in client.get("/v2/models/text").json()["parameters"]
        load.stop()
        assert not load.lost
        assert {answer.status_code for answer in load.answers} == {200}


def started(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(PYTHON), "-m", "paycanary", "models", "serve", *(arguments or ("--port", "0", "--grpc-port", "-1"))]  # fmt: skip
    return subprocess.run(command, env=environment(env), capture_output=True, text=True, timeout=60, check=False)  # fmt: skip


@pytest.mark.parametrize("how", HOW)
def test_it_does_not_begin_with_a_spoiled_model(shelf: Path, how: str) -> None:
    spoiled(shelf / "text" / "first", how)
    ended = started(env(shelf))
    assert ended.returncode == 10, ended.stderr
    assert HOW[how] in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PAYCANARY_MODELS_BATCH_TEXTS", "0", "PAYCANARY_MODELS_BATCH_TEXTS"),
        ("PAYCANARY_MODELS_THREADS", "many", "PAYCANARY_MODELS_THREADS"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, said: str) -> None:
    ended = started({name: value})
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert said in ended.stderr


def test_a_port_that_is_taken_is_named(served: ModelServer) -> None:
    for arguments in (("--port", str(served.port)), ("--port", "0", "--grpc-port", str(served.grpc_port))):  # fmt: skip
        ended = started(dict(served.options["env"]), *arguments)
        assert ended.returncode == 2, ended.stderr
        assert "cannot be listened on" in ended.stderr


def test_the_end_loses_nothing_that_was_taken(slow: Path) -> None:
    """As a cluster does it: no new requests go to a server that is not ready; all that were sent are answered."""
    settings = {"PAYCANARY_TEXT_MODEL": str(slow), "PAYCANARY_MODELS_THREADS": "1", "PAYCANARY_MODELS_DRAIN_SECONDS": "1"}  # fmt: skip
    with serving(settings) as server, Load(server, 24, ["가" * 250] * 4) as load:
        until(lambda: server.metrics()["paycanary_models_queue_texts"] > 24)
        ended: dict[str, Any] = {}
        ender = threading.Thread(target=lambda: ended.update(code=server.stop()))
        ender.start()
        until(lambda: not server.is_ready(), 5)
        load.stop()
        ender.join(60)
        assert ended == {"code": 0}
        assert not load.lost
        assert {answer.status_code for answer in load.answers} == {200}
        assert "Traceback" not in server.output

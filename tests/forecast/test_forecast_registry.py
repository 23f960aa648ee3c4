"""Trained models are kept whole, once, and found again: in a local store and on a real MLflow server over HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import httpx
import pytest

from paycanary import documents
from paycanary.cli.main import app
from paycanary.errors import ModelError, UsageError
from paycanary.forecast import registry
from paycanary.forecast.model_store import experiment, opened
from paycanary.forecast.registry import LIVE, NAME
from tests.command import Run, one_line
from tests.servers import Server, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FACTS = {"data_sha256": "ab" * 32, "seed": 7, "features": ["a", "나"], "licence": "KOGL type 1"}
METRICS = {"auc": 0.8239, "brier_skill": -0.01}


class Mlflow(Server):
    """``mlflow server``, as an operator starts it."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/health", trust_env=False, timeout=5).text == "OK"
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mlflow]:
    folder, port = tmp_path_factory.mktemp("mlflow"), free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
               "--backend-store-uri", f"sqlite:///{folder}/server.sqlite", "--artifacts-destination", str(folder / "kept")]  # fmt: skip
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # fmt: skip
    started = Mlflow(command, folder, port, options={"env": env, "cwd": folder})
    try:
        yield started.start()
    finally:
        started.kill()


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local store with its tables and nothing in them: making them takes seconds."""
    folder = tmp_path_factory.mktemp("store")
    with opened(f"sqlite:///{folder}/registry.sqlite", writes=True):
        pass
    return folder


@pytest.fixture
def local(home: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an empty local store, where paycanary looks for it."""
    monkeypatch.delenv("PAYCANARY_MODELS_STORE", raising=False)
    shutil.copytree(empty_store, home / "models")
    return home / "models"


@pytest.fixture(params=["local", "server"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files of an MLflow store lie that is the usual one of this test: local, and a server's."""
    if request.param == "local":
        folder: Path = request.getfixturevalue("local")
        return folder
    running: Mlflow = request.getfixturevalue("server")
    monkeypatch.setenv("PAYCANARY_MODELS_STORE", running.url)
    return running.folder / "kept"


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A model of this test's own: the server outlives it."""
    return f"{NAME}-{request.node.name.replace('[', '-').strip(']')}"


@dataclass
class Trained:
    root: Path

    def __call__(self, model: str = '{"steps": [1, 2]}', evaluation: str = "{}") -> Path:
        folder = self.root / f"trained{len(list(self.root.glob('trained*')))}"
        (folder / "more").mkdir(parents=True)
        (folder / "model.json").write_text(model, encoding="utf-8")
        (folder / "evaluation.json").write_text(evaluation, encoding="utf-8")
        (folder / "more" / "card.md").write_text("card", encoding="utf-8")
        return folder


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    return Trained(tmp_path)


# --- kept and found again ------------------------------------------------------------------------


def test_what_was_stored_comes_back(store: Path, name: str, trained: Trained, tmp_path: Path) -> None:  # fmt: skip
    del store
    folder = trained()
    assert registry.versions(name) == []
    assert registry.register(folder, FACTS, METRICS, name=name) == "1"
    found = registry.fetch(name, "1", tmp_path / "out" / "deep")
    for file in ("model.json", "evaluation.json", "more/card.md"):
        assert (tmp_path / "out" / "deep" / file).read_bytes() == (folder / file).read_bytes()
    assert set(found.files) == {"model.json", "evaluation.json", "more/card.md"}
    assert found.facts == {"data_sha256": "ab" * 32, "seed": "7", "features": '["a", "나"]', "licence": "KOGL type 1"}  # fmt: skip
    assert found.metrics == METRICS
    assert found.sha256 == found.files["model.json"]
    assert abs(found.registered_at.timestamp() - time.time()) < 600
    assert registry.versions(name) == [found]


def test_the_same_model_is_not_stored_twice(store: Path, name: str, trained: Trained) -> None:
    del store
    assert registry.register(trained(), FACTS, METRICS, name=name) == "1"
    assert registry.register(trained(evaluation='{"again": 1}'), {}, {}, name=name) == "1"
    assert registry.register(trained(model="{}"), FACTS, METRICS, name=name) == "2"
    assert registry.register(trained(), FACTS, METRICS, name=name) == "1"
    assert [one.version for one in registry.versions(name)] == ["2", "1"]


def test_an_alias_leads_to_one_version(store: Path, name: str, trained: Trained, tmp_path: Path) -> None:  # fmt: skip
    del store
    for model in ("first", "second"):
        registry.register(trained(model), {}, {}, name=name)
    assert registry.promote(name, "1").aliases == [LIVE]
    assert registry.version(name, LIVE).version == "1"
    registry.promote(name, "2", "candidate")
    assert registry.promote(name, "candidate").aliases == ["candidate", LIVE]
    assert [one.aliases for one in registry.versions(name)] == [["candidate", LIVE], []]
    registry.fetch(name, LIVE, tmp_path / "out")
    assert (tmp_path / "out" / "model.json").read_text() == "second"


@pytest.mark.parametrize("harm", [lambda f: f.write_bytes(b"{" + f.read_bytes()), Path.unlink], ids=["changed", "gone"])  # fmt: skip
@pytest.mark.parametrize("file", ["model.json", "evaluation.json"])
def test_a_damaged_file_is_told_and_nothing_written(store: Path, name: str, trained: Trained, tmp_path: Path, harm: Callable[[Path], None], file: str) -> None:  # fmt: skip
    known = set(store.rglob(file))
    registry.register(trained(), {}, {}, name=name)
    (kept,) = set(store.rglob(file)) - known
    harm(kept)
    with pytest.raises(ModelError, match=f"{file} is missing or not as it was stored") as told:
        registry.fetch(name, "1", tmp_path / "out")
    assert "다시 훈련" in told.value.line("ko")
    assert not (tmp_path / "out").exists()


def test_a_version_that_is_not_there_is_told(
    store: Path, name: str, trained: Trained, tmp_path: Path
) -> None:
    del store
    registry.register(trained(), {}, {}, name=name)
    for asked in ("2", "0", "live", "v1", "latest", "9" * 20, "../1", ""):
        with pytest.raises(ModelError, match=r"has no version .* models list"):
            registry.version(name, asked)
    with pytest.raises(ModelError, match="has no version 2"):
        registry.promote(name, "2")
    with pytest.raises(ModelError, match="has no version 2"):
        registry.fetch(name, "2", tmp_path / "out")
    with pytest.raises(ModelError, match="has no version 1 of another"):
        registry.version("another", "1")


def test_what_another_program_stored_is_not_trusted(store: Path, name: str, tmp_path: Path) -> None:
    del store
    with opened(None, writes=True) as store_:
        client = store_.client
        client.create_registered_model(name)
        run = client.create_run(experiment(store_)).info
        client.create_model_version(name, run.artifact_uri, run.run_id)
    assert registry.versions(name) == []
    with pytest.raises(ModelError, match="was not stored by paycanary"):
        registry.fetch(name, "1", tmp_path / "out")


@pytest.mark.parametrize("file", ["../out", "more/../../out", "/etc/out"])
def test_names_that_lead_out_of_the_folder_are_not_trusted(file: str) -> None:
    # MLflow's own client refuses to store them; a server may hold anything.
    assert registry._is_ours(SimpleNamespace(tags={"sha256/model.json": "0"}))
    assert not registry._is_ours(SimpleNamespace(tags={"sha256/model.json": "0", f"sha256/{file}": "0"}))  # fmt: skip


def test_many_facts_are_stored(local: Path, trained: Trained) -> None:
    del local
    facts = {f"fact {n}": "x" * 6000 for n in range(150)}
    registry.register(trained(), facts, {f"m{n}": n for n in range(300)})
    found = registry.version(NAME, "1")
    assert found.facts == facts
    assert len(found.metrics) == 300


def test_a_store_may_be_moved_as_a_whole(local: Path, trained: Trained, tmp_path: Path) -> None:
    registry.register(trained(), FACTS, METRICS)
    moved = tmp_path / "elsewhere"
    local.rename(moved)
    uri = f"sqlite:///{moved}/registry.sqlite"
    registry.fetch(NAME, "1", tmp_path / "out", uri)
    assert registry.register(trained("other"), {}, {}, uri) == "2"
    registry.fetch(NAME, "2", tmp_path / "out", uri)
    assert not local.exists()


# --- what cannot be used -------------------------------------------------------------------------


def test_asking_makes_no_store(home: Path) -> None:
    assert registry.versions() == []
    with pytest.raises(ModelError, match="no version live"):
        registry.version(NAME, LIVE)
    assert not home.exists()


def test_what_is_no_model_is_refused(local: Path, tmp_path: Path, trained: Trained) -> None:
    del local
    with pytest.raises(UsageError, match=r"there is no model\.json"):
        registry.register(tmp_path, {}, {})
    with pytest.raises(UsageError, match="6,001 characters are too many"):
        registry.register(trained(), {"long": "x" * 6001}, {})
    assert registry.versions() == []


# --- the command line ----------------------------------------------------------------------------


def test_commands(local: Path, run: Run, trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    del local

    def say(*words: str) -> str:
        # In this process, which has imported MLflow already.
        app(["forecast", "models", *words], standalone_mode=False)
        return capsys.readouterr().out

    registry.register(trained(), FACTS, METRICS)
    registry.register(trained("other"), FACTS, {})
    assert say("promote", "1", "--lang", "ko") == f"이제 live 는 {NAME} 의 1 판입니다.\n"
    assert "auc 0.8239" in say("list", "--lang", "en")
    assert "KOGL type 1" in say("show", LIVE, "--lang", "ko")
    assert say("fetch", LIVE, "--out", str(tmp_path / "out"), "--lang", "en") == f"Version 1 of {NAME}: 3 files checked and written to {tmp_path / 'out'}.\n"  # fmt: skip
    assert (tmp_path / "out" / "model.json").exists()
    listed = documents.ModelVersions(**run.json("forecast", "models", "list"))
    assert [(one.version, one.aliases) for one in listed.versions] == [("2", []), ("1", [LIVE])]
    shown = [json.loads(say(*words, "--json")) for words in (("show", LIVE), ("promote", "1"))]
    assert [documents.ModelVersion(**one) for one in shown] == [listed.versions[1]] * 2
    fetched = documents.FetchedModel(**json.loads(say("fetch", LIVE, "--out", str(tmp_path), "--json")))  # fmt: skip
    assert fetched.model == listed.versions[1]
    told = one_line(run("forecast", "models", "show", "3", "--lang", "ko"), 10)
    assert told.endswith("3 판이 없습니다. `paycanary forecast models list` 로 있는 판을 보세요.")


def test_without_the_extra_the_commands_say_what_to_install(run: Run) -> None:
    code = "import sys; sys.modules['mlflow'] = None; from paycanary.cli.main import run; sys.argv = ['paycanary', 'forecast', 'models', 'list']; run()"
    ran = subprocess.run([sys.executable, "-c", code], env=run.environment(), capture_output=True, encoding="utf-8", check=False)  # fmt: skip
    assert ran.returncode == 2
    assert "pip install 'paycanary[registry]'" in ran.stderr


def test_nobody_is_told_of_it(local: Path, run: Run, trained: Trained) -> None:
    """No address is looked up and no connection made, also where MLflow does not notice that it is tested."""
    del local
    code = (
        "import atexit, sys; seen = []; atexit.register(lambda: print('asked', seen))\n"
        "sys.addaudithook(lambda event, args: seen.append(args) if event in ('socket.connect', 'socket.getaddrinfo') else None)\n"
        "from pathlib import Path; from paycanary.forecast import registry\n"
        f"print(registry.register(Path({str(trained())!r}), {{}}, {{}}))"
    )
    env = {key: value for key, value in run.environment().items() if key not in {"CI", "PYTEST_CURRENT_TEST", "PYTEST_VERSION", "MLFLOW_DISABLE_TELEMETRY"}}  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, encoding="utf-8", check=True)  # fmt: skip
    assert ran.stdout == "1\nasked []\n"

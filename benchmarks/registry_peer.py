"""One registry, once: store a model of 200 kB with facts and metrics, store another, find the first by its alias, read it.

    python -P registry_peer.py PEER FOLDER [URI]

Run by ``registry.py`` in the environment of that peer. Prints JSON: seconds of each step, and every address that was looked
up or connected to. What a peer has no word for (an alias) is None.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FACTS = {f"fact {n}": "x" * 64 for n in range(20)}
METRICS = {f"metric {n}": n / 7 for n in range(20)}
#: Seconds that a peer may use to tell its makers of its use, once all is done.
LINGER = 4


def bare(folder: Path, _: str) -> dict[str, Any]:
    """No registry at all: files and a digest, as a floor."""
    kept = folder / "kept"

    def store(trained: Path, version: int) -> None:
        to = kept / str(version)
        to.mkdir(parents=True)
        (to / "model.json").write_bytes((trained / "model.json").read_bytes())
        about = {"sha256": digest(to / "model.json"), "facts": FACTS, "metrics": METRICS}
        (to / "about.json").write_text(json.dumps(about))
        (kept / "live").write_text("1")

    def load() -> Path:
        return kept / (kept / "live").read_text() / "model.json"

    return steps(folder, store, load)


def mlflow(folder: Path, uri: str) -> dict[str, Any]:
    started = time.perf_counter()
    from mlflow import MlflowClient  # noqa: PLC0415 - what is measured
    from mlflow.entities import Metric, Param  # noqa: PLC0415 - as above

    imported = time.perf_counter() - started
    name = f"m{os.getpid()}"
    held: list[Any] = []

    def client() -> Any:
        if not held:
            held.append(MlflowClient(uri))
        return held[0]

    def store(trained: Path, version: int) -> None:
        found = client().get_experiment_by_name(name)
        at = None if uri.startswith("http") else (folder / "files").as_uri()
        experiment = found.experiment_id if found else client().create_experiment(name, at)
        run = client().create_run(experiment).info
        client().log_batch(run.run_id, [Metric(k, v, 0, 0) for k, v in METRICS.items()], [Param(k, v) for k, v in FACTS.items()])  # fmt: skip
        client().log_artifacts(run.run_id, str(trained), "model")
        if version == 1:
            client().create_registered_model(name)
        client().create_model_version(name, f"{run.artifact_uri}/model", run.run_id)
        if version == 1:
            client().set_registered_model_alias(name, "live", "1")

    def load() -> Path:
        found = client().get_model_version_by_alias(name, "live")
        (folder / "out").mkdir()
        return Path(client().download_artifacts(found.run_id, "model", str(folder / "out"))) / "model.json"  # fmt: skip

    return {"import": imported, **steps(folder, store, load)}


def pins(folder: Path, _: str) -> dict[str, Any]:
    started = time.perf_counter()
    import pins as library  # noqa: PLC0415 - what is measured

    imported = time.perf_counter() - started
    board = library.board_folder(str(folder / "board"))
    first: list[str] = []

    def store(trained: Path, _: int) -> None:
        meta = board.pin_upload([str(trained / "model.json")], "model", metadata={"facts": FACTS, "metrics": METRICS})  # fmt: skip
        first.append(meta.version.version)

    def load() -> Path:
        return Path(board.pin_download("model", version=first[0])[0])

    return {"import": imported, **steps(folder, store, load)}


def gto(folder: Path, _: str) -> dict[str, Any]:
    started = time.perf_counter()
    import gto.api as library  # noqa: PLC0415 - what is measured
    from dvclive import Live  # noqa: PLC0415 - as above

    imported = time.perf_counter() - started
    repository = folder / "git"
    repository.mkdir()

    def git(*arguments: str) -> bytes:
        who = ["-c", "user.name=b", "-c", "user.email=b@example.com"]
        return subprocess.run(["git", *who, *arguments], cwd=repository, check=True, capture_output=True).stdout  # fmt: skip

    git("init")
    git("config", "user.name", "b")
    git("config", "user.email", "b@example.com")
    git("commit", "--allow-empty", "-m", "first")
    os.chdir(repository)

    def store(trained: Path, version: int) -> None:
        with Live("told", save_dvc_exp=False, dvcyaml=None) as live:
            live.log_params(FACTS)
            for key, value in METRICS.items():
                live.log_metric(key, value)
        (repository / "model.json").write_bytes((trained / "model.json").read_bytes())
        git("add", "-A")
        git("commit", "-m", "model")
        library.register(str(repository), "model", "HEAD", version=f"v{version}.0.0")
        if version == 1:
            library.assign(str(repository), "model", stage="live", ref="HEAD")

    def load() -> Path:
        rows = library.show(str(repository), "model@v1.0.0")
        out = folder / "out.json"
        out.write_bytes(git("show", f"{rows[0]['ref']}:model.json"))
        return out

    return {"import": imported, **steps(folder, store, load)}


PEERS: dict[str, Callable[[Path, str], dict[str, Any]]] = {
    "bare": bare,
    "mlflow": mlflow,
    "pins": pins,
    "gto": gto,
}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def steps(folder: Path, store: Callable[[Path, int], None], load: Callable[[], Path]) -> dict[str, Any]:  # fmt: skip
    """Time each step; the bytes that come back are looked at."""
    trained = []
    for n in (1, 2):
        (folder / f"trained{n}").mkdir()
        (folder / f"trained{n}" / "model.json").write_bytes(random.Random(n).randbytes(100_000).hex().encode())  # noqa: S311 - not a secret # fmt: skip
        trained.append(folder / f"trained{n}")
    marks = [time.perf_counter()]
    store(trained[0], 1)
    marks.append(time.perf_counter())
    store(trained[1], 2)
    marks.append(time.perf_counter())
    got = load()
    marks.append(time.perf_counter())
    same = digest(got) == digest(trained[0] / "model.json")
    first, again, read = (b - a for a, b in pairwise(marks))
    return {"first": first, "again": again, "load": read, "same": same}


def main() -> None:
    peer, folder, *uri = sys.argv[1:]
    seen: set[str] = set()

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            seen.add(str(arguments[0]))
        elif event == "socket.connect":
            seen.add(str(arguments[1][0] if isinstance(arguments[1], tuple) else arguments[1]))

    sys.addaudithook(hear)
    found = PEERS[peer](Path(folder), uri[0] if uri else "")
    time.sleep(LINGER if os.environ.get("LINGER") else 0)
    print(json.dumps({"import": 0.0, **found, "asked": sorted(seen - {"127.0.0.1", "localhost"})}))


if __name__ == "__main__":
    main()

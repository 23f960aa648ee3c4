"""Where trained models could be kept: registries side by side, each in an environment of its own.

    python -m benchmarks.registry [--rounds 5] [--python PATH] [--write]

What each takes on the disk, beside what paycanary's service has anyway; licences; whether it fits our lock; whether a warning
of Python ends it; whom it tells of its use when nothing forbids that; and seconds to store a model of 200 kB with 20 facts and
20 metrics, to store another, and to find the first by its alias and read it. Processes run in turn (A B C, C B A, ...).
``--write`` keeps the tables in ``benchmarks/registry.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.run import HERE, MIB, PEERS, ROOT, attempt, installed_bytes, pick_python, table

if TYPE_CHECKING:
    from collections.abc import Iterator

SQL: Final = ["sqlalchemy", "alembic"]
PEERS |= {
    "mlflow": ["mlflow"],
    "mlflow-skinny": ["mlflow-skinny", *SQL],
    "pins": ["pins"],
    "gto": ["gto", "dvclive"],
    "skops": ["skops"],
}
#: What is timed: environment, peer of `registry_peer`, and where it stores ("" is a folder, "server" a real MLflow server).
WAYS: Final = {
    "files and a digest, no registry: the floor": ("pins", "bare", ""),
    "mlflow, SQLite": ("mlflow", "mlflow", "sqlite"),
    "mlflow-skinny, SQLite": ("mlflow-skinny", "mlflow", "sqlite"),
    "mlflow-skinny, plain files (`MLFLOW_ALLOW_FILE_STORE=true`)": ("mlflow-skinny", "mlflow", "file"),
    "mlflow-skinny, `mlflow server` over HTTP": ("mlflow-skinny", "mlflow", "server"),
    "pins, folder (no aliases)": ("pins", "pins", ""),
    "gto and dvclive, git": ("gto", "gto", ""),
}  # fmt: skip
MARKS: Final = ("<!-- measured: registry.py -->", "<!-- end of measured -->")
_ASK: Final = r"""
import json, re, sys
from importlib.metadata import distributions
known, found = set(json.loads(sys.argv[1])), {"versions": {}, "added": [], "bytes": 0, "copyleft": []}
for one in distributions():
    name = re.sub("[-_.]+", "-", one.metadata["Name"]).lower()
    if name in ("pip", "setuptools"):
        continue
    found["versions"][name] = one.version
    words = " ".join(text[:200] for field in ("License-Expression", "License", "Classifier") for text in one.metadata.get_all(field) or [])
    if re.search("GPL|General Public", words):
        found["copyleft"].append(name)
    if name not in known:
        found["added"].append(name)
        for file in one.files or []:
            path = file.locate()
            if path.suffix != ".pyc" and path.is_file():
                found["bytes"] += path.stat().st_size
print(json.dumps(found))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="registries of trained models side by side")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", help="Python for all environments; default: the newest found")
    parser.add_argument("--write", action="store_true", help="keep the tables in registry.md")
    args = parser.parse_args()
    python = pick_python(args.python)
    folders = {}
    for name in ("mlflow", "mlflow-skinny", "pins", "gto", "skops"):
        folder, why = attempt(name, python)
        if folder is None:
            sys.exit(f"{name}: {why}")
        folders[name] = folder
    with tempfile.TemporaryDirectory() as scratch, serving(folders["mlflow"], Path(scratch)) as url:
        about = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
        text = "\n\n".join([
            f"{datetime.now(UTC):%Y-%m-%d}, {about}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores shared with other work, so absolute times are high; {args.rounds} rounds.",
            installed(folders),
            timed(folders, url, args.rounds),
        ])  # fmt: skip
    print(text)
    if args.write:
        page = HERE / "registry.md"
        before, _, rest = page.read_text(encoding="utf-8").partition(MARKS[0])
        page.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{rest.partition(MARKS[1])[2]}", encoding="utf-8")  # fmt: skip


def installed(folders: dict[str, Path]) -> str:
    """Draw what each installation takes, carries and does by itself."""
    lock = (ROOT / "requirements" / "serve.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9-]+==\S+", lock, re.MULTILINE)
    known = json.dumps([pin.split("==")[0] for pin in pins])
    rows = []
    for name, folder in folders.items():
        asked = subprocess.run([folder / "bin" / "python", "-c", _ASK, known], capture_output=True, text=True, check=True)  # fmt: skip
        found = json.loads(asked.stdout)
        size, count = installed_bytes(folder)
        ways = [way for way, (env, peer, _) in WAYS.items() if env == name and peer != "bare"]
        rows.append([
            ", ".join(f"{package} {found['versions'][package]}" for package in PEERS[name] if package not in SQL),
            f"{size / MIB:.0f} MiB, {count}",
            f"{found['bytes'] / MIB:.0f} MiB, {len(found['added'])}",
            "yes" if fits(folder, name, found["versions"], pins) else "no",
            ", ".join(sorted(found["copyleft"])) or "none",
            survives(folders, ways[0]) if ways else "",
            ", ".join(once(folders, ways[0], "", linger=True)["asked"]) or "nobody" if ways else "",
        ])  # fmt: skip
    head = ["installed", "all, distributions", "beside serve.lock", "fits serve.lock", "of the GPL family", "ended by a warning", "tells of its use"]  # fmt: skip
    return table(head, rows)


def fits(folder: Path, name: str, versions: dict[str, str], pins: list[str]) -> bool:
    """Whether these versions can be had together with all that the service's lock pins."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(pins))
        file.flush()
        wanted = [f"{package}=={versions[package]}" for package in PEERS[name] if package not in SQL]  # fmt: skip
        command: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "install", "--dry-run", "--ignore-installed", "-q", "-c", file.name, *wanted]  # fmt: skip
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def survives(folders: dict[str, Path], way: str) -> str:
    try:
        once(folders, way, "", "-W", "error")
    except RuntimeError as error:
        return f"yes: {str(error).partition(':')[0]}"
    return "no"


def timed(folders: dict[str, Path], url: str, rounds: int) -> str:
    """Draw how long each step takes, in turn."""
    runs: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for way in WAYS:
        once(folders, way, url)  # fills the caches of files and bytecode
    for number in range(rounds):
        for way in WAYS if number % 2 == 0 else reversed(WAYS):
            runs[way].append(once(folders, way, url))
    rows = []
    for way, measured in runs.items():
        if not all(run["same"] for run in measured):
            sys.exit(f"{way}: other bytes came back")
        rows.append([way, *(spread([run[step] for run in measured]) for step in ("import", "first", "again", "load"))])  # fmt: skip
    return table(["way", "import", "first model, store made", "another model", "by alias, read"], rows)  # fmt: skip


def spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f})"


def once(folders: dict[str, Path], way: str, url: str, *options: str, linger: bool = False) -> dict[str, Any]:  # fmt: skip
    """One process of a way to keep models, in a folder of its own.

    Raises:
        RuntimeError: it failed.
    """
    environment, peer, kind = WAYS[way]
    with tempfile.TemporaryDirectory() as scratch:
        where = {"": "", "sqlite": f"sqlite:///{scratch}/store.sqlite", "file": Path(scratch, "store").as_uri(), "server": url}[kind]  # fmt: skip
        env = {key: value for key, value in os.environ.items() if key not in {"CI", "DO_NOT_TRACK", "PYTEST_CURRENT_TEST", "PYTHONPATH"}}  # fmt: skip
        env |= {"HOME": scratch, "LINGER": "1"} if linger else {"HOME": scratch, "MLFLOW_DISABLE_TELEMETRY": "true"}  # fmt: skip
        env |= {"MLFLOW_ALLOW_FILE_STORE": "true"} if kind == "file" else {}
        command: list[str | Path] = [folders[environment] / "bin" / "python", *options, "-P", HERE / "registry_peer.py", peer, scratch, where]  # fmt: skip
        ran = subprocess.run(
            command, capture_output=True, text=True, check=False, env=env, cwd=scratch
        )
    if ran.returncode:
        raise RuntimeError(ran.stderr.strip().splitlines()[-1])
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


@contextmanager
def serving(folder: Path, scratch: Path) -> Iterator[str]:
    """Run a real MLflow server on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command: list[str | Path] = [folder / "bin" / "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
               "--backend-store-uri", f"sqlite:///{scratch}/server.sqlite", "--artifacts-destination", scratch / "kept"]  # fmt: skip
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # fmt: skip
    with (scratch / "output").open("wb") as output:
        process = subprocess.Popen(command, env=env, cwd=scratch, stdout=output, stderr=output, start_new_session=True)  # fmt: skip
        try:
            until = time.monotonic() + 120
            while True:
                with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health"):
                    break
                if process.poll() is not None or time.monotonic() > until:
                    sys.exit(f"the MLflow server does not answer:\n{(scratch / 'output').read_text()[-2000:]}")  # fmt: skip
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


if __name__ == "__main__":
    main()

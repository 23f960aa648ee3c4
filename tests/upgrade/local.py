"""``deploy/local/up`` as a process, and what it leaves behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.servers import Server, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT: Final = Path(__file__).resolve().parents[2]
#: Options that name ports; none may be one that somebody uses.
OPTIONS: Final = ("api-port", "worker-port", "models-port", "models-grpc-port", "postgres-port", "redis-port", "airflow-port")  # fmt: skip


@dataclass
class Local(Server):
    """All of it; it is ready once the last part answers."""

    def is_ready(self) -> bool:
        return "everything answers" in self.output

    def pids(self) -> dict[str, int]:
        """The programs that honcho started."""
        return {name: int(pid) for name, pid in re.findall(r"(\S+) started \(pid=(\d+)\)", self.output)}  # fmt: skip


def command(data: Path, ports: dict[str, int]) -> list[str]:
    given = [word for option, port in ports.items() for word in (f"--{option}", str(port))]
    return [str(ROOT / "deploy" / "local" / "up"), "--data", str(data), "--no-airflow", *given]


def environment() -> dict[str, str]:
    """Nothing that was set for this run, but where the package is."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PAYCANARY_", "DATABASE_", "REDIS_"))}  # fmt: skip
    return kept | {"PAYCANARY_PYTHON": sys.executable, "PYTHONPATH": str(ROOT / "src"), "LANG": "C.UTF-8"}  # fmt: skip


def free_ports() -> dict[str, int]:
    return {option: free_port() for option in OPTIONS}


@contextmanager
def folder() -> Iterator[Path]:
    """For data: not in pytest's own folders, which are closed to PostgreSQL's user."""
    with tempfile.TemporaryDirectory(prefix="paycanary-local-") as named:
        Path(named).chmod(0o755)
        yield Path(named)


@contextmanager
def local(below: Path, ports: dict[str, int], env: Mapping[str, str]) -> Iterator[Local]:
    server = Local(command(below / "data", ports), below, ports["api-port"], signal.SIGINT, {"env": environment() | dict(env)})  # fmt: skip
    (below / "output").write_text("", encoding="utf-8")
    try:
        yield server.start()
    finally:
        if server.is_running:
            server.stop()


def of(data: Path) -> list[str]:
    """Processes that have to do with a folder of data: by their command line, environment or place."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            told += str((process / "cwd").readlink()).encode()
        except OSError:
            continue  # it has ended meanwhile
        if str(data).encode() in told:
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:100])
    return found


def refused(data: Path, ports: dict[str, int]) -> str:
    """What it says as it refuses to start."""
    ran = subprocess.run(command(data, ports), env=environment(), capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert ran.returncode == 2, ran.stdout + ran.stderr
    return ran.stderr

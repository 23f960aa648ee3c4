"""A whole Airflow on this machine, of the real programs: API server, scheduler, DAG processor, triggerer, Celery worker.

with Cluster(airflow, env, folder) as cluster:
    cluster.unpause("paycanary_refresh_krx")
    runs = cluster.wait(lambda runs: any(run.state == "success" for run in runs))
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import httpx
import psutil
from settings import HERE, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

#: The programs; the worker alone may be ended and started again.
PROGRAMS: Final = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler",),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
    "worker": ("celery", "worker", "--without-gossip", "--without-mingle"),
}
#: Seconds until all of it answers, and until a program has ended.
_STARTING: Final = 400
_ENDING: Final = 40
#: Seconds between two looks.
_PAUSE: Final = 2
OPEN: Final = ("queued", "running")


class ClusterError(Exception):
    """A program ended, or something did not happen in time."""


@dataclass(frozen=True)
class Done:
    """A task of a run, as it stands now. ``result``: what it returned."""

    dag: str
    run: str
    run_type: str
    run_state: str
    task: str
    state: str | None
    tries: int
    seconds: float
    started: str
    result: dict[str, Any] = field(default_factory=dict)


class Cluster:
    """Runs from `__enter__` to `__exit__`; also ends what a worker that was killed has left."""

    def __init__(self, airflow: Path, env: Mapping[str, str], folder: Path, password: str) -> None:
        self.env = {**os.environ, **env, "AIRFLOW": str(airflow)}
        self.folder = folder
        self._airflow = airflow
        self._password = password
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._token = ""
        self._http = httpx.Client(base_url=env["AIRFLOW__API__BASE_URL"], trust_env=False, timeout=60)  # fmt: skip

    def __enter__(self) -> Self:
        try:
            self._set_up()
            for name in PROGRAMS:
                self.start(name)
            self._wait_until(self._is_up, _STARTING, "Airflow does not answer")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # The worker first, while what its tasks talk to still answers.
        for name in reversed(list(self._running)):
            self.stop(name)
        self._http.close()

    def _set_up(self) -> None:
        done = subprocess.run([HERE / "setup.sh"], env=self.env, capture_output=True, text=True, check=False)  # fmt: skip
        if done.returncode:
            raise ClusterError(f"Airflow's tables and pools could not be made:\n{done.stderr[-3000:]}")  # fmt: skip

    # --- programs --------------------------------------------------------------------------------

    def start(self, name: str, **env: str) -> None:
        """Start a program, told more where need be."""
        self.env |= env
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [self._airflow, *PROGRAMS[name]], env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd=self.folder,
            )  # fmt: skip

    def stop(self, name: str) -> None:
        """End a program and wait for it; what does not end in time is killed."""
        process = self._running.pop(name)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_ENDING)
        _kill(process)

    def kill(self, name: str) -> None:
        """End a program and all that it started at once, as a node does that goes away."""
        _kill(self._running.pop(name))

    def log(self, name: str) -> str:
        """What a program has written."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _is_up(self) -> bool:
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ClusterError(f"{name} ended:\n{self.log(name)[-3000:]}")
        with suppress(httpx.HTTPError, KeyError):
            answer = self._http.get("/api/v2/monitor/health").json()
            parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
            # The worker says "ready" once it has found Redis.
            return all(answer[part]["status"] == "healthy" for part in parts) and " ready." in self.log("worker")  # fmt: skip
        return False

    # --- what it does ----------------------------------------------------------------------------

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """Ask the API.

        Raises:
            ClusterError: it refused.
        """
        if not self._token:
            given = self._http.post("/auth/token", json={"username": USER, "password": self._password})  # fmt: skip
            self._token = given.json()["access_token"]
        answer = self._http.request(method, f"/api/v2{path}", headers={"Authorization": f"Bearer {self._token}"}, **more)  # fmt: skip
        if answer.is_error:
            raise ClusterError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def dags(self) -> set[str]:
        """DAGs that it has read."""
        return {dag["dag_id"] for dag in self.ask("GET", "/dags", params={"limit": 100})["dags"]}

    def unpause(self, *dags: str) -> None:
        """Let DAGs run: each begins with the run of its newest hour."""
        for dag in dags:
            self.ask("PATCH", f"/dags/{dag}", json={"is_paused": False})

    def trigger(self, *dags: str, day: str | None = None) -> None:
        """Start a run of each now."""
        for dag in dags:
            self.ask("POST", f"/dags/{dag}/dagRuns", json={"logical_date": None, "conf": {"day": day} if day else {}})  # fmt: skip

    def tasks(self) -> list[Done]:
        """Every task of every run, oldest first."""
        runs = {(run["dag_id"], run["dag_run_id"]): run for run in self._all("/dags/~/dagRuns", "dag_runs")}  # fmt: skip
        found = []
        for each in self._all("/dags/~/dagRuns/~/taskInstances", "task_instances"):
            run = runs.get((each["dag_id"], each["dag_run_id"]))
            if run is not None:
                found.append(Done(
                    each["dag_id"], each["dag_run_id"], run["run_type"], run["state"], each["task_id"], each["state"],
                    each["try_number"], each["duration"] or 0.0, each["start_date"] or "~",
                ))  # fmt: skip
        return sorted(found, key=lambda done: (done.started, done.dag))

    def result(self, done: Done) -> dict[str, Any]:
        """What a task returned; nothing where it did not."""
        path = f"/dags/{done.dag}/dagRuns/{done.run}/taskInstances/{done.task}/xcomEntries/return_value"  # fmt: skip
        with suppress(ClusterError):
            value = self.ask("GET", path, params={"deserialize": "true"})["value"]
            return value if isinstance(value, dict) else {}
        return {}

    def wait(self, is_reached: Callable[[list[Done]], bool], seconds: float, what: str) -> list[Done]:  # fmt: skip
        """Every task, once something is true of them.

        Raises:
            ClusterError: it was not in time, or a program of Airflow ended.
        """
        last: list[Done] = []

        def look() -> bool:
            nonlocal last
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise ClusterError(f"{name} ended:\n{self.log(name)[-3000:]}")
            # A machine that is busy with other things answers late, and goes on.
            with suppress(httpx.TransportError):
                last = self.tasks()
                return is_reached(last)
            return False

        try:
            self._wait_until(look, seconds, what)
        except ClusterError as error:
            told = "\n".join(f"{d.dag}.{d.task} {d.run}: {d.state}, try {d.tries}, run {d.run_state}" for d in last)  # fmt: skip
            raise ClusterError(f"{error}\n{told}") from None
        return last

    def _all(self, path: str, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self.ask("GET", path, params={"limit": 100, "offset": len(found)})
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found

    def _wait_until(self, is_so: Callable[[], bool], seconds: float, what: str) -> None:
        until = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > until:
                raise ClusterError(f"{what} after {seconds:.0f} s")
            time.sleep(_PAUSE)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and everything below it, whatever session or group that has made for itself."""
    below: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        below = psutil.Process(process.pid).children(recursive=True)
    for each in below:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

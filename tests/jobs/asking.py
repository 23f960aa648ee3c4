"""What tests of jobs share: a store that knows two companies, the service, workers, and a browser without a face."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx
from sqlalchemy import func, select

from paycanary.jobs.policy import Policy
from paycanary.jobs.table import JobTable
from paycanary.lake import snapshots
from paycanary.state.database import Database
from paycanary.state.tables import Job, JobEvent
from tests.command import Run
from tests.servers import Serve, Server, free_port
from tests.services import UNLISTED
from tests.standins.server import slow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.services import Services

COMPANY: Final = f"dart:{UNLISTED[0]}"
#: Everything that may be waited for comes sooner, unless it never comes.
PATIENCE: Final = 60.0
#: So quick that a test of a lost worker takes seconds.
QUICK: Final = {
    "PAYCANARY_JOB_LEASE_SECONDS": "1.5",
    "PAYCANARY_JOB_RESEND_SECONDS": "1.5",
    "PAYCANARY_HOUSEKEEPING_SECONDS": "0.3",
    "PAYCANARY_FORM_RATE_LIMIT": "1000/minute",
    "PAYCANARY_RATE_LIMIT": "10000/minute",
    "PAYCANARY_HEAVY_RATE_LIMIT": "1000/minute",
    "PAYCANARY_SECRET": "of this test",
}
POLICY: Final = Policy(lease_seconds=1.0, resend_seconds=1.0)


def until(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What ``what`` gives once it gives anything."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, f"still nothing after {seconds:g} s"
        time.sleep(0.05)
    return found


class Worker(Server):
    """``paycanary worker``."""

    def is_ready(self) -> bool:
        return "waiting for jobs" in self.output


@dataclass
class World:
    """A home with a lake that knows the made companies, and the registers beside it."""

    home: Path
    services: Services
    env: dict[str, str]
    url: str = ""
    servers: list[Server] = field(default_factory=list)
    _asked: dict[str, Database] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        return self.env.get("DATABASE_URL") or f"sqlite:///{self.home}/state.sqlite"

    @property
    def database(self) -> Database:
        return Database(self.database_url)

    @contextmanager
    def session(self) -> Iterator[Any]:
        """By a connection that is kept: who waits asks twenty times a second, and PostgreSQL takes 25 ms to let somebody in."""
        url = self.database_url
        if url not in self._asked:
            self._asked[url] = self.database
        with self._asked[url].session() as session:
            yield session

    def table(self, policy: Policy = POLICY) -> JobTable:
        return JobTable(self.database, policy)

    def run(self) -> Run:
        return Run(self.home, self.env)

    def serve(self, *arguments: object, **env: str) -> Serve:
        port = free_port()
        server = Serve(
            self.run().command("serve", "--port", port, *arguments),
            self._folder(f"serve{port}"), port, options={"env": self._environment(env)},
        )  # fmt: skip
        self.servers.append(server)
        self.url = server.url
        return server.start()

    def worker(self, **env: str) -> Worker:
        folder = self._folder(f"worker{len(self.servers)}")
        worker = Worker(self.run().command("worker", "--jobs-at-once", "1"), folder, 0, options={"env": self._environment(env)})  # fmt: skip
        self.servers.append(worker)
        return worker.start()

    def end(self) -> None:
        for server in self.servers:
            if server.is_running:
                server.kill()
        for database in self._asked.values():
            database.close()

    def asked_of(self, name: str = "dart") -> int:
        return len(self.services.running[name].requests)

    def hold_up(self, seconds: float = 0.5) -> None:
        """Let every register answer slowly, so that there is a middle."""
        for service in self.services.running.values():
            service.fault(slow(seconds))

    def mend(self) -> None:
        for service in self.services.running.values():
            service.mend()

    def snapshots(self) -> int:
        return len(snapshots.history(self.home / "lake" / "snapshots"))

    def ask(self, company: str = COMPANY) -> dict[str, Any]:
        """Ask for a refresh by the API; the job."""
        answer = httpx.post(f"{self.url}/v1/companies/{company}/refresh", trust_env=False, timeout=30)  # fmt: skip
        assert answer.status_code in (200, 202), answer.text
        assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
        return answer.json()  # type: ignore[no-any-return]

    def look(self, job: str) -> dict[str, Any]:
        answer = httpx.get(f"{self.url}/v1/jobs/{job}?lang=en", trust_env=False, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def ended(self, job: str) -> dict[str, Any]:
        """The job once it has ended."""

        def look() -> dict[str, Any] | None:
            with self.session() as session:
                if session.scalar(select(Job.ended_at).where(Job.id == job)) is None:
                    return None
            return self.look(job)

        return until(look)  # type: ignore[no-any-return]

    def is_running(self, job: str) -> bool:
        """Whether a worker has begun to ask."""
        with self.session() as session:
            steps = select(func.count()).select_from(JobEvent).where(JobEvent.job_id == job)
            return (session.scalar(steps) or 0) > 2

    def events(self, job: str) -> list[dict[str, Any]]:
        with self.session() as session:
            rows = session.scalars(select(JobEvent).where(JobEvent.job_id == job).order_by(JobEvent.id))  # fmt: skip
            return [row.event for row in rows]

    def assert_ended_once(self, job: str) -> None:
        """One end, after everything else, and the moments of events in their order."""
        states = [event.get("state") for event in self.events(job)]
        assert states.count("done") == 1, states
        assert states[-1] == "done"
        assert states[0] == "queued"
        with self.session() as session:
            moments = list(session.scalars(select(JobEvent.at).where(JobEvent.job_id == job).order_by(JobEvent.id)))  # fmt: skip
        assert moments == sorted(moments)

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        whole = Run(self.home, {**self.env, **more}).environment()
        return {n: v for n, v in whole.items() if v or n not in ("DATABASE_URL", "REDIS_URL")}

    def _folder(self, name: str) -> Path:
        folder = self.home.parent / name
        folder.mkdir(exist_ok=True)
        return folder


class Listener(threading.Thread):
    """Reads a stream of events over a real connection, as a browser does."""

    def __init__(self, url: str, last: int | None = None, address: str = "") -> None:
        super().__init__(daemon=True)
        self.events: list[tuple[int, str, dict[str, Any]]] = []
        self.comments = 0
        self.status = 0
        #: Whether it ended as an answer ends, and was not broken off.
        self.is_whole = False
        told = {"Last-Event-ID": last, "X-Forwarded-For": address}
        self._headers = {name: str(value) for name, value in told.items() if value}
        self._client = httpx.Client(trust_env=False, timeout=30)
        self._url = url
        self._stream: Any = None
        self.start()

    def run(self) -> None:
        # A connection that breaks off is what some tests are about; the events tell how far it came.
        with suppress(httpx.TransportError), self._client as client:
            self._read(client)
            self.is_whole = True

    def _read(self, client: httpx.Client) -> None:
        with client.stream("GET", self._url, headers=self._headers) as answer:
            self._stream = answer.extensions["network_stream"]
            self.status = answer.status_code
            block: dict[str, str] = {}
            for line in answer.iter_lines():
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    name, _, value = line.partition(": ")
                    block[name] = value
                elif "data" in block:
                    self.events.append((int(block["id"]), block["event"], json.loads(block["data"])))  # fmt: skip
                    block = {}

    def break_off(self) -> None:
        """Go away without a word, as a phone in a tunnel does."""
        self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self.join(PATIENCE)


def form_token(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found, page
    return found[1]

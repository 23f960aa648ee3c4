"""A rolling upgrade of `paycanary serve`, and the way back, under load: no request fails. On PostgreSQL and Redis, behind nginx."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import httpx
import pytest
from sqlalchemy import text

from paycanary import __version__
from paycanary.state.database import Database, newest_revision
from tests.command import Run
from tests.servers import Serve, free_port
from tests.upgrade.fleet import DRAIN, Load, fleet
from tests.upgrade.versions import NEXT_NUMBER, next_version
from tests.visiting import COMPANY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers import Redis
    from tests.upgrade.fleet import Fleet

OLD, NEW = __version__, NEXT_NUMBER
SETTINGS: Final = {
    "PAYCANARY_SECRET": "of this test",
    "PAYCANARY_DRAIN_SECONDS": DRAIN,
    "PAYCANARY_RATE_LIMIT": "",
    "PAYCANARY_HEAVY_RATE_LIMIT": "",
    "PAYCANARY_FORM_RATE_LIMIT": "",
}


class Copy(Serve):
    """``paycanary serve`` that is not waited for when it starts."""

    def _wait(self) -> None:
        pass

    def wait(self) -> None:
        super()._wait()


class Copies:
    """Starts copies of either version on one state."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._folder, self._env = folder, env
        path, self.revision = next_version(folder / "next")
        self.paths = {OLD: None, NEW: str(path)}
        (folder / "home").mkdir()

    def run(self, version: str) -> Run:
        path = self.paths[version]
        return Run(self._folder / "home", {**self._env, **({"PYTHONPATH": path} if path else {})})

    def start(self, *of: str) -> list[Copy]:
        """Copies of these versions, started side by side; all of them answer."""
        copies = [self._copy(version).start() for version in of]
        for copy in copies:
            copy.wait()
        return copies

    def _copy(self, version: str) -> Copy:
        port = free_port()
        run, folder = self.run(version), self._folder / f"{version}-{port}"
        folder.mkdir()
        return Copy(run.command("serve", "--port", port), folder, port, options={"env": run.environment()})  # fmt: skip


def page(path: str) -> Callable[[httpx.Client], httpx.Response]:
    return lambda client: client.get(path)


def follow(client: httpx.Client) -> httpx.Response:
    """Open a form and send it: the copy that takes it is seldom the one that gave it."""
    form = client.get("/watch/new")
    if not form.is_success:
        return form
    found = re.search(r'name="form_token" value="([^"]+)"', form.text)
    assert found
    time.sleep(1.05)  # nobody is quicker; the form would be refused
    return client.post("/watch/new", data={"form_token": found[1], "query": "삼부토건", "lang": "ko"})  # fmt: skip


def versions(load: Load) -> set[str]:
    """Versions that answered, as the API's own description tells."""
    told = [a for a in load.answers if a.request.url.path == "/v1/openapi.json"]
    return {answer.json()["info"]["version"] for answer in told}


@pytest.fixture
def copies(tmp_path: Path, postgres_url: str, redis_server: Redis) -> Copies:
    return Copies(tmp_path, {**SETTINGS, "DATABASE_URL": postgres_url, "REDIS_URL": redis_server.url})  # fmt: skip


def test_no_request_fails_while_copies_are_exchanged_and_taken_back(
    copies: Copies, postgres_url: str
) -> None:
    visits = (
        page(f"/v1/companies/{COMPANY}/verdict"), page(f"/companies/{COMPANY}"),
        page("/v1/openapi.json"), page("/v1/search?q=%EC%82%BC%EB%B6%80"), follow,
    )  # fmt: skip
    with ExitStack() as stack:
        served = stack.enter_context(fleet("/health/ready"))
        first, second = copies.start(OLD, OLD)
        served.join(first)
        served.join(second)
        load = stack.enter_context(Load(served.url, *visits))
        # The tables first, as the chart's hook does; the old program goes on.
        copies.run(NEW).ok("database", "upgrade")
        third, fourth, fifth = copies.start(NEW, NEW, OLD)
        exchange(served, first, third)
        exchange(served, second, fourth)
        # And back: the program only, the tables stay as they are.
        exchange(served, third, fifth)
        assert "one revision newer" in fifth.output
        assert copies.run(OLD)("database", "status").returncode == 0
    assert load.failed == [], served.output
    assert versions(load) == {OLD, NEW}
    made = [a for a in load.answers if a.request.method == "POST"]
    assert {answer.status_code for answer in made} == {201}
    database = Database(postgres_url)
    try:
        assert database.revision() == copies.revision != newest_revision()
        with database.session() as session:
            rows = session.execute(text("SELECT made_by, count(*) FROM watchlists GROUP BY 1"))
            by = {row[0]: row[1] for row in rows}
    finally:
        database.close()
    # Each form that was answered stands in the table once; both versions have written.
    assert sum(by.values()) == len(made)
    assert set(by) == {None, "next"}
    assert len(load.answers) > 200


def exchange(served: Fleet, old: Serve, new: Serve) -> None:
    """One more, then one less: as `maxSurge: 1, maxUnavailable: 0` does it."""
    served.join(new)
    served.leave(old)


class Group(Serve):
    """Ended as systemd does it by default: every process is told, and its parent tells it again."""

    def stop(self) -> int:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(30)


@pytest.mark.parametrize("kind", [Serve, Group])
def test_a_copy_that_ends_says_so_before_it_takes_nothing_more(
    sample: Run, kind: type[Serve]
) -> None:
    # Longer than it takes until the parent has passed the signal on.
    run = Run(sample.home, {**SETTINGS, "PAYCANARY_DRAIN_SECONDS": "3"})
    port = free_port()
    folder = sample.home / "output"
    folder.mkdir(parents=True, exist_ok=True)
    server = kind(run.command("serve", "--port", port, "--workers", 2), folder, port, options={"env": run.environment()}).start()  # fmt: skip

    def status(path: str) -> int:
        return httpx.get(server.url + path, trust_env=False, timeout=10).status_code

    assert status("/health/ready") == 200
    ended: list[int] = []
    began = time.monotonic()
    ending = threading.Thread(target=lambda: ended.append(server.stop()))
    ending.start()
    while status("/health/ready") == 200:
        assert time.monotonic() - began < 1
    assert status("/health/live") == 200
    assert status(f"/v1/companies/{COMPANY}/verdict") == 200
    ending.join(30)
    assert ended == [0]
    assert 3 <= time.monotonic() - began < 8
    assert "Traceback" not in server.output

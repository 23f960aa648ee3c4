"""A real Redis that takes no jobs, in every way that docs/how-to/redis.md names: what is asked is refused with a reason, and nothing else is."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
import redis

from tests.jobs.asking import COMPANY, until
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.jobs.asking import World
    from tests.servers import Redis

#: As documented: 3 s. It is one try: two would take six, and what a busy machine takes beside it is less than that.
STATED: Final = 3.0 + 2.9


@contextmanager
def stopped(server: Redis) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def hanging(server: Redis) -> Iterator[None]:
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


@contextmanager
def full(server: Redis) -> Iterator[None]:
    with redis.Redis.from_url(server.url) as client:
        client.config_set("maxmemory", "1mb")
        try:
            yield
        finally:
            client.config_set("maxmemory", "0")


@contextmanager
def a_replica(server: Redis) -> Iterator[None]:
    with redis.Redis.from_url(server.url) as client:
        # Of a server that is not there: it keeps what it has, and takes nothing.
        client.replicaof("127.0.0.1", free_port())
        try:
            yield
        finally:
            client.replicaof("NO", "ONE")


@contextmanager
def of_another_password(server: Redis) -> Iterator[None]:
    with redis.Redis.from_url(server.url) as client:
        client.config_set("requirepass", "another")
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        try:
            yield
        finally:
            client.config_set("requirepass", "")


#: In the order in which one service meets them, and what it says of Redis meanwhile.
WAYS: Final[dict[str, tuple[Any, str]]] = {
    "stopped": (stopped, "down"),
    "hanging": (hanging, "down"),
    "another password": (of_another_password, "down"),
    "full": (full, "full"),
    "a replica": (a_replica, "full"),
}


def state_of_redis(world: World) -> str | None:
    told = httpx.get(f"{world.url}/health/ready", trust_env=False, timeout=30)
    assert told.status_code == 200, told.text
    return next(part["state"] for part in told.json()["parts"] if part["name"] == "redis")


@pytest.mark.parametrize("way", WAYS)
def test_a_redis_that_takes_nothing_refuses_refreshes_and_nothing_else(
    world: World, redis_server: Redis, way: str
) -> None:
    make, state = WAYS[way]
    world.env["REDIS_URL"] = redis_server.url
    world.serve()
    until(lambda: state_of_redis(world) == "ok")
    with make(redis_server):
        began = time.monotonic()
        refused = httpx.post(f"{world.url}/v1/companies/{COMPANY}/refresh", trust_env=False, timeout=30)  # fmt: skip
        assert (refused.status_code, refused.json()["code"]) == (503, "queue")
        assert time.monotonic() - began < STATED
        until(lambda: state_of_redis(world) == state)
        for path in (f"/v1/companies/{COMPANY}/verdict", f"/companies/{COMPANY}"):
            assert httpx.get(world.url + path, trust_env=False, timeout=30).status_code == 200
    until(lambda: state_of_redis(world) == "ok")
    world.worker()
    assert world.ended(world.ask()["id"])["state"] == "done"

"""A real Redis that is stopped, hangs, is full, or comes back empty; with TLS and a password; one for all, or two.

What is promised: docs/how-to/redis.md. Jobs that survive a Redis are in tests/jobs.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
import redis
from pydantic import ValidationError

from paycanary.service import redis_address
from paycanary.service.settings import Settings
from paycanary.service.shared import Shared
from tests.jobs.asking import until
from tests.servers import Redis, free_port, running_redis, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Serve

#: As documented: a request waits for Redis 0.05 s, and /health/ready 1 s.
STATED: Final = {"read": 0.5, "ready": 3.0}
PASSWORD: Final = "q/zz@w:rd"  # noqa: S105 - of a server that lives for one test
_numbers: Final = itertools.count()
#: Quick to send again, and many may ask.
QUICK: Final = {"PAYCANARY_RATE_LIMIT": "1000/minute", "PAYCANARY_HEAVY_RATE_LIMIT": "1000/minute"}


@pytest.fixture(scope="module")
def own_redis() -> Iterator[Redis]:
    with running_redis() as server:
        yield server


@pytest.fixture(scope="module")
def served(own_redis: Redis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Two processes over the built-in sample."""
    env = {"REDIS_URL": own_redis.url, "PAYCANARY_REDIS_PREFIX": "ours.", **QUICK}
    with serving(tmp_path_factory.mktemp("gone"), env, "--workers", 2) as server:
        yield server


def get(server: Serve, path: str, status: int = 200) -> tuple[httpx.Response, float]:
    began = time.monotonic()
    answer = httpx.get(server.url + path, trust_env=False, timeout=30)
    assert answer.status_code == status, answer.text
    return answer, time.monotonic() - began


def seconds_of(server: Serve, number: int) -> float:
    """What a request usually takes; the machine may be busy, and a single one says little of Redis.

    Were each to wait until the socket gives up, all would take a second longer.
    """
    return statistics.median(get(server, path)[1] for path in fresh(number))


def redis_part(server: Serve) -> str:
    told, _ = get(server, "/health/ready")
    assert told.json()["ready"]
    return next(part["state"] for part in told.json()["parts"] if part["name"] == "redis")


def kept(server: Serve, client: redis.Redis, prefix: str = "ours.") -> list[bytes]:
    """All keys, once an answer and a count are among them: what Redis takes longer to keep than a request waits is not kept."""

    def look() -> list[bytes] | None:
        get(server, f"/v1/search?q=토건{next(_numbers)}")
        names: list[bytes] = client.keys("*")
        kinds = {kind for kind in (b"answer", b"rate") if any(n.startswith(prefix.encode() + kind) for n in names)}  # fmt: skip
        return names if len(kinds) == 2 else None

    found: list[bytes] = until(look)
    return found


def fresh(number: int) -> list[str]:
    """Addresses whose answers nobody has kept yet, and that cost little to make."""
    return [f"/v1/search?q=삼부{'토' * number}{'건' * more}" for more in range(1, 9)]


def test_every_key_begins_as_settings_say(served: Serve, own_redis: Redis) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        names = kept(served, client)
        # The lock of the queue's library has a name of its own.
        assert all(name.startswith((b"ours.", b"autoclaim:")) for name in names), names
        expiring = [name for name in names if name.startswith((b"ours.answer", b"ours.rate"))]
        assert {name.split(b":")[0].split(b"/")[0] for name in expiring} == {b"ours.answer", b"ours.rate"}  # fmt: skip
        # What may be evicted is what ends by itself: a policy of volatile keys never touches the queue.
        assert all(client.ttl(name) > 0 for name in expiring)


def test_one_that_is_stopped_costs_no_answer(served: Serve, own_redis: Redis) -> None:
    usual = seconds_of(served, 8)
    own_redis.stop()
    try:
        assert seconds_of(served, 2) < usual + STATED["read"]
        assert until(lambda: redis_part(served) == "down", 10)
    finally:
        own_redis.start()
    until(lambda: redis_part(served) == "ok", 10)
    # Empty: it is filled again, as if nothing had been.
    with redis.Redis.from_url(own_redis.url) as client:
        assert kept(served, client)


def test_one_that_hangs_holds_nobody_up(served: Serve, own_redis: Redis) -> None:
    assert own_redis.process is not None
    usual = seconds_of(served, 9)
    own_redis.process.send_signal(signal.SIGSTOP)
    try:
        assert seconds_of(served, 3) < usual + STATED["read"]
        _, seconds = get(served, "/health/ready")
        assert seconds < usual + STATED["ready"]
        assert until(lambda: redis_part(served) == "down", 10)
    finally:
        own_redis.process.send_signal(signal.SIGCONT)
    until(lambda: redis_part(served) == "ok", 10)


def test_one_that_is_full_goes_on_answering(served: Serve, own_redis: Redis) -> None:
    first = fresh(4)[0]
    with redis.Redis.from_url(own_redis.url) as client:
        told, _ = get(served, first)
        assert kept(served, client)
        usual = seconds_of(served, 10)
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1mb")
        try:
            assert seconds_of(served, 5) < usual + STATED["read"]
            assert until(lambda: redis_part(served) == "full", 10)
            # One line of it in each process, not one a request.
            assert 1 <= served.output.count("Redis takes nothing new (full)") <= 2
            assert "OutOfMemory" not in served.output
            assert get(served, first)[0].text == told.text
        finally:
            client.config_set("maxmemory", "0")
    for path in fresh(6):
        get(served, path)
    until(lambda: redis_part(served) == "ok", 10)
    until(lambda: "Redis takes what is new again" in served.output, 10)


@pytest.mark.usefixtures("patient")
def test_a_full_cache_that_may_evict_never_evicts_the_queue(own_redis: Redis) -> None:
    """One instance for all with `volatile-lru`, as documented."""

    async def fill() -> int:
        shared = Shared(own_redis.url, "ours.")
        for number in range(600):
            await shared.put(f"answer:{number}", b"x" * 10_000, 3600)
            assert not shared.is_full
        await shared.close()
        return 600

    with redis.Redis.from_url(own_redis.url) as client:
        client.xadd("ours.jobs", {"data": "number"})
        client.config_set("maxmemory-policy", "volatile-lru")
        client.config_set("maxmemory", str(client.info("memory")["used_memory"] + 2_000_000))
        try:
            put = asyncio.run(fill())
            assert client.info("stats")["evicted_keys"] > 0
            assert len(client.keys("ours.answer:*")) < put
            assert client.xlen("ours.jobs") >= 1
        finally:
            client.config_set("maxmemory", "0")
            client.config_set("maxmemory-policy", "noeviction")
            client.flushall()


@pytest.mark.usefixtures("patient")
def test_limits_and_answers_without_room_are_each_processs_own(own_redis: Redis) -> None:
    async def ask() -> tuple[Any, ...]:
        shared = Shared(own_redis.url, "ours.")
        counted = await shared.count("k", 60)
        with redis.Redis.from_url(own_redis.url) as client:
            client.config_set("maxmemory", "1mb")
            try:
                refused = await shared.count("k", 60), await shared.count("new", 60)
                state = shared.is_full, shared.is_away
            finally:
                client.config_set("maxmemory", "0")
        again = await shared.count("k", 60)
        await shared.close()
        return counted, refused, state, again, shared.is_full

    counted, refused, state, again, is_full = asyncio.run(ask())
    assert (counted, again, is_full) == (1, 2, False)
    assert refused == (None, None)
    assert state == (True, False)


# --- TLS and passwords -------------------------------------------------------------------------


class SecureRedis(Redis):
    """One that speaks TLS alone, and wants a password."""

    ca: Path

    @property
    def url(self) -> str:
        return f"rediss://default:q%2Fzz%40w%3Ard@127.0.0.1:{self.port}/0"

    def is_ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, ssl_ca_certs=str(self.ca)) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def secure_redis() -> Iterator[SecureRedis]:
    with tempfile.TemporaryDirectory(prefix="paycanary-tls-") as name:
        folder = Path(name)
        issuer = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        subprocess.run(["openssl", "req", *issuer, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ours", "-addext", "keyUsage=critical,keyCertSign,cRLSign"], cwd=folder, check=True, capture_output=True)  # fmt: skip
        signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"]  # fmt: skip
        subprocess.run(["openssl", "req", *issuer, *signed, "-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=127.0.0.1"], cwd=folder, check=True, capture_output=True)  # fmt: skip
        port = free_port()
        command = [
            "redis-server", "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", name,
            "--tls-cert-file", f"{name}/server.pem", "--tls-key-file", f"{name}/server.key", "--tls-ca-cert-file", f"{name}/ca.pem",
            "--tls-auth-clients", "no", "--requirepass", PASSWORD,
        ]  # fmt: skip
        server = SecureRedis(command, folder, port)
        server.ca = folder / "ca.pem"
        try:
            yield server.start()
        finally:
            server.stop()


def test_tls_and_a_password_carry_cache_limits_and_queue(tmp_path: Path) -> None:
    with secure_redis() as server:
        env = {"REDIS_URL": server.url, "PAYCANARY_REDIS_CA_FILE": str(server.ca), **QUICK}
        with serving(tmp_path, env) as service:
            assert redis_part(service) == "ok"
            place = redis_address.queue(Settings(_env_file=None, **_settings(env)))
            assert place is not None
            asyncio.run(_through_the_queue(place))
            with redis.Redis.from_url(server.url, ssl_ca_certs=str(server.ca)) as client:
                assert b"paycanary:jobs" in kept(service, client, "paycanary:")
            assert "q/zz" not in service.output
            assert "q%2Fzz" not in service.output
        # Without the issuer's certificate nobody is believed, whatever the password.
        bare = redis_address.cache(Settings(_env_file=None, redis_url=server.url))
        assert bare is not None
        assert asyncio.run(_is_away(bare))


def _settings(env: dict[str, str]) -> dict[str, Any]:
    return {"REDIS_URL": env["REDIS_URL"], "redis_ca_file": env["PAYCANARY_REDIS_CA_FILE"]}


def test_cache_and_queue_apart_leave_nothing_at_each_other(tmp_path: Path, own_redis: Redis) -> None:  # fmt: skip
    """Here two databases of one server; two servers are two addresses as well."""
    base = own_redis.url.removesuffix("/0")
    env = {"PAYCANARY_CACHE_REDIS_URL": f"{base}/1", "PAYCANARY_QUEUE_REDIS_URL": f"{base}/2", **QUICK}  # fmt: skip
    place = redis_address.queue(Settings(_env_file=None, queue_redis_url=env["PAYCANARY_QUEUE_REDIS_URL"]))  # fmt: skip
    assert place is not None
    with serving(tmp_path, env) as service:
        assert redis_part(service) == "ok"
        asyncio.run(_through_the_queue(place))
        with redis.Redis.from_url(f"{base}/1") as cache, redis.Redis.from_url(f"{base}/2") as queue:
            names = kept(service, cache, "paycanary:")
            assert not [name for name in names if b"jobs" in name]
            names = queue.keys("*")
            assert b"paycanary:jobs" in names
            assert not [name for name in names if b":answer" in name or b":rate" in name]


async def _through_the_queue(place: redis_address.Place) -> None:
    from taskiq.kicker import AsyncKicker  # noqa: PLC0415

    from paycanary.jobs.queue import redis_broker  # noqa: PLC0415

    broker = redis_broker(place.url, 1, place.prefix)
    await broker.startup()
    await AsyncKicker[Any, None](task_name="paycanary.job", broker=broker, labels={}).kiq("none")
    await broker.shutdown()


async def _is_away(place: redis_address.Place) -> bool:
    shared = Shared(place.url, place.prefix)
    for _ in range(5):
        await shared.get("anything")
    await asyncio.sleep(0.1)
    found = shared.is_away
    await shared.close()
    return found


# --- settings ----------------------------------------------------------------------------------


@pytest.mark.quick
def test_cache_and_queue_may_have_a_redis_each() -> None:
    one = Settings(_env_file=None, REDIS_URL="redis://a:1/0")
    assert redis_address.cache(one) == redis_address.queue(one) == ("redis://a:1/0", "paycanary:")
    two = Settings(_env_file=None, REDIS_URL="redis://a:1/0", queue_redis_url="redis://b:1/2", redis_prefix="x.")  # fmt: skip
    assert redis_address.cache(two) == ("redis://a:1/0", "x.")
    assert redis_address.queue(two) == ("redis://b:1/2", "x.")
    only = Settings(_env_file=None, REDIS_URL="", cache_redis_url="redis://a:1/0")
    assert redis_address.queue(only) is None


@pytest.mark.quick
@pytest.mark.parametrize("url", ["http://a:1", "a:6379", "redis://", "redis://u:secret@h:word/0"])
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, REDIS_URL=url)
    assert "secret" not in str(caught.value)
    assert "word" not in str(caught.value)

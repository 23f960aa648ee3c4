"""How often someone may ask: by address, by key, in one process and in several that share Redis."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.service import limiter
from paycanary.service.limiter import Limiter, subscriber, visitor
from paycanary.service.settings import Settings
from paycanary.service.shared import Shared
from paycanary.state import keys
from tests.routed import routed
from tests.visiting import Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.servers import Redis


@pytest.fixture(autouse=True)
def _within_a_window() -> None:
    """Windows are whole minutes of the clock: begin none just before one ends."""
    left = 60 - time.time() % 60
    if left < 5:
        time.sleep(left)


def ask(opened: Visitor, path: str = "/v1/quick", **headers: str) -> httpx.Response:
    return opened.get(path, headers={name.replace("_", "-"): v for name, v in headers.items()})


def test_too_many_requests_are_refused_with_the_time_to_wait(home: Path) -> None:
    assert not home.exists()
    with routed(rate_limit="3/minute") as (opened, _):
        answers = [ask(opened, "/v1/quick?lang=en") for _ in range(5)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert [a.headers["ratelimit"].split(";")[1] for a in answers] == ["r=2", "r=1", "r=0", "r=0", "r=0"]  # fmt: skip
    assert {a.headers["ratelimit-policy"] for a in answers} == {'"normal";q=3;w=60'}
    refused = answers[-1]
    assert refused.json()["code"] == "rate_limit"
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert "retry-after" not in answers[0].headers


def test_an_answer_that_is_kept_counts_too(home: Path) -> None:
    assert not home.exists()
    with routed(rate_limit="3/minute") as (opened, routes):
        codes = [ask(opened, "/v1/counted").status_code for _ in range(4)]
        assert routes.count == 1
    assert codes == [200, 200, 200, 429]


def test_what_costs_more_may_be_asked_less_often_and_forms_least(home: Path) -> None:
    assert not home.exists()
    rates = {"rate_limit": "50/minute", "heavy_rate_limit": "2/minute", "form_rate_limit": "1/minute"}  # fmt: skip
    with visiting(**rates) as opened:
        for path in ("/v1/screen", "/screen", "/en/compare", "/v1/compare?company=x", "/v1/companies/x/verdict?criteria=x"):  # fmt: skip
            assert '"heavy"' in opened.get(path).headers["ratelimit-policy"], path
        escaped = "/v1/companies/x/verdict?%63riteria=x"
        assert '"heavy"' in opened.get(escaped).headers["ratelimit-policy"]
        assert opened.get("/v1/screen").status_code == 429
        assert opened.post("/nothing", {}).status_code in (404, 405)
        assert opened.post("/nothing", {}).status_code == 429
        # By whichever door: a refresh spends the operator's calls to the registers.
        for door in ("/companies/x", "/en/companies/x", "/v1/companies/x"):
            refused = opened.post(f"{door}/refresh", {})
            assert refused.status_code == 429
            assert '"form"' in refused.headers["ratelimit-policy"]
        for free in ("/static/paycanary.css", "/health/live"):
            assert "ratelimit" not in opened.get(free).headers
        assert opened.get("/v1/signals").status_code == 200


def test_what_a_stranger_says_of_its_address_is_not_believed(home: Path) -> None:
    assert not home.exists()
    with routed(rate_limit="2/minute") as (opened, _):
        codes = [ask(opened, X_Forwarded_For=f"10.0.0.{n}", Forwarded=f"for=10.0.0.{n}", X_Real_IP=f"10.0.0.{n}").status_code for n in range(3)]  # fmt: skip
    assert codes == [200, 200, 429]


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("1.2.3.4", "9.9.9.9", (), "1.2.3.4"),
        ("1.2.3.4", "9.9.9.9", ("5.6.7.8",), "1.2.3.4"),
        ("1.2.3.4", "9.9.9.9", ("1.2.3.4",), "9.9.9.9"),
        # The leftmost was written by the visitor.
        ("1.2.3.4", "6.6.6.6, 9.9.9.9", ("1.2.3.4",), "9.9.9.9"),
        ("10.0.0.1", "6.6.6.6, 9.9.9.9, 10.0.0.2", ("10.0.0.0/8",), "9.9.9.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", ("10.0.0.0/8",), "10.0.0.3"),
        ("10.0.0.1", "nonsense, 10.0.0.2", ("10.0.0.0/8",), "10.0.0.2"),
        ("10.0.0.1", "nonsense", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "", ("10.0.0.0/8",), "10.0.0.1"),
        ("::1", "2001:db8::7", ("::1",), "2001:db8::7"),
        ("::ffff:10.0.0.1", "9.9.9.9, ::ffff:10.0.0.2", ("10.0.0.0/8",), "9.9.9.9"),
        ("not an address", "9.9.9.9", ("10.0.0.0/8",), "not an address"),
    ],
)
def test_only_trusted_proxies_tell_whom_they_speak_for(
    peer: str, forwarded: str, proxies: tuple[str, ...], expected: str
) -> None:
    assert visitor(peer, forwarded, proxies) == expected


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::"),
        ("x:y", "x:y"),
    ],
)
def test_a_subscriber_is_counted_once_whatever_of_its_addresses_it_uses(address: str, counted: str) -> None:  # fmt: skip
    assert subscriber(address) == counted


@pytest.fixture
def keyed(home: Path) -> Iterator[tuple[Visitor, str]]:
    assert not home.exists()
    with routed(rate_limit="2/minute", key_rate_limit="5/minute") as (opened, _):
        text, _row = keys.create(opened.service.database, "a program", ["read"])
        yield opened, text


def test_a_key_has_a_rate_of_its_own(keyed: tuple[Visitor, str]) -> None:
    opened, key = keyed
    answers = [ask(opened, Authorization=f"Bearer {key}") for _ in range(7)]
    assert [a.status_code for a in answers] == [200] * 5 + [429] * 2
    assert '"key";q=5' in answers[0].headers["ratelimit-policy"]


def test_a_made_up_key_is_worth_nothing(keyed: tuple[Visitor, str]) -> None:
    opened, key = keyed
    wrong = [f"Bearer {key[:-1]}x", "Bearer x.y", "Bearer", f"Basic {key}", "Bearer " + "x" * 5000]
    answers = [ask(opened, Authorization=text) for text in wrong]
    assert '"key"' not in "".join(a.headers.get("ratelimit-policy", "") for a in answers)
    assert answers[-1].status_code == 429


def test_a_revoked_key_loses_its_rate(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not home.exists()
    monkeypatch.setattr(keys, "_TRUSTED", 0.3)
    with routed(rate_limit="9/minute") as (opened, _):
        key, row = keys.create(opened.service.database, "a program", ["read"])
        policies = []
        for _ in range(2):
            answer = ask(opened, Authorization=f"Bearer {key}")
            policies.append((answer.status_code, answer.headers["ratelimit-policy"]))
            keys.revoke(opened.service.database, row.id)
            time.sleep(0.5)
    assert policies == [(200, '"key";q=1200;w=60'), (200, '"normal";q=9;w=60')]


def test_a_neighbours_haste_does_not_shut_out_a_key_that_was_good(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many share an address; who has shown a key is asked for it again without the address's leave."""
    assert not home.exists()
    monkeypatch.setattr(keys, "_TRUSTED", 0.1)
    with routed(rate_limit="3/minute") as (opened, _):
        key, row = keys.create(opened.service.database, "a program", ["read"])
        assert ask(opened, Authorization=f"Bearer {key}").status_code == 200
        assert [ask(opened).status_code for _ in range(4)][-1] == 429
        time.sleep(0.2)
        assert ask(opened, Authorization=f"Bearer {key}").status_code == 200
        assert ask(opened, Authorization=f"Bearer {key}x").status_code == 429
        keys.revoke(opened.service.database, row.id)
        time.sleep(0.2)
        assert [ask(opened, Authorization=f"Bearer {key}").status_code for _ in range(2)] == [
            429
        ] * 2


def test_a_key_is_compared_in_constant_time(
    keyed: tuple[Visitor, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where there is no key of that id: how long it takes tells nothing."""
    opened, key = keyed
    compared: list[tuple[Any, Any]] = []
    real = keys.hmac.compare_digest

    def noted(left: Any, right: Any) -> bool:
        compared.append((left, right))
        return bool(real(left, right))

    monkeypatch.setattr(keys.hmac, "compare_digest", noted)
    ring = keys.Keyring(opened.service.database)
    assert ring.find(key) is not None
    assert ring.find(f"{key.partition('.')[0]}.wrong") is None
    assert ring.find("nobody.wrong") is None
    assert len(compared) == 3
    assert all(len(left) == len(right) == 64 for left, right in compared)


@pytest.mark.usefixtures("patient")
def test_copies_that_share_redis_count_together(redis_server: Redis) -> None:
    async def count() -> list[bool]:
        settings = Settings(rate_limit="3/minute")
        shared = [Shared(redis_server.url) for _ in range(2)]
        copies = [Limiter(settings, one) for one in shared]
        found = [await copies[n % 2].hit("normal", "192.0.2.1") for n in range(5)]
        other = await copies[0].hit("normal", "192.0.2.2")
        for one in shared:
            await one.close()
        assert other is not None
        assert other.is_allowed
        return [ruling.is_allowed for ruling in found if ruling]

    assert asyncio.run(count()) == [True, True, True, False, False]


@pytest.mark.usefixtures("patient")
def test_limits_go_on_in_the_process_while_redis_is_away(redis_server: Redis) -> None:
    async def count() -> list[bool]:
        shared = Shared(redis_server.url)
        copy = Limiter(Settings(rate_limit="2/minute"), shared)
        assert await copy.hit("normal", "a")
        redis_server.stop()
        began = time.monotonic()
        found = [await copy.hit("normal", "a") for _ in range(4)]
        # It is refused, and nobody waits.
        assert time.monotonic() - began < 1.0
        assert shared.is_away
        redis_server.start()
        until = time.monotonic() + 10
        while shared.is_away:
            assert time.monotonic() < until
            await asyncio.sleep(0.05)
        # A Redis that forgot everything begins anew.
        assert await copy.hit("normal", "a")
        await shared.close()
        return [ruling.is_allowed for ruling in found if ruling]

    assert asyncio.run(count()) == [True, True, False, False]


def test_several_rates_hold_together_and_an_empty_one_is_none() -> None:
    async def hits(rate: str, times: int) -> list[bool]:
        copy = Limiter(Settings(rate_limit=rate), None)
        found = [await copy.hit("normal", "a") for _ in range(times)]
        return [ruling.is_allowed for ruling in found if ruling]

    assert asyncio.run(hits("", 3)) == []
    assert asyncio.run(hits("100/minute; 2/hour", 3)) == [True, True, False]
    with pytest.raises(ValueError, match="banana"):
        Settings(rate_limit="banana")


def test_a_proxy_that_is_no_address_is_refused_when_the_service_starts() -> None:
    """Else every request would fail."""
    assert Settings(trusted_proxies="10.0.0.1, 192.168.0.0/16").trusted_proxies == ("10.0.0.1", "192.168.0.0/16")  # fmt: skip
    with pytest.raises(ValueError, match=r"proxy\.local"):
        Settings(trusted_proxies="10.0.0.1,proxy.local")


def test_counters_of_many_addresses_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "_MOST", 100)

    async def flood() -> int:
        copy = Limiter(Settings(rate_limit="1/minute"), None)
        for number in range(1000):
            await copy.hit("normal", f"192.0.2.{number}")
        return len(copy._counters)

    assert asyncio.run(flood()) <= 100

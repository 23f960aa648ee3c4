"""Answers kept: the same as made anew, found only by whom they are for, few enough, and made once."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycanary.service.answers import Answer, Answers, is_known
from paycanary.service.shared import Shared
from tests.routed import Routes, routed
from tests.visiting import COMPANY, Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Redis

PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def opened(home: Path) -> Iterator[tuple[Visitor, Routes]]:
    assert not home.exists()
    with routed() as both:
        yield both


def test_an_answer_is_made_once_and_given_again(opened: tuple[Visitor, Routes]) -> None:
    visitor, routes = opened
    first, second = visitor.get("/v1/counted?a=1"), visitor.get("/v1/counted?a=1")
    assert first.text == second.text
    assert routes.count == 1
    same = {"x-request-id", "date"}
    assert {k: v for k, v in first.headers.items() if k not in same} == {k: v for k, v in second.headers.items() if k not in same}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/v1/counted?lang=ko", "/v1/counted?lang=en"),
        ("/v1/counted?as_of=2024-01-01", "/v1/counted?as_of=2024-01-02"),
        ("/v1/counted?q=%3F", "/v1/counted?q=?"),
        ("/v1/counted", "/counted"),
        ("/v1/counted?a", "/v1/counted%3Fa"),
        ("/v1/counted?a=1&b=2", "/v1/counted?b=2&a=1"),
    ],
)
def test_another_address_is_another_answer(
    opened: tuple[Visitor, Routes], one: str, other: str
) -> None:
    visitor, _ = opened
    first = visitor.get(one)
    assert visitor.get(other).text != first.text
    assert visitor.get(one).text == first.text


def test_a_browsers_language_decides_where_the_address_does_not(
    opened: tuple[Visitor, Routes],
) -> None:
    visitor, _ = opened
    path = f"/v1/companies/{COMPANY}/verdict"
    for _ in range(2):
        for lang in ("ko", "en"):
            answer = visitor.get(path, headers={"Accept-Language": f"{lang};q=0.9, *;q=0.1"})
            assert answer.json()["lang"] == answer.headers["content-language"] == lang
        assert visitor.get(f"{path}?lang=en", headers={"Accept-Language": "ko"}).json()["lang"] == "en"  # fmt: skip


def test_every_answer_of_the_api_is_the_same_when_kept(home: Path) -> None:
    assert not home.exists()
    paths = [f"/v1/companies/{COMPANY}", f"/v1/companies/{COMPANY}/verdict?lang=en", f"/v1/companies/{COMPANY}/verdict?as_of=2022-12-31", f"/v1/companies/{COMPANY}/facts", f"/v1/companies/{COMPANY}/headcount", "/v1/signals", "/v1/criteria", "/"]  # fmt: skip
    with visiting(rate_limit="", heavy_rate_limit="") as keeps, visiting(rate_limit="", heavy_rate_limit="", cache_bytes=0) as makes:  # fmt: skip
        for path in paths:
            fresh, kept = makes.get(path), [keeps.get(path) for _ in range(2)]
            assert fresh.status_code == 200
            assert [answer.text for answer in kept] == [fresh.text] * 2, path
            assert kept[1].headers["content-type"] == fresh.headers["content-type"]


@pytest.mark.parametrize(
    "change",
    [{"keep": False}, {"status": 404}, {"status": 500}, {"headers": {"Set-Cookie": "a=b"}}, {"headers": {"Vary": "Cookie"}}, {"headers": {"Vary": "*"}}],
)  # fmt: skip
def test_what_is_somebodys_own_or_wrong_is_not_kept(
    opened: tuple[Visitor, Routes], change: dict[str, Any]
) -> None:
    visitor, routes = opened
    for name, value in change.items():
        setattr(routes, name, value)
    assert visitor.get("/v1/counted").text != visitor.get("/v1/counted").text
    assert routes.count == 2


def test_an_error_does_not_keep_the_next_answer_from_being_kept(
    opened: tuple[Visitor, Routes],
) -> None:
    visitor, routes = opened
    routes.status = 503
    visitor.get("/v1/counted")
    routes.status = 200
    assert visitor.get("/v1/counted").text == visitor.get("/v1/counted").text


def test_who_holds_an_answer_is_told_so(opened: tuple[Visitor, Routes]) -> None:
    visitor, routes = opened
    tag = visitor.get("/v1/counted").headers["etag"]
    for held in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = visitor.get("/v1/counted", headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert visitor.get("/v1/counted", headers={"If-None-Match": '"other"'}).status_code == 200
    assert routes.count == 1


def test_head_is_get_without_a_body(opened: tuple[Visitor, Routes]) -> None:
    visitor, routes = opened
    for _ in range(2):
        head = visitor.client.head("/v1/counted", headers=PLAIN)
        assert (head.status_code, head.content) == (200, b"")
    body = visitor.get("/v1/counted", headers=PLAIN).content
    assert head.headers["content-length"] == str(len(body))
    assert routes.count == 1


@pytest.mark.parametrize("keep", [True, False])
def test_an_answer_is_compressed_for_who_takes_it(
    opened: tuple[Visitor, Routes], *, keep: bool
) -> None:
    visitor, routes = opened
    routes.keep, routes.size = keep, 5000
    for _ in range(2):
        packed = visitor.get("/v1/counted", headers={"Accept-Encoding": "br, gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < 500
        for refusing in ("identity", "gzip;q=0", "br, gzip; q=0", "gzip;q=0.000, br"):
            plain = visitor.get("/v1/counted", headers={"Accept-Encoding": refusing})
            assert "content-encoding" not in plain.headers
            assert int(plain.headers["content-length"]) == len(plain.content) > 5000
        assert "accept-encoding" in packed.headers["vary"].lower()


def test_a_tag_that_two_encodings_bear_is_weak(opened: tuple[Visitor, Routes]) -> None:
    """Of a strong one it is promised that the bytes are the same."""
    visitor, _ = opened
    for _ in range(2):
        for encoding in ("gzip", "identity"):
            answer = visitor.get("/static/paycanary.css", headers={"Accept-Encoding": encoding})
            assert answer.headers["etag"].startswith('W/"')
            held = {"If-None-Match": answer.headers["etag"], "Accept-Encoding": encoding}
            assert visitor.get("/static/paycanary.css", headers=held).status_code == 304


def test_an_answer_that_sets_a_cookie_is_not_compressed(opened: tuple[Visitor, Routes]) -> None:
    """It holds a form's token: compressed beside a stranger's words its length would betray it."""
    visitor, routes = opened
    routes.size, routes.headers = 5000, {"Set-Cookie": "a=b"}
    assert "content-encoding" not in visitor.get("/v1/counted").headers


def test_a_burst_on_what_nobody_asked_yet_makes_it_once(opened: tuple[Visitor, Routes]) -> None:
    visitor, routes = opened
    routes.gate.clear()
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(visitor.get, "/v1/counted?burst") for _ in range(20)]
        until = time.monotonic() + 10
        while routes.count < 1:
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(0.3)
        routes.gate.set()
        assert {answer.result().text for answer in asked} == {"1 burst "}
    assert routes.count == 1


def test_a_burst_on_what_is_not_kept_waits_for_nobody(opened: tuple[Visitor, Routes]) -> None:
    visitor, routes = opened
    routes.keep = False
    visitor.get("/v1/counted?own")
    routes.gate.clear()
    with ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(visitor.get, "/v1/counted?own") for _ in range(5)]
        until = time.monotonic() + 10
        while routes.count < 6:
            assert time.monotonic() < until
            time.sleep(0.01)
        routes.gate.set()
        assert len({answer.result().text for answer in asked}) == 5


def test_a_new_version_leaves_nothing_of_the_old(opened: tuple[Visitor, Routes]) -> None:
    visitor, routes = opened
    first = visitor.get("/v1/counted").text
    visitor.service._closing.set()
    visitor.service._watching.join()
    visitor.service._version = "another"
    assert visitor.get("/v1/counted").text != first
    assert routes.count == 2
    assert len(visitor.service.answers._held) == 1


def test_kept_answers_stay_within_their_bytes() -> None:
    kept = Answers(100_000, None)
    kept.look("v", ("", b"", ""))
    for number in range(1000):
        kept.hold("v", ("/", str(number).encode(), ""), Answer([], b"x" * 5000))
    assert len(kept._held) <= 100_000 // 5000
    assert sum(len(answer) for answer in kept._held.values()) <= 100_000
    huge = ("/", b"huge", "")
    kept.hold("v", huge, Answer([], b"x" * 50_000))
    assert kept.look("v", huge) is None


@given(
    body=st.binary(max_size=5000),
    headers=st.lists(
        st.tuples(st.sampled_from([b"content-type", b"x-a", b"X-B", b"link"]), st.binary(max_size=30))
    ),
)  # fmt: skip
def test_an_answer_comes_back_from_redis_as_it_was(
    body: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    answer = Answer(headers, body)
    back = Answer.unpack(answer.pack())
    assert back is not None
    assert (back.body, back.packed, back.etag) == (answer.body, answer.packed, answer.etag)
    assert sorted(back.plain_headers) == sorted(answer.plain_headers)
    if back.packed:
        assert gzip.decompress(back.packed) == body


@pytest.mark.parametrize("text", [b"", b"nonsense", b"[]\nx", b'[[["a"]], 1, true]\n', b'{"a": 1}\n', b"[1, 2, 3]\n", b"\xff\xfe"])  # fmt: skip
def test_what_redis_holds_and_is_no_answer_is_passed_over(text: bytes) -> None:
    assert Answer.unpack(text) is None


@pytest.mark.usefixtures("patient")
def test_copies_share_their_answers_through_redis(home: Path, redis_server: Redis) -> None:
    assert not home.exists()
    with routed(REDIS_URL=redis_server.url) as (first, routes):
        made = first.get("/v1/counted?shared", headers=PLAIN)
        assert routes.count == 1
        with routed(REDIS_URL=redis_server.url) as (second, others):
            given_again = second.get("/v1/counted?shared", headers=PLAIN)
            assert others.count == 0
            assert given_again.text == made.text
            assert given_again.headers["etag"] == made.headers["etag"]
            second.get("/v1/counted?new")
            assert others.count == 1


def test_nobody_waits_for_a_redis_that_is_silent(redis_server: Redis) -> None:
    """Stopped in the middle of everything, it takes connections and answers nothing."""
    import signal  # noqa: PLC0415

    async def times() -> list[float]:
        shared = Shared(redis_server.url)
        assert await shared.get("nothing") is None
        assert redis_server.process is not None
        redis_server.process.send_signal(signal.SIGSTOP)
        try:
            found = []
            for _ in range(20):
                began = time.monotonic()
                assert await shared.get("nothing") is None
                found.append(time.monotonic() - began)
            assert shared.is_away
        finally:
            redis_server.process.send_signal(signal.SIGCONT)
        until = time.monotonic() + 10
        while shared.is_away or await shared.get("a") != b"b":
            assert time.monotonic() < until
            await asyncio.sleep(0.05)
            await shared.put("a", b"b", 10)
        await shared.close()
        return found

    waited = asyncio.run(times())
    # Without a limit the first would take a second, until the socket gives up; if each waited, all would.
    assert max(waited) < 0.5
    assert sum(waited) < 0.9


@pytest.mark.parametrize(
    ("asked", "is_same"),
    [(b'W/"a"', True), (b'"a"', True), (b'"b", "a"', True), (b"*", True), (b'"b"', False), (b"a", False), (b"", False)],
)  # fmt: skip
def test_tags_are_compared_weakly(asked: bytes, *, is_same: bool) -> None:
    assert is_known(asked, b'W/"a"') is is_same


def test_threads_end_with_the_service(home: Path) -> None:
    assert not home.exists()
    before = {thread.name for thread in threading.enumerate()}
    with visiting():
        assert "version" in {thread.name for thread in threading.enumerate()}
    assert "version" not in {t.name for t in threading.enumerate()} - before

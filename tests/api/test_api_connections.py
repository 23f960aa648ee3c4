"""Connections that never end: heads and bodies that go on and on, answers that nobody takes; over real sockets."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import pytest

from paycanary.service import protocol
from tests.api.conftest import running, served

if TYPE_CHECKING:
    from collections.abc import Iterator

JUDGE: Final = "POST /v1/companies/dart:00125974/verdict"
CHUNK: Final = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
#: Bytes that may lie in the system's buffers on the way.
BUFFERED: Final = 32 << 20


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_HOME", str(tmp_path_factory.mktemp("connections")))
        patch.setattr(protocol, "_SECONDS", 1.0)
        with served(request_seconds=1) as url:
            yield int(url.rpartition(":")[2])


@contextmanager
def connected(port: int, head: str, *more: str) -> Iterator[socket.socket]:
    """A connection on which a head was sent."""
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall("\r\n".join((f"{head} HTTP/1.1", "Host: a", *more, "", "")).encode())
        yield sock


def answer(sock: socket.socket) -> str:
    """All that comes until the other side closes."""
    parts = []
    while part := sock.recv(65_536):
        parts.append(part)
    return b"".join(parts).decode()


@pytest.mark.parametrize("head", ["POST /v1/none", "GET /v1/signals", JUDGE, "POST /watch/new"])
def test_a_body_without_end_ends_the_connection(port: int, head: str) -> None:
    """Also where nobody reads it: the address is none, or takes no body."""
    with connected(port, head, "Transfer-Encoding: chunked") as sock:
        assert swallowed(sock, CHUNK) < BUFFERED


def swallowed(sock: socket.socket, part: bytes) -> int:
    """How many bytes the other side takes of one thing after another; no more than `BUFFERED` are tried."""
    sent = 0
    with suppress(ConnectionError):
        while sent < BUFFERED:
            sock.sendall(part)
            sent += len(part)
    return sent


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_length_that_is_too_much_ends_it_before_the_body_comes(port: int, method: str) -> None:
    with connected(port, f"{method} /v1/signals", "Content-Length: 10000000") as sock:
        said = answer(sock)
    assert said.startswith("HTTP/1.1 413 ")
    assert '"code": "too_large"' in said


def test_a_body_that_comes_too_slowly_is_not_waited_for(port: int) -> None:
    began = time.monotonic()
    with connected(port, JUDGE, "Content-Length: 100") as sock:
        sock.sendall(b"signals")
        said = answer(sock)
    assert said.startswith("HTTP/1.1 408 ")
    assert '"code": "slow_request"' in said
    assert 0.9 < time.monotonic() - began < 5


@pytest.mark.parametrize("begin", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_a_head_that_does_not_come_is_not_waited_for(port: int, begin: bytes) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(begin)
        assert answer(sock) == ""
    assert time.monotonic() - began < 5


def test_a_head_without_end_is_refused(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        assert swallowed(sock, b"X: " + b"x" * 1000 + b"\r\n") < BUFFERED


def test_a_connection_is_kept_for_the_next_request(port: int) -> None:
    """A body that was read whole, and none at all, end nothing."""
    body = "signals: {net_loss_streak: {off: true}}"
    with connected(port, JUDGE, f"Content-Length: {len(body)}") as sock:
        sock.sendall(body.encode())
        assert "connection: close" not in head_of(sock)
        sock.sendall(b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert answer(sock).endswith('{"status":"live"}')


def head_of(sock: socket.socket) -> str:
    """An answer's head; its body is read too."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += sock.recv(65_536)
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), said
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += sock.recv(65_536)
    return head.decode().lower()


async def much(scope: Any, receive: Any, send: Any) -> None:
    """An application whose answer is more than lies in the system's buffers."""
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{step}"
            await send({"type": f"lifespan.{step}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x" * BUFFERED})


def test_an_answer_is_held_for_who_takes_it_slowly_and_for_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "_STALLED", 1.0)
    with running(much) as port:
        with connected(port, "GET /", "Connection: close") as idle:
            time.sleep(4)
            assert taken(idle) < BUFFERED
        with connected(port, "GET /", "Connection: close") as slow:
            assert taken(slow, pause=0.15) > BUFFERED


def taken(sock: socket.socket, pause: float = 0) -> int:
    """How many bytes come until the connection ends, one way or the other."""
    found = 0
    with suppress(ConnectionError):
        while part := sock.recv(1 << 20, socket.MSG_WAITALL):
            found += len(part)
            time.sleep(pause)
    return found

"""A small HTTP server for stand-ins. ``http.server`` rather than a framework: faults below HTTP (half an answer, a cut
connection, a byte a second) need the socket itself.

    with StandIn(answer) as service:
        monkeypatch.setenv("PAYCANARY_DART_URL", service.url)
        service.fault(cut(after=100), times=2)      # the next two answers break off; then all is well again
        ...
        assert service.asked("/company.json") == [{"corp_code": "00126380", "crtfc_key": KEY}]
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What a client asked: ``params`` are the query's, ``form`` the body's where it is a form, ``body`` as sent."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What goes out. A fault may replace it, or change how its bytes are sent."""

    body: bytes
    status: int = 200
    media_type: str = "application/json;charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut_after: int | None = None
    bytes_a_second: int | None = None
    endless: bool = False


def as_json(document: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(document, ensure_ascii=False).encode(), status)


Answer = Callable[[Request], Reply]
Fault = Callable[[Request, Reply], Reply]


# --- faults: each takes the right answer and spoils it ---------------------------------------------


def slow(seconds: float) -> Fault:
    """The first byte comes late."""
    return lambda _, reply: Reply(reply.body, reply.status, reply.media_type, delay=seconds)


def drip(bytes_a_second: int) -> Fault:
    """Byte after byte."""
    return lambda _, reply: Reply(
        reply.body, reply.status, reply.media_type, bytes_a_second=bytes_a_second
    )


def cut(after: int = 0) -> Fault:
    """The connection breaks after so many bytes of the body (0: before any answer)."""
    return lambda _, reply: Reply(reply.body, reply.status, reply.media_type, cut_after=after)


def endless() -> Fault:
    """An answer that never ends."""
    return lambda _, reply: Reply(reply.body or b"x", reply.status, reply.media_type, endless=True)


def instead(body: bytes, media_type: str = "text/html;charset=UTF-8", status: int = 200) -> Fault:
    """Other bytes: an HTML page with status 200, half a JSON, nothing at all."""
    return lambda _request, _reply: Reply(body, status, media_type)


HTML_PAGE = instead("<!doctype html><title>점검</title><h1>서비스 점검 중입니다</h1>".encode())
NOT_JSON = instead(b'{"status":"000","list":[{"corp', "application/json")
EMPTY = instead(b"", "application/json")


def http_error(status: int, headers: dict[str, str] | None = None) -> Fault:
    """An HTTP status with a page that a proxy or gateway might send."""
    return lambda _request, _reply: Reply(
        b"<html><body>error</body></html>", status, "text/html", headers or {}
    )


class StandIn:
    """A running stand-in; also a context manager. ``requests`` holds all that was asked, in order."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self.requests: list[Request] = []
        self._faults: list[tuple[Fault, int | None, Callable[[Request], bool]]] = []
        self._lock = threading.Condition()
        self._answer = answer
        self.in_flight = 0
        self.most_in_flight = 0
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)  # fmt: skip
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fault(
        self,
        fault: Fault,
        times: int | None = None,
        where: Callable[[Request], bool] = lambda _: True,
    ) -> None:
        """Spoil the next ``times`` answers (None: all from now on) to requests for which ``where`` holds."""
        with self._lock:
            self._faults.append((fault, times, where))

    def gather(self, requests: int, where: Callable[[Request], bool] = lambda _: True) -> None:
        """Hold answers back until so many requests have been in flight at once, 20 seconds at most.

        What is asked side by side meets so on a machine that is busy, too.
        """

        def held(_: Request, reply: Reply) -> Reply:
            with self._lock:
                self._lock.wait_for(lambda: self.most_in_flight >= requests, 20)
            return reply

        self.fault(held, where=where)

    def mend(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._faults.clear()

    def asked(self, path: str | None = None) -> list[dict[str, str]]:
        """Parameters of every request so far, to one path or to all."""
        return [r.params for r in list(self.requests) if path is None or r.path == path]

    def reply(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            fault = None
            for place, (candidate, times, where) in enumerate(self._faults):
                if where(request):
                    fault = candidate
                    if times is not None:
                        left = [(candidate, times - 1, where)] if times > 1 else []
                        self._faults[place : place + 1] = left
                    break
        reply = self._answer(request)
        return fault(request, reply) if fault else reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; what a stand-in itself gets wrong shows as a cut connection in the test."""


def _handler(service: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            address = urlsplit(self.path)
            request = Request(
                self.command,
                address.path,
                dict(parse_qsl(address.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            with service._lock:
                service.in_flight += 1
                service.most_in_flight = max(service.most_in_flight, service.in_flight)
                service._lock.notify_all()
            try:
                reply = service.reply(request)
                time.sleep(reply.delay)
            finally:
                # Before it is sent: who has the answer may ask again at once.
                with service._lock:
                    service.in_flight -= 1
            self._send(reply)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - names that http.server looks for

        def _send(self, reply: Reply) -> None:
            if reply.cut_after == 0:
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.endless:
                self.send_header("Connection", "close")
                self.close_connection = True
            else:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in _pieces(reply):
                    self.wfile.write(piece)
                    if reply.bytes_a_second:
                        time.sleep(len(piece) / reply.bytes_a_second)
            if reply.cut_after is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    return Handler


def _pieces(reply: Reply) -> Iterator[bytes]:
    if reply.endless:
        block = (reply.body * (65_536 // len(reply.body) + 1))[:65_536]
        while True:
            yield block
    body = reply.body if reply.cut_after is None else reply.body[: reply.cut_after]
    step = max(1, (reply.bytes_a_second or 0) // 10) if reply.bytes_a_second else len(body) or 1
    for start in range(0, len(body), step):
        yield body[start : start + step]

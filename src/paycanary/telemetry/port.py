"""The port of those who watch: ``/metrics`` and ``/health/*``, apart from the one that the public reaches."""

from __future__ import annotations

import http.client
import os
import threading
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from paycanary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from prometheus_client import CollectorRegistry

    from paycanary.telemetry.watched import Health

_PARTS: Final = ("live", "ready", "started")
#: Seconds that a client may take over its request.
_PATIENCE: Final = 5.0


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = _PATIENCE

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing: it is asked every few seconds."""


def listen(host: str, port: int, registry: CollectorRegistry, health: Health) -> Callable[[], None]:
    """Answer on a port, in threads beside all else; gives what ends it.

    Raises:
        UsageError: the port cannot be listened on.
    """
    metrics = make_wsgi_app(registry)

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path == "/metrics":
            found: Iterable[bytes] = metrics(environ, start)
            return found
        _, _, part = path.partition("/health/")
        status, body = health(part) if part in _PARTS else (404, b'{"status":"no such address"}')
        words = http.client.responses.get(status, "")
        start(f"{status} {words}", [("Content-Type", "application/json"), ("Cache-Control", "no-store")])  # fmt: skip
        return [body]

    try:
        server = make_server(host, port, answer, _Server, _Quiet)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise UsageError(
            {"ko": f"PAYCANARY_METRICS_PORT: {port}번 포트를 열 수 없습니다({why}).", "en": f"PAYCANARY_METRICS_PORT: port {port} cannot be listened on ({why})."},
            {"ko": "다른 포트를 주거나, 그 포트를 쓰는 프로그램을 끝내세요.", "en": "Set another port, or end the program that uses it."},
        ) from error  # fmt: skip
    threading.Thread(target=server.serve_forever, name="watched", daemon=True).start()

    def end() -> None:
        server.shutdown()
        server.server_close()

    return end

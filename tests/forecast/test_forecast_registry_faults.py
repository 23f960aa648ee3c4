"""A store of models that cannot be used is told in one line and in time, and no password with it."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.errors import ModelError, UsageError
from paycanary.forecast import registry
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize("uri", ["ftp://x", "sqlite://", "databricks", "postgresql://u:geheim@x/y"])  # fmt: skip
def test_an_address_of_another_kind_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match="no address of a store of models") as told:
        registry.versions(uri=uri)
    assert "geheim" not in str(told.value)


def test_a_broken_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "r.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(ModelError, match=r"cannot be used: .*not a database"):
        registry.versions(uri=f"sqlite:///{tmp_path}/r.sqlite")
    # MLflow keeps its store of plain files for those only who ask it to.
    with pytest.raises(ModelError, match="maintenance mode"):
        registry.versions(uri=f"file:{tmp_path}/files")


def test_a_server_that_is_away_is_told_in_time() -> None:
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"http://\*\*\*@127\.0\.0\.1:\d+ cannot be used") as told:
        registry.versions(uri=f"http://someone:geheim@127.0.0.1:{free_port()}")
    assert time.monotonic() - started < 15
    assert "geheim" not in told.value.line("en") + told.value.line("ko")


@contextlib.contextmanager
def answering(status: int, body: bytes, headers: dict[str, str], delay: float = 0) -> Iterator[str]:
    """A server that gives everyone the same answer."""

    class Answer(BaseHTTPRequestHandler):
        def answer(self) -> None:
            time.sleep(delay)
            with contextlib.suppress(OSError):
                self.send_response(status)
                for key, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 - http.server's own names

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, b"<html>a page</html>", {"Content-Type": "text/html"}),
        (200, b"[1]", {"Content-Type": "application/json"}),
        (200, b'{"registered_model": {"aliases": 5}}', {"Content-Type": "application/json"}),
        (200, b"\xff\xfe\x00", {}),
        (401, b"who are you?", {"WWW-Authenticate": "Basic"}),
        (403, b'{"error_code": "PERMISSION_DENIED", "message": "no"}', {}),
        (503, b"later", {"Retry-After": "3600"}),
        (302, b"", {"Location": "/"}),
    ],
)
def test_a_server_that_answers_nonsense_is_told_in_time(status: int, body: bytes, headers: dict[str, str], tmp_path: Path) -> None:  # fmt: skip
    (tmp_path / "model.json").touch()
    with answering(status, body, headers) as url:
        for ask in (lambda: registry.versions(uri=url), lambda: registry.register(tmp_path, {}, {}, url)):  # fmt: skip
            started = time.monotonic()
            with pytest.raises(ModelError, match="cannot be used"):
                ask()
            assert time.monotonic() - started < 15


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds, tries = int(os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"]), 1 + int(os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"])  # fmt: skip
    pauses = 6
    assert seconds * tries + pauses < 30
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    started = time.monotonic()
    with answering(200, b"{}", {}, delay=60) as url, pytest.raises(ModelError, match="cannot be used"):  # fmt: skip
        registry.versions(uri=url)
    assert time.monotonic() - started < tries + pauses

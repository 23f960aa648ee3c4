"""HTTP to public services: every way in which an answer can go wrong, over real connections."""

from __future__ import annotations

import logging
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from paycanary.errors import AnswerError, KeyRefusedError, SourceError, UnreachableError
from paycanary.sources.web.client import Web
from paycanary.sources.web.keys import Secret
from tests.standins.server import (
    EMPTY,
    HTML_PAGE,
    NOT_JSON,
    Reply,
    Request,
    StandIn,
    as_json,
    cut,
    drip,
    endless,
    http_error,
    instead,
    slow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "k" * 20 + "/+=" + "z" * 17


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_RETRY_SECONDS", "0.01")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def service() -> Iterator[StandIn]:
    with StandIn(lambda request: as_json({"asked": request.params, "n": 1.50})) as running:
        yield running


def web(service: StandIn, **options: float) -> Web:
    timeout = options.pop("timeout", 10.0)
    return Web("thing", service.url, per_second=1000, secrets=(Secret(KEY),), timeout=timeout)


def ask(client: Web, **options: int) -> object:
    return client.json(client.send("GET", "/x.json", params={"q": "한글 &", "key": KEY}, **options))


def test_an_answer_comes_with_numbers_as_they_were_written(service: StandIn) -> None:
    assert ask(web(service)) == {"asked": {"q": "한글 &", "key": KEY}, "n": "1.5"}
    assert service.requests[0].headers["user-agent"].startswith("paycanary/")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(service: StandIn, status: int) -> None:
    service.fault(http_error(status), times=2)
    ask(web(service))
    assert len(service.requests) == 3


@pytest.mark.parametrize("fault", [cut(), cut(after=5), http_error(503)])
def test_what_does_not_pass_ends_after_four_tries(service: StandIn, fault: object) -> None:
    service.fault(fault)  # type: ignore[arg-type]
    with pytest.raises(UnreachableError) as caught:
        ask(web(service))
    assert len(service.requests) == 4
    assert "thing" in str(caught.value)


def test_the_service_says_how_long_to_wait(service: StandIn) -> None:
    service.fault(http_error(429, {"Retry-After": "1"}), times=1)
    import time  # noqa: PLC0415

    began = time.monotonic()
    ask(web(service))
    assert time.monotonic() - began >= 1


def test_a_service_that_is_silent_or_drips_is_given_up(service: StandIn) -> None:
    service.fault(slow(5))
    with pytest.raises(UnreachableError, match="time-out"):
        ask(web(service, timeout=0.2))
    service.mend()
    service.fault(drip(2))
    with pytest.raises(UnreachableError, match="time-out"):
        ask(web(service, timeout=0.3))


@pytest.mark.parametrize("fault", [HTML_PAGE, NOT_JSON, EMPTY, instead(b"\xff\xfe\x00", "application/json"), instead(b"[" * 200_000, "application/json")])  # fmt: skip
def test_an_answer_that_is_no_json_is_told_and_not_asked_again(
    service: StandIn, fault: object
) -> None:
    service.fault(fault)  # type: ignore[arg-type]
    with pytest.raises(AnswerError):
        ask(web(service))
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 301, 302, 410])
def test_other_statuses_are_no_answer(service: StandIn, status: int) -> None:
    service.fault(http_error(status, {"Location": "http://127.0.0.1:9/login"}))
    with pytest.raises(AnswerError, match=str(status)):
        ask(web(service))


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_speaks_of_the_key(service: StandIn, status: int) -> None:
    service.fault(http_error(status))
    with pytest.raises(KeyRefusedError, match="paycanary keys"):
        ask(web(service))
    assert len(service.requests) == 1


def test_an_answer_without_end_is_refused_while_it_comes_in(service: StandIn) -> None:
    service.fault(endless())
    with pytest.raises(AnswerError, match="more than 1 MiB"):
        ask(web(service), max_bytes=1 << 20)


def test_a_packed_answer_counts_by_what_it_unpacks_to() -> None:
    import gzip  # noqa: PLC0415

    packed = gzip.compress(b"0" * (30 << 20))
    with StandIn(
        lambda _: Reply(packed, headers={"Content-Encoding": "gzip"})
    ) as service, pytest.raises(AnswerError, match="more than 1 MiB"):  # fmt: skip
        ask(web(service), max_bytes=1 << 20)


def test_nobody_answers_at_that_address() -> None:
    client = Web("thing", "http://127.0.0.1:1", per_second=100, secrets=(Secret(KEY),))
    with pytest.raises(UnreachableError, match="no connection"):
        ask(client)


def test_no_more_calls_a_second_than_allowed(service: StandIn) -> None:
    import time  # noqa: PLC0415

    client = Web("thing", service.url, per_second=5)
    began = time.monotonic()
    for _ in range(11):
        client.send("GET", "/x.json")
    assert time.monotonic() - began >= 2


def test_a_proxy_is_used_and_named_when_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    with StandIn(lambda request: as_json({"through": request.path})) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        client = Web("thing", "http://service.invalid", per_second=100, secrets=(Secret(KEY),))
        assert ask(client) == {"through": "/x.json"}
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    client = Web("thing", "http://service.invalid", per_second=100, secrets=(Secret(KEY),))
    with pytest.raises(UnreachableError):
        ask(client)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that no authority signed, and its key in the same file."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "own.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def secure(certificate: Path) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Hello)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "own.pem", certificate / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] - a client that refuses us is the test
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_certificate_that_nobody_vouches_for_is_refused(
    secure: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Web("thing", secure, per_second=100, secrets=(Secret(KEY),))
    with pytest.raises(UnreachableError, match="TLS certificate"):
        ask(client)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "own.pem"))
    assert ask(Web("thing", secure, per_second=100)) == {}


@pytest.mark.parametrize("fault", [None, HTML_PAGE, cut(), http_error(500), http_error(401), http_error(404), instead(f'{{"bad": "{KEY}"'.encode())])  # fmt: skip
def test_no_key_in_any_error_log_or_repr(
    service: StandIn, fault: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    if fault is not None:
        service.fault(fault)  # type: ignore[arg-type]
    client = web(service)
    said = repr(client) + repr(vars(client)) + str(Secret(KEY)) + f"{Secret(KEY)!r}"
    try:
        ask(client)
    except SourceError as error:
        import traceback  # noqa: PLC0415

        said += str(error) + error.line("ko") + "".join(traceback.format_exception(error))
    said += caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert caplog.records
    assert "k" * 20 not in said
    assert "z" * 17 not in said


def test_a_stand_in_may_take_the_place_of_the_real_address(
    service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYCANARY_THING_URL", service.url + "/base/")
    client = Web("thing", "https://real.invalid", per_second=100)
    client.send("GET", "/x.json")
    assert service.requests == [Request("GET", "/base/x.json", {}, service.requests[0].headers)]

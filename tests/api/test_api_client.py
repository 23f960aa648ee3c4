"""The typed client against a real server: every method, memory, patience, and errors as types."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from paycanary.client import (
    ApiAmbiguousError,
    ApiCriteriaError,
    ApiDateError,
    ApiError,
    ApiKeyError,
    ApiNotFoundError,
    ApiRateError,
    ApiUnavailableError,
    ApiUsageError,
    Client,
)
from paycanary.documents import Screen
from paycanary.errors import AmbiguousError, NotFoundError, UnreachableError
from tests.api.conftest import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMPANY = "dart:00125974"


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url, lang="en") as made:
        yield made


def test_every_method_gives_its_document(client: Client, url: str) -> None:
    assert client.search("ㅅㅂㅌㄱ")[0].id == COMPANY
    assert client.resolve("삼부토건").company.id == COMPANY
    assert client.company(COMPANY).company.name == "삼부토건"
    verdict = client.verdict(COMPANY, as_of="2022-12-31")
    assert (str(verdict.as_of), verdict.lang) == ("2022-12-31", "en")
    plain = httpx.get(f"{url}/v1/companies/{COMPANY}/verdict?as_of=2022-12-31&lang=en").json()
    assert json.loads(verdict.model_dump_json()) == plain
    assert len(client.compare([COMPANY, "dart:00258801"]).verdicts) == 2
    facts = client.facts("dart:00164645", concepts=["revenue"]).facts
    assert {row.concept for row in facts} == {"revenue"}
    assert client.headcount("dart:00164645").rows
    assert len(client.signals().signals) > 30
    assert client.signal("net_loss_streak").thresholds
    assert client.criteria(as_of="2020-01-01").criteria
    assert client.sources().sample


def test_pages_are_gone_through(client: Client, url: str) -> None:
    rows = list(client.screen())
    whole = Screen.model_validate(httpx.get(f"{url}/v1/screen?limit=1000&lang=en").json())
    assert [row.id for row in rows][: len(whole.rows)] == [row.id for row in whole.rows]
    assert len({row.id for row in rows}) == len(rows)
    listed = [entry.id for entry in client.companies(market="KOSDAQ")]
    assert listed == sorted(set(listed))
    dangerous = list(client.screen(levels=["danger"], signals={"net_loss_streak": "danger"}))
    assert dangerous
    assert {(row.level, row.signals["net_loss_streak"]) for row in dangerous} == {("danger", "danger")}  # fmt: skip


def test_own_criteria_go_into_the_address_or_the_body(client: Client) -> None:
    own = "signals: {net_loss_streak: {off: true}}"
    # As an address every letter of Korean takes nine characters.
    for criteria in (own, f"{own}\n# {'long ' * 1000}", f"{own}\n# {'긴 말 ' * 450}"):
        verdict = client.verdict(COMPANY, criteria=criteria)
        assert "net_loss_streak" not in {f.signal for f in verdict.findings}
        assert all("net_loss_streak" not in row.signals for row in client.screen(criteria=criteria))


def test_problems_are_errors_of_their_kind(client: Client) -> None:
    with pytest.raises(ApiNotFoundError) as missing:
        client.resolve("가나다라마바사아자차")
    assert isinstance(missing.value, NotFoundError)
    assert missing.value.problem.code == "not_found"
    with pytest.raises(ApiAmbiguousError) as several:
        client.resolve("한")
    assert isinstance(several.value, AmbiguousError)
    assert several.value.candidates
    with pytest.raises(ApiDateError):
        client.verdict(COMPANY, as_of="2022-02-30")
    with pytest.raises(ApiCriteriaError) as broken:
        client.verdict(COMPANY, criteria="signals:\n  nothing_like_it: {off: true}")
    assert broken.value.line_number == 2
    with pytest.raises(ApiNotFoundError):
        client.signal("nothing_like_it")
    with pytest.raises(ApiUsageError):
        client.compare([COMPANY])
    with pytest.raises(UnreachableError), Client("http://127.0.0.1:1") as nobody:
        nobody.sources()


def test_a_wrong_key_is_an_error_of_its_own(url: str) -> None:
    with Client(url, key="abc.wrong") as client, pytest.raises(ApiKeyError) as refused:
        client.sources()
    assert "abc.wrong" not in str(refused.value)


@contextmanager
def answering(*answers: tuple[int, dict[str, str], bytes]) -> Iterator[tuple[str, list[Any]]]:
    """A server that gives these answers in turn, the last for ever, and notes the headers that came."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers[min(len(asked), len(answers) - 1)]
            asked.append(dict(self.headers))
            if status == KILLED:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


#: In place of a status: the process that would answer is killed.
KILLED = 0
SOURCES = b'{"schema_version":"1.9","sample":true,"snapshot":0,"committed_at":null,"sources":[],"registers":[],"newer":1}'


def test_it_waits_where_the_service_says_so() -> None:
    busy = (503, {"Retry-After": "0", "Content-Type": "text/plain"}, b"busy")
    often = (429, {"Retry-After": "0"}, b"")
    with answering(busy, often, (200, {}, SOURCES)) as (url, asked), Client(url) as client:
        assert client.sources().sample  # and passes over what a newer service adds
        assert len(asked) == 3
    with answering(often) as (url, asked), Client(url, attempts=2) as client:
        with pytest.raises(ApiRateError):
            client.sources()
        assert len(asked) == 2
    with answering((500, {}, b"<html>")) as (url, asked), Client(url) as client:
        with pytest.raises(ApiUnavailableError) as failed:
            client.sources()
        assert len(asked) == 1
        assert isinstance(failed.value, ApiError)


def test_it_asks_again_where_a_connection_breaks() -> None:
    with answering((KILLED, {}, b""), (200, {}, SOURCES)) as (url, asked), Client(url) as client:
        assert client.sources().sample
        assert len(asked) == 2
    with answering((KILLED, {}, b"")) as (url, asked), Client(url, attempts=3) as client:
        with pytest.raises(UnreachableError):
            client.sources()
        assert len(asked) == 3


def test_an_answer_is_remembered_by_its_tag() -> None:
    tagged = {"ETag": '"one"'}
    with answering((200, tagged, SOURCES), (304, tagged, b"")) as (url, asked), Client(url) as client:  # fmt: skip
        first, second = client.sources(), client.sources()
        assert first == second
        assert [headers.get("If-None-Match") for headers in asked] == [None, '"one"']


def test_many_threads_share_a_client(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one forgets what another is just being told that it still holds."""
    monkeypatch.setattr("paycanary.client.connection._REMEMBERED", 2)
    days = [f"202{n}-06-30" for n in range(1, 6)]
    with Client(url, key=None) as client, ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.criteria, as_of=day) for day in days * 12]
        assert [str(answer.result().as_of) for answer in asked] == days * 12


def test_a_rate_limit_of_the_real_service_is_waited_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not home.exists()
    with served(rate_limit="2/second") as url, Client(url, attempts=9) as client:
        monkeypatch.setattr("paycanary.client.connection._WAIT", 0.1)
        assert all(client.sources().sample for _ in range(6))


PAGE = b'{"schema_version":"1.9","companies":[],"next":"x"}'


@pytest.mark.parametrize("form", ["http://127.0.0.1:{port}/v1/companies?cursor=x", "http://localhost:{own}/v1/companies"])  # fmt: skip
def test_a_next_page_elsewhere_is_not_asked_for(form: str) -> None:
    """The request would bear the key."""
    with answering((200, {}, PAGE)) as (other, lured):
        link: dict[str, str] = {}
        with answering((200, link, PAGE)) as (url, asked), Client(url, key="a.key") as client:
            places = {"port": other.rpartition(":")[2], "own": url.rpartition(":")[2]}
            link["Link"] = f'<{form.format(**places)}>; rel="next"'
            with pytest.raises(UnreachableError, match="another service"):
                list(client.companies())
            assert len(asked) == 1
        assert lured == []


def test_a_next_page_is_the_services_own_however_it_is_written() -> None:
    link: dict[str, str] = {}
    with answering((200, link, PAGE), (200, {}, PAGE)) as (url, asked), Client(url, key="a.key") as client:  # fmt: skip
        for written in (f"{url}/v1/companies?cursor=x", "/v1/companies?cursor=x", "//elsewhere.example/v1/companies?cursor=x"):  # fmt: skip
            asked.clear()
            link["Link"] = f'<{written}>; rel="next"'
            assert list(client.companies()) == []
            assert len(asked) == 2


def test_a_redirect_elsewhere_does_not_take_the_key_along() -> None:
    with answering((200, {}, SOURCES)) as (other, lured):
        there = (302, {"Location": f"{other}/v1/sources"}, b"")
        with answering(there) as (url, asked), Client(url, key="a.key") as client:
            assert client.sources().sample
        assert "Authorization" in asked[0]
        assert "Authorization" not in lured[0]


def test_a_moment_to_come_back_at_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    # Tenacity's own name for it: whatever else sleeps in this process goes on sleeping.
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=slept.append))
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    busy = [(503, {"Retry-After": told}, b"") for told in (moment, "Thu, 01 Jan 1970 00:00:00 GMT", "soon", "9999999")]  # fmt: skip
    with answering(*busy, (200, {}, SOURCES)) as (url, _), Client(url, attempts=9) as client:
        assert client.sources().sample
    assert 15 < slept[0] <= 20
    assert slept[1:] == [0, 1, 60]


def test_it_needs_the_base_install_only() -> None:
    code = (
        "import sys; import paycanary.client; "
        "bad = {'fastapi', 'starlette', 'sqlalchemy', 'uvicorn', 'jinja2', 'redis', 'duckdb'} & set(sys.modules); "
        "sys.exit(str(bad) if bad else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

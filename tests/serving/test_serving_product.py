"""The product with a model server and without: the same answers; and what it says when the server is away, busy, or another version."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

import pytest

from paycanary import inference
from paycanary.errors import ModelError
from paycanary.forecast import remote
from paycanary.forecast.scorecard import scorecard, shipped
from paycanary.lake.reader import open_sample
from paycanary.text import remote as text_remote
from paycanary.text.model import load_anew
from paycanary.text.reading import read
from paycanary.verdict import Session
from tests.servers import free_port
from tests.serving.conftest import made, rows_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.serving.conftest import ModelServer

DAY: Final = date(2026, 6, 30)
#: In the built-in sample: one with a forecast, one that has failed already, one of which only pension data is known.
COMPANIES: Final = ("dart:00258801", "dart:00125974", "nps:00343e750e6b")
URL: Final = inference.VARIABLE
LANGS = pytest.mark.parametrize("lang", ["ko", "en"])


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(URL, raising=False)
    monkeypatch.setattr(inference, "_PATIENCE", 1.0)
    monkeypatch.setattr(remote, "_agreed", set())
    yield
    inference.close()


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(open_sample())


@contextmanager
def answering(answer: Callable[[str, bytes], tuple[int, bytes]]) -> Iterator[str]:
    """A server that answers whatever a test wants."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = answer(self.path, self.rfile.read(int(self.headers.get("content-length", 0))))  # fmt: skip
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def card_answer(**changed: Any) -> bytes:
    card = scorecard()
    scored = card.score({})
    told = {
        "model_name": "forecast",
        "parameters": {"version": card.version},
        "outputs": [
            {"name": "probability", "data": [scored.probability]},
            {"name": "log_odds", "data": [scored.log_odds]},
            {"name": "terms", "data": list(scored.terms.values())},
        ],
    }
    return json.dumps(told | changed).encode()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_verdicts_are_the_same(session: Session, served: ModelServer, monkeypatch: pytest.MonkeyPatch, lang: Any) -> None:  # fmt: skip
    here = [session.verdict(company, DAY, lang).model_dump_json() for company in COMPANIES]
    screen = session.screen(DAY)
    before = served.metrics()
    monkeypatch.setenv(URL, served.url + "/")
    there = [session.verdict(company, DAY, lang).model_dump_json() for company in COMPANIES]
    one = served.metrics()
    assert session.screen(DAY) == screen
    assert there == here
    assert sum(row["probability"] is not None for row in screen) > 1

    def asked(metrics: dict[str, float]) -> float:
        return metrics.get('paycanary_models_requests_total{model="forecast",protocol="rest"}', 0)

    assert asked(one) - asked(before) == sum(json.loads(verdict)["forecast"] is not None for verdict in here)  # fmt: skip
    assert asked(served.metrics()) - asked(one) == 1


def test_words_are_the_same(served: ModelServer, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    text = (
        "임금이 체불되었습니다. 계속기업으로서의 존속능력에 의문이 있습니다.\n\nThe company was delisted. "
        * 150
    )
    here = read(text, load_anew(small))
    monkeypatch.setenv(URL, served.url)
    there = read(text, text_remote.reader())
    assert there == here
    assert len(there.sentences) > 256
    assert text_remote.reader().probabilities([]) == []


def test_words_are_the_same_where_company_would_change_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """Inputs quantised by the range of a whole call: such a model reads text by text, wherever it does."""
    model = load_anew(made(tmp_path / "dynamic", 3, "quick", "--dynamic"))
    texts = [
        "임금이 체불되었습니다.",
        "a",
        "계속기업으로서의 존속능력에 의문이 있습니다.",
        "가나다 " * 40,
    ] * 8
    alone = [model.run([tokens])[0] for tokens in model.encode(texts)]
    assert model.run(model.encode(texts)) != alone
    assert model.is_alone
    assert model.probabilities(texts) == alone
    with serving({"PAYCANARY_TEXT_MODEL": str(tmp_path / "dynamic")}) as server:
        assert rows_of(server.read(texts)) == alone
        monkeypatch.setenv(URL, server.url)
        assert text_remote.reader().probabilities(texts) == alone
        assert "reads text by text" in server.output


@LANGS
def test_a_server_that_is_away(lang: Any, monkeypatch: pytest.MonkeyPatch, session: Session) -> None:  # fmt: skip
    """Nobody knows what it would have said: that is an error, with the address and what to do."""
    url = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv(URL, url)
    with pytest.raises(inference.UnansweredError) as told:
        session.verdict(COMPANIES[0], DAY)
    assert url in told.value.line(lang)
    assert URL in told.value.line(lang)
    with pytest.raises(inference.UnansweredError):
        session.screen(DAY)
    with pytest.raises(inference.UnansweredError):
        text_remote.reader()


def test_a_server_that_goes_away(monkeypatch: pytest.MonkeyPatch, session: Session, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    """It has scored by this very version: the scorecard at hand stands in, and the log says so."""
    here = session.verdict(COMPANIES[0], DAY), session.screen(DAY)
    state = {"status": 200}

    def answer(_: str, body: bytes) -> tuple[int, bytes]:
        if state["status"] != 200:
            return state["status"], b'{"error": "later"}'
        asked = json.loads(body)["inputs"][0]
        names, width = list(scorecard().terms_by_name), asked["shape"][1]
        rows = [dict(zip(names, asked["data"][i : i + width], strict=True)) for i in range(0, len(asked["data"]), width)]  # fmt: skip
        scored = [scorecard().score(row) for row in rows]
        outputs = {"probability": [s.probability for s in scored], "log_odds": [s.log_odds for s in scored], "terms": [t for s in scored for t in s.terms.values()]}  # fmt: skip
        return 200, card_answer(outputs=[{"name": n, "data": d} for n, d in outputs.items()])

    with answering(answer) as url:
        monkeypatch.setenv(URL, url)
        assert (session.verdict(COMPANIES[0], DAY), session.screen(DAY)) == here
        assert "in process" not in caplog.text
        state["status"] = 503
        assert (session.verdict(COMPANIES[0], DAY), session.screen(DAY)) == here
        assert f"{url}: the model server does not answer (HTTP 503: later).; scored in process" in caplog.text  # fmt: skip


def test_another_version_is_never_made_up_for(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch, session: Session) -> None:  # fmt: skip
    card = json.loads(shipped())
    card["version"] = "another"
    (tmp_path / "another.json").write_text(json.dumps(card), encoding="utf-8")
    env = {"PAYCANARY_TEXT_MODEL": str(small), "PAYCANARY_FORECAST_MODEL": str(tmp_path / "another.json")}  # fmt: skip
    with serving(env) as server:
        monkeypatch.setenv(URL, server.url)
        monkeypatch.setattr(remote, "_agreed", {(server.url, scorecard().version)})
        with pytest.raises(ModelError, match=f"differ \\(server another, here {scorecard().version}\\)") as told:  # fmt: skip
            session.verdict(COMPANIES[0], DAY)
        assert not isinstance(told.value, inference.UnansweredError)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, b'{"error": "no such feature"}', "refused (HTTP 400: no such feature)"),
        (404, b"<html>nginx</html>", "refused (HTTP 404: <html>nginx</html>)"),
        (500, b"\xff", "refused (HTTP 500"),
        (200, b"<html>", "cannot be understood"),
        (200, b"[]", "cannot be understood (list)"),
        (200, b"{}", "cannot be understood"),
        (200, b'{"parameters": {"version": 7}, "outputs": [7]}', "cannot be understood"),
        (200, card_answer(parameters={"version": "older"}), "differ (server older, here "),
        (200, card_answer(outputs=[{"name": n, "data": []} for n in ("probability", "log_odds", "terms")]), "cannot be understood (forecast: probability, log_odds, terms)"),
    ],
)  # fmt: skip
def test_odd_answers_are_errors(status: int, body: bytes, said: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    with answering(lambda *_: (status, body)) as url:
        monkeypatch.setenv(URL, url)
        monkeypatch.setattr(remote, "_agreed", {(url, scorecard().version)})
        with pytest.raises(ModelError) as told:
            remote.score(scorecard(), {})
        assert said in told.value.what["en"]
        assert url in told.value.what["ko"]


def test_a_server_that_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def slowly(*_: object) -> tuple[int, bytes]:
        release.wait(20)
        return 200, card_answer()

    monkeypatch.setattr(inference, "_ANSWER", 0.3)
    with answering(slowly) as url:
        monkeypatch.setenv(URL, url)
        with pytest.raises(inference.UnansweredError, match="ReadTimeout"):
            remote.score(scorecard(), {})
        release.set()


def test_a_moment_of_being_busy_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([(503, b""), (503, b""), (200, card_answer())])
    with answering(lambda *_: next(answers)) as url:
        monkeypatch.setenv(URL, url)
        assert remote.score(scorecard(), {}) == scorecard().score({})


@pytest.mark.parametrize("url", ["models:8080", "ftp://models", "http://", "/v2"])
def test_what_is_no_address_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL, url)
    with pytest.raises(ModelError, match=f"{URL} is no http"):
        remote.score(scorecard(), {})


def test_the_command_tells_it_in_one_line() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    ended = subprocess.run(
        [sys.executable, "-m", "paycanary", "check", "삼부토건", "--as-of", "2022-12-31", "--lang", "en"],
        env={**os.environ, URL: url, "PAYCANARY_HOME": "/nonexistent"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == ModelError.exit_code, ended.stderr
    assert ended.stderr.startswith(f"paycanary: {url}: the model server does not answer")
    assert ended.stderr.count("\n") == 1

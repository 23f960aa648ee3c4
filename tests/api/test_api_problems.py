"""Every error is one kind of body, in the language asked for, and leads to a page that explains it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

import pytest

from paycanary.api.problems import HttpError, kinds, language, told
from paycanary.client import ApiError
from paycanary.documents.http import HttpProblem
from paycanary.errors import LakeError, PaycanaryError
from paycanary.tasks import operator

if TYPE_CHECKING:
    import httpx
    from starlette.testclient import TestClient

COMPANY: Final = "/v1/companies/dart:00125974"
LONG: Final = "가" * 3400
#: Address, status, code: as many as there are ways to go wrong without harm to the service.
WRONG: Final = (
    ("/v1/none", 404, "no_route"),
    ("/v1", 404, "no_route"),
    ("/v1/search", 422, "invalid"),
    ("/v1/search?q=", 422, "invalid"),
    ("/v1/search?q=%20", 422, "usage"),
    ("/v1/search?q=%00", 422, "usage"),
    ("/v1/search?q=카카오&limit=x", 422, "invalid"),
    ("/v1/search?q=카카오&limit=0", 422, "invalid"),
    ("/v1/search?q=카카오&limit=51", 422, "invalid"),
    ("/v1/search?q=카카오&limt=5", 422, "invalid"),
    ("/v1/search?q=카카오&lang=fr", 422, "invalid"),
    (f"/v1/search?q={'가' * 101}", 422, "invalid"),
    (f"/v1/search?q={LONG}", 414, "long_address"),
    ("/v1/resolve?q=가나다라마바사", 404, "not_found"),
    ("/v1/resolve?q=한", 409, "ambiguous"),
    ("/v1/companies?cursor=nonsense", 422, "invalid"),
    ("/v1/companies?cursor=%E2%98%83", 422, "invalid"),
    ("/v1/companies/dart:99999999", 404, "not_found"),
    ("/v1/companies/%3Cscript%3E", 404, "not_found"),
    (f"/v1/companies/{'x' * 81}", 422, "invalid"),
    (f"{COMPANY}/verdict?as_of=2023-02-30", 422, "date"),
    (f"{COMPANY}/verdict?as_of=2999-01-01", 422, "date"),
    (f"{COMPANY}/verdict?as_of=soon", 422, "date"),
    (f"{COMPANY}/facts?as_of=0000-00-00", 422, "date"),
    (f"{COMPANY}/verdict?criteria=signals:%20[", 422, "criteria"),
    (f"{COMPANY}/verdict?criteria=signals:%0A%20%20luck:%20{{}}", 422, "criteria"),
    (f"{COMPANY}/verdict?criteria={LONG}", 414, "long_address"),
    ("/v1/compare", 422, "invalid"),
    ("/v1/compare?id=dart:00125974", 422, "invalid"),
    (f"/v1/compare?{'&'.join(['id=dart:00125974'] * 9)}", 422, "invalid"),
    ("/v1/compare?id=dart:00125974&id=dart:99999999", 404, "not_found"),
    (f"/v1/compare?id=dart:00125974&id={'x' * 81}", 422, "invalid"),
    ("/v1/compare?id=dart:00125974&id=", 422, "invalid"),
    ("/v1/screen?signal.luck=danger", 422, "invalid"),
    ("/v1/screen?signal.interest_cover=bad", 422, "invalid"),
    ("/v1/screen?level=bad", 422, "invalid"),
    (f"{COMPANY}/verdict?signal.interest_cover=danger", 422, "invalid"),
    ("/v1/signals/luck", 404, "no_signal"),
)  # fmt: skip


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that an answer tells; asserts all that holds for every one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    document: dict[str, Any] = answer.json()
    HttpProblem.model_validate(document)
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"/docs/problems#{code}"
    assert answer.headers["content-language"] == document["lang"]
    assert all(document[key].strip() for key in ("title", "detail", "todo", "instance"))
    assert "Traceback" not in answer.text
    return document


@pytest.mark.parametrize(("address", "status", "code"), WRONG)
def test_wrong_requests(api: TestClient, address: str, status: int, code: str) -> None:
    korean = problem(api.get(address), status, code)
    if "lang=" not in address:
        assert korean["lang"] == "ko"
        english = problem(api.get(address, headers={"Accept-Language": "en-GB"}), status, code)
        assert english["lang"] == "en"
        assert english["title"] != korean["title"]
        assert english["todo"] != korean["todo"]


@pytest.mark.parametrize(
    "name",
    [
        "'; DROP TABLE companies; --",
        "<script>alert(1)</script>",
        "카%_%",
        "\u202e회사\u200b",
        "a\tb\nc",
        "%FF가%FE",
        "가({[*+?\\",
        "가" + "🐤" * 99,
    ],
)
def test_hostile_names_are_only_names(api: TestClient, name: str) -> None:
    asked = name if name.startswith("%FF") else quote(name)
    answer = api.get(f"/v1/search?q={asked}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["query"] == unquote(asked, errors="replace")
    assert api.get("/v1/search?q=카카오").json()["candidates"]


def test_candidates_and_nearest_names_come_along(api: TestClient) -> None:
    candidates = api.get("/v1/resolve?q=한").json()["candidates"]
    assert len(candidates) > 1
    assert all(api.get(f"/v1/companies/{c['id']}").status_code == 200 for c in candidates[:3])
    assert "삼부토건" in api.get("/v1/resolve?q=삼부토겅회사").json()["nearest"]


def test_criteria_at_fault_tell_their_line(api: TestClient) -> None:
    body = "signals:\n  interest_cover:\n    weight: much\n"
    told_at = problem(api.post(f"{COMPANY}/verdict", content=body), 422, "criteria")
    assert told_at["line"] == 3
    assert problem(api.get(f"{COMPANY}/verdict", params={"criteria": body}), 422, "criteria")["line"] == 3  # fmt: skip


def test_bodies_that_are_not_taken(api: TestClient) -> None:
    path = f"{COMPANY}/verdict"
    problem(api.post(path, content=b"\xff\xfe\xfa"), 400, "malformed")
    problem(
        api.post(path, content="a: b", headers={"Content-Type": "text/html"}), 415, "media_type"
    )
    problem(api.post(path, content="x" * 70_000), 413, "too_large")
    problem(api.post(path, content="[" * 30_000), 422, "criteria")
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefghijk", "bcdefghijkl", strict=True))  # fmt: skip
    problem(api.post(path, content=bomb), 422, "criteria")
    assert api.post(path, content=b"").status_code == 200


def test_methods_that_are_not_taken(api: TestClient) -> None:
    answer = api.delete(COMPANY)
    problem(answer, 405, "method")
    assert answer.headers["allow"] == "GET, HEAD"
    assert api.put(f"{COMPANY}/verdict").headers["allow"] == "GET, HEAD, POST"
    assert api.delete("/v1/screen").headers["allow"] == "GET, HEAD, POST"


def test_type_leads_to_a_page_that_explains_every_kind(api: TestClient) -> None:
    for lang in ("ko", "en"):
        page = api.get("/docs/problems", params={"lang": lang})
        assert page.headers["content-type"].startswith("text/html")
        assert all(f'id="{code}"' in page.text for code in kinds())
        assert "<script" not in page.text
        assert "style=" not in page.text


#: Codes of which only commands speak.
OF_COMMANDS: Final = ("input_file", "other_table", "backup", "engine", operator.UntoldError.code)


def test_every_error_of_the_package_has_a_kind() -> None:
    def below(kind: type[PaycanaryError]) -> set[type[PaycanaryError]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    for kind in below(PaycanaryError):
        error = kind.__new__(kind)
        error.what, error.todo = {"ko": "가", "en": "a"}, {"ko": "나", "en": "b"}
        if isinstance(error, HttpError | ApiError):
            continue  # an address's own, and those of who asks
        for name in ("candidates", "line_number"):
            if name in str(kind.__init__.__code__.co_varnames):
                setattr(error, name, [] if name == "candidates" else None)
        status, _, _ = told(error, "en", "/v1")
        assert (status == 500) == (kind is PaycanaryError or kind.code in OF_COMMANDS), kind


def test_what_a_store_says_of_itself_stays_in_the_log() -> None:
    words = {"ko": "/secret/place 을 열 수 없습니다", "en": "/secret/place cannot be opened"}
    status, headers, body = told(LakeError(words, words), "en", "/v1/search")
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    assert b"secret" not in body


def test_a_fault_of_our_own_is_logged_by_its_number(
    api: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        msg = "a secret of the inside"
        raise RuntimeError(msg)

    monkeypatch.setattr(api.app.state.service.market.edition().__class__, "search", fail)  # type: ignore[attr-defined]
    with caplog.at_level(logging.ERROR, "paycanary"):
        answer = api.get("/v1/search?q=어느회사")
    told_ = problem(answer, 500, "internal")
    assert "secret" not in answer.text
    number = told_["instance"].removeprefix("urn:paycanary:fault:")
    assert any(number in record.getMessage() and record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    ("query", "accepted", "lang"),
    [
        ("", None, "ko"),
        ("lang=en", "ko", "en"),
        ("q=a&lang=ko", "en", "ko"),
        ("lang=fr", "en", "en"),
        ("", "en-US,en;q=0.9,ko;q=0.8", "en"),
        ("", "ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("", "fr-FR,en;q=0.5", "en"),
        ("", "fr", "ko"),
        ("", "en;q=x,ko;q=0.1", "ko"),
        ("", "en;q=0", "ko"),
        ("", "\x00" * 5000, "ko"),
        ("&" * 5000 + "lang=en", None, "en"),
    ],
)
def test_language(query: str, accepted: str | None, lang: str) -> None:
    assert language(query, accepted) == lang

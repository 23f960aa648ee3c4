"""Conditional requests, pages, redirects, HEAD and CORS."""

from __future__ import annotations

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import pytest
from pydantic import SecretStr

from paycanary.api import cursors
from paycanary.lake.identity import LINK_THRESHOLD
from paycanary.state.database import Database
from tests.api.conftest import asking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

COMPANY: Final = "/v1/companies/dart:00125974"
TAGGED: Final = (
    "/v1/search?q=카카오", "/v1/resolve?q=카카오", "/v1/companies?limit=2", COMPANY, f"{COMPANY}/verdict", f"{COMPANY}/facts",
    f"{COMPANY}/headcount", "/v1/compare?id=dart:00125974&id=dart:00258801", "/v1/screen?limit=2", "/v1/signals",
    "/v1/signals/interest_cover", "/v1/criteria", "/v1/sources", "/v1/schema", "/v1/openapi.json",
)  # fmt: skip


def pages(api: TestClient, address: str, body: str | None = None) -> Iterator[Any]:
    """All pages of a list, by its links."""
    following: str | None = address
    while following:
        answer = api.get(following) if body is None else api.post(following, content=body)
        assert answer.status_code == 200, answer.text
        yield answer
        following = answer.links.get("next", {}).get("url")


# --- conditional requests ------------------------------------------------------------------------


@pytest.mark.parametrize("address", TAGGED)
def test_a_copy_that_is_right_is_not_sent_again(api: TestClient, address: str) -> None:
    first = api.get(address)
    tag = first.headers["etag"]
    assert first.headers["cache-control"].startswith("public, max-age=")
    assert "Accept-Language" in first.headers["vary"]
    for held in (tag, f'"other", {tag}', tag.removeprefix("W/")):
        again = api.get(address, headers={"If-None-Match": held})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    for held in ('"other"', "W/", ""):
        assert api.get(address, headers={"If-None-Match": held}).content == first.content
    english = api.get(address, headers={"If-None-Match": tag, "Accept-Language": "en"})
    if address not in ("/v1/schema", "/v1/openapi.json"):
        assert english.status_code == 200
        assert english.headers["content-language"] == "en"


def test_whatever_there_is_does_not_make_a_wrong_request_right(api: TestClient) -> None:
    for address, status in (("/v1/search", 422), ("/v1/companies/dart:99999999", 404)):
        assert api.get(address, headers={"If-None-Match": "*"}).status_code == status


def test_an_accepted_correction_or_another_day_is_another_tag(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{COMPANY}/verdict?as_of=2020-01-01"
    tag = api.get(address).headers["etag"]
    service = api.app.state.service  # type: ignore[attr-defined]
    version = service.version()
    monkeypatch.setattr(type(service), "version", lambda _: f"{version}x")
    again = api.get(address, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert again.headers["etag"] != tag


# --- pages ---------------------------------------------------------------------------------------


def test_companies_are_listed_each_once(api: TestClient) -> None:
    told = [page.json() for page in pages(api, "/v1/companies?limit=37")]
    ids = [c["id"] for page in told for c in page["companies"]]
    assert len(told) > 5
    assert ids == sorted(set(ids))
    assert [page["next"] is None for page in told] == [False] * (len(told) - 1) + [True]
    service = api.app.state.service  # type: ignore[attr-defined]
    con = service.market.edition().reader.connect("companies", "links")
    held = con.execute(
        f"SELECT DISTINCT canonical_id FROM links WHERE confidence >= {LINK_THRESHOLD} UNION "
        f"SELECT company_id FROM companies WHERE company_id NOT IN (SELECT company_id FROM links WHERE confidence >= {LINK_THRESHOLD})"
    ).fetchall()
    con.close()
    assert set(ids) == {row[0] for row in held}


def test_filters_hold_on_every_page(api: TestClient) -> None:
    everyone = [
        c for page in pages(api, "/v1/companies?limit=500") for c in page.json()["companies"]
    ]
    some = [c for page in pages(api, "/v1/companies?limit=3&market=kosdaq&industry=소프트웨어") for c in page.json()["companies"]]  # fmt: skip
    assert some == [c for c in everyone if c["market"] == "KOSDAQ" and "소프트웨어" in (c["industry"] or "")]  # fmt: skip
    assert some


@pytest.mark.parametrize("by_post", [False, True])
@pytest.mark.parametrize("asked", ["", "level=danger&level=watch", "signal.audit_opinion=danger", "signal.audit_opinion=danger&signal.audit_opinion=unknown&market=KOSPI"])  # fmt: skip
def test_a_screen_is_told_each_row_once(api: TestClient, asked: str, by_post: bool) -> None:  # noqa: FBT001
    body = "signals: {interest_cover: {weight: 5}}" if by_post else None
    whole = next(pages(api, f"/v1/screen?limit=1000&{asked}", body))
    answers = list(pages(api, f"/v1/screen?limit=4&{asked}", body))
    rows = [row for answer in answers for row in answer.json()["rows"]]
    assert rows == whole.json()["rows"]
    assert len({row["id"] for row in rows}) == len(rows) > 4
    assert {answer.headers["x-total-count"] for answer in answers} == {str(len(rows))}
    for row in rows:
        assert not asked.startswith("level") or row["level"] in ("danger", "watch")
        assert "audit_opinion=danger" not in asked or row["signals"]["audit_opinion"] in ("danger", "unknown")  # fmt: skip


def test_a_cursor_ends_with_what_it_counts_on(api: TestClient) -> None:
    first = api.get("/v1/screen?limit=2")
    cursor = first.links["next"]["url"].partition("cursor=")[2]
    assert api.get(f"/v1/screen?limit=2&cursor={cursor}").status_code == 200
    other_day = api.get(f"/v1/screen?limit=2&as_of=2020-01-01&cursor={cursor}")
    assert (other_day.status_code, other_day.json()["code"]) == (410, "cursor")
    other_criteria = api.post(f"/v1/screen?cursor={cursor}", content="verdict: {danger_weight: 9}")
    assert other_criteria.status_code == 410
    of_the_other_list = api.get(f"/v1/companies?cursor={cursor}")
    assert (of_the_other_list.status_code, of_the_other_list.json()["code"]) == (422, "invalid")


def test_cursors_that_nobody_gave(api: TestClient) -> None:
    for made in (
        cursors.encode("screen", "", -1),
        cursors.encode("screen", "x", "3"),
        "e30",
        "bnVsbA",
        "!!",
        "A" * 400,
    ):
        assert api.get("/v1/screen", params={"cursor": made}).status_code == 422
    half = base64.urlsafe_b64encode(b'["companies","","\\ud800"]').decode()
    assert api.get("/v1/companies", params={"cursor": half}).status_code == 422
    assert api.get("/v1/companies", params={"cursor": cursors.encode("companies", "", "zzz")}).json()["companies"] == []  # fmt: skip


# --- redirects, HEAD, CORS -----------------------------------------------------------------------


def test_another_registers_id_leads_to_the_company(api: TestClient) -> None:
    for method, rest in (
        ("GET", ""),
        ("GET", "/verdict?as_of=2022-12-31&lang=en"),
        ("POST", "/verdict"),
        ("GET", "/facts?concept=cash"),
    ):
        answer = api.request(method, f"/v1/companies/krx:001470{rest}")
        assert answer.status_code == 308
        assert answer.headers["location"] == f"{COMPANY}{rest}"
        assert api.request(method, answer.headers["location"]).status_code == 200


@pytest.mark.parametrize("address", [*TAGGED, "/health/live", "/docs/problems", "/v1/none"])
def test_head_tells_what_get_would(api: TestClient, address: str) -> None:
    whole, head = api.get(address), api.head(address)
    assert head.content == b""
    assert head.status_code == whole.status_code
    told = ("content-type", "etag", "cache-control", "content-language", "content-length")
    assert {k: head.headers.get(k) for k in told} == {k: whole.headers.get(k) for k in told}


def test_browsers_of_any_origin_may_read_without_credentials(api: TestClient) -> None:
    origin = {"Origin": "https://someone.example"}
    answer = api.get("/v1/signals", headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert {"ETag", "Link", "Retry-After"} <= set(
        answer.headers["access-control-expose-headers"].split(", ")
    )
    # Also what is refused before any route is looked for, and what may be kept for who names no origin.
    for address, status in (("/v1/none", 404), (f"/v1/search?q={'a' * 9000}", 414)):
        refused = api.get(address, headers=origin)
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (status, "*")  # fmt: skip
    assert api.get("/v1/signals").headers["access-control-allow-origin"] == "*"
    asked = {
        **origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    before = api.options(f"{COMPANY}/verdict", headers=asked)
    assert before.status_code == 200
    assert "POST" in before.headers["access-control-allow-methods"]
    assert "access-control-allow-origin" not in api.get("/docs/problems", headers=origin).headers


def test_only_the_operators_origins_where_named(home: Path) -> None:
    with asking(cors_origins="https://ours.example, https://theirs.example") as api:
        for origin, allowed in (
            ("https://ours.example", "https://ours.example"),
            ("https://other.example", None),
        ):
            answer = api.get("/v1/signals", headers={"Origin": origin})
            assert answer.headers.get("access-control-allow-origin") == allowed
        unnamed = api.get("/v1/signals")
        assert "access-control-allow-origin" not in unnamed.headers
        assert "origin" in unnamed.headers["vary"].lower()
    assert home.exists()


def test_ready_tells_what_is_down_and_goes_on(home: Path) -> None:
    with asking() as api:
        told = api.get("/health/ready").json()
        assert told["ready"]
        assert not told["is_degraded"]
        assert {p["name"]: p["state"] for p in told["parts"]} == {
            "store": "ok",
            "database": "ok",
            "redis": "not_used",
        }
        assert api.get("/health/live").json() == {"status": "live"}
    with asking() as api:
        away = {"redis_url": SecretStr("redis://127.0.0.1:1/0")}
        api.app.state.settings = api.app.state.settings.model_copy(update=away)  # type: ignore[attr-defined]
        told = api.get("/health/ready?lang=en").json()
        assert told["ready"]
        assert told["is_degraded"]
        assert [p["name"] for p in told["parts"] if p["lost"]] == ["redis"]
        assert api.get(f"{COMPANY}/verdict").status_code == 200
    assert home.exists()


def test_many_that_ask_whether_it_is_ready_are_one_look(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not home.exists()
    looks: list[None] = []
    real = Database.is_reachable
    monkeypatch.setattr(Database, "is_reachable", lambda self: looks.append(None) or real(self))
    with asking() as api, ThreadPoolExecutor(8) as pool:
        began = time.monotonic()
        answers = list(pool.map(lambda _: api.get("/health/ready"), range(40)))
        assert {answer.json()["ready"] for answer in answers} == {True}
        assert len(looks) <= 1 + (time.monotonic() - began) / 1.0
        time.sleep(1.1)
        before = len(looks)
        api.get("/health/ready")
        assert len(looks) == before + 1

"""Headers that browsers are told by, on every answer; and requests that are refused before anyone looks at them."""

from __future__ import annotations

import hashlib
import re
import time
from typing import TYPE_CHECKING

import pytest

from paycanary.api import middleware
from paycanary.api.app import PARTS
from paycanary.web.app import PAGES
from tests.routed import routed
from tests.visiting import COMPANY, Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

STRICT = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:", "connect-src": "'self'",
    "form-action": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'",
}  # fmt: skip


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_HOME", str(tmp_path_factory.mktemp("frame")))
        with visiting(rate_limit="") as opened:
            yield opened


@pytest.mark.parametrize(
    "path",
    ["/", "/en/", f"/companies/{COMPANY}", "/nothing", "/v1/nothing", f"/v1/companies/{COMPANY}/verdict", "/v1/search?q=", "/v1/companies/x",
     "/static/paycanary.css", "/static/nothing.css", "/static/../app.py", "/health/live", "/health/ready", "/v1/openapi.json"],
)  # fmt: skip
def test_every_answer_tells_browsers_what_they_may_do(visitor: Visitor, path: str) -> None:
    assert_framed(visitor.get(path))
    assert_framed(visitor.client.request("DELETE", path))


def test_every_route_tells_it_too(visitor: Visitor) -> None:
    """Whatever a route answers here: found, not found, or not like this."""
    routers = [part.router for part in (*PARTS, *PAGES)]
    paths = {getattr(route, "path", "") for router in routers for route in router.routes}
    assert len(paths) > 20
    for path in sorted(paths):
        assert_framed(visitor.get(path.replace("{", "").replace("}", "") or "/"))


def test_transport_security_is_told_over_tls_only(home: Path, visitor: Visitor) -> None:
    assert not home.exists()
    assert "strict-transport-security" not in visitor.get("/health/live").headers
    with visiting(base_url="https://canary.example") as secure:
        told = secure.get("/health/live").headers["strict-transport-security"]
    assert int(told.removeprefix("max-age=")) >= 31_536_000


def test_programs_of_other_sites_may_read_the_api_and_nothing_else(visitor: Visitor) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    api = visitor.get(f"/v1/companies/{COMPANY}/verdict", headers=origin)
    again = visitor.get(f"/v1/companies/{COMPANY}/verdict", headers=origin)
    for answer in (api, again):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    page = visitor.get("/health/../", headers=origin)
    assert "access-control-allow-origin" not in visitor.get("/", headers=origin).headers
    assert page.headers["cross-origin-resource-policy"] == "same-origin"


def test_an_asset_is_kept_for_long_only_at_an_address_that_names_its_version(visitor: Visitor) -> None:  # fmt: skip
    for _ in range(2):
        assert "immutable" in visitor.get("/static/paycanary.css?v=1").headers["cache-control"]
        assert visitor.get("/static/paycanary.css").headers["cache-control"] == "public, max-age=300"  # fmt: skip
    assert visitor.get("/static/nothing?v=1").headers["cache-control"] == "no-store"


def test_a_page_names_assets_by_what_they_hold(visitor: Visitor) -> None:
    named = re.findall(r"/static/[a-z]+\.(?:css|js)\?v=\w+", visitor.get("/").text)
    assert len(named) >= 2
    for address in named:
        held = hashlib.sha256(visitor.get(address).content).hexdigest()
        assert held.startswith(address.partition("=")[2])


@pytest.mark.parametrize("host", ["", "a b", "evil.example/path", "evil.example\\@x", "x" * 300, "[::1", "a:b:c", "evil.example:999999"])  # fmt: skip
def test_a_host_that_is_none_is_refused(visitor: Visitor, host: str) -> None:
    answer = visitor.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert_framed(answer)


def test_what_the_host_header_says_stands_in_no_answer(visitor: Visitor) -> None:
    for path in ("/", f"/companies/{COMPANY}", f"/companies/{COMPANY}/", "/en", "/v1", "/v1/", f"/v1/companies/{COMPANY}/verdict/", f"/v1/companies/{COMPANY}/verdict"):  # fmt: skip
        answer = visitor.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})  # fmt: skip
        assert "evil.example" not in answer.text
        assert not [value for value in answer.headers.values() if "evil.example" in value]


@pytest.mark.parametrize("path", ["/%0d%0aSet-Cookie:%20a=b", "/companies/x%0d%0aX-Evil:%20y", "/v1/companies/a%0aX-Evil:b/verdict", "/en/?q=%0d%0aX-Evil:1", "/v1/companies?q=%0d%0aX-Evil:1"])  # fmt: skip
def test_a_line_break_in_an_address_makes_no_header(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert "x-evil" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert not [v for v in answer.headers.values() if "\n" in v or "\r" in v]


SITES = [
    ({}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"}, False),
    ({"Origin": "http://127.0.0.1:8000"}, True),
    ({"Origin": "https://elsewhere.example"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "http://127.0.0.1:8000.elsewhere.example"}, False),
]


@pytest.mark.parametrize(("headers", "passes"), SITES)
def test_a_form_of_another_site_is_refused(
    visitor: Visitor, headers: dict[str, str], *, passes: bool
) -> None:
    answer = visitor.post("/nothing", {"a": "b"}, headers=headers)
    assert (answer.status_code != 403) is passes
    assert visitor.post("/v1/nothing", {"a": "b"}, headers=headers).status_code != 403
    assert visitor.get("/health/live", headers=headers).status_code == 200


def test_a_body_too_large_is_refused_with_and_without_its_length(home: Path) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 100

    assert not home.exists()
    with routed(request_bytes=1000) as (small, _):
        for path in ("/echo", "/v1/echo"):
            told = small.client.post(path, content=b"x" * 1001)
            assert told.status_code == 413
            assert_framed(told)
        assert small.client.post("/v1/echo", content=b"x" * 1000).text == "1000"
        untold = small.client.post("/v1/echo", content=chunks())
        assert (untold.status_code, untold.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "1 1"])
def test_a_length_that_is_no_number_is_refused(visitor: Visitor, length: str) -> None:
    answer = visitor.client.post("/v1/echo", headers={"Content-Length": length}, content=iter([]))
    assert answer.status_code == 400


def test_a_request_that_takes_too_long_is_given_up(home: Path) -> None:
    assert not home.exists()
    with routed(request_seconds=0.3) as (hasty, routes):
        routes.gate.clear()
        began = time.monotonic()
        answer = hasty.get("/v1/counted?lang=en")
        assert time.monotonic() - began < 1.0
        assert (answer.status_code, answer.json()["code"]) == (504, "timeout")
        assert_framed(answer)
        assert hasty.get("/v1/quick").text == "quick"


def test_a_fault_of_our_own_is_framed_and_tells_nothing_of_it(home: Path) -> None:
    assert not home.exists()
    with routed() as (visitor, _):
        answer = visitor.get("/v1/fails")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "ZeroDivision" not in answer.text
    assert_framed(answer)


def assert_framed(answer: httpx.Response) -> None:
    headers = answer.headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == STRICT
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] in ("same-origin", "cross-origin")
    assert len(headers["x-request-id"]) == 16
    assert headers["cache-control"]
    for name in ("content-security-policy", "cache-control", "x-request-id"):
        assert len(headers.get_list(name)) == 1
    assert middleware._POLICY.count("unsafe") == 0
    assert "server" not in headers

"""Every way to change something, found by looking at the application's own routes: none is open to another site or to a program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from paycanary.api.app import PARTS
from paycanary.state.tables import Base
from paycanary.web.app import PAGES
from tests.visiting import COMPANY, Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAFE = {"GET", "HEAD", "OPTIONS"}
#: A mail program presses this for its owner (RFC 8058): it has no cookie and no token, only the secret of the link.
BY_SECRET = {"/watch/stop/{secret}", "/en/watch/stop/{secret}"}


@pytest.fixture
def visitor(home: Path) -> Iterator[Visitor]:  # noqa: ARG001 - set before the pages start
    with visiting() as opened:
        yield opened


def routes() -> list[tuple[str, str]]:
    """Method and path of everything that may change something."""
    hung: list[tuple[Any, tuple[str, ...]]] = [(part.router, ("",)) for part in PARTS]
    hung += [(page.router, ("", "/en")) for page in PAGES]
    found = sorted(
        {
            (method, prefix + route.path)
            for router, prefixes in hung
            for prefix in prefixes
            for route in router.routes
            for method in route.methods - SAFE
        }
    )
    assert len(found) > 15
    return found


def filled(path: str) -> str:
    """A path that leads somewhere."""
    values = {"company": COMPANY, "secret": "s" * 43}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: values.get(m[1], "1"), path)


def rows(visitor: Visitor) -> dict[str, int]:
    with visitor.service.database.session() as session:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
            if table.name != "leases"
        }


FIELDS = {
    "key": "a.b", "claim": "The figure is wrong.", "reporter": "other", "words": "Words.", "decision": "accept", "do": "delete",
    "query": "카카오", "company": COMPANY, "lang": "ko",
}  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_another_sites_page_changes_nothing(visitor: Visitor, headers: dict[str, str]) -> None:
    before = rows(visitor)
    for method, path in routes():
        if path.startswith("/v1"):
            continue
        answer = visitor.client.request(method, filled(path), data=FIELDS, headers=headers)
        assert answer.status_code == 403, path
    assert rows(visitor) == before


def test_a_form_without_our_token_changes_nothing(visitor: Visitor) -> None:
    before = rows(visitor)
    asked = [r for r in routes() if not r[1].startswith("/v1") and r[1] not in BY_SECRET]
    for token in ({}, {"form_token": "forged"}):
        for method, path in asked:
            answer = visitor.client.request(method, filled(path), data={**FIELDS, **token})
            assert answer.status_code in (400, 403, 404, 422), (path, answer.status_code)
    assert rows(visitor) == before


def test_a_token_of_another_browser_is_worth_nothing(visitor: Visitor) -> None:
    from tests.visiting import token  # noqa: PLC0415 - beside its only use

    stolen = token(visitor.get("/watch/new"))
    visitor.client.cookies.clear()
    visitor.get("/watch/new")
    answer = visitor.post("/watch/new", {"form_token": stolen, "query": "카카오", "lang": "ko"})
    assert answer.status_code == 422
    assert rows(visitor)["watchlists"] == 0


def test_the_api_takes_no_cookies_so_that_nothing_can_be_forged(visitor: Visitor) -> None:
    """What it changes, a refresh of public data, anyone may ask for; what it allows to key holders, it allows by the key alone."""
    visitor.get("/watch/new")
    assert visitor.client.cookies
    for method, path in routes():
        if path.startswith("/v1"):
            answer = visitor.client.request(method, filled(path), headers={"Origin": "https://evil.example"})  # fmt: skip
            assert "set-cookie" not in answer.headers
            assert answer.headers.get("access-control-allow-credentials") is None

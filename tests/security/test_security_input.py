"""Hostile input: in addresses, in criteria, in names of files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.visiting import COMPANY, Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join('*' + chr(97 + i) for _ in range(9))}]\n" for i in range(9)
)  # fmt: skip
HOSTILE = (
    "' OR 1=1 --", "'; DROP TABLE companies; --", '" UNION SELECT name FROM sqlite_master --', "<script>alert(1)</script>",
    "{{7*7}}", "${jndi:ldap://x}", "%0d%0aSet-Cookie: a=b", "\x00", "\u202e", "../../etc/passwd", "A" * 5000,
)  # fmt: skip


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_HOME", str(tmp_path_factory.mktemp("hostile_input")))
        with visiting(rate_limit="", heavy_rate_limit="", form_rate_limit="") as opened:
            yield opened


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:24])
@pytest.mark.parametrize(
    "place",
    [
        "/v1/search?q={}", "/v1/resolve?q={}", "/v1/companies/{}", "/v1/companies/{}/verdict", "/v1/screen?industry={}", "/v1/signals/{}",
        "/v1/companies?after={}", "/v1/screen?cursor={}", "/v1/jobs/{}", "/search?q={}", "/suggest?q={}", "/companies/{}",
        "/companies/{}/report", "/screen?industry={}", "/compare?c={}", "/corrections/{}", "/watch/{}", "/jobs/{}", "/signals/{}",
    ],
)  # fmt: skip
def test_hostile_words_are_words(visitor: Visitor, place: str, text: str) -> None:
    answer = visitor.get(place.format(quote(text, safe="")))
    assert answer.status_code < 500
    assert "set-cookie" not in answer.headers or "a=b" not in answer.headers["set-cookie"]
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert "<script>alert" not in answer.text
        assert "49" not in answer.text or "{{7*7}}" not in text
    # The tables are all still there.
    assert visitor.get(f"/v1/companies/{COMPANY}").status_code == 200


@pytest.mark.parametrize(
    "criteria",
    [
        "!!python/object/apply:os.system ['true']",
        "signals: !!python/name:os.system",
        LAUGHS,
        "[" * 3000,
        "signals: {net_loss_streak: {weight: " + "9" * 400 + "}}",
        "? {a: b}\n: c",
    ],
    ids=["object", "name", "laughs", "deep", "digits", "keys"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_criteria_are_numbers_and_nothing_else(
    visitor: Visitor, criteria: str, method: str
) -> None:
    path, started = f"/v1/companies/{COMPANY}/verdict", time.monotonic()
    answer = visitor.client.request(
        method,
        path,
        params={"criteria": criteria} if method == "GET" else None,
        content=criteria if method == "POST" else None,
    )
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static/....//app.py", "/static//etc/passwd",
        "/static/%00", "/companies/..%2f..%2fetc%2fpasswd/card.png", "/en/static/paycanary.css/../../app.py",
    ],
)  # fmt: skip
def test_no_file_but_the_static_ones_is_given(visitor: Visitor, path: str) -> None:
    answer = visitor.client.request("GET", path)
    assert answer.status_code in (400, 404, 405)
    assert "import" not in answer.text
    assert "root:" not in answer.text


def test_what_is_no_utf8_is_refused_or_passed_over(visitor: Visitor) -> None:
    for path in ("/search?q=%ff%fe", "/v1/search?q=%ff%fe", "/companies/%ff", "/v1/companies/%ff%c0"):  # fmt: skip
        assert visitor.get(path).status_code < 500

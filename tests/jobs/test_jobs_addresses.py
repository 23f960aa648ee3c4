"""What strangers write into the addresses of jobs and the headers of their streams, on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.jobs.asking import until
from tests.visiting import COMPANY, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.visiting import Visitor


@pytest.fixture(params=["sqlite", "postgresql"])
def visitor(request: pytest.FixtureRequest, home: object) -> Iterator[Visitor]:  # noqa: ARG001
    """Somebody on each kind of database; nobody works on jobs of the kind that is asked for here."""
    is_server = request.param == "postgresql"
    url = request.getfixturevalue("postgres_url") if is_server else None
    with visiting(url, housekeeping=False) as visitor:
        yield visitor


def is_followed(visitor: Visitor) -> bool:
    """Whether the application tells anybody of a job."""
    return bool(visitor.client.app.state.streams.open)  # type: ignore[attr-defined]


def test_no_number_of_a_job_is_a_fault_of_ours(visitor: Visitor) -> None:
    for number in ("%00", "a%00b", "..%2f..", "%F0%9F%92%A3", "x" * 36, "x" * 3000):
        for path in (f"/jobs/{number}", f"/en/jobs/{number}/events", f"/v1/jobs/{number}", f"/v1/jobs/{number}/events"):  # fmt: skip
            assert visitor.get(path).status_code in (404, 422), path


@pytest.mark.parametrize(
    "last", ["2147483648", "9223372036854775808", "9" * 20, "-1", "x", "²", ""]
)
def test_a_last_event_that_never_was_loses_none_that_comes(last: str, visitor: Visitor) -> None:
    table = visitor.service.refreshing.table
    job = table.ask("k", "dart:1", "ko").id
    path, headers = f"/v1/jobs/{job}/events", {"Last-Event-ID": last.encode()}
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(visitor.get, path, headers=headers)
        until(lambda: is_followed(visitor))
        claim = table.claim(job)
        assert claim is not None
        table.end(claim, None, {"code": "x", "what": {"ko": "", "en": ""}, "todo": {"ko": "", "en": ""}})  # fmt: skip
        told = following.result(30)
    assert told.status_code == 200
    assert re.findall(r"event: (\w+)", told.text)[-2:] == ["running", "failed"]


def test_a_result_that_another_version_wrote_is_no_fault(visitor: Visitor) -> None:
    table = visitor.service.refreshing.table
    claim = table.claim(table.ask("k", COMPANY, "ko").id)
    assert claim is not None
    strange = {
        "company": COMPANY,
        "sources": [],
        "refresh": None,
        "verdict": None,
        "added_later": 1,
    }
    table.end(claim, {"ko": strange, "en": strange})
    told = visitor.get(f"/v1/jobs/{claim.id}").json()
    assert (told["state"], told["result"], told["company"]) == ("done", None, COMPANY)
    for prefix in ("", "/en"):
        page = visitor.get(f"{prefix}/jobs/{claim.id}")
        assert page.status_code == 200
        assert f'href="{prefix}/companies/{COMPANY}"' in page.text

"""Refreshes without Redis: inside of ``paycanary serve``, which may be killed in the middle."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest

from paycanary.corrections.moderation import accept
from paycanary.corrections.reports import Report, file_report
from paycanary.sources.registers import REGISTERS
from tests.jobs.asking import COMPANY, until
from tests.services import UNLISTED, findings, states

if TYPE_CHECKING:
    from tests.jobs.asking import World


def test_a_refresh_gives_what_the_command_prints(world: World) -> None:
    world.serve()
    before = world.snapshots()
    job = world.ask()
    assert (job["state"] in ("queued", "running"), job["answered_by"]) == (True, "new")
    done = world.ended(job["id"])
    assert done["state"] == "done"
    assert done["error"] is None
    fetch = done["result"]
    assert fetch["company"] == COMPANY
    assert set(states(fetch)) == set(REGISTERS)
    assert findings(fetch["verdict"])["going_concern"] == "danger"
    assert findings(fetch["verdict"])["business_status"] == "good"
    assert str(world.home) not in str(done)
    assert world.snapshots() == before + 1
    world.assert_ended_once(job["id"])
    shown = world.run().json("check", UNLISTED[1], "--lang", "en")
    assert shown["sentence"] == fetch["verdict"]["sentence"]
    # What is accepted later that day stands beside both.
    with closing(world.database) as database:
        report = Report("This company is another one.", reporter="company")
        number = file_report(database, report, company_id=COMPANY, company_name="", shown=None, lang="ko").number  # fmt: skip
        accept(database, number, "It is the same one.", "tester")
    told = world.run().json("refresh", "--company", UNLISTED[1], "--lang", "en")["verdict"]
    assert [c["id"] for c in told["corrections"]] == [number]
    until(lambda: world.look(job["id"])["result"]["verdict"]["corrections"] == told["corrections"])


def test_two_clicks_are_one_job_and_a_third_is_answered_with_its_result(world: World) -> None:
    world.hold_up(0.3)
    world.serve()
    first = world.ask()
    again = world.ask()
    assert (again["id"], again["answered_by"]) == (first["id"], "joined")
    done = world.ended(first["id"])
    asked = world.services.asked()
    third = world.ask()
    assert (third["id"], third["answered_by"], third["state"]) == (first["id"], "recent", "done")
    assert third["ended_at"] == done["ended_at"]
    assert world.services.asked() == asked


def test_a_register_that_is_down_is_named(world: World) -> None:
    world.services.down("tax")
    world.serve()
    done = world.ended(world.ask()["id"])
    assert {name for name, state in states(done["result"]).items() if state != "done"} == {"tax"}
    (tax,) = [s for s in done["result"]["sources"] if s["source"] == "tax"]
    assert "503" in tax["message"]


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_service_that_ends_in_the_middle_is_followed_by_its_successor(world: World, how: str) -> None:  # fmt: skip
    world.hold_up()
    before = world.snapshots()
    first = world.serve()
    job = world.ask()["id"]
    until(lambda: world.is_running(job))
    getattr(first, how)()
    world.mend()
    assert world.snapshots() == before
    world.serve()
    done = world.ended(job)
    assert done["state"] == "done"
    assert done["attempts"] == (2 if how == "kill" else 1)
    assert findings(done["result"]["verdict"])["going_concern"] == "danger"
    assert world.snapshots() == before + 1
    world.assert_ended_once(job)


def test_another_refresh_that_holds_the_store_is_waited_for(world: World) -> None:
    from paycanary.lake.writer import writing  # noqa: PLC0415

    world.serve()
    with writing(world.home / "lake"):
        job = world.ask()["id"]
        until(lambda: "store_busy" in str(world.events(job)))
        assert world.look(job)["state"] == "running"
    assert world.ended(job)["state"] == "done"
    world.assert_ended_once(job)


def test_only_a_company_that_is_stored_can_be_asked_about(world: World) -> None:
    world.serve()
    for unknown in ("dart:12345678", UNLISTED[1], "nps:%20x", "x" * 70):
        answer = httpx.post(f"{world.url}/v1/companies/{unknown}/refresh", trust_env=False)
        assert answer.status_code == 404, unknown
        assert answer.headers["content-type"] == "application/problem+json"
    assert world.services.asked() == 0
    nothing = httpx.get(f"{world.url}/v1/jobs/none", trust_env=False)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "no_job")

"""Server-sent events of a job over real HTTP: in order, resumed, bounded, and without leftovers."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import httpx
from sqlalchemy import func, select

from paycanary.state.tables import JobEvent
from tests.jobs.asking import Listener, until

if TYPE_CHECKING:
    from tests.jobs.asking import World


def stream(world: World, job: str, lang: str = "en") -> str:
    return f"{world.url}/v1/jobs/{job}/events?lang={lang}"


def test_a_stream_tells_everything_in_order_and_ends(world: World) -> None:
    world.hold_up(0.4)
    world.serve()
    job = world.ask()["id"]
    listener = Listener(stream(world, job))
    listener.join(60)
    assert not listener.is_alive()
    numbers = [number for number, _, _ in listener.events]
    names = [name for _, name, _ in listener.events]
    assert numbers == sorted(set(numbers))
    assert names[:2] == ["queued", "running"]
    assert set(names[2:-1]) == {"progress"}
    assert names[-1] == "done"
    registers = {p["part"] for _, _, data in listener.events for p in data.get("parts", [])}
    assert {"dart", "nts", "tax"} <= registers
    # At most a few a second.
    with world.session() as session:
        first, last, count = session.execute(
            select(func.min(JobEvent.at), func.max(JobEvent.at), func.count())
        ).one()
    assert count <= 4 + 4 * (last - first).total_seconds()


def test_who_comes_back_goes_on_after_the_last_event(world: World) -> None:
    world.hold_up(0.4)
    first_service = world.serve()
    job = world.ask()["id"]
    first = Listener(stream(world, job))
    until(lambda: len(first.events) >= 3)
    first.break_off()
    last = first.events[-1][0]
    world.mend()
    # On another copy of the service that shares the state.
    world.serve()
    second = Listener(stream(world, job), last)
    second.join(60)
    assert min(number for number, _, _ in second.events) > last
    assert second.events[-1][1] == "done"
    whole = Listener(stream(world, job))
    whole.join(60)
    numbers = [number for number, _, _ in whole.events]
    assert numbers == sorted({n for n, _, _ in [*first.events, *second.events]})
    assert first_service.is_running
    # Who has seen the end is told not to come back.
    again = Listener(stream(world, job), second.events[-1][0])
    again.join(60)
    assert (again.status, again.events) == (204, [])


def test_streams_are_bounded_and_who_leaves_makes_room(world: World) -> None:
    world.hold_up(2)
    server = world.serve(PAYCANARY_JOB_STREAMS="2")
    job = world.ask()["id"]
    listeners = [Listener(stream(world, job)) for _ in range(2)]
    until(lambda: all(listener.events for listener in listeners))
    refused = httpx.get(stream(world, job), trust_env=False)
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert "retry-after" in refused.headers
    assert httpx.get(f"{world.url}/jobs/{job}", trust_env=False).status_code == 200
    for listener in listeners:
        listener.break_off()
    third = until(lambda: _taken(world, job))
    world.mend()
    third.join(60)
    assert third.events[-1][1] == "done"
    assert "Traceback" not in server.output


def test_one_address_cannot_take_all_streams(world: World) -> None:
    world.hold_up(2)
    world.serve(PAYCANARY_TRUSTED_PROXIES="127.0.0.1")
    job = world.ask()["id"]
    greedy = [Listener(stream(world, job), address="192.0.2.1") for _ in range(20)]
    until(lambda: all(listener.status for listener in greedy))
    assert Counter(listener.status for listener in greedy) == {200: 16, 503: 4}
    other = Listener(stream(world, job), address="192.0.2.2")
    until(lambda: other.events)
    assert other.status == 200
    for listener in greedy:
        if listener.status == 200:
            listener.break_off()
    again = until(lambda: _taken(world, job, "192.0.2.1"))
    world.mend()
    again.join(60)
    assert again.events[-1][1] == "done"


def _taken(world: World, job: str, address: str = "") -> Listener | None:
    listener = Listener(stream(world, job), address=address)
    until(lambda: listener.status)
    return listener if listener.status == 200 else None


def test_a_stream_ends_after_its_time_and_can_be_taken_up_again(world: World) -> None:
    world.hold_up(2)
    world.serve(PAYCANARY_JOB_STREAM_SECONDS="1", PAYCANARY_REQUEST_SECONDS="2")
    job = world.ask()["id"]
    started = time.monotonic()
    first = Listener(stream(world, job))
    first.join(60)
    assert 1 <= time.monotonic() - started < 10
    assert first.events[-1][1] != "done"
    world.mend()
    world.ended(job)
    second = Listener(stream(world, job), first.events[-1][0])
    second.join(60)
    assert second.events[-1][1] == "done"


def test_a_stream_outlives_the_time_of_a_request(world: World) -> None:
    world.hold_up(1.5)
    world.serve(PAYCANARY_REQUEST_SECONDS="1")
    job = world.ask()["id"]
    listener = Listener(stream(world, job))
    time.sleep(2)
    assert listener.is_alive()
    world.mend()
    listener.join(60)
    assert listener.events[-1][1] == "done"


def test_a_service_that_stops_does_not_wait_for_its_streams(world: World) -> None:
    world.hold_up(5)
    server = world.serve()
    job = world.ask()["id"]
    listener = Listener(stream(world, job))
    until(lambda: listener.events)
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 5
    listener.join(10)
    assert listener.is_whole
    assert "Traceback" not in server.output
    assert "ERROR" not in server.output

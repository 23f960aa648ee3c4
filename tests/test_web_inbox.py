"""Answers kept: nothing asked twice, nothing lost, a day's quota respected, whatever the clock does."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paycanary.errors import (
    AnswerError,
    BusyError,
    LakeError,
    QuotaError,
    SourceError,
    UnreachableError,
)
from paycanary.sources.web import inbox_file
from paycanary.sources.web.calendar import Calendar
from paycanary.sources.web.calls import Answer, Call
from paycanary.sources.web.client import Web
from paycanary.sources.web.collector import Collector
from paycanary.sources.web.inbox import Inbox
from tests.standins.server import HTML_PAGE, Reply, StandIn, as_json, http_error, slow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.standins.server import Request

ROOT = Path(__file__).resolve().parents[1]
NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


class Thing:
    """A register's client over real HTTP: one row that says what was asked."""

    source = "thing"

    def __init__(self, service: StandIn, daily_limit: int | None = None) -> None:
        self.web = Web("thing", service.url, per_second=1000)
        self.daily_limit = daily_limit

    def bucket(self, call: Call) -> str:  # noqa: ARG002
        return "all"

    def ask(self, call: Call) -> Answer:
        document = self.web.json(self.web.send("GET", f"/{call.endpoint}", params=call.params))
        if document.get("status") == "020":
            raise QuotaError("thing", NOON.date(), {"ko": "한도", "en": "limit"}, {"ko": "", "en": ""})  # fmt: skip
        return Answer(document["rows"])


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_RETRY_SECONDS", "0.01")


def echo(request: Request) -> Reply:
    return as_json({"rows": [{"n": request.params["n"]}]})


@pytest.fixture
def service() -> Iterator[StandIn]:
    with StandIn(echo) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(tmp_path: Path, clock: Clock) -> Iterator[Inbox]:
    opened = Inbox(tmp_path / "inbox", clock)
    yield opened
    opened.close()


def call(n: int, max_age: timedelta | None = None) -> Call:
    return Call("x", {"n": str(n)}, max_age)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# --- memory --------------------------------------------------------------------------------------


def test_an_answer_given_for_good_is_asked_once(inbox: Inbox, service: StandIn) -> None:
    collector, api = Collector(inbox), Thing(service)
    assert [collector.get(api, call(1)) for _ in range(3)] == [[{"n": "1"}]] * 3
    assert len(service.requests) == 1
    assert (collector.tally("thing").asked, collector.tally("thing").reused) == (1, 2)


def test_an_answer_that_ages_is_asked_again(inbox: Inbox, service: StandIn, clock: Clock) -> None:
    collector, api = Collector(inbox), Thing(service)
    collector.get(api, call(1, DAY))
    clock.at += DAY - timedelta(seconds=1)
    collector.get(api, call(1, DAY))
    assert len(service.requests) == 1
    clock.at += timedelta(seconds=1)
    collector.get(api, call(1, DAY))
    assert len(service.requests) == 2


def test_an_answer_from_a_clock_that_ran_ahead_is_not_fresh_for_years(
    inbox: Inbox, service: StandIn, clock: Clock
) -> None:
    collector, api = Collector(inbox), Thing(service)
    clock.at += 3650 * DAY
    collector.get(api, call(1, DAY))
    inbox.finish_round("thing")
    clock.at = NOON
    collector.get(api, call(1, DAY))
    assert len(service.requests) == 2
    assert inbox.last_round("thing") is None


def test_answers_outlive_the_process(tmp_path: Path, service: StandIn) -> None:
    for _ in range(2):
        opened = Inbox(tmp_path / "inbox")
        assert Collector(opened).get(Thing(service), call(7)) == [{"n": "7"}]
        opened.close()
    assert len(service.requests) == 1


def test_what_is_exported_is_what_came_and_comes_once(inbox: Inbox, tmp_path: Path) -> None:
    inbox.save("thing", call(1), Answer([{"a": "1"}, {"a": "둘"}]))
    inbox.save("thing", call(2), Answer([]))
    inbox.save("thing", Call("file", {"n": "3"}), Answer([], "문서 (1).zip", b"PK"))
    done = inbox.export("thing", tmp_path / "out")
    first = {"request": {"n": "1"}, "fetched_at": NOON.isoformat(), "file": None}
    assert lines(tmp_path / "out" / "x.jsonl") == [
        {**first, "row": {"a": "1"}}, {**first, "row": {"a": "둘"}}, {**first, "request": {"n": "2"}, "row": None},
    ]  # fmt: skip
    (file,) = lines(tmp_path / "out" / "file.jsonl")
    assert (tmp_path / "out" / str(file["file"])).read_bytes() == b"PK"
    assert inbox.waiting("thing") == 3
    inbox.taken(done)
    assert inbox.waiting("thing") == 0
    assert inbox.export("thing", tmp_path / "again") == []


def test_an_answer_that_came_during_a_refresh_waits_for_the_next(
    inbox: Inbox, tmp_path: Path, clock: Clock
) -> None:
    inbox.save("thing", call(1), Answer([{"a": "old"}]))
    done = inbox.export("thing", tmp_path / "out")
    clock.at += DAY
    inbox.save("thing", call(1), Answer([{"a": "new"}]))
    inbox.taken(done)
    inbox.export("thing", tmp_path / "again")
    assert [line["row"] for line in lines(tmp_path / "again" / "x.jsonl")] == [{"a": "new"}]


def test_files_of_long_ago_make_room(inbox: Inbox, tmp_path: Path, clock: Clock) -> None:
    inbox.save("thing", call(1), Answer([], "a.zip", b"PK"))
    inbox.taken(inbox.export("thing", tmp_path / "out"))
    clock.at += 100 * DAY
    inbox.taken([])
    assert list((inbox.folder / "files").iterdir()) == []
    assert inbox.find("thing", call(1)) is None
    assert inbox.requests("thing", "x") == [({"n": "1"}, NOON)]


# --- a day's quota -------------------------------------------------------------------------------


def test_a_day_of_calls_used_up_in_the_middle_goes_on_the_next_day_without_double_work(
    inbox: Inbox, service: StandIn, clock: Clock
) -> None:
    api = Thing(service, daily_limit=30)
    with pytest.raises(QuotaError, match="2026-11-25"):
        list(Collector(inbox).map(api, map(call, range(100))))
    assert len(service.requests) == 30
    with pytest.raises(QuotaError):
        Collector(inbox).get(api, call(99))
    assert len(service.requests) == 30
    clock.at = datetime(2026, 11, 24, 15, 0, 1, tzinfo=UTC)  # midnight has passed in Korea
    with pytest.raises(QuotaError, match="2026-11-26"):
        list(Collector(inbox).map(api, map(call, range(100))))
    clock.at += DAY
    with pytest.raises(QuotaError):
        list(Collector(inbox).map(api, map(call, range(100))))
    clock.at += DAY
    everything = list(Collector(inbox).map(api, map(call, range(100))))
    assert {rows[0]["n"] for _, rows in everything} == {str(n) for n in range(100)}
    asked = [p["n"] for p in service.asked()]
    assert sorted(asked, key=int) == [str(n) for n in range(100)]


def test_the_service_itself_says_that_the_day_is_used_up(inbox: Inbox, clock: Clock) -> None:
    counted = count()

    def limited(request: Request) -> Reply:
        return as_json({"status": "020"}) if next(counted) >= 12 else echo(request)

    with StandIn(limited) as service:
        api = Thing(service, daily_limit=20_000)
        with pytest.raises(QuotaError, match="2026-11-25"):
            list(Collector(inbox, workers=1).map(api, map(call, range(50))))
        assert len(service.requests) == 13
        with pytest.raises(QuotaError):
            Collector(inbox).get(api, call(49))
        assert len(service.requests) == 13
        clock.at -= DAY  # a clock set back is another day: the service is asked, and says so again
        with pytest.raises(QuotaError):
            Collector(inbox).get(api, call(49))
        assert len(service.requests) == 14


def test_several_processes_share_one_quota(tmp_path: Path) -> None:
    opened = [Inbox(tmp_path / "inbox") for _ in range(4)]
    allowed: list[bool] = []

    def use(inbox: Inbox) -> None:
        allowed.extend(inbox.count_call("thing", "all", 50) for _ in range(25))

    threads = [threading.Thread(target=use, args=(inbox,)) for inbox in opened]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 50
    for inbox in opened:
        inbox.close()


# --- many questions ------------------------------------------------------------------------------


def test_questions_are_asked_side_by_side_but_no_more_than_allowed(
    inbox: Inbox, service: StandIn
) -> None:
    service.gather(3)
    list(Collector(inbox, workers=3).map(Thing(service), map(call, range(12))))
    assert service.most_in_flight == 3


def test_one_answer_that_cannot_be_read_costs_only_itself(inbox: Inbox, service: StandIn) -> None:
    service.fault(HTML_PAGE, where=lambda request: request.params["n"] == "3")
    collector = Collector(inbox)
    got = {asked.params["n"] for asked, _ in collector.map(Thing(service), map(call, range(6)))}
    assert got == {"0", "1", "2", "4", "5"}
    tally = collector.tally("thing")
    assert (tally.asked, tally.failed) == (5, 1)
    assert "점검" in str(tally.failures[0][1])


def test_a_service_that_answers_nothing_but_pages_is_left_alone(
    inbox: Inbox, service: StandIn
) -> None:
    service.fault(HTML_PAGE)
    with pytest.raises(AnswerError):
        list(Collector(inbox).map(Thing(service), map(call, range(500))))
    assert len(service.requests) < 25


def test_a_service_that_is_down_ends_the_round_and_keeps_what_came(
    inbox: Inbox, service: StandIn
) -> None:
    service.fault(http_error(503), where=lambda request: int(request.params["n"]) >= 10)
    with pytest.raises(UnreachableError):
        list(Collector(inbox, workers=2).map(Thing(service), map(call, range(500))))
    assert len(list(inbox.answers("thing"))) == 10
    service.mend()
    before = len(service.requests)
    list(Collector(inbox).map(Thing(service), map(call, range(20))))
    assert len(service.requests) - before == 10


_BATCH = """
import sys
from pathlib import Path
from paycanary.sources.web.collector import Collector
from paycanary.sources.web.inbox import Inbox
from tests.test_web_inbox import Thing, call

class At:
    url = sys.argv[2]

inbox = Inbox(Path(sys.argv[1]))
for asked, rows in Collector(inbox).map(Thing(At()), map(call, range(200))):
    print(asked.params["n"], flush=True)
"""


def test_a_batch_that_is_killed_asks_only_for_what_is_missing(
    tmp_path: Path, service: StandIn
) -> None:
    service.fault(slow(0.005))
    known: set[str] = set()
    for stop in (5, 40, 90, None):
        process = subprocess.Popen(
            [sys.executable, "-c", _BATCH, tmp_path / "inbox", service.url],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "."},
        )  # fmt: skip
        assert process.stdout is not None
        for told, line in enumerate(process.stdout, 1):
            known.add(line.strip())
            if told == stop:
                process.send_signal(signal.SIGKILL)
                break
        process.stdout.close()
        process.wait()
    assert known == {str(n) for n in range(200)}
    # Four questions at most were in flight at each of the three kills.
    assert 200 <= len(service.requests) <= 200 + 3 * 4


# --- trouble with the store ----------------------------------------------------------------------


def test_a_damaged_file_of_answers_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "answers.sqlite").write_bytes(b"no database at all " * 100)
    with pytest.raises(LakeError, match=r"answers\.sqlite"):
        Inbox(folder)


def test_one_that_another_writes_for_too_long_is_not_told_as_damaged(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_file, "_PATIENCE", 20)
    late = Inbox(inbox.folder)
    with closing(sqlite3.connect(inbox.folder / "answers.sqlite", isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError) as caught:
            late.save("thing", call(1), Answer([]))
        assert "delete" not in str(caught.value)
        writing.execute("ROLLBACK")
    late.save("thing", call(1), Answer([]))
    late.close()


def test_a_full_disk_loses_no_earlier_answer(inbox: Inbox, service: StandIn) -> None:
    collector, api = Collector(inbox), Thing(service)
    collector.get(api, call(1))
    (inbox.folder / "files").rmdir()
    (inbox.folder / "files").write_text("in the way", encoding="utf-8")
    with pytest.raises(LakeError, match="could not be stored"):
        inbox.save("thing", Call("file", {}), Answer([], "a.zip", b"PK"))
    assert collector.get(api, call(1)) == [{"n": "1"}]


def test_no_register_may_end_a_round_in_another_way_than_it_says(
    inbox: Inbox, service: StandIn
) -> None:
    service.fault(http_error(401))
    with pytest.raises(SourceError) as caught:
        list(Collector(inbox).map(Thing(service), map(call, range(9))))
    assert caught.value.code == "key"
    assert caught.value.exit_code == 8


# --- calendars -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calendar", "release"),
    [
        (Calendar("day", hour=6), "2026-11-24T06:00:00+09:00"),
        (Calendar("day", hour=13), "2026-11-23T13:00:00+09:00"),
        (Calendar("month", day=20), "2026-11-20T06:00:00+09:00"),
        (Calendar("month", day=31), "2026-10-31T06:00:00+09:00"),
        (Calendar("year", month=12, day=27), "2025-12-27T06:00:00+09:00"),
        (Calendar("year", month=2, day=30), "2026-02-28T06:00:00+09:00"),
    ],
)
def test_a_register_is_due_once_something_came_out_since(calendar: Calendar, release: str) -> None:
    newest = calendar.newest_release(NOON)
    assert newest is not None
    assert newest.isoformat() == release
    assert calendar.is_due(None, NOON)
    assert calendar.is_due(newest - timedelta(seconds=1), NOON)
    assert not calendar.is_due(newest, NOON)


def test_a_register_without_a_whole_is_never_due() -> None:
    assert not Calendar("company").is_due(None, NOON)


def test_every_moment_has_its_release() -> None:
    for calendar in (Calendar("day"), Calendar("month", day=31), Calendar("year", month=2, day=29)):
        for hours in range(0, 24 * 800, 7):
            moment = NOON + timedelta(hours=hours)
            newest = calendar.newest_release(moment)
            assert newest is not None
            assert newest <= moment < newest + timedelta(days={"day": 1, "month": 31, "year": 366}[calendar.every], seconds=1)  # fmt: skip


# --- a volume that several machines share --------------------------------------------------------


def test_the_file_has_no_log_that_machines_cannot_share(inbox: Inbox) -> None:
    inbox.save("thing", Call("list", {}), Answer([{"n": "1"}]))
    assert journal(inbox.folder) != "wal"
    assert not list(inbox.folder.glob("*-wal")) + list(inbox.folder.glob("*-shm"))


def test_a_file_with_a_log_is_turned_as_soon_as_one_has_it_alone(tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    first = Inbox(folder)
    first.save("thing", Call("list", {}), Answer([{"n": "1"}]))
    first.close()
    before = sqlite3.connect(folder / "answers.sqlite")
    before.execute("PRAGMA journal_mode = WAL")
    # As a version before left it: without the newest table.
    before.execute("DROP TABLE ends")
    beside = Inbox(folder, only_read=True)
    assert beside.last_end("thing") is None
    beside.save("thing", Call("list", {"p": "2"}), Answer([{"n": "2"}]))
    beside.close()
    before.close()
    Inbox(folder).close()
    assert journal(folder) != "wal"
    after = Inbox(folder, only_read=True)
    assert [stored.rows for stored in after.answers("thing")] == [[{"n": "1"}], [{"n": "2"}]]
    after.close()


def journal(folder: Path) -> str:
    database = sqlite3.connect(folder / "answers.sqlite")
    try:
        return str(database.execute("PRAGMA journal_mode").fetchone()[0])
    finally:
        database.close()


def test_nobody_waits_for_who_reads_answers_one_by_one(inbox: Inbox) -> None:
    for number in range(3):
        inbox.save("thing", Call("list", {"p": str(number)}), Answer([{"n": str(number)}]))
    reading = inbox.answers("thing")
    next(reading)
    other = sqlite3.connect(inbox.folder / "answers.sqlite", timeout=0)
    with other:
        other.execute("UPDATE answers SET taken_in = 1")
    other.close()
    assert len(list(reading)) == 2


def test_who_only_reads_writes_nothing(inbox: Inbox) -> None:
    looking = Inbox(inbox.folder, only_read=True)
    with pytest.raises(LakeError, match="readonly"):
        looking.finish_round("thing")
    looking.close()


def test_who_only_reads_takes_back_what_a_killed_writer_left(inbox: Inbox) -> None:
    inbox.note_end("thing", "quota")
    path = inbox.folder / "answers.sqlite"
    # More than the cache holds, so that it reaches the file before it is committed; then the writer is killed.
    program = (
        "import os, signal, sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('PRAGMA cache_size = 2')\n"
        "db.execute('BEGIN IMMEDIATE')\n"
        "db.execute(\"UPDATE ends SET outcome = 'ok'\")\n"
        "for n in range(200):\n"
        "    db.execute('INSERT INTO calls (source, bucket, day, count) VALUES (?, ?, ?, 1)', (str(n), 'x' * 900, 'd'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, path], check=False).returncode == -9
    assert path.with_name("answers.sqlite-journal").stat().st_size > 0
    looking = Inbox(inbox.folder, only_read=True)
    assert (looking.last_end("thing"), looking.calls_today("1")) == ("quota", 0)
    looking.close()

"""The newest snapshot takes over while people ask: nobody is refused, the older one is closed, a damaged one is passed over."""

from __future__ import annotations

import gc
import sqlite3
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.errors import NotFoundError
from paycanary.lake.reader import open_reader
from paycanary.service import market
from paycanary.service.core import AILS
from paycanary.service.market import Edition, Market
from paycanary.service.warmed import Warmed
from tests.command import Run, one_line
from tests.opendart_files import SOUND, TROUBLED, write_opendart
from tests.visiting import COMPANY, Visitor, visiting, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds until a change must have been noticed, on a busy machine.
PATIENCE = 60
OLD, NEW = f"dart:{SOUND.corp_code}", f"dart:{TROUBLED.corp_code}"
FREE = {"rate_limit": "", "heavy_rate_limit": ""}


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, Path]:
    """What two refreshes take in: one company, then another one."""
    return write_opendart(tmp_path / "one", [SOUND]), write_opendart(tmp_path / "two", [TROUBLED])


@pytest.fixture
def one(run: Run, parts: tuple[Path, Path]) -> Run:
    """A lake with the first snapshot."""
    run.ok("refresh", "dart", "--from", parts[0])
    return run


def wait(until: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < end
        time.sleep(0.05)


def warmed_files() -> int:
    """How many editions have their file open in this process."""
    links = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(entry.readlink()))
        except FileNotFoundError:
            continue  # closed meanwhile
    return sum(link.endswith("/warmed (deleted)") for link in links)


@contextmanager
def crowd(visitor: Visitor) -> Iterator[list[tuple[str, int, str]]]:
    """People who ask without a pause; gives what they were answered: address, status, snapshot where it is told."""
    told: list[tuple[str, int, str]] = []
    leave = threading.Event()
    paths = (f"/v1/companies/{OLD}/verdict", f"/companies/{OLD}", "/v1/screen?limit=5", f"/v1/companies/{OLD}/facts", "/en/")  # fmt: skip

    def ask(number: int) -> None:
        turn = 0
        while not leave.is_set():
            turn += 1
            for path in paths:
                query = f"{'&' if '?' in path else '?'}as_of=2025-0{turn % 9 + 1}-01"
                own = path + query if turn % 2 and path != "/en/" else path
                answer = visitor.get(own)
                told.append((own, answer.status_code, ""))
            seen = visitor.get("/v1/sources")
            told.append((f"{number}", seen.status_code, str(seen.json().get("snapshot"))))

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask, number) for number in range(3)]
        try:
            yield told
        finally:
            leave.set()
            for one in asking:
                one.result()


def test_a_refresh_that_commits_while_people_ask_disturbs_nobody(
    one: Run, parts: tuple[Path, Path]
) -> None:
    with visiting(**FREE) as visitor:
        first = visitor.get(f"/v1/companies/{OLD}/verdict")
        assert visitor.get(f"/v1/companies/{NEW}/verdict").status_code == 404
        with crowd(visitor) as told:
            wait(lambda: len(told) > 20)
            one.ok("refresh", "dart", "--from", parts[1])
            wait(lambda: visitor.get(f"/v1/companies/{NEW}/verdict").status_code == 200)
            after = len(told)
            wait(lambda: len(told) > after + 30)
        assert {status for _, status, _ in told} == {200}
        for who in ("0", "1", "2"):
            seen = [snapshot for path, _, snapshot in told if path == who]
            assert seen == sorted(seen)
            assert (seen[0], seen[-1]) == ("1", "2")
        # Nothing of the older snapshot is kept: not by us, and not by who holds its tag.
        again = visitor.get(
            f"/v1/companies/{OLD}/verdict", headers={"If-None-Match": first.headers["etag"]}
        )
        assert again.status_code == 200
        assert again.headers["etag"] != first.headers["etag"]
        listed = visitor.get("/v1/companies").json()["companies"]
        assert [company["id"] for company in listed] == [OLD, NEW]


def test_an_older_edition_is_closed_when_its_last_user_leaves(
    one: Run, parts: tuple[Path, Path]
) -> None:
    gc.collect()
    before = warmed_files()
    with visiting(**FREE) as visitor:
        held: Edition | None = visitor.service.market.edition()
        assert held is not None
        older = weakref.ref(held)
        visitor.get("/v1/screen")
        assert warmed_files() == before + 1
        one.ok("refresh", "dart", "--from", parts[1])
        wait(lambda: visitor.service.market.edition() is not held)
        # Who began with it ends with it.
        assert held.verdict(OLD).company.id == OLD
        assert len(held.screen()) == 1
        assert warmed_files() == before + 2
        held = None
        # The last warming's thread and pending tracebacks may hold it for a moment.
        wait(lambda: gc.collect() is not None and older() is None)
        assert warmed_files() == before + 1
        assert visitor.get(f"/v1/companies/{NEW}/verdict").status_code == 200


def spoil(home: Path) -> None:
    """Break a data file that only the newest snapshot names."""
    root = home / "lake"
    newest = open_reader(root).snapshot
    files = [file for state in newest.tables.values() for file in state.files]
    youngest = max((root / file for file in files), key=lambda path: path.stat().st_mtime_ns)
    youngest.write_bytes(b"PAR1 no parquet PAR1")


@pytest.mark.parametrize("how", ["data", "record"])
def test_a_damaged_newest_snapshot_is_passed_over_and_said_so(
    one: Run, parts: tuple[Path, Path], how: str
) -> None:
    one.ok("refresh", "dart", "--from", parts[1])
    if how == "data":
        spoil(one.home)
    else:
        (one.home / "lake" / "snapshots" / "00000002.json").write_text("{", encoding="utf-8")
    with visiting(**FREE) as visitor:
        assert visitor.get(f"/v1/companies/{OLD}/verdict").status_code == 200
        assert visitor.get("/v1/sources").json()["snapshot"] == 1
        assert visitor.service.ails() == "snapshot"
        assert AILS["snapshot"]["en"] in words(visitor.get("/en/"))
        one.ok("rollback", "--to", "1")
        wait(lambda: visitor.get("/v1/sources").json()["snapshot"] == 3)
        assert visitor.service.ails() == ""


def test_serve_says_in_one_line_that_no_snapshot_can_be_used(one: Run) -> None:
    spoil(one.home)
    said = one_line(one("serve", "--port", 0, "--lang", "en"), 6)
    assert "cannot be read" in said
    (one.home / "lake" / "snapshots" / "00000001.json").write_text("{", encoding="utf-8")
    assert "record" in one_line(one("serve", "--port", 0, "--lang", "en"), 6)


def test_damage_that_comes_while_people_ask_leaves_them_their_answers(one: Run) -> None:
    with visiting(**FREE) as visitor:
        folder = one.home / "lake" / "snapshots"
        (folder / "00000002.json").write_text("{", encoding="utf-8")
        wait(lambda: visitor.service.ails() == "snapshot")
        assert visitor.get(f"/v1/companies/{OLD}/verdict").status_code == 200
        (folder / "00000002.json").unlink()
        wait(lambda: visitor.service.ails() == "")
        assert visitor.get("/v1/sources").json()["snapshot"] == 1


def test_data_that_goes_away_below_the_service_is_told(one: Run) -> None:
    with visiting(**FREE) as visitor:
        assert visitor.get("/health/ready").json()["ready"]
        (one.home / "lake" / "tables").rename(one.home / "away")
        facts = visitor.get(f"/v1/companies/{OLD}/facts?as_of=2024-06-01")
        assert (facts.status_code, facts.json()["code"]) == (503, "store")
        assert int(facts.headers["retry-after"]) > 0
        assert str(one.home) not in facts.text
        wait(lambda: visitor.get("/health/ready").status_code == 503)
        told = visitor.get("/health/ready").json()
        assert [p["name"] for p in told["parts"] if p["state"] == "down"] == ["store"]
        (one.home / "away").rename(one.home / "lake" / "tables")
        wait(lambda: visitor.get("/health/ready").status_code == 200)
        assert visitor.get(f"/v1/companies/{OLD}/facts?as_of=2024-06-01").status_code == 200


def test_a_warming_that_fails_for_another_reason_is_tried_again(
    one: Run, parts: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a full disk below the temporary file."""
    asked = Market()
    real, failed = Warmed.__init__, threading.Event()

    def fail(self: Warmed, con: Any) -> None:
        if not failed.is_set():
            failed.set()
            real(self, con)
            message = "database or disk is full"
            raise sqlite3.OperationalError(message)
        real(self, con)

    monkeypatch.setattr(market, "_RETRY", 0.5)
    monkeypatch.setattr(Warmed, "__init__", fail)
    one.ok("refresh", "dart", "--from", parts[1])
    wait(lambda: asked.edition() and asked.is_damaged)
    assert failed.is_set()
    assert asked.edition().canonical(OLD) == OLD
    wait(lambda: asked.edition().reader.snapshot.id == 2)
    assert not asked.is_damaged


def test_a_country_is_not_asked_about_beforehand_and_answers_the_same(one: Run) -> None:
    """Above so many rows of headcounts nobody is warmed: each is asked about when somebody wants to know."""
    reader, day = open_reader(one.home / "lake"), date(2024, 6, 1)
    warm = Edition(reader, day)
    gc.collect()
    before = warmed_files()
    cold = Edition(reader, day, -1)
    assert warmed_files() == before
    assert warm.verdict(OLD) == cold.verdict(OLD)
    assert (warm.canonical(OLD), warm.screen()) == (cold.canonical(OLD), cold.screen())
    assert (warm.facts(OLD), warm.headcount(OLD), warm.days(OLD)) == (cold.facts(OLD), cold.headcount(OLD), cold.days(OLD))  # fmt: skip
    with pytest.raises(NotFoundError):
        cold.canonical("dart:00000000")


def test_a_lake_that_is_made_anew_is_another_one_though_it_counts_the_same(
    one: Run, parts: tuple[Path, Path], tmp_path: Path
) -> None:
    asked = Market()
    first = asked.edition().key
    other = Run(tmp_path / "other")
    time.sleep(1.1)  # a record's moment is told to the second
    other.ok("refresh", "dart", "--from", parts[1])
    (one.home / "lake").rename(tmp_path / "gone")
    (other.home / "lake").rename(one.home / "lake")
    wait(lambda: asked.edition().key != first)
    assert asked.edition().reader.snapshot.id == 1
    assert asked.edition().canonical(NEW) == NEW


def test_at_midnight_in_korea_answers_are_of_the_new_day(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not home.exists()
    path = f"/v1/companies/{COMPANY}/verdict"
    with visiting(**FREE) as visitor:
        first = visitor.get(path)
        today = market.today()
        assert first.json()["as_of"] == str(today)
        cursor = visitor.get("/v1/screen?limit=2").links["next"]["url"]
        monkeypatch.setattr(market, "today", lambda: today + timedelta(days=1))
        wait(lambda: visitor.get(path).json()["as_of"] == str(today + timedelta(days=1)))
        held = {"If-None-Match": first.headers["etag"]}
        assert visitor.get(path, headers=held).status_code == 200
        assert visitor.get(cursor).status_code == 410
        assert visitor.get("/v1/screen?limit=2").json()["as_of"] == str(today + timedelta(days=1))
        # A day that is named stays what it is.
        assert visitor.get(f"{path}?as_of={today}").json()["as_of"] == str(today)


def test_a_new_day_comes_also_to_an_older_snapshot_that_stands_in(
    one: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one.home / "lake" / "snapshots" / "00000002.json").write_text("{", encoding="utf-8")
    monkeypatch.setattr(market, "_RETRY", 0.5)
    asked = Market()
    day = asked.edition().day
    assert asked.is_damaged
    monkeypatch.setattr(market, "today", lambda: day + timedelta(days=1))
    wait(lambda: asked.edition().day == day + timedelta(days=1))
    assert asked.is_damaged
    assert asked.edition().reader.snapshot.id == 1

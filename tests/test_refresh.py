"""Refreshes as processes: whole or not at all, nothing twice, killed at any moment, several at once."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.lake import snapshots
from paycanary.lake.batches import refresh
from tests.command import MARKET, Run, contents, leftovers, one_line
from tests.nps_files import workplace, write_month
from tests.opendart_files import (
    COMPANIES,
    SMALL,
    SOUND,
    TROUBLED,
    Company,
    broken_rows,
    write_market,
    write_opendart,
    write_statements,
)

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "Symbol,Name,Market,SecuGroup,Kind,ListingDate,DelistingDate,Reason\n"
#: Refreshes killed at random, from these parts of the time that a whole one takes on: anywhere, then near the commit.
KILLS = 12
EARLIEST = (0.05, 0.6)
SEED = random.Random(20261124)  # noqa: S311 - any instants will do


def delisted(path: Path, *codes: str) -> Path:
    """A list of delistings of companies that do not exist."""
    rows = "".join(
        f"{code},없는회사{code},KOSDAQ,주권,보통주,2001-03-02,2025-06-30,감사의견 거절\n"
        for code in codes
    )
    path.write_text(HEADER + rows, encoding="utf-8")
    return path


def assert_accounts(report: dict[str, Any]) -> None:
    """Every row read was accepted, skipped or rejected, and every rejection has a reason."""
    assert report["files"]
    for file in report["files"]:
        assert file["read"] == file["accepted"] + file["skipped"] + file["rejected"], file
        assert sum(file["reasons"].values()) == file["rejected"], file


# --- one refresh ---------------------------------------------------------------------------------


def test_a_refresh_gives_account_of_every_row(run: Run, tmp_path: Path) -> None:
    write_market(tmp_path / "dart", extra=broken_rows())
    write_statements(tmp_path / "dart")
    report = run.json("refresh", "dart", "--from", tmp_path / "dart")
    assert_accounts(report)
    reasons: Counter[str] = Counter()
    for file in report["files"]:
        reasons.update(file["reasons"])
    assert reasons == {"no_receipt_number": 1, "bad_date": 1, "bad_number": 1}
    assert report["added"]["rejected"] == 3
    status = run.json("status")
    assert {(r["file"], r["reason"], r["rows"]) for r in status["rejected"]} == {
        ("empSttus.parquet", "no_receipt_number", 1),
        ("mrhlSttus.parquet", "bad_date", 1),
        ("alotMatter.parquet", "bad_number", 1),
    }
    assert status["snapshot"] == report["snapshot"] == 1
    assert not status["sample"]
    for name, rows in report["added"].items():
        assert status["tables"].get(name, 0) == rows, name


def test_a_second_load_adds_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nps").mkdir()
    inputs = {
        "krx": delisted(tmp_path / "krx.csv", "990010", "990050"),
        "dart": write_opendart(tmp_path / "dart"),
        "nps": write_month(tmp_path / "nps"),
    }
    for source, path in inputs.items():
        report = run.json("refresh", source, "--from", path)
        assert_accounts(report)
        assert sum(report["added"].values()) > 0
    before = contents(run.home / "lake")
    for source, path in inputs.items():
        report = run.json("refresh", source, "--from", path)
        assert_accounts(report)
        assert set(report["added"].values()) == {0}
    assert contents(run.home / "lake") == before
    assert "없음" in run.ok("refresh", "krx", "--from", inputs["krx"], "--lang", "ko")


def test_a_file_under_another_name_adds_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    run.ok("refresh", "nps", "--from", write_month(tmp_path / "a", encoding="cp949"))
    again = write_month(tmp_path / "b", encoding="utf-8", container="zip")
    report = run.json("refresh", "nps", "--from", again)
    assert set(report["added"].values()) == {0}


def test_a_corrected_row_is_a_new_version(run: Run, tmp_path: Path) -> None:
    for name, heads in (("a", 100), ("b", 101)):
        (tmp_path / name).mkdir()
        write_month(tmp_path / name, entries=[workplace(heads=heads, billed=45_000_000)])
    run.ok("refresh", "nps", "--from", tmp_path / "a")
    report = run.json("refresh", "nps", "--from", tmp_path / "b")
    assert report["added"]["headcounts"] == 1
    assert run.json("status")["tables"]["headcounts"] == 2


def test_a_bad_file_among_good_ones_stores_nothing(run: Run, tmp_path: Path) -> None:
    run.ok("refresh", "krx", "--from", delisted(tmp_path / "krx.csv", "990010"))
    before = run.json("status")
    folder = write_opendart(tmp_path / "dart")
    last = folder / "statements" / f"{COMPANIES[-1].stock_code}.parquet"
    last.write_bytes(last.read_bytes()[:-100])
    assert last.name in one_line(run("refresh", "dart", "--from", folder), 5)
    assert run.json("status") == before
    assert leftovers(run.home / "lake") == []


# --- the whole market ----------------------------------------------------------------------------


def test_the_whole_market_is_accounted_for(market: Run) -> None:
    read = 0
    for source in MARKET:
        report = json.loads((market.home / f"{source}.json").read_text(encoding="utf-8"))
        assert_accounts(report)
        read += sum(file["read"] for file in report["files"])
        assert sum(report["added"].values()) > 0
    assert read > 1_400_000
    status = market.json("status")
    assert {s["source"] for s in status["sources"]} == {"krx", "opendart", "nps"}
    assert all(rejected["explanation"] != rejected["reason"] for rejected in status["rejected"])
    assert leftovers(market.home / "lake") == []


def test_the_whole_market_again_adds_nothing(
    market: Run, shared_data: Path, tmp_path: Path
) -> None:
    own = Run(tmp_path / "home")
    shutil.copytree(market.home / "lake", own.home / "lake")
    before = contents(own.home / "lake")
    for source, part in MARKET.items():
        report = own.json("refresh", source, "--from", shared_data / part)
        assert set(report["added"].values()) == {0}, source
    assert contents(own.home / "lake") == before


# --- killed --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def attempt(tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    return Attempt(tmp_path_factory.mktemp("attempt"))


class Attempt:
    """A store with delistings in it, DART reports about to be taken in, and what the store holds with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        companies = [Company(f"9910{i:04}", f"98{i:04}", f"긴이름회사{i}") for i in range(25)]
        self.reports = write_opendart(folder / "dart", [SOUND, TROUBLED, *companies])
        start = Run(folder / "start")
        start.ok("refresh", "krx", "--from", delisted(folder / "krx.csv", "990010", "990050"))
        whole = Run(folder / "whole")
        shutil.copytree(start.home, whole.home)
        began = time.monotonic()
        whole.ok("refresh", "dart", "--from", self.reports)
        self.seconds = time.monotonic() - began
        self.before, self.after = (contents(r.home / "lake") for r in (start, whole))
        assert self.before != self.after

    def home(self, path: Path) -> Run:
        """The store before, anew."""
        shutil.copytree(self.folder / "start", path)
        return Run(path)

    def assert_whole(self, run: Run) -> bool:
        """The store is whole, old or new, and the next refresh brings it to the new state; tells whether it was new."""
        lake = run.home / "lake"
        status = run.json("status")
        found = contents(lake)
        is_new = found == self.after
        assert found in (self.before, self.after)
        assert status["tables"] == {name: rows for name, (rows, _) in found.items()}
        report = refresh(lake, "dart", self.reports)
        assert contents(lake) == self.after
        assert (sum(report.added.values()) == 0) == is_new
        assert leftovers(lake) == []
        return is_new


def test_killed_at_any_moment(attempt: Attempt, tmp_path: Path) -> None:
    seconds = attempt.seconds
    killed = 0
    for number in range(4 * KILLS):
        run = attempt.home(tmp_path / f"home{number}")
        began = time.monotonic()
        process = run.start("refresh", "dart", "--from", attempt.reports)
        try:
            process.wait(SEED.uniform(EARLIEST[number % 2], 1.0) * seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        if process.returncode == 0:
            seconds = time.monotonic() - began  # faster than thought: the machine is less busy now
        killed += process.returncode == -signal.SIGKILL
        attempt.assert_whole(run)
        shutil.rmtree(run.home)
        if killed == KILLS:
            return
    pytest.fail(f"only {killed} refreshes could be killed before they ended")


#: Runs the command line and kills itself right after (or before) the nth call of a function.
SUICIDAL = """
import importlib, os, signal, sys
where, name, nth, when = sys.argv[1:5]
del sys.argv[1:5]
module, _, holder = where.partition(":")
owner = importlib.import_module(module)
owner = getattr(owner, holder) if holder else owner
real, calls = getattr(owner, name), 0

def deadly(*args, **options):
    global calls
    calls += 1
    if calls == int(nth) and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = real(*args, **options)
    if calls == int(nth):
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(owner, name, deadly)
from paycanary.cli.main import run
run()
"""


def die(run: Run, attempt: Attempt, death: str) -> None:
    """A refresh that kills itself at a step: ``module[:class] function nth before|after``."""
    command = [sys.executable, "-c", SUICIDAL, *death.split(), "refresh", "dart", "--from", str(attempt.reports)]  # fmt: skip
    result = subprocess.run(command, env=run.environment(), capture_output=True, check=False)
    assert result.returncode == -signal.SIGKILL, result.stderr


@pytest.mark.parametrize(
    "death",
    [
        "paycanary.lake.writer:Writer write 4 after",  # some data files are there
        "paycanary.lake.writer:Writer _commit_table 1 before",  # all data files
        "paycanary.lake.writer:Writer _commit_table 1 after",
        "paycanary.lake.writer:Writer _commit_table 4 after",  # half the Delta logs
        "paycanary.lake.snapshots save 1 before",  # all Delta logs
        "paycanary.lake.snapshots write 1 after",  # the record lies aside
        "os link 1 after",  # the record is published
    ],
)
def test_killed_at_each_step_of_the_commit(attempt: Attempt, tmp_path: Path, death: str) -> None:
    run = attempt.home(tmp_path / "home")
    die(run, attempt, death)
    assert attempt.assert_whole(run) == death.startswith("os link")


def test_killed_again_and_again_while_mending(attempt: Attempt, tmp_path: Path) -> None:
    """The take-back of a killed refresh may itself be killed."""
    run = attempt.home(tmp_path / "home")
    for death in (
        "paycanary.lake.snapshots save 1 before",
        "paycanary.lake.writer _restored 2 after",
        "paycanary.lake.writer _drop_unreferenced 1 before",
        "paycanary.lake.snapshots write 1 after",
    ):
        die(run, attempt, death)
        assert contents(run.home / "lake") == attempt.before
    attempt.assert_whole(run)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_a_person(attempt: Attempt, tmp_path: Path, sign: signal.Signals) -> None:
    run = attempt.home(tmp_path / "home")
    process = run.start("refresh", "dart", "--from", attempt.reports)
    time.sleep(0.7 * attempt.seconds)
    process.send_signal(sign)
    _, said = process.communicate()
    assert "Traceback" not in said
    assert process.returncode in (0, 130, -sign)
    attempt.assert_whole(run)


# --- several at once -----------------------------------------------------------------------------


class HeldUp:
    """A refresh of delistings that holds the store: its file is a pipe in which nothing comes yet."""

    def __init__(self, run: Run, folder: Path, *codes: str) -> None:
        self.path = folder / "held.csv"
        self.content = delisted(folder / "real.csv", *codes)
        os.mkfifo(self.path)
        self.process = run.start("refresh", "krx", "--from", self.path, "--json")
        while True:  # until the refresh reads
            try:
                self.pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                assert self.process.poll() is None
                time.sleep(0.01)
            else:
                return

    def let_go(self) -> Any:
        """Let it finish; gives its report."""
        text = self.content.read_bytes()
        self.content.replace(self.path)
        os.write(self.pipe, text)
        os.close(self.pipe)
        out, err = self.process.communicate()
        assert self.process.returncode == 0, err
        return json.loads(out)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_two_refreshes_at_once(run: Run, tmp_path: Path, lang: str) -> None:
    run.ok("refresh", "dart", "--from", write_opendart(tmp_path / "a", [SOUND]))
    before = run.json("status")
    more = write_opendart(tmp_path / "b", [SMALL])
    held = HeldUp(run, tmp_path, "990010")
    line = one_line(run("refresh", "dart", "--from", more, "--lang", lang), 7)
    assert {"ko": "다른 refresh", "en": "another refresh"}[lang] in line
    assert str(run.home) in line
    assert run.problem("refresh", "dart", "--from", more)["error"] == "busy"
    one_line(run("rollback", "--lang", lang), 7)
    assert run.json("status") == before  # reading works meanwhile
    assert held.let_go()["added"]["notices"] == 1
    assert run.json("refresh", "dart", "--from", more)["added"]["companies"] == 1
    tables = run.json("status")["tables"]
    assert (tables["notices"], tables["companies"]) == (1, 3)
    assert leftovers(run.home / "lake") == []


def test_a_crowd_loses_nothing(run: Run, tmp_path: Path) -> None:
    codes = [f"9900{i}0" for i in range(1, 7)]
    inputs = {code: delisted(tmp_path / f"{code}.csv", code) for code in codes}
    started = {c: run.start("refresh", "krx", "--from", path) for c, path in inputs.items()}
    ended = {}
    for code, process in started.items():
        _, said = process.communicate()
        ended[code] = process.returncode
        assert process.returncode in (0, 7)
        assert (said == "") == (process.returncode == 0), said
    won = [code for code, result in ended.items() if result == 0]
    assert won
    assert run.json("status")["tables"]["notices"] == len(won)
    for code in codes:
        run.ok("refresh", "krx", "--from", inputs[code])
    assert run.json("status")["tables"]["notices"] == len(codes)
    assert leftovers(run.home / "lake") == []


def test_readers_never_fail_and_see_whole_states(run: Run, tmp_path: Path) -> None:
    """Processes that read all the time, while refreshes and rollbacks come and go."""
    run.ok("refresh", "dart", "--from", write_opendart(tmp_path / "first", [SOUND]))
    done = threading.Event()

    def read() -> list[subprocess.CompletedProcess[str]]:
        results = []
        while not done.is_set():
            results.append(run("status", "--json"))
            results.append(run("check", SOUND.corp_code, "--json"))
        return results

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        try:
            for i in range(2):
                company = Company(f"9920{i:04}", f"97{i:04}", f"새회사{i}")
                run.ok("refresh", "dart", "--from", write_opendart(tmp_path / str(i), [company]))
            run.ok("rollback")
            run.ok("refresh", "krx", "--from", delisted(tmp_path / "krx.csv", "990010"))
        finally:
            done.set()
        results = [result for reader in readers for result in reader.result()]
    found, _ = snapshots.readable(run.home / "lake" / "snapshots")
    states = {s.id: {name: t.rows for name, t in s.tables.items()} for s in found}
    seen = set()
    for result in results:
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
        document = json.loads(result.stdout)
        if "tables" in document:
            assert document["tables"] == states[document["snapshot"]]
            seen.add(document["snapshot"])
        else:
            assert document["company"]["name"] == SOUND.name
    assert len(results) >= 6
    assert len(seen) >= 2

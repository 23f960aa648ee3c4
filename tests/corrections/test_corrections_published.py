"""Accepted corrections in verdicts: beside the figure, from their day on, the same through every door."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycanary.corrections import moderation, reports
from paycanary.corrections.beside import beside, from_state
from paycanary.corrections.published import Published
from paycanary.corrections.reports import Report, Shown
from paycanary.errors import StateError
from paycanary.models import Correction, Verdict
from paycanary.state.database import Database, open_database
from paycanary.wording import korean_day, today
from tests.command import Run
from tests.servers import PASSWORD, running_postgres
from tests.visiting import COMPANY, NAME, visiting

if TYPE_CHECKING:
    from pathlib import Path


def accepted(database: Database, verdict: Verdict | None = None, statement: str = "Restated.", company: str = COMPANY) -> str:  # fmt: skip
    """Report the first figure of a verdict (or the company as a whole), and accept it."""
    shown = None
    if verdict is not None:
        figure = verdict.findings[0].figures[0]
        shown = Shown(figure.source, figure.filing_id, figure.concept, figure.period_end, "as it was shown")  # fmt: skip
    number = reports.file_report(
        database, Report(f"Wrong, since {statement}", reporter="company"),
        company_id=company, company_name=NAME, shown=shown, lang="ko",
    ).number  # fmt: skip
    moderation.accept(database, number, statement, "tester")
    return number


def seen(published: Published) -> str:
    """The version once it has been looked up anew."""
    published._looked = -10.0
    return published.version()


def verdict_of(run: Run, *arguments: object) -> Verdict:
    return Verdict.model_validate(run.json("check", NAME, *arguments))


@pytest.fixture(scope="module")
def plain(sample: Run) -> Verdict:
    """A verdict of the built-in sample where nothing was ever reported."""
    return verdict_of(sample)


def test_a_decision_changes_the_version_only_where_an_answer_may_change(
    database: Database, plain: Verdict
) -> None:
    published = Published(database)
    first = published.version()
    assert published.attach(plain) == plain
    rejected = reports.file_report(
        database, Report("It is wrong.", reporter="other"), company_id=COMPANY, company_name=NAME, shown=None, lang="ko",
    ).number  # fmt: skip
    assert seen(published) == first
    moderation.reject(database, rejected, "No.", "tester")
    assert seen(published) == first
    number = accepted(database, plain)
    second = seen(published)
    assert second != first
    (correction,) = published.attach(plain).corrections
    assert (correction.id, correction.statement, correction.shown) == (number, "Restated.", "as it was shown")  # fmt: skip
    assert correction.is_about(plain.findings[0].figures[0])
    assert not any(correction.is_about(f) for f in plain.findings[0].figures[1:])
    accepted(database, statement="Another one.")
    assert seen(published) not in {first, second}


def test_a_figure_itself_never_changes(database: Database, plain: Verdict) -> None:
    accepted(database, plain)
    after = Published(database).attach(plain)
    assert after.model_copy(update={"corrections": []}) == plain


def test_a_look_is_taken_once_a_second(database: Database) -> None:
    published = Published(database)
    first = published.version()
    accepted(database)
    assert published.version() == first
    time.sleep(1.05)
    assert published.version() != first


def test_while_the_database_is_away_what_was_seen_stands_and_says_so(plain: Verdict) -> None:
    with running_postgres() as server:
        database = open_database(server.url())
        accepted(database)
        published = Published(database)
        version = published.version()
        assert not published.is_stale
        server.stop()
        assert seen(published) == version
        assert published.is_stale
        assert len(published.attach(plain).corrections) == 1
        server.start()
        assert seen(published) == version
        assert not published.is_stale
        database.close()


def test_a_database_that_never_answered_is_no_error() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    published = Published(database)
    published.version()
    assert published.is_stale
    database.close()


def test_an_answer_does_not_wait_for_a_database_that_hangs(home: Path, plain: Verdict) -> None:
    database = open_database()
    published = Published(database)
    published.version()
    with sqlite3.connect(home / "state.sqlite", isolation_level=None) as blocker:
        blocker.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        for _ in range(5):
            seen(published)
            published.attach(plain)
        assert time.monotonic() - started < 2
        assert published.is_stale
        blocker.execute("ROLLBACK")
    blocker.close()
    until = time.monotonic() + 10
    while published.is_stale and time.monotonic() < until:
        time.sleep(0.1)
        seen(published)
    assert not published.is_stale
    for thread in threading.enumerate():
        if thread.name == "corrections":
            thread.join(10)
    database.close()


# --- as of a day ---------------------------------------------------------------------------------


def correction(day: date, number: str = "A") -> Correction:
    return Correction(id=number, statement="So it is.", reporter="other", accepted_on=day)


@given(
    days=st.lists(st.dates(date(2020, 1, 1), date(2026, 11, 1)), max_size=6),
    as_of=st.dates(date(2020, 1, 1), date(2026, 11, 1)),
    later=st.lists(st.integers(1, 400), max_size=4),
)
def test_no_later_correction_changes_an_earlier_verdict(
    plain: Verdict, days: list[date], as_of: date, later: list[int]
) -> None:
    verdict = plain.model_copy(update={"as_of": as_of})
    known = [correction(day, str(i)) for i, day in enumerate(days)]
    more = [correction(as_of + timedelta(n), f"later {i}") for i, n in enumerate(later)]
    answer = beside(verdict, {COMPANY: known})
    assert answer == beside(verdict, {COMPANY: [*more, *known]})
    assert len(answer.corrections) == sum(day <= as_of for day in days)


@pytest.mark.quick
def test_days_are_korean() -> None:
    assert korean_day(datetime(2026, 1, 1, 15, 0, tzinfo=UTC)) == date(2026, 1, 2)
    assert korean_day(datetime(2026, 1, 1, 14, 59, tzinfo=UTC)) == date(2026, 1, 1)


def test_a_company_is_found_by_every_number_that_it_was_known_by(plain: Verdict) -> None:
    links = {link.id for link in plain.company.links}
    assert len(links) > 1
    held = {number: [correction(date(2020, 1, 1), number)] for number in links | {"dart:other"}}
    assert {c.id for c in beside(plain, held).corrections} == links


# --- the command line ----------------------------------------------------------------------------


def test_the_command_line_and_the_service_give_the_same(
    home: Path, run: Run, plain: Verdict
) -> None:
    with visiting() as visitor:
        accepted(visitor.service.database, plain, "한 줄\n두 줄")
        accepted(visitor.service.database, statement="About the whole.")
        # Another connection's decision is seen within a second.
        end = time.monotonic() + 5
        while len(visitor.service.verdict(COMPANY).corrections) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        for lang in ("ko", "en"):
            served = visitor.service.verdict(COMPANY, lang=lang)
            told = run("check", NAME, "--json", "--lang", lang)
            assert told.stderr == ""
            assert json.loads(told.stdout) | {"report_error": None} == json.loads(served.model_dump_json()) | {"report_error": None}  # fmt: skip
            assert len(served.corrections) == 2
        compared = run.json("compare", NAME, "카카오")["verdicts"]
        assert [len(v["corrections"]) for v in compared] == [2, 0]
        earlier = today() - timedelta(days=1)
        assert run.json("check", NAME, "--as-of", earlier)["corrections"] == []
        assert visitor.service.verdict(COMPANY, earlier).corrections == []
    assert (home / "state.sqlite").exists()


def test_the_command_line_reads_postgresql_too(
    home: Path, run: Run, postgres_url: str, plain: Verdict
) -> None:
    database = open_database(postgres_url)
    number = accepted(database, plain)
    database.close()
    env = {"DATABASE_URL": postgres_url}
    assert [c["id"] for c in run.json("check", NAME, env=env)["corrections"]] == [number]
    assert run.json("check", NAME)["corrections"] == []
    assert not home.exists()


@pytest.mark.parametrize(
    ("lang", "beside_it"),
    [("ko", "받아들인 정정(회사가 신고"), ("en", "Correction accepted on")],
)
def test_a_terminal_shows_it_under_the_figure(
    run: Run, plain: Verdict, lang: str, beside_it: str
) -> None:
    database = open_database()
    number = accepted(database, plain, "Restated\nin two lines.")
    whole = accepted(database, statement="About the whole.")
    database.close()
    lines = run.ok("check", NAME, "--lang", lang).splitlines()
    at = next(i for i, line in enumerate(lines) if number in line)
    assert beside_it in lines[at]
    assert str(today()) in lines[at]
    assert "Restated in two lines." in lines[at]
    assert plain.findings[0].figures[0].filing_id in lines[at - 1]
    assert any(whole in line for line in lines)
    table = run.ok("compare", NAME, "카카오", "--lang", lang)
    assert number in table
    assert whole in table


_TELL = "import sys, runpy; sys.argv[1:] = {!r}\ntry: runpy.run_module('paycanary', run_name='__main__')\nfinally: sys.stderr.write(' '.join(m for m in ('sqlalchemy', 'alembic', 'sqlite3') if m in sys.modules))"


def imported(home: Path, *arguments: str) -> str:
    """Which libraries of a database a command imported."""
    code = _TELL.format(list(arguments))
    environment = Run(home).environment()
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", check=True)  # fmt: skip
    return ended.stderr


def test_check_pays_nothing_where_there_is_no_state(home: Path) -> None:
    assert imported(home, "check", NAME) == ""


def test_check_pays_little_where_there_is_one(home: Path) -> None:
    open_database().close()
    assert imported(home, "check", NAME) == "sqlite3"
    assert "sqlalchemy" in imported(home, "corrections", "list")


def test_a_state_that_was_never_migrated_holds_no_correction(
    home: Path, run: Run, plain: Verdict
) -> None:
    home.mkdir()
    (home / "state.sqlite").touch()
    assert verdict_of(run).corrections == plain.corrections == []


def test_a_state_that_cannot_be_read_is_told_and_the_verdict_given(home: Path, run: Run) -> None:
    home.mkdir()
    (home / "state.sqlite").write_bytes(b"no database at all" * 100)
    result = run("check", NAME, "--json", "--lang", "en")
    assert result.returncode == 0
    assert json.loads(result.stdout)["corrections"] == []
    assert result.stderr.startswith("paycanary: Answered without accepted corrections.")
    result = run("check", NAME, "--lang", "ko", env={"DATABASE_URL": f"postgresql://a:{PASSWORD}@127.0.0.1:1/none"})  # fmt: skip
    assert result.returncode == 0
    assert "받아들인 정정 없이 답했습니다." in result.stderr
    assert PASSWORD not in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_state_that_cannot_be_opened_is_told(home: Path, plain: Verdict) -> None:
    (home / "state.sqlite").mkdir(parents=True)
    with pytest.raises(StateError):
        from_state([plain])


def test_both_ways_of_reading_give_the_same(
    home: Path, plain: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database()
    for i in range(3):
        accepted(database, plain if i else None, f"Statement {i} «정정»")
    by_service = beside(plain, Published.read(database))
    database.close()
    (by_file,) = from_state([plain])
    assert by_file == by_service
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{home / 'state.sqlite'}")
    (by_address,) = from_state([plain])
    assert by_address == by_service
    assert len(by_file.corrections) == 3

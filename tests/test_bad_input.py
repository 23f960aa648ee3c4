"""Bad requests: one clear line in either language, the documented exit code, and nothing is guessed."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pexpect
import pytest

from paycanary import wording
from paycanary.sources.registers import REGISTERS
from tests.command import PAYCANARY, Run, one_line
from tests.opendart_files import (
    SOUND,
    TROUBLED,
)
from tests.stored import TWINS, Stored, powerless

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOTH: Final = pytest.mark.parametrize("lang", ["ko", "en"])


@pytest.fixture
def refuses(stored: Stored) -> Callable[..., str]:
    return stored.refuses


# --- names ---------------------------------------------------------------------------------------


def test_an_unknown_name_gives_the_nearest(run: Run) -> None:
    for lang, words in (("ko", "찾지 못했습니다"), ("en", "was found")):
        line = one_line(run("check", "카카카카오", "--lang", lang), 3)
        assert words in line
        assert "카카카카오" in line
        assert "카카오?" in line
    assert run.problem("check", "한화오선쉽")["error"] == "not_found"
    assert "한화오션" in run.problem("check", "한화오선쉽")["message"]
    one_line(run("compare", "HMM", "세상에없는회사이름"), 3)


@pytest.mark.parametrize("name", ["", "   ", "!?", "가" * 101, "（주）"])
def test_a_name_that_is_none(refuses: Callable[..., str], name: str) -> None:
    refuses(2, "check", name)


def test_a_name_that_would_paint_the_terminal(refuses: Callable[..., str]) -> None:
    assert "\x1b" not in refuses(3, "check", "\x1b[31m없는회사\n이름")


@BOTH
def test_an_ambiguous_name_gives_candidates(stored: Stored, lang: str) -> None:
    for command in (("check", TWINS[0].name), ("compare", SOUND.name, TWINS[0].name)):
        result = stored.run(*command, "--lang", lang)
        assert result.returncode == 4
        assert result.stdout == ""
        first, *table = result.stderr.splitlines()
        assert first.startswith(f"paycanary: '{TWINS[0].name}'")
        assert "Traceback" not in result.stderr
        shown = "\n".join(table)
        for number, twin in enumerate(TWINS, start=1):
            assert twin.corp_code in shown
            assert f"  {number}  " in shown
        problem = stored.run.problem(*command, "--lang", lang)
        assert problem["error"] == "ambiguous"
        assert {c["corp_code"] for c in problem["candidates"]} == {t.corp_code for t in TWINS}
    for twin in TWINS:
        verdict = stored.run.json("check", twin.corp_code)
        assert verdict["company"]["corp_code"] == twin.corp_code


def converse(run: Run, *arguments: str, env: dict[str, str] | None = None) -> pexpect.spawn:
    """The command line in a terminal."""
    return pexpect.spawn(
        PAYCANARY[0],
        [*PAYCANARY[1:], *arguments],
        env={**run.environment(), "TERM": "xterm-256color", **(env or {})},
        encoding="utf-8",
        timeout=30,
        dimensions=(50, 160),
    )


def test_a_person_chooses_in_a_terminal(stored: Stored) -> None:
    talk = converse(stored.run, "check", TWINS[0].name, "--lang", "ko")
    talk.expect(TWINS[0].corp_code)
    talk.expect(TWINS[1].corp_code)
    listed = [line for line in talk.before.splitlines() if TWINS[0].name in line]
    assert listed
    talk.expect("번호를 고르세요")
    for nonsense in ("0", "3", "둘"):
        talk.sendline(nonsense)
        talk.expect("번호를 고르세요")
    talk.sendline("2")
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.exitstatus == 0
    assert TWINS[1].receipt(2024) in talk.before
    assert TWINS[0].receipt(2024) not in talk.before


def test_a_person_may_go_away(stored: Stored) -> None:
    for key in ("c", "d"):
        talk = converse(stored.run, "check", TWINS[0].name, "--lang", "en")
        talk.expect("Choose a number")
        # Between the question and the wait for its answer Python notes an interrupt, and waits: one presses again.
        for _ in range(6):
            talk.sendcontrol(key)
            if talk.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=10) == 0:
                break
        talk.close()
        assert talk.exitstatus in (1, 130)
        assert "Traceback" not in talk.before


def test_no_question_where_nobody_can_answer(stored: Stored) -> None:
    """A terminal to read, but the answer goes into a pipe: candidates, not a prompt."""
    talk = pexpect.spawn(
        "sh",
        ["-c", '"$@" | cat', "sh", *PAYCANARY, "check", TWINS[0].name],
        env=stored.run.environment(),
        encoding="utf-8",
        timeout=30,
    )
    talk.expect(pexpect.EOF)
    assert "Choose" not in talk.before
    assert TWINS[1].corp_code in talk.before


# --- days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day",
    ["2999-01-01", "2023-02-30", "20231301", "2023-00-10", "어제", "2023", "23-01-01", "", "2023-1-1-1", "２０２３년"],
)  # fmt: skip
def test_a_day_that_cannot_be_asked(refuses: Callable[..., str], day: str) -> None:
    line = refuses(2, "check", SOUND.name, "--as-of", day)
    assert day in line


def test_tomorrow_cannot_be_asked(refuses: Callable[..., str]) -> None:
    # Asked here: midnight in Korea may have come since the file was read.
    day = (wording.today() + timedelta(days=1)).isoformat()
    assert day in refuses(2, "check", SOUND.name, "--as-of", day)


def test_json_says_the_same(stored: Stored, tmp_path: Path) -> None:
    for code, *arguments in (
        (2, "check", SOUND.name, "--as-of", "2023-02-30"),
        (2, "check", SOUND.name, "--criteria", tmp_path / "absent.yaml"),
        (3, "check", "세상에없는회사이름"),
        (5, "refresh", "krx", "--from", tmp_path / "absent.csv"),
        (6, "rollback", "--to", 99),
    ):
        stored.says_in_json(stored.refuses(code, *arguments), code, *arguments)


@pytest.mark.parametrize("command", [("compare", "a", "b"), ("screen",), ("criteria",)])
def test_every_command_checks_the_day(refuses: Callable[..., str], command: tuple[str]) -> None:
    assert "2023-02-30" in refuses(2, *command, "--as-of", "2023-02-30")


def test_a_message_stays_one_line(stored: Stored) -> None:
    line = one_line(stored.run("check", SOUND.name, "--as-of", "2023\n\rpaycanary: x\n"), 2)
    assert "2023" in line
    result = stored.run("check", SOUND.name, "--as-of", os.fsdecode(b"\xff"), "--json")
    assert json.loads(result.stderr)["error"] == "date"


# --- options that contradict each other ----------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "others"),
    [
        (("--from", "krx.csv"), ("--dry-run",)),
        (("--from", "krx.csv"), ("--since", "2024-01-01")),
        (("--from", "krx.csv"), ("--wait", "5")),
        (("--from", "krx.csv"), ("--company", "카카오")),
        (("--from", "krx.csv"), ("--dry-run", "--since", "2024-01-01")),
        (("--dry-run",), ("--since", "2024-01-01")),
        (("--dry-run",), ("--company", "카카오")),
    ],
)
def test_a_refresh_passes_over_no_option(
    stored: Stored, refuses: Callable[..., str], given: tuple[str, ...], others: tuple[str, ...]
) -> None:
    line = refuses(2, "refresh", "krx", *given, *others)
    for option in (given[0], *others):
        assert not option.startswith("--") or option in line
    stored.assert_kept()


def test_a_screen_passes_over_no_option(stored: Stored, refuses: Callable[..., str]) -> None:
    for form in ("csv", "parquet", "table"):
        for lang in ("ko", "en"):
            problem = stored.run.problem("screen", "--json", "--format", form, "--lang", lang)
            assert problem["exit_code"] == 2
            assert f"--format {form}" in problem["message"]
    assert "--engine spark" in refuses(2, "screen", "--master", "local[2]")
    assert "--engine spark" in refuses(2, "screen", "--engine", "duckdb", "--master", "local[2]")
    # What the environment says of Spark is for runs that ask it.
    stored.run.ok("screen", env={"PAYCANARY_SPARK_MASTER": "spark://host:7077"})


# --- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", REGISTERS)
def test_files_that_are_not_there(
    stored: Stored, refuses: Callable[..., str], tmp_path: Path, source: str
) -> None:
    """A word mistyped is told from files that lack something, whatever register they are of."""
    absent, empty = tmp_path / "absent", tmp_path / "empty"
    (empty / "below").mkdir(parents=True)
    line = refuses(5, "refresh", source, "--from", absent)
    assert f"{absent}: there is no such file or folder." in line
    assert f"{empty}: the folder is empty." in refuses(5, "refresh", source, "--from", empty)
    stored.assert_kept()


@pytest.mark.parametrize("below", [(), ("data",)])
def test_a_home_that_is_a_file(
    refuses: Callable[..., str], tmp_path: Path, below: tuple[str, ...]
) -> None:
    """Whoever names a home wants answers from it, never the sample's in its place."""
    file = tmp_path / "home"
    file.write_text("no folder\n", encoding="utf-8")
    env = {"PAYCANARY_HOME": str(file.joinpath(*below))}
    for command in (("check", "카카오"), ("compare", "카카오", "HMM"), ("screen",), ("status",), ("rollback",), ("refresh", "krx")):  # fmt: skip
        line = refuses(6, *command, env=env)
        assert line.startswith(f"{file}: not a folder.")
        assert "PAYCANARY_HOME" in line
    assert file.read_text(encoding="utf-8") == "no folder\n"


# --- criteria ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number", "mend"),
    [
        ("signals:\n  intrest_cover: {weight: 5}\n", 2, "'interest_cover'"),
        ("signals:\n  zzz: {weight: 5}\n", 2, "interest_cover"),
        ("signals:\n  interest_cover:\n    wieght: 5\n", 3, "'weight'"),
        ("signals:\n  interest_cover:\n    thresholds: {danger_yaers: 5}\n", 3, "'danger_years'"),
        ("signals:\n  interest_cover:\n    thresholds:\n      danger_years: three\n", 4, "number"),
        ("signals:\n  interest_cover:\n    thresholds: 3\n", 3, "name: value"),
        ("signals:\n  interest_cover:\n    weight: '5'\n", 3, "number"),
        ("signals:\n  interest_cover:\n    weight: true\n", 3, "number"),
        ("signals:\n  interest_cover:\n    weight: -1\n", 3, "0 or more"),
        ("signals:\n  interest_cover:\n    weight: .nan\n", 3, "number"),
        ("signals:\n  interest_cover:\n    thresholds: {danger_years: .inf}\n", 3, "number"),
        ("signals:\n  interest_cover:\n    weight: 2020-13-45\n", 3, "number"),
        ("signals:\n  interest_cover:\n    weight: !odd 3\n", 3, "number"),
        ("signals:\n  interest_cover:\n    veto: 1\n", 3, "true or false"),
        ("signals:\n  interest_cover:\n    off: nope\n", 3, "true or false"),
        ("signals:\n  interest_cover: {weight: 1}\n  interest_cover: {weight: 2}\n", 3, "Remove"),
        ("signals: {}\nsignals: {}\n", 2, "Remove"),
        ("signal: {}\n", 1, "'signals'"),
        ("verdict:\n  danger_wait: 3\n", 2, "'danger_weight'"),
        ("- interest_cover\n", 1, "name: value"),
        ("signals:\n  [1, 2]: {}\n", 2, "name: value"),
        ("signals:\n\tinterest_cover: {}\n", 2, "indentation"),
        ("signals: {interest_cover: {weight: 5}\n", 2, "indentation"),
        ("signals:\n  interest_cover:\n   weight: 5\n  veto: : x\n", 4, "indentation"),
        ("signals: {}\n---\nsignals: {}\n", 2, "indentation"),
    ],
)
def test_a_broken_criteria_file(
    refuses: Callable[..., str], tmp_path: Path, text: str, number: int, mend: str
) -> None:
    path = tmp_path / "strict.yaml"
    path.write_text(text, encoding="utf-8")
    line = refuses(2, "check", TROUBLED.name, "--criteria", path)
    assert line.startswith(f"{path}:{number}: ")
    assert mend in line


@pytest.mark.parametrize("command", [("compare", SOUND.name, TROUBLED.name), ("screen",)])
def test_every_command_checks_the_criteria(
    refuses: Callable[..., str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "strict.yaml"
    path.write_text("signals:\n  intrest_cover: {weight: 5}\n", encoding="utf-8")
    assert f"{path}:2: " in refuses(2, *command, "--criteria", path)


def test_a_criteria_file_that_cannot_be_read(refuses: Callable[..., str], tmp_path: Path) -> None:
    for name, content in (("utf-16.yaml", "signals: {}".encode("utf-16")), ("null.yaml", b"a\0b")):
        (tmp_path / name).write_bytes(content)
        assert name in refuses(2, "check", SOUND.name, "--criteria", tmp_path / name)
    assert str(tmp_path) in refuses(2, "check", SOUND.name, "--criteria", tmp_path)
    closed = tmp_path / "closed.yaml"
    closed.touch(mode=0)
    assert str(closed) in refuses(2, "check", SOUND.name, "--criteria", closed, preexec=powerless)
    absent = tmp_path / "absent.yaml"
    assert str(absent) in refuses(2, "check", SOUND.name, "--criteria", absent)


# --- answers that cannot be given ----------------------------------------------------------------


def test_an_industry_that_is_none(run: Run) -> None:
    for lang in ("ko", "en"):
        line = one_line(run("screen", "--industry", "쏘프트웨어", "--lang", lang), 2)
        assert "쏘프트웨어" in line
        assert "소프트웨어 개발 및 공급업" in line


def test_an_answer_that_cannot_be_written(refuses: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "no" / "such" / "folder.csv"
    assert str(path) in refuses(2, "screen", "--format", "csv", "--output", path)
    refuses(2, "screen", "--format", "csv", "--output", tmp_path)
    refuses(2, "compare", SOUND.name)

"""The command line: languages, JSON by its published schema, pipes, terminals and completion."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sysconfig
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema
import pexpect
import pytest

from paycanary.models import SCHEMA_VERSION
from paycanary.sources.registers import REGISTERS
from tests.command import PAYCANARY, Run, one_line
from tests.opendart_files import COMPANIES, SOUND, write_opendart

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS: Final = ("check", "compare", "screen", "report", "read", "refresh", "rollback", "status", "keys", "criteria", "schema")  # fmt: skip
NAME: Final = "삼부토건"
NAMES: Final = ("카카오", "HMM", "한화오션")
#: Every command that only reads, as a person may type it.
READING: Final = (
    ("check", NAME),
    ("check", NAME, "--full"),
    ("compare", *NAMES),
    ("screen",),
    ("screen", "--format", "csv"),
    ("status",),
    ("keys",),
    ("criteria",),
    ("schema",),
)
HANGUL: Final = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def schema(sample: Run) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(sample.ok("schema"))
    return document


@pytest.fixture(scope="module")
def validate(schema: dict[str, Any]) -> Callable[[str, Any], None]:
    """Hold a document against what the schema says of a command."""

    def hold(command: str, document: Any) -> None:
        part = {"$ref": schema["x-commands"][command], "$defs": schema["$defs"]}
        checker = jsonschema.FormatChecker(formats=("date",))
        jsonschema.Draft202012Validator(part, format_checker=checker).validate(document)
        assert document["schema_version"] == SCHEMA_VERSION

    return hold


# --- options that all take -----------------------------------------------------------------------


def test_help_lists_every_command(sample: Run) -> None:
    shown = sample.ok("--help")
    for command in (*COMMANDS, "sample"):
        assert re.search(rf"^  {command} ", shown, re.MULTILINE), command
    assert sample.ok("--version").strip() == "0.1.0"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_lang_and_json(sample: Run, command: str) -> None:
    shown = sample.ok(command, "--help")
    assert "--lang <ko|en>" in shown
    assert "--json" in shown


def test_help_and_completion_load_nothing_heavy(sample: Run) -> None:
    code = (
        "import sys; sys.argv = ['paycanary', '--help']\n"
        "import atexit; from paycanary.cli.main import run\n"
        "atexit.register(lambda: print(sorted({'duckdb', 'deltalake', 'pydantic', 'yaml'} & set(sys.modules))))\n"
        "run()"
    )
    shown = subprocess.run(
        [PAYCANARY[0], "-c", code], env=sample.environment(), capture_output=True, encoding="utf-8", check=True
    ).stdout  # fmt: skip
    assert shown.splitlines()[-1] == "[]"


# --- JSON ----------------------------------------------------------------------------------------


def test_the_schema_is_one(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["version"] == SCHEMA_VERSION
    assert {*COMMANDS, "fetch", "error"} - {"schema"} <= set(schema["x-commands"])
    refs = {reference["$ref"] for reference in schema["oneOf"]}
    assert {*schema["x-commands"].values(), *schema["x-addresses"].values()} == refs


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_answers_follow_the_schema(
    sample: Run, schema: dict[str, Any], validate: Callable[[str, Any], None], lang: str
) -> None:
    for command, *arguments in READING:
        if command == "schema" or "--format" in arguments:
            continue
        validate(command, sample.json(command, *arguments, "--lang", lang))
    verdict = sample.json("check", NAME, "--lang", lang)
    jsonschema.validate(verdict, schema)  # by itself, without knowing which command spoke
    assert verdict["lang"] == lang
    assert verdict["sample"] is True
    assert (verdict["forecast"] is None) != (verdict["forecast_unknown"] is None)
    for finding in verdict["findings"]:
        for figure in finding["figures"]:
            assert figure["filing_id"]
            assert date.fromisoformat(figure["published_on"]) <= date.fromisoformat(verdict["as_of"])  # fmt: skip


def test_refresh_and_rollback_follow_the_schema(
    run: Run, tmp_path: Path, validate: Callable[[str, Any], None]
) -> None:
    source = write_opendart(tmp_path / "dart")
    report = run.json("refresh", "dart", "--from", source)
    validate("refresh", report)
    assert report["source"] == "dart"
    assert report["added"]["companies"] == len(COMPANIES)
    validate("rollback", run.json("rollback"))
    validate("rollback", run.json("rollback"))
    status = run.json("status")
    validate("status", status)
    assert [s["kind"] for s in status["snapshots"]] == ["rollback", "rollback", "refresh"]
    verdict = run.json("check", SOUND.name)
    validate("check", verdict)
    assert verdict["sample"] is False


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("check", "카카카카오"), "not_found"),
        (("check", "소프트"), "ambiguous"),
        (("check", NAME, "--as-of", "2023-02-30"), "date"),
        (("check", NAME, "--criteria", "absent.yaml"), "criteria"),
        (("screen", "--industry", "쏘프트웨어"), "usage"),
        (("refresh", "krx", "--from", "absent.csv"), "input_file"),
        (("rollback",), "store"),
    ],
)
def test_problems_follow_the_schema(
    sample: Run, validate: Callable[[str, Any], None], arguments: tuple[str, ...], error: str
) -> None:
    for lang in ("ko", "en"):
        problem = sample.problem(*arguments, "--lang", lang)
        validate("error", problem)
        assert problem["error"] == error
        assert "\n" not in problem["message"]
        assert bool(problem["candidates"]) == (error == "ambiguous")


def test_json_is_the_same_in_every_door_of_the_screen(sample: Run) -> None:
    assert sample.ok("screen", "--json") == sample.ok("screen", "--format", "json")


# --- pipes and terminals -------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", READING)
def test_a_pipe_gets_plain_text(sample: Run, arguments: tuple[str, ...]) -> None:
    shown = sample.ok(*arguments, env={"TERM": "xterm-256color", "COLORTERM": "truecolor"})
    assert shown.strip()
    assert "\x1b" not in shown
    assert "\r" not in shown
    assert shown.endswith("\n")


def test_a_refresh_in_a_pipe_draws_no_bar(run: Run, tmp_path: Path) -> None:
    shown = run.ok("refresh", "dart", "--from", write_opendart(tmp_path))  # nothing on stderr
    assert "\x1b" not in shown
    assert "\r" not in shown
    assert "empSttus.parquet" in shown


def test_a_table_in_a_pipe_is_a_row_a_line(sample: Run) -> None:
    rows = sample.json("screen")["rows"]
    shown = sample.ok("screen", "--limit", len(rows))
    for row in rows:
        lines = [line for line in shown.splitlines() if f" {row['name']} " in line]
        assert lines, row["name"]
    assert sum(bool(re.match(r" *[●▲○–] ", line)) for line in shown.splitlines()) == len(rows)


def in_terminal(run: Run, *arguments: object, columns: int = 120) -> str:
    """What a person in a terminal sees."""
    talk = pexpect.spawn(
        PAYCANARY[0], [*PAYCANARY[1:], *map(str, arguments)],
        env={**run.environment(), "TERM": "xterm-256color"}, encoding="utf-8", timeout=60, dimensions=(50, columns),
    )  # fmt: skip
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.exitstatus == 0, talk.before
    return str(talk.before)


def test_a_terminal_gets_colours_and_a_bar(run: Run, tmp_path: Path) -> None:
    shown = in_terminal(run, "refresh", "dart", "--from", write_opendart(tmp_path))
    assert "\x1b[" in shown
    assert "━" in shown  # the bar
    for columns in (40, 120):
        shown = in_terminal(run, "check", SOUND.name, "--lang", "ko", columns=columns)
        assert "\x1b[" in shown
        assert SOUND.name in shown
    assert "\x1b[3" not in in_terminal(Run(run.home, {"NO_COLOR": "1"}), "check", SOUND.name)


def test_a_reader_that_goes_away(sample: Run) -> None:
    for arguments in READING:
        reading, writing = os.pipe()
        os.close(reading)
        result = subprocess.run(
            sample.command(*arguments), env=sample.environment(), stdout=writing, stderr=subprocess.PIPE, encoding="utf-8", check=False
        )  # fmt: skip
        os.close(writing)
        assert result.stderr == "", arguments
        assert result.returncode in (0, 1)
    shown = subprocess.run(
        ["sh", "-c", '"$@" | head -n 1', "sh", *sample.command("check", NAME, "--lang", "ko")],
        env=sample.environment(), capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert shown.stderr == ""
    assert shown.stdout.startswith(NAME)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_answer_that_finds_no_room(sample: Run) -> None:
    for arguments in READING:
        with Path("/dev/full").open("w") as full:
            result = subprocess.run(
                sample.command(*arguments, "--lang", "en"), env=sample.environment(), stdout=full, stderr=subprocess.PIPE, encoding="utf-8", check=False
            )  # fmt: skip
        assert result.returncode == 1, arguments
        assert "No space left" in result.stderr
        if arguments == ("schema",):  # always JSON, its problems too
            assert json.loads(result.stderr)["exit_code"] == 1
        else:
            assert len(result.stderr.splitlines()) == 1


# --- languages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "lang"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": ""}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
    ],
)
def test_the_locale_chooses_the_language(sample: Run, env: dict[str, str], lang: str) -> None:
    assert sample.json("check", NAME, env=env)["lang"] == lang
    result = sample("rollback", env=env)
    assert bool(HANGUL.search(one_line(result, 6))) == (lang == "ko")


@pytest.mark.parametrize("command", [a for a in READING if a[0] not in ("schema", "screen")])
def test_the_option_chooses_the_language(sample: Run, command: tuple[str, ...]) -> None:
    korean = sample.ok(*command, "--lang", "ko", env={"LANG": "en_US.UTF-8"})
    english = sample.ok(*command, "--lang", "en", env={"LANG": "ko_KR.UTF-8"})
    assert korean != english
    assert len(HANGUL.findall(korean)) > len(HANGUL.findall(english))


@pytest.mark.parametrize(
    "env",
    [
        {"LANG": "C"},
        {"LANG": "C", "LC_ALL": "C"},
        {"LC_ALL": "POSIX"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    ],
)
def test_korean_in_a_locale_that_has_none(sample: Run, env: dict[str, str]) -> None:
    for arguments in (("check", "001470"), ("screen", "--limit", 3), ("screen", "--format", "csv")):
        assert HANGUL.search(sample.ok(*arguments, "--lang", "ko", env=env))
    assert HANGUL.search(one_line(sample("check", "999999", "--lang", "ko", env=env), 3))


# --- completion ----------------------------------------------------------------------------------


def complete(run: Run, *words: str) -> set[str]:
    """What bash offers for the last word."""
    script = Path(sysconfig.get_path("scripts")) / "paycanary"
    line = " ".join(("paycanary", *words))
    env = {
        "_PAYCANARY_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words)),
    }
    result = subprocess.run(
        [script], env=run.environment(env), capture_output=True, encoding="utf-8", check=False
    )
    assert result.stderr == ""
    return set(result.stdout.split())


def test_the_shell_completes(sample: Run) -> None:
    assert complete(sample, "") >= set(COMMANDS)
    assert complete(sample, "st") == {"status"}
    assert complete(sample, "refresh", "") == set(REGISTERS)
    assert complete(sample, "check", "--lang", "") == {"ko", "en"}
    assert complete(sample, "screen", "--format", "") == {"table", "csv", "json", "parquet"}
    assert {"--json", "--lang", "--as-of", "--criteria"} <= complete(sample, "check", "--")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_installed(sample: Run, shell: str) -> None:
    script = Path(sysconfig.get_path("scripts")) / "paycanary"
    result = subprocess.run(
        [script], env=sample.environment({"_PAYCANARY_COMPLETE": f"source_{shell}"}), capture_output=True, encoding="utf-8", check=False
    )  # fmt: skip
    assert "_PAYCANARY_COMPLETE" in result.stdout
    assert result.stderr == ""

"""What is written about the program says what the program does."""

from __future__ import annotations

import re
import shlex
import tomllib
from itertools import takewhile
from pathlib import Path

import pytest
import write_docs

from paycanary import errors
from paycanary.lake.tables import TABLES

pytestmark = pytest.mark.quick

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = {" ".join(words): command for words, command in write_docs.commands()}
GENERATED = set(write_docs.PAGES)
WRITTEN = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("benchmarks/*.md")]
)


@pytest.mark.parametrize("name", sorted(write_docs.PAGES))
def test_generated_page_is_in_step(name: str) -> None:
    path = write_docs.REFERENCE / name
    assert path.exists(), "run `make docs`"
    assert path.read_text(encoding="utf-8") == write_docs.PAGES[name](), "run `make docs`"


@pytest.mark.parametrize("words", COMMANDS)
def test_command_says_what_it_and_its_parameters_do(words: str) -> None:
    command = COMMANDS[words]
    assert command.help
    assert [p.name for p in command.params if not p.hidden and not p.help] == []


def test_every_column_has_a_meaning() -> None:
    assert [
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if not column.meaning
    ] == []


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    drawn = dict(
        re.findall(r"^[ |-]*(\w+Error)\b.*?exit (\d+)", errors.__doc__ or "", re.MULTILINE)
    )
    assert drawn == {
        name: str(kind.exit_code)
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.PaycanaryError)
    }


def test_the_tour_is_the_order_that_imports_keep() -> None:
    tour = re.findall(
        r"^\| (`.*?`) \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE
    )
    told = [{Path(name).stem for name in re.findall(r"`([a-z_./]+)`", row)} for row in tour]
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = [set(re.findall(r"\w+", layer)) for layer in contract["contracts"][0]["layers"]]
    kept = [layer for layer in reversed(layers) if layer != {"__main__"}]
    assert told[: len(kept)] == kept


@pytest.mark.parametrize("name", WRITTEN)
def test_links_lead_somewhere(name: str) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", text)
    assert [
        target for target in targets if not (ROOT / name).parent.joinpath(target).exists()
    ] == []


@pytest.mark.parametrize("name", [name for name in WRITTEN if Path(name).name not in GENERATED])
def test_commands_shown_exist(name: str) -> None:
    """Every ``paycanary ...`` line in a code block names a command and options that there are."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = re.findall(r"^(?:\$ )?paycanary\b.*$", "\n".join(blocks), re.MULTILINE)
    assert [line for line in lines if not is_understood(line.removeprefix("$ "))] == []


def is_understood(line: str) -> bool:
    words = list(
        takewhile(lambda word: word not in {"|", ">", "&&"}, shlex.split(line, comments=True))
    )
    depth = max(n for n in range(1, len(words) + 1) if " ".join(words[:n]) in COMMANDS)
    command, rest = COMMANDS[" ".join(words[:depth])], words[depth:]
    known = {"--help", *(option for parameter in command.params for option in parameter.opts)}
    options = {word.split("=")[0] for word in rest if word.startswith("-")}
    is_group = hasattr(command, "commands")
    return options <= known and not (is_group and len(options) < len(rest))

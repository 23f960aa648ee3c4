"""Commands in the test's own process answer as the program does, and leave nothing behind."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.cli.context import SETTINGS
from tests.running import Here

if TYPE_CHECKING:
    from tests.command import Run

LONG = "x" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ("criteria", "--lang", "ko"), ("check", "삼부토건", "--as-of", "2026-06-30", "--json"), ("--version",), (), ("notion",), ("check", "--help"),
        ("check", "없는회사없는회사"), ("check", "없는회사없는회사", "--json", "--lang", "ko"), ("check",), ("check", "카카오", "--nonsense"), ("nonsense",), ("check", "카카오", "--as-of", "2026-02-30"),
        ("screen", "--format", "csv", "-o", f"/nowhere/{LONG}"), ("notion", "post", "{file}", "--to", "velog", "-o", "{file}/below"), ("report", "HMM", "-o", "-", "--as-of", "2026-06-30"),
    ],
    ids=str,
)  # fmt: skip
def test_it_answers_as_the_program_does(sample: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:  # fmt: skip
    (tmp_path / "file").write_bytes(b"PK")
    told = [argument.format(file=tmp_path / "file") for argument in arguments]
    there, here = sample(*told), Here(sample.home)(*told)
    assert (here.returncode, here.stdout, here.stderr) == (there.returncode, there.stdout, there.stderr)  # fmt: skip


def test_the_environment_and_the_folder_are_those_asked_for(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    here = Here(tmp_path / "home", {"LANG": "ko_KR.UTF-8"})
    assert "끊겼거나" in here("notion", "check", _cut(tmp_path)).stderr
    assert "cut short" in here("notion", "check", "cut.zip", env={"LANG": "C"}, cwd=tmp_path).stderr


def _cut(folder: Path) -> Path:
    path = folder / "cut.zip"
    path.write_bytes(b"PK\x03\x04")
    return path


def state() -> dict[str, Any]:
    return {
        "environment": dict(os.environ), "folder": Path.cwd(), "arguments": list(sys.argv), "streams": (sys.stdin, sys.stdout, sys.stderr),
        "main": sys.modules["__main__"], "hook": sys.excepthook, "threads": threading.active_count(), "settings": (SETTINGS.lang, SETTINGS.json), "files": sorted(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else [],  # noqa: PTH208
    }  # fmt: skip


def test_it_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Here(tmp_path / "home")
    here("criteria", "--json")
    before = state()
    here("criteria", "--lang", "ko", "--json", env={"PAYCANARY_EXTRA": "1"}, cwd=tmp_path)
    here("check", "없는회사없는회사", "--lang", "ko")
    here("notion", "post", _cut(tmp_path), "--to", "velog", "-o", _cut(tmp_path) / "below")
    assert state() == before

    def broken(*_: object) -> None:
        os.environ["PAYCANARY_EXTRA"] = "1"
        os.chdir(tmp_path)
        raise ZeroDivisionError

    monkeypatch.setattr("paycanary.report.tables.criteria_list", broken)
    with pytest.raises(ZeroDivisionError):  # a slip of the program's is told as one
        here("criteria", cwd=tmp_path / "..")
    assert state() == before

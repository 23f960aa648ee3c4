"""Ctrl-C while a module loads: it is loaded whole, and then the program ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.quick

#: Interrupts itself and goes on loading for longer than one wait.
SLOW: Final = """
import os, signal, time
os.kill(os.getpid(), signal.SIGINT)
time.sleep(0.05)
print("loaded")
"""
MAIN: Final = """
import signal, time
from paycanary.cli.interrupts import wait_for_imports
{before}
wait_for_imports()
try:
    import slow
    time.sleep(5)
    print("missed")
except KeyboardInterrupt:
    print("interrupted")
"""


def told(folder: Path, before: str = "") -> list[str]:
    (folder / "slow.py").write_text(SLOW, encoding="utf-8")
    command = [sys.executable, "-c", MAIN.format(before=before)]
    env = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.split()  # fmt: skip


@pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="no timers here: Ctrl-C stays Python's"
)
def test_an_import_ends_before_the_program_does(tmp_path: Path) -> None:
    heard = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # also where tests run in the background
    assert told(tmp_path, heard) == ["loaded", "interrupted"]


def test_handling_by_others_is_left_alone(tmp_path: Path) -> None:
    other = 'signal.signal(signal.SIGINT, lambda *_: print("other")); time.sleep = lambda _: None'
    assert told(tmp_path, other) == ["other", "loaded", "missed"]

"""Programs that tests fork are as those that are started from nothing (`tests.forked`)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.forked import _Forked, start
from tests.servers import free_port

if TYPE_CHECKING:
    from tests.command import Run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all is started from nothing")  # fmt: skip
#: An answer, errors of ours and of the parser, and lists in colours that nobody asked for.
COMMANDS = (
    ("--version",), ("check", "삼부토건"), ("check", "삼부토건", "--json"), ("check", "no such company"), ("no-such-command",), ("criteria",),
    ("criteria", "--json"), ("status",), ("keys", "--json"), ("alerts", "run", "--once", "--json"),
)  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    with process:
        out, err = process.communicate(timeout=180)
        return process.returncode, out, err


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_it_says_the_same(run: Run, arguments: tuple[str, ...]) -> None:
    streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}  # fmt: skip
    options = {"env": run.environment(), "encoding": "utf-8", **streams}
    forked = start(run.command(*arguments), **options)
    assert isinstance(forked, _Forked)
    assert ended(forked) == ended(subprocess.Popen(run.command(*arguments), **options))


def test_it_is_a_process_of_its_own(run: Run, tmp_path: Path) -> None:
    port, output = free_port(), tmp_path / "output"
    with output.open("wb") as file:
        process = start(
            run.command("serve", "--port", port), env=run.environment(), cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            start_new_session=True,
        )  # fmt: skip
    assert isinstance(process, _Forked)
    with process:
        while str(port) not in output.read_text(encoding="utf-8"):
            assert process.poll() is None
        assert os.getsid(process.pid) == process.pid
        seen = Path("/proc", str(process.pid))
        assert (seen / "cwd").readlink() == tmp_path
        files = {(seen / "fd" / number).readlink() for number in "012"}
        assert files == {Path(os.devnull), output}
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.1)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL


@pytest.mark.parametrize("unlike", [{"COLUMNS": "40"}, {"LANG": "C"}, {"PYTHONUTF8": "1"}])
def test_what_is_read_at_the_start_is_started_from_nothing(run: Run, unlike: dict[str, str]) -> None:  # fmt: skip
    process = start(run.command("--version"), env=run.environment(unlike), stdout=subprocess.PIPE, encoding="utf-8")  # fmt: skip
    assert not isinstance(process, _Forked)
    assert ended(process)[0] == 0

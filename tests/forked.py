"""Starts ``python -W error -m paycanary`` by forking a process that has loaded paycanary and done nothing else.

Loading is half of what a command costs, and two thirds of a server's start; tests start a thousand of them. What is forked is a process like any other,
with a number, a session, an environment, streams and signals of its own, which its starter waits for; it begins where ``-m paycanary`` begins, and ends
as an interpreter ends. It is started from nothing instead where somebody could tell the difference (`_fits`), and where a test names the command line
itself: those tests (pipes, terminals, other users, limits, killed in any moment) are about the start too.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import inspect
import io
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The command line as tests start it: a warning of Python is an error.
PAYCANARY: Final = (sys.executable, "-W", "error", "-m", "paycanary")
#: Variables that would change an answer from one machine to the next.
SETTLED: Final = ("LANG", "LANGUAGE", "LC_", "PAYCANARY_", "DART_", "DATA_GO_KR_", "PYTHON_KEYRING", "FORCE_COLOR", "NO_COLOR", "TERM", "COLUMNS", "LINES", "PYTHONWARNINGS", "PYTHONIOENCODING", "PYTHONUTF8")  # fmt: skip
#: What the commands and the servers load: these, and all that these load. No thread is left by it (as by deltalake or Arrow), so that forking is sound.
_LOADED: Final = (
    "paycanary.cli.main", "paycanary.web.app", "paycanary.service.gauges", "paycanary.service.listening", "paycanary.service.protocol", "uvloop",
    "paycanary.jobs.refresh", "paycanary.jobs.worker", "paycanary.lake.expiry", "paycanary.lake.live", "paycanary.lake.refresh", "redis.asyncio", "taskiq_redis",
    "paycanary.backup.create", "paycanary.backup.restore", "paycanary.report.files", "paycanary.tasks.alerting", "paycanary.tasks.screening", "rich.table",
)  # fmt: skip
#: Variables that are read by commands, and by nothing that is loaded.
_READ_LATE: Final = ("PAYCANARY_", "DATABASE_URL", "REDIS_URL", "DART_", "DATA_GO_KR_", "NO_PROXY", "LANG", "PYTEST_CURRENT_TEST")  # fmt: skip
_OPTIONS: Final = {
    "env",
    "stdin",
    "stdout",
    "stderr",
    "encoding",
    "text",
    "cwd",
    "start_new_session",
}
#: Bytes of a request: arguments and an environment.
_MOST: Final = 1 << 17
_STATUS: Final = struct.Struct("i")
_PR_SET_PDEATHSIG: Final = 1
_ROOT: Final = Path(__file__).resolve().parents[1]


def start(
    command: Sequence[str], ends_on: signal.Signals | None = None, **options: Any
) -> subprocess.Popen[Any]:
    """Start a command as `subprocess.Popen` does; on Linux the kernel ends it when this process ends, by ``ends_on`` if that is given."""
    if sys.platform == "linux" and _fits(command, options):
        return _Forked(command, ends_on=ends_on or signal.SIGKILL, **options)
    if ends_on:
        options["preexec_fn"] = _ending_with_parent(ends_on)
    return subprocess.Popen(command, **options)


def plain() -> dict[str, str]:
    """The environment of this process without what is `SETTLED`, and in C.UTF-8."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTLED)}
    return {**kept, "LANG": "C.UTF-8"}


def _fits(command: Sequence[str], options: Mapping[str, Any]) -> bool:
    """Whether a process that was loaded under the plain environment is then as one that is started with these options."""
    if tuple(command[: len(PAYCANARY)]) != PAYCANARY or not _OPTIONS.issuperset(options):
        return False
    env = options.get("env") or {}
    if not env.get("LANG", "").endswith(".UTF-8"):
        return False  # an interpreter takes other encodings then
    unlike = {name for name, _ in env.items() ^ _Parent.running().env.items()}
    return all(name.startswith(_READ_LATE) for name in unlike)


def _ending_with_parent(how: signal.Signals) -> Any:
    """On Linux: have the kernel end a program whose tests were killed."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return lambda: library.prctl(_PR_SET_PDEATHSIG, how)


class _Parent:
    """The process that is forked, seen from this one; it ends when this one does."""

    _one: _Parent | None = None
    _lock = threading.Lock()

    def __init__(self) -> None:
        self.env = plain()
        self._socket, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            self._process = subprocess.Popen(
                [*PAYCANARY[:-1], "tests.forked", str(far.fileno())],
                env=self.env, cwd=_ROOT, pass_fds=[far.fileno()], stdin=subprocess.DEVNULL,
            )  # fmt: skip
        atexit.register(self._end)

    @classmethod
    def running(cls) -> _Parent:
        with cls._lock:
            cls._one = cls._one or cls()
            return cls._one

    def fork(self, asked: Mapping[str, Any], files: Sequence[int]) -> int:
        """Have it fork; the number of the process."""
        with self._lock:
            socket.send_fds(self._socket, [json.dumps(asked).encode()], files)
            answer = self._socket.recv(_STATUS.size)
        assert answer, "what paycanary's processes are forked from has ended"
        (number,) = _STATUS.unpack(answer)
        return int(number)

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()


class _Forked(subprocess.Popen[Any]):
    """A forked process. Its parent is not this one: an end is told through a pipe."""

    def __init__(self, command: Sequence[str], *, ends_on: signal.Signals, **options: Any) -> None:
        self._ends_on = ends_on
        self._status, self._told = os.pipe()
        super().__init__(command, **options)

    def _execute_child(self, *given: Any) -> None:
        told = inspect.signature(super()._execute_child).bind(*given).arguments  # type: ignore[misc]
        streams = [told["p2cread"], told["c2pwrite"], told["errwrite"]]
        asked = {
            "arguments": told["args"][len(PAYCANARY) :],
            "env": dict(told["env"]),
            "cwd": os.fspath(told["cwd"] or Path.cwd()),
            "is_session": told["start_new_session"],
            "ends_on": self._ends_on,
        }
        try:
            files = [number if fd == -1 else fd for number, fd in enumerate(streams)]
            self.pid = _Parent.running().fork(asked, [*files, self._told])
            self._child_created = True
        finally:
            os.close(self._told)
            self._close_pipe_fds(*(told[n] for n in ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")))  # type: ignore[attr-defined]  # fmt: skip

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        return self._ended(0)

    def _wait(self, timeout: float | None) -> int:
        if self._ended(timeout) is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(self.args, timeout)
        assert self.returncode is not None
        return self.returncode

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            told = os.read(self._status, _STATUS.size)
            os.close(self._status)
            self.returncode = os.waitstatus_to_exitcode(*_STATUS.unpack(told))
        return self.returncode


def _serve(fd: int) -> None:
    """In the process that is forked: fork as asked, and tell of ends. Returns in what was forked."""
    asking = socket.socket(fileno=fd)
    for name in _LOADED:
        importlib.import_module(name)
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a thread was left by what was loaded"
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waking, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    told: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([asking, waking], [], [])  # type: ignore[type-var]
        if waking in ready:
            os.read(waking, 4096)
            while told and (ended := os.waitpid(-1, os.WNOHANG))[0]:
                number, status = ended
                os.write(told[number], _STATUS.pack(status))
                os.close(told.pop(number))
        if asking in ready:
            asked, files, _, _ = socket.recv_fds(asking, _MOST, 4)
            if not asked:
                asking.close()
                sys.exit(0)
            number = os.fork()
            if not number:
                for each in (asking.detach(), waking, woken, *told.values(), files.pop()):
                    os.close(each)
                _become(json.loads(asked), files)
                return
            told[number] = files.pop()
            asking.send(_STATUS.pack(number))
            for each in files:
                os.close(each)


def _become(asked: Mapping[str, Any], streams: Sequence[int]) -> None:
    """All that a process has from who starts it, and an interpreter makes of it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, asked["ends_on"])
    if asked["is_session"]:
        os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, fd in enumerate(streams):
        os.dup2(fd, number)
        os.close(fd)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.stdin = sys.__stdin__ = _stream(sys.stdin, 0, "r")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _stream(sys.stdout, 1, "w")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(sys.stderr, 2, "w")  # type: ignore[misc]
    sys.argv = ["-m", *asked["arguments"]]
    sys.path[0] = asked["cwd"]


def _stream(old: Any, fd: int, mode: str) -> Any:
    """A standard stream as an interpreter opens it."""
    if mode == "w" and old.write_through:  # PYTHONUNBUFFERED
        raw = io.FileIO(fd, mode, closefd=False)
        return io.TextIOWrapper(raw, old.encoding, old.errors, "\n", write_through=True)
    buffering = 1 if mode == "w" and (fd == 2 or os.isatty(fd)) else -1
    return open(fd, mode, buffering, old.encoding, old.errors, "\n", closefd=False)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
    runpy.run_module("paycanary", run_name="__main__", alter_sys=True)

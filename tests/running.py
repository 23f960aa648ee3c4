"""The command line in the test's own process: as the program itself answers, without what starting it costs.

    here = Here(home)
    here.ok("check", "삼부토건"); here.json("status"); one_line(here("check", "없는회사"), 3)

`Here` is used like `tests.command.Run`; who tests the process itself (signals, terminals, what is loaded, how it ends) uses that. It
gives exit code, standard output and standard error, errors printed as the program prints them; an exception that nothing in the
program expects is not printed but raised, so that the test fails with it. Environment, folder, arguments, streams and settings are
afterwards what they were before. Each call opens its store anew, as a process does.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock

import typer

from paycanary.cli import main
from paycanary.cli.context import SETTINGS
from tests.command import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Here(Run):
    """Runs ``paycanary`` in this process."""

    def __call__(  # type: ignore[override] # what only a process has is not offered
        self, *arguments: object, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        command = self.command(*arguments)
        with ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, self.environment(env), clear=True))
            stack.enter_context(_program(list(map(str, arguments))))
            stack.enter_context(_folder(cwd or Path.cwd()))
            out, err = (stack.enter_context(_stream(name)) for name in ("stdout", "stderr"))
            stack.enter_context(_settings())
            code = _ended()
            told = [_read(stream) for stream in (out, err)]
        return subprocess.CompletedProcess(command, code, *told)


def _ended() -> int:
    """Run the program up to where its process would end; its exit code."""
    try:
        main._run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return 0


@contextmanager
def _program(arguments: list[str]) -> Iterator[None]:
    """The interpreter as ``python -m paycanary`` finds it, with nothing to read."""
    own = ModuleType("__main__")
    own.__package__ = "paycanary"
    path = str(Path(main.__file__).parents[1] / "__main__.py")
    before = sys.modules["__main__"]
    sys.modules["__main__"] = own  # this one alone: modules that the program loads stay
    try:
        with (
            Path(os.devnull).open(encoding="utf-8") as nothing,
            mock.patch.object(sys, "argv", [path, *arguments]),
            mock.patch.object(sys, "stdin", nothing),
            mock.patch.object(main, "app", _command()),
        ):
            yield
    finally:
        sys.modules["__main__"] = before


@cache
def _command() -> Any:
    """What is typed, taken apart: the same for every call, and a fifth of a second to make."""
    return typer.main.get_command(main.app)


@contextmanager
def _folder(path: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _stream(name: str) -> Iterator[int]:
    """A stream of the interpreter's that is a file, as in a pipe without a terminal; yields another way to read it."""
    with tempfile.TemporaryFile() as kept:
        # Of its own number: the program may turn it away to where nothing is kept.
        stream = io.TextIOWrapper(os.fdopen(os.dup(kept.fileno()), "wb"), encoding="utf-8")
        with mock.patch.object(sys, name, stream):
            try:
                yield kept.fileno()
            finally:
                stream.close()


def _read(number: int) -> str:
    """All that was written so far."""
    sys.stdout.flush()
    sys.stderr.flush()
    return os.pread(number, os.fstat(number).st_size, 0).decode("utf-8")


@contextmanager
def _settings() -> Iterator[None]:
    """What commands settle for this call."""
    before = replace(SETTINGS)
    try:
        yield
    finally:
        SETTINGS.lang, SETTINGS.json = before.lang, before.json

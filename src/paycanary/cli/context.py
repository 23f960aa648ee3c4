"""What every command shares: language, JSON, dates, progress, and how errors end a program."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from paycanary.errors import AmbiguousError, Lang, PaycanaryError, UsageError
from paycanary.progress import SILENT, Progress
from paycanary.wording import parse_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from rich.console import Console


class LangChoice(StrEnum):
    """Languages to answer in."""

    ko = "ko"
    en = "en"


@dataclass(slots=True)
class Settings:
    """How this call answers; set first thing by every command, read when an error ends it."""

    lang: Lang = "en"
    json: bool = False


SETTINGS = Settings()
#: So wide that no cell of a table is broken: a row a line, for grep.
_PIPE_WIDTH = 2000

LangOption = Annotated[
    LangChoice | None,
    typer.Option("--lang", help="Language of the answer; default: from the locale.", show_default=False),
]  # fmt: skip
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON (see `paycanary schema`).")]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="YYYY-MM-DD", help="Answer with what was public on that day; default: today.", show_default=False),
]  # fmt: skip
CriteriaOption = Annotated[
    Path | None,
    typer.Option("--criteria", metavar="FILE", readable=False, help="Your own thresholds, weights and vetoes (YAML).", show_default=False),
]  # fmt: skip


def locale_lang() -> Lang:
    """Korean where the locale says so, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "ko" if value.lower().startswith("ko") else "en"
    return "en"


def settle(lang: LangChoice | None, *, json: bool = False) -> Lang:
    """Fix language and format for this call."""
    SETTINGS.lang = lang.value if lang else locale_lang()
    SETTINGS.json = json
    return SETTINGS.lang


def parse_as_of(text: str | None) -> date:
    """The day of ``--as-of``; today when None.

    Raises:
        DateError: no such day, or a day to come.
    """
    return parse_day(text, "--as-of")


def contradiction(option: str, others: str, todo: dict[Lang, str]) -> UsageError:
    """An option beside others to which it gives no meaning: who gave them would believe that all were followed."""
    return UsageError(
        {
            "ko": f"{option} 은 {others} 와 함께 쓸 수 없습니다.",
            "en": f"{option} cannot be given together with {others}.",
        },
        todo,
    )


def console(*, stderr: bool = False) -> Console:
    """A Rich console: colours and boxes in a terminal, plain and unwrapped text in a pipe."""
    from rich.console import Console  # noqa: PLC0415

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr,
        highlight=False,
        soft_wrap=not stream.isatty(),
        width=None if stream.isatty() else _PIPE_WIDTH,
    )


def print_json(document: Any) -> None:
    """Print a pydantic document as JSON."""
    sys.stdout.write(document.model_dump_json(indent=2) + "\n")


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Around imports of what only an extra of the package installs.

    Raises:
        UsageError: it is not installed.
    """
    try:
        yield
    except ImportError as error:
        raise UsageError(
            {"ko": f"{error.name} 이(가) 설치되어 있지 않습니다.", "en": f"{error.name} is not installed."},
            {"ko": f"pip install 'paycanary[{name}]' 로 설치하세요.", "en": f"Install it with: pip install 'paycanary[{name}]'"},
        ) from error  # fmt: skip


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress bar on a terminal's standard error; nothing in a pipe."""
    if not sys.stderr.isatty() or SETTINGS.json:
        yield SILENT
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console(stderr=True), transient=True) as bar:
        yield _Drawn(bar)


class _Drawn:
    """Draws steps as bars."""

    def __init__(self, bar: Any, name: str = "") -> None:
        self.bar = bar
        self.name = name
        self.task: Any = bar.add_task(name, total=None) if name else None

    def step(self, name: str, total: int | None = None) -> None:
        self.task = self.bar.add_task(f"{self.name} {name}".strip(), total=total)

    def part(self, name: str) -> _Drawn:
        return _Drawn(self.bar, name)

    def advance(self, amount: int = 1) -> None:
        if self.task is not None:
            self.bar.advance(self.task, amount)


def fail(error: PaycanaryError) -> int:
    """Print an error as one line (or a JSON problem) on standard error; returns the exit code."""
    if SETTINGS.json:
        from paycanary.documents import Problem  # noqa: PLC0415
        from paycanary.report.candidates import candidate  # noqa: PLC0415

        found = error.candidates if isinstance(error, AmbiguousError) else []
        problem = Problem(
            error=error.code,
            exit_code=error.exit_code,
            message=_one_line(error),
            candidates=[candidate(cast("Any", hit)) for hit in found],
        )
        sys.stderr.write(problem.model_dump_json(indent=2) + "\n")
        return error.exit_code
    sys.stderr.write(f"paycanary: {_one_line(error)}\n")
    if isinstance(error, AmbiguousError):
        from paycanary.report.candidates import table  # noqa: PLC0415

        console(stderr=True).print(table(cast("Any", error.candidates), SETTINGS.lang))
    return error.exit_code


def _one_line(error: PaycanaryError) -> str:
    """The message without line ends and broken characters that a file name or an argument may bring in."""
    return " ".join(error.line(SETTINGS.lang).splitlines()).encode(errors="replace").decode()

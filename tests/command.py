"""The command line as a process, and what is looked for in the store that it leaves."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from paycanary.lake import snapshots
from paycanary.lake.reader import Reader, open_reader
from tests.forked import PAYCANARY, plain, start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import duckdb

    from paycanary.lake.snapshots import Snapshot

#: The whole market is taken in from these folders of the shared data, in this order.
MARKET: Final = {"krx": "korea/krx", "dart": "korea/opendart", "nps": "korea/nps"}
_PATIENCE: Final = 300


@dataclass(frozen=True)
class Run:
    """Runs ``paycanary`` as a process of its own: ``run("check", "삼부토건", "--json")``.

    ``out`` and ``err`` of the result are text; in JSON, ``run.json(...)`` gives the document of standard output.
    """

    home: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def __call__(
        self,
        *arguments: object,
        env: Mapping[str, str] | None = None,
        preexec: Callable[[], None] | None = None,
        **options: Any,
    ) -> subprocess.CompletedProcess[str]:
        given = options.pop("input", None)
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL if given is None else subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}  # fmt: skip
        if preexec:
            streams["preexec_fn"] = preexec
        command = self.command(*arguments)
        with start(
            command, env=self.environment(env), encoding="utf-8", **streams | options
        ) as process:
            try:
                out, err = process.communicate(given, _PATIENCE)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        """Start and do not wait; from nothing, since such tests kill it at any moment."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            **options,
        )

    def ok(self, *arguments: object, **options: Any) -> str:
        """Standard output of a run that must succeed and say nothing on standard error."""
        result = self(*arguments, **options)
        assert result.returncode == 0, result.stderr + result.stdout
        assert result.stderr == ""
        return result.stdout

    def json(self, *arguments: object, **options: Any) -> Any:
        """The document that a run with ``--json`` prints."""
        return json.loads(self.ok(*arguments, "--json", **options))

    def problem(self, *arguments: object, **options: Any) -> Any:
        """The document that a failing run with ``--json`` prints on standard error."""
        result = self(*arguments, "--json", **options)
        assert result.returncode != 0
        assert result.stdout == ""
        document = json.loads(result.stderr)
        assert document["exit_code"] == result.returncode
        return document

    def command(self, *arguments: object) -> list[str]:
        return [*PAYCANARY, *map(str, arguments)]

    def environment(self, env: Mapping[str, str] | None = None) -> dict[str, str]:
        """A plain environment: C.UTF-8, no colours asked for, this home."""
        return {**plain(), "PAYCANARY_HOME": str(self.home), **self.env, **(env or {})}


def one_line(result: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line that a failing run says on standard error; asserts that it is one, and the exit code."""
    assert result.returncode == code, result.stderr + result.stdout
    first, *rest = result.stderr.splitlines()
    assert first.startswith("paycanary: ")
    assert not rest, result.stderr
    assert result.stdout == ""
    return first.removeprefix("paycanary: ")


def contents(root: Path, snapshot: Snapshot | None = None) -> dict[str, tuple[int, str]]:
    """Rows of each table and a sum over all their columns, but for when they were taken in."""
    reader = open_reader(root) if snapshot is None else Reader(root, snapshot, is_sample=False)
    assert not reader.is_sample
    with reader.connect() as con:
        return {name: digest(con, name) for name in reader.snapshot.tables}


def digest(con: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, str]:
    """Rows of a table or view and a sum over all columns, in no order."""
    ((rows, total),) = con.execute(
        f"SELECT count(*), CAST(sum(hash(r)) AS VARCHAR) FROM (SELECT COLUMNS(lambda c: c NOT IN ('fetched_at', 'refresh_id')) FROM {relation}) AS r"
    ).fetchall()
    return rows, total


def leftovers(root: Path) -> list[str]:
    """Files in a lake that no snapshot speaks of: what a killed refresh may have left."""
    known, is_all = snapshots.readable(root / "snapshots")
    assert is_all
    named = {f for s in known for state in s.tables.values() for f in state.files}
    named |= {f"snapshots/{s.id:08}.json" for s in known} | {".lock"}
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    log = re.compile(
        r"tables/[a-z_]+/_delta_log/(\d{20}\.json|\d{20}\.checkpoint\.parquet|_last_checkpoint)"
    )
    return sorted(path for path in found - named if not log.fullmatch(path))

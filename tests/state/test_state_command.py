"""``database``: the tables' revision as an operator asks for it, and as a program waits for it."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

from paycanary.state.database import Database, newest_revision

if TYPE_CHECKING:
    from tests.command import Run


def told(run: Run, state_url: str, *arguments: str) -> tuple[int, Any]:
    result = run("database", *arguments, "--json", env={"DATABASE_URL": state_url})
    return result.returncode, json.loads(result.stdout)


def test_tables_are_brought_up_and_down_and_looked_at(run: Run, state_url: str) -> None:
    run.home.mkdir()
    newest = newest_revision()
    code, status = told(run, state_url, "status")
    assert (code, status["revision"], status["newest"], status["is_current"]) == (9, None, newest, False)  # fmt: skip
    assert told(run, state_url, "upgrade")[1]["revision"] == newest
    assert told(run, state_url, "status")[0] == 0
    # Nobody is there to be asked: nothing is deleted.
    refused = run("database", "downgrade", "0001", env={"DATABASE_URL": state_url})
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert told(run, state_url, "status")[0] == 0
    code, status = told(run, state_url, "downgrade", "0001", "--yes")
    assert (code, status["revision"], status["is_current"]) == (0, "0001", False)
    assert told(run, state_url, "status")[0] == 9
    assert told(run, state_url, "downgrade", "base", "--yes")[1]["revision"] is None
    database = Database(state_url)
    assert database.revision() is None
    database.close()


def test_a_revision_of_a_newer_version_is_told_as_that(run: Run) -> None:
    run.home.mkdir()
    result = run("database", "upgrade", "9999", "--lang", "en")
    assert result.returncode == 9
    assert "9999" in result.stderr
    assert "newer paycanary" in result.stderr
    assert "DATABASE_URL" not in result.stderr


def test_the_file_is_nobody_elses_to_read(run: Run) -> None:
    run.home.mkdir()
    assert run("database", "status").returncode == 9
    run.ok("database", "upgrade")
    for file in run.home.glob("state.sqlite*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (run.home / "state.sqlite").exists()

"""What tests share: the real data, a home of one's own, the command line, and the whole market once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import pytest
from filelock import FileLock

from tests.command import MARKET, Run
from tests.stored import Stored, write_store

ROOT: Final = Path(__file__).resolve().parents[1]
#: Fixtures of real servers: ``postgres_url``, ``redis_server``, ``database``.
pytest_plugins = ("tests.servers",)


@pytest.fixture(scope="session", autouse=True)
def _no_home_of_a_person(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing that a test does may reach the home of who runs it."""
    os.environ["PAYCANARY_HOME"] = str(tmp_path_factory.mktemp("nobody"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data: ``PAYCANARY_SHARED_DATA``, else ``../shared/data`` beside the repository."""
    named = os.environ.get("PAYCANARY_SHARED_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not (folder / "korea").is_dir():
        pytest.skip(
            f"no real data at {folder}: set PAYCANARY_SHARED_DATA to a folder that holds korea/"
        )
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own, in this process too; it does not exist yet."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PAYCANARY_HOME", str(folder))
    return folder


@pytest.fixture
def run(home: Path) -> Run:
    """The command line with that home."""
    return Run(home)


@pytest.fixture(scope="session")
def market_home(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the whole of the shared data; read it, do not write it.

    Built once a run, also where several workers ask: the report of each refresh is ``<home>/<source>.json``.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "market"
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            run = Run(folder)
            for source, part in MARKET.items():
                report = run.ok("refresh", source, "--from", shared_data / part, "--json")
                (folder / f"{source}.json").write_text(report, encoding="utf-8")
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="session")
def market(market_home: Path) -> Run:
    """The command line with the whole market."""
    return Run(market_home)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """A store for bad things: `Stored.assert_kept` says that nothing in it was lost."""
    return Stored(write_store(tmp_path_factory.mktemp("stored")))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The command line with an empty home, so that the built-in sample answers."""
    return Run(tmp_path_factory.mktemp("empty"))

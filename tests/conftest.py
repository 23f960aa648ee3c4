"""What tests share: the real data, a home of one's own, the command line, and the whole market once."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from filelock import FileLock

from tests.command import MARKET, Run
from tests.stored import Stored, write_store

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from tests.running import Here

ROOT: Final = Path(__file__).resolve().parents[1]
#: Fixtures of real servers: ``postgres_url``, ``redis_server``, ``database``.
pytest_plugins = ("tests.servers",)
# Whatever the environment says: programs that tests start thousands of times would compile themselves each time, a quarter of their time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# One thread each for sums: tests run beside each other, and threads that wait for a core wait busily (a fit of 45 s took 130).
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
# The authorities of the web, read once and not for every question to a server of one's own: 45 ms each, and whoever waits asks 20 times a second.
_TRANSPORTS: Final[Any] = importlib.import_module("httpx._transports.default")
_create_ssl_context: Final = _TRANSPORTS.create_ssl_context


@cache
def _authorities(_file: str | None, _folder: str | None, **options: Any) -> ssl.SSLContext:
    context: ssl.SSLContext = _create_ssl_context(**options)
    return context


def _shared_authorities(**options: Any) -> ssl.SSLContext:
    return _authorities(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), **options)


_TRANSPORTS.create_ssl_context = _shared_authorities

#: Files of minutes, which begin first, so that no worker is left alone with one at the end.
LONG: Final = ("airflow/test_airflow_chain.py", "containers/test_containers_run.py", "spark/", "upgrade/", "text/test_text_training.py", "jobs/", "backup/", "browser/", "forecast/", "report/", "notion/")  # fmt: skip


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make check` does not read files that have nothing for it: they import browsers, servers and models."""
    if config.getoption("markexpr") == "quick" and collection_path.name.startswith("test_"):
        return "mark.quick" not in collection_path.read_text(encoding="utf-8") or None
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first; the rest keeps its order."""

    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(ROOT / "tests").as_posix()
        return next((i for i, long in enumerate(LONG) if path.startswith(long)), len(LONG))

    items.sort(key=rank)


@pytest.fixture(scope="session", autouse=True)
def _no_home_of_a_person(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing that a test does may reach the home of who runs it."""
    os.environ["PAYCANARY_HOME"] = str(tmp_path_factory.mktemp("nobody"))


@pytest.fixture(scope="module", autouse=True)
def _environment_as_found(_no_home_of_a_person: None) -> Iterator[None]:
    """What a file's tests leave in the environment ends with them: Spark and OpenTelemetry set variables of their own in whatever process they run in.

    Which files share a process differs from run to run, and what is left there would be in every program started afterwards (`tests.forked`).
    """
    found = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(found)


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


@pytest.fixture
def here(home: Path) -> Here:
    """The same within this process."""
    from tests.running import Here  # noqa: PLC0415 - loads all commands

    return Here(home)


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


@pytest.fixture(scope="session")
def sample_here(tmp_path_factory: pytest.TempPathFactory) -> Here:
    """The command line within this process, with an empty home, so that the built-in sample answers."""
    from tests.running import Here  # noqa: PLC0415 - loads all commands

    return Here(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The command line with an empty home, so that the built-in sample answers."""
    return Run(tmp_path_factory.mktemp("empty"))

"""A world for each test of jobs: registers that answer, a store that knows two companies, a database."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.command import Run
from tests.jobs.asking import QUICK, World
from tests.services import LISTED, UNLISTED, Services

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def known_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that knows the made companies by DART alone."""
    home = tmp_path_factory.mktemp("known")
    with Services() as services:
        for company in (UNLISTED, LISTED):
            Run(home).ok("refresh", "dart", "--company", company[1], env=services.env())
    return home / "lake"


@pytest.fixture
def world(tmp_path: Path, known_lake: Path) -> Iterator[World]:
    """Nothing runs yet but the registers; the state is a SQLite file, and there is no Redis."""
    home = tmp_path / "home"
    shutil.copytree(known_lake, home / "lake")
    with Services() as services:
        made = World(home, services, {"DATABASE_URL": "", "REDIS_URL": "", **services.env(**QUICK)})
        try:
            yield made
        finally:
            made.end()

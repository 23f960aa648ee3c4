"""A visitor of an application of the module's own, on SQLite; and one on each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.visiting import Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def _visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_HOME", str(tmp_path_factory.mktemp("visited") / "home"))
        with visiting() as visitor:
            yield visitor


@pytest.fixture
def visitor(_visited: Visitor) -> Visitor:
    """Someone new: without cookies."""
    _visited.client.cookies.clear()
    return _visited

"""One Spark session for all tests of the second engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paycanary.signals.spark import Spark

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    session = Spark("local[2]")
    yield session
    session.close()

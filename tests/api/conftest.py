"""The API in the test's own process, over the built-in sample."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from paycanary.api.app import create_api
from paycanary.service.settings import Settings
from paycanary.state.database import open_database

with warnings.catch_warnings():
    # Starlette wants a newer client; ours is the one that the package itself speaks with.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE: Final = "http://127.0.0.1:8000"
_MANY: Final = "1000000/minute"


@contextmanager
def asking(**settings: Any) -> Iterator[TestClient]:
    """The API with a state of its own in the home that is set; its limits are out of the way unless named."""
    open_database().close()
    limits = dict.fromkeys(("rate_limit", "heavy_rate_limit", "key_rate_limit"), _MANY)
    app = create_api(Settings(**{**limits, **settings}))
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The API over the built-in sample."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_HOME", str(tmp_path_factory.mktemp("api")))
        patch.setenv("PAYCANARY_BASE_URL", BASE)
        with asking() as client:
            yield client

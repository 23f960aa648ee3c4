"""The API in the test's own process, over the built-in sample."""

from __future__ import annotations

import threading
import time
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
import uvicorn

from paycanary.api.app import create_api
from paycanary.service.protocol import Protocol
from paycanary.service.settings import Settings
from paycanary.state.database import open_database
from tests.servers import free_port

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


@contextmanager
def served(**settings: Any) -> Iterator[str]:
    """The API behind a real server in a thread, with a state of its own in the home that is set; gives its address."""
    open_database().close()
    limits = dict.fromkeys(("rate_limit", "heavy_rate_limit", "key_rate_limit"), _MANY)
    with running(create_api(Settings(**{**limits, **settings}))) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(app: Any) -> Iterator[int]:
    """An application behind the server that `paycanary serve` starts, in a thread; gives its port."""
    port = free_port()
    config = uvicorn.Config(
        app, port=port, http=Protocol, log_level="error", access_log=False, timeout_keep_alive=30
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield port
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The API over the built-in sample."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_HOME", str(tmp_path_factory.mktemp("api")))
        patch.setenv("PAYCANARY_BASE_URL", BASE)
        with asking() as client:
            yield client


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the API over the built-in sample, really served."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_HOME", str(tmp_path_factory.mktemp("served")))
        with served() as address:
            yield address

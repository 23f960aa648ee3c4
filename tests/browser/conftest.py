"""What the stories share: a browser a module, and the service on the built-in sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.browser.chromium import KINDS, Kind, Person, running_chromium, visiting
from tests.servers import Serve, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

#: Tests ask more in a minute than a person does in an hour.
FREELY: Final = {
    "PAYCANARY_RATE_LIMIT": "100000/minute",
    "PAYCANARY_HEAVY_RATE_LIMIT": "100000/minute",
    "PAYCANARY_FORM_RATE_LIMIT": "100000/minute",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A module, not the run: while it lives no other test in this process can run an event loop of its own."""
    with running_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """The service in an empty home, so that the built-in sample answers."""
    with serving(tmp_path_factory.mktemp("served"), FREELY) as server:
        yield server


@pytest.fixture(params=KINDS, ids=str)
def person(request: pytest.FixtureRequest, browser: Browser, served: Serve) -> Iterator[Person]:
    """Each kind of visitor in turn."""
    kind: Kind = request.param
    with visiting(browser, served.url, kind) as visitor:
        yield visitor

"""A browser without a window: visits the application inside the test's own process, and fills forms in as a person would."""

from __future__ import annotations

import html
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from paycanary.service import market
from paycanary.service.settings import Settings
from paycanary.state.database import open_database
from paycanary.web import forms
from paycanary.web.app import create_app

with warnings.catch_warnings():
    # Starlette wants a newer client; ours is the one that the package itself speaks with.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import httpx

    from paycanary.service.core import Service

#: In the built-in sample: listed, with findings of every group; and another one.
COMPANY: Final = "dart:00125974"
NAME: Final = "삼부토건"
_HASTE: Final = forms._HASTE
#: The built-in sample, warmed once a day of the tests and not once a visit, which was a second each.
_WARM: Final[dict[date, market.Edition]] = {}
_sample = market._sample


def _kept(day: date, held: market.Edition | None) -> market.Edition:
    _WARM[day] = _sample(day, held or _WARM.get(day))
    return _WARM[day]


market._sample = _kept


class Visitor:
    """One browser: keeps cookies, follows no redirect unless asked."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.service: Service = client.app.state.service  # type: ignore[attr-defined]

    def get(self, path: str, **options: Any) -> httpx.Response:
        answer: httpx.Response = self.client.get(path, **options)
        return answer

    def post(self, path: str, data: dict[str, str], **options: Any) -> httpx.Response:
        """Send fields as they are."""
        answer: httpx.Response = self.client.post(path, data=data, **options)
        return answer

    def fill(self, path: str, data: dict[str, str], *, at: str | None = None) -> httpx.Response:
        """Open the page (``path``, else ``at``), take its token, and send the form to ``path``."""
        return self.post(path, {"form_token": token(self.get(at or path)), **data})


def token(page: httpx.Response) -> str:
    """The token in a page's form."""
    found = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert found, page.text[:2000]
    return found[1]


def words(page: httpx.Response) -> str:
    """What a page says: without tags, characters as people see them."""
    body = page.text.partition("<main ")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def options(page: httpx.Response) -> list[str]:
    """Values that can be chosen in a page's lists."""
    return [html.unescape(v) for v in re.findall(r'<option value="([^"]*)"', page.text)]


@contextmanager
def visiting(
    url: str | None = None, *, is_patient: bool = False, **settings: Any
) -> Iterator[Visitor]:
    """The application on a state of one's own (``url``, else SQLite in the home), open for visitors.

    Forms may be sent at once unless ``is_patient``, and pages asked for often: tests are quicker than people.
    """
    open_database(url).close()
    named = (
        {"rate_limit": "6000/minute", "form_rate_limit": "1000/minute"}
        | ({"DATABASE_URL": url} if url else {})
        | settings
    )
    before = forms._HASTE
    forms._HASTE = _HASTE if is_patient else 0.0  # type: ignore[misc]
    try:
        app = create_app(Settings(**named))
        with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
            yield Visitor(client)
    finally:
        forms._HASTE = before  # type: ignore[misc]

"""Stories of people who leave something: a watchlist, a report and its decision, a refresh."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.wording import today
from tests.browser.chromium import KINDS, Kind, Person, visiting
from tests.browser.conftest import FREELY
from tests.browser.looks import look
from tests.command import Run
from tests.servers import Serve, serving
from tests.services import UNLISTED, Services

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator

COMPANY = "/companies/dart:00125974"
#: Forms are not sent sooner than a person could.
HASTE = 1_200
ON = {"PAYCANARY_WEBHOOKS_TO_LOOPBACK": "true", "PAYCANARY_HOUSEKEEPING_SECONDS": "0.5"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("leaving")


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Serve]:
    with serving(home, {**FREELY, **ON}) as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[Any]]]:
    """A server that takes webhooks; its address, and what came."""
    taken: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.headers["Idempotency-Key"], json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", taken
    server.shutdown()
    thread.join()
    server.server_close()


def send(person: Person, button: Locator) -> None:
    """Press a form's button, not sooner than a person could."""
    person.page.wait_for_timeout(HASTE)
    with person.page.expect_navigation():
        person.press(button)


def form(person: Person, do: str) -> Locator:
    """The form of a watchlist that does something."""
    return person.page.locator(f"form:has(input[name=do][value={do}])").last


def test_a_company_is_followed_by_a_link_that_is_shown_once(
    person: Person, receiver: tuple[str, list[Any]]
) -> None:
    hook, taken = receiver
    person.go(COMPANY)
    with person.page.expect_navigation():
        person.press(person.page.locator("a[href*='/watch/new?company=']"))
    assert person.page.locator("fieldset input[type=checkbox]").is_checked()
    look(person, keys=True)
    person.expected = {201}
    send(person, person.page.locator("form.card button[type=submit]"))
    first = person.page.input_value("#link")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+(/en)?/watch/[\w-]{43}", first)
    look(person)
    with person.page.expect_navigation():
        person.press(person.page.locator("a.button"))
    assert "삼부토건" in person.text
    look(person, keys=True)

    form(person, "follow").locator("#query").fill("카카오")
    send(person, form(person, "follow").locator("button"))
    assert person.page.locator("li.card a[href*='/companies/']").count() == 2

    person.page.fill("#url", hook)
    person.page.check("input[name=kind][value=json]")
    send(person, form(person, "add_hook").locator("button"))
    assert person.page.locator("#key").inner_text()
    look(person)
    send(person, form(person, "try_hook").locator("button"))
    assert [body["type"] for _, body in taken] == ["test"]

    send(person, form(person, "rotate").locator("button"))
    second = person.page.input_value("#link")
    assert second != first
    person.expected = {404}
    assert person.page.goto(first).status == 404  # type: ignore[union-attr]
    look(person)
    person.page.goto(second)
    assert person.page.locator("li.card a[href*='/companies/']").count() == 2
    person.press(person.page.locator("details summary").last)
    send(person, form(person, "delete").locator("button"))
    assert person.page.goto(second).status == 404  # type: ignore[union-attr]


def test_an_error_is_reported_and_decided_and_stands_beside_the_figure(
    person: Person, home: Path
) -> None:
    person.go(COMPANY)
    with person.page.expect_navigation():
        person.press(person.page.locator("section a[href$='/report']").first)
    look(person, keys=True)
    figure = person.page.locator("#figure optgroup option").first
    told = figure.inner_text()
    person.page.select_option("#figure", figure.get_attribute("value"))
    person.page.fill("#claim", f"The figure is not the one filed ({person.kind}).")
    person.page.check("#reporter-company")
    send(person, person.page.locator("form.card button[type=submit]"))
    number = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", person.text)
    assert number is not None
    look(person)

    key = Run(home).json("api-keys", "create", "--name", "M", "--scope", "moderate")["key"]
    person.go("/moderation")
    person.page.fill("#key", key)
    send(person, person.page.locator("form.card button[type=submit]"))
    look(person, keys=True)
    with person.page.expect_navigation():
        person.press(person.page.locator(f"a[href$='/moderation/{number[0]}']"))
    look(person, keys=True)
    statement = f"Restated in the filing of 2026-03-02, {number[0]}."
    person.page.fill("#statement", statement)
    send(person, person.page.locator("form:has(#statement) button"))

    person.page.wait_for_timeout(1_500)  # another process may decide: it is seen within a second
    person.go(COMPANY)
    row = person.page.locator("tr.correction", has_text=statement).first
    folded = person.page.locator("details", has=row)
    person.press(folded.locator("summary").first)
    assert row.is_visible()
    assert str(today()) in row.inner_text()
    before = row.locator("xpath=preceding-sibling::tr[not(@class='correction')][1]")
    assert before.locator("th").inner_text().split()[0] in told
    look(person)
    person.go(f"/corrections/{number[0]}")
    assert statement in person.text
    assert "not the one filed" not in person.text
    look(person)
    person.go(f"{COMPANY}/corrections")
    assert statement in person.text
    look(person)


def test_what_has_to_be_mended_is_told_at_its_field(person: Person) -> None:
    person.go(f"{COMPANY}/report")
    person.page.evaluate("document.querySelector('form.card').noValidate = true")
    person.page.fill("#claim", "short")
    person.page.fill("#evidence", "javascript:alert(1)")
    person.expected = {422}
    send(person, person.page.locator("form.card button[type=submit]"))
    assert person.page.locator("#claim-error").is_visible()
    assert person.page.input_value("#claim") == "short"
    look(person, keys=True)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serve, Services]]:
    """The service over a store that knows one company, beside registers that answer."""
    home = tmp_path_factory.mktemp("refreshed")
    with Services() as services:
        env = services.env(**FREELY, **ON, PAYCANARY_JOB_FRESH_MINUTES="0")
        Run(home).ok("refresh", "dart", "--company", UNLISTED[1], env=services.env())
        with serving(home, env) as server:
            yield server, services


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_refresh_is_seen_as_it_goes(
    browser: Browser, asked: tuple[Serve, Services], kind: Kind
) -> None:
    server, services = asked
    with visiting(browser, server.url, kind) as person:
        person.go(f"/companies/dart:{UNLISTED[0]}")
        with person.page.expect_navigation():
            person.press(person.page.locator("a[href$='/refresh']"))
        look(person, keys=True)
        services.down("tax")
        send(person, person.page.locator("form button[type=submit]"))
        assert "/jobs/" in person.path
        assert person.page.locator("#job-status").inner_text()
        # With scripts by events, without by reading itself again.
        person.page.locator("main table").wait_for(timeout=60_000)
        assert person.page.locator("main table tbody tr").count() == 10
        assert person.words("국세 체납 명단", "NTS tax arrears") in person.page.locator("main .notice.warning").inner_text()  # fmt: skip
        look(person, keys=True)
        with person.page.expect_navigation():
            person.press(person.page.locator("a.button[href*='/companies/']"))
        assert person.page.inner_text("h1")
        look(person)

"""A real Chromium, and people who use it: a size of screen, a language, with or without JavaScript.

Whatever goes wrong without being seen is noted while a person goes about: errors and refused resources in the console,
failures of scripts, requests to anyone but us.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response

_MAC: Final = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
#: Chromium must not talk to its makers, and no name resolves but our own address.
_ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
PHONE: Final = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: Final = {"viewport": {"width": 1280, "height": 900}}
#: Milliseconds that anything may take; the machine may be busy with other tests.
_PATIENCE: Final = 15_000
_TELL_CSP: Final = """document.addEventListener("securitypolicyviolation", e =>
  console.error(`CSP: ${e.violatedDirective} refused ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`))"""


@dataclass(frozen=True)
class Kind:
    """Someone who visits: on what, whether scripts run, in which language."""

    screen: str
    scripts: bool
    lang: str

    def __str__(self) -> str:
        return f"{self.screen}-{'scripts' if self.scripts else 'no_scripts'}-{self.lang}"


#: Both sizes, with and without scripts, both languages: each pair of them is met.
KINDS: Final = (
    Kind("phone", scripts=True, lang="ko"),
    Kind("phone", scripts=False, lang="en"),
    Kind("desktop", scripts=True, lang="en"),
    Kind("desktop", scripts=False, lang="ko"),
)


@dataclass
class Person:
    """One visitor with a browser window."""

    kind: Kind
    base: str
    page: Page
    mirror: Page
    problems: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def address(self, path: str) -> str:
        """A page's address in this person's language."""
        prefix = "/en" if self.kind.lang == "en" else ""
        return self.base + (prefix + path).removesuffix("/" if prefix and path == "/" else "")

    def go(self, path: str, status: int = 200) -> Response:
        """Type an address; the answer must have that status."""
        self.expected = {status}
        response = self.page.goto(self.address(path))
        assert response is not None
        assert response.status == status, f"{path}: {response.status}"
        return response

    def words(self, korean: str, english: str) -> str:
        """What stands on the page in this person's language."""
        return korean if self.kind.lang == "ko" else english

    def press(self, target: Locator) -> None:
        """Tap or click, and wait for the page that comes of it."""
        if self.kind.screen == "phone":
            target.tap()
        else:
            target.click()
        self.page.wait_for_load_state()

    def seen(self) -> Page:
        """The page as it is now, for tools that need scripts: where scripts are off, a copy of what they see."""
        if self.kind.scripts:
            return self.page
        html = self.page.content().replace("<noscript", "<div").replace("</noscript", "</div")
        self.mirror.unroute_all()
        self.mirror.route("**/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))  # fmt: skip
        self.mirror.route(self.page.url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))  # fmt: skip
        self.mirror.goto(self.page.url)
        return self.mirror

    @property
    def text(self) -> str:
        return self.page.inner_text("body")

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path


def chromium_path() -> str:
    """Debian's Chromium or what stands for it; never one that a library downloads."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None and Path(_MAC).exists():
        found = _MAC
    assert found, "no Chromium: run scripts/install-test-servers.sh"
    return found


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(browser: Browser, base: str, kind: Kind, **options: Any) -> Iterator[Person]:
    """Someone with a fresh profile; asserts at the end that nothing went wrong unseen."""
    screen = PHONE if kind.screen == "phone" else DESKTOP
    with ExitStack() as stack:
        context = browser.new_context(
            **screen,
            java_script_enabled=kind.scripts,
            locale="ko-KR" if kind.lang == "ko" else "en-GB",
            timezone_id="Asia/Seoul",
            **options,
        )
        stack.callback(context.close)
        context.set_default_timeout(_PATIENCE)
        page = mirror = context.new_page()
        if kind.scripts:
            context.add_init_script(_TELL_CSP)
        else:
            copies = browser.new_context(**screen)
            stack.callback(copies.close)
            mirror = copies.new_page()
        person = Person(kind, base, page, mirror)
        _watch(context, person)
        yield person
        assert person.problems == []


def _watch(context: BrowserContext, person: Person) -> None:
    host = urlsplit(person.base).netloc

    def note_console(message: Any) -> None:
        status = message.text.partition("status of ")[2][:3]
        if message.type in ("error", "warning") and not (status.isdigit() and int(status) in person.expected):  # fmt: skip
            person.problems.append(f"console at {person.page.url}: {message.text}")

    def note_request(request: Any) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in ("data", "blob", "about") and asked.netloc != host:
            person.problems.append(f"request to {request.url} from {person.page.url}")

    context.on("console", note_console)
    context.on("weberror", lambda error: person.problems.append(f"script: {error.error}"))
    context.on("request", note_request)

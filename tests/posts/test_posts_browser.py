"""Posts as a real browser shows them: whole, with their pictures, and with nothing in them that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.browser.chromium import running_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.posts.conftest import Make

SHELL: Final = '<!doctype html><meta charset="utf-8"><title>before</title><body style="max-width: 40rem; margin: 2rem auto; font-family: sans-serif">'  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as running:
        yield running


def opened(browser: Browser, file: Path, asked: list[str]) -> Any:
    page = browser.new_page(viewport={"width": 800, "height": 900})
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("place", ["tistory", "naver"])
def test_it_shows_whole_and_runs_nothing(browser: Browser, make: Make, tmp_path: Path, place: str) -> None:  # fmt: skip
    report = make(place)
    post = next(post for post in report.posts if post.title.startswith("면접"))
    file = tmp_path / place / post.file
    if place == "tistory":  # a fragment: the blog's own page stands around it
        fragment = file.read_text(encoding="utf-8")
        file = file.with_name("shown.html")
        file.write_text(SHELL + fragment, encoding="utf-8")
    asked: list[str] = []
    page = opened(browser, file, asked)
    page.screenshot(path=tmp_path / f"{place}.png", full_page=True)
    assert page.title() == ("before" if place == "tistory" else "면접 준비 노트: 모든 블록")
    widths = page.eval_on_selector_all("img", "all => all.map(i => i.naturalWidth)")
    assert len(widths) == 2
    assert all(widths)
    assert all(url.startswith(file.parent.as_uri()) for url in asked)
    assert "<script>" in page.inner_text("body")
    hidden = page.get_by_text("숨은 내용")
    if place == "tistory":
        assert not hidden.is_visible()
        page.locator("summary").click()
    assert hidden.is_visible()
    page.locator("b, strong").filter(has_text="b").last.click()
    assert page.title() != "ran"
    page.close()

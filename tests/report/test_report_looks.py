"""How files look where they are opened: pages of a PDF, pictures, and HTML in a real browser on a phone and a desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pypdfium2
import pytest

from tests.browser.chromium import DESKTOP, PHONE, running_chromium
from tests.report import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.report.conftest import Reports

DAY: Final = "2026-06-30"
_TOO_WIDE: Final = """() => [...document.querySelectorAll("body *")].filter(e =>
  e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".scroll")).map(e => e.outerHTML.slice(0, 120))"""
#: Rows of figures whose cells are cut off or lie over each other.
_CUT: Final = """() => [...document.querySelectorAll("table.stacks td")].filter(e => {
  const room = e.closest(".scroll").getBoundingClientRect(), box = e.getBoundingClientRect();
  return box.width > 0 && (box.right > room.right + 1 || e.scrollWidth > e.clientWidth + 1);
}).map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as running:
        yield running


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(("name", "screen"), [("phone", PHONE), ("desktop", DESKTOP)])
def test_html_has_room_and_asks_nobody(
    browser: Browser, reports: Reports, tmp_path: Path, name: str, screen: dict[str, Any], lang: str
) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(reports.write("html", ("HMM",), DAY, lang).main)
    context = browser.new_context(**screen, java_script_enabled=True)
    page = context.new_page()
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"]
    assert page.evaluate(_TOO_WIDE) == []
    assert page.evaluate(_CUT) == []
    assert page.evaluate("document.documentElement.lang") == lang
    drawn = page.locator("svg").evaluate_all("all => all.map(e => e.getBoundingClientRect().height)")  # fmt: skip
    assert len(drawn) == 4
    assert min(drawn) > 150
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)) == 8
    assert page.locator("th").first.is_visible() or name == "phone"
    assert page.locator("details").first.is_visible()
    page.locator("summary").first.click()
    assert page.locator("details table td").first.is_visible()
    assert page.evaluate(_CUT) == []
    context.close()
    assert asked == [file.as_uri()]
    assert told == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_pages_are_tagged_titled_and_nothing_leaves_them(reports: Reports, lang: str) -> None:
    raw = reports.write("pdf", ("HMM",), DAY, lang).main
    document = pypdfium2.PdfDocument(raw)
    told = document.get_metadata_dict()
    assert told["Title"] == {"ko": f"HMM: {DAY} 기준 공개 자료", "en": f"HMM: public data as of {DAY}"}[lang]  # fmt: skip
    assert told["CreationDate"] == "D:20260630000000Z"
    assert shown.is_tagged(raw)
    pages = shown.pages(raw)
    assert 5 < len(pages) < 12
    assert all(shown.margins_are_white(page) for page in pages)
    for page in pages:
        ink = page.convert("L").point(lambda v: 255 if v < 200 else 0)  # type: ignore[arg-type, operator] # a table of 256 values
        box = ink.getbbox()
        assert box is not None
        assert box[3] < page.height * 0.97


def test_no_row_is_torn_between_pages(reports: Reports) -> None:
    """A figure's number stands on the page on which its filing stands."""
    document = pypdfium2.PdfDocument(reports.write("pdf", ("HMM",), DAY, "en").main)
    pages = [shown.loose(page.get_textpage().get_text_bounded()) for page in document]
    for figure in shown.figures_of(reports.verdict("HMM", DAY, "en")):
        row = shown.loose("".join(shown.expected_row(figure, "en")))
        assert any(row in page for page in pages), row


def test_every_letter_has_a_shape(reports: Reports) -> None:
    """What the font lacks would come out of a PDF as nothing, or as the mark of what is missing."""
    for lang in ("ko", "en"):
        seen = shown.read("pdf", reports.write("pdf", ("삼부토건",), "2025-06-30", lang, with_forecast=True).main)  # fmt: skip
        assert not set(seen.text) & {"\ufffd", "\ufffe", "\u25a1", "\x00"}
        for mark in "●▲○↑↓−":
            assert mark in seen.text, mark


def test_charts_have_ink_colours_and_words(reports: Reports) -> None:
    charts = reports.write("tistory", ("HMM",), DAY, "ko").charts
    assert set(charts) == {f"file.{n}.png" for n in ("accounts", "cash", "people", "money")}
    for name, raw in charts.items():
        drawn = shown.picture(raw).convert("RGB")
        assert drawn.width > 600, name
        colours = {colour for count, colour in drawn.getcolors(1 << 24) or [] if count > 300}
        assert (255, 255, 255) in colours
        assert len(colours) > 2, name
    drawings = reports.write("md", ("HMM",), DAY, "ko").charts
    assert "영업이익".encode() in drawings["file.accounts.svg"]
    assert all(b"class=" not in svg and b"#0000" not in svg for svg in drawings.values())

"""What every page has to be, read by a parser: `parse` it, `assert_sound` it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lxml import html

if TYPE_CHECKING:
    import httpx

#: Every page that needs nothing but the sample.
PAGES: Final = (
    "/", "/search?q=현대", "/search?q=없는회사이름입니다", "/companies/dart:00125974", "/companies/dart:00258801",
    "/companies/dart:00125974?as_of=2023-01-05", "/companies/dart:00258801?as_of=2026-06-30", "/companies/nps:00343e750e6b", "/compare", "/compare?c=dart:00258801",
    "/compare?c=dart:00258801&c=dart:00125974", "/compare?add=현대&c=dart:00258801", "/screen", "/screen?edit=interest_cover&level=danger",
    "/screen?criteria=signals:%20[", "/signals", "/signals/interest_cover", "/signals/venture_certificate", "/criteria", "/forecast",
    "/sources", "/about", "/nothing-here",
)  # fmt: skip
_UNLABELLED: Final = "//input[not(@type='hidden')] | //select | //textarea"


def parse(answer: httpx.Response) -> Any:
    """A page as a tree."""
    assert answer.headers["content-type"].startswith("text/html"), answer.text[:500]
    return html.document_fromstring(answer.text)


def said(element: Any) -> str:
    """Text as people read it."""
    return " ".join(element.text_content().split())


def assert_sound(page: Any, lang: str) -> None:
    """One heading, landmarks, a language, labels, unique ids; nothing that a strict content policy forbids."""
    assert page.get("lang") == lang
    assert len(page.xpath("//h1")) == 1
    assert [len(page.xpath(f"//{tag}")) for tag in ("main", "header[@class='top']", "footer")] == [1, 1, 1]  # fmt: skip
    assert said(page.xpath("//title")[0])
    assert page.xpath("string(//meta[@name='description']/@content)")
    assert page.xpath("//a[@class='skip'][@href='#main']")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for field in page.xpath(_UNLABELLED):
        assert field.xpath("ancestor::label") or page.xpath("//label[@for=$id]", id=field.get("id")), html.tostring(field)  # fmt: skip
    for reference in ("aria-labelledby", "aria-describedby", "aria-controls"):
        named = " ".join(page.xpath(f"//@{reference}")).split()
        assert set(named) <= set(ids)
    assert_strict(page)


def assert_strict(page: Any) -> None:
    """No style, script or handler stands in the page itself; nothing is fetched from anybody else."""
    assert page.xpath("//@style | //style | //base | //iframe | //object | //embed") == []
    assert page.xpath("//script[not(@src)] | //script[normalize-space()]") == []
    assert [a for e in page.iter() for a in e.attrib if a.startswith("on")] == []
    links = page.xpath("//@href | //@src | //@action")
    assert [link for link in links if link.strip().lower().startswith(("javascript:", "data:", "//"))] == []  # fmt: skip
    fetched = page.xpath("//script/@src | //link[@rel='stylesheet' or @rel='icon']/@href | //img/@src")  # fmt: skip
    assert fetched
    assert all(address.startswith("/static/") for address in fetched)

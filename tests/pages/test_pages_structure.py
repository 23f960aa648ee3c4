"""Every page in both languages: sound, strict, light, and the same for who comes without JavaScript."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import httpx
import pytest

from paycanary.web.pages import link
from tests.pages.structure import PAGES, assert_sound, parse, said

if TYPE_CHECKING:
    from tests.visiting import Visitor

_KB = 1024
_STATUS = {"/nothing-here": 404, "/search?q=없는회사이름입니다": 404}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_page_is_sound(site: Visitor, path: str, lang: str) -> None:
    answer = site.get(link(path, lang))
    assert answer.status_code == _STATUS.get(path, 200)
    page = parse(answer)
    assert_sound(page, lang)
    other = page.xpath("//nav/a[@hreflang]")[0]
    assert other.get("href").startswith("/en/") == (lang == "ko")
    assert site.get(other.get("href")).status_code == answer.status_code


@pytest.mark.parametrize("path", PAGES)
def test_english_pages_speak_english(site: Visitor, path: str) -> None:
    page = parse(site.get(link(path, "en")))
    for name in page.xpath("//bdi | //figure//td | //*[@lang='ko'] | //input | //li[@class='chip'] | //ul[@class='chips']"):  # fmt: skip
        name.drop_tree()
    frame = [said(e) for e in page.xpath("//h1 | //h2 | //h3 | //button | //label | //th | //summary/b")]  # fmt: skip
    korean = [text for text in frame if re.search("[가-힣]", text)]
    assert [t for t in korean if not re.search(r"\([^)]*[가-힣]|카카오|삼부토건|HMM", t)] == []


def test_pages_link_to_pages_that_are_there(site: Visitor) -> None:
    wanted: set[str] = set()
    absent = {str(httpx.URL(link(path, lang))) for path in _STATUS for lang in ("ko", "en")}
    for path in PAGES[:-1]:
        for lang in ("ko", "en"):
            page = parse(site.get(link(path, lang)))
            wanted |= {a.partition("#")[0] for a in page.xpath("//main//a/@href | //header//a/@href | //footer//a/@href") if a.startswith("/")}  # fmt: skip
    broken = {}
    for address in sorted(wanted - absent - {""}):
        status = site.get(address).status_code
        if status not in (200, 303):
            broken[address] = status
    assert broken == {}


@pytest.mark.parametrize("company", ["dart:00258801", "dart:00125974", "dart:00164645", "dart:00111704"])  # fmt: skip
def test_company_page_is_light(site: Visitor, company: str) -> None:
    answer = site.get(f"/companies/{company}")
    page = parse(answer)
    parts = page.xpath("//link[@rel='stylesheet']/@href | //script/@src | //link[@rel='icon']/@href")  # fmt: skip
    contents = [answer.content, *(site.get(part).content for part in parts)]
    assert len(contents) == 6
    assert sum(len(gzip.compress(content, 6)) for content in contents) <= 100 * _KB


def test_a_page_tells_search_engines_where_it_stands(site: Visitor) -> None:
    page = parse(site.get("/en/companies/dart:00125974?as_of=2023-01-05"))
    base = "http://127.0.0.1:8000"
    assert page.xpath("//link[@rel='canonical']/@href") == [f"{base}/en/companies/dart:00125974"]
    alternates = {e.get("hreflang"): e.get("href") for e in page.xpath("//head/link[@hreflang]")}
    assert alternates["ko"] == alternates["x-default"] == f"{base}/companies/dart:00125974"
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    picture = page.xpath("//meta[@property='og:image']/@content")
    assert picture == [f"{base}/en/companies/dart:00125974/card.png?as_of=2023-01-05"]


def test_robots_and_sitemap(site: Visitor) -> None:
    robots = site.get("/robots.txt").text
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in robots
    assert "Disallow: /v1/" in robots
    listed = re.findall("<loc>(.*?)</loc>", site.get("/sitemap.xml").text)
    assert "http://127.0.0.1:8000/companies/dart:00125974" in listed
    assert "http://127.0.0.1:8000/en/signals/interest_cover" in listed
    assert len(listed) == len(set(listed))
    for address in listed[::17]:
        assert site.get(address).status_code == 200


def test_english_without_a_slash(site: Visitor) -> None:
    answer = site.get("/en")
    assert (answer.status_code, answer.headers["location"]) == (308, "/en/")

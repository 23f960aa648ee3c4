"""Names, words of filings and corrections stay text in every format, whatever markup they look like."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from lxml import etree
from lxml import html as lxml_html

from paycanary.models import Company, Correction, Figure, Finding, Link, Unknown, Verdict
from paycanary.report.files import company, comparison
from paycanary.report.files.blocks import Content, Picture, Span, slug
from paycanary.report.files.drawings import picture
from paycanary.report.files.encode import encode
from paycanary.report.series import Cell, Chart, Row, Source
from tests.report import shown

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from tests.report.conftest import Reports

#: What each format, and each place that reads it, would take for its own.
ATTACKS: Final = (
    '<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="alert(1)',
    "[link](javascript:alert(1)) ![p](http://evil.example/p.png) <http://evil.example> [a]: http://evil.example",
    "| cell | cell |` code `` **bold** _it_ ~~gone~~ # head \\ end",
    "{{ site.github }} {% include secrets.html %} {:.class} $$x$$ {{{ }}} {% raw %}",
    '#set page(fill: red) #read("secret") $x$ @label <label> *b* "]) // /* ',
    "--- layout: x\n- item\n1. one\n> quote\n=== &lt;b&gt; &#60;i&#62;",
    "www.evil.example https://evil.example someone@evil.example @name :smile: #12",
    "\u202eesrever\u2066 \x07\x00bell\ud800",
)
#: The one tag that is ours: where a chart lies.
LIQUID: Final = re.compile(r"\{\{ '/assets/file/file\.accounts\.svg' \| relative_url \}\}")


def made(text: str, lang: Lang = "en") -> Content:
    """A verdict that says one text wherever data can stand, with a chart of it."""
    day = date(2025, 6, 30)
    figure = Figure(
        concept=text, value=text, unit=None, period_end=day, source=text, filing_id=text, published_on=day,
        url=f'https://dart.example/"><script>{text}',
    )  # fmt: skip
    negative = Figure(concept="equity", value=-123_400_000_000, unit="KRW", period_end=day, source="opendart", filing_id="20250101000001", published_on=day, url="https://dart.example/a(b)?c=1&d=2")  # fmt: skip
    verdict = Verdict(
        company=Company(id="dart:00000001", name=text, industry=text, region=text, links=[Link(source=text, id="x", name=text, confidence=0.5, rule="r")]),
        as_of=day, lang=lang, coverage="listed", coverage_sentence=text, level="danger", sentence=text,
        findings=[Finding(signal="full_impairment", group="money", level="danger", title=text, sentence=text, weight=1, figures=[figure, negative])],
        unknown=[Unknown(what="x", title=text, reason="not_filed", explanation=text, figures=[figure])],
        questions=[text], sample=False, data_until=day, report_error="javascript:alert(1)",
        corrections=[Correction(id=text, statement=text, reporter="company", accepted_on=day)],
    )  # fmt: skip
    source = Source(text, text, day, None)
    rows = [Row(date(y, 12, 31), f"{y}.12", {"net_income": Cell(-1e9 * y, "KRW", text, (source,))}) for y in (2023, 2024)]  # fmt: skip
    chart = Chart("accounts", text, text, {"net_income": text}, rows, more=text)
    return company.content(
        verdict, [(chart, picture(chart, lang, "accounts"))], with_forecast=False
    )


def written(form: str, content: Content) -> str:
    return encode(content, form, "file").main.decode()  # type: ignore[arg-type] # one of the formats


def visible(text: str) -> str:
    """A text as a reader sees it: without what has no place in a file."""
    return shown.loose(Span(text).text)


@pytest.mark.parametrize("form", shown.TEXTS)
@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_it_is_read_as_it_was_written(text: str, form: str) -> None:
    seen = shown.read(form, encode(made(text), form, "file").main)  # type: ignore[arg-type] # one of the formats
    assert shown.loose(seen.text).count(visible(text)) > 8
    assert all(link.startswith("https://dart.example/a(b)?c=1") for link in seen.links), seen.links
    assert "−123.4bn won" in seen.text


@pytest.mark.parametrize("form", ["md", "html", "jekyll", "tistory"])
@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_it_becomes_no_element(text: str, form: str) -> None:
    raw = written(form, made(text))
    text_of = LIQUID.sub("/assets/file.svg", raw.split("---\n", 2)[-1])
    page = shown.rendered(text_of) if form in ("md", "jekyll") else raw
    root: Any = lxml_html.document_fromstring(page)
    own = {"html", "head", "meta", "title", "style", "body", "main", "div", "span", "p", "a", "strong", "em", "blockquote", "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "img", "details", "summary", "svg", "g", "path", "rect", "text", "circle", "desc", "line"}  # fmt: skip
    assert {str(e.tag).split("}")[-1] for e in root.iter(etree.Element)} <= own
    assert root.xpath("//@*[starts-with(name(), 'on')]") == []
    images = root.xpath("//img/@src")
    assert len(images) == (0 if form == "html" else 1)
    assert all("evil" not in src for src in images)


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_liquid_and_front_matter_hold(text: str) -> None:
    raw = written("jekyll", made(text))
    _, front, body = raw.split("---\n", 2)
    document = yaml.safe_load(front)
    assert set(document) == {"layout", "title", "description", "date", "lang", "tags"}
    assert document["layout"] == "post"
    assert document["date"] == date(2025, 6, 30)
    assert not set("<>{}") & set(document["title"])
    own = LIQUID.findall(body)
    assert len(own) == 1
    assert not re.search(r"[{}]", body.replace(own[0], ""))


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_plain_addresses_are_not_links_that_a_reader_makes(text: str) -> None:
    body = re.sub(r"\]\(<[^>]*>\)", "", written("md", made(text)))
    assert not re.search(r"(?i)www\.|https?://|(?<!\\)@evil|(?<![\w\\]):smile:", body)


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_a_chart_is_one_image_without_markup_of_others(text: str) -> None:
    drawn = next(b for b in made(text).blocks if isinstance(b, Picture))
    root = etree.fromstring(drawn.svg.encode())
    assert root.xpath("//*[@class]") == []
    assert {etree.QName(e).localname for e in root.iter(etree.Element)} <= {"svg", "title", "desc", "g", "rect", "path", "text", "circle", "line"}  # fmt: skip


@pytest.mark.parametrize("form", shown.TEXTS)
def test_companies_of_one_name_are_told_apart(reports: Reports, form: Any) -> None:
    """Each has its own section, column and address for its answer."""
    alike = [
        reports.verdict(name, "2025-06-30", "en").model_copy(update={"report_error": f"https://canary.example/{number}"})
        for number, name in enumerate(("HMM", "삼부토건"))
    ]  # fmt: skip
    one = alike[0].company.model_copy(update={"name": "한이름"})
    other = alike[1].company.model_copy(update={"name": "한이름", "stock_code": None})
    verdicts = [v.model_copy(update={"company": c}) for v, c in zip(alike, (one, other), strict=True)]  # fmt: skip
    seen = shown.read(form, encode(comparison.content(verdicts, [[], []], with_forecast=False), form, "x").main)  # fmt: skip
    assert {v.report_error for v in verdicts} <= set(seen.links)
    names = ("한이름 (011200)", f"한이름 ({other.corp_code})")
    assert shown.missing(seen, names) == []
    if form != "pdf":
        assert all(seen.text.count(name) >= 3 for name in names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("삼부토건(주)", "삼부토건-주"), ("../../etc/passwd", "etc-passwd"), ("AT&T Corp.", "at-t-corp"), ("가" * 200, "가" * 48), ("///", "dart-1"), ("\u1100\u1161", "가")],
)  # fmt: skip
def test_a_file_is_named_by_letters_and_digits(name: str, expected: str) -> None:
    assert slug(name, "dart:1") == expected

"""Every kind of block in every place: what is carried over, and what is said of the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
import yaml
from lxml import etree, html
from markdown_it import MarkdownIt

from paycanary.posts.pictures import PictureError, safe_svg
from tests.posts.notebooks import everything, page

if TYPE_CHECKING:
    from pathlib import Path

    from paycanary.documents.posts import PostEntry, PostsReport
    from tests.posts.conftest import Make

NAME: Final = "면접-준비-노트-모든-블록"
CODE: Final = (
    'def f(x):\n    return "{{ page.title }} {% raw %} {{< figure >}}"  # ```` 안쪽 울타리'
)
GFM: Final = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def entry(report: PostsReport, title: str = "면접 준비 노트: 모든 블록") -> PostEntry:
    return next(post for post in report.posts if post.title == title)


def told(report: PostsReport) -> dict[str, list[str]]:
    """reason -> details, of the page with every kind of block."""
    found: dict[str, list[str]] = {}
    for note in entry(report).notes:
        found.setdefault(note.reason, []).append(note.detail)
    return found


def test_velog_reads_the_same_headings_tables_and_code(make: Make, tmp_path: Path) -> None:
    report = make("velog", site="https://velog.io/@someone")
    text = (tmp_path / "velog" / entry(report).file).read_text(encoding="utf-8")
    tokens = GFM.parse(text)
    headings = [(t.tag, tokens[n + 1].content) for n, t in enumerate(tokens) if t.type == "heading_open"]  # fmt: skip
    assert headings == [("h2", r"둘째 제목 \[괄호\]"), ("h3", "셋째 제목")]
    codes = [(t.info, t.content) for t in tokens if t.type == "fence"]
    assert codes == [
        ("python", 'print("목록 안의 코드")\n'),
        ("python", f"{CODE}\n"),
        ("", "```\n{{< 닫히지 않은\n"),
    ]
    shown = html.fromstring(GFM.render(text))
    rows = [[cell.text_content() for cell in row] for row in shown.iter("tr")]
    assert rows == [
        ["회사", "매출", "메모"],
        ["가나전자", "1,200억", "첫 줄  둘째 줄"],
        ["다라소프트", "", "a | b"],
    ]
    assert shown.find(".//details/summary").text_content() == "펼치는 제목"
    assert "숨은 내용" in shown.find(".//details").text_content()
    assert "연봉 3~5% 인상, 4~6시 면접, 가격은 $5 에서 $10 사이" in shown.text_content()
    assert [a.get("href") for a in shown.iter("a") if "다음 글" in a.text_content()] == [
        "https://velog.io/@someone/%EB%8B%A4%EC%9D%8C-%EA%B8%80"
    ]
    assert r"$$" + "\n" + r"\int_0^1 x_1^2 \, dx = \frac{1}{3}" in text
    assert "- [x] 자기소개 쓰기\n- [ ] 재무제표 읽기" in text
    assert "[^1]: 각주의 내용 *강조*" in text


@pytest.mark.parametrize("place", ["tistory", "naver"])
def test_html_holds_only_what_editors_keep(make: Make, tmp_path: Path, place: str) -> None:
    report = make(place)
    written = (tmp_path / place / entry(report).file).read_text(encoding="utf-8")
    shown = html.fromstring(written)
    elements = {element.tag for element in shown.iter() if isinstance(element.tag, str)}
    known = {"html", "head", "meta", "title", "body", "div", "p", "br", "hr", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "code", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "img", "a", "strong", "em", "s", "u", "sup"}  # fmt: skip
    assert elements <= known
    assert not [name for e in shown.iter() for name in e.attrib if name.startswith("on") or name == "style"]  # fmt: skip
    assert '<script>document.title = "ran"</script>' in shown.text_content()
    assert CODE in [pre.text_content() for pre in shown.iter("pre")]
    images = [image.get("src") for image in shown.iter("img")]
    assert len(images) == 2
    folder = (tmp_path / place / entry(report).file).parent
    names = {file.name for file in folder.iterdir()}
    assert len(names) == 4
    assert all(re.fullmatch(r"[0-9a-f]{10}-[\w-]+\.(png|svg|pdf)|post\.html", n) for n in names)


def test_tistory_keeps_toggles_and_links_to_posts(make: Make, tmp_path: Path) -> None:
    report = make("tistory", site="https://someone.tistory.com/")
    written = (tmp_path / "tistory" / entry(report).file).read_text(encoding="utf-8")
    assert "<summary>펼치는 <strong>제목</strong></summary>\n<p>숨은 내용</p>" in written
    assert 'href="https://someone.tistory.com/entry/%EB%8B%A4%EC%9D%8C-%EA%B8%80"' in written
    assert 'data-ke-language="python"' in written
    assert not re.search(r"<h1|<!doctype|<html", written)


def test_naver_opens_toggles_and_says_what_it_cannot_hold(make: Make, tmp_path: Path) -> None:
    report = make("naver")
    written = (tmp_path / "naver" / entry(report).file).read_text(encoding="utf-8")
    assert "<details" not in written
    assert "<th" not in written
    assert "<p><strong>펼치는 <strong>제목</strong></strong></p>\n<p>숨은 내용</p>" in written
    notes = told(report)
    assert notes["toggle_opened"] == ["펼치는 제목"]
    assert r"\int_0^1 x_1^2 \, dx = \frac{1}{3}" in notes["math_text"]
    assert len(notes["page_unaddressed"]) == 1
    assert [file.suffix for file in (tmp_path / "naver" / NAME).glob("*drawing*")] == [".png"]
    assert (tmp_path / "naver" / NAME).joinpath(
        next(f.name for f in (tmp_path / "naver" / NAME).glob("*drawing*"))
    ).read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("place", ["tistory", "velog", "jekyll", "hugo", "naver"])
def test_what_is_lost_is_told_with_its_line(make: Make, place: str) -> None:
    report = make(place)
    source = everything()[page("면접 준비 노트")]
    lines = str(source).split("\n")
    for note in entry(report).notes:
        if not note.place:
            assert note.reason == "upload"
            continue
        line = lines[int(note.place.removeprefix("line ")) - 1]
        if note.reason == "asset_missing":
            assert line.startswith("![gone]")
        elif note.reason == "html_shown":
            assert line.startswith("Hello")
        elif note.reason == "page_missing":
            assert "[없는 글]" in line
        elif note.reason == "toggle_opened":
            assert line == "<details>"
    assert {"asset_missing", "html_shown", "page_missing"} <= told(report).keys()
    assert report.counts == {"written": 3}


def test_svg_comes_without_its_script(make: Make, tmp_path: Path) -> None:
    make("tistory")
    (drawing,) = (tmp_path / "tistory" / NAME).glob("*drawing.svg")
    assert b"rect" in drawing.read_bytes()
    assert b"script" not in drawing.read_bytes()
    assert b"onload" not in drawing.read_bytes()


def test_a_drawing_with_names_of_its_own_for_words_stays_a_drawing() -> None:
    """Drawing programs write such names; what lies elsewhere is not fetched for one."""
    head = '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg"><!ENTITY word "가나"><!ENTITY away SYSTEM "file:///etc/hostname">]>'
    for text, expected in (("&word;다", "가나다"), ("&word;&away;다", "다")):
        raw = f'<?xml version="1.0"?>{head}<svg xmlns="&ns;"><text>{text}</text></svg>'
        root = etree.fromstring(safe_svg(raw.encode()))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "".join(root.itertext()) == expected
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE svg [<!ENTITY a0 "ha">{laughs}]><svg xmlns="http://www.w3.org/2000/svg"><text>&a8;</text></svg>'  # fmt: skip
    with pytest.raises(PictureError):
        safe_svg(bomb.encode())


@pytest.mark.parametrize(("place", "order"), [("jekyll", "order"), ("hugo", "weight")])
def test_front_matter_says_date_tags_series_and_order(make: Make, tmp_path: Path, place: str, order: str) -> None:  # fmt: skip
    report = make(place)
    assert [post.title for post in report.posts] == ["Reading Statements", "면접 준비 노트: 모든 블록", "다음 글"]  # fmt: skip
    text = (tmp_path / place / entry(report).file).read_text(encoding="utf-8")
    about = yaml.safe_load(text.split("---\n")[1])
    assert about["title"] == "면접 준비 노트: 모든 블록"
    assert str(about["date"]) == "2024-04-13"
    assert about["tags"] == ["면접", "회사 조사"]
    assert about["series"] == ["이직 일지"]
    assert about[order] == 2

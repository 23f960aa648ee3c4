"""Words keep their meaning on the way: whatever is written within a line is read back as the same words in the same styles."""

from __future__ import annotations

import html
import time
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from paycanary.posts.blocks import Heading, Paragraph, Run, Table, Target, plain
from paycanary.posts.dialects import Dialect, Hugo
from paycanary.posts.html import HtmlWriter
from paycanary.posts.inline import join, strip
from paycanary.posts.markdown import read_markdown
from paycanary.posts.markdown_out import MarkdownWriter
from paycanary.posts.places import Rendered

if TYPE_CHECKING:
    from paycanary.posts.blocks import Block

#: What other programs read Markdown with: the plain rules, Korean's emphasis not among them.
GFM = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
GFM_PLAIN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
STYLES = {"strong": "bold", "em": "italic", "del": "strike", "s": "strike", "u": "underline", "sub": "sub", "sup": "sup", "mark": "mark", "kbd": "kbd"}  # fmt: skip

ODD = ["**", "*", "_", "__", "~~", "~", "`", "``", "[", "](", ")", "![", "<b>", "<script>", "&amp;", "&#65;", "!", "--", "    ", "\t", "\\", "|", "#", "- ", "1. ", "1) ", "+ ", "> ", "---", "===", "$", "$$", "{{", "{%", "{:", "(괄호)", '"인용"', "가", "는", "a", " ", "\u3000", ".", ":", "^", "=", "~~~", "```", "https://a.b/c_d_e", "😀"]  # fmt: skip
texts = st.lists(st.sampled_from(ODD), min_size=1, max_size=6).map("".join)
styles = st.frozensets(
    st.sampled_from(["bold", "italic", "strike", "underline", "sup"]), max_size=3
)
runs = st.lists(
    st.one_of(
        st.builds(Run, texts, styles),
        st.builds(Run, texts, st.just(frozenset({"code"}))),
        st.builds(Run, texts, styles, st.just(Target("web", "https://example.com/x"))),
        st.just(Run("", kind="break")),
    ),
    min_size=1,
    max_size=5,
).map(lambda found: strip(join(found)))


class Seen(HTMLParser):
    """The words of a rendered piece, each character with its styles; spaces and line ends are one space."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.characters: list[tuple[str, frozenset[str]]] = []
        self.elements: set[str] = set()
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.elements.add(tag)
        if tag == "br":
            self.handle_data(" ")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag)]

    def handle_data(self, data: str) -> None:
        styles = frozenset(STYLES[tag] for tag in self.open if tag in STYLES)
        links = frozenset({"link"} if "a" in self.open else ())
        code = frozenset({"code"} if "code" in self.open else ())
        for char in data:
            if char.isspace():
                if self.characters and self.characters[-1][0] != " ":
                    self.characters.append((" ", frozenset()))
            else:
                self.characters.append((char, styles | links | code))


def wanted(written: list[Run]) -> list[tuple[str, frozenset[str]]]:
    """The same of the runs themselves, by way of the HTML that is written for Tistory."""
    block = Paragraph(written)
    return trimmed(Seen(HtmlWriter(Rendered({}, {}), is_simple=False).write([block])))


def trimmed(seen: Seen) -> list[tuple[str, frozenset[str]]]:
    found = list(seen.characters)
    while found and found[-1][0] == " ":
        found.pop()
    return found


def markdown(*blocks: Block) -> str:
    return MarkdownWriter(Dialect(), Rendered({}, {})).write(blocks)


@settings(max_examples=600, deadline=None)
@given(runs)
def test_what_is_written_as_markdown_reads_back_the_same(written: list[Run]) -> None:
    text = markdown(Paragraph(written))
    assert trimmed(Seen(GFM.render(text))) == wanted(written), text


@settings(max_examples=300, deadline=None)
@given(st.lists(runs, min_size=1, max_size=3))
def test_cells_of_tables_too(cells: list[list[Run]]) -> None:
    text = markdown(Table([[[Run("머리")]] * len(cells), cells]))
    body = GFM.render(text).partition("<tbody>")[2]
    shown = [trimmed(Seen(cell.partition(">")[2])) for cell in body.split("<td")[1:]]
    assert shown == [wanted(cell) for cell in cells], text


@settings(max_examples=300, deadline=None)
@given(runs, st.booleans())
def test_headings_too(written: list[Run], is_hugo: bool) -> None:  # noqa: FBT001 - drawn
    dialect = Hugo(has_html=True) if is_hugo else Dialect()
    text = MarkdownWriter(dialect, Rendered({}, {})).write([Heading(2, written)])
    assert trimmed(Seen(GFM.render(text))) == wanted(written), text


@settings(max_examples=300, deadline=None)
@given(runs)
def test_our_own_reader_reads_it_as_others_do(written: list[Run]) -> None:
    text = markdown(Paragraph(written))
    document = read_markdown(text, lambda href: Target("web", href))
    block = HtmlWriter(Rendered({}, {}), is_simple=False).write(document.blocks)
    assert trimmed(Seen(block)) == wanted(written), text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_no_text_of_a_page_becomes_an_element(text: str) -> None:
    document = read_markdown(f"{text}\n\n<b>{text}</b> [{text}]({text})", lambda _: None)
    written = HtmlWriter(Rendered({}, {}), is_simple=False).write(document.blocks)
    assert not Seen(written).elements & {"script", "style", "iframe", "object", "embed", "form", "link", "meta", "svg", "base"}  # fmt: skip
    assert " on" not in "".join(part for part in written.split("<")[1:] if "=" in part.partition(">")[0])  # fmt: skip


@pytest.mark.parametrize(
    ("source", "bold"),
    [
        ("**굵게(bold)**는 글", "굵게(bold)"),
        ("그는 **“인용”**이라고 했다", "“인용”"),
        ("**[대괄호]**와", "[대괄호]"),
        ("plain **bold** text", "bold"),
        ("a**b**c", "b"),
    ],
)
def test_emphasis_ends_before_a_korean_particle(source: str, bold: str) -> None:
    (block,) = read_markdown(source, lambda _: None).blocks
    assert isinstance(block, Paragraph)
    assert [run.text for run in block.runs if "bold" in run.styles] == [bold]
    assert f"<strong>{html.escape(bold, quote=False)}</strong>" in GFM.render(markdown(block))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([Run("a", frozenset({"bold", "italic"}))], "**_a_**"),
        ([Run("a "), Run("b", frozenset({"italic"})), Run("(c)", frozenset({"bold"})), Run("는")], "a _b_<strong>(c)</strong>는"),
        ([Run(" a ", frozenset({"bold"})), Run("b")], "**a** b"),
        ([Run("와!"), Run("글", link=Target("web", "https://example.com/"))], r"와\![글](https://example.com/)"),
    ],
)  # fmt: skip
def test_marks_are_written_where_others_read_them(words: list[Run], expected: str) -> None:
    assert markdown(Paragraph(words)) == expected


@settings(max_examples=300, deadline=None)
@given(runs)
def test_where_no_html_is_kept_the_words_are_whole(written: list[Run]) -> None:
    rendered = Rendered({}, {})
    text = MarkdownWriter(Hugo(), rendered).write([Paragraph(written)])
    shown = trimmed(Seen(GFM_PLAIN.render(text)))
    # What would be a shortcode is kept apart by a character that nobody sees.
    assert [char for char, _ in shown if char != "\u2060"] == [char for char, _ in wanted(written)], text  # fmt: skip
    if not rendered.notes:
        assert shown == wanted(written), text


@pytest.mark.parametrize("text", ["".join("    " * n + f"- {n}\n" for n in range(100)), ">" * 200 + " 끝", "- " * 200 + "끝"])  # fmt: skip
def test_what_lies_too_deep_is_told_and_never_lost_in_silence(text: str) -> None:
    document = read_markdown(text, lambda _: None)
    assert [(note.reason, note.place.split()[0]) for note in document.notes] == [("deep", "line")]
    assert HtmlWriter(Rendered({}, {}), is_simple=False).write(document.blocks)
    assert markdown(*document.blocks)


def test_thirty_levels_are_no_trouble() -> None:
    text = "".join("    " * n + f"- 단{n}\n" for n in range(30))
    document = read_markdown(text, lambda _: None)
    assert document.notes == []
    assert "- 단29" in markdown(*document.blocks)


@pytest.mark.parametrize(
    "text",
    [
        "[글 </a> 더](https://example.com/) 끝",
        "</b></a></i>글 더 끝",
        "<a href='https://example.com/'>글 [더](https://example.com/b)</a></a> 끝",
        "<a>글</a> 더 끝",
    ],
)
def test_elements_that_end_elsewhere_lose_no_words(text: str) -> None:
    (block,) = read_markdown(text, lambda href: Target("web", href)).blocks
    assert isinstance(block, Paragraph)
    assert plain(block.runs).split() == ["글", "더", "끝"]


@pytest.mark.parametrize(
    "text",
    [
        "[^1]: 첫째 *글*\n\n[^둘]: 둘째\n    이어짐\n",
        "글[^1]\n\n[^1]: 첫째 글\n\n[^없음]: 둘째 이어짐\n",
        "[^1]: 첫째 글\n\n```\n[^1]\n```\n\n둘째 이어짐",
    ],
)
def test_a_note_that_nothing_refers_to_is_kept(text: str) -> None:
    words = HtmlWriter(Rendered({}, {}), is_simple=False).write(
        read_markdown(text, lambda _: None).blocks
    )
    shown = "".join(char for char, _ in Seen(words).characters)
    for word in ("첫째 글", "둘째", "이어짐"):
        assert shown.count(word) == 1, words


@pytest.mark.parametrize("text", ["<details>\n<summary>" + "글\n" * 20_000 + "</details>", "[" * 20_000, "*a " * 20_000, "**a**b" * 10_000, "$a" * 20_000, "![a](" * 10_000, "~~a" * 20_000, "<a " * 20_000])  # fmt: skip
def test_hostile_lines_take_seconds_not_hours(text: str) -> None:
    began = time.process_time()
    markdown(*read_markdown(text, lambda _: None).blocks)
    assert time.process_time() - began < 15

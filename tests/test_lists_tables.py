"""Tables of public lists: what is read, what is never read, and that no bytes at all make the readers fall over."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycanary.sources.lists import moel, tax, tips
from paycanary.sources.lists.tables import (
    LayoutError,
    Page,
    has_legal_form,
    province,
    read_named,
    read_page,
)
from tests.standins import lists
from tests.standins.lists import PERSON, moel_row, tax_row

pytestmark = pytest.mark.quick

WANTED = {"Symbol": "종목코드", "Name": "종목명"}


def read(*rows: tuple[str, ...], **site: object) -> Page:
    made = lists.Site(**site)  # type: ignore[arg-type]
    return read_page(lists.page(made, rows, len(rows)), moel.LAYOUT)


def test_only_the_kept_columns_are_read() -> None:
    page = read(moel_row("2026년 1차", "가나전자 & 친구들", "경기도 수원시", "1,234"))
    assert page.rows == [
        {
            "round": "2026년 1차", "name": "가나전자 & 친구들", "industry": "건설업", "region": "경기도 수원시",
            "amount": "1,234", "unit": "원",
        }
    ]  # fmt: skip
    assert page.total == 1
    assert PERSON not in page.text


@pytest.mark.parametrize(
    "name",
    ["이름아님", " 이름 아님 ", "이름아님(가나식당)", "이름아님세무사사무소", "(주)이름아님"],
)
def test_a_row_whose_workplace_bears_the_persons_name_is_left_out(name: str) -> None:
    assert read(moel_row("2026년 1차", name, "경기도", "1")).rows == [{"left_out": "person"}]


def test_a_person_of_one_letter_does_not_empty_the_list() -> None:
    page = read(moel_row("2026년 1차", "가나전자", "경기도", "1", person="가"))
    assert page.rows[0]["name"] == "가나전자"


@pytest.mark.parametrize(
    ("before", "total"),
    [("<p>총 <b>1,606</b> 건</p>", 1606), ("<p>총 게시물 : 12개</p>", 12), ("<p>전체: 7</p>", 7), ("", None)],
)  # fmt: skip
def test_the_number_of_entries_is_read_in_several_wordings(before: str, total: int | None) -> None:
    assert read(moel_row("1", "가", "나", "1"), before=before, tells_total=False).total == total


@pytest.mark.parametrize(
    ("before", "head", "unit"),
    [("", "체불액(원)", "원"), ("(단위: 백만원)", "총 체불액", "백만원"), ("단위 : 천 원", "체불액", "천원"), ("", "체불액", None)],
)  # fmt: skip
def test_the_unit_is_what_the_page_states_or_none(before: str, head: str, unit: str | None) -> None:
    page = read(moel_row("1", "가나", "나", "1"), before=before, head=(*lists.MOEL_HEAD[:7], head))
    assert page.rows[0]["unit"] == unit


def test_a_list_without_entries_is_read_as_none() -> None:
    assert read().rows == []


def test_a_line_break_parts_words_and_emphasis_does_not() -> None:
    body = lists.page(lists.Site(), [moel_row("1", "가나전자", "경기도@수원시", "5")], 1)
    body = body.replace("경기도@수원시".encode(), "경기도<br>수원시".encode())
    body = body.replace("가나전자".encode(), "<em>가나</em>전자".encode())
    (row,) = read_page(body, moel.LAYOUT).rows
    assert (row["name"], row["region"]) == ("가나전자", "경기도 수원시")


def test_control_characters_are_passed_over() -> None:
    """Found by the fuzz test: the parser hands them on in texts that it then refuses to move."""
    body = RIGHT.replace(b"<p>", b"<p>\x1a\x00").replace(b"<caption>", b"<\x18\x06caption>")
    assert len(read_page(body, moel.LAYOUT).rows) == 2


def test_a_header_of_two_rows_and_a_leading_header_cell_are_understood() -> None:
    cells = "".join(f"<td>{cell}</td>" for cell in moel_row("x", "가나", "경기도", "5")[1:])
    heads = "".join(f"<th>{cell}</th>" for cell in lists.MOEL_HEAD)
    body = f"<table><tr><th colspan=8>명단</th></tr><tr>{heads}</tr><tr><th>2026년 1차</th>{cells}</tr></table>"
    (row,) = read_page(body.encode(), moel.LAYOUT).rows
    assert (row["round"], row["name"]) == ("2026년 1차", "가나")


@pytest.mark.parametrize("words", ["조회된 데이터가 없습니다.", "검색결과 없음", "조회된 결과값이 없습니다."])  # fmt: skip
def test_an_empty_download_says_so_in_one_cell(words: str) -> None:
    body = f"<table><tr><th>종목코드</th><th>종목명</th></tr><tr><td colspan=2>{words}</td></tr></table>"
    assert read_named(body.encode("cp949"), WANTED) == []


def test_named_columns_are_found_wherever_they_stand() -> None:
    body = "<table><tr><th>번호</th><th>종목명</th><th>대표자</th><th>종목 코드</th></tr><tr><td>1</td><td>가나</td><td>이름아님</td><td>990010</td></tr></table>"
    assert read_named(body.encode(), WANTED) == [{"Symbol": "990010", "Name": "가나"}]
    with pytest.raises(LayoutError, match="지정일"):
        read_named(body.encode(), {**WANTED, "Day": "지정일"})


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("경기도 수원시 영통구", "경기도"), ("경기 성남시", "경기도"), ("서울 중구", "서울특별시"), ("전라북도 전주시", "전북특별자치도"),
        ("전북특별자치도 군산시", "전북특별자치도"), ("충남 천안시", "충청남도"), ("강원도 춘천시", "강원특별자치도"),
        ("세종특별자치시 한누리대로", "세종특별자치시"), ("제주도 제주시", "제주특별자치도"), ("이름아님로 1", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_no_more_of_an_address_is_kept_than_its_province(
    address: str | None, region: str | None
) -> None:
    assert province(address) == region


@pytest.mark.parametrize(
    ("name", "is_corporate"),
    [("(주)가나", True), ("가나㈜", True), ("의료법인 다라", True), ("가나농업회사법인", True), ("가나", False), (None, False)],
)  # fmt: skip
def test_a_corporation_says_so_in_its_name(name: str | None, is_corporate: bool) -> None:  # noqa: FBT001
    assert has_legal_form(name) is is_corporate


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'{"code":200}', b'{"code":200,"data":[1],"total":1}', b'{"code":200,"data":[],"total":"x"}',
     b'{"code":500,"data":[],"total":0}', b'{"code":200,"data":[{"id":"1"}],"total":1}', b"[" * 100_000],
)  # fmt: skip
def test_an_answer_of_tips_that_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(LayoutError):
        tips.read_startups(body)


# --- any bytes at all ----------------------------------------------------------------------------

#: Pieces of which broken pages are made: tags, halves of tags, entities, cells, and a person's name.
PIECES = st.sampled_from([
    "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "</th>", "<thead>", "<tbody>", "<td colspan=99>", "<!--", "-->",
    "<![CDATA[", "]]>", "&amp;", "&#0;", "&#x110000;", "&bomb;", "<script>", "</script>", "<?xml version='1.0' encoding='euc-kr'?>", "\x00", "\ud7a3",
    "<table", "</", "조회된 데이터가 없습니다", "전체 12건", "총 99999999999건", "(단위: 백만원)", PERSON, *lists.MOEL_HEAD, "종목코드", "종목명", "<caption>",
    "<form>", "<select><option>", "<svg><td>", "<template>", "<plaintext>",
])  # fmt: skip
TEXTS = st.lists(PIECES, max_size=40).map("".join)
#: A right page with a few bytes changed, cut out or put in.
RIGHT = lists.page(
    lists.Site(), [moel_row("2026년 1차", "가나전자", "경기도", "1"), moel_row("2026년 1차", "나다", "서울", "2")], 2
)  # fmt: skip
EDITS = st.lists(st.tuples(st.integers(0, len(RIGHT)), st.integers(0, 30), st.binary(max_size=6)), max_size=5)  # fmt: skip
BODIES = st.one_of(st.binary(max_size=300), TEXTS.map(lambda t: t.encode("utf-8", "replace")), EDITS.map(lambda e: edited(RIGHT, e)))  # fmt: skip


def edited(body: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for start, length, put in edits:
        body = body[:start] + put + body[start + length :]
    return body


def check_readers(body: bytes) -> None:
    """A reader answers or says `LayoutError`; every row has the fields of its list, and no page text holds a table's cell."""
    for layout in (moel.LAYOUT, tax.LAYOUT):
        try:
            page = read_page(body, layout)
        except LayoutError:
            continue
        for row in page.rows:
            assert set(row) in ({"left_out"}, {*layout.kept, "unit"})
    try:
        for row in read_named(body, WANTED):
            assert set(row) == set(WANTED)
    except LayoutError:
        pass
    with contextlib.suppress(LayoutError):
        tips.read_startups(body)


@settings(max_examples=400, deadline=None)
@given(BODIES)
def test_no_bytes_make_a_reader_fall_over(body: bytes) -> None:
    check_readers(body)


def test_the_right_page_is_read_so_that_the_edits_above_mean_something() -> None:
    assert len(read_page(RIGHT, moel.LAYOUT).rows) == 2
    body = lists.page(
        lists.Site(head=lists.TAX_HEAD), [tax_row(1, "2025", "(주)가", "서울", "1")], 1
    )
    assert read_page(body, tax.LAYOUT).rows[0]["name"] == "(주)가"

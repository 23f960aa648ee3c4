"""DART's markup: what breaks XML readers costs nothing here, and no file can ask for more than its size."""

from __future__ import annotations

import time

import pytest

from paycanary.filings import dart_document
from paycanary.filings.dart_document.markup import Table, Text, decode, grid, parse
from tests.dart_documents import DAYS, caption, document, income, ours, read, table

pytestmark = pytest.mark.quick

ROWS = (["매출액", "1,000", "900"], ["영업이익", "100", "90"])
EXPECTED = {"revenue": [1000, 900], "operating_profit": [100, 90]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_bytes_are_trusted_and_not_the_declaration(encoding: str) -> None:
    """All of them say UTF-8 in their first line."""
    reading = read(income(*ROWS).encode(encoding))
    assert ours(reading) == EXPECTED
    assert reading.company_name == "가나다라 주식회사"


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_few_broken_bytes_cost_a_few_letters(encoding: str) -> None:
    raw = income(*ROWS).encode(encoding).replace(b"<BODY>", b"<BODY><P>\xff\xfe\x80</P>")
    assert ours(read(raw)) == EXPECTED
    assert "\ufffd" in decode(raw)


@pytest.mark.parametrize(
    "text",
    [
        "R&D 투자 & M&A", "100 < 200 > 50", "<당기말> 잔액", "<주석3>", "</당기>", "<1분기>", "&cr;", "&unknown;", "&#99999999;", "&#x0;", "& &; &&amp;", "<보수지급금액 5억원 이상>",
        "<P", "<TABLE", "]]>", "<![CDATA[ x ]]>", "<!-- a -- b -->", "<?xml?>",
    ],
)  # fmt: skip
def test_bare_characters_and_words_in_angles_are_text(text: str) -> None:
    body = (caption("손익계산서"), f"<P>{text}</P>")
    assert ours(read(document(f"<P>{text}</P>", body[0], table(*ROWS)))) == EXPECTED


def test_a_note_in_angles_does_not_swallow_the_rows_below() -> None:
    """As elements, «<주석3>» would hold every row that follows."""
    text = income(*ROWS).replace("매출액", "매출액 <주석3>").replace("영업이익", "영업이익<당기>")
    assert ours(read(text)) == {"revenue": [1000, 900]}
    assert [f.tag for f in read(text).facts][2:] == ["영업이익<당기>", "영업이익<당기>"]


@pytest.mark.parametrize(
    "tag", ["</TD>", "</TR>", "</P>", "</TBODY>", "</THEAD>", "</TH>", "</SPAN>"]
)
def test_tags_that_are_never_closed_cost_nothing(tag: str) -> None:
    assert ours(read(income(*ROWS).replace(tag, ""))) == EXPECTED


def test_a_table_that_is_never_closed_ends_with_its_section() -> None:
    text = document(
        caption("손익계산서"), table(*ROWS).replace("</TABLE>", ""), "<SECTION-1>",
        caption("재무상태표", DAYS), table(["자산총계", "3", "2"], ["부채총계", "1", "1"]), "</SECTION-1>",
    )  # fmt: skip
    assert ours(read(text)) == {**EXPECTED, "total_assets": [3, 2], "total_liabilities": [1, 1]}


def test_names_of_tags_may_be_small_and_attributes_may_hold_angles() -> None:
    text = income(*ROWS).replace("<TR>", "<tr a='1 > 0' b=\"x>y\">").replace("</TR>", "</tr>")
    assert ours(read(text)) == EXPECTED


def test_head_fields_are_read_even_where_they_are_not_closed() -> None:
    text = income(*ROWS).replace("</DOCUMENT-NAME>", "").replace("</COMPANY-NAME>", "")
    reading = read(text)
    assert (reading.title, reading.company_name, reading.company_number) == ("감사보고서", "가나다라 주식회사", "00000001")  # fmt: skip
    assert ours(reading) == EXPECTED


def test_what_a_document_extracts_for_itself_is_no_text() -> None:
    text = '<DOCUMENT><SUMMARY><EXTRACTION ACODE="X">숨은 값</EXTRACTION></SUMMARY><STYLE>p</STYLE><BODY><P>글</P></BODY></DOCUMENT>'
    assert [b.text for b in parse(text).blocks if isinstance(b, Text)] == ["글"]


def test_lines_are_counted_beyond_what_xml_readers_count() -> None:
    text = document("\n" * 70_000, caption("손익계산서"), table(*ROWS))
    fact = read(text).facts[0]
    assert (fact.place.line or 0) > 70_000
    assert "매출액" in text.split("\n")[(fact.place.line or 0) - 1]


def test_cells_stand_at_their_columns_under_spans() -> None:
    text = (
        '<TABLE><TR><TD ROWSPAN="2">가</TD><TD COLSPAN="2">나</TD></TR><TR><TD>다</TD><TD>라</TD></TR>'
        '<TR><TD COLSPAN="0">마</TD><TD COLSPAN="x">바</TD><TD ROWSPAN="99999">사</TD></TR></TABLE>'
    )
    (block,) = parse(text).blocks
    assert isinstance(block, Table)
    assert [[(c.text, own) for c, own in cells] for _, cells in grid(block)] == [
        [("가", True), ("나", True), ("나", False)],
        [("가", False), ("다", True), ("라", True)],
        [("마", True), ("바", True), ("사", True)],
    ]


# --- files that want to do harm ------------------------------------------------------------------

BOMB = '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    "declared", [BOMB, OUTSIDE, "<!DOCTYPE x SYSTEM 'http://x.invalid/x.dtd'>"]
)
def test_declared_entities_are_never_expanded_nor_fetched(declared: str) -> None:
    text = income(*ROWS).replace("<DOCUMENT ", f"{declared}\n<DOCUMENT ", 1)
    text = text.replace("<BODY>", "<BODY><P>&b;&xxe;</P>")
    assert ours(read(text)) == EXPECTED
    assert any("&b;&xxe;" in b.text for b in parse(text).blocks if isinstance(b, Text))


SIZE = 100_000


@pytest.mark.parametrize(
    "text",
    [
        "<DOCUMENT>" + "<TABLE><TR><TD>" * (SIZE // 15),
        "<DOCUMENT>" + "<!--" * (SIZE // 4),
        "<DOCUMENT>" + "<!DOCTYPE [" * (SIZE // 11),
        "<DOCUMENT>" + "<P a='" * (SIZE // 6),
        "<DOCUMENT><P>" + "&" * SIZE,
        "<DOCUMENT><P>" + "제 1 기 2025.01.01 " * (SIZE // 16),
        "<DOCUMENT><P>감사의견</P><P>" + "우리는 " * (SIZE // 4) + "(이하",
        "<DOCUMENT><P>감사의견</P><P>" + "계속기업 불확실성 " * (SIZE // 9),
        "<DOCUMENT><P>감사의견</P>" + "<P>가 회계법인</P>" * (SIZE // 12),
        "<DOCUMENT><P>손익계산서</P><TABLE>" + '<TR><TD COLSPAN="9999" ROWSPAN="9999">매출액</TD><TD>1</TD>' * (SIZE // 60),
        "<DOCUMENT><P>손익계산서</P><TABLE><TR><TD>매출액</TD><TD>" + "9" * SIZE,
        "<DOCUMENT><P>손익계산서</P><TABLE><TR><TD>" + "(주석" * (SIZE // 3) + "</TD><TD>1</TD>",
        "<DOCUMENT>" + "<P>손익계산서</P><TABLE><TR><TD>매출액</TD><TD>1</TD></TR></TABLE>" * (SIZE // 70),
        "<DOCUMENT>" + "<TITLE>재무제표" + "재무제표" * (SIZE // 4),
    ],
    ids=range(14),
)  # fmt: skip
def test_no_file_takes_more_time_than_its_size_allows(text: str) -> None:
    started = time.process_time()
    dart_document.read(text.encode(), "a.xml")
    assert time.process_time() - started < 4

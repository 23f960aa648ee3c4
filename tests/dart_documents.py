"""DART documents for tests, built as DART builds them. Companies and figures are made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from paycanary.filings import dart_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from paycanary.filings.reading import DocumentFact, Reading

TERMS = ("제 10(당)기", "제 9(전)기")
YEARS = (
    "제 10(당)기 2025년 1월 1일부터 2025년 12월 31일까지",
    "제 9(전)기 2024년 1월 1일부터 2024년 12월 31일까지",
)
DAYS = ("제 10(당)기 2025년 12월 31일 현재", "제 9(전)기 2024년 12월 31일 현재")


def document(*blocks: str, name: str = "감사보고서", code: str = "00760") -> str:
    """A document of an unlisted company."""
    return "\n".join(
        (
            '<?xml version="1.0" encoding="utf-8"?>',
            '<DOCUMENT xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="dart4.xsd">',
            f'<DOCUMENT-NAME ACODE="{code}">{name}</DOCUMENT-NAME>',
            '<COMPANY-NAME AREGCIK="00000001">가나다라 주식회사</COMPANY-NAME>',
            "<BODY>",
            *blocks,
            "</BODY>",
            "</DOCUMENT>",
        )
    )


def caption(
    title: str, terms: Sequence[str] = YEARS, unit: str = "(단위 : 원)", tag: str = "TITLE"
) -> str:
    """A statement's title, its terms and its unit, in the table that stands above the figures."""
    rows = "".join(f'<TR><TD COLSPAN="2">{term}</TD></TR>' for term in terms)
    return (
        f'<{tag}>{title}</{tag}>\n<TABLE ACLASS="EXTRACTION" BORDER="0"><TBODY>{rows}'
        f'<TR><TD>회사명 : 가나다라 주식회사</TD><TU ALIGN="RIGHT">{unit}</TU></TR></TBODY></TABLE>'
    )


def table(
    *rows: Sequence[str], heads: Sequence[str] = ("과 목", *TERMS), span: int = 1, tag: str = "TD"
) -> str:
    """Figures: each row is a label and its cells; ``span`` columns to a head."""
    top = "".join(
        f'<TH COLSPAN="{span if number else 1}">{head}</TH>' for number, head in enumerate(heads)
    )
    body = "\n".join(
        "<TR>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</TR>" for row in rows
    )
    return f'<TABLE ACLASS="FINANCE" BORDER="1"><THEAD><TR>{top}</TR></THEAD><TBODY>\n{body}\n</TBODY></TABLE>'


def income(*rows: Sequence[str], **options: Any) -> str:
    """A document of one income statement."""
    unit = options.pop("unit", "(단위 : 원)")
    return document(caption("손 익 계 산 서", unit=unit), table(*rows, **options))


def read(text: str | bytes, member: str = "a.xml") -> Reading:
    return dart_document.read(text if isinstance(text, bytes) else text.encode(), member)


def values(reading: Reading, *, concept: str | None = None) -> dict[str, list[Decimal | None]]:
    """Values by label, or by concept, in the document's order."""
    found: dict[str, list[Decimal | None]] = {}
    for fact in reading.facts:
        if concept is None:
            found.setdefault(fact.tag, []).append(fact.value)
        elif fact.concept == concept:
            found.setdefault(concept, []).append(fact.value)
    return found


def ours(reading: Reading) -> dict[str, list[int]]:
    """Values by concept, newest column first."""
    found: dict[str, list[int]] = {}
    for fact in reading.facts:
        if fact.concept is not None and fact.value is not None:
            found.setdefault(fact.concept, []).append(int(fact.value))
    return found


def only(reading: Reading, tag: str) -> DocumentFact:
    """The one fact of a label's first column."""
    return next(fact for fact in reading.facts if fact.tag == tag)


def reasons(reading: Reading) -> list[str]:
    return [fault.reason for fault in reading.faults]


def from_markdown(name: str, sections: Sequence[tuple[str, str]]) -> str:
    """A report whose sections were saved as Markdown tables, as a DART document again.

    Markdown knows no spans: heads that stood over two columns have an empty cell beside them, and the row of
    «3개월 | 누적» below them has lost the cell that the label's head reached down into.
    """
    parts = []
    for title, content in sections:
        parts.append(f'<TITLE ATOC="Y">{escape(title)}</TITLE>')
        parts += [_block(block) for block in _blocks(content)]
    return document(*parts, name=name, code="11011")


def _blocks(content: str) -> list[list[str]]:
    """Lines that belong together: a table's, or one line of text. A ``---`` line stands below a table's first row."""
    blocks: list[list[str]] = []
    for line in content.split("\n"):
        if not line.startswith("|"):
            blocks.append([line])
        elif set(line) <= set("|- "):
            first = blocks[-1].pop()
            if not blocks[-1]:
                blocks.pop()
            blocks.append([first])
        elif blocks and blocks[-1][0].startswith("|"):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _block(lines: list[str]) -> str:
    if not lines[0].startswith("|"):
        return f"<P>{escape(lines[0])}</P>"
    rows = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in lines]
    if len(rows) > 1 and rows[1][0] in ("3개월", "누적"):
        top = ""
        for at, cell in enumerate(rows[0]):
            if at and not cell:
                continue
            is_wide = at and rows[0][at + 1 : at + 2] == [""]
            span = 'COLSPAN="2"' if is_wide else 'ROWSPAN="2"'
            top += f"<TH {span}>{escape(cell)}</TH>"
        below = "".join(f"<TH>{escape(cell)}</TH>" for cell in rows[1] if cell)
        head = f"<TR>{top}</TR><TR>{below}</TR>"
        rows = rows[2:]
    else:
        head = ""
    body = "".join("<TR>" + "".join(f"<TD>{escape(c)}</TD>" for c in row) + "</TR>" for row in rows)
    return f"<TABLE>{head and f'<THEAD>{head}</THEAD>'}<TBODY>{body}</TBODY></TABLE>"


#: Documents to mangle: an income statement, a balance sheet in CP949, an auditor's report.
SEEDS = [
    income(["Ⅰ.매출액", "", "1,000", "", "900"], ["Ⅴ. 영업손실", "", "(20)", "", "30"], ["Ⅹ.당기순손실(주석3)", "5", "", "7", ""], span=2).encode(),
    document(
        caption("재 무 상 태 표", DAYS, "(단위 : 천원)"), table(["자산총계", "1,000", "900"], ["부채총계", "600", "500"], ["자본총계", "400", "400"]),
        "<TITLE>주석</TITLE><P>1. 일반사항</P>",
    ).encode("cp949"),
    document(
        "<P>감사의견</P><P>우리는 가나다라 주식회사(이하 '회사')의 2025년 12월 31일 현재의 재무제표를 감사하였습니다. 우리의 의견으로는 재무제표는 일반기업회계기준에 따라 "
        "공정하게 표시하고 있습니다.</P><P>계속기업 관련 중요한 불확실성</P><P>존속능력에 유의적 의문을 제기합니다.</P><TABLE><TR><TD>마바회계법인</TD></TR><TR><TD>2026년 3월 10일</TD></TR></TABLE>"
    ).encode(),
]  # fmt: skip
#: An answer of OpenDART's fnlttSinglAcnt.
ANSWER = (
    b'{"status":"000","message":"x","list":[{"rcept_no":"20260401000123","reprt_code":"11011","corp_code":"00000001","fs_div":"CFS","sj_div":"IS",'
    b'"account_nm":"\xeb\xa7\xa4\xec\xb6\x9c\xec\x95\xa1","thstrm_dt":"2025.01.01 ~ 2025.12.31","thstrm_amount":"1,000","thstrm_add_amount":"",'
    b'"frmtrm_dt":"2024.01.01 ~ 2024.12.31","frmtrm_amount":"-900","currency":"KRW"}]}'
)

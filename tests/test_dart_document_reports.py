"""Whole reports in the two forms that companies which are not listed file, as DART's editor writes them."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dart_documents import document, ours, read, table

pytestmark = pytest.mark.quick


def test_a_report_in_the_form_of_the_general_standard() -> None:
    """일반기업회계기준: TITLE in a TABLE-GROUP, cells with ADELIM, two columns a period, unit as an attribute too."""
    cover = "".join(
        f"<TR><TD>{text}</TD></TR>"
        for text in ("제 10 기", "2025년 01월 01일 부터", "2025년 12월 31일 까지", "제 9 기", "2024년 01월 01일 부터", "2024년 12월 31일 까지")
    )  # fmt: skip

    def statement(title: str, *rows: list[str]) -> str:
        head = (
            f'<TITLE ATOC="Y">{title}</TITLE><TABLE ACLASS="EXTRACTION"><TR><TD COLSPAN="2">제 10(당)기</TD></TR><TR><TD COLSPAN="2">제 9(전)기</TD></TR>'
            '<TR><TD>가나다라 주식회사</TD><TU AUNIT="WON" AUNITVALUE="1">(단위 : 원)</TU></TR></TABLE>'
        )
        return f"<TABLE-GROUP>{head}{table(*rows, span=2, tag='TE')}</TABLE-GROUP>"

    reading = read(
        document(
            f"<COVER><TABLE>{cover}</TABLE></COVER>",
            '<TITLE ATOC="Y">(첨부)재 무 제 표</TITLE>',
            statement(
                "재 무 상 태 표",
                ["자산", "", "", "", ""], ["Ⅰ.유동자산", "", "5,250", "", "4,548"], ["(1)당좌자산", "", "4,230", "", "3,548"],
                ["현금및현금성자산(주석3)", "1,250", "", "980", ""], ["대손충당금", "(24)", "4,000", "(21)", "3,000"],
                ["자      산      총      계", "", "9,481=====", "", "8,782====="], ["Ⅰ.유동부채", "", "2,287", "", "2,368"],
                ["단기차입금(주석7)", "800", "", "1,000", ""], ["부채총계", "", "3,397", "", "3,478"], ["Ⅰ.자본금(주석8)", "", "1,000", "", "1,000"],
                ["Ⅲ.결손금", "", "4,584", "", "3,804"], ["자본총계", "", "6,084", "", "5,304"], ["부채와자본총계", "", "9,481", "", "8,782"],
            ),
            statement(
                "손 익 계 산 서",
                ["Ⅰ.매출액", "", "18,500", "", "16,800"], ["Ⅱ.매출원가", "", "18,060", "", "12,900"], ["Ⅲ.매출총이익", "", "440", "", "3,900"],
                ["Ⅳ.판매비와관리비", "", "3,320", "", "3,050"], ["Ⅴ.영업손실", "", "2,880", "", "(850)"], ["이자비용", "98", "", "112", ""],
            ),
            statement(
                "현 금 흐 름 표",
                ["Ⅰ.영업활동으로인한현금흐름", "", "(870)", "", "620"], ["1.당기순이익", "880", "", "640", ""],
                ["Ⅱ.투자활동으로인한현금흐름(Ⅱ)", "", "△300", "", "(250)"], ["Ⅲ.재무활동으로부터의 현금흐름", "", "-", "", "(90)"],
            ),
        )
    )  # fmt: skip
    assert ours(reading) == {
        "current_assets": [5250, 4548], "cash": [1250, 980], "total_assets": [9481, 8782], "current_liabilities": [2287, 2368],
        "short_term_borrowings": [800, 1000], "total_liabilities": [3397, 3478], "share_capital": [1000, 1000],
        "retained_earnings": [-4584, -3804], "equity": [6084, 5304], "revenue": [18_500, 16_800], "gross_profit": [440, 3900],
        "operating_profit": [-2880, 850], "interest_expense": [98, 112], "operating_cash_flow": [-870, 620],
        "investing_cash_flow": [-300, -250], "financing_cash_flow": [-90],
    }  # fmt: skip
    assert {f.start for f in reading.facts if f.concept == "revenue"} == {date(2025, 1, 1), date(2024, 1, 1)}  # fmt: skip
    assert {f.end for f in reading.facts} == {date(2025, 12, 31), date(2024, 12, 31)}
    assert [fault.detail for fault in reading.faults] == ["-24 | 4000", "-21 | 3000"]


def test_a_report_in_the_form_of_k_ifrs() -> None:
    """Titles in paragraphs, a column of notes that nothing names, the heading in the table's first row."""

    def statement(title: str, terms: tuple[str, str], *rows: list[str]) -> str:
        body = "".join(
            "<TR>" + "".join(f"<TD>{cell}</TD>" for cell in row) + "</TR>"
            for row in (["과 목", "", "제6기 기말", "제5기 기말"], *rows)
        )
        paragraphs = "".join(
            f"<P>{text}</P>" for text in (title, *terms, "가나다라 주식회사 (단위: 천원)")
        )
        return f"{paragraphs}<TABLE BORDER='1'><TBODY>{body}</TBODY></TABLE><P>별첨 주석은 본 재무제표의 일부입니다.</P><PGBRK></PGBRK>"

    reading = read(
        document(
            '<TITLE ATOC="Y">(첨부)연 결 재 무 제 표</TITLE>',
            statement(
                "연 결 재 무 상 태 표", ("제 6 기  2025년 12월 31일 현재", "제 5 기  2024년 12월 31일 현재"),
                ["자 산", "", "", ""], ["I. 유동자산", "4,5,29", "500", "400"], ["현금및현금성자산", "6", "50", "40"],
                ["자 산 총 계", "", "900", "800"], ["부 채 총 계", "", "700", "700"], ["자 본 총 계", "", "200", "100"],
            ),
            statement(
                "연 결 포 괄 손 익 계 산 서",
                ("제 6 기  2025년 1월 1일부터 2025년 12월 31일까지", "제 5 기  2024년 1월 1일부터 2024년 12월 31일까지"),
                ["I. 매출", "3,21", "1,000", "900"], ["II. 매출원가", "22", "(1,100)", "(700)"], ["III. 매출총손실", "", "(100)", "200"],
                ["판매비와관리비", "23", "(50)", "(150)"], ["IV. 영업손실", "", "(150)", "50"], ["금융비용", "24", "(10)", "(5)"],
                ["연결당기순손실", "", "(160)", "45"],
            ),
        )
    )  # fmt: skip
    assert ours(reading) == {
        "current_assets": [500_000, 400_000], "cash": [50_000, 40_000], "total_assets": [900_000, 800_000],
        "total_liabilities": [700_000, 700_000], "equity": [200_000, 100_000], "revenue": [1_000_000, 900_000],
        "gross_profit": [-100_000, 200_000], "operating_profit": [-150_000, 50_000], "finance_costs": [10_000, 5000],
        "net_income": [-160_000, 45_000],
    }  # fmt: skip
    assert {f.basis for f in reading.facts} == {"CFS"}
    assert not reading.faults

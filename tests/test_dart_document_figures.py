"""Statements of DART documents: which figure is of which row, period, unit and sign, in the forms that filings take."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.dart_documents import (
    DAYS,
    YEARS,
    caption,
    document,
    income,
    only,
    ours,
    read,
    reasons,
    table,
)

pytestmark = pytest.mark.quick

# --- where a row's figure stands -----------------------------------------------------------------


def test_a_detail_stands_left_and_a_total_right_of_the_two_columns_of_a_period() -> None:
    reading = read(
        income(
            ["Ⅰ.매출액", "", "1,000", "", "900"],
            ["1.제품매출", "1,000", "", "900", ""],
            ["Ⅱ.영업이익", "", "100", "", "90"],
            span=2,
        )
    )
    assert ours(reading) == {"revenue": [1000, 900], "operating_profit": [100, 90]}
    assert only(reading, "제품매출").value == 1000
    assert not reading.faults


def test_two_different_amounts_in_one_period_are_none() -> None:
    reading = read(
        income(["매출액", "1", "1,000", "", "900"], ["영업이익", "", "5", "", "4"], span=2)
    )
    assert ours(reading)["revenue"] == [900]
    assert reasons(reading) == ["two_amounts"]


def test_a_column_of_note_numbers_holds_no_figures() -> None:
    reading = read(
        income(
            ["매출액", "4", "1,000", "900"],
            ["영업이익", "5,6", "100", "90"],
            ["당기순이익", "29", "10", "9"],
            heads=("과 목", "주석", "제 10(당)기", "제 9(전)기"),
        )
    )
    assert ours(reading) == {
        "revenue": [1000, 900], "operating_profit": [100, 90], "net_income": [10, 9],
    }  # fmt: skip
    assert not reading.faults


def test_a_dash_and_a_blank_are_no_figure_and_a_zero_is_one() -> None:
    reading = read(
        income(["매출액", "-", "0"], ["영업이익", " ", "1"], ["이자비용", "－", "( - )"])
    )
    assert ours(reading) == {"revenue": [0], "operating_profit": [1]}
    assert not reading.faults


def test_a_word_where_a_figure_should_be_costs_that_figure_only() -> None:
    reading = read(income(["매출액", "별첨 참조", "900"], ["영업이익", "100", "90"]))
    assert ours(reading) == {"revenue": [900], "operating_profit": [100, 90]}
    assert reasons(reading) == ["bad_number"]
    assert reading.faults[0].detail == "별첨 참조"
    assert reading.faults[0].place.path == "손익계산서 > 매출액 > 제 10(당)기"


def test_every_figure_has_its_place() -> None:
    text = income(["매출액", "1,000", "900"], ["영업이익(주석 3)", "100", "90"])
    reading = read(text, "20260401000001.xml")
    fact = next(f for f in reading.facts if f.concept == "operating_profit")
    assert fact.place.file == "20260401000001.xml"
    assert "영업이익" in text.split("\n")[(fact.place.line or 0) - 1]
    assert fact.place.path == "손익계산서 > 영업이익(주석 3) > 제 10(당)기"
    assert (fact.tag, fact.basis, fact.unit, fact.decimals) == ("영업이익", "OFS", "KRW", "0")


@pytest.mark.parametrize(
    "label",
    [
        "매출액", "Ⅰ.매출액", "Ⅰ. 매  출  액", "I. 매출액(주석2)", "l.매출액", "1. 매출액 <주석10과 13>", "매출액 (주2,\n3)", "(1) 매출액", "가. 매출액",
        "매　출　액", "∥.매출액", "매출액(Note 4)", "수익(매출액)", "Ⅰ.영업수익", "매\n출액",
    ],
)  # fmt: skip
def test_numbering_notes_and_blanks_do_not_hide_a_row(label: str) -> None:
    assert ours(read(income([label, "1,000", "900"], ["영업이익", "1", "2"])))["revenue"] == [
        1000,
        900,
    ]


@pytest.mark.parametrize(
    "label",
    ["매출원가", "매출채권", "기타매출액", "당기순이익의 귀속", "당기순이익(손실)의 귀속", "지배기업소유주지분순이익", "총포괄손익", "계속영업이익"],
)  # fmt: skip
def test_a_row_that_only_sounds_alike_is_no_concept(label: str) -> None:
    reading = read(income([label, "1,000", "900"], ["영업이익", "1", "2"]))
    assert set(ours(reading)) == {"operating_profit"}
    assert [f.value for f in reading.facts if f.concept is None] == [1000, 900]


def test_a_name_that_comes_again_below_is_no_second_figure_of_the_concept() -> None:
    reading = read(
        document(
            caption("재무상태표", DAYS),
            table(
                ["유동자산", "", ""], ["현금및현금성자산", "5", "4"], ["유동자산합계", "50", "40"],
                ["자산총계", "50", "40"], ["부채총계", "20", "20"], ["이익잉여금", "30", "20"],
                ["미처분이익잉여금", "25", "15"], ["자본총계", "30", "20"],
            ),
        )
    )  # fmt: skip
    assert ours(reading) == {
        "cash": [5, 4], "current_assets": [50, 40], "total_assets": [50, 40], "total_liabilities": [20, 20],
        "retained_earnings": [30, 20], "equity": [30, 20],
    }  # fmt: skip


# --- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "expected", "currency", "decimals"),
    [
        ("(단위 : 원)", 1234, "KRW", "0"), ("(단위:천원)", 1_234_000, "KRW", "-3"), ("[단위 : 백만원]", 1_234_000_000, "KRW", "-6"),
        ("( 단 위 : 원 )", 1234, "KRW", "0"), ("(단위 : 원, 주)", 1234, "KRW", "0"), ("(단위：억원)", 123_400_000_000, "KRW", "-8"),
        ("(단위 : USD)", 1234, "USD", "0"), ("(단위 : 천USD)", 1_234_000, "USD", "-3"), ("(단위 : 천달러)", 1_234_000, "USD", "-3"),
        ("(단위 : 백만엔)", 1_234_000_000, "JPY", "-6"),
    ],
)  # fmt: skip
def test_figures_are_in_the_unit_of_the_caption(
    unit: str, expected: int, currency: str, decimals: str
) -> None:
    fact = only(read(income(["매출액", "1,234", "5"], ["영업이익", "1", "2"], unit=unit)), "매출액")
    assert (fact.value, fact.unit, fact.decimals) == (expected, currency, decimals)


@pytest.mark.parametrize("unit", ["", "(단위 : )", "(단위 : 명)", "(단위 : 천원, USD)"])
def test_without_a_clear_unit_no_figure_is_given(unit: str) -> None:
    reading = read(income(["매출액", "1,234", "5"], ["영업이익", "1", "2"], unit=unit))
    assert not reading.facts
    assert set(reasons(reading)) == {"unknown_unit"}


def test_a_column_may_state_its_own_unit() -> None:
    reading = read(
        income(
            ["매출액", "12", "5"],
            ["영업이익", "1", "2"],
            unit="",
            heads=("과목", "제 10(당)기 (백만원)", "제 9(전)기 (천원)"),
        )
    )
    assert ours(reading)["revenue"] == [12_000_000, 5000]


def test_an_amount_a_share_is_never_scaled_by_the_unit_of_the_table() -> None:
    rows = (
        ["매출액", "1,000", "900"], ["영업이익", "1", "2"], ["기본주당이익", "8,766원", "17,773원"],
        ["희석주당이익(단위 : 원)", "8,000", "9,000"], ["주당순이익", "7,000", "6,000"],
    )  # fmt: skip
    reading = read(income(*rows, unit="(단위 : 백만원)"))
    basic, diluted = only(reading, "기본주당이익"), only(reading, "희석주당이익")
    assert (basic.value, basic.unit) == (8766, "KRW/shares")
    assert (diluted.value, diluted.unit) == (8000, "KRW/shares")
    assert reasons(reading) == ["unknown_unit", "unknown_unit"]
    assert only(read(income(*rows)), "주당순이익").value == 7000


# --- periods -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "heads"),
    [
        (YEARS, ("과목", "제10(당)기", "제9(전)기")),
        (YEARS, ("과목", "당기", "전기")),
        (YEARS, ("과목", "제\n 10(\n당\n) \n기", "제 9 ( 전 ) 기")),
        (YEARS, ("과목", "2025년", "2024년")),
        (YEARS, ("과목", "2025.12.31", "2024.12.31")),
        (YEARS, ("과목", "2025", "2024")),
        (("당기 2025.01.01 부터 2025.12.31 까지", "전기 2024.01.01 부터 2024.12.31 까지"), ("과목", "당 기", "전 기")),
        (("제 10 기 : 2025-01-01 ~ 2025-12-31", "제 9 기 : 2024-01-01 ~ 2024-12-31"), ("과목", "제 10 기", "제 9 기")),
        (("제10기 2025년1월1일부터 2025년12월31일까지", "제9기 2024년1월1일부터 2024년12월31일까지"), ("과목", "금액", "금액 ")),
        (YEARS, ("과목", "제 10(당) 기", "제 9(당) 기")),
    ],
)  # fmt: skip
def test_the_head_of_a_column_says_its_period(
    terms: tuple[str, ...], heads: tuple[str, ...]
) -> None:
    text = document(
        caption("손익계산서", terms),
        table(["매출액", "10", "9"], ["영업이익", "2", "1"], heads=heads),
    )
    found = [(f.value, f.start, f.end) for f in read(text).facts if f.concept == "revenue"]
    assert found == [
        (10, date(2025, 1, 1), date(2025, 12, 31)),
        (9, date(2024, 1, 1), date(2024, 12, 31)),
    ]


def test_a_heading_of_bare_years_in_the_body_is_no_row() -> None:
    body = "".join(
        "<TR>" + "".join(f"<TD>{cell}</TD>" for cell in row) + "</TR>"
        for row in (["구 분", "2025", "2024"], ["매출액", "10", "9"], ["영업이익", "2", "1"])
    )
    reading = read(document(caption("손익계산서"), f"<TABLE>{body}</TABLE>"))
    assert ours(reading) == {"revenue": [10, 9], "operating_profit": [2, 1]}
    assert len(reading.facts) == 4


def test_a_cover_that_names_the_same_terms_does_not_disturb_columns_without_a_heading() -> None:
    text = document(
        f"<COVER><TABLE><TR><TD>제 10 기</TD></TR><TR><TD>{YEARS[0][9:]}</TD></TR></TABLE></COVER>",
        caption("손익계산서"),
        table(["매출액", "10", "9"], ["영업이익", "2", "1"], heads=("과목", "금액", "금액 ")),
    )
    assert ours(read(text))["revenue"] == [10, 9]


def test_a_statement_whose_columns_nothing_names_says_so() -> None:
    rows = (["매출액", "10", "9", "8"], ["영업이익", "2", "1", "0"])
    reading = read(document(caption("손익계산서"), table(*rows, heads=("과목", "가", "나", "다"))))
    assert not reading.facts
    assert [(f.reason, f.detail) for f in reading.faults] == [("unknown_period", "손익계산서")]


def test_an_older_period_that_stands_first_keeps_its_days() -> None:
    heads = ("과목", "제 9(전)기", "제 10(당)기")
    reading = read(income(["매출액", "9", "10"], ["영업이익", "1", "2"], heads=heads))
    assert [(int(f.value or 0), str(f.end)) for f in reading.facts if f.concept == "revenue"] == [
        (9, "2024-12-31"),
        (10, "2025-12-31"),
    ]


def test_a_balance_has_a_day_and_no_beginning() -> None:
    text = document(
        caption("재 무 상 태 표", DAYS), table(["자산총계", "3", "2"], ["부채총계", "1", "1"])
    )
    assert {(f.start, f.end) for f in read(text).facts} == {
        (None, date(2025, 12, 31)),
        (None, date(2024, 12, 31)),
    }


def test_a_balance_sheet_that_names_terms_only_takes_their_days_from_another_caption() -> None:
    text = document(
        "<COVER><P>제 10 기</P><P>제 10(당)기 2025년 01월 01일 부터 2025년 12월 31일 까지</P></COVER>",
        caption("재무상태표", ("제 10(당)기말", "제 9(전)기말")),
        table(["자산총계", "3", "2"], ["부채총계", "1", "1"]),
    )
    found = {f.value: f.end for f in read(text).facts if f.concept == "total_assets"}
    assert found == {Decimal(3): date(2025, 12, 31), Decimal(2): date(2024, 12, 31)}


def test_days_of_other_captions_do_not_contradict_each_other() -> None:
    text = document(
        caption("손익계산서"), table(["매출액", "10", "9"], ["영업이익", "2", "1"]),
        caption("재무상태표", DAYS), table(["자산총계", "3", "2"], ["부채총계", "1", "1"]),
        caption("현금흐름표", ("제 10(당)기", "제 9(전)기")), table(["영업활동현금흐름", "5", "4"], ["유상증자", "1", "-"]),
    )  # fmt: skip
    found = [(f.start, f.end) for f in read(text).facts if f.concept == "operating_cash_flow"]
    assert found == [(date(y, 1, 1), date(y, 12, 31)) for y in (2025, 2024)]


def test_the_day_before_this_term_began_is_the_last_day_of_the_one_before() -> None:
    terms = ("제 10(당)기 2025년 4월 1일부터 2026년 3월 31일까지",)
    text = document(
        caption("재무상태표", terms), table(["자산총계", "3", "2"], ["부채총계", "1", "1"])
    )
    assert [f.end for f in read(text).facts][:2] == [date(2026, 3, 31), date(2025, 3, 31)]


def test_a_period_that_nothing_names_gives_no_figure() -> None:
    text = document(caption("손익계산서", ()), table(["매출액", "10", "9"], ["영업이익", "2", "1"]))
    reading = read(text)
    assert not reading.facts
    assert set(reasons(reading)) == {"unknown_period"}


def test_an_interim_statement_holds_the_quarter_and_the_year_to_date() -> None:
    head = (
        '<TABLE><THEAD><TR><TH ROWSPAN="2">과목</TH><TH COLSPAN="2">제 10 기 3분기</TH><TH COLSPAN="2">제 9 기 3분기</TH></TR>'
        "<TR><TH>3개월</TH><TH>누적</TH><TH>3개월</TH><TH>누적</TH></TR></THEAD><TBODY>"
        "<TR><TD>매출액</TD><TD>30</TD><TD>100</TD><TD>25</TD><TD>80</TD></TR>"
        "<TR><TD>영업이익</TD><TD>3</TD><TD>10</TD><TD>2</TD><TD>8</TD></TR></TBODY></TABLE>"
    )
    terms = (
        "제 10 기 3분기 2025.01.01 부터 2025.09.30 까지",
        "제 9 기 3분기 2024.01.01 부터 2024.09.30 까지",
    )
    facts = read(document(caption("포괄손익계산서", terms), head)).facts
    assert [(f.value, str(f.start), str(f.end)) for f in facts if f.concept == "revenue"] == [
        (30, "2025-07-01", "2025-09-30"), (100, "2025-01-01", "2025-09-30"),
        (25, "2024-07-01", "2024-09-30"), (80, "2024-01-01", "2024-09-30"),
    ]  # fmt: skip


# --- which table is which ------------------------------------------------------------------------


def test_consolidated_and_separate_statements_are_told_apart() -> None:
    rows = (["매출액", "10", "9"], ["영업이익", "2", "1"])
    reading = read(
        document(
            "<TITLE>2. 연결재무제표</TITLE>", caption("연 결 손 익 계 산 서", tag="P"), table(*rows),
            "<TITLE>4. 재무제표</TITLE>", caption("손 익 계 산 서", tag="P"), table(*rows),
        )
    )  # fmt: skip
    assert [f.basis for f in reading.facts if f.concept == "revenue"] == [
        "CFS",
        "CFS",
        "OFS",
        "OFS",
    ]


def test_a_consolidated_audit_report_is_consolidated_where_titles_do_not_say_so() -> None:
    text = document(
        caption("손익계산서"), table(["매출액", "1", "2"], ["영업이익", "2", "1"]), name="연결감사보고서", code="00761"
    )  # fmt: skip
    assert {f.basis for f in read(text).facts} == {"CFS"}


@pytest.mark.parametrize("tag", ["TITLE", "P"])
def test_changes_in_equity_and_appropriations_are_passed_over(tag: str) -> None:
    rows = (["자본금", "10", "9"], ["당기순이익", "2", "1"])
    reading = read(
        document(
            caption("자 본 변 동 표", tag=tag), table(*rows), caption("이익잉여금처분계산서", tag=tag), table(*rows)
        )
    )  # fmt: skip
    assert not reading.facts


def test_notes_and_summaries_repeat_no_figures() -> None:
    rows = (["자산총계", "3", "2"], ["부채총계", "1", "1"], ["자본총계", "2", "1"])
    reading = read(
        document(
            "<TITLE>1. 요약재무정보</TITLE>", caption("재무상태표", DAYS, tag="P"), table(*rows),
            "<TITLE>(첨부)재 무 제 표</TITLE>", caption("재 무 상 태 표", DAYS, tag="P"), table(*rows),
            "<P>별첨 주석은 본 재무제표의 일부입니다.</P>", table(*rows),
            "<TITLE>주석</TITLE>", caption("재무상태표", DAYS, tag="P"), table(*rows),
        )
    )  # fmt: skip
    assert ours(reading) == {"total_assets": [3, 2], "total_liabilities": [1, 1], "equity": [2, 1]}


def test_a_statement_that_runs_over_two_tables_is_one() -> None:
    reading = read(
        document(
            caption("재무상태표", DAYS),
            table(["자산총계", "3", "2"], ["유동자산", "1", "1"]),
            "<PGBRK></PGBRK>",
            table(["부채총계", "1", "1"], ["자본총계", "2", "1"]),
        )
    )
    assert ours(reading)["equity"] == [2, 1]


def test_title_terms_unit_and_figures_may_stand_in_one_table() -> None:
    cells = "".join(
        f'<TR><TD COLSPAN="3">{text}</TD></TR>'
        for text in ("손 익 계 산 서", *YEARS, "(단위 : 천원)")
    )
    body = (
        "<TR><TD>과 목</TD><TD>제 10(당)기</TD><TD>제 9(전)기</TD></TR>"
        "<TR><TD>매출액</TD><TD>10</TD><TD>9</TD></TR><TR><TD>영업이익</TD><TD>2</TD><TD>1</TD></TR>"
    )
    assert ours(read(document(f"<TABLE>{cells}{body}</TABLE>")))["revenue"] == [10_000, 9000]


def test_a_table_within_a_table_is_read() -> None:
    inner = table(["매출액", "10", "9"], ["영업이익", "2", "1"])
    outer = f"<TABLE><TR><TD>손익계산서</TD></TR><TR><TD>{YEARS[0]}</TD></TR><TR><TD>{YEARS[1]}</TD></TR><TR><TD>(단위 : 원)</TD></TR><TR><TD>{inner}</TD></TR></TABLE>"
    assert ours(read(document(outer)))["revenue"] == [10, 9]


def test_a_heading_shifted_against_its_columns_gives_no_figure() -> None:
    """«3개월» above a column without a term: figures under it would be read as those of half a year."""
    body = (
        "<TR><TD></TD><TD>제 10(당)기</TD><TD></TD><TD>제 9(전)기</TD><TD></TD></TR>"
        "<TR><TD>3개월</TD><TD>누적</TD><TD>3개월</TD><TD>누적</TD></TR>"
        "<TR><TD>매출액</TD><TD>1</TD><TD>2</TD><TD>3</TD><TD>4</TD></TR>"
        "<TR><TD>영업이익</TD><TD>1</TD><TD>2</TD><TD>3</TD><TD>4</TD></TR>"
    )
    reading = read(document(caption("손익계산서"), f"<TABLE>{body}</TABLE>"))
    assert not reading.facts
    assert set(reasons(reading)) == {"unknown_period"}


# --- what does not add up ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "equity", "holds"),
    [("(단위 : 원)", "402", True), ("(단위 : 원)", "403", False), ("(단위 : 백만원)", "398", True), ("(단위 : 백만원)", "390", False)],
)  # fmt: skip
def test_assets_are_liabilities_and_equity_but_for_rounding(
    unit: str,
    equity: str,
    holds: bool,  # noqa: FBT001
) -> None:
    text = document(
        caption("재무상태표", DAYS, unit),
        table(["자산총계", "1,000", "9"], ["부채총계", "600", "4"], ["자본총계", equity, "5"]),
    )
    reading = read(text)
    assert reasons(reading) == ([] if holds else ["does_not_add_up"])
    assert len(reading.facts) == 6

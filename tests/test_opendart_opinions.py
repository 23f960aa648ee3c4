"""Auditors' opinions of OpenDART: free text, loose words for years, and what a paragraph really says about going concern."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.opendart_rows import asked, rejected, report, take_in
from tests.stage import create_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.opendart_files import Row


FAIR = "우리의 의견으로는 별첨된 회사의 재무제표는 회사의 재무상태와 재무성과를 한국채택국제회계기준에 따라, 중요성의 관점에서 공정하게 표시하고 있습니다."
REVIEWED = "본인의 검토결과 상기 반기재무제표가 제1034호에 따라 중요성의 관점에서 공정하게 표시하지 않은 사항이 발견되지 아니하였습니다."


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_stage(connection)
        yield connection


def said(term: str, opinion: str | None = "적정", emphasis: str | None = "-", auditor: str | None = "가나회계법인", **more: str | None) -> Row:  # fmt: skip
    return {"bsns_year": term, "adt_opinion": opinion, "emphs_matter": emphasis, "adtor": auditor, **more}  # fmt: skip


def opinions(con: duckdb.DuckDBPyConnection, what: str) -> list[tuple[object, ...]]:
    return asked(con, f"SELECT {what} FROM stage_opinions ORDER BY ALL")


def take(con: duckdb.DuckDBPyConnection, folder: Path, rows: Sequence[Row]) -> None:
    take_in(con, folder, accnutAdtorNmNdAdtOpinion=rows)


# --- what was said -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "opinion"),
    [
        ("적정", "unqualified"),
        ("적 정", "unqualified"),
        ("적정의견\n(별도)", "unqualified"),
        ("예외사항 없음", "unqualified"),
        ("공정", "unqualified"),
        ("한국채택국제회계기준에 위배되어 작성되었다는 점이 발견되지 아니함", "unqualified"),
        (FAIR, "unqualified"),
        (REVIEWED, "unqualified"),
        ("한정", "qualified"),
        ("감사범위제한으로 인한 한정", "qualified"),
        ("적정/한정", "qualified"),
        ("부적정", "adverse"),
        ("부적정의견", "adverse"),
        ("의견거절", "disclaimer"),
        ("의견거절(주1)", "disclaimer"),
        ("의견겨절", "disclaimer"),  # as one company spells it, year after year
        ("- 별도 : 한정\n- 연결 : 의견거절", "disclaimer"),
        ("별도: 적정, 연결: 의견거절", "disclaimer"),
        ("별도: 부적정, 연결: 한정", "adverse"),
        ("감사의견 : -\n반기검토의견 : 한정의견", "qualified"),
        ("우리는 별첨된 재무제표에 대하여 의견을 표명하지 않습니다.", "disclaimer"),
    ],
)
def test_the_gravest_word_decides(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str, opinion: str
) -> None:
    take(con, tmp_path, [said("제58기(당기)", text)])
    assert opinions(con, "opinion") == [(opinion,)]


@pytest.mark.parametrize(
    "text", ["해당사항 없음", "검토", "-", None, "주1)", "삼덕회계법인", "분기는 검토대상 아님"]
)
def test_no_opinion_leaves_no_row(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str | None
) -> None:
    take(con, tmp_path, [said("제58기 1분기(당기)", text)])
    assert opinions(con, "opinion") == []
    assert rejected(con) == []


def test_a_reviews_usual_words_are_no_disclaimer(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Every review says that it is no audit and gives no opinion of one."""
    usual = "검토는 감사보다 그 범위가 제한적이므로 우리는 감사의견을 표명하지 아니합니다. 이에 한정되지 않습니다. "
    take(con, tmp_path, [said("제58기 반기(당반기)", usual + REVIEWED)])
    assert opinions(con, "opinion") == [("unqualified",)]


def test_of_a_long_text_only_the_words_that_decide_are_kept(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    text = (
        "대표이사 홍길동의 확인서를 받지 못하였다. 이 감사보고서의 한정의견근거 단락에서 언급된 사항을 제외하고는 "
        + FAIR
    )
    take(con, tmp_path, [said("제58기(당기)", text)])
    ((opinion, kept),) = opinions(con, "opinion, opinion_text")
    assert opinion == "qualified"
    assert "한정의견근거" in str(kept)
    assert "홍길동" not in str(kept)
    assert len(str(kept)) < 40


# --- of which year -------------------------------------------------------------------------------

YEARS = (date(2020, 12, 31), date(2021, 12, 31), date(2022, 12, 31))


@pytest.mark.parametrize(
    "terms",
    [
        ("제58기(당기)", "제57기(전기)", "제56기(전전기)"),
        ("제58기\n(당기)", "제57기\n(전기)", "제56기\n(전전기)"),
        ("당기", "전기", "전전기"),
        ("제58기", "제57기", "제56기"),
        ("58기", "57기", "56기"),
        ("2022년", "2021년", "2020년"),
        ("2022년(제58기)", "2021년(제57기)", "2020년(제56기)"),
        ("제58기(당기)", "제57기(당기)", "제56기(전기)"),  # words slip
        ("제58기(당기)", "제57기(전기)", "제57기(전전기)"),  # numbers slip
        ("제58기(당기)", "제57기(전기)", "제556기(전전기)"),
        ("제58-1기(당기)", "제57기(전기)", "제56기(전전기)"),
    ],
)
def test_terms_of_an_annual_report(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, terms: tuple[str, str, str]
) -> None:
    words = ("의견거절", "한정", "적정")
    take(con, tmp_path, [said(term, word) for term, word in zip(terms, words, strict=True)])
    assert opinions(con, "period_end, is_annual, lag, opinion") == [
        (YEARS[0], True, 2, "unqualified"),
        (YEARS[1], True, 1, "qualified"),
        (YEARS[2], True, 0, "disclaimer"),
    ]


@pytest.mark.parametrize(
    ("day", "label", "term"),
    [("2023-03-31", "1분기", "제59기 1분기(당분기)"), ("2023-06-30", "2분기", "제59기 반기(당기)"), ("2023-09-30", "3분기", "제59기(당분기)")],
)  # fmt: skip
def test_an_interim_report_has_its_review_and_the_audits_of_two_years(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, day: str, label: str, term: str
) -> None:
    rows = [said(term, REVIEWED), said("제58기(전기)", "한정"), said("제57기(전전기)")]
    take(con, tmp_path, [{**row, **report(day, label)} for row in rows])
    assert opinions(con, "period_end, is_annual, lag, opinion") == [
        (date(2021, 12, 31), True, 2, "unqualified"),
        (date(2022, 12, 31), True, 1, "qualified"),
        (date.fromisoformat(day), False, 0, "unqualified"),
    ]


@pytest.mark.parametrize(
    "terms",
    [
        ("제59기 1분기(당분기)", "제58기(당기)", "제57기(전기)"),
        ("제59기(당기)", "제58기(당기)", "제57기(전기)"),
        ("제59기 1분기", "제58기 연간", "제57기 연간"),
        ("제59기 1분기", "제58기", "제57기"),
    ],
)
def test_an_interim_report_that_calls_last_year_the_current_one(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, terms: tuple[str, str, str]
) -> None:
    words = (None, "의견거절", "적정")
    rows = [said(term, word) for term, word in zip(terms, words, strict=True)]
    take(con, tmp_path, [{**row, **report("2023-03-31", "1분기")} for row in rows])
    assert opinions(con, "period_end, is_annual, opinion") == [
        (date(2021, 12, 31), True, "unqualified"),
        (date(2022, 12, 31), True, "disclaimer"),
    ]


def test_an_interim_report_that_repeats_the_annual_reports_table(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Nothing in the report itself tells; the annual report does, which has the same newest number."""
    table = [said("제58기(당기)", "의견거절"), said("제57기(전기)"), said("제56기(전전기)")]
    take(con, tmp_path, table + [{**row, **report("2023-03-31", "1분기")} for row in table])
    found = opinions(con, "DISTINCT period_end, is_annual, opinion")
    assert (date(2022, 12, 31), True, "disclaimer") in found
    assert all(is_annual for _, is_annual, _ in found)
    assert {end for end, _, _ in found} == set(YEARS)


def test_years_before_the_two_shown_are_skipped(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [said("제58기(당기)"), said("제55기(전전전기)", "의견거절")]
    take(con, tmp_path, rows)
    assert opinions(con, "lag") == [(0,)]
    assert rejected(con) == []


@pytest.mark.parametrize("term", ["설립시점", "-", ""])
def test_an_opinion_on_no_year_is_rejected(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, term: str
) -> None:
    take(con, tmp_path, [said(term)])
    assert rejected(con) == ["unknown_term"]


def test_a_half_yearly_closing_trusts_years_before_are_half_years(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [said("제6기(당기)"), said("제5기(전기)", "한정"), said("제4기(전전기)")]
    take(con, tmp_path, [{**row, **report(day)} for day in ("2021-12-31", "2022-06-30") for row in rows])  # fmt: skip
    assert (date(2021, 12, 31), True, "qualified") in opinions(
        con, "period_end, is_annual, opinion"
    )


def test_calendar_labels_of_a_company_that_closes_in_march(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """The collector calls its annual report 1분기 here; another endpoint tells when the company closes its year."""
    closing = {"se": "-", **report("2023-03-31")}
    rows = [
        {**said("제58기(당기)", "의견거절"), **report("2022-03-31", "1분기")},
        {**said("제59기 3분기(당기)", REVIEWED), **report("2022-12-31", "4분기")},
    ]
    take_in(con, tmp_path, accnutAdtorNmNdAdtOpinion=rows, alotMatter=[closing])
    assert opinions(con, "period_end, is_annual, opinion") == [
        (date(2022, 3, 31), True, "disclaimer"),
        (date(2022, 12, 31), False, "unqualified"),
    ]


# --- going concern -------------------------------------------------------------------------------

DOUBT = "이러한 상황은 회사의 계속기업으로서의 존속능력에 유의적 의문을 제기할 만한 중요한 불확실성이 존재함을 나타냅니다."


@pytest.mark.parametrize(
    "text",
    [
        DOUBT,
        "계속기업 관련 중요한 불확실성",
        "(1) 계속기업 관련\n중요한 불확실성",
        "계속 기업에 대한 불확실성",
        "계속기업으로서 그 존속능력에 대한 계속기업 가정",
        "이러한 상황은 계속기업으로서의 존속능력에 의문을 제기할 만한 불확실성이 존재할 수 있으며, 우리의 의견은 이 사항으로부터 영향을 받지 아니합니다.",
        "계속기업 관련 중요한 불확실성 감사의견에는 영향을 미치지 않는 사항으로서 주의를 기울여야 합니다.",
        f"경영진은 동 불확실성을 해소하는데 충분하다고 판단하고 있습니다. {DOUBT}",
        f"종속기업의 계속기업 관련 불확실성은 해소되었습니다. {DOUBT}",
        "연결회사와 종속기업의 계속기업으로서의 존속능력에 의문이 있습니다.",
    ],
)
def test_named_doubt(con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str) -> None:
    take(con, tmp_path, [said("제58기(당기)", emphasis=text)])
    ((is_doubted, kept),) = opinions(con, "is_going_concern, emphasis")
    assert is_doubted
    assert str(kept).startswith("계속")


@pytest.mark.parametrize(
    "text",
    [
        "해당사항 없음",
        "-",
        None,
        "계속기업",
        "계속기업 관련",
        "회사의 자본위험관리의 목적은 계속기업으로서의 존속능력을 유지하고 자본비용을 최소화하는 것입니다.",
        "자본위험관리: 계속기업으로서 주주에게 이익을 지속적으로 제공",
        "재무제표는 회사가 계속기업으로서 존속한다는 가정을 전제로 작성되었습니다.",
        "계속기업으로서의 존속능력에 유의적 의문을 제기할 만한 중요한 불확실성이 존재하지 않습니다.",
        "계속기업 관련 불확실성이 해소되었습니다.",
        "계속기업 관련 중요한 불확실성 없음",
        "관계기업인 (주)나다의 계속기업 관련 중요한 불확실성",
        "(4) 종속회사의 계속기업가정에 대한 중요한 불확실성",
        "코로나19의 영향에 관한 불확실성",
    ],
)
def test_boilerplate_denial_and_others_doubt(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str | None
) -> None:
    take(con, tmp_path, [said("제58기(당기)", emphasis=text)])
    assert opinions(con, "is_going_concern, emphasis") == [(False, None)]


def test_either_column_may_name_the_doubt(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    row = said("제58기(당기)", emphasis="해당사항 없음", adt_reprt_spcmnt_matter=DOUBT)
    take(con, tmp_path, [row])
    assert opinions(con, "is_going_concern") == [(True,)]


def test_a_doubt_without_an_opinion_is_kept(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    row = said("제59기 반기(당기)", "검토", DOUBT)
    take(con, tmp_path, [{**row, **report("2023-06-30", "2분기")}])
    assert opinions(con, "opinion, is_going_concern, is_annual") == [("none", True, False)]


# --- nobody's name -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "전 대표이사 홍길동의 횡령 혐의로 거래가 정지되었습니다. 계속기업 관련 중요한 불확실성이 있습니다.",
        "계속기업 불확실성은 전 대표이사 홍길동, 회장 김아무의 횡령과 관련됩니다.",
        "계속기업 관련 불확실성이 최대주주인 홍길동 및 홍길동 대표이사의 고소로 존재합니다.",
        "계속기업 관련 불확실성이 관리인: 홍길동, 회계사 김아무 선임 뒤에도 있습니다.",
    ],
)
def test_no_name_of_a_person_is_stored_from_a_paragraph(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str
) -> None:
    take(con, tmp_path, [said("제58기(당기)", emphasis=text)])
    stored = " ".join(str(cell) for row in opinions(con, "COLUMNS(*)") for cell in row)
    assert "홍길동" not in stored
    assert "김아무" not in stored
    assert opinions(con, "is_going_concern") == [(True,)]


def test_a_paragraph_is_cut_at_the_sentence(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    take(con, tmp_path, [said("제58기(당기)", emphasis=f"{DOUBT} 담당자는 나다라입니다.\n비고")])
    ((kept,),) = opinions(con, "emphasis")
    assert "나다라" not in str(kept)
    assert len(str(kept)) < 170


@pytest.mark.parametrize(
    ("written", "firm"),
    [
        ("삼일회계법인\n대표이사 홍 길 동", "삼일회계법인"),
        ("삼일회계법인\n대표공인회계사\n홍길동", "삼일회계법인"),
        ("이 촌 회 계 법 인", "이촌회계법인"),
        ("회계법인 리안", "회계법인리안"),
        ("동성회계법인(구.동아송강회계법인)", "동성회계법인"),
        ("민준공인회계사\n감사반(제480호)", "민준공인회계사감사반"),
        ("공인회계사 홍길동", None),
        ("해당사항 없음", None),
        ('"', None),
        ("-", None),
        (None, None),
    ],
)
def test_the_firm_and_not_its_head(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, written: str | None, firm: str | None
) -> None:
    take(con, tmp_path, [said("제58기(당기)", auditor=written)])
    assert opinions(con, "auditor") == [(firm,)]

"""Audit: opinions, going concern, reviews, auditors. The tables below are the specification."""

from __future__ import annotations

import pytest

from tests.spec.harness import check, run


@pytest.mark.parametrize(
    ("opinion", "level", "grade", "reason"),
    [
        ("disclaimer", "danger", "3", ""),
        ("adverse", "danger", "2", ""),
        ("qualified", "danger", "1", ""),
        ("unqualified", "good", "0", ""),
        ("none", "unknown", "", "not_computable"),
    ],
)
def test_audit_opinion_is_that_of_the_newest_full_year(
    opinion: str, level: str, grade: str, reason: str
) -> None:
    check(
        "audit_opinion",
        opinion=f"""
            period_end | is_annual | rank | opinion
            2025-06-30 | false     | 0    | disclaimer
            2024-12-31 | true      | 0    | {opinion}
            2023-12-31 | true      | 1    | adverse
            """,
        expect=f"""
            level   | measure | reason   | concept       | text      | period_end | row_id
            {level} | {grade} | {reason} | audit_opinion | {opinion} | 2024-12-31 | 2
            """,
    )


def test_a_laxer_criterion_turns_a_qualified_opinion_into_watch() -> None:
    check(
        "audit_opinion",
        thresholds={"danger_opinion": 2},
        opinion="""
            rank | opinion
            0    | qualified
            """,
        expect="""
            level
            watch
            """,
    )


@pytest.mark.parametrize("signal", ["audit_opinion", "past_opinions", "past_going_concern", "auditor_change"])  # fmt: skip
def test_interim_reports_alone_say_nothing_of_an_audit(signal: str) -> None:
    check(
        signal,
        opinion="""
            period_end | is_annual | rank | opinion     | auditor
            2025-06-30 | false     | 0    | unqualified | 삼일회계법인
            2025-03-31 | false     | 1    | unqualified | 삼정회계법인
            """,
        expect="",
    )


def test_going_concern_named_under_a_clean_opinion() -> None:
    check(
        "going_concern",
        opinion="""
            period_end | is_annual | rank | opinion     | is_going_concern | emphasis
            2024-12-31 | true      | 0    | unqualified | true             | 계속기업 관련 중요한 불확실성
            2023-12-31 | true      | 1    | unqualified | false            |
            """,
        expect="""
            level  | measure | concept            | value | text                          | period_end
            danger | 1       | audit_opinion      |       | unqualified                   | 2024-12-31
            danger | 1       | emphasis_of_matter |       | 계속기업 관련 중요한 불확실성 | 2024-12-31
            """,
    )


def test_going_concern_named_first_in_an_interim_review() -> None:
    check(
        "going_concern",
        opinion="""
            period_end | is_annual | rank | opinion     | is_going_concern
            2025-09-30 | false     | 0    | none        | false
            2025-06-30 | false     | 1    | none        | true
            2024-12-31 | true      | 0    | unqualified | false
            2024-06-30 | false     | 2    | none        | true
            """,
        expect="""
            level  | measure | concept       | text | period_end
            danger | 1       | audit_opinion | none | 2025-06-30
            """,
    )


def test_a_silent_interim_review_does_not_lift_what_the_audit_said() -> None:
    rows = run(
        "going_concern",
        opinion="""
            period_end | is_annual | rank | opinion     | is_going_concern
            2025-06-30 | false     | 0    | none        | false
            2024-12-31 | true      | 0    | unqualified | true
            """,
    )
    assert {(r["level"], str(r["period_end"])) for r in rows} == {("danger", "2024-12-31")}


def test_going_concern_resolved_is_past_and_not_current() -> None:
    opinion = """
        period_end | is_annual | rank | opinion     | is_going_concern | emphasis
        2023-12-31 | true      | 0    | unqualified | false            |
        2022-12-31 | true      | 1    | unqualified | true             | 불확실성
        2021-12-31 | true      | 2    | unqualified | false            |
        """
    check(
        "going_concern",
        opinion=opinion,
        expect="""
            level | measure | concept       | text        | period_end
            good  | 0       | audit_opinion | unqualified | 2023-12-31
            """,
    )
    check(
        "past_going_concern",
        opinion=opinion,
        expect="""
            level | measure | concept            | text        | period_end
            watch | 1       | audit_opinion      | unqualified | 2022-12-31
            watch | 1       | emphasis_of_matter | 불확실성    | 2022-12-31
            """,
    )


@pytest.mark.parametrize("opinion", ["disclaimer", "adverse", "qualified", "none"])
def test_silence_about_going_concern_says_nothing_where_the_opinion_is_not_clean(
    opinion: str,
) -> None:
    check(
        "going_concern",
        opinion=f"""
            rank | opinion   | is_going_concern
            0    | {opinion} | false
            """,
        expect=f"""
            level   | reason         | text
            unknown | not_computable | {opinion}
            """,
    )
    check(
        "past_going_concern",
        opinion=f"""
            period_end | rank | opinion     | is_going_concern
            2023-12-31 | 0    | unqualified | false
            2022-12-31 | 1    | {opinion}   | false
            """,
        expect="",
    )


@pytest.mark.parametrize(
    ("day", "level", "reason"),
    [("2023-12-31", "good", ""), ("2024-03-31", "unknown", "not_taken_in")],
)
def test_silence_says_nothing_since_the_paragraph_has_a_column_of_its_own(
    day: str, level: str, reason: str
) -> None:
    check(
        "going_concern",
        opinion=f"""
            period_end | rank | opinion     | is_going_concern
            {day}      | 0    | unqualified | false
            """,
        expect=f"""
            level   | reason
            {level} | {reason}
            """,
    )


def test_an_emphasis_is_cut_at_200_characters() -> None:
    rows = run(
        "going_concern",
        opinion=f"""
            rank | opinion     | is_going_concern | emphasis
            0    | unqualified | true             | {"가" * 300}
            """,
    )
    assert {r["concept"]: len(r["text"]) for r in rows}["emphasis_of_matter"] == 200


def test_going_concern_of_a_company_without_an_annual_audit() -> None:
    drawing = """
        is_annual | rank | opinion | is_going_concern
        false     | 0    | none    | {}
        """
    check("going_concern", opinion=drawing.format("false"), expect="")
    check(
        "going_concern",
        opinion=drawing.format("true"),
        expect="""
            level  | text
            danger | none
            """,
    )


@pytest.mark.parametrize(
    ("opinion", "level", "grade"),
    [
        ("disclaimer", "danger", 3),
        ("adverse", "danger", 2),
        ("qualified", "danger", 1),
        ("unqualified", "good", 0),
    ],
)
def test_interim_review_newer_than_the_audit(opinion: str, level: str, grade: int) -> None:
    check(
        "interim_review",
        opinion=f"""
            period_end | is_annual | rank | opinion
            2025-09-30 | false     | 0    | none
            2025-06-30 | false     | 1    | {opinion}
            2024-12-31 | true      | 0    | unqualified
            """,
        expect=f"""
            level   | measure | concept       | text      | period_end
            {level} | {grade} | audit_opinion | {opinion} | 2025-06-30
            """,
    )


def test_the_gravest_of_the_newer_reviews_counts() -> None:
    check(
        "interim_review",
        opinion="""
            period_end | is_annual | rank | opinion
            2025-09-30 | false     | 0    | unqualified
            2025-06-30 | false     | 1    | qualified
            2025-03-31 | false     | 2    | unqualified
            """,
        expect="""
            level  | text      | period_end
            danger | qualified | 2025-06-30
            """,
    )


@pytest.mark.parametrize(("day", "opinion"), [("2024-09-30", "disclaimer"), ("2025-06-30", "none")])
def test_without_a_newer_review_there_is_nothing_to_say(day: str, opinion: str) -> None:
    check(
        "interim_review",
        opinion=f"""
            period_end | is_annual | rank | opinion
            {day}      | false     | 0    | {opinion}
            2024-12-31 | true      | 0    | unqualified
            """,
        expect="""
            level   | reason         | text
            unknown | not_applicable |
            """,
    )


def test_opinions_of_the_three_years_before() -> None:
    check(
        "past_opinions",
        opinion="""
            period_end | rank | opinion
            2024-12-31 | 0    | unqualified
            2023-12-31 | 1    | qualified
            2022-12-31 | 2    | unqualified
            2021-12-31 | 3    | disclaimer
            2020-12-31 | 4    | adverse
            """,
        expect="""
            level | measure | concept       | text       | period_end
            watch | 2       | audit_opinion | qualified  | 2023-12-31
            watch | 2       | audit_opinion | disclaimer | 2021-12-31
            """,
    )


def test_clean_opinions_of_the_years_before() -> None:
    check(
        "past_opinions",
        opinion="""
            period_end | rank | opinion     | is_going_concern
            2024-12-31 | 0    | disclaimer  | true
            2023-12-31 | 1    | unqualified | false
            2022-12-31 | 2    | none        | false
            2021-12-31 | 3    | unqualified | false
            """,
        expect="""
            level | measure | text        | period_end
            good  | 2       | unqualified | 2023-12-31
            good  | 2       | unqualified | 2021-12-31
            """,
    )


@pytest.mark.parametrize("signal", ["past_opinions", "past_going_concern"])
def test_past_years_are_unknown_when_there_are_none(signal: str) -> None:
    check(
        signal,
        opinion="""
            period_end | rank | opinion    | is_going_concern
            2024-12-31 | 0    | disclaimer | true
            2020-12-31 | 4    | disclaimer | true
            """,
        expect="",
    )


def test_clean_years_before_without_going_concern() -> None:
    check(
        "past_going_concern",
        opinion="""
            period_end | rank | opinion     | is_going_concern | emphasis
            2024-12-31 | 0    | unqualified | true             |
            2023-12-31 | 1    | unqualified | false            | 특수관계자 거래
            """,
        expect="""
            level | measure | concept       | text        | period_end
            good  | 1       | audit_opinion | unqualified | 2023-12-31
            """,
    )


def _auditors(*names: str) -> str:
    rows = (f"{2024 - rank}-12-31 | {rank} | {name}" for rank, name in enumerate(names))
    return "\n".join(("period_end | rank | auditor", *rows))


@pytest.mark.parametrize(
    ("names", "level", "changes"),
    [
        # newest first
        (("삼일회계법인", "삼일회계법인", "삼일회계법인", "삼일회계법인"), "good", 0),
        (("삼일회계법인", "삼정회계법인", "삼정회계법인", "삼정회계법인"), "good", 1),
        (("삼일회계법인", "삼정회계법인", "삼정회계법인", "한영회계법인"), "watch", 2),
        (("삼일회계법인", "삼정회계법인", "한영회계법인", "안진회계법인"), "watch", 3),
        # away and back again
        (("삼일회계법인", "삼정회계법인", "삼일회계법인"), "watch", 2),
        # one firm, written in several ways
        (("회계법인 리안", "리안회계법인(*)", "리안\t회계법인", "회계법인리안"), "good", 0),
        (("삼정KPMG", "삼정회계법인 대표이사 김교태", "삼정회게법인", "삼 정 회 계 법 인"), "good", 0),
        (("EY한영회계법인", "한영회계법인", "동성회계법인(구. 동아송강회계법인)", "동성회계법인"), "good", 1),
        # merged
        (("성도이현회계법인", "이현회계법인", "이현회계법인"), "good", 0),
        # a year that names nobody is left out
        (("삼일회계법인", "해당사항 없음", "-", "삼일회계법인"), "good", 0),
    ],
)  # fmt: skip
def test_auditor_change(names: tuple[str, ...], level: str, changes: int) -> None:
    rows = run("auditor_change", opinion=_auditors(*names))
    assert {(r["level"], r["measure"]) for r in rows} == {(level, changes)}
    assert {r["concept"] for r in rows} == {"auditor"}


def test_auditors_are_cited_without_the_names_of_persons() -> None:
    check(
        "auditor_change",
        opinion=_auditors("삼일회계법인 대표이사 홍길동", "민준공인회계사감사반(제480호)"),
        expect="""
            level | measure | concept | text | period_end
            good  | 1       | auditor | 삼일회계법인         | 2024-12-31
            good  | 1       | auditor | 민준공인회계사감사반 | 2023-12-31
            """,
    )


def test_changes_longer_ago_than_three_years_do_not_count() -> None:
    check(
        "auditor_change",
        opinion=_auditors("가나회계법인", "가나회계법인", "가나회계법인", "가나회계법인", "다라회계법인", "마바회계법인"),
        expect="""
            level | measure | text
            good  | 0       | 가나회계법인
            good  | 0       | 가나회계법인
            good  | 0       | 가나회계법인
            good  | 0       | 가나회계법인
            """,
    )  # fmt: skip


def test_doubt_is_quoted_by_the_sentence_that_the_reader_finds() -> None:
    check(
        "going_concern",
        opinion="""
            period_end | is_annual | rank | opinion     | is_going_concern | emphasis
            2024-12-31 | true      | 0    | unqualified | true             | 계속기업 불확실성
            """,
        auditor_statement="""
            period_end | is_annual | kind          | sentence
            2024-12-31 | true      | going_concern | 중요한 불확실성이 존재합니다.
            2024-12-31 | true      | litigation    | 소송이 있다.
            2023-12-31 | true      | going_concern | 전기에도 있었다.
            """,
        expect="""
            level  | concept            | text                          | row_id
            danger | audit_opinion      | unqualified                   | 1
            danger | emphasis_of_matter | 중요한 불확실성이 존재합니다. | 1
            """,
    )


def test_what_the_auditor_points_at_is_quoted_from_the_newest_report_that_does() -> None:
    check(
        "auditor_statements",
        auditor_statement="""
            period_end | is_annual | kind          | sentence
            2024-12-31 | true      | litigation    | 소송이 진행 중이다.
            2025-03-31 | false     | litigation    | 소송이 이어진다.
            2025-03-31 | false     | rescue        | 회생절차를 신청했다.
            2025-03-31 | false     | going_concern | 불확실성이 있다.
            """,
        expect="""
            level | measure | concept         | text                 | period_end | row_id
            watch | 2       | says_litigation | 소송이 이어진다.     | 2025-03-31 | 2
            watch | 2       | says_rescue     | 회생절차를 신청했다. | 2025-03-31 | 3
            """,
    )


def test_doubt_alone_is_left_to_its_own_signal() -> None:
    check(
        "auditor_statements",
        auditor_statement="""
            period_end | kind          | sentence
            2024-12-31 | going_concern | 불확실성이 있다.
            """,
        expect="""
            level | measure | concept       | text           | row_id
            good  | 0       | auditor_words | nothing_stated | 1
            """,
    )


def test_a_report_that_points_at_nothing_is_good_and_one_not_read_is_unknown() -> None:
    check(
        "auditor_statements",
        auditor_statement="""
            period_end | kind
            2024-12-31 | none
            2025-03-31 | none
            """,
        expect="""
            level | measure | concept       | text           | period_end
            good  | 0       | auditor_words | nothing_stated | 2025-03-31
            """,
    )
    check("auditor_statements", auditor_statement="", expect="")


@pytest.mark.parametrize("names", [("삼일회계법인",), ("삼일회계법인", ""), ("", "삼일회계법인")])
def test_auditor_change_needs_two_names(names: tuple[str, ...]) -> None:
    check("auditor_change", opinion=_auditors(*names), expect="")

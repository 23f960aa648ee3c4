"""What the auditor says: the traps of opinions, going concern, signatures and reviews."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.dart_documents import document, read, reasons

if TYPE_CHECKING:
    from paycanary.filings.reading import AuditReport

pytestmark = pytest.mark.quick

INTRO = "우리는 가나다라 주식회사(이하 '회사')의 재무제표를 감사하였습니다. 해당 재무제표는 2025년 12월 31일과 2024년 12월 31일 현재의 재무상태표, 손익계산서로 구성되어 있습니다."
FAIR = "우리의 의견으로는 별첨된 회사의 재무제표는 회사의 2025년 12월 31일 현재의 재무상태를 일반기업회계기준에 따라, 중요성의 관점에서 공정하게 표시하고 있습니다."
DUTIES = (
    "<P USERMARK='B'>재무제표에 대한 경영진과 지배기구의 책임</P>"
    "<P>경영진은 재무제표를 작성할 때, 회사의 계속기업으로서의 존속능력을 평가하고 해당되는 경우, 계속기업 관련 사항을 공시할 책임이 있습니다. "
    "그리고 회계의 계속기업전제의 사용에 대해서도 책임이 있습니다.</P>"
    "<P USERMARK='B'>재무제표감사에 대한 감사인의 책임</P>"
    "<P>계속기업으로서의 존속능력에 대하여 유의적 의문을 초래할 수 있는 사건이나, 상황과 관련된 중요한 불확실성이 존재하는지 여부에 대하여 결론을 내립니다. "
    "중요한 불확실성이 존재한다고 결론을 내리는 경우, 우리는 주의를 환기시키고 있습니다.</P>"
)
SIGNED = (
    "<TABLE><TR><TD>서울특별시 가나구 다라로 1</TD></TR><TR><TD>마  바  회  계  법  인</TD></TR>"
    "<TR><TD>대 표 이 사   이   름   아   님</TD></TR><TR><TD>2026년 3월 10일</TD></TR></TABLE>"
)
DOUBT = "이러한 상황은 계속기업으로서의 존속능력에 유의적 의문을 제기할 만한 중요한 불확실성이 존재함을 나타냅니다."


def report(heading: str, *sentences: str, more: str = DUTIES + SIGNED) -> AuditReport:
    paragraphs = "".join(f"<P>{sentence}</P>" for sentence in sentences)
    reading = read(document(f"<P USERMARK='B'>{heading}</P>", paragraphs, more))
    assert reading.audit is not None
    return reading.audit


@pytest.mark.parametrize(
    ("heading", "sentence", "opinion"),
    [
        ("감사의견", FAIR, "unqualified"),
        ("재무제표에 대한 감사의견", FAIR, "unqualified"),
        ("적 정 의 견", FAIR.replace("공정하게", "적정하게"), "unqualified"),
        ("한정의견", FAIR.replace("회사의 2025년", "한정의견근거 단락에 기술된 사항이 미치는 영향을 제외하고는, 회사의 2025년"), "qualified"),
        ("감사의견", FAIR.replace("회사의 2025년", "근거 단락에 기술된 사항을 제외하고는 회사의 2025년"), "qualified"),
        ("부적정의견", FAIR.replace("표시하고 있습니다", "표시하고 있지 않습니다"), "adverse"),
        ("부적정 의견", FAIR.replace("공정하게 표시하고 있습니다", "적정하게 표시하고 있지 아니합니다"), "adverse"),
        ("의견거절", "우리는 별첨된 회사의 재무제표에 대하여 의견을 표명하지 않습니다.", "disclaimer"),
        ("의견의 거절", "우리는 재무제표의 적정성에 대한 의견을 표명하지 아니합니다.", "disclaimer"),
        ("감사의견", "우리는 회사의 재무제표에 대하여 감사의견을 표명하지 않습니다.", "disclaimer"),
    ],
)  # fmt: skip
def test_heading_and_sentence_give_the_opinion(heading: str, sentence: str, opinion: str) -> None:
    audit = report(heading, INTRO, sentence)
    assert audit.opinion == opinion
    assert audit.opinion_words is not None
    assert audit.opinion_words.text == sentence
    assert (audit.opinion_words.place.path or "").replace(" ", "") == heading.replace(" ", "")


def test_a_heading_that_contradicts_its_sentence_gives_no_opinion() -> None:
    reading = read(document("<P>의견거절</P>", f"<P>{FAIR}</P>", DUTIES, SIGNED))
    assert reading.audit is not None
    assert reading.audit.opinion is None
    assert reading.audit.is_going_concern is None
    assert reasons(reading) == ["unclear_opinion"]


def test_opinions_on_something_else_are_not_the_opinion() -> None:
    elsewhere = (
        "<P>내부회계관리제도에 대한 감사의견</P><P>우리의 의견으로는 회사의 내부회계관리제도는 효과적으로 설계되어 공정하게 표시하고 있지 않습니다.</P>"
        "<P>기타사항</P><P>회사의 2024년 12월 31일로 종료되는 재무제표는 타감사인이 감사하였으며, 2025년 4월 9일자 감사보고서에는 의견거절이 표명되었습니다.</P>"
        "<P>기타정보</P><P>우리는 기타정보에 대하여 어떠한 형태의 확신도 표명하지 않으며 의견을 표명하지 않습니다.</P>"
    )
    assert (
        report("감사의견", INTRO, FAIR, more=elsewhere + DUTIES + SIGNED).opinion == "unqualified"
    )


def test_an_earlier_disclaimer_in_the_basis_is_not_this_years_opinion() -> None:
    basis = "<P>한정의견근거</P><P>우리는 2025년 4월 7일자 감사보고서에서 의견거절을 표명하였습니다.</P>"
    qualified = FAIR.replace(
        "회사의 2025년", "기술된 사항이 미치는 영향을 제외하고는 회사의 2025년"
    )
    assert report("한정의견", INTRO, qualified, more=basis + DUTIES + SIGNED).opinion == "qualified"


@pytest.mark.parametrize(
    ("sentence", "opinion"),
    [
        ("본 감사인의 의견으로는 상기 재무제표는 가나다라 주식회사의 2012년 12월 31일 현재의 재무상태를 일반기업회계기준에 따라 적정하게 표시하고 있습니다.", "unqualified"),
        ("본 감사인의 의견으로는 위 문단에서 설명한 사항이 미치는 영향을 제외하고는 상기 재무제표는 재무상태를 기업회계기준에 따라 적정하게 표시하고 있습니다.", "qualified"),
        ("본 감사인의 의견으로는 상기 재무제표는 기업회계기준에 위배되어 재무상태를 적정하게 표시하고 있지 아니합니다.", "adverse"),
        ("따라서 본 감사인은 상기 재무제표에 대하여 의견을 표명하지 아니합니다.", "disclaimer"),
    ],
)  # fmt: skip
def test_reports_without_headings_are_read_from_their_sentence(sentence: str, opinion: str) -> None:
    reading = read(
        document(f"<P>본 감사인은 첨부된 재무제표를 감사하였습니다. {sentence}</P>", SIGNED)
    )
    assert reading.audit is not None
    assert reading.audit.opinion == opinion


def test_an_opinion_on_a_schedule_is_no_opinion_on_the_statements() -> None:
    reading = read(
        document(
            "<P>본 감사인의 의견으로는 별첨 부속명세서는 위에서 언급한 재무제표와 관련하여 적정하게 표시하고 있습니다.</P>"
        )
    )
    assert reading.audit is not None
    assert reading.audit.opinion is None
    assert reasons(reading) == ["opinion_on_schedule"]


@pytest.mark.parametrize(
    ("heading", "sentence", "opinion"),
    [
        ("검토결론", "우리의 검토결과 상기 재무제표가 중요성의 관점에서 공정하게 표시하지 않은 사항이 발견되지 아니하였습니다.", "unqualified"),
        ("검토의견", "상기 사항이 미치는 영향을 제외하고는 공정하게 표시하지 않은 사항이 발견되지 않았습니다.", "qualified"),
        ("결론의 거절", "우리는 상기 재무제표에 대하여 결론을 표명하지 않습니다.", "disclaimer"),
    ],
)  # fmt: skip
def test_a_review_is_no_audit(heading: str, sentence: str, opinion: str) -> None:
    body = "<P>우리는 감사를 실시하지 아니하였으므로 감사의견을 표명하지 않습니다.</P>"
    reading = read(
        document(f"<P>{heading}</P><P>{sentence}</P>", body, SIGNED, name="반기검토보고서")
    )
    assert reading.audit is not None
    assert (reading.audit.opinion, reading.audit.is_review) == (opinion, True)


# --- going concern -------------------------------------------------------------------------------


def test_the_duties_of_every_report_are_no_doubt() -> None:
    assert report("감사의견", INTRO, FAIR).is_going_concern is False


@pytest.mark.parametrize(
    "heading",
    ["계속기업 관련 중요한 불확실성", "계속기업관련 중요한불확실성", "계속기업에 관한 중요한 불확실성", "(4) 계속기업 관련 중요한 불확실성", "계속기업 가정의 불확실성"],
)  # fmt: skip
def test_a_section_of_its_own_names_doubt(heading: str) -> None:
    section = f"<P>{heading}</P><P>회사는 영업손실이 발생하였습니다. {DOUBT}</P>"
    audit = report("감사의견", INTRO, FAIR, more=section + DUTIES + SIGNED)
    assert audit.is_going_concern is True
    assert audit.going_concern_words is not None
    assert audit.going_concern_words.text == DOUBT
    assert audit.opinion == "unqualified"


@pytest.mark.parametrize(
    "body",
    ["해당사항 없음", "해당사항이 없습니다.", "계속기업으로서의 존속능력과 관련된 중요한 불확실성은 존재하지 않습니다.", "전기에 기술된 계속기업 관련 중요한 불확실성은 해소되었습니다."],
)  # fmt: skip
def test_doubt_that_is_denied_is_none(body: str) -> None:
    section = f"<P>계속기업 관련 중요한 불확실성</P><P>{body}</P>"
    assert report("감사의견", INTRO, FAIR, more=section + DUTIES + SIGNED).is_going_concern is False


def test_doubt_in_the_basis_of_a_disclaimer_counts() -> None:
    basis = f"<P>의견거절근거</P><P>자료를 제공받지 못하였습니다. {DOUBT}</P>"
    audit = report(
        "의견거절",
        "우리는 회사의 재무제표에 대하여 의견을 표명하지 않습니다.",
        more=basis + DUTIES + SIGNED,
    )
    assert (audit.opinion, audit.is_going_concern) == ("disclaimer", True)


def test_a_reference_from_the_key_matters_is_no_doubt() -> None:
    matters = "<P>핵심감사사항</P><P>우리는 계속기업 관련 중요한 불확실성 단락에 기술된 사항에 추가하여 핵심감사사항을 결정하였습니다.</P>"
    assert report("감사의견", INTRO, FAIR, more=matters + DUTIES + SIGNED).is_going_concern is False


@pytest.mark.parametrize(
    ("sentence", "doubt"),
    [
        ("종속기업인 나다의 계속기업으로서의 존속능력에 유의적 의문이 있습니다.", False),
        ("회사와 그 종속기업의 계속기업으로서의 존속능력에 유의적 의문이 있습니다.", True),
    ],
)
def test_doubt_about_a_subsidiary_is_not_doubt_about_the_company(
    sentence: str,
    doubt: bool,  # noqa: FBT001
) -> None:
    matters = f"<P>강조사항</P><P>{sentence}</P>"
    assert report("감사의견", INTRO, FAIR, more=matters + DUTIES + SIGNED).is_going_concern is doubt


FORMER = "<P>기타사항</P><P>회사의 2024년 12월 31일로 종료되는 보고기간의 재무제표는 가나회계법인이 감사하였으며, 2025년 3월 20일자 감사보고서에서 계속기업 관련 중요한 불확실성을 언급한 적정의견을 표명하였습니다.</P>"


@pytest.mark.parametrize(
    "section",
    [
        FORMER,
        FORMER.replace("기타사항", "강조사항"),
        "<P>기타사항</P><P>전기 재무제표에 대하여 전임감사인은 계속기업으로서의 존속능력에 유의적 의문이 있다고 보고하였습니다.</P>",
        "<P>강조사항</P><P>회사는 전기에 계속기업으로서의 존속능력에 유의적 의문을 제기할 만한 상황에 있었습니다.</P>",
        "<P>강조사항</P><P>회사는 전기에 계속기업으로서의 존속능력에 유의적 의문을 제기할 만한 상황에 있었으나 당기 중 유상증자를 통하여 이를 극복하였습니다.</P>",
        "<P>강조사항</P><P>계속기업으로서의 존속능력에 유의적 의문을 제기할 만한 상황은 당기 중 유상증자로 해소되었습니다.</P>",
    ],
)  # fmt: skip
def test_doubt_of_another_report_or_of_last_year_is_not_this_years(section: str) -> None:
    assert report("감사의견", INTRO, FAIR, more=section + DUTIES + SIGNED).is_going_concern is False


@pytest.mark.parametrize(
    "sentence",
    [
        "회사의 주요 거래처인 사아자 주식회사는 계속기업으로서의 존속능력에 유의적 의문이 제기되고 있습니다.",
        "회사의 지배기업의 계속기업으로서의 존속능력에 중요한 불확실성이 존재합니다.",
        "회사의 모회사인 (주)사아자의 계속기업으로서의 존속능력에 중요한 불확실성이 존재합니다.",
        "시공사인 사아자건설의 계속기업으로서의 존속능력에 유의적 의문이 있습니다.",
        "채무자의 계속기업으로서의 존속능력에 유의적 의문이 있습니다.",
    ],
)
def test_doubt_about_a_customer_or_a_parent_is_not_doubt_about_the_company(sentence: str) -> None:
    section = f"<P>강조사항</P><P>{sentence}</P>"
    assert report("감사의견", INTRO, FAIR, more=section + DUTIES + SIGNED).is_going_concern is False


@pytest.mark.parametrize(
    "sentence",
    [
        "회사는 당기와 전기에 순손실이 발생하였고 이로 인하여 계속기업으로서의 존속능력에 유의적 의문이 제기되었습니다.",
        "회사는 전기에 이어 영업손실이 발생하여 계속기업으로서의 존속능력에 유의적 의문이 제기되고 있습니다.",
        "전기 이전부터 누적된 결손으로 회사의 계속기업으로서의 존속능력에 유의적 의문이 제기되었습니다.",
        "전기에 기술된 계속기업 관련 중요한 불확실성은 당기에도 존재합니다.",
        "주요 거래처의 회생절차로 인하여 회사의 계속기업으로서의 존속능력에 유의적 의문이 제기되고 있습니다.",
        "종속기업에 대한 지급보증은 회사의 계속기업으로서의 존속능력에 유의적 의문을 제기합니다.",
        "유의적 의문을 극복하기 위하여 유상증자를 계획하고 있으나 계속기업으로서의 존속능력에 중요한 불확실성이 존재합니다.",
        "전기의 유동성 위기는 해소되었으나 당기말 현재 계속기업으로서의 존속능력에 유의적 의문이 있습니다.",
        "회사의 계속기업으로서의 존속능력에 유의적 의문이 있으며, 경영진은 유상증자로 이를 해소할 계획입니다.",
    ],
)  # fmt: skip
def test_doubt_of_this_year_stays_one_beside_last_year_plans_and_others(sentence: str) -> None:
    section = f"<P>강조사항</P><P>{sentence}</P>"
    audit = report("감사의견", INTRO, FAIR, more=section + DUTIES + SIGNED)
    assert audit.is_going_concern is True
    assert audit.going_concern_words is not None
    assert audit.going_concern_words.text == sentence


@pytest.mark.parametrize(
    ("sentence", "doubt"),
    [
        ("지배기업의 계속기업으로서의 존속능력에 유의적 의문이 있습니다.", True),
        ("회사의 지배기업의 계속기업으로서의 존속능력에 유의적 의문이 있습니다.", False),
    ],
)
def test_a_groups_parent_is_the_company_and_the_companys_parent_is_not(
    sentence: str,
    doubt: bool,  # noqa: FBT001
) -> None:
    section = f"<P>강조사항</P><P>{sentence}</P>"
    words = [text.replace("재무제표", "연결재무제표") for text in (INTRO, FAIR)]
    audit = report("감사의견", *words, more=section + DUTIES + SIGNED)
    assert (audit.basis, audit.is_going_concern) == ("CFS", doubt)


def test_a_firm_on_the_cover_is_no_signature() -> None:
    text = document("<P>마바회계법인</P>", "<P>감사의견</P>", f"<P>{FAIR}</P>")
    audit = read(text).audit
    assert audit is not None
    assert (audit.auditor, audit.is_going_concern) == ("마바회계법인", None)


def test_a_report_cut_off_before_its_end_says_nothing_about_going_concern() -> None:
    assert report("감사의견", INTRO, FAIR, more="").is_going_concern is None


def test_the_notes_of_the_statements_are_not_the_auditors_words() -> None:
    notes = f"<TITLE>(첨부)재 무 제 표</TITLE><P>재무제표</P><TITLE>주석</TITLE><P>{DOUBT}</P>"
    title = "<TITLE>독립된 감사인의 감사보고서</TITLE>"
    text = document(title, "<P>감사의견</P>", f"<P>{FAIR}</P>", DUTIES, SIGNED, notes)
    reading = read(text)
    assert reading.audit is not None
    assert reading.audit.is_going_concern is False


# --- who signed, when, about what ----------------------------------------------------------------


def test_firm_day_period_and_standard_are_found_and_no_person() -> None:
    reading = read(document("<P>감사의견</P>", f"<P>{INTRO}</P><P>{FAIR}</P>", DUTIES, SIGNED))
    audit = reading.audit
    assert audit is not None
    assert (audit.auditor, audit.signed_on, audit.period_end) == ("마바회계법인", date(2026, 3, 10), date(2025, 12, 31))  # fmt: skip
    assert (audit.standard, audit.basis, audit.is_review) == ("K-GAAP", "OFS", False)
    assert "름아님" not in "".join(repr(reading).split())


@pytest.mark.parametrize(
    ("signature", "firm"),
    [
        ("<P>마바회계법인 대표이사 이름아님</P><P>2026년 3월 10일</P>", "마바회계법인"),
        (
            "<P>마바감사반 (등록번호 제123호)</P><P>공인회계사 이름아님</P><P>2026년 3월 10일</P>",
            "마바감사반",
        ),
        ("<P>공인회계사 이름아님</P><P>2026년 3월 10일</P>", None),
    ],
)
def test_only_a_firm_is_an_auditor(signature: str, firm: str | None) -> None:
    reading = read(document("<P>감사의견</P>", f"<P>{FAIR}</P>", signature))
    assert reading.audit is not None
    assert reading.audit.auditor == firm
    assert "이름아님" not in repr(reading)


def test_names_beside_the_words_that_decide_are_left_out() -> None:
    named = f"대표이사 이름아님은 {DOUBT}"
    section = f"<P>계속기업 관련 중요한 불확실성</P><P>{named}</P>"
    audit = report("감사의견", INTRO, FAIR, more=section + DUTIES + SIGNED)
    assert audit.is_going_concern is True
    assert "이름아님" not in repr(audit)


def test_a_periodic_report_holds_no_audit_report() -> None:
    text = document("<P>감사의견</P>", f"<P>{FAIR}</P>", SIGNED, name="사업보고서", code="11011")
    assert read(text).audit is None

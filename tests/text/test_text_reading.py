"""Sentence by sentence: what is stated, what is not sure, what cannot be read; and which sentence moved a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paycanary.filings.auditor_words import NOTHING, masked, statements
from paycanary.report import words as report
from paycanary.text.reading import deciding, read

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.quick


class Told:
    """A reader that goes by single words; ``asked`` are the texts it was given."""

    version = "v"
    kinds = ("litigation", "rescue")

    def __init__(self) -> None:
        self.asked: list[str] = []

    def probabilities(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return [[self._chance(t, "소송"), self._chance(t, "회생")] for t in texts]

    @staticmethod
    def _chance(text: str, word: str) -> float:
        return 0.9 if word in text and "아마" not in text else 0.4 if word in text else 0.01


def test_each_sentence_has_its_own_answer() -> None:
    words = read(
        "날씨가 좋다. 소송 중이다. 아마 회생이다. これは日本語です。 회생절차와 소송이다.",
        Told(),
    )
    assert [s.state for s in words.sentences] == [
        "none",
        "stated",
        "unsure",
        "unread",
        "stated",
    ]
    assert words.sentences[0].confidence == pytest.approx(0.99)
    assert words.sentences[3].confidence is None
    assert {k: s.piece.text for k, s in words.stated.items()} == {"litigation": "소송 중이다.", "rescue": "회생절차와 소송이다."}  # fmt: skip


def test_what_cannot_be_read_is_not_shown_to_the_reader() -> None:
    reader = Told()
    read("これは日本語です。 !!! 소송.", reader)
    assert reader.asked == ["소송."]


def test_the_published_form_points_into_the_text() -> None:
    words = read("좋다.\n소송 중이다.", Told())
    document = report.document(words, "a.txt")
    assert document.stated == {"litigation": 1}
    said = document.sentences[1]
    assert words.text[said.start : said.end] == said.text == "소송 중이다."


def test_the_deciding_sentence_is_the_one_without_which_nothing_is_stated() -> None:
    assert (
        deciding("날씨가 좋다. 소송 중이다. 끝이다.", "litigation", Told()).text == "소송 중이다."
    )
    assert deciding("소송", "litigation", Told()).text == "소송"


def test_where_two_sentences_state_it_one_of_them_is_quoted() -> None:
    assert (
        "소송" in deciding("날씨가 좋다. 소송이 있다. 다른 소송도 있다.", "litigation", Told()).text
    )


def test_a_text_is_kept_by_its_kinds_and_never_whole() -> None:
    told = statements(["좋다.\n\n소송 중이다. 길게 쓴다.", "좋다."], Told())
    assert told == {
        "좋다.\n\n소송 중이다. 길게 쓴다.": [("litigation", 0.9, "소송 중이다.", "v")],
        "좋다.": [(NOTHING, None, None, "v")],
    }


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("전 대표이사 홍길동이 횡령하였다", "전 대표이사 ○○○ 횡령하였다"),
        ("전 대표이사 홍길동, 횡령", "전 대표이사 ○○○, 횡령"),
        ("홍길동 전 대표이사가 고소", "○○○ 전 대표이사가 고소"),
        ("원고 홍길동 외 3인", "원고 ○○○ 외 3인"),
        ("홍길동 외 12명이 제기", "○○○ 외 12명이 제기"),
        ("여러\n줄", "여러 줄"),
        ("대표이사(홍길동)의 배임", "대표이사(○○○)의 배임"),
        ("대표이사홍길동의 배임, 관리인홍길동", "대표이사○○○ 배임, 관리인○○○"),
        ("대표이사변경 및 관리인선임", "대표이사변경 및 관리인선임"),
        ("홍길동 회장의 배임", "○○○ 회장의 배임"),
        ("뷁길동 이사의 배임", "○○○ 이사의 배임"),
        ("주식회사가나다라대표이사 홍길동", "주식회사가나다라대표이사 ○○○"),
        ("2019년 7월 29일에 전 대표이사의 배임", "2019년 7월 29일에 전 대표이사의 배임"),
        ("최대주주: 홍길동", "최대주주: ○○○"),
        ("충분하고 적합한 감사증거를 입수할 수 없었습니다", "충분하고 적합한 감사증거를 입수할 수 없었습니다"),
        ("감사의견에는 영향을 미치지 않는", "감사의견에는 영향을 미치지 않는"),
        ("2019년 7월 29일자 전 대표이사의 배임", "2019년 7월 29일자 전 대표이사의 배임"),
        ("대표이사 변경 이후 지배기업 감사인", "대표이사 변경 이후 지배기업 감사인"),
    ],
)  # fmt: skip
def test_what_stands_where_persons_are_named_is_masked(sentence: str, wanted: str) -> None:
    assert masked(sentence) == wanted


def test_a_quotation_ends() -> None:
    assert len(masked("가" * 900)) == 300

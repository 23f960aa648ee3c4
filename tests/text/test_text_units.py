"""Text -> paragraphs and sentences: nothing is lost, nothing rewritten but what carries no meaning."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycanary.text.units import LONGEST, clean, key, paragraphs, sentences

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("회사는 소송 중이다. 금액은 1.5억원이다.", ["회사는 소송 중이다.", "금액은 1.5억원이다."]),
        ("불확실성이 존재합니다.우리의 의견은 영향을 받지 아니합니다.", ["불확실성이 존재합니다.", "우리의 의견은 영향을 받지 아니합니다."]),
        ("급여가 늦어집니다\n퇴직금은 다음 달입니다", ["급여가 늦어집니다", "퇴직금은 다음 달입니다"]),
        ("The company, Ltd. was sued. It lost.", ["The company, Ltd. was sued.", "It lost."]),
        ('그는 "망했다." 했다. 끝!', ['그는 "망했다."', "했다.", "끝!"]),
        ("", []),
        (" \n\n ", []),
    ],
)  # fmt: skip
def test_sentences_end_where_people_end_them(text: str, wanted: list[str]) -> None:
    assert [p.text for p in sentences(text)] == wanted


@given(st.text(alphabet=st.sampled_from('가나다.!? \n"aZ(1)ᄀ\u200b\ufeff\r'), max_size=300))
def test_every_letter_stands_in_exactly_one_sentence(text: str) -> None:
    cleaned = clean(text)
    pieces = sentences(cleaned)
    assert "".join(key(p.text) for p in pieces) == key(cleaned)
    for piece in pieces:
        assert cleaned[piece.start : piece.end] == piece.text
    assert all(a.end <= b.start for a, b in pairwise(pieces))


@given(st.text(alphabet=st.sampled_from("가다. \n1a"), max_size=4000))
def test_paragraphs_hold_every_letter_in_order(text: str) -> None:
    assert "".join(map(key, paragraphs(text))) == key(clean(text))


def test_a_sentence_without_an_end_is_cut() -> None:
    pieces = sentences("가" * (2 * LONGEST + 1))
    assert [len(p.text) for p in pieces] == [LONGEST, LONGEST, 1]


def test_korean_typed_on_a_mac_is_the_same() -> None:
    text = "계속기업"
    assert clean(unicodedata.normalize("NFD", text)) == text
    assert clean("\ufeff계속\u200b기업\r\n") == "계속기업\n"


def test_figures_and_marks_do_not_make_another_paragraph() -> None:
    assert key("주석 35에 (2024년)") == key("주석 7에, 2023년!")

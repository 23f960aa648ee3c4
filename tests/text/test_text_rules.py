"""Search expressions: what they find, in texts of any length."""

from __future__ import annotations

import pytest
import re2

from paycanary.text.rules import Rules, rules
from paycanary.text.training.labelled import KINDS

pytestmark = pytest.mark.quick


def test_every_kind_has_its_rules_in_the_order_of_the_kinds() -> None:
    assert tuple(rules()) == KINDS
    assert all(set(pair) == {"said", "unsaid"} for pair in rules().values())
    assert Rules(rules()).count == 2 * len(KINDS)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("계속기업으로서의 존속능력에 유의적 의문을 제기할 수 있는 불확실성이 존재합니다.", {"going_concern"}),
        ("계속기업 관련 중요한 불확실성이 존재하지 않습니다.", set()),
        ("이번 달 급여가 늦어집니다.", {"unpaid_wages"}),
        ("급여는 정상 지급됩니다.", set()),
        ("The company has been sued.", {"litigation"}),
        ("THE COMPANY HAS BEEN SUED.", {"litigation"}),
        ("오늘 점심은 김치찌개입니다.", set()),
    ],
)  # fmt: skip
def test_what_is_said_and_what_is_taken_back(text: str, kinds: set[str]) -> None:
    assert Rules(rules()).stated(text) == kinds


def test_marks_tell_what_was_said_and_what_took_it_back() -> None:
    place = 2 * KINDS.index("going_concern")
    found = Rules(rules()).marks("계속기업 관련 중요한 불확실성이 존재하지 않습니다.")
    assert {place, place + 1} <= set(found)


def test_expressions_that_are_none_are_refused() -> None:
    with pytest.raises(re2.error):
        Rules({"litigation": {"said": "(", "unsaid": "x"}})
    with pytest.raises(KeyError):
        Rules({"litigation": {"said": "x"}})


@pytest.mark.parametrize("hostile", ["계속기업", "임금", "loan ", "보증 종속회사 ", "대여"])
def test_a_text_of_any_length_is_searched(hostile: str) -> None:
    alone = Rules(rules()).marks(hostile)
    assert set(alone) <= set(Rules(rules()).marks(hostile * 100_000))

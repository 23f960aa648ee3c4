"""Amounts as people read them, in Korean and English."""

from __future__ import annotations

import pytest

from paycanary.wording import money, quantity

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("value", "korean", "english"),
    [
        (0, "0원", "0 won"),
        (9_999, "9,999원", "9,999 won"),
        (999_400, "100만 원", "999,400 won"),
        (999_500, "100만 원", "1m won"),
        (3_600_000, "360만 원", "3.6m won"),
        (3_642_000, "364만 원", "3.64m won"),
        (-3_557_000, "−356만 원", "−3.56m won"),
        (9_994_000, "999만 원", "9.99m won"),
        (9_996_000, "1,000만 원", "10m won"),
        (12_345_678, "1,235만 원", "12.3m won"),
        (-127_700_000_000, "−1,277억 원", "−127.7bn won"),
        (1_234_600_000_000, "1조 2,346억 원", "1.23tn won"),
    ],
)
def test_an_amount_is_written_in_the_steps_of_the_language(
    value: float, korean: str, english: str
) -> None:
    assert (money(value, "KRW", "ko"), money(value, "KRW", "en")) == (korean, english)
    assert quantity(value, "krw", "en") == quantity(value, "KRW", "en") == english


def test_wages_that_korean_tells_apart_english_tells_apart() -> None:
    """A month's pay and what is asked of it lie a few percent apart."""
    for pay in range(1_000_000, 10_000_000, 190_000):
        korean, english = ({money(pay * share, "KRW", lang) for share in (1, 0.975)} for lang in ("ko", "en"))  # fmt: skip
        assert len(korean) == len(english) == 2, pay

"""Any number in any of the ways in which statements print it comes back exactly; any mangled document is survived."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycanary.filings import dart_document
from paycanary.filings.dart_document.amounts import BadAmountError, read_amount, read_unit
from paycanary.filings.dart_files import stored_rows
from tests.dart_documents import SEEDS, income, only, read

if TYPE_CHECKING:
    import random

    from paycanary.filings.reading import Reading

UNITS = {"원": 0, "천원": 3, "만원": 4, "백만원": 6, "억원": 8, "십억원": 9, "조원": 12}
SIGNS = ("({})", "△{}", "▲{}", "-{}", "－{}", "−{}", "(△{})", "(-){}", "△ {}", "( {} )")
AROUND = ("{}", " {} ", "{}\n", "\u3000{}", "\xa0{}\xa0", "{}=====", "{} ━━━━━", "₩{}", "{}원")

numbers = st.integers(min_value=1, max_value=10**18)


@given(
    numbers,
    st.integers(0, 4),
    st.sampled_from(("{:,f}", "{:f}")),
    st.sampled_from(AROUND),
    st.none() | st.sampled_from(SIGNS),
)
def test_every_way_of_printing_a_number_gives_it_back(
    digits: int, places: int, form: str, around: str, sign: str | None
) -> None:
    number = Decimal(digits).scaleb(-places)
    text = form.format(number)
    amount = read_amount(around.format(sign.format(text) if sign else text))
    assert amount is not None
    assert amount.number == (-number if sign else number)


@given(
    numbers,
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(("{:,}", "({:,})")),
    st.sampled_from(("", " ", "\u3000")),
)
def test_scale_and_sign_are_exact_through_a_whole_document(
    digits: int, unit: str, form: str, blank: str
) -> None:
    label = f"Ⅴ.{blank}영업이익(손실)"
    text = income(
        ["매출액", "1", "1"], [label, form.format(digits), "-"], unit=f"(단위{blank}:{blank}{unit})"
    )
    expected = Decimal(digits) * 10 ** UNITS[unit]
    assert only(read(text), "영업이익(손실)").value == (-expected if "(" in form else expected)


@given(st.sampled_from(sorted(UNITS)), st.sampled_from(("(단위 : {})", "(단위:{})", "[단위 : {}]", "단위 : {}", "( 단 위 : {} )", "(단위：{})", "(단위 : {}, 주)")))  # fmt: skip
def test_a_unit_is_read_in_every_form_of_its_caption(unit: str, form: str) -> None:
    found = read_unit(form.format(unit))
    assert found is not None
    assert (found.currency, found.power) == ("KRW", UNITS[unit])


@given(st.text(max_size=40))
def test_whatever_stands_in_a_cell_is_a_number_nothing_or_refused(text: str) -> None:
    try:
        amount = read_amount(text)
    except BadAmountError:
        return
    assert amount is None or amount.number.is_finite()


PIECES = [
    b"<TD>", b"</TD>", b"<TR>", b"</TABLE>", b"<TABLE>", b"<P>", b"</P>", b"<TITLE>", b"<!--", b"<!DOCTYPE a [", b"&", b"<", b'"', b' COLSPAN="9999"', b"<STYLE>", b"<THEAD>",
    b"<SECTION-1>", b"\x00", b"\xff\xfe", b"1,2,3", b"(1,234)", b"9" * 60, "손익계산서".encode(), "제 10(당)기".encode(), "2025년 13월 41일".encode(), "(단위 : 원)".encode(), "의견거절".encode(),
]  # fmt: skip


def mangle(random_: random.Random, raw: bytes) -> bytes:
    """The document with pieces cut out, put in, doubled and overwritten."""
    data = bytearray(raw)
    for _ in range(random_.choice((1, 2, 5, 20))):
        at = random_.randrange(len(data) + 1)
        end = min(len(data), at + random_.choice((1, 5, 50, 500)))
        match random_.randrange(5):
            case 0:
                del data[at:end]
            case 1:
                data[at:at] = random_.choice(PIECES)
            case 2:
                data[at:end] = random_.choice(PIECES) * random_.choice((1, 3, 30))
            case 3:
                data[at:at] = data[at:end]
            case _:
                data[at:end] = bytes(random_.randrange(256) for _ in range(end - at))
    return bytes(data)


def sound(reading: Reading) -> None:
    """Whatever a document says, its reading holds figures that are figures, of a period, with a unit and a place."""
    for fact in reading.facts:
        assert fact.value is not None
        assert fact.value.is_finite()
        assert fact.end is not None
        assert fact.start is None or fact.start < fact.end
        assert fact.unit
        assert fact.tag.strip()
        assert (fact.place.line or 0) > 0
    assert all(len(fault.detail) <= 200 for fault in reading.faults)
    for row in stored_rows(reading.facts):
        assert row.months >= 0


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(SEEDS))
def test_a_mangled_document_is_survived(random_: random.Random, seed: bytes) -> None:
    sound(dart_document.read(mangle(random_, seed), "a.xml"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_survived(raw: bytes) -> None:
    sound(dart_document.read(raw, "a.xml"))


@pytest.mark.parametrize(
    "text",
    [
        # A name without its bracket's alias took a pattern minutes.
        "<DOCUMENT><P>감사의견</P><P>우리는 "
        + "가나다라 " * 60
        + "의 재무제표를 감사하였습니다. 공정하게 표시하고 있습니다.</P>",
        # A name of the head as long as the document stood in a fault whole.
        "<DOCUMENT><DOCUMENT-NAME>" + "감사보고서" * 100 + "</DOCUMENT-NAME>",
    ],
    ids=["company", "title"],
)
def test_what_fuzzing_found_stays_mended(text: str) -> None:
    sound(read(text))

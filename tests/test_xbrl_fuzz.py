"""Readers meet anything: wounded real filings and made ones give facts and faults, or `InputFileError`, soon, and nothing else."""

from __future__ import annotations

import contextlib
import io
import json
import time
import zipfile
from collections.abc import Callable  # noqa: TC003 - Hypothesis reads signatures
from decimal import Decimal
from pathlib import Path  # noqa: TC003 - see above

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paycanary.errors import InputFileError
from paycanary.filings.reading import Reading  # noqa: TC001 - see above
from paycanary.filings.xbrl import read, read_document, sniff
from paycanary.filings.xbrl.companyfacts import read_companyfacts
from paycanary.filings.xbrl.inline import read_inline
from paycanary.filings.xbrl.instance import read_instance
from tests.xbrl_pages import COMPANYFACTS, DEFAULTED, EVERYTHING, INSTANCE, figure, page, words

LARGEST = 1 << 16  # bytes of a document: what is larger is read by the tests of limits
SLOWEST = 5.0  # seconds for one of them; they take milliseconds
WORDS = [
    b"<ix:exclude>", b"</ix:nonFraction>", b"<ix:nonNumeric ", b"</ix:header>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml ?>",
    b"&#160;", b"&nbsp;", b"&#0;", b"&", b"<", b">", b'"', b"'", b"=", b"/", b" ", b"\r", b"\t", b"\n", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf",
    b' scale="-999999999"', b' sign="-"', b' xsi:nil="true"', b' continuedAt="c1"', b' name=""', b' id="a\rb"',
    b"<!DOCTYPE x [<!ENTITY a '&b;&b;'>]>", b"&a;", b' xmlns="http://www.xbrl.org/2013/inlineXBRL"', b' xmlns:ix="x"', b"1e999999",
    b"9" * 200, b"\xe2\x80\x94", b"0000-00-00", b"{", b"[", b"null", b"-", b"NaN", b"PK\x03\x04", b"PK\x05\x06",
]  # fmt: skip
MADE = [
    EVERYTHING, DEFAULTED, page(figure("1", name="d:E\rq")), page(figure("1", name="d:E\tq")),
    page(words("one <b>two</b>", escape="true") * 3), INSTANCE, COMPANYFACTS,
]  # fmt: skip
BOUNDED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def wounds(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """One to three cuts, insertions or moves, at places told in parts of the document's length."""
    steps = draw(
        st.lists(
            st.tuples(
                st.floats(0, 1), st.sampled_from([0, 0, 1, 3, 40, 400]), st.sampled_from([b"", *WORDS]),
                st.floats(0, 1), st.sampled_from([1, 1, 1, 30]),
            ),
            min_size=1, max_size=3,
        )
    )  # fmt: skip

    def wound(data: bytes) -> bytes:
        for place, width, word, to, times in steps:
            at = int(place * len(data))
            piece, data = data[at : at + width], data[:at] + word * times + data[at + width :]
            if not word:
                there = int(to * len(data))
                data = data[:there] + piece * times + data[there:]
        return data[:LARGEST]

    return wound


def held(started: float, *readings: Reading) -> None:
    """What every reading keeps to."""
    assert time.monotonic() - started < SLOWEST
    for reading in readings:
        for fact in reading.facts:
            assert fact.tag
            assert fact.value is None or (
                isinstance(fact.value, Decimal) and fact.value.is_finite()
            )
            assert not (fact.is_nil and (fact.value is not None or fact.text is not None))
        assert all(len(fault.detail) <= 200 for fault in reading.faults)


def read_both_ways(data: bytes) -> None:
    started = time.monotonic()
    fast, plain = read_inline(data, "page"), read_inline(data, "page", plainly=True)
    held(started, fast, plain)
    broken = {"not_well_formed", "not_xml", "too_deep"}
    if not any(fault.reason in broken for fault in plain.faults):
        assert fast.facts == plain.facts


@pytest.fixture(scope="module")
def pages(shared_data: Path) -> list[bytes]:
    found = [
        path.read_bytes()
        for path in sorted((shared_data / "filings" / "uk").rglob("*"))
        if path.suffix in {".html", ".xhtml"} and path.stat().st_size < LARGEST
    ]
    assert len(found) > 10
    return found


# --- by kind -------------------------------------------------------------------------------------


@given(data=st.sampled_from(MADE), wound=wounds())
@settings(BOUNDED, max_examples=500)
def test_a_wounded_made_page_is_read_the_same_both_ways(
    data: bytes, wound: Callable[[bytes], bytes]
) -> None:
    read_both_ways(wound(data))


@given(which=st.integers(0, 1000), wound=wounds())
@settings(BOUNDED, max_examples=100)
def test_a_wounded_real_page_is_read_the_same_both_ways(
    pages: list[bytes], which: int, wound: Callable[[bytes], bytes]
) -> None:
    read_both_ways(wound(pages[which % len(pages)]))


@given(wound=wounds())
@settings(BOUNDED, max_examples=400)
def test_a_wounded_instance_gives_facts_and_faults(wound: Callable[[bytes], bytes]) -> None:
    started = time.monotonic()
    held(started, read_instance(wound(INSTANCE), "instance"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["2023-12-31", "2023-02-30", "10-K"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["facts", "cik", "entityName", "us-gaap", "units", "USD", "val", "end", "start", "accn", "form", "filed", ""]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(facts=json_values, row=json_values)
@settings(BOUNDED, max_examples=300)
def test_json_of_any_shape_gives_facts_and_faults(facts: object, row: object) -> None:
    rows = {"us-gaap": {"Assets": {"units": {"USD": [row]}}}}
    for document in ({"facts": facts}, {"facts": rows}, facts):
        started = time.monotonic()
        held(started, read_companyfacts(json.dumps(document).encode(), "facts"))


@given(wound=wounds(), data=st.sampled_from(MADE), inside=st.booleans())
@settings(BOUNDED, max_examples=200)
def test_a_wounded_file_is_read_or_refused(
    tmp_path: Path, wound: Callable[[bytes], bytes], data: bytes, *, inside: bool
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/page.html", wound(data) if inside else data)
    path = tmp_path / "file"
    path.write_bytes(packed.getvalue() if inside else wound(packed.getvalue()))
    started = time.monotonic()
    with contextlib.suppress(InputFileError):
        held(started, *read(path))
    assert time.monotonic() - started < SLOWEST


@given(data=st.binary(max_size=400))
@settings(BOUNDED, max_examples=300)
def test_bytes_of_no_meaning_are_told_apart(data: bytes) -> None:
    started = time.monotonic()
    assert sniff(data) in {None, "inline_xbrl", "xbrl", "companyfacts"}
    reading = read_document(data, "bytes")
    held(started, *([] if reading is None else [reading]))


@pytest.mark.parametrize("plainly", [False, True], ids=["fast", "plain"])
def test_absurd_nesting_costs_time_in_proportion_only(plainly: bool) -> None:  # noqa: FBT001
    deep = words("<b>" * 30_000 + "x" + "</b>" * 30_000) + figure("5")
    tags = (
        "".join(words("x", continuedAt="").replace("</ix:nonNumeric>", "") for _ in range(2000))
        + "</ix:nonNumeric>" * 2000
    )
    began = time.process_time()
    for body in (deep, tags):
        read_inline(page(body), "page.html", plainly=plainly)
    assert time.process_time() - began < 10

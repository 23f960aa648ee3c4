"""Inline XBRL: what each construct of the standard means, and what broken pages cost."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest

from paycanary.filings.reading import DocumentFact, Reading  # noqa: TC001
from paycanary.filings.xbrl import sniff
from paycanary.filings.xbrl.inline import read_inline
from tests.xbrl_pages import DEFAULTED, EVERYTHING, figure, page, words

pytestmark = pytest.mark.quick

WAYS = pytest.mark.parametrize("plainly", [False, True], ids=["fast", "plain"])


def read_page(body: str, *, plainly: bool = False, **more: str) -> Reading:
    return read_inline(page(body, **more), "page.html", plainly=plainly)


def only(reading: Reading) -> DocumentFact:
    assert not reading.faults
    [fact] = reading.facts
    return fact


def reasons(reading: Reading) -> list[str]:
    return [fault.reason for fault in reading.faults]


@WAYS
@pytest.mark.parametrize(
    ("digits", "attributes", "value"),
    [
        ("1,234", {"format": "ixt:numdotdecimal"}, "1234"),
        ("1,234", {"format": "ixt:numdotdecimal", "scale": "3"}, "1234000"),
        ("1.5", {"format": "ixt:numdotdecimal", "scale": "6"}, "1500000"),
        ("12.34", {"format": "ixt:numdotdecimal", "scale": "-2"}, "0.1234"),
        ("99", {"format": "ixt:numdotdecimal", "sign": "-"}, "-99"),
        ("0", {"format": "ixt:numdotdecimal", "sign": "-"}, "0"),
        ("1.234,5", {"format": "ixt:numcommadecimal"}, "1234.5"),
        ("1 234", {"format": "ixt:numdotdecimal"}, "1234"),
        ("1&#160;234", {"format": "ixt:numdotdecimal"}, "1234"),
        ("1&nbsp;234", {"format": "ixt:numdotdecimal"}, "1234"),
        ("&#8212;", {"format": "ixt:zerodash", "scale": "3"}, "0"),
        ("nil", {"format": "ixt4:fixed-zero"}, "0"),
        ("three", {"format": "ixt-sec:numwordsen"}, "3"),
        (" 7\n", {}, "7"),
        ("12345678901234567890123456789012.34", {}, "12345678901234567890123456789012.34"),
        (
            "12345678901234567890123456789012",
            {"scale": "3", "sign": "-"},
            "-12345678901234567890123456789012000",
        ),
    ],
)
def test_figures_are_exact(
    digits: str,
    attributes: dict[str, str],
    value: str,
    plainly: bool,  # noqa: FBT001
) -> None:
    fact = only(read_page(figure(digits, **attributes), plainly=plainly))
    assert str(fact.value) == value


@WAYS
def test_a_figure_tells_its_period_unit_place_and_accuracy(plainly: bool) -> None:  # noqa: FBT001
    fact = only(
        read_page("\n\n" + figure("5", id="f1", unit="each", context="year"), plainly=plainly)
    )
    assert (fact.tag, fact.concept, fact.unit) == ("core:Equity", "equity", "GBP/shares")
    assert (fact.start, fact.end) == (date(2023, 1, 1), date(2023, 12, 31))
    assert (fact.place.file, fact.place.path, fact.decimals) == ("page.html", "f1", "0")
    assert (
        fact.place.line
        == page("").decode()[: page("").decode().index("\n\n</body>")].count("\n") + 4
    )
    assert fact.entity == "01234567"


@WAYS
def test_dimensions_are_told_in_canonical_prefixes_and_say_the_basis(plainly: bool) -> None:  # noqa: FBT001
    fact = only(read_page(figure("5", context="group"), plainly=plainly))
    assert fact.dimensions == (
        ("bus:GroupCompanyDataDimension", "bus:Consolidated"),
        ("core:Named", "East & West"),
    )
    assert fact.basis == "CFS"


@WAYS
def test_nil_is_neither_a_number_nor_zero(plainly: bool) -> None:  # noqa: FBT001
    fact = only(read_page(figure("", nil="true"), plainly=plainly))
    assert fact.is_nil
    assert fact.value is None


@WAYS
def test_a_nested_figure_is_told_under_both_names(plainly: bool) -> None:  # noqa: FBT001
    inner = figure("7", name="d:Inner", scale="3")
    reading = read_page(figure(inner, name="d:Outer", scale="6"), plainly=plainly)
    assert [(fact.tag, fact.value) for fact in reading.facts] == [
        ("core:Outer", 7_000_000),
        ("core:Inner", 7_000),
    ]


@WAYS
def test_a_chain_of_continuations_is_one_text_without_what_is_excluded(plainly: bool) -> None:  # noqa: FBT001
    body = (
        f"{words('One<ix:exclude> (page 2)</ix:exclude>', continuedAt='a')}<p>between</p>"
        '<ix:continuation id="b"> three</ix:continuation><ix:continuation id="a" continuedAt="b"> two</ix:continuation>'
    )
    assert only(read_page(body, plainly=plainly)).text == "One two three"


@WAYS
@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("", "missing_continuation"),
        ('<ix:continuation id="a" continuedAt="a">x</ix:continuation>', "continuation_cycle"),
        ('<ix:continuation id="a" continuedAt="b">x</ix:continuation><ix:continuation id="b" continuedAt="a">y</ix:continuation>', "continuation_cycle"),
    ],
)  # fmt: skip
def test_a_broken_chain_costs_its_fact_only(more: str, reason: str, plainly: bool) -> None:  # noqa: FBT001
    reading = read_page(words("One", continuedAt="a") + more + figure("5"), plainly=plainly)
    assert reasons(reading) == [reason]
    assert [fact.value for fact in reading.facts] == [5]


@WAYS
def test_markup_in_words_is_taken_away(plainly: bool) -> None:  # noqa: FBT001
    assert (
        only(read_page(words("Made <b>Wor</b>ks &amp; Sons"), plainly=plainly)).text
        == "Made Works & Sons"
    )
    block = words(
        "<p>First.</p><p title='a > b'>Second &lt; <!-- <b> --> third.</p>", escape="true"
    )
    assert only(read_page(block, plainly=plainly)).text == "First. Second < third."


@WAYS
def test_hidden_facts_are_read_and_marked(plainly: bool) -> None:  # noqa: FBT001
    fact = only(read_page("", hidden=figure("5"), plainly=plainly))
    assert fact.is_hidden


@WAYS
@pytest.mark.parametrize(
    ("over", "under", "value", "text"), [("1", "8", "0.125", None), ("1", "3", None, "1/3")]
)
def test_a_fraction_is_a_number_where_a_decimal_can_hold_it(
    over: str, under: str, value: str | None, text: str | None, plainly: bool  # noqa: FBT001
) -> None:  # fmt: skip
    body = f'<ix:fraction name="d:Part" contextRef="now" unitRef="shares"><ix:numerator>{over}</ix:numerator> of <ix:denominator>{under}</ix:denominator></ix:fraction>'
    fact = only(read_page(body, plainly=plainly))
    assert fact.value == (None if value is None else Decimal(value))
    assert fact.text == text


@WAYS
def test_members_of_a_tuple_are_facts(plainly: bool) -> None:  # noqa: FBT001
    body = f'<ix:tuple name="d:Group" tupleID="t">{figure("5", order="1")}</ix:tuple>{figure("6", tupleRef="t", order="2")}'
    assert [fact.value for fact in read_page(body, plainly=plainly).facts] == [5, 6]


@WAYS
def test_tags_may_stand_in_a_default_namespace(plainly: bool) -> None:  # noqa: FBT001
    fact = only(read_inline(DEFAULTED, "page", plainly=plainly))
    assert (fact.tag, fact.value, fact.unit, fact.end) == (
        "core:Equity",
        5,
        "GBP",
        date(2023, 12, 31),
    )


@WAYS
def test_prefixes_are_the_documents_own_business(plainly: bool) -> None:  # noqa: FBT001
    data = page(figure("5")).replace(b"xbrli", b"q").replace(b"xmlns:ix=", b"xmlns:in=")
    data = data.replace(b"<ix:", b"<in:").replace(b"</ix:", b"</in:")
    assert only(read_inline(data, "page", plainly=plainly)).value == 5


@WAYS
def test_quotes_may_be_single(plainly: bool) -> None:  # noqa: FBT001
    data = page(figure("5", context="group")).replace(b'"', b"'")
    assert only(read_inline(data, "page", plainly=plainly)).basis == "CFS"


@WAYS
def test_a_name_whose_prefix_nobody_declared_stays_as_it_is(plainly: bool) -> None:  # noqa: FBT001
    reading = read_page(figure("5", name="made:Thing"), plainly=plainly)
    assert [fact.tag for fact in reading.facts] == ["made:Thing"]
    assert reasons(reading) == ["undeclared_prefix"]


@WAYS
@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (figure("five"), "bad_value"),
        (figure("1,2,3", format="ixt:numdotdecimal"), "bad_value"),
        (figure("5", format="ixt:numnever"), "unknown_format"),
        (figure("5", format="other:numdotdecimal"), "unknown_format"),
        (figure("5", scale="999999999"), "bad_value"),
        (figure("5", scale="big"), "bad_value"),
        (figure("9" * 200), "bad_value"),
        (figure("5", name=""), "no_name"),
        (words("31 Nothing 2023", format="ixt:datedaymonthyearen"), "bad_value"),
        ('<ix:fraction name="d:Part" contextRef="now" unitRef="shares"><ix:numerator>1</ix:numerator></ix:fraction>', "bad_fraction"),
        ('<ix:fraction name="d:Part" contextRef="now" unitRef="shares"><ix:numerator>1</ix:numerator><ix:denominator>0</ix:denominator></ix:fraction>', "bad_value"),
    ],
)  # fmt: skip
def test_one_bad_fact_never_loses_the_file(bad: str, reason: str, plainly: bool) -> None:  # noqa: FBT001
    reading = read_page(figure("1") + bad + figure("2"), plainly=plainly)
    assert [fact.value for fact in reading.facts] == [1, 2]
    assert reason in reasons(reading)


@WAYS
def test_a_fact_without_its_context_or_unit_keeps_its_value(plainly: bool) -> None:  # noqa: FBT001
    reading = read_page(figure("5", context="never", unit="none"), plainly=plainly)
    assert [(fact.value, fact.end, fact.unit) for fact in reading.facts] == [(5, None, None)]
    assert reasons(reading) == ["unknown_context", "unknown_unit"]


def test_names_of_people_are_not_read() -> None:
    reading = read_page(
        words("이름아님", name="bus:NameEntityOfficer")
        + words("이름아님", name="d:DirectorSigningFinancialStatements")
    )
    assert [fact.text for fact in reading.facts] == [None, None]
    assert "이름아님" not in str(reading)


def test_a_page_says_whose_it_is() -> None:
    reading = read_inline(EVERYTHING, "page")
    assert (reading.company_name, reading.company_number, reading.period_end) == (
        "Made Works Limited",
        "01234567",
        date(2023, 12, 31),
    )


@WAYS
@pytest.mark.parametrize("before", [b"\n", b"\xef\xbb\xbf", b" \r\n\t"])
def test_what_stands_before_the_xml_declaration_does_no_harm(before: bytes, plainly: bool) -> None:  # noqa: FBT001
    data = before + page(figure("5"))
    assert sniff(data) == "inline_xbrl"
    assert only(read_inline(data, "page", plainly=plainly)).value == 5


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252", "cp949"])
def test_other_encodings_are_read(encoding: str) -> None:
    words_of = "한국" if encoding == "cp949" else "Zoë"
    text = page(words(words_of)).decode().replace('encoding="UTF-8"', f'encoding="{encoding}"')
    data = text.encode(encoding)
    assert sniff(data) == "inline_xbrl"
    assert only(read_inline(data, "page")).text == words_of


def test_bytes_that_the_encoding_does_not_know_are_told() -> None:
    reading = read_inline(page(figure("5") + words("Zo?")).replace(b"Zo?", b"Zo\xeb"), "page")
    assert reasons(reading) == ["bad_encoding"]
    assert [fact.value for fact in reading.facts] == [5, None]


# --- pages that mean harm ------------------------------------------------------------------------


def with_doctype(subset: str, body: str) -> bytes:
    return page(body).replace(b"\n<html", f"\n<!DOCTYPE html [{subset}]>\n<html".encode(), 1)


@WAYS
def test_an_entity_for_a_character_is_put_in_place(plainly: bool) -> None:  # noqa: FBT001
    data = with_doctype('<!ENTITY pound "&#163;"><!ENTITY sp " ">', words("&pound;5&sp;m"))
    assert only(read_inline(data, "page", plainly=plainly)).text == "£5 m"


@WAYS
def test_entities_that_grow_are_refused(plainly: bool) -> None:  # noqa: FBT001
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + number)} "{f"&{chr(97 + number)};" * 10}">' for number in range(12)
    )
    began = time.process_time()
    reading = read_inline(
        with_doctype(entities, words("&m;") + figure("5")), "page", plainly=plainly
    )
    assert time.process_time() - began < 2
    assert set(reasons(reading)) == {"entity_refused"}
    assert [fact.text for fact in reading.facts] == ["&m;", None]


@WAYS
def test_entities_of_other_files_are_never_opened(plainly: bool) -> None:  # noqa: FBT001
    entities = '<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY % y PUBLIC "-" "http://example.org/evil.dtd"> %y;'
    reading = read_inline(with_doctype(entities, words("&x;")), "page", plainly=plainly)
    assert set(reasons(reading)) == {"external_entity"}
    assert [fact.text for fact in reading.facts] == ["&x;"]


@WAYS
def test_text_that_repeats_itself_is_limited(plainly: bool) -> None:  # noqa: FBT001
    inner = "word " * 40_000
    for _ in range(100):
        inner = words(inner)
    reading = read_page(inner + figure("5"), plainly=plainly)
    assert "too_much_text" in reasons(reading)
    assert reading.facts[-1].value == 5
    assert sum(len(fact.text or "") for fact in reading.facts) < 30_000_000


def test_a_page_that_ends_early_is_read_as_far_as_it_goes_and_told() -> None:
    data = page(figure("1") + figure("2") + "<p>more</p>")
    reading = read_inline(data[: data.index(b"<p>more")], "page")
    assert [fact.value for fact in reading.facts] == [1, 2]
    assert reasons(reading) == ["not_well_formed"]


def test_faults_are_limited_and_counted() -> None:
    reading = read_page(figure("x") * 3000)
    assert len(reading.faults) == 1001
    assert (reading.faults[-1].reason, reading.faults[-1].detail) == ("more_faults", "2000")


def test_a_page_without_tags_in_its_namespace_gives_nothing() -> None:
    assert read_inline(b"<html><body>nothing", "page").facts == []
    assert read_inline(b"", "page").facts == []


# --- found by the fuzzer -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<p>", b"<?><p>"),
        (b"dimension=", b"dimens&nbsp;ion="),
        (b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', b'xmlns:xsi="other"'),
        (b"01234567", b"0123\x144567"),
        (b'scheme="http', b'scheme="h-->ttp'),
        (b'dimension="bus:', b'dimension="b\tus:'),
        (b"</xbrli:context>", b"</xbrli:context >"),
        (b"</xbrli:unit>", b"</xbrli:unit\t>"),
        (b"scheme=", "s\u00b7cheme=".encode()),
        (b'dimension="bus:', 'x\u00b7="" dimension="bus:'.encode()),
        (b"<xbrli:measure>", '<xbrli:measure x\ufffd="">'.encode()),
        (b"<xbrli:instant>", '<xbrli:instant x\u00b7="">'.encode()),
        (b'name="d:Equity"', b'name="d:Equi\rty"'),
        (b'name="d:Equity"', b'name="d:Equi\tty"'),
    ],
)
def test_what_the_fuzzer_found_stays_mended(old: bytes, new: bytes) -> None:
    data = page(f"<p>{figure('', nil='true')}{figure('5', context='group')}</p>").replace(old, new)
    fast, plain = read_inline(data, "page"), read_inline(data, "page", plainly=True)
    assert [fact.value for fact in fast.facts][-1:] == [5]
    if not plain.faults or "not_well_formed" not in reasons(plain):
        assert fast.facts == plain.facts

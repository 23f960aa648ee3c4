"""XBRL instances: contexts, units, nil, tuples, broken ones; Samsung's DART package against its OpenDART statements."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path  # noqa: TC003

import pytest

from paycanary.filings.reading import Reading  # noqa: TC001
from paycanary.filings.xbrl import read, sniff
from paycanary.filings.xbrl.contexts import read_day
from paycanary.filings.xbrl.instance import read_instance
from paycanary.filings.xbrl.numbers import exact, exact_item, quotient
from tests.xbrl_pages import INSTANCE

quick = pytest.mark.quick


def reasons(reading: Reading) -> list[str]:
    return [fault.reason for fault in reading.faults]


@quick
def test_an_instance_tells_its_facts() -> None:
    assert sniff(INSTANCE) == "xbrl"
    reading = read_instance(INSTANCE, "made.xbrl")
    assert not reading.faults
    revenue, operating, assets, *_ = reading.facts
    assert (revenue.tag, revenue.concept, revenue.value, revenue.unit, revenue.basis) == (
        "ifrs-full:Revenue", "revenue", 1_234_000_000, "KRW", "CFS",
    )  # fmt: skip
    assert (revenue.start, revenue.end) == (date(2021, 1, 1), date(2021, 12, 31))
    assert (operating.concept, str(operating.value)) == ("operating_profit", "-55000000")
    assert (assets.is_nil, assets.value, assets.end) == (True, None, date(2021, 12, 31))
    assert reading.facts[-1].tag == "dart:Part"
    assert (reading.company_name, reading.company_number, reading.period_end) == (
        "지어낸회사", "00999999", date(2021, 12, 31),
    )  # fmt: skip


@quick
def test_the_author_of_a_filing_is_not_read() -> None:
    reading = read_instance(INSTANCE, "made.xbrl")
    assert "이름아님" not in str(reading)
    assert [fact.text for fact in reading.facts if fact.tag == "dart-gcd:AuthorName"] == [None]


@quick
@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b">1234000000<", b">many<", "bad_number"),
        (b">1234000000<", b">INF<", "bad_number"),
        (b">1234000000<", b">1E99999<", "bad_number"),
        (b'contextRef="c" unitRef', b'contextRef="x" unitRef', "unknown_context"),
        (b'unitRef="KRW"', b'unitRef="won"', "unknown_unit"),
        (b"2021-12-31</endDate>", b"2021-13-31</endDate>", "bad_date"),
        (b"</xbrl>", b"", "not_well_formed"),
        (b"xmlns:dart=", b"xmlns:other=", "not_well_formed"),
    ],
)
def test_one_bad_thing_never_loses_the_instance(old: bytes, new: bytes, reason: str) -> None:
    reading = read_instance(INSTANCE.replace(old, new), "made.xbrl")
    assert reason in reasons(reading)
    assert {"ifrs-full:Assets", "dart-gcd:DocumentPeriodEndDate"} <= {
        fact.tag for fact in reading.facts
    }


@quick
@pytest.mark.parametrize("data", [b"", b"<", b"not xml", b"<xbrl", b"\x00" * 100])
def test_what_is_no_xml_is_told(data: bytes) -> None:
    reading = read_instance(data, "made.xbrl")
    assert reading.facts == []
    assert reasons(reading)


@quick
def test_a_bomb_of_entities_is_refused() -> None:
    subset = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
    )
    data = INSTANCE.replace(b"?>\n", f"?>\n<!DOCTYPE xbrl [{subset}]>\n".encode(), 1)
    data = data.replace("지어낸회사".encode(), b"&m;")
    reading = read_instance(data, "made.xbrl")
    assert set(reasons(reading)) == {"entity_refused"}
    assert len(str(reading)) < 20_000


@quick
def test_elements_nested_beyond_reason_are_cut_off() -> None:
    data = INSTANCE.replace(b"<dart:Group>", b"<dart:Group>" * 5000).replace(
        b"</dart:Group>", b"</dart:Group>" * 5000
    )
    reading = read_instance(data, "made.xbrl")
    assert "not_well_formed" in reasons(reading)
    assert reading.facts[0].value == 1_234_000_000


@quick
@pytest.mark.parametrize(
    ("text", "is_end", "day"),
    [
        ("2021-12-31", True, date(2021, 12, 31)),
        ("2022-01-01T00:00:00", True, date(2021, 12, 31)),
        ("2022-01-01T00:00:00", False, date(2022, 1, 1)),
        ("2021-12-31T24:00:00", True, date(2021, 12, 31)),
        ("2021-12-31T23:59:59", True, date(2021, 12, 31)),
        ("2021-12-31Z", True, date(2021, 12, 31)),
        (" 2021-12-31\n", True, date(2021, 12, 31)),
    ],
)
def test_a_period_ends_on_its_last_day(text: str, is_end: bool, day: date) -> None:  # noqa: FBT001
    assert read_day(text, is_end=is_end) == day


@quick
def test_numbers_are_read_as_they_stand() -> None:
    assert exact_item(" +001.50\n") == Decimal("1.50")
    assert str(exact_item("1.5e3")) == "1500"
    assert str(exact("-0.0")) == "0.0"
    assert str(exact(".5", 3)) == "500"
    assert quotient(Decimal(7), Decimal(-8)) == Decimal("-0.875")
    assert quotient(Decimal(2), Decimal(3)) is None
    for bad in ("", "1,5", "١", "0x1", "NaN", "1e", "--1"):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
            exact_item(bad)


# --- a real package ------------------------------------------------------------------------------

#: Concept -> its row in OpenDART's statements, to compare by amount.
KEY_FIGURES = ("revenue", "operating_profit", "net_income", "total_assets")


@pytest.fixture(scope="module")
def samsung(shared_data: Path) -> Reading:
    [reading] = read(shared_data / "korea" / "opendart" / "samples" / "samsung_2021_xbrl.zip")
    return reading


def test_a_dart_package_gives_its_instance_only(samsung: Reading) -> None:
    assert samsung.format == "xbrl"
    assert samsung.file == "00126380_2011-04-30.xbrl"
    assert not samsung.faults
    assert (samsung.company_name, samsung.company_number, samsung.period_end) == (
        "삼성전자",
        "00126380",
        date(2021, 12, 31),
    )
    assert len(samsung.facts) == 1010


def test_its_figures_are_those_of_the_statements(samsung: Reading, shared_data: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = shared_data / "korea" / "opendart" / "statements" / "005930.parquet"
    columns = {row[0] for row in duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall()}
    assert {"fs_div", "account_id", "thstrm_amount", "bsns_year", "reprt_code"} <= columns
    rows = duckdb.sql(
        f"SELECT fs_div, account_id, thstrm_amount FROM '{path}' WHERE bsns_year = '2021' AND reprt_code = '11011'"
    ).fetchall()
    stated = {
        (str(basis), str(account).rpartition("_")[2], str(amount).replace(",", ""))
        for basis, account, amount in rows
    }
    for concept in KEY_FIGURES:
        for basis in ("CFS", "OFS"):
            facts = [
                fact for fact in samsung.facts
                if fact.concept == concept and fact.basis == basis and len(fact.dimensions) == 1
                and fact.end == date(2021, 12, 31) and fact.start in (None, date(2021, 1, 1))
            ]  # fmt: skip
            [value] = {fact.value for fact in facts}
            tag = facts[0].tag.rpartition(":")[2]
            assert (basis, tag, str(value)) in stated, (concept, basis, value)


def test_no_author_stands_in_what_was_read(samsung: Reading) -> None:
    people = [fact for fact in samsung.facts if "Author" in fact.tag or "ContactPerson" in fact.tag]
    assert people
    assert {fact.text for fact in people} == {None}

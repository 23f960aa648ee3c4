"""The SEC's companyfacts: figures with the filing that told them, broken rows, broken files."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path  # noqa: TC003

import pytest

from paycanary.filings.xbrl import read, sniff
from paycanary.filings.xbrl.companyfacts import read_companyfacts
from tests.xbrl_pages import COMPANYFACTS

quick = pytest.mark.quick
ROW = {
    "end": "2023-12-31",
    "val": 1,
    "accn": "0000000000-24-000001",
    "form": "10-K",
    "filed": "2024-02-01",
}


def document(*rows: object, **more: object) -> bytes:
    return json.dumps(
        {"cik": 7, "entityName": "MADE", "facts": {"us-gaap": {"Assets": {"units": {"USD": rows}}}}}
        | more
    ).encode()


@quick
def test_a_fact_names_the_filing_that_told_it() -> None:
    assert sniff(COMPANYFACTS) == "companyfacts"
    reading = read_companyfacts(COMPANYFACTS, "made.json")
    assets, earnings = reading.facts
    assert (assets.tag, assets.concept, assets.value, assets.unit) == (
        "us-gaap:Assets",
        "total_assets",
        1_000_000,
        "USD",
    )
    assert (assets.start, assets.end) == (None, date(2023, 12, 31))
    assert assets.place.path == "0000000000-24-000001 10-K 2024-02-01"
    assert (str(earnings.value), earnings.unit, earnings.start) == (
        "-0.10",
        "USD/shares",
        date(2023, 1, 1),
    )
    assert (reading.company_name, reading.company_number) == ("MADE WORKS INC.", "0001234567")
    assert [fault.reason for fault in reading.faults] == ["bad_fact"]


@quick
@pytest.mark.parametrize(
    "bad",
    [{}, None, 5, "x", [], ROW | {"val": "1"}, ROW | {"val": None}, ROW | {"val": True}, ROW | {"end": 5}, ROW | {"end": "2023-02-30"},
     ROW | {"val": [1]}, {key: value for key, value in ROW.items() if key != "accn"}],
)  # fmt: skip
def test_a_bad_row_costs_itself_only(bad: object) -> None:
    reading = read_companyfacts(document(ROW, bad, ROW), "made.json")
    assert [fact.value for fact in reading.facts] == [1, 1]
    assert [fault.reason for fault in reading.faults] == ["bad_fact"]


@quick
@pytest.mark.parametrize("number", [b"9" * 5000, b"1e400", b"NaN", b"Infinity", b"1e-400"])
def test_a_number_beyond_reason_is_a_fault(number: bytes) -> None:
    reading = read_companyfacts(
        document(ROW).replace(b'"val": 1', b'"val": ' + number), "made.json"
    )
    assert [fault.reason for fault in reading.faults] == ["bad_fact"]


@quick
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"facts": 5}',
        b'{"facts": {"us-gaap": 5}}',
        b'{"facts": {"a": {"b": {"units": 7}}}}',
        b'{"facts":' + b"[" * 100_000,
    ],
)
def test_a_broken_file_gives_no_facts_and_no_crash(data: bytes) -> None:
    assert read_companyfacts(data, "made.json").facts == []


@quick
def test_numbers_keep_every_digit() -> None:
    data = document(ROW).replace(b'"val": 1', b'"val": 12345678901234567.123456789')
    assert read_companyfacts(data, "made.json").facts[0].value == Decimal(
        "12345678901234567.123456789"
    )


@pytest.mark.parametrize(
    ("name", "count", "company"),
    [("snow", 8163, "SNOWFLAKE INC."), ("lpa", 768, "Logistic Properties of the Americas")],
)
def test_real_files_are_read_whole(shared_data: Path, name: str, count: int, company: str) -> None:
    path = shared_data / "filings" / "us" / "companyfacts" / f"{name}_facts.json"
    [reading] = read(path)
    assert (len(reading.facts), reading.faults, reading.company_name) == (count, [], company)
    rows = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)[
        "facts"
    ]
    stated = [
        (f"{taxonomy}:{tag}", unit, row["val"], row["end"], row["accn"])
        for taxonomy, tags in rows.items() for tag, about in tags.items()
        for unit, found in about["units"].items() for row in found
    ]  # fmt: skip
    told = [
        (
            f.tag,
            f.unit,
            f.value,
            f.end.isoformat() if f.end else "",
            (f.place.path or "").split()[0],
        )
        for f in reading.facts
    ]
    assert told == stated

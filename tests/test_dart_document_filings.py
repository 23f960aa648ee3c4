"""Real reports of three listed companies: what is read from a document is what OpenDART's statements say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from paycanary.filings.dart_files import stored_rows
from paycanary.lake.reader import open_reader
from tests.dart_documents import from_markdown, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paycanary.filings.reading import Reading

SECTIONS = ("2. 연결재무제표", "4. 재무제표")
#: Figures that the API gives and the section does not print: 2024's right-of-use assets, restated.
ABSENT = 3
SAMSUNG = ("20220816001711", "korea/opendart/samples/samsung_2022h1_document.xml")


@pytest.fixture(scope="module")
def readings(shared_data: Path) -> dict[str, Reading]:
    """Every report of the two companies of which the text is there, by receipt number; and Samsung's half year of 2022."""
    found = dict(saved_reports(shared_data))
    receipt, file = SAMSUNG
    found[receipt] = read((shared_data / file).read_bytes(), f"{receipt}.xml")
    return found


def saved_reports(shared: Path) -> Iterator[tuple[str, Reading]]:
    rows = duckdb.execute(
        f"SELECT rcept_no, report_type, list((section_title, section_content) ORDER BY section_order) "
        f"FROM '{shared}/korea/opendart/filings/*.parquet' WHERE section_title IN {SECTIONS} GROUP BY ALL ORDER BY 1"
    ).fetchall()
    for receipt, name, parts in rows:
        yield receipt, read(from_markdown(name, [tuple(part) for part in parts]), f"{receipt}.xml")


def answers(shared: Path) -> dict[str, list[tuple[str, str, int]]]:
    """What the API answers for each report: basis, account and amount of every cell but for those a share."""
    rows = duckdb.execute(
        f"SELECT rcept_no, fs_div, account_nm, unnest([thstrm_amount, frmtrm_amount, bfefrmtrm_amount, thstrm_add_amount]) AS amount "
        f"FROM '{shared}/korea/opendart/statements/*.parquet' "
        "WHERE sj_div IN ('BS', 'IS', 'CIS', 'CF') AND NOT contains(account_nm, '주당')"
    ).fetchall()
    found: dict[str, list[tuple[str, str, int]]] = {}
    for receipt, basis, account, amount in rows:
        if amount not in {None, "", "-"}:
            found.setdefault(receipt, []).append((basis, account, int(float(amount))))
    return found


def test_every_figure_of_the_api_stands_in_the_reading(
    shared_data: Path, readings: dict[str, Reading]
) -> None:
    """Rows that are no concept of ours keep the sign that is printed; the API gives outflows without one."""
    known = answers(shared_data)
    figures = 0
    for receipt, reading in readings.items():
        held = {(str(f.basis), int(abs(f.value))) for f in reading.facts if f.value is not None}
        wanted = known.get(receipt, [])
        missing = [row for row in wanted if (row[0], abs(row[2])) not in held]
        assert len(missing) <= ABSENT, (receipt, missing[:5])
        figures += len(wanted)
    assert figures > 18_000


def test_every_figure_of_our_concepts_is_the_one_of_the_api(
    market_home: Path, readings: dict[str, Reading]
) -> None:
    compared = 0
    with open_reader(market_home / "lake").connect() as con:
        for receipt, reading in readings.items():
            stored: dict[tuple[object, ...], set[float]] = {}
            for *key, value in con.execute(
                "SELECT concept, basis, period_end, months, value FROM facts WHERE filing_id = ? AND basis IS NOT NULL",
                [receipt],
            ).fetchall():
                stored.setdefault(tuple(key), set()).add(
                    value
                )  # the dividend table states net income as well
            mine = {
                (r.fact.concept, r.fact.basis, r.fact.end, r.months): float(r.fact.value or 0)
                for r in stored_rows(reading.facts)
            }
            both = stored.keys() & mine.keys()
            assert {key: mine[key] for key in both if mine[key] not in stored[key]} == {}, receipt
            assert len(both) >= len(stored) * 0.9, (receipt, sorted(map(str, stored.keys() - both)))
            compared += len(both)
    assert compared > 3_200


def test_only_amounts_a_share_lack_a_unit(readings: dict[str, Reading]) -> None:
    """They are in won in tables of millions, and most reports do not say so."""
    faults = [fault for reading in readings.values() for fault in reading.faults]
    assert {fault.reason for fault in faults} == {"unknown_unit"}
    assert all("주당" in fault.detail for fault in faults)

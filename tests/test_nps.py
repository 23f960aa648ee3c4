"""Pension workplace files: every header, encoding and packing is read; broken rows counted."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import duckdb
import pytest
from nps_files import (
    CONTAINERS,
    ENCODINGS,
    ERAS,
    extract_text,
    fields,
    header,
    month_text,
    workplace,
    write_month,
)
from stage import create_stage

from paycanary.filings import nps
from paycanary.filings.rates import load_rates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paycanary.sources.summary import FileSummary


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_stage(connection)
        yield connection


def load_text(
    con: duckdb.DuckDBPyConnection, folder: Path, text: str, encoding: str = "cp949"
) -> FileSummary:
    path = folder / "made.csv"
    path.write_bytes(text.encode(encoding))
    (summary,) = nps.load(con, path)
    assert summary.read == summary.accepted + summary.skipped + summary.rejected
    assert sum(summary.reasons.values()) == summary.rejected
    return summary


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return con.execute(sql).fetchall()


HEADCOUNTS = (
    "SELECT workplace, period_end, headcount, joiners, leavers, billed, status, is_site, industry, region, withdrawn_on, "
    "filing_id, published_on, source, kind FROM stage_headcounts ORDER BY headcount DESC"
)


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("era", ERAS)
def test_every_header_encoding_and_packing_gives_the_same_rows(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, era: str, encoding: str, container: str
) -> None:
    path = write_month(tmp_path, era=era, encoding=encoding, container=container)
    summaries = nps.load(con, path)
    assert [s.file for s in summaries] == (
        [path.name]
        if container != "zips"
        else [f"{path.name}/내역_1.csv", f"{path.name}/내역_2.csv"]
    )
    assert sum(s.read for s in summaries) == 5
    assert sum(s.accepted for s in summaries) == 4
    assert sum(s.skipped for s in summaries) == 1
    end, public, month = date(2022, 4, 30), date(2022, 5, 31), "nps:2022-04"
    tail = (None, month, public, "nps", "workplace")
    assert rows(con, HEADCOUNTS) == [
        ("삼양식품(주)", end, 100, 3, 2, 45e6, "registered", False, "라면 제조업", "서울특별시", *tail),
        ("삼양식품(주)익산공장", end, 40, 1, 0, 12e6, "registered", False, "라면 제조업", "전북특별자치도", *tail),
        ("삼양식품(주)/일용/원주공장 신축공사", end, 7, 7, 0, 2e6, "registered", True, None, "강원특별자치도", *tail),
        ("우성기전(주)", end, 5, 0, 1, 1211920.0, "registered", False, "동력식 수지 공구 제조업", "경기도", *tail),
    ]  # fmt: skip


def test_a_company_is_its_number_and_name_with_branches_and_sites(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    nps.load(con, write_month(tmp_path))
    assert rows(
        con, "SELECT count(DISTINCT company_id) FROM stage_headcounts WHERE workplace LIKE '삼양%'"
    ) == [(1,)]
    ((expected,),) = con.execute("SELECT 'nps:' || left(md5('209811|삼양식품'), 12)").fetchall()
    assert rows(
        con,
        f"SELECT name, business_number, industry, region, source, filing_id, published_on, name_en, market FROM stage_companies WHERE company_id = '{expected}'",
    ) == [("삼양식품(주)", "209811", "라면 제조업", "서울특별시", "nps", "nps:2022-04", date(2022, 5, 31), None, None)]  # fmt: skip
    # A branch is a name to be found by, a site is not.
    assert rows(con, f"SELECT name, kind FROM stage_names WHERE company_id = '{expected}' ORDER BY name") == [
        ("삼양식품(주)", "workplace"),
        ("삼양식품(주)익산공장", "workplace"),
    ]  # fmt: skip
    assert rows(con, "SELECT * EXCLUDE company_id FROM stage_filings") == [
        ("monthly", date(2022, 4, 30), "https://www.data.go.kr/data/15083277/fileData.do", "nps", "nps:2022-04", date(2022, 5, 31))
    ]  # fmt: skip


def test_no_trace_of_a_private_person(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    entries = [
        workplace("홍길동치과의원", form="2"),
        workplace("유한회사디엘(김동열)"),
        workplace("이순신상회", form="2", heads="열둘"),
        workplace("박문수", heads="강감찬"),
        workplace("", industry="정약용업"),
    ]
    broken = "2022-04,장영실의원,101900,1\r\n"
    summary = load_text(con, tmp_path, month_text(entries=entries) + broken)
    assert (summary.read, summary.accepted, summary.skipped, summary.rejected) == (6, 1, 2, 3)
    for (table,) in rows(
        con, "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'stage%'"
    ):
        text = str(rows(con, f"SELECT * FROM {table}"))
        for name in ("홍길동", "김동열", "이순신", "박문수", "강감찬", "정약용", "장영실"):
            assert name not in text


def test_rejected_rows_keep_place_and_reason(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    good = ",".join(fields(workplace()))
    lines = [
        ",".join(header()), good, "too,few", good + ",too many", good,
        ",".join(fields(workplace(), month="2022-13")),
        ",".join(fields(workplace(), month="0001-01")),
        ",".join(fields(workplace(withdrawn="2022-02-30"))),
        ",".join(fields(workplace(heads="다섯"))),
        ",".join(fields(workplace(heads=""))),
        ",".join(fields(workplace(heads="-3"))),
        ",".join(fields(workplace(heads="99999999999"))),
        ",".join(fields(workplace(billed="1.5만"))),
        ",".join(fields(workplace(joined="NaN"))),
        ",".join(fields(workplace(" "))),
        ",".join(fields(workplace("***"))),
        ",".join(fields(workplace(form=""))),
        ",".join(fields(workplace(enrolled="2022-02-30"))),
        ",".join(fields(workplace(enrolled="홍길동"))),
        ",".join(fields(workplace(number=""))),
        ",".join(fields(workplace(number="12345"))),
        ",".join(fields(workplace(status="3"))),
        ",".join(fields(workplace(status=""))),
        "", good, good.replace("5,1211920", '"5","1,211,920"'),
        *(",".join(fields(workplace(enrolled=never))) for never in ("", "-", "0001-01-01", "9999-12-31")),
        *(",".join(fields(workplace(enrolled=no_day))) for no_day in ("1887-12-31", "2101-01-01")),
        ",".join(fields(workplace(withdrawn="1900-01-01"))),
    ]  # fmt: skip
    summary = load_text(con, tmp_path, "\r\n".join(lines))
    assert (summary.read, summary.accepted, summary.skipped) == (31, 8, 0)
    assert rows(con, "SELECT row_number, reason FROM stage_rejected ORDER BY ALL") == [
        (2, "bad_columns"), (3, "bad_columns"), (5, "bad_date"), (6, "bad_date"), (7, "bad_date"), (8, "bad_number"),
        (9, "bad_number"), (10, "bad_number"), (11, "bad_number"), (12, "bad_number"), (13, "bad_number"),
        (14, "no_company"), (15, "no_company"), (16, "bad_number"), (17, "bad_date"), (18, "bad_date"), (19, "no_business_number"), (20, "no_business_number"),
        (21, "unknown_code"), (22, "unknown_code"), (29, "bad_date"), (30, "bad_date"), (31, "bad_date"),
    ]  # fmt: skip
    assert rows(con, "SELECT DISTINCT file, source FROM stage_rejected") == [("made.csv", "nps")]
    # The field that is wrong is kept with the row, unless it may be somebody's name.
    raw = "SELECT row_number, raw->>'enrolled_on' FROM stage_rejected WHERE row_number IN (17, 18, 19, 29, 31) ORDER BY ALL"
    assert rows(con, raw) == [
        (17, "2022-02-30"),
        (18, "(text)"),
        (19, None),
        (29, "1887-12-31"),
        (31, None),
    ]


def test_extracts_have_no_status_and_must_have_a_number(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    made = [(f"가상{n}(주)", number, "서울특별시", 5, 1_000_000) for n, number in (("가", "120810"), ("나", ""), ("다", "12"))]  # fmt: skip
    summary = load_text(con, tmp_path, extract_text("2026-06", made), "utf-8")
    assert (summary.accepted, summary.reasons) == (1, {"no_business_number": 2})


def test_a_stray_quotation_mark_costs_no_row_below(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    lines = month_text(entries=[workplace("가"), workplace('"나'), workplace("다")]).replace(
        '"""', '"'
    )
    summary = load_text(con, tmp_path, lines)
    assert summary.accepted == 3
    assert rows(con, "SELECT workplace FROM stage_headcounts ORDER BY ALL") == [("가",), ("나",), ("다",)]  # fmt: skip


def test_names_with_commas_and_quotes(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    load_text(con, tmp_path, month_text(entries=[workplace('주식회사 "가", 나')]))
    assert rows(con, "SELECT workplace FROM stage_headcounts") == [('주식회사 "가", 나',)]


@pytest.mark.parametrize("written", ["202204", "2022-04", "2022.04"])
def test_months_and_withdrawals(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, written: str
) -> None:
    entries = [
        workplace("가", status="2", withdrawn="2022-04-02", heads=0, billed=0),
        workplace("나", withdrawn="0001-01-01", heads=1),
        workplace("다", withdrawn="20220331", heads=2),
    ]
    # The name of the file says nothing: July's distribution holds June.
    load_text(con, tmp_path, month_text(entries=entries).replace("2022-04,", f"{written},"))
    assert rows(
        con, "SELECT period_end, status, withdrawn_on FROM stage_headcounts ORDER BY headcount"
    ) == [
        (date(2022, 4, 30), "withdrawn", date(2022, 4, 2)),
        (date(2022, 4, 30), "registered", None),
        (date(2022, 4, 30), "registered", date(2022, 3, 31)),
    ]


@pytest.mark.parametrize("number", ["1268112345", "126-81-1****", "126811****"])
def test_six_digits_of_the_business_number(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, number: str
) -> None:
    load_text(con, tmp_path, month_text(entries=[workplace(number=number)]))
    assert rows(con, "SELECT business_number FROM stage_companies") == [("126811",)]


def test_extracts_know_no_joiners_and_overlap_without_a_second_row(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    one = ("(주)카카오", "120810", "제주특별자치도", 100, 30_000_000)
    (tmp_path / "a.csv").write_text(extract_text("2026-06", [one]), encoding="utf-8")
    (tmp_path / "b.csv").write_text(
        extract_text(
            "2026-06", [one, ("(주)한화/일용/다리 공사", "202810", "서울특별시", 9, 2_000_000)]
        ),
        encoding="utf-8",
    )
    summaries = nps.load(con, tmp_path)
    assert [s.accepted for s in summaries] == [1, 2]
    assert rows(
        con,
        "SELECT DISTINCT workplace, joiners, leavers, status, is_site, region FROM stage_headcounts ORDER BY headcount",
    ) == [
        ("(주)한화/일용/다리 공사", None, None, None, True, "서울특별시"),
        ("(주)카카오", None, None, None, False, "제주특별자치도"),
    ]
    assert rows(con, "SELECT count(*) FROM (SELECT DISTINCT * FROM stage_headcounts)") == [(2,)]
    assert rows(con, "SELECT count(*) FROM stage_companies") == [(2,)]


def test_months_stage_a_company_once_in_each_form(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for month, industry in (("2022-04", "제조업"), ("2022-05", "제조업"), ("2022-06", "도매업"), ("2022-07", "제조업")):  # fmt: skip
        write_month(tmp_path, month=month, entries=[workplace(industry=industry)])
    assert len(nps.load(con, tmp_path)) == 4
    assert rows(con, "SELECT filing_id, industry FROM stage_companies ORDER BY ALL") == [
        ("nps:2022-04", "제조업"), ("nps:2022-06", "도매업"),
    ]  # fmt: skip
    assert rows(con, "SELECT filing_id, published_on FROM stage_names") == [("nps:2022-04", date(2022, 5, 31))]  # fmt: skip
    assert rows(con, "SELECT count(*) FROM stage_headcounts") == [(4,)]
    assert rows(con, "SELECT count(*) FROM stage_filings") == [(4,)]


@pytest.mark.parametrize(
    ("month", "billed", "estimate"),
    [
        ("2025-12", 2_700_000, (3_000_000.0, False)),  # 10 heads, 9 %
        ("2026-01", 2_850_000, (3_000_000.0, False)),  # 9.5 %
        ("2026-06", 6_051_500, (6_370_000.0, True)),  # the ceiling of 2025.7-2026.6
        ("2026-06", 5_930_000, (6_242_105.0, False)),  # 97.99 % of it
        ("2026-07", 6_051_500, (6_370_000.0, False)),  # a month later the ceiling is higher
        ("2027-08", 5_000_000, (5_000_000.0, None)),  # the ceiling after 2027-06 is not known
        ("2026-06", 0, (None, None)),
    ],
)
def test_income_takes_the_rate_and_ceiling_of_its_month(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, month: str, billed: int, estimate: object
) -> None:  # fmt: skip
    monkeypatch.setattr(nps, "today", lambda: date(2027, 9, 1))
    load_text(con, tmp_path, month_text(month, entries=[workplace(heads=10, billed=billed)]))
    assert rows(con, "SELECT income_per_head, is_income_capped FROM stage_headcounts") == [estimate]


@pytest.mark.parametrize("form", ["monthly", "extract"])
def test_a_month_that_the_register_has_no_file_of_is_rejected(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(nps, "today", lambda: date(2026, 11, 1))
    months = ("1995-01", "2015-11", "2015-12", "2026-11", "2026-12", "2099-01")
    made = {
        "monthly": [month_text(m, entries=[workplace()]) for m in months],
        "extract": [extract_text(m, [("우성기전(주)", "126811", "경기도", 5, 1)]) for m in months],
    }[form]
    text = made[0] + "".join(one.split("\r\n", 1)[1] for one in made[1:])
    summary = load_text(con, tmp_path, text, "utf-8")
    assert (summary.accepted, summary.reasons) == (2, {"unpublished_month": 4})
    assert rows(con, "SELECT strftime(period_end, '%Y-%m') FROM stage_headcounts ORDER BY 1") == [("2015-12",), ("2026-11",)]  # fmt: skip
    assert rows(con, "SELECT DISTINCT filing_id, published_on FROM stage_rejected") == [
        (None, None)
    ]
    assert rows(con, "SELECT count(*) FROM stage_filings") == [(2,)]


def test_rates_are_dated_in_order_and_sourced() -> None:
    rates = load_rates("pension")
    assert set(rates) == {"contribution_rate", "income_ceiling", "capped_share", "publication_lag"}
    for entries in rates.values():
        assert all(e.who and e.url.startswith("https://") and e.note for e in entries)
        assert all(a.until < b.since for a, b in pairwise(entries))
    assert rates["contribution_rate"][0].until == date(2025, 12, 31)
    assert rates["contribution_rate"][-1].value == 0.13
    assert rates["income_ceiling"][-1].until == date(2027, 6, 30)

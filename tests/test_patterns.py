"""A folder whose name DuckDB would take for a pattern is read as it is named, and its neighbour is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from paycanary.filings import krx, nps, opendart
from paycanary.sources.names import create_macros
from tests.nps_files import workplace, write_month
from tests.stage import create_stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


PAIRS = [("a[1]", "a1"), ("b*c", "bXc"), ("d?e", "dXe"), ("f'[g]", "f'g"), ("h[!x]", "hy")]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_macros(connection)
        create_stage(connection)
        yield connection


@pytest.fixture(params=PAIRS, ids=lambda pair: str(pair[0]))
def folders(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """The folder that is meant, and one beside it that its name as a pattern fits."""
    meant, other = (tmp_path / name for name in request.param)
    meant.mkdir()
    other.mkdir()
    return meant, other


def test_pension_months(
    con: duckdb.DuckDBPyConnection, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    meant, other = folders
    write_month(meant, entries=[workplace(heads=5)])
    write_month(other, entries=[workplace(heads=999)])
    spill = meant / "lake"
    neighbour = other / "lake" / "paycanary-"
    neighbour.mkdir(parents=True)
    con.execute("SET temp_directory = ?", [str(spill)])
    nps.load(con, next(meant.glob("*.csv")))
    assert con.execute("SELECT headcount FROM stage_headcounts").fetchall() == [(5,)]
    assert tmp_path.exists()


def test_delistings(con: duckdb.DuckDBPyConnection, folders: tuple[Path, Path]) -> None:
    head = "Symbol,Name,Market,SecuGroup,Kind,DelistingDate,Reason\n"
    for folder, code in zip(folders, ("123450", "999990"), strict=True):
        (folder / "a.csv").write_text(f"{head}{code},가나,KOSPI,주권,보통주,2020-01-02,사유\n", encoding="utf-8")  # fmt: skip
    krx.load(con, folders[0])
    assert con.execute("SELECT company_id FROM stage_notices").fetchall() == [("krx:123450",)]


def test_parquet_rows(con: duckdb.DuckDBPyConnection, folders: tuple[Path, Path]) -> None:
    columns = "'A' AS stock_code, '4분기' AS report, '20240301000001' AS rcept_no, corp_code, '가나' AS corp_name, '2023-12-31' AS stlm_dt, '계' AS se, '1' AS shrholdr_co, '2' AS stock_tot_co, '3%' AS hold_stock_rate"
    with duckdb.connect() as made:
        for folder, code in zip(folders, ("00000001", "00000009"), strict=True):
            made.sql(f"SELECT {columns} FROM (SELECT '{code}' AS corp_code)").write_parquet(str(folder / "mrhlSttus.parquet"))  # fmt: skip
    opendart.load(con, folders[0])
    assert con.execute("SELECT DISTINCT company_id FROM stage_facts").fetchall() == [("dart:00000001",)]  # fmt: skip

"""Pension workplace files that cannot be read are refused by name, before anything is kept; nothing is left behind."""

from __future__ import annotations

import gzip
import sys
import zipfile
from typing import TYPE_CHECKING

import duckdb
import pytest
from nps_files import ERAS, header, month_text, workplace, write_month
from stage import create_stage

from paycanary.errors import InputFileError
from paycanary.filings import nps
from paycanary.sources.summary import OTHER_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.quick


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_stage(connection)
        yield connection


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return con.execute(sql).fetchall()


def refusal(con: duckdb.DuckDBPyConnection, path: Path) -> InputFileError:
    with pytest.raises(InputFileError) as caught:
        nps.load(con, path)
    assert caught.value.exit_code == 5
    assert all(caught.value.line(lang) for lang in ("ko", "en"))
    return caught.value


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("place", [1, 13, 14, 18, 21])
def test_a_missing_column_is_named(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, era: str, place: int
) -> None:
    titles = header(era)
    name = header()[place].split(" ")[0]
    (tmp_path / "a.csv").write_text(",".join(f'"{t}"' for t in titles[:place] + titles[place + 1 :]), encoding="cp949")  # fmt: skip
    error = refusal(con, tmp_path / "a.csv")
    assert f"열이 없습니다: {name}." in error.line("ko")
    assert f"missing column: {name}." in error.line("en")
    assert "15083277" in error.line("en")


def test_swapped_and_added_columns_are_named(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    titles = header()
    titles[13], titles[14] = titles[14], titles[13]
    path = tmp_path / "a.csv"
    path.write_text(",".join(titles), encoding="utf-8")
    assert "column 14 is '사업장업종코드명' where '사업장업종코드' belongs" in refusal(
        con, path
    ).line("en")
    path.write_text(",".join([*header(), "비고"]), encoding="utf-8")
    assert "column 23 is '비고'" in refusal(con, path).line("en")


def broken_files(folder: Path) -> dict[str, str]:
    """Name of a file that cannot be read -> what the refusal says of it."""
    whole = write_month(folder, container="zip")
    (folder / "cut.zip").write_bytes(whole.read_bytes()[:-200])
    data = bytearray(whole.read_bytes())
    data[200] ^= 0xFF
    (folder / "bent.zip").write_bytes(data)
    with zipfile.ZipFile(folder / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "")
    packed = gzip.compress(month_text().encode("cp949"))
    (folder / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    (folder / "not.csv.gz").write_text("plain", encoding="utf-8")
    text = month_text(entries=[workplace("가" * 9000)] * 3)
    (folder / "utf16.csv").write_bytes(text.encode("utf-16"))
    (folder / "half.csv").write_bytes(text.encode() + "나".encode("cp949"))
    (folder / "bad949.csv").write_bytes(text.encode("cp949") + b"\xff\xff")
    (folder / "empty.csv").write_bytes(b"")
    (folder / "other.csv").write_text("ID,a,b\n1,2,3\n", encoding="utf-8")
    (folder / "not.rda").write_bytes(b"RDX3\n")
    return {
        "cut.zip": "damaged", "bent.zip": "damaged", "none.zip": "no pension workplace file", "cut.csv.gz": "damaged",
        "not.csv.gz": "damaged", "utf16.csv": "neither cp949 nor UTF-8", "half.csv": "neither", "bad949.csv": "neither",
        "empty.csv": "ends within its first line", "other.csv": "not a pension workplace file", "missing.csv": "no pension",
    }  # fmt: skip


def test_files_that_cannot_be_read_are_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for name, said in broken_files(tmp_path).items():
        assert said in refusal(con, tmp_path / name).line("en"), name


def test_a_broken_file_among_good_ones_is_refused_before_any_row(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    write_month(tmp_path)
    broken = ",".join(title for title in header("clean") if title != "탈퇴일자")
    (tmp_path / "zzz.csv").write_text(f"{broken}\n", encoding="utf-8")
    refusal(con, tmp_path)
    assert rows(con, "SELECT count(*) FROM stage_headcounts") == [(0,)]


def test_another_table_in_the_folder_is_named_and_passed_over(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    write_month(tmp_path)
    (tmp_path / "zzz.csv").write_text("ID,a\n1,2\n", encoding="utf-8")
    summaries = nps.load(con, tmp_path)
    assert [(s.file, s.kind, s.read) for s in summaries if s.kind == OTHER_TABLE] == [
        ("zzz.csv", OTHER_TABLE, 0)
    ]
    assert rows(con, "SELECT count(*) > 0 FROM stage_headcounts") == [(True,)]


def test_a_folder_of_other_tables_only_is_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "zzz.csv").write_text("ID,a\n1,2\n", encoding="utf-8")
    refusal(con, tmp_path)


def test_r_files_need_a_library_that_is_named(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.rda").write_bytes(b"RDX3\n")
    monkeypatch.setitem(sys.modules, "rdata", None)
    assert "pip install 'paycanary[rda]'" in refusal(con, tmp_path / "a.rda").line("ko")


def test_nothing_is_left_behind(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, temporary = tmp_path / "made", tmp_path / "tmp"
    made.mkdir()
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    path = write_month(made)
    before = rows(con, "SELECT table_name FROM duckdb_tables() ORDER BY ALL")
    nps.load(con, path)
    path.write_bytes(path.read_bytes() + b"\xff")
    refusal(con, path)
    assert list(temporary.iterdir()) == []
    nps.load(con, write_month(made, month="2022-05"))
    left = {t for (t,) in rows(con, "SELECT table_name FROM duckdb_tables()")} - {
        t for (t,) in before
    }
    assert left <= {"rates", "nps_provinces"}

"""Bad files to take in: one clear line that names the file, exit code 5, and nothing stored is lost."""

from __future__ import annotations

import gzip
import zipfile
from typing import TYPE_CHECKING, Final

import pytest

from tests.nps_files import month_text, write_month
from tests.opendart_files import (
    COLUMNS,
    write_market,
    write_rows,
)
from tests.stored import DELISTED, Stored, powerless

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LISTED: Final = "회사명,시장구분,종목코드,업종,상장일,결산월,지역\n가나전자,코스닥,990010,전자부품,2001-03-02,12월,서울특별시\n"


def missing(folder: Path) -> Path:
    return folder / "not there.csv"


def without_files(folder: Path) -> Path:
    (folder / "notes.txt").write_text("nothing here")
    return folder


def locked(folder: Path) -> Path:
    path = folder / "locked.csv"
    path.write_text(DELISTED, encoding="utf-8")
    path.chmod(0)
    return path


def empty(folder: Path) -> Path:
    path = folder / "empty.csv"
    path.touch()
    return path


def noise(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(bytes(range(256)) * 40)
        return path

    return write


def encoded(text: str, encoding: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "encoded.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def without_column(text: str, column: str) -> Callable[[Path], Path]:
    """A CSV with a column less, in its header and its rows."""

    def write(folder: Path) -> Path:
        rows = [line.split(",") for line in text.splitlines()]
        place = next(i for i, title in enumerate(rows[0]) if title.startswith(column))
        path = folder / "narrow.csv"
        narrow = [",".join(cell for i, cell in enumerate(row) if i != place) for row in rows]
        path.write_text("\n".join(narrow) + "\n", encoding="utf-8")
        return path

    return write


def truncated(write: Callable[[Path], Path], part: float = 0.6) -> Callable[[Path], Path]:
    def cut(folder: Path) -> Path:
        path = write(folder)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * part)])
        return path

    return cut


def month(container: str) -> Callable[[Path], Path]:
    return lambda folder: write_month(folder, container=container)


def listed_parquet(folder: Path) -> Path:
    titles, values = (line.split(",") for line in LISTED.splitlines())
    return write_rows(folder / "kind.parquet", titles, [dict(zip(titles, values, strict=True))])


def staff(folder: Path) -> Path:
    return write_market(folder) / "market" / "empSttus.parquet"


def staff_without_receipt_numbers(folder: Path) -> Path:
    columns = [c for c in COLUMNS["empSttus"] if c != "rcept_no"]
    return write_rows(folder / "empSttus.parquet", columns, [])


def corporations(folder: Path) -> Path:
    path = folder / "corpCode.zip"
    entry = "<list><corp_code>99000010</corp_code><corp_name>가나전자</corp_name><corp_eng_name>Gana</corp_eng_name><stock_code> </stock_code><modify_date>20240101</modify_date></list>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("CORPCODE.xml", f"<?xml version='1.0' encoding='UTF-8'?><result>{entry * 50}</result>")  # fmt: skip
    return path


def broken_xml(folder: Path) -> Path:
    path = folder / "CORPCODE.xml"
    path.write_text("<result><list><corp_code>1</corp_code>", encoding="utf-8")
    return path


def answered_error(folder: Path) -> Path:
    """OpenDART answers an error as XML under the same name."""
    path = folder / "corpCode.zip"
    path.write_text("<result><status>020</status></result>", encoding="utf-8")
    return path


def zip_of_nothing(folder: Path) -> Path:
    path = folder / "nothing.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no table")
    return path


def wrong_checksum(folder: Path) -> Path:
    path = folder / "month.csv.gz"
    packed = bytearray(gzip.compress(month_text().encode("cp949")))
    packed[-8] ^= 0xFF
    path.write_bytes(packed)
    return path


def link_to_itself(folder: Path) -> Path:
    path = folder / "loop.csv"
    path.symlink_to(path)
    return path


@pytest.mark.parametrize(
    ("source", "write", "named"),
    [
        *((source, missing, "not there.csv") for source in ("dart", "nps", "krx")),
        *((source, without_files, "") for source in ("dart", "nps", "krx")),
        ("krx", link_to_itself, "loop.csv"),
        ("nps", link_to_itself, "loop.csv"),
        ("krx", encoded(DELISTED, "utf-16"), "encoded.csv"),
        ("krx", encoded(DELISTED, "cp949"), "encoded.csv"),
        ("krx", without_column(DELISTED, "DelistingDate"), "DelistingDate"),
        ("krx", without_column(LISTED, "종목코드"), "종목코드"),
        ("krx", empty, "empty.csv"),
        ("krx", noise("noise.csv"), "noise.csv"),
        ("krx", noise("noise.parquet"), "noise.parquet"),
        ("krx", truncated(listed_parquet), "kind.parquet"),
        ("nps", encoded(month_text(), "utf-16"), "encoded.csv"),
        ("nps", encoded(month_text(), "johab"), "encoded.csv"),
        ("nps", without_column(month_text(), "당월고지금액"), "당월고지금액"),
        ("nps", without_column(month_text(), "자료생성년월"), "자료생성년월"),
        ("nps", empty, "empty.csv"),
        ("nps", noise("noise.csv"), "noise.csv"),
        ("nps", noise("noise.zip"), "noise.zip"),
        ("nps", noise("noise.csv.gz"), "noise.csv.gz"),
        ("nps", truncated(month("zip")), ".zip"),
        ("nps", truncated(month("csv.gz")), ".csv.gz"),
        ("nps", wrong_checksum, "month.csv.gz"),
        ("nps", zip_of_nothing, "nothing.zip"),
        ("dart", truncated(staff), "empSttus.parquet"),
        ("dart", truncated(staff, 0), "empSttus.parquet"),
        ("dart", noise("fnlttSinglAcntAll.parquet"), "fnlttSinglAcntAll.parquet"),
        ("dart", staff_without_receipt_numbers, "rcept_no"),
        ("dart", truncated(corporations), "corpCode.zip"),
        ("dart", zip_of_nothing, "nothing.zip"),
        ("dart", broken_xml, "CORPCODE.xml"),
        ("dart", answered_error, "corpCode.zip"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read(
    stored: Stored, tmp_path: Path, source: str, write: Callable[[Path], Path], named: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = write(folder)
    line = stored.refuses(5, "refresh", source, "--from", path)
    assert named in line
    assert str(path.name) in line
    stored.assert_kept()


@pytest.mark.parametrize("source", ["krx", "nps"])
def test_a_file_without_permission(stored: Stored, tmp_path: Path, source: str) -> None:
    path = locked(tmp_path)
    assert "locked.csv" in stored.refuses(5, "refresh", source, "--from", path, preexec=powerless)
    stored.assert_kept()


@pytest.mark.parametrize("write", [staff, corporations])
def test_an_opendart_file_without_permission(
    stored: Stored, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    path = write(tmp_path)
    path.chmod(0)
    assert path.name in stored.refuses(5, "refresh", "dart", "--from", path, preexec=powerless)
    stored.assert_kept()

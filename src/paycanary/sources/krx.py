"""KRX lists in files: delisted securities (CSV) and listed companies (Parquet or CSV), as KIND publishes them.

Source: https://kind.krx.co.kr (상장폐지현황, 상장법인목록). KRX restricts redistribution: read, do not pass on.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final, Literal

from paycanary.errors import InputFileError
from paycanary.sources.patterns import literal, quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

Kind = Literal["delisting", "listed"]
COLUMNS: Final[dict[Kind, tuple[str, ...]]] = {
    "delisting": ("Symbol", "Name", "Market", "SecuGroup", "Kind", "DelistingDate", "Reason"),
    "listed": ("회사명", "시장구분", "종목코드", "업종", "상장일", "결산월", "지역"),
}
_SUFFIXES: Final = (".csv", ".parquet")


def find_files(path: Path) -> list[Path]:
    """CSV and Parquet files at or below ``path``.

    Raises:
        InputFileError: nothing there.
    """
    found = (
        sorted(p for p in path.rglob("*") if p.suffix.lower() in _SUFFIXES)
        if path.is_dir()
        else [path]
    )
    if not found or not path.exists():
        raise InputFileError(
            {"ko": f"{path}: KRX 파일이 없습니다.", "en": f"{path}: no KRX file found."},
            {
                "ko": "상장폐지 목록 CSV 또는 상장법인 목록 파일을 --from 으로 주세요.",
                "en": "Give a delistings CSV or a list of listed companies with --from.",
            },
        )
    return found


def read_list(con: duckdb.DuckDBPyConnection, path: Path, table: str) -> Kind:
    """Read a list into ``table``: its known columns as text, plus ``file`` and ``row_number``.

    Raises:
        InputFileError: unreadable, not UTF-8, or columns of neither list.
    """
    import duckdb  # noqa: PLC0415

    if path.suffix.lower() == ".parquet":
        reader = f"read_parquet({quoted(path)})"
    else:
        _require_utf8(path)
        reader = f"read_csv({quoted(path)}, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', strict_mode = false, null_padding = true, parallel = false)"
    try:
        present = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()}
        kind = next((k for k, columns in COLUMNS.items() if present.issuperset(columns)), None)
        if kind is None:
            likely: Kind = "delisting" if "Symbol" in present or "Name" in present else "listed"
            missing = ", ".join(c for c in COLUMNS[likely] if c not in present)
            raise InputFileError(
                {
                    "ko": f"{path}: 열이 없습니다: {missing}.",
                    "en": f"{path}: missing columns: {missing}.",
                },
                {
                    "ko": "KIND 상장폐지현황 또는 상장법인목록의 모든 열이 있는 파일을 주세요.",
                    "en": "Give a file with all columns of KIND's list of delistings or of listed companies.",
                },
            )
        columns = ", ".join(f'CAST("{c}" AS VARCHAR) AS "{c}"' for c in COLUMNS[kind])
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {columns}, {literal(path.name)} AS file, row_number() OVER () AS row_number FROM {reader}"
        )
    except duckdb.Error as error:
        raise InputFileError(
            {
                "ko": f"{path}: 읽을 수 없습니다({str(error).splitlines()[0]}).",
                "en": f"{path}: cannot be read ({str(error).splitlines()[0]}).",
            },
            {"ko": "파일을 다시 받으세요.", "en": "Fetch the file again."},
        ) from error
    return kind


def _require_utf8(path: Path) -> None:
    """Read the file once through a decoder, so that a wrong encoding is named before anything is parsed."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise InputFileError(
            {"ko": f"{path}: UTF-8 이 아닙니다.", "en": f"{path}: not UTF-8."},
            {
                "ko": "UTF-8 로 저장해서 다시 주세요.",
                "en": "Save it as UTF-8 and give it again.",
            },
        ) from error
    except OSError as error:
        raise InputFileError(
            {
                "ko": f"{path}: 파일을 열 수 없습니다({error.strerror}).",
                "en": f"{path}: the file cannot be opened ({error.strerror}).",
            },
            {"ko": "경로와 권한을 확인하세요.", "en": "Check the path and its permissions."},
        ) from error

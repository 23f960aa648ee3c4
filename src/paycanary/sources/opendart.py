"""OpenDART rows in files: find them in a folder and read them as answered, all columns text.

Layout taken: ``**/<endpoint>.parquet`` for the periodic-report endpoints, ``**/statements/*.parquet`` for
``fnlttSinglAcntAll``, ``**/corpCode.zip`` (or ``CORPCODE.xml``) for the register of all corporations, and fetched answers as
``**/<endpoint>.jsonl`` (see opendart_lines.py).
Source: https://opendart.fss.or.kr (FSS), endpoints as in its guide.
"""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from paycanary.errors import InputFileError
from paycanary.sources.patterns import as_pattern, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

#: Columns that each endpoint's rows must have, besides the request's own ``stock_code`` and ``report``.
ENDPOINTS: Final[dict[str, tuple[str, ...]]] = {
    "accnutAdtorNmNdAdtOpinion": ("stlm_dt", "bsns_year", "adtor", "adt_opinion", "adt_reprt_spcmnt_matter", "emphs_matter"),
    "alotMatter": ("stlm_dt", "se", "thstrm", "frmtrm", "lwfr"),
    "empSttus": ("stlm_dt", "fo_bbm", "sexdstn", "rgllbr_co", "cnttk_co", "sm", "fyer_salary_totamt", "jan_salary_am"),
    "irdsSttus": ("stlm_dt", "isu_dcrs_de", "isu_dcrs_stle", "isu_dcrs_stock_knd", "isu_dcrs_qy", "isu_dcrs_mstvdv_fval_amount", "isu_dcrs_mstvdv_amount"),
    "cprndNrdmpBlce": ("stlm_dt", "remndr_exprtn1", "remndr_exprtn2", "sm", "yy1_below"),
    "mrhlSttus": ("stlm_dt", "se", "shrholdr_co", "stock_tot_co", "hold_stock_rate"),
}  # fmt: skip
COMMON: Final = ("stock_code", "report", "rcept_no", "corp_code", "corp_name")
STATEMENTS: Final = "fnlttSinglAcntAll"
STATEMENT_COLUMNS: Final = (
    "rcept_no", "reprt_code", "bsns_year", "corp_code", "corp_name", "stock_code", "sj_div", "account_id", "account_nm",
    "fs_div", "thstrm_amount", "thstrm_add_amount", "frmtrm_amount", "frmtrm_q_amount", "frmtrm_add_amount",
    "bfefrmtrm_amount", "ord", "currency",
)  # fmt: skip
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ET.ParseError,
    NotImplementedError,
)
_CORP_FIELDS: Final = ("corp_code", "corp_name", "corp_eng_name", "stock_code", "modify_date")
#: Endpoints of which fetched answers are read.
ANSWERED: Final = (
    *ENDPOINTS, STATEMENTS, "company", "list", "fnlttMultiAcnt", "fnlttSinglAcnt",
    "dfOcr", "bsnSp", "ctrcvsBgrq", "dsRsOcr", "bnkMngtPcbg", "bnkMngtPcsp", "lwstLg", "document",
)  # fmt: skip
_BY_SUFFIX: Final[dict[str, tuple[str, ...]]] = {".parquet": tuple(ENDPOINTS), ".jsonl": ANSWERED}
#: The register has 30 MB of XML; what unpacks to far more is no register.
_MAX_REGISTER: Final = 512 << 20
_BATCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file that was found: the endpoint it answers and where it is."""

    kind: str
    path: Path


def find_files(folder: Path) -> list[RawFile]:
    """Files of the known layout below a folder, in a stable order.

    Raises:
        InputFileError: the folder is missing or holds nothing that is known.
    """
    if not folder.exists():
        raise InputFileError(
            {"ko": f"{folder}: 폴더가 없습니다.", "en": f"{folder}: no such folder."},
            {"ko": "--from 에 줄 경로를 확인하세요.", "en": "Check the path given with --from."},
        )
    root = folder if folder.is_dir() else folder.parent
    found: list[RawFile] = []
    for path in sorted(root.rglob("*")) if folder.is_dir() else [folder]:
        if path.name.lower() in ("corpcode.zip", "corpcode.xml"):
            found.append(RawFile("corpCode", path))
        elif path.stem in _BY_SUFFIX.get(path.suffix, ()):
            found.append(RawFile(path.stem, path))
        elif path.suffix == ".parquet" and (
            path.parent.name == "statements" or path.stem.startswith(STATEMENTS)
        ):
            found.append(RawFile(STATEMENTS, path))
    if not found:
        raise InputFileError(
            {
                "ko": f"{folder}: OpenDART 파일이 없습니다.",
                "en": f"{folder}: no OpenDART files found.",
            },
            {
                "ko": f"{', '.join(ENDPOINTS)}.parquet, statements/*.parquet 또는 corpCode.zip 이 있는 폴더를 주세요.",
                "en": f"Give a folder that holds {', '.join(ENDPOINTS)}.parquet, statements/*.parquet or corpCode.zip.",
            },
        )
    return found


def read_parquet(con: duckdb.DuckDBPyConnection, file: RawFile, table: str) -> int:
    """Append a file's rows to ``table`` (columns of the endpoint, plus ``file`` and ``row_number``).

    Columns beyond the known ones are left out, so that no field which may name a person comes along.

    Returns:
        Number of rows read.

    Raises:
        InputFileError: not a Parquet file, cut short, or a column is missing.
    """
    import duckdb  # noqa: PLC0415 - heavy; only when files are read

    columns = STATEMENT_COLUMNS if file.kind == STATEMENTS else COMMON + ENDPOINTS[file.kind]
    optional = ("collect_status",) if file.kind == STATEMENTS else ()
    try:
        present = [
            row[0]
            for row in con.execute(
                "SELECT name FROM parquet_schema(?)", [as_pattern(file.path)]
            ).fetchall()
        ]
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise InputFileError(
            {
                "ko": f"{file.path}: Parquet 파일로 읽을 수 없습니다(잘렸거나 다른 형식).",
                "en": f"{file.path}: cannot be read as Parquet (cut short, or another format).",
            },
            {"ko": "파일을 다시 받으세요.", "en": "Fetch the file again."},
        ) from error
    missing = [column for column in columns if column not in present]
    if missing:
        raise InputFileError(
            {
                "ko": f"{file.path}: 열이 없습니다: {', '.join(missing)}.",
                "en": f"{file.path}: missing columns: {', '.join(missing)}.",
            },
            {
                "ko": f"{file.kind} 응답의 모든 열이 있는 파일을 주세요.",
                "en": f"Give a file with all columns of {file.kind}.",
            },
        )
    select = ", ".join(
        [f"CAST({c} AS VARCHAR) AS {c}" for c in columns]
        + [
            f"CAST({c} AS VARCHAR) AS {c}" if c in present else f"CAST(NULL AS VARCHAR) AS {c}"
            for c in optional
        ]
    )
    # What fetched rows know of their question, these do not.
    marks = "CAST(NULL AS VARCHAR) AS expected_filing, CAST(NULL AS VARCHAR) AS expected_period, false AS is_live"
    source = f"""SELECT {select}, {marks}, {literal(file.path.name)} AS file, file_row_number + 1 AS row_number
        FROM read_parquet({quoted(file.path)}, file_row_number = true)"""
    con.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} AS {source} LIMIT 0")
    try:
        return int(con.execute(f"INSERT INTO {table} BY NAME {source}").fetchall()[0][0])
    except duckdb.Error as error:
        raise InputFileError(
            {
                "ko": f"{file.path}: 읽다가 멈췄습니다({str(error).splitlines()[0]}).",
                "en": f"{file.path}: reading stopped ({str(error).splitlines()[0]}).",
            },
            {"ko": "파일을 다시 받으세요.", "en": "Fetch the file again."},
        ) from error


def read_corporations(con: duckdb.DuckDBPyConnection, file: RawFile, table: str) -> int:
    """Append the register of all corporations to ``table`` (corp_code, names, stock_code, modify_date).

    Raises:
        InputFileError: not a ZIP with CORPCODE.xml, cut short, or not well-formed.
    """
    con.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {table} (corp_code VARCHAR, corp_name VARCHAR, corp_eng_name VARCHAR, "
        "stock_code VARCHAR, modify_date VARCHAR, file VARCHAR, row_number BIGINT)"
    )
    count = 0
    batch: list[list[str | None]] = []
    try:
        with _open_corporations(file.path) as stream:
            for entry in _entries(stream):
                count += 1
                batch.append(entry)
                if len(batch) == _BATCH:
                    _insert(con, table, batch, file, count)
                    batch = []
        _insert(con, table, batch, file, count)
    except _UNREADABLE as error:
        raise _no_register(file.path, str(error)) from error
    return count


def listed_corporations(path: Path) -> list[str]:
    """Codes of the corporations of the register that have, or had, a stock code.

    Raises:
        InputFileError: as `read_corporations`.
    """
    try:
        with _open_corporations(path) as stream:
            return [code for code, _, _, stock, _ in _entries(stream) if code and stock]
    except _UNREADABLE as error:
        raise _no_register(path, str(error)) from error


def _no_register(path: Path, why: str) -> InputFileError:
    return InputFileError(
        {
            "ko": f"{path}: 기업 고유번호 파일로 읽을 수 없습니다({why}).",
            "en": f"{path}: cannot be read as the register of corporations ({why}).",
        },
        {
            "ko": "OpenDART corpCode.xml 응답(ZIP)을 그대로 주세요.",
            "en": "Give the ZIP that OpenDART's corpCode.xml answers.",
        },
    )


@contextmanager
def _open_corporations(path: Path) -> Iterator[IO[bytes]]:
    if path.suffix.lower() == ".xml":
        with path.open("rb") as stream:
            yield stream
        return
    with zipfile.ZipFile(path) as archive:
        name = next((n for n in archive.namelist() if n.lower().endswith(".xml")), "CORPCODE.xml")
        if archive.getinfo(name).file_size > _MAX_REGISTER:
            raise zipfile.BadZipFile(f"unpacks to more than {_MAX_REGISTER >> 20} MiB")
        with archive.open(name) as stream:
            yield stream


def _entries(stream: IO[bytes]) -> Iterator[list[str | None]]:
    """Rows of CORPCODE.xml, one at a time so that 30 MB of XML never stand in memory at once."""
    root: ET.Element | None = None
    for event, element in ET.iterparse(stream, events=("start", "end")):  # noqa: S314 - entities are not expanded beyond expat's limits
        if root is None:
            root = element
        if event == "end" and element.tag == "list":
            yield [(element.findtext(field) or "").strip() or None for field in _CORP_FIELDS]
            root.clear()


def _insert(
    con: duckdb.DuckDBPyConnection,
    table: str,
    batch: list[list[str | None]],
    file: RawFile,
    count: int,
) -> None:
    if not batch:
        return
    columns = [[row[i] for row in batch] for i in range(len(_CORP_FIELDS))]
    first = count - len(batch) + 1
    con.execute(
        f"INSERT INTO {table} SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), "
        f"unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), ?, unnest(range({first}, {count + 1}))",
        [*columns, file.path.name],
    )

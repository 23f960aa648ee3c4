"""Pension workplaces (국민연금 가입 사업장 내역) in files -> table ``raw_nps``: text as published, a row a workplace and month.

Source: https://www.data.go.kr/data/15083277/fileData.do, one CSV a month since 2015-12 of about 110 MB and 0.57 million
rows, in cp949. Its 22 columns have kept their order while their titles changed: English codes and SQL types at first,
then whole sentences, then leading blanks. So a column is known by its place, and its title must begin as expected.
Also read: extracts with the ten columns of ``EXTRACT``, and the same table in R's format (.rda).
"""

from __future__ import annotations

import csv
import gzip
import importlib
import io
import re
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import InputFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    import duckdb

    from paycanary.errors import Lang

#: Title (its beginning) -> column of ``raw_nps``; "" = not read.
MONTHLY: Final = {
    "자료생성년월": "month", "사업장명": "name", "사업자등록번호": "business_number", "사업장가입상태코드": "status",
    "우편번호": "", "사업장지번상세주소": "address", "사업장도로명상세주소": "", "고객법정동주소코드": "", "고객행정동주소코드": "",
    "법정동주소광역시도코드": "province_code", "법정동주소광역시시군구코드": "", "법정동주소광역시시군구읍면동코드": "",
    "사업장형태구분코드": "form", "사업장업종코드": "industry_code", "사업장업종코드명": "industry", "적용일자": "", "재등록일자": "",
    "탈퇴일자": "withdrawn_on", "가입자수": "headcount", "당월고지금액": "billed", "신규취득자수": "joiners", "상실가입자수": "leavers",
}  # fmt: skip
EXTRACT: Final = {
    "workplace_name": "name", "biz_reg_no_prefix": "business_number", "industry_code": "industry_code",
    "industry_name": "industry", "address": "address", "sido": "province", "sigungu": "", "snapshot_month": "month",
    "headcount": "headcount", "monthly_billed_amount": "billed",
}  # fmt: skip
#: Columns of ``raw_nps`` besides ``file``, ``row_number`` (1-based, the header not counted) and ``layout``.
COLUMNS: Final = (
    "month", "name", "business_number", "status", "form", "address", "province_code", "province", "industry_code",
    "industry", "withdrawn_on", "headcount", "billed", "joiners", "leavers",
)  # fmt: skip
_LAYOUTS: Final = {"monthly": MONTHLY, "extract": EXTRACT}
_ENCODINGS: Final = ("utf-8-sig", "cp949")
_BLOCK: Final = 1 << 22
_HEADER_LINES: Final = 30
_TODO: Final[dict[Lang, str]] = {
    "ko": "공공데이터포털(data.go.kr 15083277)에서 파일을 다시 받아 고치지 말고 그대로 주세요.",
    "en": "Download the file again from data.go.kr (15083277) and give it as it is.",
}
_READ_OPTIONS: Final = (
    "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', strict_mode = true, "
    "store_rejects = true, rejects_table = 'nps_reject_errors', rejects_scan = 'nps_reject_scans'"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One table: a file, or one member of a zip. ``label`` names it for people, without its folder."""

    path: Path
    member: str | None
    label: str


def find_parts(path: Path) -> list[Part]:
    """Tables in a file or, by the endings .csv .csv.gz .zip .rda, in a folder and below.

    Raises:
        InputFileError: nothing is there, or a zip is damaged.
    """
    if path.is_dir():
        found = [
            p
            for p in sorted(path.rglob("*"))
            if p.is_file()
            and p.name.lower().endswith((".csv", ".csv.gz", ".zip", ".rda"))
            and not _is_litter(str(p.relative_to(path)))
        ]
    else:
        found = [path] if path.is_file() else []
    parts = [part for file in found for part in _parts_of(file)]
    if not parts:
        raise InputFileError(
            {
                "ko": f"{path}: 국민연금 사업장 파일(csv, csv.gz, zip, rda)이 없습니다.",
                "en": f"{path}: no pension workplace file (csv, csv.gz, zip, rda) found.",
            },
            _TODO,
        )
    return parts


def read(con: duckdb.DuckDBPyConnection, part: Part, folder: Path) -> None:
    """Read a table into ``raw_nps``, and its rows with too many or too few fields into ``raw_nps_broken``.

    ``raw_nps_broken(file, row_number, line)`` holds whole lines as published: they may name a private person.

    Args:
        con: connection in which both tables are made anew.
        part: what to read.
        folder: where the text is kept for the moment, in UTF-8, because DuckDB reads no cp949; left empty again.

    Raises:
        InputFileError: damaged, in another encoding, not such a table, or a column is missing or in another place.
    """
    import duckdb  # noqa: PLC0415

    target = folder / "nps.csv"
    try:
        titles = _write_utf8(part, target)
        layout = _check_titles(titles, part.label)
        _load(con, target, layout, part.label)
    except duckdb.InvalidInputException as error:
        raise _damaged(part.label, str(error).splitlines()[0]) from error
    finally:
        target.unlink(missing_ok=True)


def check(part: Part) -> None:
    """Look at the first line only, so that a wrong file among many is refused before work starts.

    Raises:
        InputFileError: as ``read`` does for a title, or R's format cannot be read here.
    """
    if part.path.suffix.lower() == ".rda":
        _import_rdata(part.label)
        return
    for encoding in _ENCODINGS:
        try:
            with _opened(part) as stream, io.TextIOWrapper(stream, encoding) as text:
                _check_titles(_read_titles(text), part.label)
                return
        except UnicodeDecodeError:
            continue
    raise _wrong_encoding(part.label)


def _parts_of(path: Path) -> list[Part]:
    if path.suffix.lower() != ".zip":
        return [Part(path, None, path.name)]
    try:
        with zipfile.ZipFile(path, metadata_encoding="cp949") as archive:
            members = [
                name
                for name in archive.namelist()
                if name.lower().endswith(".csv") and not _is_litter(name)
            ]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _damaged(path.name, str(error)) from error
    if len(members) == 1:
        return [Part(path, members[0], path.name)]
    return [Part(path, member, f"{path.name}/{member}") for member in sorted(members)]


def _is_litter(name: str) -> bool:
    """Files that macOS and editors leave behind."""
    return any(step.startswith(".") or step == "__MACOSX" for step in re.split(r"[/\\]", name))


@contextmanager
def _opened(part: Part) -> Iterator[BinaryIO]:
    """The bytes of a table, whatever it is packed in."""
    try:
        if part.member is not None:
            with (
                zipfile.ZipFile(part.path, metadata_encoding="cp949") as archive,
                archive.open(part.member) as packed,
            ):
                yield packed  # type: ignore[misc]  # IO[bytes] does all that a text wrapper asks
        else:
            opener: Any = gzip.open if part.path.suffix.lower() == ".gz" else open
            with opener(part.path, "rb") as plain:
                yield plain
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, RuntimeError) as error:
        # RuntimeError: the zip wants a password, or is packed in a way that Python does not know.
        raise _damaged(part.label, str(error)) from error
    except (FileNotFoundError, PermissionError) as error:
        raise _damaged(part.label, error.strerror or "") from error


def _write_utf8(part: Part, target: Path) -> list[str]:
    """Write the rows, without the header, as UTF-8 with plain line ends; give the header's titles back.

    The file is taken to be in the first encoding that fits all of it: cp949 text is never valid UTF-8 for long.
    """
    if part.path.suffix.lower() == ".rda":
        source = target.with_name("nps_rda.csv")
        try:
            _unpack_rda(part, source)
            return _write_utf8(Part(source, None, part.label), target)
        finally:
            source.unlink(missing_ok=True)
    for encoding in _ENCODINGS:
        try:
            with (
                _opened(part) as stream,
                io.TextIOWrapper(stream, encoding) as text,
                target.open("w", encoding="utf-8", newline="") as out,
            ):
                titles = _read_titles(text)
                while lines := text.readlines(_BLOCK):
                    out.writelines(_tidy(lines))
                return titles
        except UnicodeDecodeError:
            continue
    raise _wrong_encoding(part.label)


def _read_titles(text: io.TextIOWrapper) -> list[str]:
    """Cells of the header, which may run over several lines within quotation marks."""
    header = text.readline(_BLOCK)
    for _ in range(_HEADER_LINES):
        if header.count('"') % 2 == 0:
            break
        header += text.readline(_BLOCK)
    return next(csv.reader(io.StringIO(header)), [])


def _tidy(lines: list[str]) -> list[str]:
    """Drop empty lines, and the quotation marks of a line where one has no partner: it would swallow the rows below."""
    return [
        line.replace('"', "") if '"' in line and line.count('"') % 2 else line
        for line in lines
        if line != "\n"
    ]


def _check_titles(titles: list[str], label: str) -> str:
    """Name of the layout whose columns these are, all of them and in their places."""
    plain = [re.sub(r"[^가-힣a-z_]", "", title.lower()) for title in titles]
    found = {name: [_known(title, layout) for title in plain] for name, layout in _LAYOUTS.items()}
    name = max(found, key=lambda key: len(set(found[key]) - {None}))
    expected, actual = list(_LAYOUTS[name]), found[name]
    if actual == expected:
        return name
    missing = [title for title in expected if title not in actual]
    if missing:
        shown = ", ".join(missing)
        raise InputFileError(
            {
                "ko": f"{label}: 열이 없습니다: {shown}.",
                "en": f"{label}: missing column: {shown}.",
            },
            _TODO,
        )
    place = next(i for i, title in enumerate(actual) if expected[i : i + 1] != [title])
    wanted = expected[place] if place < len(expected) else "-"
    raise InputFileError(
        {
            "ko": f"{label}: {place + 1}번째 열이 '{wanted}'이 아니라 '{titles[place].strip()[:40]}'입니다.",
            "en": f"{label}: column {place + 1} is '{titles[place].strip()[:40]}' where '{wanted}' belongs.",
        },
        _TODO,
    )


def _known(title: str, layout: dict[str, str]) -> str | None:
    """The longest title of the layout with which this one begins: 사업장업종코드명 is not 사업장업종코드."""
    return max((t for t in layout if title.startswith(t)), key=len, default=None)


def _load(con: duckdb.DuckDBPyConnection, file: Path, layout: str, label: str) -> None:
    columns = _LAYOUTS[layout]
    fields = ", ".join(f"'{title}': 'VARCHAR'" for title in columns)
    titles = {column: title for title, column in columns.items() if column}
    wanted = ", ".join(
        f'"{titles[c]}" AS {c}' if c in titles else f"CAST(NULL AS VARCHAR) AS {c}" for c in COLUMNS
    )
    quoted_file, quoted_label = (text.replace("'", "''") for text in (str(file), label))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE raw_nps AS SELECT '{quoted_label}' AS file, "
        f"row_number() OVER () AS row_number, '{layout}' AS layout, {wanted} "
        f"FROM read_csv('{quoted_file}', columns = {{{fields}}}, {_READ_OPTIONS})"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE raw_nps_broken AS SELECT '{quoted_label}' AS file, "
        "CAST(line AS BIGINT) AS row_number, trim(any_value(csv_line), chr(10)) AS line FROM nps_reject_errors GROUP BY line"
    )
    con.execute("DROP TABLE nps_reject_errors")
    con.execute("DROP TABLE nps_reject_scans")
    # DuckDB numbers the rows that it keeps; a row moves down by the broken ones above it.
    con.execute(
        "UPDATE raw_nps SET row_number = raw_nps.row_number + moved.steps FROM ("
        " SELECT kept.row_number, gap.steps FROM raw_nps AS kept ASOF JOIN ("
        "  SELECT row_number - row_number() OVER (ORDER BY row_number) AS kept_above, row_number() OVER (ORDER BY row_number) AS steps"
        "  FROM raw_nps_broken QUALIFY steps = max(steps) OVER (PARTITION BY kept_above)"
        " ) AS gap ON kept.row_number > gap.kept_above) AS moved WHERE raw_nps.row_number = moved.row_number"
    )


def _import_rdata(label: str) -> Any:
    try:
        return importlib.import_module("rdata")
    except ImportError as error:
        raise InputFileError(
            {
                "ko": f"{label}: R 파일을 읽는 라이브러리가 없습니다.",
                "en": f"{label}: the library that reads R files is not installed.",
            },
            {
                "ko": "pip install 'paycanary[rda]' 로 설치하거나 CSV 파일을 주세요.",
                "en": "Run pip install 'paycanary[rda]', or give the CSV file.",
            },
        ) from error


def _unpack_rda(part: Part, target: Path) -> None:
    """Write the first table of an R file as CSV. R keeps whole numbers as doubles: they are made whole again."""
    rdata = _import_rdata(part.label)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about R classes (tibble) that are plain tables here
            values = rdata.read_rda(part.path, default_encoding="utf-8").values()
            frame = next(value for value in values if hasattr(value, "to_csv"))
            frame.convert_dtypes().to_csv(target, index=False)
    except Exception as error:  # the library raises whatever its parser met
        raise _damaged(part.label, str(error)) from error


def _damaged(label: str, detail: str) -> InputFileError:
    return InputFileError(
        {
            "ko": f"{label}: 파일이 손상되었거나 열 수 없습니다({detail}).",
            "en": f"{label}: damaged, or cannot be opened ({detail}).",
        },
        _TODO,
    )


def _wrong_encoding(label: str) -> InputFileError:
    return InputFileError(
        {
            "ko": f"{label}: 문자 인코딩이 CP949도 UTF-8도 아닙니다.",
            "en": f"{label}: the text is neither cp949 nor UTF-8.",
        },
        _TODO,
    )

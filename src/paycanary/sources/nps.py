"""Pension workplaces (국민연금 가입 사업장 내역) in files -> table ``raw_nps``: text as published, a row a workplace and month.

Source: https://www.data.go.kr/data/15083277/fileData.do, one CSV a month since 2015-12 of about 110 MB and 0.57 million
rows, in cp949. Its 22 columns have kept their order while their titles changed: English codes and SQL types at first,
then whole sentences, then leading blanks. So a column is known by its place, and its title must begin as expected.
Also read: extracts with the ten columns of ``EXTRACT``, and the same table in R's format (.rda).
"""

from __future__ import annotations

import csv
import io
import re
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError, OtherTableError
from paycanary.sources.nps_parts import (
    TODO,
    Part,
    cut_in_titles,
    damaged,
    import_rdata,
    opened,
    unpack_rda,
    wrong_encoding,
)
from paycanary.sources.patterns import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    import duckdb

#: Title (its beginning) -> column of ``raw_nps``; "" = not read.
MONTHLY: Final = {
    "자료생성년월": "month", "사업장명": "name", "사업자등록번호": "business_number", "사업장가입상태코드": "status",
    "우편번호": "", "사업장지번상세주소": "address", "사업장도로명상세주소": "", "고객법정동주소코드": "", "고객행정동주소코드": "",
    "법정동주소광역시도코드": "province_code", "법정동주소광역시시군구코드": "", "법정동주소광역시시군구읍면동코드": "",
    "사업장형태구분코드": "form", "사업장업종코드": "industry_code", "사업장업종코드명": "industry", "적용일자": "enrolled_on", "재등록일자": "",
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
    "industry", "enrolled_on", "withdrawn_on", "headcount", "billed", "joiners", "leavers",
)  # fmt: skip
_LAYOUTS: Final = {"monthly": MONTHLY, "extract": EXTRACT}
_ENCODINGS: Final = ("utf-8-sig", "cp949")
#: Bytes read at a time: so few that what is made of them stays in the processor's cache.
_BLOCK: Final = 1 << 18
_HEADER_LINES: Final = 30
_READ_OPTIONS: Final = "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', strict_mode = true"
_STORED: Final = (
    "store_rejects = true, rejects_table = 'nps_reject_errors', rejects_scan = 'nps_reject_scans'"
)


@contextmanager
def reading(
    con: duckdb.DuckDBPyConnection,
    part: Part,
    folder: Path,
    table: str,
    select: str,
    *,
    fetched_on: str | None = None,
) -> Iterator[None]:
    """Read a table once into ``table``; while it lasts, view ``raw_nps`` reads it again, for the few rows that are looked at twice.

    ``raw_nps_broken(file, row_number, line)`` holds rows with too many or too few fields, whole lines as published: they may name a
    private person.

    Args:
        con: connection in which all three are made anew.
        part: what to read.
        folder: where the text is kept for the moment, in UTF-8, because DuckDB reads no cp949; left empty again.
        table: temporary table to make.
        select: its rows, a query of ``raw_nps`` that keeps ``row_number``.
        fetched_on: the day (ISO) on which the file was fetched, where that is known; a column of ``raw_nps``.

    Raises:
        InputFileError: damaged, in another encoding, not such a table, or a column is missing or in another place.
    """
    import duckdb  # noqa: PLC0415

    target = folder / "nps.csv"
    try:
        layout = _write_utf8(part, target)
        rows = partial(_select, target, layout, part.label, fetched_on)
        con.execute("DROP TABLE IF EXISTS raw_nps")  # of companies that were asked about singly
        con.execute(f"CREATE OR REPLACE TEMP VIEW raw_nps AS {rows(_STORED)}")
        try:
            con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {select}")
        except duckdb.InvalidInputException as error:
            raise damaged(part.label, str(error).splitlines()[0]) from error
        _set_broken_aside(con, part.label, table)
        con.execute(
            "CREATE OR REPLACE TEMP VIEW raw_nps AS SELECT * EXCLUDE (kept_above, steps) REPLACE (row_number + coalesce(steps, 0) AS row_number) "
            f"FROM ({rows('ignore_errors = true')}) ASOF LEFT JOIN nps_moved ON row_number > kept_above"
        )
        yield
    finally:
        con.execute("DROP VIEW IF EXISTS raw_nps")
        target.unlink(missing_ok=True)


def check(part: Part) -> None:
    """Look at the first line only, so that a wrong file among many is refused before work starts.

    Raises:
        InputFileError: as ``read`` does for a title, or R's format cannot be read here.
    """
    if part.path.suffix.lower() == ".rda":
        import_rdata(part.label)
        return
    for encoding in _ENCODINGS:
        try:
            with opened(part) as stream:
                header = _read_header(stream)
                _check_titles(_titles(header, encoding), part.label)
                return
        except UnicodeDecodeError:
            continue
        except OtherTableError as error:
            if header.endswith((b"\n", b"\r")) or (header and not _is_begun(header, encoding)):
                raise
            raise cut_in_titles(part.label) from error
    raise wrong_encoding(part.label)


def _write_utf8(part: Part, target: Path) -> str:
    """Write the rows, without the header, as UTF-8 with plain line ends; give the name of their layout back.

    The file is taken to be in the first encoding that fits all of it: cp949 text is never valid UTF-8 for long.
    """
    if part.path.suffix.lower() == ".rda":
        source = target.with_name("nps_rda.csv")
        try:
            unpack_rda(part, source)
            return _write_utf8(Part(source, None, part.label), target)
        finally:
            source.unlink(missing_ok=True)
    for encoding in _ENCODINGS:
        layout = None
        try:
            with opened(part) as stream, target.open("wb") as out:
                layout = _check_titles(_titles(_read_header(stream), encoding), part.label)
                for block in _blocks(stream):
                    out.write(_quotes_paired(_in_utf8(_tidy(block), encoding)))
                return layout
        except UnicodeDecodeError:
            if (
                layout is not None
            ):  # the titles were right, so this is the encoding, and the file breaks it
                break
    raise wrong_encoding(part.label)


def _read_header(stream: BinaryIO) -> bytes:
    """The header, which may run over several lines within quotation marks."""
    header = stream.readline(_BLOCK)
    for _ in range(_HEADER_LINES):
        if header.count(b'"') % 2 == 0:
            break
        header += stream.readline(_BLOCK)
    return header


def _titles(header: bytes, encoding: str) -> list[str]:
    """Cells of the header."""
    return next(csv.reader(io.StringIO(header.decode(encoding))), [])


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Whole lines, some thousand at a time. No character of either encoding has a line's end in it."""
    rest: list[bytes] = []
    while block := stream.read(_BLOCK):
        cut = block.rfind(b"\n") + 1
        if cut:
            yield b"".join((*rest, block[:cut]))
            rest = [block[cut:]]
        else:
            rest.append(block)
    if last := b"".join(rest):
        yield last


def _tidy(lines: bytes) -> bytes:
    """Plain line ends; no empty lines. A line's end is the same byte in every encoding and part of no other character."""
    if b"\r" in lines:
        lines = lines.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    while b"\n\n" in lines:
        lines = lines.replace(b"\n\n", b"\n")
    return lines.removeprefix(b"\n")


def _in_utf8(lines: bytes, encoding: str) -> bytes:
    """The same lines in UTF-8.

    Raises:
        UnicodeDecodeError: they are in another encoding.
    """
    text = lines.decode(encoding.removesuffix("-sig"))
    return text.encode() if encoding == "cp949" else lines


def _quotes_paired(lines: bytes) -> bytes:
    """No quotation marks in a line where one has no partner: it would swallow the rows below."""
    if b'"' not in lines:
        return lines
    return b"\n".join(
        line.replace(b'"', b"") if line.count(b'"') % 2 else line for line in lines.split(b"\n")
    )


def _check_titles(titles: list[str], label: str) -> str:
    """Name of the layout whose columns these are, all of them and in their places."""
    plain = [_plain(title) for title in titles]
    found = {name: [_known(title, layout) for title in plain] for name, layout in _LAYOUTS.items()}
    name = max(found, key=lambda key: len(set(found[key]) - {None}))
    expected, actual = list(_LAYOUTS[name]), found[name]
    if actual == expected:
        return name
    missing = [title for title in expected if title not in actual]
    if len(missing) * 2 > len(expected):
        raise OtherTableError(
            {
                "ko": f"{label}: 국민연금 가입 사업장 내역 파일이 아니거나 문자 인코딩이 다릅니다(첫 줄에 아는 열이 {len(expected) - len(missing)}개).",
                "en": f"{label}: not a pension workplace file, or in another encoding (the first line has {len(expected) - len(missing)} of its columns).",
            },
            TODO,
        )
    if missing:
        shown = ", ".join(missing)
        raise InputFileError(
            {
                "ko": f"{label}: 열이 없습니다: {shown}.",
                "en": f"{label}: missing column: {shown}.",
            },
            TODO,
        )
    place = next(i for i, title in enumerate(actual) if expected[i : i + 1] != [title])
    wanted = expected[place] if place < len(expected) else "-"
    raise InputFileError(
        {
            "ko": f"{label}: {place + 1}번째 열이 '{wanted}'이 아니라 '{titles[place].strip()[:40]}'입니다.",
            "en": f"{label}: column {place + 1} is '{titles[place].strip()[:40]}' where '{wanted}' belongs.",
        },
        TODO,
    )


def _is_begun(header: bytes, encoding: str) -> bool:
    """Whether a header begins as one of ours does."""
    first = _plain(next(iter(_titles(header, encoding)), ""))
    return any(_known(first, layout) for layout in _LAYOUTS.values())


def _plain(title: str) -> str:
    """A title without what differs from year to year."""
    return re.sub(r"[^가-힣a-z_]", "", title.lower())


def _known(title: str, layout: dict[str, str]) -> str | None:
    """The longest title of the layout with which this one begins: 사업장업종코드명 is not 사업장업종코드."""
    return max((t for t in layout if title.startswith(t)), key=len, default=None)


def _select(file: Path, layout: str, label: str, fetched_on: str | None, broken: str) -> str:
    """The rows as published; ``broken`` says what becomes of those with too many or too few fields."""
    columns = _LAYOUTS[layout]
    fields = ", ".join(f"'{title}': 'VARCHAR'" for title in columns)
    titles = {column: title for title, column in columns.items() if column}
    wanted = ", ".join(
        f'"{titles[c]}" AS {c}' if c in titles else f"CAST(NULL AS VARCHAR) AS {c}" for c in COLUMNS
    )
    day = f"DATE '{fetched_on}'" if fetched_on else "CAST(NULL AS DATE)"
    return (
        f"SELECT {literal(label)} AS file, row_number() OVER () AS row_number, '{layout}' AS layout, {wanted}, {day} AS fetched_on "
        f"FROM read_csv({quoted(file)}, columns = {{{fields}}}, {_READ_OPTIONS}, {broken})"
    )


def _set_broken_aside(con: duckdb.DuckDBPyConnection, label: str, table: str) -> None:
    """Make ``raw_nps_broken`` of what was rejected, and number the rows of ``table`` as they stand in the file."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE raw_nps_broken AS SELECT {literal(label)} AS file, "
        "CAST(line AS BIGINT) AS row_number, trim(any_value(csv_line), chr(10)) AS line FROM nps_reject_errors GROUP BY line"
    )
    con.execute("DROP TABLE nps_reject_errors")
    con.execute("DROP TABLE nps_reject_scans")
    # DuckDB numbers the rows that it keeps; a row moves down by the broken ones above it.
    con.execute(
        "CREATE OR REPLACE TEMP TABLE nps_moved AS SELECT row_number - place AS kept_above, max(place) AS steps "
        "FROM (SELECT row_number, row_number() OVER (ORDER BY row_number) AS place FROM raw_nps_broken) GROUP BY kept_above"
    )
    if con.execute("SELECT 1 FROM nps_moved LIMIT 1").fetchall():
        con.execute(
            f"UPDATE {table} SET row_number = {table}.row_number + moved.steps FROM (SELECT row_number, steps "
            f"FROM {table} ASOF JOIN nps_moved ON row_number > kept_above) AS moved WHERE {table}.row_number = moved.row_number"
        )

"""Anybody's table with labels: Parquet, or CSV with any separator, decimal points or commas, in UTF-8.

A row is a company, or a company on a day. The label says whether it failed; every other column of numbers is a feature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from paycanary.errors import InputFileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import duckdb

    Array = np.ndarray[Any, Any]

#: A feature that fewer rows than this bring along teaches chance.
_LEAST_KNOWN: Final = 0.1
#: What stands for a value that is not known, in text.
_UNKNOWN: Final = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "?", "-")
_LABELS: Final = {"1": 1.0, "true": 1.0, "0": 0.0, "false": 0.0}
_NUMBERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")  # fmt: skip
#: A number written with a comma, and one whose comma cannot part thousands.
_COMMA: Final = r"[-+]?\d*(,\d+)?([eE][-+]?\d+)?"
_SURELY_COMMA: Final = r"[-+]?\d*,(\d{1,2}|\d{4,})([eE][-+]?\d+)?"
_SHOWN: Final = 5
_PARQUET: Final = (".parquet", ".pq")
_TEXT: Final = (".csv", ".tsv", ".txt")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A table in memory, rows without a label left out.

    ``x``: (rows, features), NaN where unknown; ``y``: 0 or 1; ``group``: the company, None where no column says it; ``time``: places
    in the order of times, all 0 where no column says it; ``left_out``: columns that are no feature.
    """

    path: Path
    x: Array
    y: Array
    group: Array | None
    time: Array
    names: tuple[str, ...]
    left_out: tuple[str, ...]
    unlabelled: int


def read(path: Path, label: str, group: str | None = None, time: str | None = None, drop: Sequence[str] = ()) -> Labelled:  # fmt: skip
    """Read a table.

    Args:
        path: ``.parquet`` or ``.csv``.
        label: column of 0 and 1, or false and true.
        group: column that names the company.
        time: column that orders the rows: numbers or days.
        drop: columns that are not to be used.

    Raises:
        InputFileError: it cannot be read.
        UsageError: it has no such column, or one that cannot be used as said.
    """
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as con:
        _open(con, path)
        kinds = {name: str(kind) for name, kind, *_ in con.execute("DESCRIBE given").fetchall()}
        for name in (label, *drop, *(n for n in (group, time) if n)):
            if name not in kinds:
                raise _no_column(path, name, kinds)
        y = _label(con, label)
        known = ~np.isnan(y)
        special = {label, group, time, *drop}
        columns = _features(con, {n: k for n, k in kinds.items() if n not in special}, path)
        kept = {name: c[known] for name, c in columns.items() if _tells(c[known])}
        if not kept:
            raise UsageError(
                {"ko": f"{path}: 결과가 적힌 행에 배울 수 있는 숫자 열이 없습니다.", "en": f"{path} has no column of numbers to learn from in rows with a label."},
                {"ko": "값이 둘 이상인 숫자 열을 넣고 --label 열을 채우세요.", "en": "Put in columns of numbers that differ, and fill in the column of --label."},
            )  # fmt: skip
        return Labelled(
            path=path,
            x=np.column_stack(list(kept.values())),
            y=y[known],
            group=_whole(con, group)[known] if group else None,
            time=_order(con, time)[known] if time else np.zeros(int(known.sum()), dtype=int),
            names=tuple(kept),
            left_out=tuple(n for n in kinds if n not in kept and n not in {label, group, time}),
            unlabelled=int((~known).sum()),
        )


def _open(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make the table ``given``; of CSV every column is text."""
    import duckdb  # noqa: PLC0415

    kind = path.suffix.lower()
    reader = "read_parquet($path)" if kind in _PARQUET else "read_csv($path, header = true, all_varchar = true, nullstr = $unknown)"  # fmt: skip
    asked: dict[str, object] = {"path": str(path)}
    if kind in _TEXT:
        asked["unknown"] = list(_UNKNOWN)
    elif kind not in _PARQUET:
        raise _unreadable(path, kind)
    try:
        con.execute(f"CREATE TABLE given AS SELECT * FROM {reader}", asked)
    except duckdb.Error as error:
        raise _unreadable(path, next(iter(str(error).splitlines()), "")) from error


def _label(con: duckdb.DuckDBPyConnection, name: str) -> Array:
    """1 failed, 0 not, NaN unknown."""
    told = [row[0] for row in con.execute(f"SELECT CAST({_quoted(name)} AS VARCHAR) FROM given").fetchall()]  # fmt: skip
    words = {text: _LABELS.get(_plain(text)) for text in set(told) - {None}}
    if strange := sorted(text for text, value in words.items() if value is None):
        shown = ", ".join(strange[:_SHOWN])
        raise UsageError(
            {"ko": f"'{name}' 열에 0 과 1(또는 false 와 true)이 아닌 값이 있습니다: {shown}.", "en": f"Column '{name}' holds more than 0 and 1 (or false and true): {shown}."},
            {"ko": "실패를 1, 아닌 것을 0 으로 적으세요.", "en": "Write 1 for a failure and 0 for none."},
        )  # fmt: skip
    return np.array([np.nan if text is None else words[text] for text in told], dtype=float)


def _plain(text: str) -> str:
    """``1.0`` and ``True`` as they are looked up."""
    return text.strip().lower().removesuffix(".0")


def _features(con: duckdb.DuckDBPyConnection, kinds: dict[str, str], path: Path) -> dict[str, Array]:  # fmt: skip
    """Columns of numbers, by name."""
    text = [name for name, kind in kinds.items() if kind == "VARCHAR"]
    is_comma = path.suffix.lower() in _TEXT and _has_commas(con, text)
    chosen = {}
    for name, kind in kinds.items():
        column = _quoted(name)
        if kind.partition("(")[0] in _NUMBERS:
            chosen[name] = f"CAST({column} AS DOUBLE)"
        elif kind == "VARCHAR":
            pointed = f"replace({column}, ',', '.')" if is_comma else column
            number = f"TRY_CAST({pointed} AS DOUBLE)"
            ((left,),) = con.execute(f"SELECT count(*) FROM given WHERE {column} IS NOT NULL AND {number} IS NULL").fetchall()  # fmt: skip
            if not left:
                chosen[name] = number
    if not chosen:
        return {}
    found = con.execute(f"SELECT {', '.join(f'{sql} AS c{n}' for n, sql in enumerate(chosen.values()))} FROM given").fetchnumpy()  # fmt: skip
    columns = [np.ma.filled(found[f"c{n}"].astype(float), np.nan) for n in range(len(chosen))]
    return {name: np.where(np.isfinite(c), c, np.nan) for name, c in zip(chosen, columns, strict=True)}  # fmt: skip


def _tells(column: Array) -> bool:
    """Whether enough rows know it, and not all the same."""
    told = column[~np.isnan(column)]
    return len(told) >= _LEAST_KNOWN * len(column) and len(np.unique(told)) > 1


def _has_commas(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> bool:
    """Whether a column of numbers with commas has one that cannot part thousands."""
    for name in names:
        column = _quoted(name)
        ((all_commas, surely),) = con.execute(
            f"SELECT bool_and(regexp_full_match(trim({column}), ?)), bool_or(regexp_full_match(trim({column}), ?)) FROM given",
            [_COMMA, _SURELY_COMMA],
        ).fetchall()
        if all_commas and surely:
            return True
    return False


def _whole(con: duckdb.DuckDBPyConnection, name: str) -> Array:
    """A column of text without a gap."""
    told = [row[0] for row in con.execute(f"SELECT CAST({_quoted(name)} AS VARCHAR) FROM given").fetchall()]  # fmt: skip
    if lacking := sum(text is None for text in told):
        raise UsageError(
            {"ko": f"'{name}' 열이 {lacking:,}행에서 비어 있습니다.", "en": f"Column '{name}' is empty in {lacking:,} rows."},
            {"ko": "채우거나 그 행을 빼세요.", "en": "Fill it in, or take these rows out."},
        )  # fmt: skip
    return np.array(told, dtype=str)


def _order(con: duckdb.DuckDBPyConnection, name: str) -> Array:
    """Places in the order of a column's numbers or days."""
    text = _whole(con, name)
    column = f"CAST({_quoted(name)} AS VARCHAR)"
    for kind in ("DOUBLE", "TIMESTAMP"):
        told = [row[0] for row in con.execute(f"SELECT TRY_CAST({column} AS {kind}) FROM given").fetchall()]  # fmt: skip
        if None not in told:
            places = {value: place for place, value in enumerate(sorted(set(told)))}
            return np.array([places[value] for value in told])
    shown = ", ".join(sorted(set(text.tolist()))[:_SHOWN])
    raise UsageError(
        {"ko": f"'{name}' 열을 시간으로 읽을 수 없습니다: {shown}.", "en": f"Column '{name}' cannot be read as times: {shown}."},
        {"ko": "연도 같은 수나 YYYY-MM-DD 로 적으세요.", "en": "Write numbers, such as years, or YYYY-MM-DD."},
    )  # fmt: skip


def _unreadable(path: Path, why: str) -> InputFileError:
    return InputFileError(
        {"ko": f"{path}: 표로 읽을 수 없습니다({why}).", "en": f"{path} cannot be read as a table ({why})."},
        {"ko": "Parquet 이나 첫 줄에 열 이름이 있는 UTF-8 CSV 로 저장하세요.", "en": "Save it as Parquet, or as CSV in UTF-8 whose first line names the columns."},
    )  # fmt: skip


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _no_column(path: Path, name: str, names: Iterable[str]) -> UsageError:
    listed = list(names)
    shown = ", ".join(listed[:20]) + (" ..." if len(listed) > 20 else "")  # noqa: PLR2004 - a line's worth
    return UsageError(
        {"ko": f"{path}: '{name}' 열이 없습니다.", "en": f"{path} has no column '{name}'."},
        {"ko": f"다음 가운데 고르세요: {shown}.", "en": f"Choose among: {shown}."},
    )  # fmt: skip

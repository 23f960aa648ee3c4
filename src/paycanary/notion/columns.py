"""Which table of an export, and which of its columns, names the companies; where that is not sure, what there is to choose from."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError, UsageError
from paycanary.notion import values
from paycanary.notion.words import both
from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.notion.pages import Table

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """A table and the column in it that holds the companies; ``is_title``: for want of a better one, the pages' titles."""

    table: Table
    column: str
    is_title: bool


def fitting(columns: Sequence[str], title_column: str) -> tuple[list[str], bool]:
    """Columns that may name the company, and whether a name said so; else the column of titles alone.

    Several fit only where several bear such a name. Columns that an earlier run added name no company.
    """
    known = _known()
    columns = [column for column in columns if column not in values.all_names()]
    whole = [column for column in columns if _comparable(column) in known["names"]]
    ending = [c for c in columns if _comparable(c).endswith(tuple(known["endings"]))]
    found = whole or ending
    return (found, True) if found else ([title_column], False)


def choices(tables: Sequence[Table], export: str, table: str | None = None, column: str | None = None) -> list[Choice]:  # fmt: skip
    """What may be meant: one choice where it is clear, several where a person has to choose.

    Args:
        tables: of the export.
        export: its name, for messages.
        table: a table's name, number or path, as a person gave it.
        column: a column's name, likewise.

    Raises:
        InputFileError: there is no table.
        UsageError: no table or column bears the name given.
    """
    if not tables:
        raise InputFileError(both("check", "no_table", file=export), both("check", "no_table_todo"))
    asked = [t for t in tables if table is None or _is_meant(t, table)]
    if not asked:
        raise _no_such("--table", table or "", [t.name for t in tables])
    if column is not None:
        named = [Choice(t, c, c == t.title_column) for t in asked for c in t.columns if _comparable(c) == _comparable(column)]  # fmt: skip
        if not named:
            raise _no_such("--column", column, list(dict.fromkeys(c for t in asked for c in t.columns)))  # fmt: skip
        return _whole_tables(named)
    found = [
        (Choice(t, c, c == t.title_column), is_told)
        for t in asked
        for columns, is_told in [fitting(t.columns, t.title_column)]
        for c in columns
    ]
    told = [choice for choice, is_told in found if is_told]
    return _whole_tables(told or [choice for choice, _ in found])


def unclear(found: Sequence[Choice]) -> UsageError:
    """The error where several fit and nobody can be asked."""
    named = Counter(choice.table.name for choice in found if choice.column == found[0].column)
    options = "; ".join(
        f"--table '{_called(choice.table, named)}' --column '{choice.column}'"
        for choice in found[:_SHOWN]
    )
    return UsageError(both("check", "unclear", count=len(found)), both("check", "unclear_todo", options=options))  # fmt: skip


def _called(table: Table, named: Counter[str]) -> str:
    """A table's name; its number or path where another bears the same name."""
    return table.name if named[table.name] <= 1 else table.id or table.path


def _whole_tables(found: list[Choice]) -> list[Choice]:
    """Choices among databases; among views only where there is nothing else."""
    return [choice for choice in found if not choice.table.is_view] or found


def _is_meant(table: Table, name: str) -> bool:
    return _comparable(name) in (_comparable(table.name), table.id, _comparable(table.path))


def _no_such(option: str, name: str, known: list[str]) -> UsageError:
    told = {"option": option, "name": name[:80], "known": ", ".join(known[:_SHOWN])}
    return UsageError(both("check", "no_such", **told), both("check", "no_such_todo", **told))


def _comparable(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFC", name).casefold() if c.isalnum())


@cache
def _known() -> dict[str, list[str]]:
    read: dict[str, list[str]] = read_yaml("notion", "words", "columns.yaml")
    return {kind: [_comparable(name) for name in names] for kind, names in read.items()}

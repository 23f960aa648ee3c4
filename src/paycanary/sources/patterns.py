"""Texts and paths as DuckDB takes them. Its readers take ``*``, ``?`` and ``[`` in a folder's name for a pattern, and would read its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def literal(text: str) -> str:
    """A literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def as_pattern(path: Path) -> str:
    """The pattern that only this path fits, to be given as a parameter."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def quoted(path: Path) -> str:
    """The same as a literal of SQL."""
    return literal(as_pattern(path))

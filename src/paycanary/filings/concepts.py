"""The concepts that facts are about, and how registers name them (``concepts.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from paycanary.resources import read_yaml


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept: ``kind`` is flow, balance, count or ratio; names in both languages.

    ``statements``, ``ids`` and ``names`` tell in which statement and under which labels
    OpenDART rows hold it, best first; empty where another endpoint gives it.
    """

    name: str
    kind: str
    ko: str
    en: str
    meaning: str
    statements: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@cache
def load_concepts() -> dict[str, Concept]:
    """All concepts by name."""
    entries: dict[str, dict[str, Any]] = read_yaml("filings", "concepts.yaml")
    return {
        name: Concept(
            name=name,
            kind=entry["kind"],
            ko=entry["ko"],
            en=entry["en"],
            meaning=entry["meaning"],
            statements=tuple(entry.get("in", ())),
            ids=tuple(entry.get("ids", ())),
            names=tuple(entry.get("names", ())),
        )
        for name, entry in entries.items()
    }

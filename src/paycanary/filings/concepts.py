"""The concepts that facts are about, and how registers name them (``concepts.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


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
    text = (files("paycanary.filings") / "concepts.yaml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
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

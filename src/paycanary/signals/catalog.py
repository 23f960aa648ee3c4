"""The signals there are: their thresholds (``criteria/``), their words (``wording/``) and their SQL (``sql/``)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from paycanary.resources import read_text, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from paycanary.errors import Lang

GROUPS: Final = ("money", "funding", "people", "audit", "arrears", "events", "support")
#: Criteria about verdicts as a whole rather than one signal: ``criteria/verdict.yaml``.
WHOLE: Final = "verdict"
#: Registers that fill an input, where a signal does not name its own.
_REGISTERS: Final = {
    "annual": ("dart",), "latest": ("dart",), "opinion": ("dart",), "auditor_statement": ("dart",), "capital_change": ("dart",),
    "listed_headcount": ("dart",), "workplace_month": ("nps",), "peer_standing": ("nps",),
}  # fmt: skip
_PARAMETER: Final = re.compile(r"\$(\w+)")


@dataclass(frozen=True, slots=True)
class Criterion:
    """A threshold as it holds from ``since`` on: who says so, and where."""

    value: float
    since: date
    who: str
    url: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """A question asked of the facts.

    ``sql`` is None for a signal whose register is not taken in yet; ``reason`` then says why it is unknown.
    ``needs`` is the input table without whose rows it cannot be answered; ``registers`` are those that fill it, by the
    names that `refresh` takes. ``list`` is the public list on which a company without a row does not stand, once it was read.
    """

    name: str
    group: str
    weight: float
    veto: bool
    unit: str
    needs: str
    sql: str | None
    reason: str | None
    thresholds: dict[str, tuple[Criterion, ...]] = field(default_factory=dict)
    registers: tuple[str, ...] = ()
    list: str | None = None

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the ``$parameters`` that the SQL takes."""
        return frozenset(_PARAMETER.findall(strip_comments(self.sql))) if self.sql else frozenset()

    def criteria(self, as_of: date) -> dict[str, Criterion]:
        """Thresholds in force on a day. Before a threshold's first date its first value is applied."""
        return {name: in_force(dated, as_of) for name, dated in self.thresholds.items()}


def in_force(dated: tuple[Criterion, ...], as_of: date) -> Criterion:
    """The newest criterion that holds on ``as_of``, else the earliest there is."""
    held = [criterion for criterion in dated if criterion.since <= as_of]
    return max(held, key=lambda c: c.since) if held else min(dated, key=lambda c: c.since)


def strip_comments(sql: str) -> str:
    """SQL without ``--`` comments, so that a ``$word`` in prose is no parameter."""
    return re.sub(r"--[^\n]*", "", sql)


def filled(sql: str, values: Mapping[str, str]) -> str:
    """SQL without comments, with a text of ours in place of each ``$parameter``."""
    return _PARAMETER.sub(lambda match: values[match[1]], strip_comments(sql))


@cache
def signals() -> dict[str, Signal]:
    """All signals by name, in the order of `GROUPS` and of their files."""
    found: dict[str, Signal] = {}
    for group in GROUPS:
        for name, entry in read_yaml("signals", "criteria", f"{group}.yaml").items():
            has_sql = entry.get("sql", True)
            found[name] = Signal(
                name=name,
                group=group,
                weight=float(entry["weight"]),
                veto=bool(entry.get("veto", False)),
                unit=entry.get("unit", "none"),
                needs=entry.get("needs", "annual"),
                sql=read_text("signals", "sql", f"{name}.sql") if has_sql else None,
                reason=None if has_sql else entry["reason"],
                thresholds=_thresholds(entry),
                registers=tuple(
                    entry.get("registers") or _REGISTERS.get(entry.get("needs", "annual"), ())
                ),
                list=entry.get("list"),
            )
    return found


@cache
def whole() -> dict[str, tuple[Criterion, ...]]:
    """Dated criteria of the verdict as a whole: how findings add up, and when a figure is too old."""
    return _thresholds(read_yaml("signals", "criteria", f"{WHOLE}.yaml"))


@cache
def wording(lang: Lang) -> dict[str, dict[str, str]]:
    """Title, question, sentences and interview question of every signal in a language."""
    words: dict[str, dict[str, str]] = {}
    for group in GROUPS:
        words.update(read_yaml("signals", "wording", f"{group}.{lang}.yaml"))
    return words


@cache
def reasons(lang: Lang) -> dict[str, str]:
    """What each reason for not knowing means, in a language."""
    texts: dict[str, str] = read_yaml("signals", "wording", f"reasons.{lang}.yaml")
    return texts


@cache
def concepts(lang: Lang) -> dict[str, str]:
    """Names of figures that are no statement concept (headcounts, opinions, issues), in a language."""
    texts: dict[str, str] = read_yaml("signals", "wording", f"concepts.{lang}.yaml")
    return texts


#: Inputs that only give another one's rows another shape. A country's are millions, of which a screen reads none: they are views.
VIEWS: Final = frozenset({"peer_figure"})


@cache
def inputs() -> dict[str, str]:
    """SQL of the input tables, ``scope`` first: the others join it."""
    names = (
        "scope", "annual", "latest", "listed_headcount", "workplace_month", "moved_month", "peer_standing", "peer_figure", "opinion", "auditor_statement", "capital_change", "notice",
        "candidate_notice", "filing",
    )  # fmt: skip
    return {name: read_text("signals", "inputs", f"{name}.sql") for name in names}


def _thresholds(entry: dict[str, Any]) -> dict[str, tuple[Criterion, ...]]:
    return {
        name: tuple(
            Criterion(float(c["value"]), c["since"], c["who"], c.get("url"), c.get("note"))
            for c in dated
        )
        for name, dated in (entry.get("thresholds") or {}).items()
    }

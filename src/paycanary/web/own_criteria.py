"""Own criteria of the screening page: kept in the address as YAML, changed a signal at a time by a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from paycanary.errors import CriteriaError
from paycanary.signals import catalog, custom
from paycanary.signals.custom import BUILT_IN, Criteria

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from paycanary.errors import Lang

#: Characters of own criteria that an address may carry.
LONGEST: Final = 6000


@dataclass(frozen=True, slots=True)
class Own:
    """Criteria as they were given; ``error`` and its line where they cannot be used."""

    text: str
    criteria: Criteria
    error: str = ""
    line: int | None = None


def read(text: str, lang: Lang) -> Own:
    """Criteria from the address; built-in ones where the text is empty or cannot be used."""
    if not text.strip():
        return Own("", BUILT_IN)
    try:
        if len(text) > LONGEST:
            raise _too_long()
        return Own(text, custom.parse(text))
    except CriteriaError as error:
        return Own(text, BUILT_IN, error.line(lang), error.line_number)


def fields(name: str, criteria: Criteria, day: date) -> dict[str, Any]:
    """What the form shows of one signal: the values in force, changed ones included."""
    signal = catalog.signals()[name]
    return {
        "name": name,
        "weight": criteria.weight(signal),
        "veto": criteria.veto(signal),
        "off": name in criteria.off,
        "thresholds": criteria.thresholds(signal, day),
    }


def changed(own: Own, name: str, form: Mapping[str, str], day: date) -> str:
    """The YAML with one signal's settings as the form has them; what equals the built-in value is left out.

    Raises:
        CriteriaError: a value that is no number.
    """
    signal = catalog.signals()[name]
    told = _mapping(own.criteria)
    entry: dict[str, Any] = {}
    built_in = {key: c.value for key, c in signal.criteria(day).items()}
    thresholds = {
        key: number
        for key, value in built_in.items()
        if (number := _number(form.get(f"t.{key}", ""))) is not None and number != value
    }
    weight = _number(form.get("weight", ""))
    if thresholds:
        entry["thresholds"] = thresholds
    if weight is not None and weight != signal.weight:
        entry["weight"] = weight
    if ("veto" in form) != signal.veto:
        entry["veto"] = "veto" in form
    if "off" in form:
        entry["off"] = True
    told["signals"].pop(name, None)
    if entry:
        told["signals"][name] = entry
    text = yaml.safe_dump({k: v for k, v in told.items() if v}, sort_keys=False, allow_unicode=True)
    custom.parse(text)
    return "" if text.strip() == "{}" else text


def _mapping(criteria: Criteria) -> dict[str, dict[str, Any]]:
    signals: dict[str, dict[str, Any]] = {}
    for name in catalog.signals():
        entry: dict[str, Any] = {}
        if name in criteria.changed:
            entry["thresholds"] = criteria.changed[name]
        if name in criteria.weights:
            entry["weight"] = criteria.weights[name]
        if name in criteria.vetoes:
            entry["veto"] = criteria.vetoes[name]
        if name in criteria.off:
            entry["off"] = True
        if entry:
            signals[name] = entry
    return {"signals": signals, catalog.WHOLE: dict(criteria.verdict)}


def _number(text: str) -> float | str | None:
    """A number as it was typed; other text stays as it is, for the reader of criteria to refuse."""
    cleaned = text.strip().replace(",", "").replace("−", "-")
    if not cleaned:
        return None
    try:
        number = float(cleaned)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _too_long() -> CriteriaError:
    return CriteriaError(
        {"ko": f"기준이 {LONGEST}자보다 깁니다.", "en": f"The criteria are longer than {LONGEST} characters."},
        {"ko": "줄이거나 API 의 POST /v1/screen 으로 보내세요.", "en": "Shorten them, or send them to the API: POST /v1/screen."},
    )  # fmt: skip

"""A user's own criteria: a YAML file that changes thresholds, weights, vetoes, or leaves signals out.

::

    signals:
      interest_cover:
        thresholds: {danger_years: 2}
        weight: 5
        veto: true
      pay_per_head:
        off: true
    verdict:
      danger_weight: 4

A file that cannot be used is refused whole, with the line and the mend.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from itertools import accumulate
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NoReturn

import yaml

from paycanary.errors import CriteriaError
from paycanary.signals import catalog

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

#: No threshold or weight can be meant to be larger; a number of 400 digits is a slip.
_LARGEST: Final = 1e15
_KEYS: Final = ("thresholds", "weight", "veto", "off")


@dataclass(frozen=True, slots=True)
class Criteria:
    """Built-in criteria with a user's changes laid over them; empty means built-in."""

    changed: dict[str, dict[str, float]] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    vetoes: dict[str, bool] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    verdict: dict[str, float] = field(default_factory=dict)

    def thresholds(self, signal: catalog.Signal, as_of: date) -> dict[str, float]:
        """Values of a signal's thresholds on a day."""
        built_in = {name: c.value for name, c in signal.criteria(as_of).items()}
        return built_in | self.changed.get(signal.name, {})

    def weight(self, signal: catalog.Signal) -> float:
        """How much a signal counts."""
        return self.weights.get(signal.name, signal.weight)

    def veto(self, signal: catalog.Signal) -> bool:
        """Whether danger in this signal decides alone."""
        return self.vetoes.get(signal.name, signal.veto)

    def whole(self, as_of: date) -> dict[str, float]:
        """Values of the criteria about the verdict as a whole."""
        return {
            name: catalog.in_force(dated, as_of).value for name, dated in catalog.whole().items()
        } | self.verdict


BUILT_IN: Final = Criteria()
#: Open brackets at once; no criteria need more than two, and YAML takes seconds over thousands.
_DEEPEST: Final = 20


def read(path: Path) -> Criteria:
    """Read a criteria file.

    Raises:
        CriteriaError: unreadable, not YAML, or a key or value that cannot be meant; names the line and the mend.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(str(path), error) from error
    return parse(text, str(path))


def parse(text: str, name: str = "criteria") -> Criteria:
    """Criteria from YAML as text; ``name`` is what errors call it.

    Raises:
        CriteriaError: as `read`.
    """
    if max(accumulate((c in "[{") - (c in "]}") for c in text), default=0) > _DEEPEST:
        raise _unreadable(name, RecursionError("nested too deeply"))
    try:
        return _Reading(name).criteria(yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problem = error.problem or "syntax"
        raise CriteriaError(
            {
                "ko": f"{name}:{line}: YAML 로 읽을 수 없습니다({problem}).",
                "en": f"{name}:{line}: not readable as YAML ({problem}).",
            },
            {
                "ko": "들여쓰기와 콜론을 확인하세요. 예: signals: {interest_cover: {weight: 5}}",
                "en": "Check indentation and colons. Example: signals: {interest_cover: {weight: 5}}",
            },
            line,
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: Exception) -> CriteriaError:
    return CriteriaError(
        {"ko": f"{name}: 읽을 수 없습니다({error}).", "en": f"{name}: cannot be read ({error})."},
        {"ko": "UTF-8 YAML 파일의 경로를 주세요.", "en": "Give the path of a UTF-8 YAML file."},
    )


class _Reading:
    """Walks the YAML nodes, which know their lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.changed: dict[str, dict[str, float]] = {}
        self.weights: dict[str, float] = {}
        self.vetoes: dict[str, bool] = {}
        self.off: set[str] = set()
        self.verdict: dict[str, float] = {}

    def criteria(self, node: yaml.Node | None) -> Criteria:
        """The criteria that the whole file states."""
        for key, at, value in self._entries(node):
            if key == "signals":
                for name, name_at, entry in self._entries(value):
                    signal = catalog.signals().get(name)
                    if signal is None:
                        self._unknown(name_at, name, catalog.signals())
                    self._signal(signal, entry)
            elif key == catalog.WHOLE:
                self.verdict |= self._numbers(value, catalog.whole())
            elif key not in ("name", "version"):
                self._unknown(at, key, ("signals", catalog.WHOLE, "name"))
        return Criteria(self.changed, self.weights, self.vetoes, frozenset(self.off), self.verdict)

    def _signal(self, signal: catalog.Signal, entry: yaml.Node) -> None:
        for word, at, setting in self._entries(entry):
            if word == "thresholds":
                self.changed[signal.name] = self._numbers(setting, signal.thresholds)
            elif word == "weight":
                self.weights[signal.name] = self._number(setting, least=0)
            elif word == "veto":
                self.vetoes[signal.name] = self._boolean(setting)
            elif word == "off":
                self.off |= {signal.name} if self._boolean(setting) else set()
            else:
                self._unknown(at, word, _KEYS)

    def _numbers(self, node: yaml.Node, known: Iterable[str]) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, at, number in self._entries(node):
            if name not in known:
                self._unknown(at, name, known)
            found[name] = self._number(number)
        return found

    def _entries(self, node: yaml.Node | None) -> Iterable[tuple[str, yaml.Node, yaml.Node]]:
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self._refuse_shape(node)
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._refuse_shape(key)
            if key.value in seen:
                self._refuse(
                    key,
                    {
                        "ko": f"'{key.value}' 가 두 번 나옵니다",
                        "en": f"'{key.value}' appears twice",
                    },
                    {"ko": "하나를 지우세요.", "en": "Remove one of them."},
                )
            seen.add(key.value)
            yield str(key.value), key, value

    def _refuse_shape(self, node: yaml.Node) -> NoReturn:
        self._refuse(
            node,
            {"ko": "이름과 값의 짝이 아닙니다", "en": "not a mapping of names to values"},
            {"ko": "`이름: 값` 꼴로 쓰세요.", "en": "Write it as `name: value`."},
        )

    def _number(self, node: yaml.Node, least: float | None = None) -> float:
        value = _construct(node)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or abs(value) > _LARGEST
            or not isfinite(value)
        ):
            self._refuse(
                node,
                {"ko": f"'{value}' 은(는) 수가 아닙니다", "en": f"'{value}' is not a number"},
                {"ko": "따옴표 없는 수를 쓰세요. 예: 2", "en": "Write a plain number, such as 2."},
            )
        if least is not None and value < least:
            self._refuse(
                node,
                {"ko": f"{value} 이(가) {least} 보다 작습니다", "en": f"{value} is below {least}"},
                {"ko": f"{least} 이상의 수를 쓰세요.", "en": f"Write {least} or more."},
            )
        return float(value)

    def _boolean(self, node: yaml.Node) -> bool:
        value = _construct(node)
        if not isinstance(value, bool):
            self._refuse(
                node,
                {
                    "ko": f"'{value}' 은(는) true/false 가 아닙니다",
                    "en": f"'{value}' is not true or false",
                },
                {"ko": "true 또는 false 를 쓰세요.", "en": "Write true or false."},
            )
        return value

    def _unknown(self, node: yaml.Node, name: str, known: Iterable[str]) -> NoReturn:
        names = list(known)
        near = difflib.get_close_matches(name, names, 1)
        self._refuse(
            node,
            {"ko": f"'{name}' 은(는) 없는 이름입니다", "en": f"'{name}' is no name known here"},
            {
                "ko": f"'{near[0]}' 을(를) 뜻했나요?"
                if near
                else f"쓸 수 있는 이름: {', '.join(names)}.",
                "en": f"Did you mean '{near[0]}'?"
                if near
                else f"Names to choose from: {', '.join(names)}.",
            },
        )

    def _refuse(self, node: yaml.Node, what: dict[Any, str], todo: dict[Any, str]) -> NoReturn:
        line = node.start_mark.line + 1
        raise CriteriaError(
            {
                "ko": f"{self.name}:{line}: {what['ko']}.",
                "en": f"{self.name}:{line}: {what['en']}.",
            },
            todo,
            line,
        )


def _construct(node: yaml.Node) -> Any:
    """The plain value of a node; its text where it cannot be one (a day that does not exist, an unknown tag)."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError):
        return node.value
    finally:
        loader.dispose()

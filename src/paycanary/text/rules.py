"""Search expressions by kind (`rules.yaml`): a reader by themselves, and marks that the trained reader sees beside the words.

Rules(rules()).marks("소송 사건은 없습니다.")   # [6, 7]: of kind 3, "said" and "unsaid" were found
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


def rules() -> dict[str, dict[str, str]]:
    """Kind -> ``said`` and ``unsaid``, as they stand now; a trained model carries those that it was taught with."""
    read: dict[str, dict[str, str]] = read_yaml("text", "rules.yaml")
    return read


class Rules:
    """Compiled expressions, in RE2's syntax: whatever a text says, it is searched in time that grows as its length.

    Raises:
        re2.error, KeyError, TypeError: they are none.
    """

    def __init__(self, by_kind: Mapping[str, Mapping[str, str]]) -> None:
        options = re2.Options()
        options.case_sensitive, options.dot_nl, options.log_errors = False, True, False
        self._pairs = {
            kind: (re2.compile(pair["said"], options), re2.compile(pair["unsaid"], options))
            for kind, pair in by_kind.items()
        }

    @property
    def count(self) -> int:
        """How many marks there are."""
        return 2 * len(self._pairs)

    def marks(self, text: str) -> list[int]:
        """Numbers of the expressions that are found: twice the kind's number where it is said, one more where it is unsaid."""
        return [
            2 * at + side
            for at, pair in enumerate(self._pairs.values())
            for side, expression in enumerate(pair)
            if expression.search(text)
        ]

    def stated(self, text: str) -> set[str]:
        """The kinds that are said and not unsaid."""
        kinds = self._pairs.items()
        return {k for k, (said, unsaid) in kinds if said.search(text) and not unsaid.search(text)}

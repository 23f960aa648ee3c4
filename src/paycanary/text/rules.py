"""Search expressions by kind (`rules.yaml`): a reader by themselves, and marks that the trained reader sees beside the words.

Rules(rules()).marks("소송 사건은 없습니다.")   # [6, 7]: of kind 3, "said" and "unsaid" were found
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import re2

from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Bytes for what RE2 remembers of texts; with its usual 8 MiB it would forget and begin anew too often for so many expressions.
_MOST_MEMORY: Final = 64 * 2**20


def rules() -> dict[str, dict[str, str]]:
    """Kind -> ``said`` and ``unsaid``, as they stand now; a trained model carries those that it was taught with."""
    read: dict[str, dict[str, str]] = read_yaml("text", "rules.yaml")
    return read


class Rules:
    """Compiled expressions, in RE2's syntax: whatever a text says, one pass finds all of them, in time that grows as its length.

    Raises:
        re2.error, KeyError, TypeError: they are none.
    """

    def __init__(self, by_kind: Mapping[str, Mapping[str, str]]) -> None:
        options = re2.Options()
        options.case_sensitive, options.dot_nl, options.log_errors = False, True, False
        options.max_mem = _MOST_MEMORY
        self._kinds = tuple(by_kind)
        self._set = re2.Set.SearchSet(options)
        for pair in by_kind.values():
            for side in ("said", "unsaid"):
                self._set.Add(pair[side])
        self._set.Compile()

    @property
    def count(self) -> int:
        """How many marks there are."""
        return 2 * len(self._kinds)

    def marks(self, text: str) -> list[int]:
        """Numbers of the expressions that are found: twice the kind's number where it is said, one more where it is unsaid."""
        return sorted(self._set.Match(text.encode(errors="replace")) or ())

    def behind(self, ids: list[int], text: str, vocabulary: int) -> list[int]:
        """Ids of a text's tokens, then its marks: numbered behind the vocabulary, so that no text can contain them."""
        return ids + [vocabulary + mark for mark in self.marks(text)]

    def stated(self, text: str) -> set[str]:
        """The kinds that are said and not unsaid."""
        found = set(self.marks(text))
        return {kind for at, kind in enumerate(self._kinds) if 2 * at in found and 2 * at + 1 not in found}  # fmt: skip

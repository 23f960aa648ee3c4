"""Which runs of characters stand in a text: a linear reader beside the network, which knows words that the network cuts up or never met.

Every run of one to four characters adds its weight to each kind. Runs are told apart by a hash (Weinberger et al. 2009, Feature Hashing for
Large Scale Multitask Learning), so that the table has one size and no list of runs ships.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    Floats = np.ndarray[Any, np.dtype[np.float32]]
    Whole = np.ndarray[Any, np.dtype[np.int64]]

#: Longest run.
LONGEST: Final = 4
#: The table has two to this power rows.
BITS: Final = 16
#: Odd numbers whose products spread their factors over 64 bits: of splitmix64 (Steele et al. 2014).
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)
_FOLD: Final = np.uint64(29)
_KEPT: Final = np.uint64(64 - BITS)


def runs(text: str) -> Whole:
    """Rows of the table for every run of a text, as often as it stands there; the ends of the text count as spaces."""
    signs = np.frombuffer(f" {text.strip()} ".encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)  # fmt: skip
    hashed, found = np.zeros(len(signs), np.uint64), []
    for length in range(1, min(LONGEST, len(signs)) + 1):
        hashed = hashed[: len(signs) - length + 1] * _SPREAD + signs[length - 1 :] + np.uint64(length)  # fmt: skip
        found.append((hashed ^ (hashed >> _FOLD)) * _MIX >> _KEPT)
    return np.concatenate(found).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Characters:
    """A taught table. ``weights``: [2**BITS][kinds], of runs already weighted by how rare they are; ``squares``: the square of that weight; ``bias``: [kinds]."""

    weights: Floats
    squares: Floats
    bias: Floats

    def odds(self, text: str) -> Floats:
        """Log odds of each kind. ``text`` as the tokenizer normalises it."""
        rows = runs(text)
        length = np.sqrt(self.squares[rows].sum())
        # A text of runs that taught nothing says nothing.
        told: Floats = (
            self.weights.take(rows, axis=0).sum(0) / length + self.bias if length else self.bias
        )
        return told

    def write(self, path: Path, by: float) -> None:
        """Write one table in half precision: weights, their last column the squares, their last row the bias; log odds are multiplied by ``by``."""
        stored = np.zeros((2**BITS + 1, len(self.bias) + 1), dtype=np.float16)
        stored[:-1, :-1], stored[-1, :-1] = self.weights * by, self.bias * by
        stored[:-1, -1] = self.squares
        np.save(path, stored)

    @classmethod
    def read(cls, path: Path) -> Characters:
        """A table that `write` wrote.

        Raises:
            ValueError, OSError: it is none.
        """
        stored = np.load(path, allow_pickle=False).astype(np.float32)
        if stored.shape[1:] == () or len(stored) != 2**BITS + 1:
            raise ValueError(f"a table of {stored.shape}")
        return cls(np.ascontiguousarray(stored[:-1, :-1]), stored[:-1, -1].copy(), stored[-1, :-1])

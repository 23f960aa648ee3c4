"""What makes a table of labels tell more than anybody could have known: rows that are there twice, columns that hold the answer."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    Array = np.ndarray[Any, Any]

#: Leaves of the tree that one column may make: enough for a threshold, a band, and being unknown.
_LEAVES: Final = 4
#: Neighbouring values that are looked for elsewhere, how many such runs two rows must share, and in how many rows one may stand.
_RUN: Final = 3
_RUNS: Final = 3
_MOST_ROWS: Final = 6
#: A run counts if chance alone, column by column, would hardly give it to another row.
_CHANCE: Final = 0.01
#: Columns beyond which pairs of them are too many to look at; values below which it is no news that two columns share one.
_MOST_COLUMNS: Final = 300
_LEAST_VALUES: Final = 20


def alone(x: Array, y: Array) -> Array:
    """How well each column tells by itself: AUC of a tree of four leaves on it, on the rows that it learned from; shape (features,)."""
    found = []
    for column in x.T:
        # Places instead of values: trees are made in single precision, which large numbers exceed.
        place = np.unique(column, return_inverse=True)[1].ravel().astype(float)
        place[np.isnan(column)] = np.nan
        tree = DecisionTreeClassifier(max_leaf_nodes=_LEAVES, random_state=0)
        p = tree.fit(place[:, None], y).predict_proba(place[:, None])[:, 1]
        found.append(float(roc_auc_score(y, p)))
    return np.array(found)


def equalities(x: Array, y: Array) -> list[tuple[int, int, float, float]]:
    """Pairs of columns with the share of failing and of other rows in which both hold the same value; 0 is nobody's value.

    Where these shares differ, the table was put together from two kinds of rows, and a model that sees it knows the kind.
    """
    failed = y > 0
    found = []
    many = [n for n, column in enumerate(x.T) if len(np.unique(column)) >= _LEAST_VALUES]
    for i, j in itertools.combinations(many if len(many) <= _MOST_COLUMNS else (), 2):
        same = (x[:, i] == x[:, j]) & (x[:, i] != 0)
        if same.any():
            known = ~np.isnan(x[:, i]) & ~np.isnan(x[:, j])
            found.append((i, j, _share(same, known & failed), _share(same, known & ~failed)))
    return sorted(found, key=lambda pair: -abs(pair[2] - pair[3]))


def _share(flag: Array, rows: Array) -> float:
    return float(flag[rows].mean()) if rows.any() else 0.0


def duplicates(x: Array) -> Array:
    """A number for each row, the same where all features are equal."""
    plain = np.ascontiguousarray(np.where(np.isnan(x), np.inf, x + 0.0))
    whole = plain.view(np.dtype((np.void, plain.dtype.itemsize * plain.shape[1]))).ravel()
    numbers: Array = np.unique(whole, return_inverse=True)[1].ravel()
    return numbers


def look_alikes(x: Array) -> Array:
    """Pairs of rows, shape (pairs, 2), that share several rare runs of neighbouring values, in whatever columns: the same company again.

    A company that is there on two days brings the earlier day's figures along as the year before.
    """
    code, row = _runs(x)
    order = np.argsort(code, kind="stable")
    code, row = code[order], row[order]
    starts = np.flatnonzero(np.r_[True, code[1:] != code[:-1]]) if len(code) else np.zeros(0, int)
    sizes = np.diff(np.r_[starts, len(code)])
    pairs = [np.zeros(0, dtype=np.int64)]
    for size in range(2, _MOST_ROWS + 1):
        at = starts[sizes == size]
        for a, b in itertools.combinations(range(size), 2):
            first, second = np.minimum(row[at + a], row[at + b]), np.maximum(row[at + a], row[at + b])  # fmt: skip
            pairs.append((first * len(x) + second)[first != second])
    found, times = np.unique(np.concatenate(pairs), return_counts=True)
    return np.column_stack(np.divmod(found[times >= _RUNS], len(x)))


def joined(*numbers: Array, pairs: Array) -> Array:
    """A number for each row, the same where any of the numbers is the same, or a pair joins them, also by way of other rows."""
    root = list(range(len(numbers[0])))

    def found(row: int) -> int:
        while root[row] != row:
            root[row] = row = root[root[row]]
        return row

    edges = [pairs]
    for number in numbers:
        _, first, inverse = np.unique(number, return_index=True, return_inverse=True)
        edges.append(np.column_stack([np.arange(len(root)), first[inverse.ravel()]]))
    for a, b in np.concatenate(edges).tolist():
        one, other = sorted((found(a), found(b)))
        root[other] = one
    return np.array([found(row) for row in range(len(root))])


def again(numbers: Sequence[int] | Array) -> int:
    """How many rows bear a number that an earlier one has."""
    return len(numbers) - len(np.unique(numbers))


def _runs(x: Array) -> tuple[Array, Array]:
    """Codes of runs of neighbouring known values, and the row of each."""
    rows, columns = x.shape
    count = columns - _RUN + 1
    if count < 1:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    bits = np.ascontiguousarray(x + 0.0).view(np.uint64)
    share = np.column_stack([_shares(column) for column in x.T])
    code = np.zeros((rows, count), np.uint64)
    chance = np.full((rows, count), float(rows))
    usable = np.ones((rows, count), dtype=bool)
    for step in range(_RUN):
        part = slice(step, step + count)
        usable &= ~np.isnan(x[:, part]) & (x[:, part] != 0)
        chance *= share[:, part]
        code = code * np.uint64(0x9E3779B97F4A7C15) + bits[:, part]
        code ^= code >> np.uint64(29)
    usable &= chance < _CHANCE
    return code[usable], np.broadcast_to(np.arange(rows)[:, None], code.shape)[usable]


def _shares(column: Array) -> Array:
    """The share of rows that have each row's value."""
    _, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
    found: Array = counts[inverse.ravel()] / len(column)
    return found

"""Probabilities of a peer with its defaults, on the folds that it is given. Run by `failures` in an environment of its own.

    python failures_peer.py NAME IN.npz OUT.npz

``IN``: ``x``, ``y``, and ``fit`` and ``test``, flags of rows, a row a fold. One thread, as ours.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def made(name: str) -> Any:
    """The peer as its documentation begins."""
    if name == "CatBoost":
        from catboost import CatBoostClassifier  # noqa: PLC0415

        return CatBoostClassifier(verbose=0, thread_count=1, allow_writing_files=False)
    from lightgbm import LGBMClassifier  # noqa: PLC0415

    return LGBMClassifier(n_jobs=1, verbose=-1)


def main() -> None:
    name, given, out = sys.argv[1:]
    found = np.load(given)
    x, y = found["x"], found["y"]
    p = np.full(len(y), np.nan)
    for fit, test in zip(found["fit"], found["test"], strict=True):
        p[test] = made(name).fit(x[fit], y[fit].astype(int)).predict_proba(x[test])[:, 1]
    np.savez(out, p=p)


if __name__ == "__main__":
    main()

"""Sentences of notices, e-mails and news that people wrote for the reader: no company is meant, and no one is named.

`written.csv`: lang, split, kinds, text. Those that test were written by somebody who had not seen those that teach.
"""

from __future__ import annotations

import csv
import io
from typing import cast

from paycanary.resources import read_text
from paycanary.text.training.labelled import Labelled, Lang, Split


def written() -> list[Labelled]:
    """All of them; each stands for itself in intervals."""
    rows = csv.DictReader(io.StringIO(read_text("text", "training", "written.csv")))
    return [
        Labelled(row["text"], frozenset(row["kinds"].split()), cast("Split", row["split"]), cast("Lang", row["lang"]), f"written {i}")
        for i, row in enumerate(rows)
    ]  # fmt: skip

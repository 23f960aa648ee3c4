"""What became of the rows of one file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

#: Kind of a file that lay in the folder but is another table: named, not read.
OTHER_TABLE: Final = "other_table"


@dataclass(slots=True)
class FileSummary:
    """Row counts of one file: ``read == accepted + skipped + rejected``.

    ``skipped`` rows are understood and hold nothing that is kept; ``reasons`` counts rejected rows by reason code.
    """

    file: str
    kind: str
    read: int = 0
    accepted: int = 0
    skipped: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

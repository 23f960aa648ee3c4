"""Take a pension month in as ``paycanary refresh nps`` does, but for what no peer is asked for: rows, companies and names, checked and stored.

    python -m benchmarks.month_rows LAKE FILE

Left out is what is worked out from the rows for later questions: links between registers, companies that took another name, sums a
company, moves between companies, and how the companies of a trade fared. A lake made so is for a measurement alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from paycanary.lake import batches, company_months, moves, peers, refresh, workplace_history


def _nothing(*_: Any) -> None:
    """Stand for a step that is left out."""


def main(lake: str, file: str) -> None:
    """Take the file in."""
    for module, step in ((workplace_history, "lay_out"), (moves, "find"), (company_months, "build"), (peers, "build"), (refresh, "_write_links")):  # fmt: skip
        if not callable(getattr(module, step)):
            raise TypeError(step)
        setattr(module, step, _nothing)
    batches.refresh(Path(lake), "nps", Path(file))


if __name__ == "__main__":
    main(*sys.argv[1:])

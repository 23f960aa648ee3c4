"""Answers of the Financial Services Commission -> staged facts, companies, names and filings.

An exact 0 is how the service writes what a statement does not state: it is skipped, never a fact. Rows whose basis is neither
consolidated nor separate, or whose assets are not liabilities and equity, are rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.filings import fetched
from paycanary.filings.concepts import load_concepts
from paycanary.progress import SILENT, Progress
from paycanary.resources import read_text
from paycanary.sources import fsc
from paycanary.sources.rows import insert

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from paycanary.sources.summary import FileSummary

#: Endpoint -> script, and the statements in which its accounts stand.
_SCRIPTS = {
    fsc.OUTLINE: ("fsc_outline", ""),
    fsc.SUMMARY: ("fsc_summary", ""),
    fsc.BALANCE: ("fsc_accounts", "BS"),
    fsc.INCOME: ("fsc_accounts", "IS"),
}


def load(
    con: duckdb.DuckDBPyConnection, path: Path, progress: Progress = SILENT
) -> list[FileSummary]:
    """Stage the answers at or below ``path``.

    Returns:
        One summary a file: ``read == accepted + skipped + rejected``.

    Raises:
        InputFileError: no such file, or not a file of answers.
    """
    found = fetched.find_lines(path, list(_SCRIPTS), fsc.NAME)
    progress.step(fsc.NAME, total=len(found))
    con.execute(read_text("filings", "sql", "macros.sql"))
    con.execute(read_text("filings", "sql", "fsc_begin.sql"))
    _create_concepts(con)
    summaries: list[FileSummary] = []
    for endpoint, (script, statement) in _SCRIPTS.items():
        if endpoint in found:
            names = {"statement": statement}
            fields = fsc.FIELDS[endpoint]
            summaries.append(fetched.stage(con, found[endpoint], script, fields, source=fsc.NAME, names=names))  # fmt: skip
            progress.advance()
    con.execute(read_text("filings", "sql", "fsc_end.sql"))
    return summaries


def _create_concepts(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``fsc_concepts``: a row for each id and each name of ``concepts.yaml`` in a balance sheet or an income statement."""
    rows: list[tuple[str, str, str | None, str | None, int]] = []
    for concept in load_concepts().values():
        for statement in {"BS" if s == "BS" else "IS" for s in concept.statements if s != "CF"}:
            rows += [(concept.name, statement, id_, None, rank) for rank, id_ in enumerate(concept.ids)]  # fmt: skip
            rows += [(concept.name, statement, None, name, 50) for name in concept.names]
    insert(con, "fsc_concepts", rows)

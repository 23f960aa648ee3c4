"""Files that a person gives: pension months a few at a time, and a file that cannot be taken in keeps no other out.

Everything else comes in whole or not at all, by one snapshot (`paycanary.lake.refresh`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError
from paycanary.filings import nps
from paycanary.lake.refresh import Part, RefreshSummary, Refused, input_faults, refresh_parts
from paycanary.progress import SILENT, Progress
from paycanary.sources.given import require_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paycanary.sources import nps_parts
    from paycanary.sources.summary import FileSummary

#: Months in one commit: what a killed refresh of many has to read again at most.
_BATCH: Final = 6


def refresh(
    root: Path,
    source: str,
    path: Path,
    progress: Progress = SILENT,
    *,
    accepts_fewer: bool = False,
) -> RefreshSummary:
    """Take a register's files into the lake at ``root``: one snapshot, of many pension months several.

    Args:
        root: folder of the lake.
        source: a key of `paycanary.lake.refresh.LOADERS`.
        path: file or folder to read.
        progress: told how far the work is.
        accepts_fewer: take in whole pension months even where they look as if their file had been cut.

    Returns:
        What was taken in; ``refused`` names those of several pension files that were not.

    Raises:
        InputFileError: no file can be taken in, or one of a register that comes in whole cannot be read; nothing of it is stored.
        LakeError: the store is busy, full or read-only; nothing of the snapshot that was being written is stored.
    """
    with input_faults(path):
        require_files(path)
    parts, others = _batches(source, path)
    taken: RefreshSummary | None = None
    refused: list[InputFileError] = []
    for part in parts:
        more, left_out = _what_can_be(root, replace(part, accepts_fewer=accepts_fewer), progress)
        refused += left_out
        if more is not None:
            taken = more if taken is None else _joined(taken, more)
    if taken is None:
        raise _together(refused)
    taken.files += others
    taken.refused = [Refused(_label(e), e.what, e.todo) for e in refused]
    return taken


def _what_can_be(
    root: Path, part: Part, progress: Progress
) -> tuple[RefreshSummary | None, list[InputFileError]]:
    """Take in those of a batch's files that can be. One that cannot leaves its traces in what was staged, so the others are read anew."""
    refused: list[InputFileError] = []
    while True:
        summary, failed = refresh_parts(root, [part], progress)
        if not failed:
            return summary, refused
        error = failed[part.source]
        if not isinstance(error, InputFileError) or error.part is None or part.files is None:
            raise error
        refused.append(error)
        part = replace(part, files=tuple(f for f in part.files if f != error.part))
        if not part.files:
            return None, refused


def _batches(source: str, path: Path) -> tuple[list[Part], list[FileSummary]]:
    """Pension months come in by the dozen, a hundred megabytes each: a few are committed at a time.

    Returns:
        What to take in one after the other, and the other tables that lie there where that is not told on the way.
    """
    if source != "nps" or nps.is_fetched(path):
        return [Part(source, path)], []
    with input_faults(path):
        files, others = nps.split(path)
    if len(files) <= 1:
        return [Part(source, path)], []
    starts = range(0, len(files), _BATCH)
    return [Part(source, path, tuple(files[i : i + _BATCH]), i + _BATCH < len(files)) for i in starts], others  # fmt: skip


def _joined(taken: RefreshSummary, more: RefreshSummary) -> RefreshSummary:
    """The account of a refresh and of its next snapshot, as one."""
    return replace(
        taken,
        files=taken.files + more.files,
        months=taken.months + more.months,
        extracts=taken.extracts + more.extracts,
        short_months=more.short_months,
        added={name: taken.added[name] + rows for name, rows in more.added.items()},
        seconds=round(taken.seconds + more.seconds, 2),
        snapshot=more.snapshot,
    )


def _together(refused: Sequence[InputFileError]) -> InputFileError:
    """One error of all files' own, where nothing could be taken in."""
    last = refused[-1]
    return InputFileError(
        {
            "ko": "\n".join([*(e.line("ko") for e in refused[:-1]), last.what["ko"]]),
            "en": "\n".join([*(e.line("en") for e in refused[:-1]), last.what["en"]]),
        },
        last.todo,
    )


def _label(error: InputFileError) -> str:
    part: nps_parts.Part = error.part  # type: ignore[assignment]  # errors know no files
    return part.label

"""Files that a person gives: pension months a few at a time, and a file that cannot be taken in keeps no other out.

Everything else comes in whole or not at all, by one snapshot (`paycanary.lake.refresh`).
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError, PaycanaryError, UsageError
from paycanary.filings import nps
from paycanary.lake.refresh import Part, RefreshSummary, Refused, input_faults, refresh_parts
from paycanary.progress import SILENT, Progress
from paycanary.sources.given import require_files

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        LakeError: the store is busy, full or read-only; nothing of the snapshot that was being written is stored. What earlier ones of the
            same refresh hold it says.
        UsageError: fewer rows are accepted of more than one file.
    """
    started = time.monotonic()
    with input_faults(path):
        require_files(path)
    parts, others, refused = _batches(source, path)
    if accepts_fewer and sum(len(part.files or (part.path,)) for part in parts) > 1:
        raise UsageError(
            {"ko": f"{path}: --accept-fewer-rows 는 파일 하나에만 쓸 수 있습니다.", "en": f"{path}: --accept-fewer-rows takes one file."},
            {"ko": "온전한 줄 아는 그 파일 하나만 주세요. 나머지는 따로 주면 됩니다.", "en": "Give the file that you know to be whole, alone; the others by a command of their own."},
        )  # fmt: skip
    taken: RefreshSummary | None = None
    for part in parts:
        try:
            more, left_out = _what_can_be(root, replace(part, accepts_fewer=accepts_fewer), progress)  # fmt: skip
        except PaycanaryError as error:
            if taken is not None:
                _tell_stored(error, taken)
            raise
        refused += left_out
        if more is not None:
            taken = more if taken is None else _joined(taken, more)
    if taken is None:
        raise _together(refused)
    taken.files += others
    taken.refused = [Refused(_named(e, path), e.what, e.todo) for e in refused]
    taken.seconds = round(time.monotonic() - started, 2)
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
        # Its traceback holds all that was being read.
        refused.append(error.with_traceback(None))
        part = replace(part, files=tuple(f for f in part.files if f != error.part))
        if not part.files:
            return None, refused


def _batches(source: str, path: Path) -> tuple[list[Part], list[FileSummary], list[InputFileError]]:
    """Pension months come in by the dozen, a hundred megabytes each: a few are committed at a time.

    Returns:
        What to take in one after the other; where that is not told on the way, the other tables that lie there; and the files that
        cannot be opened.
    """
    if source != "nps" or nps.is_fetched(path):
        return [Part(source, path)], [], []
    refused: list[InputFileError] = []
    with input_faults(path):
        files, others = nps.split(path, refused if path.is_dir() else None)
    if len(files) == 1 and not refused:
        return [Part(source, path)], [], []
    starts = range(0, len(files), _BATCH)
    return [Part(source, path, tuple(files[i : i + _BATCH]), i + _BATCH < len(files)) for i in starts], others, refused  # fmt: skip


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


def _tell_stored(error: PaycanaryError, taken: RefreshSummary) -> None:
    """Let an error also say what earlier snapshots of the same refresh hold."""
    count = sum(month.is_stored for month in taken.months)
    error.what = {
        "ko": f"{error.what['ko']} 그 전에 국민연금 {count}달을 저장했습니다(기록 {taken.snapshot}번).",
        "en": f"{error.what['en']} Before that, {count} pension months were stored (snapshot {taken.snapshot}).",
    }
    error.todo = {
        "ko": f"{error.todo['ko']} 같은 명령을 다시 하면 나머지부터 이어집니다.",
        "en": f"{error.todo['en']} The same command goes on with the rest.",
    }


def _named(error: InputFileError, path: Path) -> str:
    """The file that an error is about, so that it is found: below the folder that was given, and within its zip."""
    part: nps_parts.Part = error.part  # type: ignore[assignment]  # errors know no files
    file = part.path.relative_to(path) if path.is_dir() else Path(part.path.name)
    return "/".join([file.as_posix(), *([part.member] if part.member else [])])

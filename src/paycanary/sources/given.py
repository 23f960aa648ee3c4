"""What a person gave to take in: that there is anything, said the same way for every register."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from paycanary.errors import InputFileError

if TYPE_CHECKING:
    from pathlib import Path


def require_files(path: Path) -> None:
    """See that a path is there and, where it is a folder, that a file lies at or below it.

    A register's own reader would say that its files are missing, and a person would fetch them again where a word was
    mistyped.

    Raises:
        InputFileError: no such path, or a folder without any file.
        OSError: the path cannot be looked at.
    """
    if not path.exists():
        raise InputFileError(
            {"ko": f"{path}: 그런 파일이나 폴더가 없습니다.", "en": f"{path}: there is no such file or folder."},
            {"ko": "--from 에 준 경로를 확인하세요.", "en": "Check the path given with --from."},
        )  # fmt: skip
    # A folder that may not be listed shows nothing: its reader says so.
    if path.is_dir() and os.access(path, os.R_OK | os.X_OK) and not any(p.is_file() for p in path.rglob("*")):  # fmt: skip
        raise InputFileError(
            {"ko": f"{path}: 폴더가 비어 있습니다.", "en": f"{path}: the folder is empty."},
            {"ko": "받아들일 파일이 있는 폴더를 --from 으로 주세요.", "en": "Give a folder that holds the files to take in with --from."},
        )  # fmt: skip

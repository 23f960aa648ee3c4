"""Writing a file that a person asked for: whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from paycanary.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: who reads it meanwhile reads the one before.

    Raises:
        UsageError: it cannot be written.
    """
    copy(path, io.BytesIO(content))


def copy(path: Path, stream: BinaryIO) -> None:
    """As `write`, from a stream that may be larger than memory.

    Raises:
        UsageError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.exists() and not path.is_file():  # a pipe, /dev/stdout
            _pour(stream, path)
            return
        _pour(stream, part)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):  # a folder that is a file, a name that is too long
            part.unlink(missing_ok=True)
        raise _unwritable(path, error) from error


def _pour(stream: BinaryIO, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(stream, file)


def folder(path: Path) -> None:
    """Make a folder and those above it, where they are not there yet.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        {
            "ko": f"{path}: 쓸 수 없습니다({error.strerror}).",
            "en": f"{path}: cannot be written ({error.strerror}).",
        },
        {"ko": "다른 경로를 주세요.", "en": "Give another path."},
    )

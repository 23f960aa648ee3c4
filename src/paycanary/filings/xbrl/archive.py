"""Zip archives of documents: daily and monthly bulk files, filings in a folder, archives within archives, DART packages.

One member is in memory at a time. What a member may inflate to is limited in bytes and in proportion; a broken member costs
itself, never the archive.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError
from paycanary.filings.reading import Fault, Place, Reading
from paycanary.filings.xbrl.limits import (
    MAX_ARCHIVES,
    MAX_DIRECTORY,
    MAX_DOCUMENT,
    MAX_RATIO,
    SMALL_MEMBER,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from paycanary.filings.reading import Format

    #: Bytes of a document and its name -> its reading, or None if it is none of ours.
    ReadDocument = Callable[[bytes, str], Reading | None]

#: Suffixes of members that may be documents, with what they most likely are, told if they cannot be opened.
SUFFIXES: Final[dict[str, Format]] = {
    ".html": "inline_xbrl",
    ".htm": "inline_xbrl",
    ".xhtml": "inline_xbrl",
    ".xml": "xbrl",
    ".xbrl": "xbrl",
    ".json": "companyfacts",
}
_ENCRYPTED: Final = 0x1
_CHUNK: Final = 1 << 20


def open_archive(file: Path | IO[bytes], name: str) -> zipfile.ZipFile:
    """Open an archive whose directory is no larger than `MAX_DIRECTORY`.

    Raises:
        InputFileError: it is no zip, truncated, or its directory too large.
    """
    if isinstance(file, Path):
        with file.open("rb") as source:
            directory = _directory_bytes(source)
    else:
        directory = _directory_bytes(file)
    if directory > MAX_DIRECTORY:
        raise _unreadable(name, "목록이 너무 큽니다", "its directory is too large")
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, struct.error) as error:
        raise _unreadable(
            name, "zip이 아니거나 잘렸습니다", "it is no zip, or cut short"
        ) from error


def _directory_bytes(source: IO[bytes]) -> int:
    """What the archive says its directory takes: a reader would hold all of it."""
    size = source.seek(0, io.SEEK_END)
    source.seek(max(0, size - (1 << 16) - 200))
    tail = source.read()
    source.seek(0)
    zip64 = tail.rfind(b"PK\x06\x06")
    if zip64 >= 0 and len(tail) >= zip64 + 56:
        return int(struct.unpack("<Q", tail[zip64 + 40 : zip64 + 48])[0])
    end = tail.rfind(b"PK\x05\x06")
    return (
        int(struct.unpack("<I", tail[end + 12 : end + 16])[0]) if 0 <= end <= len(tail) - 22 else 0
    )


def _unreadable(name: str, ko: str, en: str) -> InputFileError:
    return InputFileError(
        {"ko": f"{name}: 읽을 수 없습니다({ko}).", "en": f"{name}: cannot be read: {en}."},
        {"ko": "파일을 다시 내려받으십시오.", "en": "Download the file again."},
    )


def read_archive(
    archive: zipfile.ZipFile, file: str, read: ReadDocument, depth: int = 1
) -> Iterator[Reading]:
    """Read every document of an archive in its order; members of nested archives are named ``outer!inner``."""
    for info in archive.infolist():
        path = PurePosixPath(info.filename.replace("\\", "/"))
        suffix = path.suffix.lower()
        if (
            not info.filename
            or info.is_dir()
            or _is_junk(path)
            or (suffix not in SUFFIXES and suffix != ".zip")
        ):
            continue
        name = f"{file}!{info.filename}" if file else info.filename
        guess = SUFFIXES.get(suffix, "inline_xbrl")
        try:
            data = inflate(archive, info)
        except _Refused as refused:
            yield _faulty(name, guess, refused.reason, refused.detail)
            continue
        if suffix != ".zip":
            reading = read(data, name)
            if reading is not None:
                yield reading
        elif depth >= MAX_ARCHIVES:
            yield _faulty(name, guess, "nested_too_deep", str(depth))
        else:
            yield from _nested(data, name, guess, read, depth)


def _nested(
    data: bytes, name: str, guess: Format, read: ReadDocument, depth: int
) -> Iterator[Reading]:
    try:
        inner = open_archive(io.BytesIO(data), name)
    except InputFileError as error:
        yield _faulty(name, guess, "broken_member", error.what["en"])
        return
    with inner:
        yield from read_archive(inner, name, read, depth + 1)


def _is_junk(path: PurePosixPath) -> bool:
    """What macOS leaves in archives."""
    return "__MACOSX" in path.parts or path.name.startswith("._")


def _faulty(name: str, guess: Format, reason: str, detail: str) -> Reading:
    return Reading(file=name, format=guess, faults=[Fault(reason, detail[:200], Place(name))])


class _Refused(Exception):  # noqa: N818 - carries a fault
    """A member that is not read, and why."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def is_encrypted(info: zipfile.ZipInfo) -> bool:
    """Whether a member needs a password."""
    return bool(info.flag_bits & _ENCRYPTED)


def inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A member's bytes, never more than `MAX_DOCUMENT`, nor more than `MAX_RATIO` for each packed byte."""
    if is_encrypted(info):
        raise _Refused("encrypted", info.filename)
    limit = min(MAX_DOCUMENT, max(SMALL_MEMBER, info.compress_size * MAX_RATIO))
    if info.file_size > limit:
        raise _Refused("too_large", f"{info.file_size} bytes, {info.compress_size} packed")
    try:
        with archive.open(info) as member:
            if info.file_size <= _CHUNK:
                data = member.read(limit + 1)
            else:
                pieces, size = [], 0
                while size <= limit and (piece := member.read(_CHUNK)):
                    pieces.append(piece)
                    size += len(piece)
                data = b"".join(pieces)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        struct.error,
    ) as error:
        raise _Refused("broken_member", f"{type(error).__name__}: {error}") from error
    if len(data) > limit:
        raise _Refused("too_large", f"more than {limit} bytes")
    return data

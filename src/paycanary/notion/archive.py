"""Notion's export as it comes: zips in a zip, parts, plain zips, or a folder that somebody unpacked.

::

    with open_export(Path("Export-….zip")) as archive:
        for path in archive.members:  # "Jobs 0123…cdef_all.csv", "Jobs/가나전자 4567….md", in NFC
            raw = archive.read(path)
        archive.refused  # what was not taken, each with its reason

Nothing is ever unpacked to the disk under a name that the export gives: members are read in memory, zips within zips through
an anonymous temporary file.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Self

from paycanary.errors import InputFileError
from paycanary.notion.names import is_ignored, repaired, split_id, unsafe
from paycanary.notion.words import both, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

_MIB: Final = 1 << 20
_PART: Final = re.compile(r"(?:^|[/_-])Export(?:Block)?-[0-9a-f]{8}-[0-9a-f-]{20,}?(?:-Part-(?P<part>\d+))?\.zip$", re.IGNORECASE)  # fmt: skip
_NUMBERED: Final = re.compile(r"-Part-(?P<part>\d+)\.zip$", re.IGNORECASE)
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_ENCRYPTED: Final = 0x1
_UNREADABLE: Final = (zipfile.BadZipFile, EOFError, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, struct.error)  # fmt: skip
#: A zip's last record, and what it may be followed by.
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22 + 65_535
_UNTOLD: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read of an export. Bytes are counted unpacked, as declared and again as they come.

    Args:
        member: bytes of one file.
        total: bytes of all files together, parts included.
        members: files.
        depth: zips within zips; Notion's own exports have 2.
    """

    member: int = 256 * _MIB
    total: int = 8192 * _MIB
    members: int = 200_000
    depth: int = 3


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an export: its path in NFC, its size in bytes as declared, and how it is opened."""

    path: str
    size: int
    opened: Callable[[], IO[bytes]]
    checksum: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is not read; ``reason`` is a key of ``refused`` in words/export.<lang>.yaml."""

    path: str
    reason: str


class Archive:
    """An export that is open; a context manager.

    Attributes:
        name: the file's or folder's name, for messages.
        members: path in NFC, with ``/`` between folders -> `Member`.
        refused: what is not read, in the order in which it was met.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.name = path.name or str(path)
        self.members: dict[str, Member] = {}
        self.refused: list[Refused] = []
        self._limits = limits
        self._declared = 0
        self._met = 0
        self._closing: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """Let go of all files."""
        while self._closing:
            self._closing.pop()()

    def read(self, path: str) -> bytes:
        """A member's bytes.

        Raises:
            InputFileError: there is no such member, it is damaged, or it holds more than it declares.
        """
        member = self.members.get(path)
        if member is None:
            raise self._error("member_missing", member=path)
        try:
            with member.opened() as stream:
                raw = stream.read(member.size + 1)
                if len(raw) <= member.size:
                    raw += stream.read(member.size + 1 - len(raw))
        except _UNREADABLE as error:
            raise self._error("member_broken", member=path) from error
        if len(raw) > member.size:
            raise self._error("member_broken", member=path)
        return raw

    def open(self, path: str) -> IO[bytes]:
        """A member as a stream that can be read at any place; it is whole in memory.

        Raises:
            InputFileError: as `read`.
        """
        return io.BytesIO(self.read(path))

    def reasons(self) -> dict[str, int]:
        """How many files were refused for which reason."""
        return dict(Counter(refused.reason for refused in self.refused))

    def _error(self, key: str, **values: object) -> InputFileError:
        told = {"file": self.name, **values}
        return InputFileError(both("export", key, **told), both("export", f"{key}_todo", **told))

    # --- filling ----------------------------------------------------------------------------------

    def refuse(self, path: str, reason: str) -> None:
        """Count a file among those that are not read."""
        self.refused.append(Refused(path, reason))

    def _admit(self, size: int, most: int) -> str | None:
        """Count a file in; the reason why not, where it is too much."""
        self._met += 1
        if self._met > self._limits.members:
            return "too_many"
        if size > most or self._declared + size > self._limits.total:
            return "too_large"
        self._declared += size
        return None

    def _add(self, member: Member) -> None:
        known = self.members.setdefault(member.path, member)
        same = known.size == member.size and known.checksum == member.checksum
        if known is not member and not same:
            self.refuse(member.path, "duplicate")

    def _add_zip(self, stream: IO[bytes], name: str, depth: int) -> None:
        """Take in what a zip holds; raises BadZipFile where it cannot be read at all."""
        if _listed(stream) > self._limits.members * 512:
            raise self._error("too_much", most=self._limits.members)
        packed = zipfile.ZipFile(stream)
        self._closing.append(packed.close)
        parts: set[int] = set()
        infos = [info for info in packed.infolist() if not info.is_dir()]
        names = [(repaired(info), info) for info in infos]
        content = [path for path, _ in names if not is_ignored(path)]
        only_zips = all(path.lower().endswith(".zip") for path in content)
        for path, info in names:
            if (reason := unsafe(path) or _unreadable(info)) is not None:
                self.refuse(path, reason)
                continue
            if is_ignored(path):
                continue
            part = _PART.search(path)
            if part is None and not (only_zips and "/" not in path):
                reason = self._admit(info.file_size, self._limits.member)
                if reason is not None:
                    self.refuse(path, reason)
                    continue
                self._add(Member(path, info.file_size, lambda i=info: packed.open(i), info.CRC))  # type: ignore[misc]
                continue
            if part is not None and part["part"]:
                parts.add(int(part["part"]))
            self._add_part(packed, info, path, depth)
        for number in sorted(set(range(1, max(parts, default=0))) - parts):
            self.refuse(f"{name}: Part-{number}", "missing_part")

    def _add_part(self, packed: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, depth: int) -> None:  # fmt: skip
        """Take in a zip within a zip."""
        reason = "nested" if depth >= self._limits.depth else self._admit(info.file_size, self._limits.total)  # fmt: skip
        if reason is not None:
            self.refuse(path, reason)
            return
        inner = tempfile.SpooledTemporaryFile(max_size=64 * _MIB)  # noqa: SIM115 - closed with the archive
        self._closing.append(inner.close)
        try:
            with packed.open(info) as stream:
                while piece := stream.read(_MIB):
                    inner.write(piece)
            inner.seek(0)
            self._add_zip(inner, path, depth + 1)
        except InputFileError:
            self.refuse(path, "too_many")
        except _UNREADABLE:
            self.refuse(path, "broken")

    def _add_folder(self, folder: Path) -> None:
        """Take in a folder that somebody unpacked; links are not followed."""
        for file in _files(folder):
            path = unicodedata.normalize("NFC", file.relative_to(folder).as_posix())
            if is_ignored(path):
                continue
            if file.is_symlink() or not file.is_file():
                self.refuse(path, "link")
            elif (reason := unsafe(path)) is not None:
                self.refuse(path, reason)
            elif _PART.search(path):
                self._add_file(file)
            elif (reason := self._admit(size := file.stat().st_size, self._limits.member)) is not None:  # fmt: skip
                self.refuse(path, reason)
            else:
                self._add(Member(path, size, lambda f=file: f.open("rb")))  # type: ignore[misc]

    def _add_file(self, file: Path) -> None:
        stream = file.open("rb")
        self._closing.append(stream.close)
        try:
            self._add_zip(stream, file.name, 1)
        except _UNREADABLE:
            self.refuse(file.name, "broken")

    def _check(self) -> None:
        """Raise where nothing of Notion's is left."""
        endings = Counter(_ending(path) for path in self.members)
        if endings["md"] or endings["csv"]:
            return
        if endings["html"]:
            raise self._error("html")
        if self.refused and not self.members:
            said = words("export", "en")["refused"]
            reasons = self.reasons()
            if set(reasons) == {"broken"}:
                raise self._error("cut")
            told = ", ".join(f"{said[reason]}: {count}" for reason, count in reasons.items())
            raise self._error("nothing_left", count=len(self.refused), reasons=told)
        raise self._error("not_notion")


def open_export(path: Path, limits: Limits | None = None) -> Archive:
    """Open an export: the zip as Notion sent it, one of its parts (its siblings ``…-Part-N.zip`` are read too), or a folder.

    Args:
        path: where it is.
        limits: how much is read; `Limits` says what holds otherwise.

    Raises:
        InputFileError: it is not there, no zip, cut short, exported as HTML, or not Notion's.
    """
    archive = Archive(path, limits or Limits())
    try:
        if path.is_dir():
            archive._add_folder(path)  # noqa: SLF001 - the one way in
        else:
            _open_file(archive, path)
        archive._check()  # noqa: SLF001
    except OSError as error:
        archive.close()
        raise archive._error("missing", why=error.strerror or str(error)) from error  # noqa: SLF001
    except BaseException:
        archive.close()
        raise
    return archive


def _open_file(archive: Archive, path: Path) -> None:
    stream = path.open("rb")
    archive._closing.append(stream.close)  # noqa: SLF001
    head = stream.read(4)
    if not head.startswith(b"PK"):
        raise archive._error("no_zip")  # noqa: SLF001
    try:
        archive._add_zip(stream, path.name, 1)  # noqa: SLF001
    except InputFileError:
        raise
    except _UNREADABLE as error:
        raise archive._error("cut") from error  # noqa: SLF001
    if _NUMBERED.search(path.name):
        stem = _NUMBERED.sub("", path.name)
        parts = {
            int(found["part"]): other
            for other in path.parent.glob("*-Part-*.zip")
            if (found := _NUMBERED.search(other.name)) and _NUMBERED.sub("", other.name) == stem
        }
        for number in range(1, max(parts) + 1):
            if number not in parts:
                archive.refuse(f"{stem}-Part-{number}.zip", "missing_part")
            elif parts[number].name != path.name:
                archive._add_file(parts[number])  # noqa: SLF001


def _unreadable(info: zipfile.ZipInfo) -> str | None:
    """Why a zip's entry is refused before it is read."""
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "link"
    return None if info.compress_type in _PACKED else "compression"


def _listed(stream: IO[bytes]) -> int:
    """Bytes of a zip's list of files, as its last record says; the list is read whole, so its size is looked at before.

    A list too long for that record's 32 bits counts as everything before it.
    """
    end = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, end - _END_BYTES))
    tail = stream.read()
    stream.seek(0)
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + 22:
        return 0
    size: int = struct.unpack_from("<L", tail, place + 12)[0]
    return end if size == _UNTOLD else size


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(root, file) for file in sorted(files))


def _ending(path: str) -> str:
    """``md``, ``csv`` or ``html`` where the name bears Notion's number; else nothing."""
    stem, _, ending = path.rpartition("/")[2].rpartition(".")
    return ending.lower() if split_id(stem)[1] else ""

"""What earlier runs wrote, so that a run writes only what has changed and goes on where one was killed.

A line of JSON a page in ``.paycanary/posts.jsonl``; the last line about a page holds, half a line at the end is passed over.
Files are written under another name in ``.paycanary/tmp`` and moved, so that one is whole or not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Self

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from paycanary.errors import BusyError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Of the records' form.
_VERSION: Final = 1


@dataclass(slots=True)
class Record:
    """What was written for a page.

    Attributes:
        key: the page's.
        slug: its name.
        day: ISO day in the file's name and front matter.
        file: its path in the folder.
        digest: SHA-256 of that file.
        mark: of the page and of all that decides how it is written.
        pages: page linked to -> the address under which it was linked, None for none.
        assets: file's key -> its mark and the name it got, each None where it was gone.
        notes: reason, place and detail of each.
    """

    key: str
    slug: str
    day: str
    file: str
    digest: str
    mark: str
    pages: dict[str, str | None] = field(default_factory=dict)
    assets: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    notes: list[tuple[str, str, str]] = field(default_factory=list)


_RECORDS: Final = TypeAdapter(Record)


class Manifest:
    """Records of a folder. Open it with `Manifest.opened`; only one run holds it."""

    def __init__(self, folder: Path, place: str) -> None:
        self.folder = folder
        self.place = place
        self.records: dict[str, Record] = {}
        self._own = folder / ".paycanary"
        self._path = self._own / "posts.jsonl"
        self._temporary = self._own / "tmp"
        self._number = 0

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, place: str) -> Iterator[Self]:
        """The folder's records, held until the end.

        Raises:
            BusyError: another run holds them.
            UsageError: the folder's posts are for another place.
        """
        found = cls(folder, place)
        found._own.mkdir(parents=True, exist_ok=True)
        lock = FileLock(found._own / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise BusyError(
                {"ko": f"{folder}: 다른 실행이 이 폴더에 글을 쓰고 있습니다.", "en": f"{folder}: another run is writing posts there."},
                {"ko": "끝난 뒤 다시 실행하세요.", "en": "Run it again when that has ended."},
            ) from error  # fmt: skip
        try:
            shutil.rmtree(found._temporary, ignore_errors=True)
            found._temporary.mkdir()
            found._load()
            yield found
            found._compact()
        finally:
            lock.release()

    def _load(self) -> None:
        lines = self._path.read_bytes().split(b"\n") if self._path.exists() else []
        for line in lines:
            try:
                read = json.loads(line)
            except ValueError:
                continue
            if not isinstance(read, dict):
                continue
            if "place" in read:
                self._check(str(read["place"]))
            elif (record := _record(read)) is not None:
                self.records[record.key] = record
        if not lines or lines[-1] or b'"place"' not in lines[0]:
            self._compact()  # a new line would go on where a half one ends

    def _check(self, place: str) -> None:
        if place != self.place:
            raise UsageError(
                {"ko": f"{self.folder}: {place} 용 글이 들어 있는 폴더입니다.", "en": f"{self.folder} holds posts for {place}."},
                {"ko": f"{self.place} 용으로는 다른 폴더를 -o 로 주세요.", "en": f"Give another folder with -o for {self.place}."},
            )  # fmt: skip

    def add(self, record: Record) -> None:
        """Keep what was written for a page, once its files are there."""
        self.records[record.key] = record
        with self._path.open("ab") as stream:
            stream.write(_line(asdict(record)))

    def _compact(self) -> None:
        lines = [_line({"place": self.place, "version": _VERSION})]
        lines += [_line(asdict(record)) for record in self.records.values()]
        self.write(".paycanary/posts.jsonl", b"".join(lines))

    def write(self, path: str, content: bytes) -> bool:
        """Write a file, whole or not at all; False where it holds just that already."""
        goal = self.folder / path
        if goal.is_file() and goal.stat().st_size == len(content) and goal.read_bytes() == content:
            return False
        goal.parent.mkdir(parents=True, exist_ok=True)
        self._number += 1
        draft = self._temporary / str(self._number)
        draft.write_bytes(content)
        draft.replace(goal)
        return True

    def remove(self, path: str) -> None:
        """Remove a file that an earlier run wrote, and its folder where that is empty then."""
        goal = self.folder / path
        goal.unlink(missing_ok=True)
        if goal.parent != self.folder and goal.parent.is_dir() and not os.listdir(goal.parent):  # noqa: PTH208
            goal.parent.rmdir()


def digest(content: bytes) -> str:
    """What a file is known by."""
    return hashlib.sha256(content).hexdigest()


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace") + b"\n"


def _record(read: dict[str, Any]) -> Record | None:
    """A record that may be acted upon; None for a line that no run has written, since a folder may come from somebody else."""
    try:
        record = _RECORDS.validate_python(read)
        date.fromisoformat(record.day)
    except ValueError:
        return None
    names = [record.slug, *(name for _, name in record.assets.values() if name is not None)]
    parts = PurePosixPath(record.file).parts
    is_inside = (
        "\0" not in record.file
        and not PurePosixPath(record.file).is_absolute()
        and ".." not in parts
    )
    return record if is_inside and all(map(_is_name, names)) else None


def _is_name(text: str) -> bool:
    return text not in ("", ".", "..") and not {"/", "\\", "\0"} & set(text)

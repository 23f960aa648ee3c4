"""Where backups lie: a folder, or ``s3://bucket/prefix``. Both through obstore, which writes a file whole or not at all.

S3 is reached as every AWS program does: ``AWS_REGION``, keys or a web identity (IRSA) from the environment, ``AWS_ENDPOINT_URL`` for others
that speak its protocol.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from paycanary.backup.manifest import NAME, File, Manifest
from paycanary.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

#: Name of a backup: the moment in UTC, with the second's fraction as four signs.
_ID: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")
_CHUNK: Final = 2**20
#: How long a request to S3 is tried again.
_PATIENCE: Final = timedelta(seconds=30)


class Place:
    """Backups in one place.

    Raises:
        BackupError: no such place, or it cannot be reached; of every method too.
    """

    def __init__(self, target: str, *, make: bool = False) -> None:
        self.shown = target
        with self._translated():
            self._store: Any = self._open(target, make=make)

    def ids(self) -> list[str]:
        """Whole backups, oldest first."""
        return [each for each in self._all() if self._has(each)]

    def newest(self) -> str:
        """The newest whole backup."""
        ids = self.ids()
        if not ids:
            raise BackupError(
                {"ko": f"{self.shown}: 백업이 없습니다.", "en": f"{self.shown}: there is no backup."},
                {"ko": "주소를 확인하거나 `paycanary backup create` 로 만드세요.", "en": "See that the address is right, or make one with `paycanary backup create`."},
            )  # fmt: skip
        return ids[-1]

    def unfinished(self, before: datetime) -> list[str]:
        """Backups that were begun before a moment and never ended."""
        return [each for each in self._all() if each < f"{before:%Y%m%dT%H%M%SZ}" and not self._has(each)]  # fmt: skip

    def manifest(self, backup: str) -> Manifest:
        """What a backup holds."""
        if not _ID.fullmatch(backup) or not self._has(backup):
            raise BackupError(
                {"ko": f"{self.shown}: {backup} 라는 백업이 없습니다.", "en": f"{self.shown}: there is no backup {backup}."},
                {"ko": "`paycanary backup list` 가 있는 것을 보여 줍니다.", "en": "`paycanary backup list` shows those there are."},
            )  # fmt: skip
        with self._translated():
            return Manifest.parse(bytes(obstore.get(self._store, f"{backup}/{NAME}").bytes()), f"{self.shown}/{backup}")  # fmt: skip

    def put(self, backup: str, name: str, content: Path | bytes) -> File:
        """Write a file; large ones in parts."""
        if isinstance(content, bytes):
            told = File(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
        else:
            with content.open("rb") as stream:
                told = File(sha256=hashlib.file_digest(stream, "sha256").hexdigest(), bytes=stream.tell())  # fmt: skip
        with self._translated():
            if isinstance(self._store, LocalStore):
                # Only for its owner, whatever the folder around it is: it holds the e-mail addresses of those who follow companies.
                (Path(self.shown) / backup).mkdir(mode=0o700, exist_ok=True)
            obstore.put(self._store, f"{backup}/{name}", content)
        return told

    def read(self, backup: str, name: str, expected: File) -> Iterator[bytes]:
        """The bytes of a file, in chunks; after the last of them it is known whether they were those that were written."""
        digest, size = hashlib.sha256(), 0
        with self._translated():
            for chunk in obstore.get(self._store, f"{backup}/{name}").stream(min_chunk_size=_CHUNK):
                part = bytes(chunk)
                digest.update(part)
                size += len(part)
                yield part
        if (digest.hexdigest(), size) != (expected.sha256, expected.bytes):
            raise BackupError(
                {"ko": f"{self.shown}/{backup}: {name} 이(가) 손상되었습니다.", "en": f"{self.shown}/{backup}: {name} is damaged."},
                {"ko": "다른 백업을 쓰세요(`paycanary backup list`).", "en": "Take another backup (`paycanary backup list`)."},
            )  # fmt: skip

    def delete(self, backup: str) -> None:
        """Remove a backup, its manifest first: what is left of it after a kill is no backup."""
        with self._translated():
            if isinstance(self._store, LocalStore):
                # Not by the store: it does not list what a killed writer left half-written.
                folder = Path(self.shown) / backup
                (folder / NAME).unlink(missing_ok=True)
                shutil.rmtree(folder)
                return
            names = [entry["path"] for part in obstore.list(self._store, f"{backup}/") for entry in part]  # fmt: skip
            for name in sorted(names, key=lambda n: n != f"{backup}/{NAME}"):
                obstore.delete(self._store, name)

    def _all(self) -> list[str]:
        with self._translated():
            found = obstore.list_with_delimiter(self._store)["common_prefixes"]
        return sorted(name for name in (path.rstrip("/") for path in found) if _ID.fullmatch(name))

    def _has(self, backup: str) -> bool:
        with self._translated():
            found = obstore.list(self._store, backup).collect()
        return any(entry["path"] == f"{backup}/{NAME}" for entry in found)

    def _open(self, target: str, *, make: bool) -> Any:
        if "://" in target:
            return from_url(target, retry_config={"max_retries": 3, "retry_timeout": _PATIENCE})
        folder = Path(target).expanduser()
        if not make and not folder.is_dir():
            raise FileNotFoundError(f"{folder} is no folder")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.shown = str(folder)
        return LocalStore(folder)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:300]
            raise BackupError(
                {"ko": f"{self.shown}: 백업할 곳을 쓸 수 없습니다({reason}).", "en": f"{self.shown}: this place for backups cannot be used ({reason})."},
                {"ko": "폴더의 권한이나 빈 자리를, s3:// 라면 AWS_REGION 과 자격을 확인하세요.", "en": "See the folder's permissions and room or, for s3://, AWS_REGION and the credentials."},
            ) from error  # fmt: skip

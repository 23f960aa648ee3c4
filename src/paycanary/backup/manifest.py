"""What a backup holds: ``manifest.json``, written last."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from paycanary.errors import BackupError

NAME: Final = "manifest.json"
Part = Literal["state", "lake"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Part):
    """A file of a backup."""

    sha256: str
    bytes: int


class StatePart(_Part):
    """The service's own state: the revision of its tables, and the rows of each."""

    revision: str
    rows: dict[str, int]


class LakePart(_Part):
    """The lake: its newest snapshot, and the rows of each table in it."""

    snapshot: int
    rows: dict[str, int]


class Manifest(_Part):
    """A whole backup. ``state`` or ``lake`` is None where there was none."""

    format: Literal[1] = 1
    id: str
    created_at: datetime
    paycanary: str
    state: StatePart | None
    lake: LakePart | None
    files: dict[str, File]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.bytes for file in self.files.values())

    def of(self, only: Part | None, where: str) -> Self:
        """The same with one part alone; with both where none is named.

        Raises:
            BackupError: it does not hold that part.
        """
        if only is None:
            return self
        if getattr(self, only) is None:
            raise BackupError(
                {"ko": f"{where}/{self.id}: 이 백업에는 {'상태' if only == 'state' else '저장소'} 이(가) 없습니다.", "en": f"{where}/{self.id}: this backup does not hold the {only}."},
                {"ko": "다른 백업을 고르세요(`paycanary backup list`).", "en": "Choose another one (`paycanary backup list`)."},
            )  # fmt: skip
        return self.model_copy(update={"lake" if only == "state" else "state": None})

    @classmethod
    def parse(cls, written: bytes, where: str) -> Self:
        """A manifest as it was written.

        Raises:
            BackupError: it is none, or of a newer form.
        """
        try:
            return cls.model_validate_json(written)
        except ValidationError as error:
            why = error.errors()[0]
            place = ".".join(map(str, why["loc"]))
            raise BackupError(
                {"ko": f"{where}: {NAME} 을(를) 읽을 수 없습니다({place}: {why['msg']}).", "en": f"{where}: {NAME} cannot be read ({place}: {why['msg']})."},
                {"ko": "더 새로운 paycanary 가 만들었다면 그 판을 쓰고, 아니면 다른 백업을 쓰세요(`paycanary backup list`).", "en": "If a newer paycanary made it, use that one; else take another backup (`paycanary backup list`)."},
            ) from error  # fmt: skip

"""How tables of pension workplaces come packed: plain, gzip, zip with one or more members, or R's own format."""

from __future__ import annotations

import gzip
import importlib
import re
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import InputFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from paycanary.errors import Lang

TODO: Final[dict[Lang, str]] = {
    "ko": "공공데이터포털(data.go.kr 15083277)에서 파일을 다시 받아 고치지 말고 그대로 주세요.",
    "en": "Download the file again from data.go.kr (15083277) and give it as it is.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One table: a file, or one member of a zip. ``label`` names it for people, without its folder."""

    path: Path
    member: str | None
    label: str


def find_parts(path: Path, *, may_lack: bool = False, refused: list[InputFileError] | None = None) -> list[Part]:  # fmt: skip
    """Tables in a file or, by the endings .csv .csv.gz .zip .rda, in a folder and below.

    Args:
        path: file or folder.
        may_lack: whether none may be there.
        refused: takes the zips that cannot be opened, each by its error; None: the first one is raised.

    Raises:
        InputFileError: nothing is there (unless it ``may_lack``), or a zip is damaged.
    """
    if path.is_dir():
        found = [
            p
            for p in sorted(path.rglob("*"))
            if p.is_file()
            and p.name.lower().endswith((".csv", ".csv.gz", ".zip", ".rda"))
            and not _is_litter(str(p.relative_to(path)))
        ]
    else:
        found = [path] if path.is_file() else []
    parts = []
    for file in found:
        try:
            parts += _parts_of(file)
        except InputFileError as error:
            if refused is None:
                raise
            error.part = Part(file, None, file.name)
            refused.append(error)
    if not parts and not may_lack and not refused:
        raise InputFileError(
            {
                "ko": f"{path}: 국민연금 사업장 파일(csv, csv.gz, zip, rda)이 없습니다.",
                "en": f"{path}: no pension workplace file (csv, csv.gz, zip, rda) found.",
            },
            TODO,
        )
    return parts


def _parts_of(path: Path) -> list[Part]:
    if path.suffix.lower() != ".zip":
        return [Part(path, None, path.name)]
    try:
        with zipfile.ZipFile(path, metadata_encoding="cp949") as archive:
            members = [
                name
                for name in archive.namelist()
                if name.lower().endswith(".csv") and not _is_litter(name)
            ]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise damaged(path.name, str(error)) from error
    if len(members) == 1:
        return [Part(path, members[0], path.name)]
    return [Part(path, member, f"{path.name}/{member}") for member in sorted(members)]


def _is_litter(name: str) -> bool:
    """Files that macOS and editors leave behind."""
    return any(step.startswith(".") or step == "__MACOSX" for step in re.split(r"[/\\]", name))


@contextmanager
def opened(part: Part) -> Iterator[BinaryIO]:
    """The bytes of a table, whatever it is packed in.

    Raises:
        InputFileError: damaged, cut short, locked by a password, or not to be opened.
    """
    try:
        if part.member is not None:
            with (
                zipfile.ZipFile(part.path, metadata_encoding="cp949") as archive,
                archive.open(part.member) as packed,
            ):
                yield packed  # type: ignore[misc]  # IO[bytes] does all that a text wrapper asks
        else:
            opener: Any = gzip.open if part.path.suffix.lower() == ".gz" else open
            with opener(part.path, "rb") as plain:
                yield plain
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, RuntimeError) as error:
        # RuntimeError: the zip wants a password, or is packed in a way that Python does not know.
        raise damaged(part.label, str(error)) from error
    except (FileNotFoundError, PermissionError) as error:
        raise damaged(part.label, error.strerror or "") from error


def import_rdata(label: str) -> Any:
    """The optional library that reads R's format (rdata, MIT).

    Raises:
        InputFileError: it is not installed.
    """
    try:
        return importlib.import_module("rdata")
    except ImportError as error:
        raise InputFileError(
            {
                "ko": f"{label}: R 파일을 읽는 라이브러리가 없습니다.",
                "en": f"{label}: the library that reads R files is not installed.",
            },
            {
                "ko": "pip install 'paycanary[rda]' 로 설치하거나 CSV 파일을 주세요.",
                "en": "Run pip install 'paycanary[rda]', or give the CSV file.",
            },
        ) from error


def unpack_rda(part: Part, target: Path) -> None:
    """Write the first table of an R file as CSV. R keeps whole numbers as doubles: they are made whole again.

    Raises:
        InputFileError: damaged, no table inside, or the library is not installed.
    """
    rdata = import_rdata(part.label)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about R classes (tibble) that are plain tables here
            values = rdata.read_rda(part.path, default_encoding="utf-8").values()
            frame = next(value for value in values if hasattr(value, "to_csv"))
            frame.convert_dtypes().to_csv(target, index=False)
    except Exception as error:  # the library raises whatever its parser met
        raise damaged(part.label, str(error)) from error


def cut_in_titles(label: str) -> InputFileError:
    """A file that ends before its first line does: none of its rows came along."""
    return InputFileError(
        {
            "ko": f"{label}: 첫 줄에서 끊긴 파일입니다. 아무것도 받지 않았습니다.",
            "en": f"{label}: ends within its first line; nothing of it was stored.",
        },
        TODO,
    )


def damaged(label: str, detail: str) -> InputFileError:
    """A file that cannot be opened or unpacked."""
    return InputFileError(
        {
            "ko": f"{label}: 파일이 손상되었거나 열 수 없습니다({detail}).",
            "en": f"{label}: damaged, or cannot be opened ({detail}).",
        },
        TODO,
    )


def wrong_encoding(label: str) -> InputFileError:
    """A file whose text is in no encoding that the register uses."""
    return InputFileError(
        {
            "ko": f"{label}: 문자 인코딩이 CP949도 UTF-8도 아닙니다.",
            "en": f"{label}: the text is neither cp949 nor UTF-8.",
        },
        TODO,
    )

"""Any document that we can read -> its reading: the format is told by what the file holds, not by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError
from paycanary.filings import dart_document, opendart_json, xbrl
from paycanary.filings.reading import Fault, Place, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEAD: Final = 65_536
_MB: Final = 2**20
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def read_document(path: Path) -> Iterator[Reading]:
    """Read a file: a DART document, inline XBRL, XBRL, companyfacts JSON, OpenDART's statement JSON, or a zip of them.

    Args:
        path: the file, of any name.

    Yields:
        A reading for each document in it, one in memory at a time; what could not be used of one is a fault of it.

    Raises:
        InputFileError: it is not there, empty, too large, locked, or none of these.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            size = stream.seek(0, 2)
        if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
            raise InputFileError(
                {"ko": f"{path}: 빈 파일입니다.", "en": f"{path}: the file is empty."},
                {"ko": "원본을 다시 받으세요.", "en": "Get the original again."},
            )
        if head.startswith(_ZIP):
            yield from _read_zip(path)
        elif dart_document.sniff(head) or opendart_json.sniff(head):
            if size > dart_document.MOST_BYTES:
                raise _too_large(path, size)
            yield _read_ours(path.read_bytes(), path.name)
        elif xbrl.sniff(head) or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            yield from xbrl.read(path)
        else:
            raise _unknown(path)
    except OSError as error:
        raise InputFileError(
            {"ko": f"{path}: 읽을 수 없습니다({error.strerror}).", "en": f"{path}: cannot be read ({error.strerror})."},
            {"ko": "경로와 권한을 확인하세요.", "en": "Check the path and its permissions."},
        ) from error  # fmt: skip


def read_bytes(raw: bytes, name: str) -> Reading | None:
    """Read one document that is in memory, None if it is none that we know. Places cite it by ``name``."""
    if dart_document.sniff(raw[:_HEAD]) or opendart_json.sniff(raw[:_HEAD]):
        if len(raw) <= dart_document.MOST_BYTES:
            return _read_ours(raw, name)
        fault = Fault("too_large", f"{len(raw):,} bytes", Place(name))
        return Reading(name, "dart_document", faults=[fault])
    return xbrl.read_document(raw, name)


def _read_ours(raw: bytes, name: str) -> Reading:
    read = opendart_json.read if opendart_json.sniff(raw[:_HEAD]) else dart_document.read
    return read(raw, name)


def _read_zip(path: Path) -> Iterator[Reading]:
    from paycanary.filings.xbrl import archive  # noqa: PLC0415 - only zips need it

    with archive.open_archive(path, str(path)) as opened:
        members = [info for info in opened.infolist() if not info.is_dir()]
        if members and all(archive.is_encrypted(info) for info in members):
            raise InputFileError(
                {"ko": f"{path}: 암호가 걸린 zip 입니다.", "en": f"{path}: the zip is locked with a password."},
                {"ko": "암호를 푼 파일을 주세요.", "en": "Give the file without its password."},
            )  # fmt: skip
        found = False
        for reading in archive.read_archive(opened, "", read_bytes):
            found = True
            yield reading
        if not found:
            raise _unknown(path)


def _too_large(path: Path, size: int) -> InputFileError:
    most = dart_document.MOST_BYTES // _MB
    return InputFileError(
        {"ko": f"{path}: {size // _MB} MB 입니다. 문서 하나는 {most} MB 까지 읽습니다.", "en": f"{path}: {size // _MB} MB; a document is read up to {most} MB."},
        {"ko": "공시 원문이 맞는지 확인하세요.", "en": "Check that it is a filing's document."},
    )  # fmt: skip


def _unknown(path: Path) -> InputFileError:
    return InputFileError(
        {"ko": f"{path}: 알 수 없는 형식입니다.", "en": f"{path}: a format that is not known."},
        {
            "ko": "DART 원문(XML, zip), XBRL, inline XBRL, companyfacts JSON, OpenDART 재무제표 JSON 을 읽습니다.",
            "en": "Read are DART documents (XML, zip), XBRL, inline XBRL, companyfacts JSON and OpenDART statement JSON.",
        },
    )

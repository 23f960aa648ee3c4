"""Filings tagged in XBRL, of any of its forms, to facts: inline pages, instances, companyfacts, archives of them.

`read` streams one `Reading` a document; `sniff` tells the form from a file's first bytes. Nothing here reaches a network or
loads a taxonomy: a fact needs only its document.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paycanary.filings.reading import Format, Reading

__all__ = ["read", "read_document", "sniff"]

_HEAD: Final = 1 << 16
_ROOT: Final = re.compile(rb"<(?![?!])([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")
_INLINE: Final = re.compile(rb"http://www\.xbrl\.org/(?:2013|2008)/inlineXBRL(?![/\w])")
_INLINE_TAG: Final = re.compile(rb"<ix:(?:header|hidden|nonFraction|nonNumeric)\b")
_INSTANCE: Final = b"http://www.xbrl.org/2003/instance"
_FACTS: Final = re.compile(rb'"(?:facts|entityName|cik)"\s*:')


def sniff(head: bytes) -> Format | None:
    """What a file is by its first 4 to 64 KiB: ``inline_xbrl``, ``xbrl``, ``companyfacts``, or None.

    An inline page that declares the inline namespace only further down is told by `read`, which sees the whole file.
    """
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        head = head[: len(head) & ~1].decode("utf-16", errors="replace").encode()
    elif head[:64].count(b"\x00") >= 16:  # noqa: PLR2004 - half of UTF-16's first letters are zeros
        head = head.replace(b"\x00", b"")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if start.startswith(b"{"):
        return "companyfacts" if b'"facts"' in start and _FACTS.search(start) else None
    root = _ROOT.search(start)
    if root is None:
        return None
    name = root[2]
    if name == b"xbrl" and _INSTANCE in start:
        return "xbrl"
    if name.lower() in {b"html", b"xbrl"} and (_INLINE.search(start) or _INLINE_TAG.search(start)):
        return "inline_xbrl"
    return None


def read_document(data: bytes, name: str) -> Reading | None:
    """Read one document that is in memory, or None if it is none of these forms."""
    form = sniff(data[:_HEAD]) or _late(data)
    if form == "inline_xbrl":
        from paycanary.filings.xbrl.inline import read_inline  # noqa: PLC0415 - each form loads its own

        return read_inline(data, name)
    if form == "xbrl":
        from paycanary.filings.xbrl.instance import read_instance  # noqa: PLC0415 - as above

        return read_instance(data, name)
    if form == "companyfacts":
        from paycanary.filings.xbrl.companyfacts import read_companyfacts  # noqa: PLC0415 - as above

        return read_companyfacts(data, name)
    return None


def _late(data: bytes) -> Format | None:
    """An inline page whose inline namespace is declared far down, below long styles."""
    root = _ROOT.search(data, 0, _HEAD)
    is_page = root is not None and root[2].lower() == b"html"
    return "inline_xbrl" if is_page and (_INLINE.search(data) or _INLINE_TAG.search(data)) else None


def read(path: Path) -> Iterator[Reading]:
    """Read every document of a file: one of the forms, or a zip of them, nested zips too. Memory is bounded by one document.

    Raises:
        InputFileError: the file is missing, encrypted, too large, no zip and none of the forms, or nothing in it is.
    """
    try:
        with path.open("rb") as file:
            is_zip = file.read(4) in {b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"}
        readings = _archive(path) if is_zip else _single(path)
        first = next(readings, None)
    except OSError as error:
        raise _refuse(
            path, f"읽을 수 없습니다({error.strerror})", f"cannot be read ({error.strerror})"
        ) from error
    if first is None:
        raise _refuse(path, "XBRL 문서가 없습니다", "holds no XBRL document")
    return chain([first], readings)


def _single(path: Path) -> Iterator[Reading]:
    from paycanary.filings.xbrl.limits import MAX_DOCUMENT, MIB  # noqa: PLC0415 - `sniff` needs none of it

    if path.stat().st_size > MAX_DOCUMENT:
        raise _refuse(
            path,
            f"{MAX_DOCUMENT // MIB} MiB보다 큽니다",
            f"is larger than {MAX_DOCUMENT // MIB} MiB",
        )
    reading = read_document(path.read_bytes(), path.name)
    if reading is not None:
        yield reading


def _archive(path: Path) -> Iterator[Reading]:
    from paycanary.filings.xbrl import archive  # noqa: PLC0415 - see above

    with archive.open_archive(path, str(path)) as opened:
        members = [info for info in opened.infolist() if info.filename and not info.is_dir()]
        if members and all(archive.is_encrypted(info) for info in members):
            raise _refuse(path, "암호가 걸린 zip입니다", "is an encrypted zip")
        yield from archive.read_archive(opened, "", read_document)


def _refuse(path: Path, ko: str, en: str) -> InputFileError:
    return InputFileError(
        {"ko": f"{path}: {ko}.", "en": f"{path}: {en}."},
        {
            "ko": "인라인 XBRL, XBRL 인스턴스, companyfacts JSON 또는 그 zip을 지정하십시오.",
            "en": "Give an inline XBRL page, an XBRL instance, companyfacts JSON, or a zip of them.",
        },
    )

"""Names inside an export: made readable, made comparable, and refused where they are no names of Notion's."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import zipfile

#: Bytes that a path may have; nested Korean pages have some hundreds.
LONGEST: Final = 4096
_UTF8: Final = 0x800
_ID: Final = re.compile(r"^(?P<title>.*?)[ _-]?(?P<id>[0-9a-f]{32})(?P<all>_all)?$", re.DOTALL)
_DRIVE: Final = re.compile(r"^[A-Za-z]:")
_IGNORED: Final = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})


def repaired(info: zipfile.ZipInfo) -> str:
    """The name that a zip's writer meant, in NFC: where no flag says UTF-8, its bytes are tried as UTF-8, then as Korean Windows'."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "cp949"):
            try:
                name = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            break
    return unicodedata.normalize("NFC", name)


def unsafe(path: str) -> str | None:
    """Why a path is refused: ``unsafe_name`` or ``long_name``; None for a path that Notion could have written."""
    if len(path.encode("utf-8", errors="replace")) > LONGEST:
        return "long_name"
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or _DRIVE.match(path) or ".." in parts:
        return "unsafe_name"
    return "unsafe_name" if any(ord(c) < ord(" ") for c in path) else None


def is_ignored(path: str) -> bool:
    """Whether a file is an operating system's, or the list of contents that Notion adds."""
    parts = PurePosixPath(path).parts
    return not _IGNORED.isdisjoint(parts) or parts[-1:] == ("index.html",) or parts[-1:] == ("",)


def split_id(stem: str) -> tuple[str, str | None, bool]:
    """A file's or folder's name without ending -> (title, 32 hex digits or None, whether it ended in ``_all``).

    Titles in file names are cut and cleaned by Notion: whole ones stand in the file.
    """
    found = _ID.match(stem)
    if found is None:
        return (stem.removesuffix("_all"), None, stem.endswith("_all"))
    return found["title"], found["id"], found["all"] is not None

"""Names of posts and files: Hangul kept, short, the same on every disk and in every run."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Bytes of a post's name; a file name may have 255, with a date and an ending.
LONGEST: Final = 120
_SHORT: Final = 48
#: Names that Windows keeps for devices.
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_ENDING: Final = re.compile(r"\.[a-z0-9]{1,8}")


def slug(title: str, longest: int = LONGEST) -> str:
    """Letters and digits of any script in NFC and small letters, a hyphen for the rest; "" where nothing is left."""
    text = unicodedata.normalize("NFC", title).lower()
    text = re.sub(r"[\W_]+", "-", text).strip("-")
    raw = text.encode("utf-8", errors="ignore")
    if len(raw) > longest:
        text = raw[:longest].decode("utf-8", errors="ignore").strip("-")
    # What was cut may be half a letter that is put together of several.
    text = unicodedata.normalize("NFC", text)
    return f"{text}-" if _DEVICES.fullmatch(text) else text


def unique_slugs(titles: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """A name for every page, none twice.

    Args:
        titles: page's key (32 hex digits) -> its title.
        known: key -> name that it has had; it is kept, whatever the title is now.

    Titles that would give one name get the beginning of their keys, all of them, so that no name depends on the order of pages.
    """
    taken = set(known.values())
    wanted = {key: slug(title) for key, title in titles.items() if key not in known}
    counts: dict[str, int] = {}
    for name in wanted.values():
        counts[name] = counts.get(name, 0) + 1
    named = {key: known[key] for key in titles if key in known}
    for key, name in wanted.items():
        if name and counts[name] == 1 and name not in taken:
            named[key] = name
            taken.add(name)
    for key in sorted(wanted.keys() - named.keys()):
        named[key] = _longer(wanted[key] or "post", key, taken)
        taken.add(named[key])
    return named


def _longer(name: str, key: str, taken: Iterable[str]) -> str:
    for digits in range(6, len(key) + 1, 2):
        if (longer := f"{name}-{key[:digits]}".replace("--", "-")) not in taken:
            return longer
    return f"{name}-{hashlib.sha256(key.encode()).hexdigest()}"


def asset_name(original: str, content: bytes, ending: str | None = None) -> str:
    """A file's name: the beginning of its content's hash, some of its name, its ending."""
    stem, dot, last = original.rpartition("/")[2].rpartition(".")
    found = f".{last}".lower() if dot and stem else ""
    kept = ending if ending is not None else found if _ENDING.fullmatch(found) else ""
    short = slug(stem if dot and stem else original.rpartition("/")[2], _SHORT)
    return "-".join(filter(None, (hashlib.sha256(content).hexdigest()[:10], short))) + kept

"""The words of this package, from ``words/<feature>.<ko|en>.yaml``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from paycanary.errors import Lang

_LANGS: Final[tuple[Lang, ...]] = ("ko", "en")


@cache
def words(feature: str, lang: Lang) -> dict[str, Any]:
    """All words of a feature in a language."""
    said: dict[str, Any] = read_yaml("notion", "words", f"{feature}.{lang}.yaml")
    return said


def both(feature: str, key: str, **values: object) -> dict[Lang, str]:
    """A sentence in both languages, its places filled; for errors. What fills them comes from strangers and is made `printable`."""
    shown = {k: printable(v) if isinstance(v, str) else v for k, v in values.items()}
    return {lang: str(words(feature, lang)[key]).format(**shown) for lang in _LANGS}


def printable(text: str) -> str:
    """Text without what moves a terminal's cursor or colours it: a space in place of each such character."""
    return "".join(c if c.isprintable() else " " for c in text)

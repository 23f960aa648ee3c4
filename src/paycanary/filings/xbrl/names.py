"""Names: a document's prefixes to canonical ones, tags to our concepts (``tags.yaml``)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

INLINE: Final = ("http://www.xbrl.org/2013/inlineXBRL", "http://www.xbrl.org/2008/inlineXBRL")
INSTANCE: Final = "http://www.xbrl.org/2003/instance"
LINKBASE: Final = "http://www.xbrl.org/2003/linkbase"
XHTML: Final = "http://www.w3.org/1999/xhtml"
NIL: Final = "http://www.w3.org/2001/XMLSchema-instance"
XML: Final = "http://www.w3.org/XML/1998/namespace"


@cache
def tables() -> dict[str, Any]:
    """``tags.yaml`` as it stands."""
    found: dict[str, Any] = read_yaml("filings", "xbrl", "tags.yaml")
    return found


@cache
def _prefix_shapes() -> tuple[re.Pattern[str], tuple[str, ...]]:
    prefixes = [
        (p, pattern) for p, patterns in tables()["prefixes"].items() for pattern in patterns
    ]
    shapes = [re.escape(pattern).replace(r"\*", "[^/]+") for _, pattern in prefixes]
    return re.compile("|".join(f"({shape})" for shape in shapes)), tuple(p for p, _ in prefixes)


@lru_cache(maxsize=4096)
def canonical_prefix(namespace: str) -> str | None:
    """The prefix under which tags of a public taxonomy are told, None for another's namespace."""
    shapes, prefixes = _prefix_shapes()
    match = shapes.fullmatch(namespace)
    return None if match is None or match.lastindex is None else prefixes[match.lastindex - 1]


@cache
def concepts() -> dict[str, str]:
    """Our concept of each mapped tag."""
    return {tag: concept for concept, tags in tables()["concepts"].items() for tag in tags}


@cache
def person_tags() -> re.Pattern[str]:
    """What the local name of a tag that holds a person's name looks like."""
    return re.compile(tables()["persons"])


@lru_cache(maxsize=65536)
def describe(tag: str) -> tuple[str | None, bool]:
    """Our concept of a tag, and whether it is made to hold a person's name."""
    return concepts().get(tag), person_tags().search(tag.rpartition(":")[2]) is not None


@lru_cache(maxsize=4096)
def basis_of(dimensions: tuple[tuple[str, str], ...]) -> Literal["CFS", "OFS"] | None:
    """Consolidated or separate accounts, where a dimension says so."""
    table = tables()["basis"]
    for axis, member in dimensions:
        if axis in table:
            found: Literal["CFS", "OFS"] | None = table[axis].get(member)
            return found
    return None


#: A declared namespace. A literal first letter lets the search skip; a boundary before it would make it ten times slower.
DECLARATION: Final = re.compile(r"""xmlns(?::([\w.-]+))?\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")


def declared(text: str) -> dict[str, str]:
    """All prefixes that a document declares anywhere, the first meaning of each; not the default namespace.

    Documents name taxonomies in places where they did not declare them, but elsewhere.
    """
    found: dict[str, str] = {}
    for prefix, double, single in DECLARATION.findall(text):
        if prefix:
            found.setdefault(prefix, double or single)
    return found


class Names:
    """The prefixes in force at a place of a document; ``elsewhere`` are those that it declares at another place."""

    __slots__ = ("_tags", "namespaces", "undeclared")

    def __init__(
        self, namespaces: Mapping[str, str], elsewhere: Mapping[str, str] | None = None
    ) -> None:
        self.namespaces = {**elsewhere, **namespaces} if elsewhere else namespaces
        self.undeclared: set[str] = set()
        self._tags: dict[str, str] = {}

    def tag(self, name: str) -> str:
        """``d:Equity`` as ``core:Equity``; a name with a prefix that nobody declared stays as it stands."""
        found = self._tags.get(name)
        if found is None:
            found = self._tags[name] = self._resolve(name)
        return found

    def _resolve(self, name: str) -> str:
        prefix, colon, local = name.strip().rpartition(":")
        namespace = self.namespaces.get(prefix)
        if namespace is None:
            if colon:
                self.undeclared.add(prefix)
            return f"{prefix}:{local}" if colon else local
        canonical = canonical_prefix(namespace) or prefix
        return f"{canonical}:{local}" if canonical else local

    def expand(self, name: str, usual: Mapping[str, str]) -> tuple[str, str]:
        """Namespace and local name, the namespace from ``usual`` where the prefix is not declared, else empty."""
        prefix, _, local = name.strip().rpartition(":")
        namespace = self.namespaces.get(prefix)
        if namespace is None:
            self.undeclared.add(prefix)
            namespace = usual.get(prefix, "")
        return namespace, local


def canonical(namespace: str | None, local: str, prefix: str | None) -> str:
    """Tell an element's name: ``us-gaap:Assets``; ``prefix`` is the document's own."""
    shown = canonical_prefix(namespace) or prefix if namespace else None
    return f"{shown}:{local}" if shown else local

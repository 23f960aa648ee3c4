"""Pages that are to become posts, whichever way they come, and an export as such a notebook."""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import unquote, urlsplit

from paycanary.errors import InputFileError
from paycanary.notion.names import split_id
from paycanary.notion.pages import Page, read_pages, read_tables
from paycanary.posts.blocks import Target
from paycanary.posts.markdown import Document, read_markdown
from paycanary.posts.places import is_web

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from paycanary.notion.archive import Archive

_NOTION: Final = re.compile(r"(?:.+\.)?notion\.(?:so|site|com)")
_ID: Final = re.compile(r"([0-9a-f]{32})$")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page before its words are read.

    Attributes:
        key: 32 hex digits, its own in every export.
        title: as written.
        where: its path or address, for the report.
        properties: name -> value as written.
        mark: another one where anything in the page has changed.
        day: when the page was made, None where that is not known.
    """

    key: str
    title: str
    where: str
    properties: Mapping[str, str]
    mark: str
    day: date | None = None


class GoneError(LookupError):
    """A picture or file that cannot be had; ``reason`` is a key of ``notes``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Notebook(Protocol):
    """Pages and their files."""

    name: str
    entries: list[Entry]
    refused: list[tuple[str, str]]

    def read(self, entry: Entry) -> Document:
        """A page's blocks."""

    def asset_mark(self, key: str) -> str | None:
        """Another one where the file has changed, without reading it; None where it is gone."""

    def asset(self, key: str) -> bytes:
        """A file's bytes.

        Raises:
            GoneError: it cannot be had.
        """


@dataclass(slots=True)
class _Source:
    """A page of an export: its Markdown, and the number of its first line in the file."""

    path: str
    text: str
    first_line: int = 1


@dataclass(slots=True)
class ExportNotebook:
    """An export that is open, as a notebook.

    Args:
        archive: the export.
        asked: names of properties that this run asks for. Where no table of the export names a page's properties, lines below
            its title that look like some are taken for such only if one of these is among them.
    """

    archive: Archive
    asked: Collection[str]
    name: str = ""
    entries: list[Entry] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    _sources: dict[str, _Source] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = self.archive.name
        told: dict[str, Page] = {}
        folders: dict[str, list[str]] = {}
        for table in read_tables(self.archive):
            told |= {page.path: page for page in table.pages if page is not None}
            stem = table.path.rpartition(".")[0].removesuffix("_all")
            folders[stem] = folders[split_id_off(stem)] = table.columns
        for guessed in read_pages(self.archive):
            page = told.get(guessed.path)
            if page is None:
                columns = folders.get(guessed.path.rpartition("/")[0])
                page = self._settled(guessed, columns)
            self._add(page)
        self.refused = [(each.path, each.reason) for each in self.archive.refused]

    def _settled(self, page: Page, columns: list[str] | None) -> Page:
        """A page whose property lines were guessed, with them or, as part of its text, without."""
        names = set(page.properties)
        if not page.is_guessed or (columns and names <= set(columns)) or names & set(self.asked):
            return page
        body = f"{page.head}\n\n{page.body}".strip("\n")
        return Page(page.id, page.title, page.path, {}, body)

    def _add(self, page: Page) -> None:
        key = page.id or hashlib.sha256(page.path.encode()).hexdigest()[:32]
        if key in self._sources:
            self.refused.append((page.path, "same_page"))
            return
        raw = "\0".join((page.title, page.body, *(f"{k}\1{v}" for k, v in page.properties.items())))
        # Lines of the title, the properties and the empty ones around them.
        above = 2 + (page.head.count("\n") + 2 if page.head and page.properties else 0)
        self._sources[key] = _Source(page.path, page.body, above + 1)
        self._keys[page.path] = key
        mark = hashlib.sha256(raw.encode(errors="replace")).hexdigest()
        self.entries.append(Entry(key, page.title, page.path, page.properties, mark))

    def read(self, entry: Entry) -> Document:
        """A page's blocks."""
        source = self._sources[entry.key]
        folder = source.path.rpartition("/")[0]
        return read_markdown(source.text, lambda href: self._resolve(href, folder), source.first_line)  # fmt: skip

    def _resolve(self, href: str, folder: str) -> Target | None:  # noqa: PLR0911 - one for each kind
        """Where an address in a page leads."""
        try:
            parts = urlsplit(href)
        except ValueError:
            return None
        if parts.scheme:
            return web_target(href)
        path = unicodedata.normalize("NFC", unquote(parts.path))
        if not path or parts.netloc:
            return None
        full = posixpath.normpath(posixpath.join(folder, path))
        if full.startswith(("../", "/")) or full == "..":
            return None
        stem, dot, ending = full.rpartition(".")
        if dot and ending.lower() in ("md", "csv") and full not in self.archive.members:
            page = split_id(stem.rpartition("/")[2])[1]
            return Target("page", page, full) if page else Target("asset", full)
        if dot and ending.lower() == "md":
            return Target("page", self._keys.get(full, full), full)
        if dot and ending.lower() == "csv" and split_id(stem.rpartition("/")[2])[1]:
            return Target("page", full)  # a database: none of the pages that become posts
        return Target("asset", full)

    def asset_mark(self, key: str) -> str | None:
        """Size and checksum as the export declares them."""
        member = self.archive.members.get(key)
        return None if member is None else f"{member.size}-{member.checksum}"

    def asset(self, key: str) -> bytes:
        """A file's bytes. Raises `GoneError`."""
        if key not in self.archive.members:
            raise GoneError("asset_missing")
        try:
            return self.archive.read(key)
        except InputFileError as error:
            raise GoneError("asset_broken") from error


def split_id_off(stem: str) -> str:
    """A path without the number at its end."""
    folder, slash, name = stem.rpartition("/")
    return folder + slash + split_id(name)[0]


def web_target(address: str) -> Target | None:
    """An address of the web; of a page in Notion where it is one, which may be among the posts."""
    if not is_web(address):
        return None
    parts = urlsplit(address)
    if _NOTION.fullmatch((parts.hostname or "").lower()):
        path = parts.path.replace("-", "")
        if found := _ID.search(path.lower()):
            return Target("page", found[1], address)
    return Target("web", address)

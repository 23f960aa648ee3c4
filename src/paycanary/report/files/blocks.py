"""What a file says, before it has a format: headings, paragraphs, tables and pictures made of plain pieces of text.

Every format writes the same blocks, so none can show a figure that another lacks. Text is data: each writer escapes it for its
own format, and a piece holds neither control characters nor marks that turn the reading direction.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from paycanary.report.names import LEVELS, MARKS, UNFIT

if TYPE_CHECKING:
    from datetime import date

    from paycanary.errors import Lang

Look = Literal["plain", "strong", "soft", "code", "danger", "watch", "good", "unknown"]
#: Addresses that a file links to; anything else is shown as text.
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`\\{}|^\x00-\x20]+")
_LONGEST: Final = 48


def clean(text: str) -> str:
    """Text on one line, of characters that every format can hold."""
    return UNFIT.sub("", re.sub(r"\s", " ", text))


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text, how it looks, and where it leads."""

    text: str
    look: Look = "plain"
    url: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))
        if self.url is not None and not _ADDRESS.fullmatch(self.url):
            object.__setattr__(self, "url", None)


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the file's title."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``lead`` is the one sentence, ``finding`` begins one, ``note`` stands apart, ``small`` stands back."""

    line: Line
    kind: Literal["plain", "lead", "finding", "note", "small"] = "plain"


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines below each other."""

    items: tuple[Line, ...]
    is_numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells. ``right``: columns of numbers. ``widths``: shares of a page's width. ``is_folded``: a picture shows the same.

    ``stacks``: on a narrow screen each row may become a card.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    right: frozenset[int] = frozenset()
    widths: tuple[int, ...] = ()
    is_folded: bool = False
    stacks: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "caption", clean(self.caption))
        object.__setattr__(self, "head", tuple(map(clean, self.head)))


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as a standalone SVG; ``name`` is its own among a file's pictures."""

    name: str
    alt: str
    svg: str
    width: int
    height: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "alt", clean(self.alt))


Block = Heading | Paragraph | Listing | Table | Picture


@dataclass(frozen=True, slots=True)
class Content:
    """A whole file: its title, a line that describes it, the day it speaks of, and its blocks."""

    title: str
    description: str
    day: date
    lang: Lang
    slug: str
    tags: tuple[str, ...]
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", clean(self.title))
        object.__setattr__(self, "description", clean(self.description))
        object.__setattr__(self, "tags", tuple(map(clean, self.tags)))


def plain(text: str) -> Line:
    """A line of nothing but text."""
    return (Span(text),)


def soft(text: str) -> Line:
    """A line that stands back."""
    return (Span(text, "soft"),)


def mark(level: str, lang: Lang) -> Span:
    """A level: its mark and its word, never colour alone."""
    look: dict[str, Look] = {"danger": "danger", "watch": "watch", "good": "good"}
    return Span(f"{MARKS[level]} {LEVELS[lang][level]}", look.get(level, "unknown"))


def text_of(line: Line) -> str:
    """A line without looks and addresses."""
    return "".join(span.text for span in line)


def slug(text: str, otherwise: str) -> str:
    """A name for a file: letters of any script and digits, joined by ``-``; ``otherwise`` where nothing is left."""
    kept = "".join(c if c.isalnum() else "-" for c in unicodedata.normalize("NFC", text).lower())
    short = re.sub("-+", "-", kept).strip("-")[:_LONGEST].rstrip("-")
    return short or re.sub("[^a-z0-9]+", "-", otherwise.lower()).strip("-")

"""Text as it comes -> pieces that are read: paragraphs and sentences, each with its place.

Nothing is rewritten but what carries no meaning (Unicode forms, line ends, mark-up), so that a quotation is a quotation.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Characters of one paragraph; a longer one is cut between sentences. The model reads up to 256 tokens, about this many.
LONGEST: Final = 700
_PIECE: Final = 600
_BLANK_LINE: Final = re.compile(r"\n\s*\n")
_BREAK: Final = re.compile(r"\n|(?<=다\.)\s+")
#: An end: a full stop, question or exclamation mark after a letter, with closing quotes, before a blank; Korean '다.' also without; a new line.
_SENTENCE: Final = re.compile(r"(?<=[^\s\d.][.!?。])([\"'’”)\]]*)\s+|(?<=다\.)(?=[가-힣A-Z(])|\n+")
#: After these a full stop ends no sentence.
_SHORTENED: Final = re.compile(r"(?:\b(?:Inc|Ltd|Co|Corp|No|Mr|Ms|Dr|vs|e\.g|i\.e|St|Nos?)\.)$")
_MEANINGLESS: Final = re.compile(r"[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: ``text[start:end]`` is what it says."""

    text: str
    start: int
    end: int


def clean(text: str) -> str:
    """One form for characters and line ends. NFC, so that Korean typed on a Mac is the same as any other."""
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf"})


def paragraphs(cell: str) -> Iterator[str]:
    """The paragraphs of what one filing says in one place, at most about ``LONGEST`` characters each."""
    for raw in _BLANK_LINE.split(clean(cell)):
        block = raw.strip()
        if not block:
            continue
        if len(block) <= LONGEST:
            yield block
            continue
        piece = ""
        for line in _BREAK.split(block):
            if piece and len(piece) + len(line) > _PIECE:
                yield piece.strip()
                piece = ""
            piece += ("\n" if piece else "") + line
        if piece.strip():
            yield piece.strip()


def sentences(text: str) -> list[Piece]:
    """The sentences of a cleaned text, with their places. A sentence without an end is cut at ``LONGEST`` characters."""
    found: list[Piece] = []
    start = 0
    cuts = [(m.end(1) if m[1] else m.start(), m.end()) for m in _SENTENCE.finditer(text)]
    for at, after in [*cuts, (len(text), len(text))]:
        if after < len(text) and _SHORTENED.search(text[start:at]):
            continue
        for a in range(start, at, LONGEST):
            part = text[a : min(a + LONGEST, at)]
            said = part.strip()
            if said:
                left = a + len(part) - len(part.lstrip())
                found.append(Piece(said, left, left + len(said)))
        start = after
    return found


def key(text: str) -> str:
    """What makes two paragraphs the same: their letters, without figures, blanks and punctuation."""
    return _MEANINGLESS.sub("", text)

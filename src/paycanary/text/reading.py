"""Which kinds of statement a text makes: sentence by sentence, each with a confidence, "not sure" when unsure.

    words = read(text, load())
    words.sentences[0].kinds            # {"going_concern": 0.97}
    deciding(paragraph, "rescue", model)  # the sentence that moved the decision

A text is judged, never a company: whose text it is, is not asked.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

from paycanary.text.units import Piece, clean, key, sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A statement is taken as made from this probability on, as not made below ``DOUBTFUL``; between them the reader is not sure. Set on
#: paragraphs that did not teach (docs/explanation/reading-words.md).
SURE: Final = 0.6
DOUBTFUL: Final = 0.25
#: Share of letters that are Korean or Latin, below which a sentence is in a language that the reader has not learned.
_READABLE: Final = 0.6
_LEAST_LETTERS: Final = 2
_KOREAN: Final = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_LETTER: Final = re.compile(r"[^\W\d_]")

State = Literal["stated", "unsure", "none", "unread"]


class Reader(Protocol):
    """Anything that tells probabilities: the model in process, or a server."""

    @property
    def version(self) -> str: ...  # noqa: D102
    @property
    def kinds(self) -> tuple[str, ...]: ...  # noqa: D102
    def probabilities(self, texts: Sequence[str]) -> list[list[float]]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and what it says.

    ``state``: ``stated`` (some kind is), ``unsure``, ``none``, or ``unread`` (no letters, or a language that was not learned).
    ``kinds``: the probabilities of kinds that are stated or unsure, highest first. ``confidence``: that of the answer, None when there
    is none.
    """

    piece: Piece
    state: State
    kinds: dict[str, float] = field(default_factory=dict)
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A text as it was read. ``stated``: kind -> the sentence that says it most clearly."""

    text: str
    version: str
    sentences: list[Sentence]

    @property
    def stated(self) -> dict[str, Sentence]:
        """The kinds that some sentence states, in the order in which they are first stated."""
        best: dict[str, Sentence] = {}
        for sentence in self.sentences:
            for kind, chance in sentence.kinds.items():
                if chance >= SURE and (kind not in best or chance > best[kind].kinds[kind]):
                    best[kind] = sentence
        return best


def read(text: str, reader: Reader) -> Words:
    """Read a text of any length, sentence by sentence."""
    cleaned = clean(text)
    pieces = sentences(cleaned)
    legible = [piece for piece in pieces if _is_legible(piece.text)]
    told = dict(zip(legible, reader.probabilities([p.text for p in legible]), strict=True))
    return Words(cleaned, reader.version, [_judge(p, told.get(p), reader.kinds) for p in pieces])


def deciding(paragraph: str, kind: str, reader: Reader) -> Piece:
    """The sentence without which a paragraph would state the kind least: the span that moved the decision.

    A paragraph may state a thing in two sentences, so that neither alone is missed: how clearly a sentence states it by itself counts
    as much as how much is lost without it.
    """
    pieces = sentences(clean(paragraph))
    if len(pieces) == 1:
        return pieces[0]
    without = [" ".join(p.text for p in pieces if p is not left) for left in pieces]
    column = reader.kinds.index(kind)
    told = [row[column] for row in reader.probabilities([*without, *(p.text for p in pieces)])]
    lost, alone = told[: len(pieces)], told[len(pieces) :]
    return max(zip(pieces, lost, alone, strict=True), key=lambda t: _odds(t[2]) - _odds(t[1]))[0]


def _odds(chance: float) -> float:
    held = min(max(chance, 1e-6), 1 - 1e-6)
    return math.log(held / (1 - held))


def _is_legible(sentence: str) -> bool:
    letters = len(_LETTER.findall(sentence))
    known = len(_KOREAN.findall(sentence)) + len(_LATIN.findall(sentence))
    return len(key(sentence)) >= _LEAST_LETTERS and known >= _READABLE * letters


def _judge(piece: Piece, told: Sequence[float] | None, kinds: Sequence[str]) -> Sentence:
    if told is None:
        return Sentence(piece, "unread")
    found = sorted(((c, k) for c, k in zip(told, kinds, strict=True) if c >= DOUBTFUL), reverse=True)  # fmt: skip
    if not found:
        return Sentence(piece, "none", {}, 1 - max(told))
    highest = found[0][0]
    return Sentence(piece, "stated" if highest >= SURE else "unsure", {k: c for c, k in found}, highest)  # fmt: skip

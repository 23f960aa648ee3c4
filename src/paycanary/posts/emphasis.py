"""When `*` and `**` begin or end emphasis, in Korean too.

CommonMark does not close ``**굵게(bold)**는``: after a bracket it wants a space or punctuation, which Korean does not write before
a particle. Notion writes such lines, so its Markdown is read with the rule that a Han, Hangul or Kana character stands for the
space. `delimits` is the plain rule, by which writers see whether other programs will understand what they write.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline.state_inline import Delimiter

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

_EAST: Final = re.compile("[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")  # fmt: skip


def is_punctuation(char: str) -> bool:
    """Whether CommonMark takes a character for punctuation."""
    return isMdAsciiPunct(ord(char)) or isPunctChar(char)


def delimits(before: str, after: str, *, east: bool = False) -> tuple[bool, bool]:
    """Whether a run of `*` between two characters may open and may close emphasis.

    Args:
        before: the character in front, a space at the start of a line.
        after: the character behind, a space at the end of a line.
        east: read a Han, Hangul or Kana character beside it as a space.
    """
    space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
    point_before, point_after = is_punctuation(before), is_punctuation(after)
    free_before = space_before or point_before or (east and _EAST.match(before) is not None)
    free_after = space_after or point_after or (east and _EAST.match(after) is not None)
    opens = not space_after and (not point_after or free_before)
    closes = not space_before and (not point_before or free_after)
    return opens, closes


def tokenize(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """In place of markdown-it's rule of the same name: the same for ``_``, Korean's for ``*``."""
    marker = state.src[state.pos]
    if silent or marker not in "_*":
        return False
    scanned = state.scanDelims(state.pos, marker == "*")
    length, opens, closes = scanned.length, scanned.can_open, scanned.can_close
    if marker == "*":
        end = state.pos + length
        before = state.src[state.pos - 1] if state.pos else " "
        after = state.src[end] if end < state.posMax else " "
        opens, closes = delimits(before, after, east=True)
    for _ in range(length):
        token = state.push("text", "", 0)
        token.content = marker
        place = len(state.tokens) - 1
        state.delimiters.append(Delimiter(ord(marker), length, place, -1, opens, closes))
    state.pos += length
    return True

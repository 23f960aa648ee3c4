"""Row labels of Korean statements: cleaned of numbering and notes, and matched to our concepts."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import Final

from paycanary.filings.concepts import load_concepts
from paycanary.filings.dart_document.markup import squash

#: ``Ⅰ.``, ``III.``, ``1.``, ``(1)``, ``가.``; ``l.``, ``∥.`` and a Greek iota are slips for Roman numerals.
_NUMBERING: Final = re.compile(
    r"\s*(?:[Ⅰ-Ⅻⅰ-ⅻ∥]+\s*[.,)·]?|[IVXlivxΙⅠ-Ⅻ]+\s*[.)]|\d{1,2}(?:[.-]\d{1,2})*\s*[.)]|\(\s*(?:\d{1,2}|[가-하]|[ivxIVX]+)\s*\)|[가-하]\s*[.)]|[①-⑳]|[-ㆍ·※*])\s*"
)
#: ``(주석2,6)``, ``(주 3)``, ``<주석10과 13>``, ``(주석2,13,\n14)``, ``(Note 4)``; bare numbers in brackets are notes as well.
_NOTE: Final = re.compile(
    r"[(<\[〈【{]\s*(?:(?:주석|주|Notes?)\s*[\d\s,.·ㆍ및와과~-]*|\d[\d\s,.·~-]*)[)>\]〉】}]",
    re.IGNORECASE,
)
#: ``(Ⅰ+Ⅱ+Ⅲ)``, ``(I)``: how the row is summed.
_SUM: Final = re.compile(r"[(\[]\s*[Ⅰ-ⅻIVX\d\s+＋±-]+[)\]]")
#: ``(주당손익 당기 (14,770)원 전기 (11,169)원)`` behind net income.
_PER_SHARE_TAIL: Final = re.compile(r"\(\s*(?:기본|희석)?주당.*$", re.DOTALL)
_OWN_UNIT: Final = re.compile(r"\(\s*단위\s*[:：]?\s*([^()]{1,20})\)")
_PLAIN: Final = re.compile(r"[^가-힣A-Za-z0-9]")
_SPACED: Final = re.compile(r"(?<![가-힣])(?:[가-힣]\s+){1,}[가-힣](?![가-힣])")


class Sign(StrEnum):
    """How the sign of a row's figures is to be read."""

    NATURAL = "natural"  # 영업이익, 당기순이익(손실)
    LOSS_FIRST = "loss_first"  # 영업손실(이익): a loss stands without a sign
    LOSS_ONLY = "loss_only"  # 당기순손실: a loss stands without a sign, or with one
    DEFICIT = "deficit"  # 결손금: what lacks, with or without a sign


def clean(label: str) -> str:
    """A label as a person would name the row: ``Ⅰ. 매 출 액 (주석2)`` -> ``매출액``."""
    text = _PER_SHARE_TAIL.sub("", label) if "순" in label else label
    text = _OWN_UNIT.sub("", _NOTE.sub("", text))
    text = _SUM.sub("", text)
    for _ in range(2):
        text = _NUMBERING.sub("", text, count=1) if _NUMBERING.match(text) else text
    return join_letters(text).strip(" .:") or " ".join(label.split())


def join_letters(text: str) -> str:
    """Text on one line, spaced-out letters joined: ``손 익 계 산 서`` -> ``손익계산서``."""
    return _SPACED.sub(lambda m: squash(m[0]), " ".join(text.split()))


def key(label: str) -> str:
    """A label without blanks, numbering, notes and brackets, as ``concepts.yaml`` lists names."""
    return _PLAIN.sub("", clean(label))


def own_unit(label: str) -> str | None:
    """The unit that a row states for itself: ``기본주당이익 (단위 : 원)`` -> ``원``."""
    match = _OWN_UNIT.search(label)
    return match[1] if match else None


def is_per_share(label: str) -> bool:
    """Whether the row is an amount a share."""
    return "주당" in squash(label)


def concept_of(label: str, statement: str) -> str | None:
    """Our concept for a row of a statement (``BS``, ``IS``, ``CIS``, ``CF``), else None."""
    return _concepts().get((statement, key(label)))


def sign_of(label: str) -> Sign:
    """How a profit's or equity's sign is printed, told by the label's words."""
    text = squash(clean(label))
    loss, profit = text.find("손실"), text.find("이익")
    if loss < 0:
        deficit = text.find("결손금")
        return Sign.DEFICIT if deficit >= 0 and profit < 0 else Sign.NATURAL
    if profit < 0:
        return Sign.LOSS_ONLY
    return Sign.LOSS_FIRST if loss < profit else Sign.NATURAL


@cache
def _concepts() -> dict[tuple[str, str], str]:
    return {
        (statement, name): concept.name
        for concept in load_concepts().values()
        for statement in concept.statements
        for name in concept.names
    }

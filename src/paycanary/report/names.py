"""What levels, groups and registers are called, for every way of showing a verdict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from paycanary.wording import quantity, word

if TYPE_CHECKING:
    from paycanary.errors import Lang

#: What XML cannot hold, and the unseen marks that turn the reading direction.
UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")  # fmt: skip
MARKS: Final = {"danger": "●", "watch": "▲", "good": "○", "unknown": "–"}
LEVELS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {"danger": "위험", "watch": "주의", "good": "양호", "unknown": "모름"},
    "en": {"danger": "danger", "watch": "watch", "good": "good", "unknown": "unknown"},
}
GROUPS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {"money": "돈", "funding": "자금 조달", "people": "사람", "audit": "감사", "arrears": "체납", "events": "사건", "support": "지원"},
    "en": {"money": "Money", "funding": "Funding", "people": "People", "audit": "Audit", "arrears": "Arrears", "events": "Events", "support": "Support"},
}  # fmt: skip
SOURCES: Final[dict[Lang, dict[str, str]]] = {
    "ko": {
        "opendart": "DART", "nps": "국민연금", "krx": "KRX", "fsc": "금융위원회", "nts": "국세청", "comwel": "근로복지공단",
        "moel": "고용노동부", "work24": "고용24", "nhis": "건강보험공단", "tax": "국세청 명단", "tips": "TIPS",
    },
    "en": {
        "opendart": "DART", "nps": "NPS", "krx": "KRX", "fsc": "FSC", "nts": "NTS", "comwel": "COMWEL",
        "moel": "MOEL", "work24": "Work24", "nhis": "NHIS", "tax": "NTS list", "tips": "TIPS",
    },
}  # fmt: skip


def source_name(source: str, lang: Lang) -> str:
    """What people call a register; its own name where nobody calls it otherwise."""
    return SOURCES[lang].get(source, source)


def figure_value(value: float | str | None, unit: str | None, lang: Lang) -> str:
    """A figure as people read it: an amount with its unit, or the word that a code stands for."""
    if isinstance(value, str):
        return word(value, lang)
    return "–" if value is None else quantity(value, unit, lang)

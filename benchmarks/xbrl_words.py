"""Our transformations against Arelle's on the same made words, function by function; why results may differ."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from paycanary.filings.xbrl import transformations
from paycanary.filings.xbrl.transformations_dates import names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LANGUAGES: Final = (
    "bg", "cs", "cs-month-year", "cy", "cy-month-year", "da", "de", "el", "en", "es", "et", "fi", "fr", "hi", "hr", "hu", "it",
    "lt", "lv", "nl", "no", "pl", "pt", "ro", "sk", "sl",
)  # fmt: skip
#: Functions of the SEC's registry that its filings name.
SEC_FUNCTIONS: Final = (
    "boolballotbox", "countrynameen", "datequarterend", "durday", "durhour", "durmonth", "durweek", "durwordsen", "duryear",
    "edgarprovcountryen", "entityfilercategoryen", "exchnameen", "numwordsen", "stateprovnameen", "yesnoballotbox",
)  # fmt: skip
#: Why both may differ, by key.
DIFFERENCES: Final = {
    "digits": "Arelle takes digits of any script where the registries say 0 to 9",
    "hindi": "Arelle's patterns spell the Hindi October, November and December otherwise than its table, so that it refuses them",
    "polish": "Arelle's Polish day and month may end in the letter s, not in white space",
    "greek": "we also read April in Greek capitals with an accent (ΑΡΊΛ), which the registries spell in small letters only",
}
_MARKS: Final = (" ", " ", "  ", ". ", ", ", "/", ".", "-", " of ", "th ", "年", "月", "")
_WORDS_EACH: Final = 300


def registries() -> dict[str, dict[str, Callable[[str], Any]]]:
    """Arelle's functions by namespace and name, of the registries that we read."""
    from arelle.FunctionIxt import ixtNamespaceFunctions  # noqa: PLC0415 - heavy, and optional

    return {ns: dict(found) for ns, found in ixtNamespaceFunctions.items() if ns in transformations.REGISTRIES}  # fmt: skip


def theirs(function: Callable[[str], Any], text: str) -> str | None:
    """What Arelle gives, None if it refuses."""
    try:
        value = function(text)
    except Exception:  # noqa: BLE001 - it refuses with errors of several kinds, AttributeError among them
        return None
    return None if value is None else str(value).strip(" \t\n\r")


def ours(namespace: str, name: str, text: str) -> str | None:
    """What we give, None if we refuse.

    Raises:
        LookupError: we do not have the function.
    """
    transform = transformations.find(namespace, name)
    if transform is None:
        raise LookupError(namespace, name)
    try:
        return transform(text).strip(" \t\n\r")
    except ValueError:
        return None


def explain(name: str, shown: str, right: str | None) -> str | None:
    """The key in `DIFFERENCES` of a result of Arelle's that is not ours, None if it is not understood."""
    if right is not None:
        return "digits" if any(c.isdigit() and not c.isascii() for c in shown) else None
    if any(month in shown for month in ("अक्टूबर", "नवंबर", "दिसंबर")):
        return "hindi"
    if name.endswith("-el") and "ΡΊΛ" in shown:
        return "greek"
    return "polish" if name.endswith("-pl") else None


@dataclass(slots=True)
class Comparison:
    """All functions on their words: how often both gave the same value, both refused, and how they differed."""

    functions: int = 0
    tried: int = 0
    same: int = 0
    differ: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)


def compare() -> Comparison:
    """Compare every function on words made for it; the same words at every call."""
    found = Comparison()
    for namespace, functions in registries().items():
        for name, function in sorted(functions.items()):
            found.functions += 1
            chance = random.Random(name)  # noqa: S311 - repeatable, no secret
            for shown in dict.fromkeys(_words(name, chance) for _ in range(_WORDS_EACH)):
                left, right = ours(namespace, name, shown), theirs(function, shown)
                found.tried += 1
                found.same += left == right is not None
                if left != right:
                    key = explain(name, shown, right) or "not understood"
                    found.differ[key] += 1
                    found.examples.setdefault(
                        key, f"`{name}` of {shown!r}: ours {left!r}, Arelle's {right!r}"
                    )
    return found


def _words(name: str, chance: random.Random) -> str:
    """Words that fit a function, nearly fit, or do not."""
    language = next((code for code in sorted(LANGUAGES, key=len, reverse=True) if name.endswith(f"-{code}")), "en")  # fmt: skip
    spelled: Mapping[str, int] = names(language)
    number = chance.choice((str(chance.randint(0, 40)), f"{chance.randint(1, 31):02}", "२०", "１"))
    month = chance.choice((*spelled, f"{chance.randint(0, 13):02}"))
    year = chance.choice((str(chance.randint(1900, 2100)), f"{chance.randint(0, 99):02}", "令和元"))
    first, second = chance.choice(_MARKS), chance.choice(_MARKS)
    groups = [str(chance.randint(1, 999)), *(f"{chance.randint(0, 999):03}" for _ in range(3))]
    grouped = chance.choice((",", ".", " ", "\u00a0", "'", "")).join(groups[: chance.randint(1, 4)])
    amount = grouped + chance.choice(("", ".5", ",25", " dollars 5 cents", "円", "-"))
    return chance.choice((
        f"{number}{first}{month}{second}{year}", f"{number}{first}{month}", f"{month}{first}{year}", f"{month}{first}{number}",
        f"{month}{first}{number}{second}{year}", f"{year}{first}{month}{second}{number}", f"{year}{first}{month}", amount, amount,
        f"令和{chance.randint(1, 9)}年{chance.randint(1, 12)}月{number}日", chance.choice(("-", "—", "", "nil", "0", "Yes", "☒")),
    ))  # fmt: skip

"""The SEC's own transformations (``ixt-sec``): durations, numbers in English words, ballot boxes, states, exchanges.

What they give is described in the EDGAR XBRL Guide (https://www.sec.gov/info/edgar/specifications/edgarxbrlguide.pdf).
``countrynameen`` and ``edgarprovcountryen`` (codes of countries) are not here: a fact that uses them is told as a fault.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from paycanary.filings.xbrl.limits import MAX_WORDS
from paycanary.filings.xbrl.numbers import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Transform = Callable[[str], str]

_DAYS_A_MONTH: Final = Decimal("30.4375")
_MONTHS_A_YEAR: Final = 12


# --- durations -----------------------------------------------------------------------------------


def _duration(parts: list[tuple[str, int]], *, negative: bool) -> str:
    """An ``xs:duration`` of (designator, amount), largest first; at least the first part is written."""
    shown = [(mark, amount) for mark, amount in parts if amount] or parts[:1]
    sign = "-" if negative and any(amount for _, amount in shown) else ""
    days = "".join(f"{amount}{mark}" for mark, amount in shown if mark != "H")
    hours = "".join(f"T{amount}{mark}" for mark, amount in shown if mark == "H")
    return f"{sign}P{days}{hours}"


def _amount(text: str) -> tuple[Decimal, bool]:
    value = exact(text.strip(" \t\n\r"))
    return abs(value), value < 0


def _years(text: str) -> str:
    amount, negative = _amount(text)
    months = (amount - int(amount)) * _MONTHS_A_YEAR
    days = int((months - int(months)) * _DAYS_A_MONTH)
    return _duration([("Y", int(amount)), ("M", int(months)), ("D", days)], negative=negative)


def _months(text: str) -> str:
    amount, negative = _amount(text)
    days = int((amount - int(amount)) * _DAYS_A_MONTH)
    return _duration([("M", int(amount)), ("D", days)], negative=negative)


def _weeks(text: str) -> str:
    amount, negative = _amount(text)
    return _duration([("D", int(amount * 7))], negative=negative)


def _days(text: str) -> str:
    amount, negative = _amount(text)
    return _duration(
        [("D", int(amount)), ("H", int((amount - int(amount)) * 24))], negative=negative
    )


def _hours(text: str) -> str:
    amount, negative = _amount(text)
    return _duration([("H", int(amount))], negative=negative)


# --- words ---------------------------------------------------------------------------------------

_SMALL: Final = {word: number for number, word in enumerate(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
)} | {word: 10 * number for number, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)}  # fmt: skip
_LARGE: Final = {word: 1000**power for power, word in enumerate(
    ["thousand", "million", "billion", "trillion", "quadrillion", "quintillion"], 1
)}  # fmt: skip
_NOTHING: Final = {"no", "none", "nil", "zero"}
_JOINERS: Final = re.compile("[\\s,\u058a\u05be\u2010-\u2015\ufe58\ufe63\uff0d-]+")
_HUNDRED: Final = 100
_TEN: Final = 10
_TWENTY: Final = 20


def words_to_number(text: str) -> int:
    """Read ``one hundred and twenty-five thousand``.

    Raises:
        ValueError: these are no words of a number, or not in an order that makes one.
    """
    words = [word for word in _JOINERS.split(text.strip().lower()) if word and word != "and"]
    if len(text) > MAX_WORDS or not words:
        raise ValueError(text)
    if len(words) == 1 and words[0] in _NOTHING:
        return 0
    total, group, last_power = 0, 0, 1000 ** (len(_LARGE) + 1)
    for word in words:
        if word in _LARGE and group and _LARGE[word] < last_power:
            last_power = _LARGE[word]
            total, group = total + group * last_power, 0
        elif word == "hundred" and 0 < group < _TWENTY and group != _TEN:
            group *= _HUNDRED
        elif word in _SMALL and _fits(group, _SMALL[word]):
            group += _SMALL[word]
        else:
            raise ValueError(text)
    return total + group


def _fits(group: int, number: int) -> bool:
    """Whether a word may follow what was said: nothing, hundreds, or tens before ones."""
    rest = group % _HUNDRED
    return number > 0 and (rest == 0 or (rest >= _TWENTY and rest % _TEN == 0 and number < _TEN))


def _number_words(text: str) -> str:
    return str(words_to_number(text))


_SPAN: Final = re.compile(
    r"(?P<amount>[0-9]{1,4}|[a-z]+(?:[^a-z0-9]+[a-z]+)*?)[^a-z0-9]+(?P<unit>year|month|day)s?(?:[^a-z0-9]+|$)(?:and\s+)?"
)


def _duration_words(text: str) -> str:
    shown, at = text.strip().lower(), 0
    if len(shown) > MAX_WORDS or not shown:
        raise ValueError(text)
    found: dict[str, int] = {}
    while at < len(shown):
        match = _SPAN.match(shown, at)
        if match is None or match["unit"] in found or (found and "dmy".index(match["unit"][0]) >= min("dmy".index(unit[0]) for unit in found)):  # fmt: skip
            raise ValueError(text)
        amount = match["amount"]
        found[match["unit"]] = int(amount) if amount.isdigit() else words_to_number(amount)
        at = match.end()
    parts = [(unit[0].upper(), amount) for unit, amount in found.items() if amount]
    return _duration(parts or [("D", 0)], negative=False)


_QUARTERS: Final = {
    "1": 1,
    "first": 1,
    "2": 2,
    "second": 2,
    "3": 3,
    "third": 3,
    "4": 4,
    "fourth": 4,
    "last": 4,
}
_QUARTER: Final = re.compile(
    r"(?:[a-z][^0-9]*?)??(?P<q>[1-4]|first|second|third|fourth|last)[^0-9]*(?P<y>[0-9]{4})|(?P<y2>[0-9]{4})[^0-9]*?(?P<q2>[1-4]|first|second|third|fourth|last)(?:[^0-9].*)?"
)


def _quarter_end(text: str) -> str:
    match = _QUARTER.fullmatch(text.strip().lower()) if len(text) <= MAX_WORDS else None
    if match is None:
        raise ValueError(text)
    quarter, year = _QUARTERS[match["q"] or match["q2"]], int(match["y"] or match["y2"])
    after = date(year + quarter // 4, quarter * 3 % 12 + 1, 1)
    return (after - timedelta(days=1)).isoformat()


# --- choices -------------------------------------------------------------------------------------


def _box(unticked: str, ticked: str) -> Transform:
    answers = {"\u2610": unticked, "\u2611": ticked, "\u2612": ticked}

    def transform(text: str) -> str:
        return _one_of(answers, text.strip())

    return transform


def _one_of(answers: Mapping[str, str], key: str) -> str:
    if key not in answers:
        raise ValueError(key)
    return answers[key]


_STATES: Final = dict(pair.rsplit(" ", 1) for pair in ["alabama AL", "alaska AK", "arizona AZ", "arkansas AR", "california CA", "colorado CO", "connecticut CT", "delaware DE", "florida FL", "georgia GA", "hawaii HI", "idaho ID", "illinois IL", "indiana IN", "iowa IA", "kansas KS", "kentucky KY", "louisiana LA", "maine ME", "maryland MD", "massachusetts MA", "michigan MI", "minnesota MN", "mississippi MS", "missouri MO", "montana MT", "nebraska NE", "nevada NV", "new hampshire NH", "new jersey NJ", "new mexico NM", "new york NY", "north carolina NC", "north dakota ND", "ohio OH", "oklahoma OK", "oregon OR", "pennsylvania PA", "rhode island RI", "south carolina SC", "south dakota SD", "tennessee TN", "texas TX", "utah UT", "vermont VT", "virginia VA", "washington WA", "west virginia WV", "wisconsin WI", "wyoming WY", "district of columbia DC", "american samoa AS", "samoa AS", "guam GU", "northern mariana islands MP", "puerto rico PR", "united states minor outlying islands UM", "alberta AB", "british columbia BC", "manitoba MB", "new brunswick NB", "newfoundland NL", "newfoundland and labrador NL", "nova scotia NS", "northwest territories NT", "nunavut NU", "ontario ON", "prince edward island PE", "quebec QC", "québec QC", "saskatchewan SK", "yukon YT"]) | {"virgin islands, u.s.": "VI"}  # fmt: skip
_FILERS: Final = {
    "large accelerated filer": "Large Accelerated Filer",
    "accelerated filer": "Accelerated Filer",
    "non accelerated filer": "Non-accelerated Filer",
}
_EXCHANGES: Final = {
    "box exchange": "BOX", "cboe byx exchange": "CboeBYX", "cboe bzx exchange": "CboeBZX", "cboe c2 exchange": "C2",
    "cboe edga exchange": "CboeEDGA", "cboe edgx exchange": "CboeEDGX", "cboe exchange": "CBOE",
    "chicago stock exchange": "CHX", "investors exchange": "IEX", "miami international securities exchange": "MIAX",
    "miax pearl": "PEARL", "nasdaq bx": "BX", "nasdaq gemx": "GEMX", "nasdaq ise": "ISE", "nasdaq mrx": "MRX",
    "nasdaq phlx": "Phlx", "nyse": "NYSE", "new york stock exchange": "NYSE", "nyse american": "NYSEAMER",
    "nyse arca": "NYSEArca", "nyse national": "NYSENAT", "nasdaq": "NASDAQ", "nasdaq stock market": "NASDAQ",
    "nasdaq global market": "NASDAQ", "nasdaq global select market": "NASDAQ",
}  # fmt: skip


def _state(text: str) -> str:
    return _one_of(_STATES, " ".join(text.lower().split()))


def _filer(text: str) -> str:
    return _one_of(_FILERS, " ".join(re.sub(r"[^\w]+", " ", text.lower()).split()))


def _exchange(text: str) -> str:
    words = " ".join(text.lower().split()).removeprefix("the ")
    return _one_of(_EXCHANGES, re.sub(r",? (?:llc|inc\.?)$", "", words))


TRANSFORMS: Final[Mapping[str, Transform]] = {
    "duryear": _years,
    "durmonth": _months,
    "durweek": _weeks,
    "durday": _days,
    "durhour": _hours,
    "durwordsen": _duration_words,
    "numwordsen": _number_words,
    "datequarterend": _quarter_end,
    "boolballotbox": _box("false", "true"),
    "yesnoballotbox": _box("No", "Yes"),
    "stateprovnameen": _state,
    "entityfilercategoryen": _filer,
    "exchnameen": _exchange,
}

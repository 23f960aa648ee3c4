"""Dates of the transformation registries: by digits, by month names of 24 languages, Japanese eras, the Indian calendar."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from paycanary.filings.xbrl.limits import MAX_WORDS
from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Transform = Callable[[str], str]

_BLANK: Final = "[ \\t\\n\\r]*"
_DAY: Final = "(?P<d>[0-9]{1,2})"
_MONTH: Final = "(?P<m>[0-9]{1,2})"
_YEAR: Final = "(?P<y>[0-9]{4}|[0-9]{1,2})"
_GAP: Final = "[^0-9]+"
_LETTERLESS_GAP: Final = "[^0-9]*[^0-9a-zA-Z]+"
_FULL_WIDTH: Final = {0xFF10 + digit: 0x30 + digit for digit in range(10)}
_DEVANAGARI: Final = {0x966 + digit: 0x30 + digit for digit in range(10)}
_LONGEST_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS: Final = 12


# --- results -------------------------------------------------------------------------------------


def _full_year(year: str) -> str:
    """Two digits mean this century, one digit its first years: the registries say so."""
    return {1: "200", 2: "20"}.get(len(year), "") + year


def _day(year: str, month: int, day: str) -> str:
    date(int(year), month, int(day))
    return f"{year}-{month:02}-{day.rjust(2, '0')}"


def _month_day(month: int, day: str) -> str:
    if not (1 <= month <= _MONTHS and 1 <= int(day) <= _LONGEST_MONTH[month - 1]):
        raise ValueError(f"{month}-{day}")
    return f"--{month:02}-{day.rjust(2, '0')}"


def _year_month(year: str, month: int) -> str:
    if not 1 <= month <= _MONTHS:
        raise ValueError(str(month))
    return f"{year}-{month:02}"


def _result(found: Mapping[str, str | None], month: int) -> str:
    year, day = found.get("y"), found.get("d")
    if year is None:
        return _month_day(month, day or "")
    return _day(_full_year(year), month, day) if day else _year_month(_full_year(year), month)


def _matched(shape: re.Pattern[str], text: str) -> re.Match[str]:
    match = shape.fullmatch(text) if len(text) <= MAX_WORDS else None
    if match is None:
        raise ValueError(text)
    return match


# --- shapes --------------------------------------------------------------------------------------


def _digits(pattern: str, table: Mapping[int, int] | None = None) -> Transform:
    shape = re.compile(f"{_BLANK}{pattern}{_BLANK}")

    def transform(text: str) -> str:
        match = _matched(shape, text.translate(table) if table else text)
        return _result(match.groupdict(), int(match["m"]))

    return transform


def _unchecked(pattern: str) -> Transform:
    """Dates of registry 1 in slashes or dots: it tells no more than the order of the parts."""
    shape = re.compile(f"{_BLANK}{pattern}{_BLANK}")

    def transform(text: str) -> str:
        found = _matched(shape, text).groupdict()
        month, day = found["m"].rjust(2, "0"), found["d"].rjust(2, "0")
        if "y" not in found:
            return f"--{month}-{day}"
        return f"{_full_year(found['y'])}-{month}-{day}"

    return transform


@cache
def names(language: str) -> dict[str, int]:
    """Spellings of months, as they may be written, with their numbers 1 to 12."""
    spelled: dict[str, int] = {}
    for number, stems in enumerate(
        read_yaml("filings", "xbrl", "months.yaml")[language].split(), 1
    ):
        for stem in stems.split("/"):
            # English is written with a capital; a Latin letter in a Greek word only looks right as one.
            capital_only = language == "en" or (language == "el" and stem[0].isascii())
            forms = (stem.upper(), stem.capitalize(), *(() if capital_only else (stem,)))
            spelled.update(dict.fromkeys(forms, number))
    return spelled


def _named(
    language: str, pattern: str, *, flags: int = 0, numbers: Mapping[str, int] | None = None
) -> Transform:
    """A date with a month's name where ``pattern`` says ``NAME``."""
    spelled = dict(numbers or names(language))
    if flags & re.IGNORECASE:
        spelled = {name.lower(): number for name, number in spelled.items()}
    words = "|".join(sorted(map(re.escape, spelled), key=len, reverse=True))
    shape = re.compile(f"{_BLANK}{pattern.replace('NAME', f'(?P<m>{words})')}{_BLANK}", flags)

    def transform(text: str) -> str:
        found = _matched(shape, text).groupdict()
        if found.get("rest") and found.get("dots"):
            raise ValueError(text)
        name = found["m"].lower() if flags & re.IGNORECASE else found["m"]
        return _result(found, spelled[name])

    return transform


def _lazily(language: str, pattern: str, flags: int = 0) -> Transform:
    """A shape that is made when it is first needed: a document uses two or three of the hundred."""

    @cache
    def made() -> Transform:
        return _named(language, pattern, flags=flags)

    def transform(text: str) -> str:
        return made()(text)

    return transform


# --- the registries ------------------------------------------------------------------------------

_LONG: Final = dict(zip(
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"], range(1, 13), strict=True,
))  # fmt: skip
_SHORT: Final = {name[:3]: number for name, number in _LONG.items()}
_YEAR_1: Final = "(?P<y>[0-9]{4}|[0-9]{2})"


def first() -> dict[str, Transform]:
    """Registry 1."""

    def english(numbers: Mapping[str, int], pattern: str) -> Transform:
        return _named("en", pattern, numbers=numbers)

    return {
        "dateslashus": _unchecked("(?P<m>[0-9]+)/(?P<d>[0-9]+)/(?P<y>[0-9]+)"),
        "dateslasheu": _unchecked("(?P<d>[0-9]+)/(?P<m>[0-9]+)/(?P<y>[0-9]+)"),
        "datedotus": _unchecked(r"(?P<m>[0-9]+)\.(?P<d>[0-9]+)\.(?P<y>[0-9]+)"),
        "datedoteu": _unchecked(r"(?P<d>[0-9]+)\.(?P<m>[0-9]+)\.(?P<y>[0-9]+)"),
        "datelongus": english(_LONG, f"NAME {_DAY}, {_YEAR_1}"),
        "dateshortus": english(_SHORT, f"NAME {_DAY}, {_YEAR_1}"),
        "datelonguk": english(_LONG, f"{_DAY} NAME {_YEAR_1}"),
        "dateshortuk": english(_SHORT, f"{_DAY} NAME {_YEAR_1}"),
        "datelongdaymonthuk": english(_LONG, f"{_DAY} NAME"),
        "dateshortdaymonthuk": english(_SHORT, rf"{_DAY}\s+NAME"),
        "datelongmonthdayus": english(_LONG, f"NAME {_DAY}"),
        "dateshortmonthdayus": english(_SHORT, rf"NAME\s+{_DAY}[A-Za-z]{{0,2}}"),
        "dateslashdaymontheu": _unchecked(f"{_DAY}/{_MONTH}"),
        "dateslashmonthdayus": _unchecked(f"{_MONTH}/{_DAY}"),
        "datelongyearmonth": english(_LONG, rf"{_YEAR_1}\s+NAME"),
        "dateshortyearmonth": english(_SHORT, rf"{_YEAR_1}\s+NAME"),
        "datelongmonthyear": english(_LONG, rf"NAME\s+{_YEAR_1}"),
        "dateshortmonthyear": english(_SHORT, rf"NAME\s+{_YEAR_1}"),
    }


_DAY_MONTH: Final = f"{_DAY}{_GAP}{_MONTH}"
_MONTH_DAY: Final = f"{_MONTH}{_GAP}{_DAY}[A-Za-z]*"
_DANISH: Final = f"{_DAY}{_GAP}NAME(?P<rest>[A-Za-z]*)(?P<dots>[.]*)"
_ENGLISH_MONTH_DAY: Final = rf"NAME{_GAP}{_DAY}[A-Za-z]{{0,2}}"
_ENGLISH_MONTH_DAY_YEAR: Final = rf"NAME{_GAP}(?P<d>[0-9]{{1,10}}){_GAP}{_YEAR}"


def second() -> dict[str, Transform]:
    """Registry 2, the dates."""
    return {
        "datedaymonth": _digits(_DAY_MONTH),
        "datedaymonthen": _lazily("en", f"{_DAY}{_GAP}NAME"),
        "datedaymonthyear": _digits(f"{_DAY_MONTH}{_GAP}{_YEAR}"),
        "datedaymonthyearen": _lazily("en", f"{_DAY}{_GAP}NAME{_GAP}{_YEAR}"),
        "dateerayearmonthdayjp": _era(with_day=True),
        "dateerayearmonthjp": _era(with_day=False),
        "datemonthday": _digits(_MONTH_DAY),
        "datemonthdayen": _lazily("en", _ENGLISH_MONTH_DAY),
        "datemonthdayyear": _digits(f"{_MONTH}{_GAP}{_DAY}{_GAP}{_YEAR}"),
        "datemonthdayyearen": _lazily("en", _ENGLISH_MONTH_DAY_YEAR),
        "datemonthyearen": _lazily("en", f"NAME{_GAP}{_YEAR}"),
        "dateyearmonthdaycjk": _digits(
            rf"\s*{_YEAR}\s*年\s*{_MONTH}\s*月\s*{_DAY}\s*日\s*", _FULL_WIDTH
        ),
        "dateyearmonthcjk": _digits(rf"\s*{_YEAR}\s*年\s*{_MONTH}\s*月\s*", _FULL_WIDTH),
        "dateyearmonthen": _lazily("en", f"{_YEAR}{_GAP}NAME"),
    }


def third() -> dict[str, Transform]:
    """What registry 3 adds to registry 2."""
    return {
        "calindaymonthyear": _saka,
        "datedaymonthdk": _lazily("da", _DANISH, re.IGNORECASE),
        "datedaymonthyeardk": _lazily("da", f"{_DANISH}[^0-9]*{_YEAR}", re.IGNORECASE),
        "datedaymonthyearin": _hindi_day(named_only=False),
        "datemonthyear": _digits(f"{_MONTH}{_GAP}{_YEAR}"),
        "datemonthyeardk": _lazily("da", f"{_DANISH_MONTH}[^0-9]*{_YEAR}", re.IGNORECASE),
        "datemonthyearin": _hindi_month,
        "dateyearmonthday": _digits(f"{_YEAR}{_GAP}{_MONTH}{_GAP}{_DAY}[^0-9]*", _FULL_WIDTH),
    }


_DANISH_MONTH: Final = "NAME(?P<rest>[A-Za-z]*)(?P<dots>[.]*)"
#: Letters that may follow the name in "day month", by language; the day's gap is letterless for some.
_AFTER_NAME: Final = {
    "bg": 6, "cy": 7, "de": 6, "el": 8, "en": 0, "es": 7, "et": 5, "fi": 8, "fr": 5, "hr": 6, "it": 6, "lv": 6,
    "nl": 6, "no": 6, "pl": 9, "pt": 6, "ro": 7, "sk": 6, "sl": 6,
}  # fmt: skip
_LETTERLESS: Final = {"cy", "fi", "pl"}
_DAY_MONTH_YEAR: Final = ("bg", "cs", "cy", "de", "el", "en", "es", "et", "fi", "fr", "hr", "it", "nl", "no", "pl", "pt", "ro", "sk", "sl")  # fmt: skip


def _by_language(language: str) -> dict[str, Transform]:
    gap = _LETTERLESS_GAP if language in _LETTERLESS else _GAP
    loose_end = "[^0-9]*" if language in {"bg", "pl"} else ""
    found: dict[str, Transform] = {}
    if language in _AFTER_NAME:
        found[f"date-day-monthname-{language}"] = _lazily(
            language, rf"{_DAY}{gap}NAME[^0-9]{{0,{_AFTER_NAME[language]}}}"
        )
    elif language == "cs":
        found["date-day-monthname-cs"] = _lazily("cs", rf"{_DAY}{gap}NAME\.?")
    if language in _DAY_MONTH_YEAR:
        between = "[^0-9a-zA-Z]+[^0-9]*" if language == "cs" else _GAP
        found[f"date-day-monthname-year-{language}"] = _lazily(
            language, f"{_DAY}{gap}NAME{between}{_YEAR}{loose_end}"
        )
        months = f"{language}-month-year" if language in {"cs", "cy"} else language
        found[f"date-monthname-year-{language}"] = _lazily(
            months, f"NAME{between}{_YEAR}{loose_end}"
        )
    return found


def fourth() -> dict[str, Transform]:
    """Registry 4, the dates."""
    found = {
        "date-day-month": _digits(_DAY_MONTH),
        "date-day-month-year": _digits(f"{_DAY_MONTH}{_GAP}{_YEAR}", _DEVANAGARI),
        "date-day-monthroman": _roman(f"{_DAY}[^0-9]*[^XVIxvi]NAME"),
        "date-day-monthroman-year": _roman(f"{_DAY}[^0-9]*[^XVIxvi]NAME[^XVIxvi][^0-9]*{_YEAR}"),
        "date-monthroman-year": _roman(f"NAME[^XVIxvi][^0-9]*{_YEAR}"),
        "date-day-monthname-year-hi": _hindi_day(named_only=True),
        "date-monthname-year-hi": _hindi_month,
        "date-ind-day-monthname-year-hi": _saka,
        "date-jpn-era-year-month-day": _era(with_day=True),
        "date-jpn-era-year-month": _era(with_day=False),
        "date-monthname-day-en": _lazily("en", _ENGLISH_MONTH_DAY),
        "date-monthname-day-hu": _lazily("hu", rf"NAME[^0-9]{{0,7}}{_GAP}{_DAY}"),
        "date-monthname-day-lt": _lazily("lt", rf"NAME[^0-9]{{0,6}}{_GAP}{_DAY}[^0-9]*"),
        "date-monthname-day-year-en": _lazily("en", _ENGLISH_MONTH_DAY_YEAR),
        "date-month-day": _digits(_MONTH_DAY),
        "date-month-day-year": _digits(f"{_MONTH}{_GAP}{_DAY}{_GAP}{_YEAR}"),
        "date-month-year": _digits(f"{_MONTH}{_GAP}{_YEAR}", _DEVANAGARI),
        "date-year-day-monthname-lv": _lazily("lv", f"{_YEAR}{_GAP}{_DAY}{_GAP}NAME[^0-9]*"),
        "date-year-month": _digits(f"{_YEAR}{_GAP}{_MONTH}[^0-9]*", _FULL_WIDTH),
        "date-year-month-day": _digits(f"{_YEAR}{_GAP}{_MONTH}{_GAP}{_DAY}[^0-9]*", _FULL_WIDTH),
        "date-year-monthname-en": _lazily("en", f"{_YEAR}{_GAP}NAME"),
        "date-year-monthname-hu": _lazily("hu", rf"{_YEAR}{_GAP}NAME[^0-9]{{0,7}}"),
        "date-year-monthname-day-hu": _lazily("hu", f"{_YEAR}{_GAP}NAME{_GAP}{_DAY}"),
        "date-year-monthname-day-lt": _lazily("lt", f"{_YEAR}{_LETTERLESS_GAP}NAME{_GAP}{_DAY}[^0-9]*"),
        "date-year-monthname-lt": _lazily("lt", f"{_YEAR}{_LETTERLESS_GAP}NAME[^0-9]*"),
        "date-year-monthname-lv": _lazily("lv", rf"{_YEAR}{_GAP}NAME[^0-9]{{0,7}}"),
    }  # fmt: skip
    for language in {*_AFTER_NAME, *_DAY_MONTH_YEAR} - {"cy"}:
        found |= _by_language(language)
    for language in ("da", "sv"):
        found |= {
            f"date-day-monthname-{language}": _lazily("da", _DANISH, re.IGNORECASE),
            f"date-day-monthname-year-{language}": _lazily("da", f"{_DANISH}[^0-9]*{_YEAR}", re.IGNORECASE),
            f"date-monthname-year-{language}": _lazily("da", f"{_DANISH_MONTH}[^0-9]*{_YEAR}", re.IGNORECASE),
        }  # fmt: skip
    return found


def fifth() -> dict[str, Transform]:
    """What registry 5 adds to registry 4: Welsh."""
    return _by_language("cy")


# --- other calendars and scripts -----------------------------------------------------------------

_ROMAN: Final = {
    numeral: number
    for number, numeral in enumerate(
        ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"], 1
    )
}


def _roman(pattern: str) -> Transform:
    numerals = {
        form: number for numeral, number in _ROMAN.items() for form in (numeral, numeral.upper())
    }
    return _named("en", pattern, numbers=numerals)


#: The year before the first of each era.
_ERAS: Final = {"令和": 2018, "令": 2018, "平成": 1988, "平": 1988, "昭和": 1925, "昭": 1925,
                "大正": 1911, "大": 1911, "明治": 1867, "明": 1867}  # fmt: skip


def _era(*, with_day: bool) -> Transform:
    day = rf"{_DAY}\s*日\s*" if with_day else ""
    shape = re.compile(
        rf"\s*(?P<era>{'|'.join(_ERAS)})\s*(?P<y>[0-9]{{1,2}}|元)\s*年\s*{_MONTH}\s*月\s*{day}"
    )

    def transform(text: str) -> str:
        match = _matched(shape, text.translate(_FULL_WIDTH))
        year = str(_ERAS[match["era"]] + (1 if match["y"] == "元" else int(match["y"])))
        month = int(match["m"])
        return _day(year, month, match["d"]) if with_day else _year_month(year, month)

    return transform


_HINDI_YEAR: Final = "(?P<y>[0-9]{4}|[0-9]{2}|[०-९]{4}|[०-९]{2})"


def _hindi_day(*, named_only: bool) -> Transform:
    """Day, month and year in Hindi; registry 3 takes Devanagari digits for the month too."""

    @cache
    def shape() -> re.Pattern[str]:
        months = "|".join([*names("hi"), *([] if named_only else ["[०-९]{1,2}"])])
        return re.compile(
            rf"{_BLANK}(?P<d>[0-9]{{1,2}}|[०-९]{{1,2}})[^0-9०-९]+(?P<m>{months})[^0-9०-९]+{_HINDI_YEAR}{_BLANK}"
        )

    def transform(text: str) -> str:
        match = _matched(shape(), text)
        day, month, year = (match[part].translate(_DEVANAGARI) for part in "dmy")
        return _day(_full_year(year), names("hi").get(month) or int(month), day)

    return transform


def _hindi_month(text: str) -> str:
    spelled = names("hi")
    match = _matched(_hindi_month_shape(), text)
    return _year_month(_full_year(match["y"].translate(_DEVANAGARI)), spelled[match["m"]])


@cache
def _hindi_month_shape() -> re.Pattern[str]:
    return re.compile(rf"{_BLANK}(?P<m>{'|'.join(names('hi'))})[^0-9०-९]+{_HINDI_YEAR}{_BLANK}")


#: What tells each month of the Indian national calendar, in Devanagari and in its Latin spellings.
_SAKA_MONTHS: Final = (
    r"(C\S*ait|चैत्र)|(Vai|वैशाख|बैसाख)|(Jy|ज्येष्ठ)|(dha|ḍha|आषाढ|आषाढ़)|(vana|Śrāvaṇa|श्रावण|सावन)|"
    r"(Bh\S+dra|Proṣṭhapada|भाद्रपद|भादो)|(in|आश्विन)|(K\S+rti|कार्तिक)|(M\S+rga|Agra|मार्गशीर्ष|अगहन)|"
    r"(Pau|पौष)|(M\S+gh|माघ)|(Ph\S+lg|फाल्गुन)"
)
#: Gregorian month and day on which each month begins; the last two begin in the next Gregorian year.
_SAKA_STARTS: Final = ((3, 22), (4, 21), (5, 22), (6, 22), (7, 23), (8, 23), (9, 23), (10, 23), (11, 22), (12, 22), (1, 21), (2, 20))  # fmt: skip
_SAKA_OFFSET: Final = 78
_FIRST_MONTH_OF_NEXT_YEAR: Final = 11


def _saka(text: str) -> str:
    match = _matched(_saka_shape(), text)
    month = next(number for number in range(1, _MONTHS + 1) if match[number + 1])
    day, year = int(match["d"].translate(_DEVANAGARI)), match["y"].translate(_DEVANAGARI)
    if len(year) == 2:  # noqa: PLR2004 - two digits
        is_past = year > "21" or (year == "21" and month >= 10 and day >= 11)  # noqa: PLR2004 - the registry's turn of the century
        year = ("19" if is_past else "20") + year
    return saka_to_gregorian(int(year), month, day).isoformat()


@cache
def _saka_shape() -> re.Pattern[str]:
    """Group 1 is the day, 2 to 13 the months."""
    return re.compile(
        rf"{_BLANK}(?P<d>[0-9]{{1,2}}|[०-९]{{1,2}})[^0-9०-९]+(?:{_SAKA_MONTHS})[^0-9०-९]+"
        rf"{_HINDI_YEAR}{_BLANK}"
    )


def saka_to_gregorian(year: int, month: int, day: int) -> date:
    """A day of the Indian national calendar.

    Raises:
        ValueError: there is no such day.
    """
    begins = year + _SAKA_OFFSET
    leap = begins % 4 == 0 and (begins % 100 != 0 or begins % 400 == 0)
    length = 31 if 2 <= month <= 6 or (month == 1 and leap) else 30  # noqa: PLR2004 - months of the calendar
    if not 1 <= day <= length:
        raise ValueError(f"{year}-{month}-{day}")
    start_month, start_day = _SAKA_STARTS[month - 1]
    if month == 1 and leap:
        start_day -= 1
    start = date(begins + (month >= _FIRST_MONTH_OF_NEXT_YEAR), start_month, start_day)
    return date.fromordinal(start.toordinal() + day - 1)

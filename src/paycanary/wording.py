"""Numbers, dates and words as people read them, in Korean and English."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from paycanary.errors import DateError

if TYPE_CHECKING:
    from paycanary.errors import Lang

_EOK: Final = 100_000_000
#: Characters of a wrong date that are said back.
_LONGEST: Final = 80
_JO: Final = 10_000 * _EOK
#: What would be rounded to nothing.
_LEAST_SHARE: Final = 0.0005
_CURRENCY: Final = {"KRW": ("원", "won")}
_UNITS: Final[dict[str, tuple[str, str, str]]] = {
    # unit: Korean, English singular, English plural
    "persons": ("명", " person", " people"),
    "shares": ("주", " share", " shares"),
    "days": ("일", " day", " days"),
    "months": ("개월", " month", " months"),
    "years": ("년", " year", " years"),
    "firms": ("곳", " firm", " firms"),
    "times": ("번", " time", " times"),
    "ratio": ("배", "x", "x"),
    "percent": ("%", "%", "%"),
    "none": ("", "", ""),
}
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "disclaimer": ("의견거절", "disclaimer of opinion"),
    "adverse": ("부적정의견", "adverse opinion"),
    "qualified": ("한정의견", "qualified opinion"),
    "unqualified": ("적정의견", "unqualified opinion"),
    "none": ("의견 없음", "no opinion"),
    "nothing_stated": ("찾는 종류의 말 없음", "nothing of the kinds that are looked for"),
    "distress": ("부실 사유", "distress"),
    "merger": ("합병·완전자회사화", "merger or full acquisition"),
    "transfer": ("이전상장", "transfer to another market"),
    "voluntary": ("자진 신청", "voluntary application"),
    "expiry": ("기간 만료", "expiry"),
    "not_published": ("사유 미공개", "reason not published"),
    "other": ("그 밖의 사유", "another reason"),
    "registered": ("등록", "registered"),
    "withdrawn": ("탈퇴", "withdrawn"),
    "listed": ("명단공개 대상", "on the list"),
    "not_listed": ("명단에 없음", "not on the list"),
    "default": ("부도", "default"),
    "applied": ("회생절차 개시신청", "application for rehabilitation"),
    "ended": ("종결", "ended"),
    "refused": ("기각·취하", "refused or withdrawn"),
    "creditor_management": ("채권은행 등의 관리", "management by creditor banks"),
    "bankruptcy": ("파산", "bankruptcy"),
    "all": ("영업 전부", "all of the business"),
    "part": ("영업 일부", "part of the business"),
    "extension": ("보고서 제출기한 연장신고", "extension of the term for a report"),
    "audit_delay": ("감사보고서 제출 지연", "delay of the audit report"),
    "reached": ("도달", "reached"),
    "continuing": ("계속사업자", "in business"),
    "suspended": ("휴업자", "suspended"),
    "closed": ("폐업자", "closed"),
    "unregistered": ("등록되지 않은 번호", "not registered"),
    "industry_region": (
        "같은 업종·지역·규모의 회사",
        "companies of the same trade, province and size",
    ),
    "industry": ("같은 업종·규모의 회사", "companies of the same trade and size"),
    "size": ("같은 규모의 회사", "companies of the same size"),
}


def number(value: float, digits: int = 1) -> str:
    """Thousands separated, at most ``digits`` decimals, none where they are zero; a real minus sign."""
    text = f"{abs(value):,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text.strip("0.,") else text


def threshold(name: str, value: float, digits: int = 2) -> str:
    """A threshold's value as `number` writes it; a calendar year, which a name in ``_year`` tells of, as years are written."""
    return f"{value:.0f}" if name.endswith("_year") else number(value, digits)


def money(value: float, currency: str, lang: Lang) -> str:
    """An amount: ``−1,277억 원``, ``1조 2,346억 원``; ``−127.7bn won``, ``3.64m won``.

    A few millions are wages, of which two a few percent apart have to read apart: three digits, as Korean shows in 만.
    """
    sign = "−" if value < 0 else ""
    size = abs(value)
    if lang == "en":
        name = _CURRENCY.get(currency, (currency, currency))[1]
        for limit, suffix in ((1e12, "tn"), (1e9, "bn"), (1e6, "m")):
            if size >= limit * 0.9995:
                digits = 2 if limit == 1e12 or size < 1e7 else 1  # noqa: PLR2004 - trillions get a second decimal too
                return f"{sign}{number(size / limit, digits)}{suffix} {name}"
        return f"{sign}{number(size, 0)} {name}"
    name = _CURRENCY.get(currency, (currency, currency))[0]
    if size >= 10 * _EOK:
        jo, eok = divmod(round(size / _EOK), _JO // _EOK)
        parts = [f"{jo:,}조"] if jo else []
        if eok or not jo:
            parts.append(f"{eok:,}억")
        return f"{sign}{' '.join(parts)} {name}"
    if size >= _EOK:
        return f"{sign}{number(size / _EOK, 1)}억 {name}"
    if size >= 10_000:  # noqa: PLR2004 - 만
        return f"{sign}{number(size / 10_000, 0)}만 {name}"
    return f"{sign}{number(size, 0)}{name}"


def quantity(value: float, unit: str | None, lang: Lang) -> str:
    """A value with its unit; currencies are known by their three capitals."""
    if unit is None:
        return number(value)
    if unit == "krw":
        unit = "KRW"
    if len(unit) == 3 and unit.isupper():  # noqa: PLR2004 - ISO 4217
        return money(value, unit, lang)
    korean, one, many = _UNITS.get(unit, (f" {unit}", f" {unit}", f" {unit}"))
    digits = 0 if unit in ("persons", "shares", "times", "years", "days", "firms") else 1
    if unit == "ratio":
        digits = 2
    text = number(value, digits)
    if lang == "ko":
        return text + korean
    return text + (one if text == "1" else many)


def word(text: str, lang: Lang) -> str:
    """A coded word (an opinion, a class of reasons) in the reader's language; other text as it is."""
    pair = _WORDS.get(text)
    return text if pair is None else pair[0 if lang == "ko" else 1]


def percent(share: float, lang: Lang) -> str:
    """A share in percent: one decimal below ten percent, none above; ``1.4%``, in English ``1.4 %``. What is not 0 never reads 0."""
    if 0 < share < _LEAST_SHARE:
        return {"ko": "0.1% 미만", "en": "under 0.1 %"}[lang]
    text = number(100 * share, 1 if abs(share) < 0.1 else 0)  # noqa: PLR2004 - ten percent
    return f"{text}%" if lang == "ko" else f"{text} %"


def month(day: date, lang: Lang) -> str:
    """``2025.12`` in Korean, ``2025-12`` in English."""
    return f"{day.year}.{day.month:02}" if lang == "ko" else f"{day.year}-{day.month:02}"


def today() -> date:
    """The day on which a question is asked, in Korea."""
    return korean_day(datetime.now(UTC))


def korean_day(moment: datetime) -> date:
    """The day of a moment in Korea, where verdicts have their days."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - help and completion need no clock

    return moment.astimezone(ZoneInfo("Asia/Seoul")).date()


def parse_day(text: str | None, name: str) -> date:
    """A day given as ``2022-12-31``, ``2022.12.31`` or ``20221231``; today when None. ``name`` is what errors call it.

    Raises:
        DateError: no such day, or a day to come.
    """
    if text is None:
        return today()
    match = re.fullmatch(r"\s*(\d{4})[-./ ]?(\d{1,2})[-./ ]?(\d{1,2})\s*", text, re.ASCII)
    try:
        day = date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        day = None
    if day is None:
        shown = text[:_LONGEST]
        raise DateError(
            {
                "ko": f"{name} {shown}: 없는 날짜입니다.",
                "en": f"{name} {shown}: there is no such date.",
            },
            {"ko": "2022-12-31 처럼 쓰세요.", "en": "Write it like 2022-12-31."},
        )
    if day > today():
        raise DateError(
            {
                "ko": f"{name} {text}: 아직 오지 않은 날입니다.",
                "en": f"{name} {text}: that day is still to come.",
            },
            {"ko": f"{today()} 이전의 날짜를 쓰세요.", "en": f"Give a date up to {today()}."},
        )
    return day

"""A finding's figures put into the sentences of ``wording/``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final, Self

from paycanary.wording import month, quantity, word

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.signals.catalog import Signal
    from paycanary.signals.engine import Answer, Cited


class _Shown(str):
    """A figure as text, with its parts reachable from a template: ``{cash}``, ``{cash.value}``, ``{cash.period}``.

    ``{cash.day}`` is the period's last day in full, ``{cash.published}`` the day from which the figure was public.
    """

    __slots__ = ("day", "period", "published", "value")

    def __new__(cls, value: str, period: str, day: str, published: str) -> Self:
        shown = super().__new__(cls, value)
        shown.value = value
        shown.period = period
        shown.day = day
        shown.published = published
        return shown

    value: str
    period: str
    day: str
    published: str


_MISSING: Final = {"ko": "자료 없음", "en": "not filed"}


class _Names(dict[str, Any]):
    """Template names; one that a finding does not have is said to be missing, never guessed."""

    def __init__(self, lang: Lang) -> None:
        super().__init__()
        self.missing = _MISSING[lang]

    def __missing__(self, key: str) -> _Shown:
        return _Shown(self.missing, self.missing, self.missing, self.missing)


def fill(
    template: str, answer: Answer, signal: Signal, values: dict[str, float], lang: Lang
) -> str:
    """A sentence of ``wording/`` with a finding's figures in it."""
    names = _Names(lang)
    for name, value in values.items():
        names[name] = quantity(value, "none", lang)
    dated = sorted(answer.figures, key=lambda f: f.period_end or date.min)
    for figure in dated:
        names[figure.concept] = _show(figure, lang)
    if dated:
        names["first"], names["last"] = _show(dated[0], lang), _show(dated[-1], lang)
    names["count"] = str(len(dated))
    if answer.measure is not None:
        names["measure"] = quantity(answer.measure, signal.unit, lang)
    return template.format_map(names)


def _show(figure: Cited, lang: Lang) -> _Shown:
    if figure.text is not None:
        value = word(figure.text, lang)
    elif figure.value is not None:
        value = quantity(figure.value, figure.unit, lang)
    else:
        value = _MISSING[lang]
    day = figure.period_end
    return _Shown(
        value,
        month(day, lang) if day else _MISSING[lang],
        day.isoformat() if day else _MISSING[lang],
        figure.published_on.isoformat(),
    )

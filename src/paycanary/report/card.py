"""The picture that stands beside a shared link: name, sentence, level in words, day. 1200 x 630."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import pylopdf_fonts_ko
import vl_convert
from jinja2 import Environment, StrictUndefined, Template

from paycanary.report.names import LEVELS, MARKS, UNFIT
from paycanary.resources import read_text, read_yaml

if TYPE_CHECKING:
    from paycanary.models import Verdict

#: Between the margins.
_WIDTH: Final = 1056
_BADGE_SIZE: Final = 30
_COLOURS: Final = {"danger": ("#a3201b", "#fbeae8"), "watch": ("#7d4f00", "#fdf1d8"), "good": ("#1c633c", "#e5f3ea"), "unknown": ("#545b64", "#eceae5")}  # fmt: skip


def card_png(verdict: Verdict) -> bytes:
    """The card of a verdict, in its language."""
    _register()
    return vl_convert.svg_to_png(card_svg(verdict), scale=1)


def card_svg(verdict: Verdict) -> str:
    """The drawing that `card_png` turns into a picture."""
    lang, level = verdict.lang, verdict.level
    said = read_yaml("report", "words", f"card.{lang}.yaml")
    name = UNFIT.sub("", verdict.company.name)
    sentence = UNFIT.sub("", verdict.sentence)
    name_size = next((s for s in (72, 60, 48, 38) if width(name, s) <= _WIDTH), 38)
    badge = said["badge"].format(mark=MARKS[level], level=LEVELS[lang][level])
    size, lines = _fit(sentence.removeprefix(f"{name}:").strip())
    colour, tint = _COLOURS[level]
    return _template().render(
        name=wrap(name, name_size, 1)[0],
        name_size=name_size,
        name_y=122,
        badge=badge,
        badge_y=162,
        badge_width=round(width(badge, _BADGE_SIZE)) + 52,
        colour=colour,
        tint=tint,
        lines=lines,
        lines_y=222 + 62,
        line_height=round(size * 1.45),
        size=size,
        dated=said["dated"].format(day=verdict.as_of),
        note=said["note"],
    )


def wrap(text: str, size: float, most: int) -> list[str]:
    """Lines no wider than the card, broken between words, within a word that is wider; at most so many, the last with ``…``."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width(longer, size) <= _WIDTH:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while width(line, size) > _WIDTH:
            end = _room(line, size)
            lines.append(line[:end])
            line = line[end:]
    lines.append(line)
    if len(lines) > most:
        last = lines[most - 1]
        while width(f"{last}…", size) > _WIDTH:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last.rstrip()}…"]
    return lines


def width(text: str, size: float) -> float:
    """How wide text is in Noto Sans KR, never less than it is: by classes of characters."""
    return size * sum(_em(c) for c in text)


def _em(character: str) -> float:
    if character in " .,:;'|!iIjl()[]/·-":
        return 0.38
    if "0" <= character <= "9":
        return 0.56
    if character in "mwMW%@—":
        return 0.95
    if character.isascii():
        return 0.7 if character.isupper() else 0.6
    return 0.92 if "가" <= character <= "힣" else 1.0


def _room(text: str, size: float) -> int:
    end = 1
    while width(text[: end + 1], size) <= _WIDTH:
        end += 1
    return end


def _fit(sentence: str) -> tuple[int, list[str]]:
    """The largest letters in which the sentence has room, and its lines."""
    for size, most in ((44, 4), (38, 5), (32, 5)):
        lines = wrap(sentence, size, 99)
        if len(lines) <= most:
            return size, lines
    return 32, wrap(sentence, 32, 5)


@cache
def _template() -> Template:
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return made.from_string(read_text("report", "card.svg"))


@cache
def _register() -> None:
    """Tell the drawing library of the font that a dependency carries; once a process."""
    vl_convert.register_font_directory(str(pylopdf_fonts_ko.sans_path().parent))

"""What a text says, for a terminal or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from paycanary.documents.words import WordsReading, WordsSentence
from paycanary.resources import read_yaml
from paycanary.text.reading import SURE

if TYPE_CHECKING:
    from rich.console import Console

    from paycanary.errors import Lang
    from paycanary.text.reading import Sentence, Words

_WORDS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {
        "head": "{source}: 문장 {n:,}개", "none": "찾는 종류의 말이 없습니다.", "found": "있는 말: {}", "maybe": "확실하지 않음", "said": "{kind} {chance:.0%}",
        "unread": "읽지 못한 문장 {n:,}개: 글자가 없거나 한국어·영어가 아닙니다.", "quiet": "해당 없는 문장 {n:,}개: --all",
        "note": "글을 읽은 것이지 회사를 판단한 것이 아닙니다. 모형 {version}.",
    },
    "en": {
        "head": "{source}: {n:,} sentence{s}", "none": "No statement of the kinds that are looked for.", "found": "Stated: {}", "maybe": "not sure", "said": "{kind} {chance:.0%}",
        "unread": "{n:,} sentence{s} could not be read: no letters, or neither Korean nor English.", "quiet": "{n:,} sentence{s} with none: --all",
        "note": "The text was read; no company was judged. Model {version}.",
    },
}  # fmt: skip
_STYLE: Final = {"stated": "bold", "unsure": "yellow", "none": "dim", "unread": "dim"}


def kind_name(kind: str, lang: Lang) -> str:
    """A kind as people read it."""
    name: str = read_yaml("text", "kinds.yaml")[kind][lang]
    return name


def show(console: Console, words: Words, source: str, lang: Lang, *, every: bool) -> None:
    """Print what is stated first, then the sentences that say so."""
    say = _WORDS[lang]
    console.print(Text(_counted(say["head"], len(words.sentences), source=source), style="dim"))
    stated = words.stated
    names = ", ".join(kind_name(kind, lang) for kind in stated)
    console.print(Text(say["found"].format(names) if stated else say["none"], style="bold"))
    for sentence in words.sentences:
        if every or sentence.state in {"stated", "unsure"}:
            console.print(_line(sentence, lang))
    quiet = sum(s.state == "none" for s in words.sentences)
    unread = sum(s.state == "unread" for s in words.sentences)
    if quiet and not every:
        console.print(Text(_counted(say["quiet"], quiet), style="dim"))
    if unread:
        console.print(Text(_counted(say["unread"], unread), style="yellow"))
    console.print(Text(say["note"].format(version=words.version), style="dim"))


def _counted(template: str, n: int, **more: str) -> str:
    return template.format(n=n, s="" if n == 1 else "s", **more)


def document(words: Words, source: str) -> WordsReading:
    """The published form."""
    return WordsReading(
        source=source,
        model=words.version,
        stated={kind: words.sentences.index(s) for kind, s in words.stated.items()},
        sentences=[
            WordsSentence(
                text=s.piece.text, start=s.piece.start, end=s.piece.end, state=s.state, confidence=_rounded(s.confidence),
                kinds={kind: round(chance, 4) for kind, chance in s.kinds.items()},
            )
            for s in words.sentences
        ],
    )  # fmt: skip


def _rounded(chance: float | None) -> float | None:
    return None if chance is None else round(chance, 4)


def _line(sentence: Sentence, lang: Lang) -> Text:
    say = _WORDS[lang]
    told = [
        say["said"].format(kind=kind_name(kind, lang), chance=chance)
        + ("" if chance >= SURE else f" ({say['maybe']})")
        for kind, chance in sentence.kinds.items()
    ]
    line = Text("  ")
    line.append(f"[{' · '.join(told) or '–'}] ", style="cyan" if sentence.state == "stated" else _STYLE[sentence.state])  # fmt: skip
    line.append(" ".join(sentence.piece.text.split()), style=_STYLE[sentence.state])
    return line

"""A verdict as the levels that are kept and compared: signal -> level, words in both languages, cited figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from paycanary.models import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paycanary.errors import Lang
    from paycanary.models import Figure, Unknown, Verdict

#: Under this name stands the verdict's own level; no signal bears it.
WHOLE: Final = "verdict"
_TITLES: Final[dict[Lang, str]] = {"ko": "종합", "en": "Overall"}

Levels = dict[str, dict[str, Any]]


def levels_of(verdicts: Mapping[Lang, Verdict]) -> Levels:
    """Levels by signal, from the same verdict in both languages. Corrections are no part of them."""
    plain = verdicts["ko"]
    found: Levels = {
        WHOLE: {
            "level": plain.level,
            "title": dict(_TITLES),
            "sentence": {lang: v.sentence for lang, v in verdicts.items()},
            "figures": _figures([f for finding in _grave(plain) for f in finding.figures]),
        }
    }
    told = {lang: _by_signal(v) for lang, v in verdicts.items()}
    for signal, answer in told["ko"].items():
        both = {lang: by_signal[signal] for lang, by_signal in told.items()}
        found[signal] = {
            "level": answer.level if isinstance(answer, Finding) else "unknown",
            "title": {lang: one.title for lang, one in both.items()},
            "sentence": {lang: _sentence(one) for lang, one in both.items()},
            "figures": _figures(answer.figures),
        }
    return found


def changed(before: Levels, after: Levels) -> list[str]:
    """Signals whose level differs, the verdict itself first. A signal not asked before has nothing to differ from."""
    differ = [s for s in after if s in before and before[s]["level"] != after[s]["level"]]
    return sorted(differ, key=lambda s: (s != WHOLE, s))


def _by_signal(verdict: Verdict) -> dict[str, Finding | Unknown]:
    return {f.signal: f for f in verdict.findings} | {u.what: u for u in verdict.unknown}


def _sentence(answer: Finding | Unknown) -> str:
    return answer.sentence if isinstance(answer, Finding) else answer.explanation


def _grave(verdict: Verdict) -> list[Finding]:
    """The findings that a verdict's level and sentence rest on."""
    return [f for f in verdict.findings if f.level in ("danger", "watch")]


def _figures(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    return [f.model_dump(mode="json") for f in figures]

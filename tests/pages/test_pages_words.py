"""Words of the pages: the same in both languages, none missing, none that nobody says."""

from __future__ import annotations

import re
from importlib.resources import files
from string import Formatter
from typing import Any

import pytest

from paycanary.report import series
from paycanary.resources import read_yaml
from paycanary.signals import catalog
from paycanary.web.pages import words

pytestmark = pytest.mark.quick
_TEMPLATES = files("paycanary") / "web" / "templates"


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _flat(words: dict[str, Any], place: str = "") -> dict[str, str]:
    """Words of words, such as a name and a hint, by the place where they stand."""
    found: dict[str, str] = {}
    for key, text in words.items():
        assert isinstance(key, str), f"{place}{key}: YAML takes this word for something else"
        found |= _flat(text, f"{place}{key}.") if isinstance(text, dict) else {place + key: text}
    return found


@pytest.mark.parametrize("folder", ["web", "report"])
def test_languages_have_the_same_words(folder: str) -> None:
    names = {f.name.rsplit(".", 2)[0] for f in (files("paycanary") / folder / "words").iterdir()}
    assert names
    for name in names:
        korean, english = (_flat(read_yaml(folder, "words", f"{name}.{lang}.yaml")) for lang in ("ko", "en"))  # fmt: skip
        assert korean.keys() == english.keys(), name
        for key in korean:
            assert _placeholders(korean[key]) == _placeholders(english[key]), f"{name}.{key}"
            assert korean[key].strip(), key
            assert english[key].strip(), key


def test_templates_say_words_that_are_there() -> None:
    known = words("ko")
    missing = set()
    for template in _all_templates():
        text = template.read_text(encoding="utf-8")
        for key, more in re.findall(r"""\bt\("([a-z_0-9]+\.[a-z_0-9]+)"\s*(~)?""", text):
            is_there = any(k.startswith(key) for k in known) if more else key in known
            if not is_there:
                missing.add(f"{template.name}: {key}")
    assert missing == set()


def test_every_threshold_and_signal_is_explained() -> None:
    for lang in ("ko", "en"):
        known = words(lang)
        names = {n for s in catalog.signals().values() for n in s.thresholds} | set(catalog.whole())
        assert {k.removeprefix("threshold.") for k in known if k.startswith("threshold.")} == names
        explained = {k.removeprefix("how.") for k in known if k.startswith("how.")}
        assert explained == set(catalog.signals())
        needs = {f"explain.needs_{s.needs}" for s in catalog.signals().values()}
        assert needs <= known.keys()


def test_korean_is_korean_and_english_is_not() -> None:
    for key, text in words("ko").items():
        assert re.search("[가-힣]", text) or key.split(".")[1] in ("name", "version", "other_language") or not re.search("[a-z]{4}", text), key  # fmt: skip
    english = {k: t for k, t in words("en").items() if re.search("[가-힣]", t)}
    assert {k for k in english if "ㅅㅂㅌㄱ" not in english[k]} <= {"base.other_language"}
    assert not any(re.search("[가-힣]", text) for text in series.words("en").values())


def _all_templates() -> list:  # type: ignore[type-arg]
    found = []
    for entry in _TEMPLATES.iterdir():
        found += list(entry.iterdir()) if entry.is_dir() else [entry]
    return found

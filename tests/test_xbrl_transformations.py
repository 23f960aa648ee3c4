"""Our transformations against Arelle's: every function of the five registries, on words made to fit, nearly fit or not fit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycanary.filings.xbrl import transformations
from paycanary.filings.xbrl.transformations_dates import names

pytest.importorskip("arelle")
from benchmarks.xbrl_words import (
    DIFFERENCES,
    LANGUAGES,
    SEC_FUNCTIONS,
    compare,
    explain,
    ours,
    registries,
    theirs,
)

REGISTRIES = registries()
FUNCTIONS = sorted((namespace, name) for namespace, found in REGISTRIES.items() for name in found)


def test_every_function_of_every_registry_is_here() -> None:
    assert len(FUNCTIONS) == 24 + 24 + 21 + 31 + 95 + 101 + 101
    missing = [(n, f) for n, f in FUNCTIONS if transformations.find(n, f) is None]
    assert not missing


# --- words to try --------------------------------------------------------------------------------

digits = st.text("0123456789", min_size=1, max_size=5)
grouped = st.builds(
    lambda mark, parts, point, rest: mark.join(parts) + (point + rest if rest else ""),
    st.sampled_from(["", ",", ".", " ", "\u00a0", "'", "’"]),
    st.lists(st.text("0123456789", min_size=1, max_size=3), min_size=1, max_size=4),
    st.sampled_from([".", ",", ""]),
    st.text("0123456789", max_size=3),
)
month = st.sampled_from(LANGUAGES).flatmap(
    lambda language: st.sampled_from(sorted(names(language)))
)
roman = st.sampled_from(
    [
        "i",
        "ii",
        "iii",
        "iv",
        "v",
        "vi",
        "vii",
        "viii",
        "ix",
        "x",
        "xi",
        "xii",
        "I",
        "IV",
        "V",
        "IX",
        "X",
        "XI",
        "XII",
        "XIII",
        "iix",
    ]
)
saka = st.sampled_from(["Chaitra", "Vaisakha", "Jyaistha", "Asadha", "Sravana", "Bhadra", "Asvina", "Kartika", "Agrahayana", "Pausa", "Magha", "Phalguna", "चैत्र", "पौष"])  # fmt: skip
number = st.one_of(
    st.integers(0, 40).map(str),
    st.integers(1, 31).map(lambda day: f"{day:02}"),
    st.integers(1, 2100).map(str),
    st.sampled_from(["२०१७", "०२", "१२", "２０２０", "１", "元", "2019", "99"]),
)
gap = st.sampled_from(
    [
        " ",
        "  ",
        ". ",
        ", ",
        "/",
        ".",
        "-",
        " of ",
        "th ",
        "年",
        "月",
        "日",
        " 年 ",
        "nd",
        "",
        " év ",
    ]
)
piece = st.one_of(
    number, month, roman, saka, st.sampled_from(["平成", "令和", "昭", "1st", "dollars", "cents"])
)
dated = st.lists(st.tuples(piece, gap), min_size=1, max_size=4).map(
    lambda parts: "".join(p + g for p, g in parts)
)
era = st.builds(lambda e, y, m, d: f"{e}{y}年{m}月{d}日", st.sampled_from(["平成", "令和", "昭和", "大", "明治"]), st.integers(1, 64), st.integers(0, 13), st.integers(0, 32))  # fmt: skip
amount = st.builds(lambda a, b, c, d: f"{a}{b}{c}{d}", grouped, st.sampled_from([" dollars ", "€ ", "円", " rupees "]), st.integers(0, 120), st.sampled_from(["", " cents", "銭"]))  # fmt: skip
text = st.one_of(
    grouped,
    dated,
    era,
    amount,
    digits,
    st.sampled_from(["-", "–", "—", " - ", "", "0", "Yes", "☒", "०", "."]),
)


shaped = st.builds(
    lambda shape, d, m, y, a, b: shape.format(d=d, m=m, y=y, a=a, b=b),
    st.sampled_from(["{d}{a}{m}{b}{y}", "{d}{a}{m}", "{m}{a}{y}", "{m}{a}{d}{b}{y}", "{m}{a}{d}", "{y}{a}{m}", "{y}{a}{m}{b}{d}", "{y}{a}{d}{b}{m}", " {d}{a}{m}{b}{y} "]),
    number, st.one_of(month, month, number, roman, saka), number, gap, gap,
)  # fmt: skip


@given(shown=st.one_of(text, shaped))
@settings(max_examples=1500, deadline=None)
def test_words_become_what_arelle_makes_of_them(shown: str) -> None:
    shown = " ".join(shown.split(" "))
    for namespace, name in FUNCTIONS:
        left, right = ours(namespace, name, shown), theirs(REGISTRIES[namespace][name], shown)
        if left != right and explain(name, shown, right) is None:
            pytest.fail(f"{namespace[-10:]} {name}({shown!r}): ours {left!r}, Arelle's {right!r}")


def test_words_made_for_each_function_differ_only_as_the_page_says() -> None:
    found = compare()
    assert found.functions == len(FUNCTIONS)
    assert found.same > found.tried / 20
    assert set(found.differ) <= set(DIFFERENCES), found.examples


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("date-monthname-year-cs", "ledna19"),
        ("date-monthname-year-cs", "lednath 19"),
        ("numunitdecimalin", "6 rupees １"),
    ],
)
def test_what_the_registries_do_not_allow_is_refused(name: str, shown: str) -> None:
    namespaces = [namespace for namespace, found in REGISTRIES.items() if name in found]
    assert namespaces
    assert {ours(namespace, name, shown) for namespace in namespaces} == {None}


def test_functions_of_the_sec_that_are_not_applied_are_two() -> None:
    sec = transformations.SEC
    missing = [name for name in SEC_FUNCTIONS if transformations.find(sec, name) is None]
    assert missing == ["countrynameen", "edgarprovcountryen"]

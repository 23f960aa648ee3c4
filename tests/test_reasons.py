"""Reasons why something could not be used: each that is ever given has its meaning in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import paycanary
from paycanary.filings.reasons import READ, REJECTED, meaning
from tests.stored import DELISTED

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from tests.command import Run

FOLDER: Final = Path(paycanary.__file__).parent / "filings"
HANGUL: Final = re.compile("[가-힣]")
#: How SQL gives a reason: a CASE that is called so, a literal, an update.
IN_SQL: Final = re.compile(r"CASE(?:(?!\bEND AS\b|;).)*END AS reason|'[a-z_]+' AS reason|reason = '[a-z_]+'", re.DOTALL)  # fmt: skip
A_SQL_CODE: Final = re.compile(r"(?:THEN|ELSE) '([a-z_]+)'|^'([a-z_]+)' AS|reason = '([a-z_]+)'")
#: How Python does: a fault, a refusal, a second argument of an error, a pair.
IN_PYTHON: Final = re.compile(
    r"""(?:[Ff]ault|_Refused)\(\s*"([a-z_]+)"|_faulty\(name, guess, "([a-z_]+)"|problem ?= ?"([a-z_]+)"|(?:problems|refused)\.append\(\(?"([a-z_]+)"|"""
    r"""ValueError\([^()]*, "([a-z_]+)"\s*\)|ValueError\([^()]*, "([a-z_]+)" if|else "((?:bad|continuation)_[a-z]+)"|"""
    r"""\[\(\s*"([a-z_]+)",|reasons = \{"([a-z_]+)"|'([a-z_]+)' AS reason"""
)


def given() -> set[str]:
    """Codes that the sources give."""
    found: set[str] = set()
    for path in FOLDER.rglob("*.sql"):
        for part in IN_SQL.findall(path.read_text(encoding="utf-8")):
            found |= {"".join(code) for code in A_SQL_CODE.findall(part)}
    for path in FOLDER.rglob("*.py"):
        found |= {"".join(code) for code in IN_PYTHON.findall(path.read_text(encoding="utf-8"))}
    return found


@pytest.mark.quick
def test_every_reason_that_is_given_has_a_meaning() -> None:
    found = given()
    # The looking itself works: codes of each way in which one is given.
    assert {"no_company", "bad_columns", "repeated_row", "too_large", "bad_fraction", "missing_continuation", "continuation_cycle", "not_xml", "unreadable_document"} <= found  # fmt: skip
    assert found - {*REJECTED, *READ} == set()


@pytest.mark.quick
def test_every_meaning_is_in_both_languages() -> None:
    assert not REJECTED.keys() & READ.keys()
    for code, said in (REJECTED | READ).items():
        assert set(said) == {"ko", "en"}, code
        # JSON, XML and the like are the same word in both.
        assert HANGUL.search(said["ko"]), code
        assert not HANGUL.search(said["en"]), code
        assert code not in said.values()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_code_of_another_version_is_shown_as_it_is(lang: Lang) -> None:
    assert meaning("of_another_version", lang) == "of_another_version"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_status_explains_in_the_language_that_was_asked(
    run: Run, tmp_path: Path, lang: Lang
) -> None:
    path = tmp_path / "krx.csv"
    row = "990020,나다전자,KOSDAQ,주권,보통주,2025-13-40,감사의견 거절\n"
    path.write_text(DELISTED + row, encoding="utf-8")
    run.ok("refresh", "krx", "--from", path)
    assert REJECTED["bad_date"][lang] in run.ok("status", "--lang", lang)
    (rejected,) = run.json("status", "--lang", lang)["rejected"]
    assert (rejected["reason"], rejected["explanation"]) == ("bad_date", REJECTED["bad_date"][lang])

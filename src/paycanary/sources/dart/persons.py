"""Names of people in the free text of reports of material facts: masked before a row leaves the client.

Who demands, resigns or embezzles stands in such a text at times ("채권자 ○○○의 신청"). A name has no sign of its own, so a word in
the place of a name goes too where it is not plainly something else: a reason that lost a word is better than a person kept.
"""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "○○○"
_TITLES: Final = (
    r"(?:채권자|채무자|신청인|원고|피고|대표이사|이사|감사|부회장|회장|부사장|사장|전무|상무|대표자|대표(?!이사)|최대주주|대주주|주주|관리인|"
    r"회계사|변호사|대리인|위원장|임원|직원|발행인|배서인|보증인|경영자)"
)
#: Words that follow a title and are no names: what it does, what it is part of, and firms.
_NO_NAME: Final = (
    r"(?!회(?![가-힣]*\s*[:：])|의견|보고서|결의|협의|집회|총회|들|등|및|또는|겸|합병|해산|파산|존립|존속|선임|해임|사임|신청(?:에|으로|을|\s|$)|"
    r"변경(?:에|으로|\s|$)|주식회사|유한회사|[가-힣]{1,8}(?:은행|법원|금고|조합|공사|공단|회사|캐피탈|증권|보험|기금))"
)
_PARTICLE: Final = r"(?:였던|이었던|인|는|은|를|을)?"
_BETWEEN: Final = r"[\s:：\-(\[\"'‘“「]*"
_NAME: Final = r"(?:[가-힣](?:\s[가-힣]){1,3}(?![가-힣])|[가-힣○*O]{2,4}|[A-Z][A-Za-z.]+(?:\s+[A-Z][A-Za-z.]+){0,3})"
_BEHIND: Final = re.compile(rf"({_TITLES}{_PARTICLE}{_BETWEEN}){_NO_NAME}{_NAME}")
#: More names after one that was masked: "○○○, 이름 및 이름".
_AND_MORE: Final = re.compile(
    rf"({MASK}\s*(?:[,·ㆍ/]|및|와|과)\s*){_NO_NAME}[가-힣○*O]{{2,4}}(?=[\s,·ㆍ/).]|$)"
)
_BEFORE: Final = re.compile(
    rf"(?:(?<![가-힣])(?:[가-힣]\s){{2}}[가-힣]|[가-힣○*O]{{2,4}})(\s*\(?\s*(?:전|前|현|現)\s*{_TITLES}|\s*\(\s*{_TITLES}|\s+{_TITLES})"
)
_ADDRESSED: Final = re.compile(r"[가-힣○*O]{2,4}(\s*(?:외\s*\d+\s*[인명]|[씨님](?![가-힣]{2})))")


def masked(text: str) -> str:
    """The text with ○○○ where a person may be named."""
    text = _BEHIND.sub(rf"\1{MASK}", text)
    text = _ADDRESSED.sub(rf"{MASK}\1", _BEFORE.sub(rf"{MASK}\1", text))
    before = ""
    while before != text:
        before, text = text, _AND_MORE.sub(rf"\1{MASK}", text)
    return text

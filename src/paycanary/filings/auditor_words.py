"""What auditors write beside their opinion -> staged kinds of statement, each with the sentence that decided.

Whole paragraphs are not kept, since they name people; of the deciding sentence what looks like a person's name is masked.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from paycanary import inference
from paycanary.text.reading import SURE, deciding
from paycanary.text.remote import reader
from paycanary.text.units import paragraphs

if TYPE_CHECKING:
    import duckdb

    from paycanary.text.reading import Reader

#: The kind of a paragraph that makes no statement of the kinds that are looked for, and of a place left empty.
NOTHING: Final = "none"
_LONGEST: Final = 300
#: Words that begin as an office does (감사의견, 이사회, 주주총회) are none.
_OFFICE: Final = (
    "대표이사|부회장|회장|부사장|사장|전무|상무|이사(?!회)|감사(?!의견|증거|보고|인|범위|절차|위원|계획)|주주(?!총회|명부)|관리인|회계사|임원|경영진|채권자|채무자"
    "|원고|피고|신청인|고소인|피고소인|고발인"
)
#: What often stands beside an office and is no name.
_NO_NAME: Final = "에|들|과의|와의|로서|으로|변경|선임|사임|해임|교체|일에|일자|자로|당시"
#: What may be a name: any two to four syllables but those. Rather too much is masked than a person shown.
_NAME: Final = rf"(?!{_NO_NAME})[가-힣]{{2,4}}"
_AFTER: Final = re.compile(
    rf"(?P<office>{_OFFICE})(?P<between>(?:였던|이었던|인|겸)?\s*[:：(]?\s*){_NAME}(?=[\s,.()·0-9]|외\s*\d|$)"
)
_BEFORE: Final = re.compile(rf"{_NAME}(?P<office>\s+(?:전|前|현)?\s*(?:{_OFFICE}))")
_COUNTED: Final = re.compile(r"[가-힣]{2,4}(?=\s*(?:외|등)\s*\d+\s*(?:인|명))")


def stage_words(con: duckdb.DuckDBPyConnection) -> None:
    """Read the words of table ``judged`` (see `opendart_accnutAdtorNmNdAdtOpinion.sql`) into ``stage_auditor_words``.

    A report's own row only: the older columns repeat what earlier reports said. Nothing is staged where the extra `text` is not
    installed and no model server is set.
    """
    is_here = all(find_spec(name) is not None for name in ("onnxruntime", "re2", "tokenizers"))
    if not is_here and inference.url() is None:
        return
    rows = con.execute(
        "SELECT DISTINCT 'dart:' || corp_code, stated_on, form = 'annual' AND NOT is_interim_term, coalesce(emphasis, ''), rcept_no, published_on "
        "FROM judged WHERE reason IS NULL AND is_kept AND lag = 0 AND opinion <> 'none' AND stated_on IS NOT NULL ORDER BY ALL"
    ).fetchall()
    texts = sorted({row[3] for row in rows if row[3]})
    told = statements(texts, reader()) if texts else {}
    staged = [
        (company, end, is_annual, kind, chance, sentence, version, filing, published)
        for company, end, is_annual, text, filing, published in rows
        for kind, chance, sentence, version in told.get(text, [(NOTHING, None, None, None)])
    ]
    if not staged:
        return
    columns = list(zip(*staged, strict=True))
    con.execute(
        """INSERT INTO stage_auditor_words BY NAME
        SELECT DISTINCT unnest($1::VARCHAR[]) AS company_id, unnest($2::DATE[]) AS period_end, unnest($3::BOOLEAN[]) AS is_annual, unnest($4::VARCHAR[]) AS kind,
            unnest($5::DOUBLE[]) AS confidence, unnest($6::VARCHAR[]) AS sentence, unnest($7::VARCHAR[]) AS model, 'opendart' AS source,
            unnest($8::VARCHAR[]) AS filing_id, unnest($9::DATE[]) AS published_on""",
        [list(column) for column in columns],
    )


def statements(
    texts: list[str], by: Reader
) -> dict[str, list[tuple[str, float | None, str | None, str | None]]]:
    """Text -> its kinds of statement: kind, probability, the deciding sentence, the model's version; ``NOTHING`` where there is none."""
    cut = [(text, paragraph) for text in texts for paragraph in paragraphs(text)]
    chances = by.probabilities([paragraph for _, paragraph in cut])
    best: dict[str, dict[str, tuple[float, str]]] = {text: {} for text in texts}
    for (text, paragraph), row in zip(cut, chances, strict=True):
        for kind, chance in zip(by.kinds, row, strict=True):
            if chance >= SURE and chance > best[text].get(kind, (0.0, ""))[0]:
                best[text][kind] = (chance, paragraph)
    return {
        text: [
            (kind, round(chance, 3), masked(deciding(paragraph, kind, by).text), by.version)
            for kind, (chance, paragraph) in found.items()
        ]
        or [(NOTHING, None, None, by.version)]
        for text, found in best.items()
    }


def masked(sentence: str) -> str:
    """A sentence on one line, at most 300 characters, without what stands where persons are named."""
    line = " ".join(sentence.split())
    line = _AFTER.sub(r"\g<office>\g<between>○○○", line)
    line = _BEFORE.sub(r"○○○\g<office>", line)
    line = _COUNTED.sub("○○○", line)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"

"""Text for pre-training: what filings and reports say, and everyday Korean, each line once.

Only what may be built upon is read: OpenDART's rows and reports (public), NSMC (CC0), ChatbotData (MIT), UK and US filings (open
licences). Of companies that test the reader nothing is read from the days on which it is tested. Sections that list persons are left out.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from typing import TYPE_CHECKING, Final

import duckdb
from lxml import etree, html

from paycanary.text.training.labelled import is_test_company, is_tested_day
from paycanary.text.units import key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Columns of `accnutAdtorNmNdAdtOpinion` that hold words.
COLUMNS: Final = ("emphs_matter", "adt_reprt_spcmnt_matter", "core_adt_matter", "adt_opinion")
_PERSONS: Final = re.compile(r"임원|직원|주주|대표이사|확인|이사회|서명|전문가")
_LETTERS: Final = re.compile(r"[가-힣]")
_LEAST: Final = 15
_LINE: Final = 60
_GATHERED: Final = 200
_ENGLISH: Final = re.compile(r"[a-z]{3}")
_ENGLISH_WORDS: Final = 10
_ENGLISH_LONGEST: Final = 1000


def lines(folder: Path) -> list[str]:
    """All lines below a folder laid out as `korea/opendart`, `korea/text` and `filings`, each once, in a fixed order."""
    seen: set[str] = set()
    kept: list[str] = []
    for source in (_opinions, _reports, _everyday, _english):
        for raw in source(folder):
            line = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", raw)).strip()
            its_key = key(line)
            if len(line) >= _LEAST and len(its_key) >= _LEAST // 2 and its_key not in seen:
                seen.add(its_key)
                kept.append(line)
    return kept


def _opinions(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("korea/opendart/market/accnutAdtorNmNdAdtOpinion*.parquet")):
        for column in COLUMNS:
            rows = duckdb.execute(
                f"SELECT DISTINCT corp_code, rcept_no, {column} FROM read_parquet(?) WHERE length({column}) > ? ORDER BY ALL",
                [str(file), _LEAST],
            ).fetchall()
            for company, number, cell in rows:
                if not (is_test_company(company) and is_tested_day(number)):
                    yield from re.split(r"\n\s*\n", cell)


def _reports(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("korea/opendart/filings/*.parquet")):
        rows = duckdb.execute(
            "SELECT section_title, section_content FROM read_parquet(?) WHERE section_content IS NOT NULL ORDER BY rcept_no, section_order",
            [str(file)],
        ).fetchall()
        for title, cell in rows:
            if not _PERSONS.search(title):
                yield from _sayings(cell)


def _sayings(cell: str) -> Iterator[str]:
    """Lines of a report that are words, not cells of tables; short ones gathered."""
    gathered = ""
    for line in cell.split("\n"):
        if len(_LETTERS.findall(line)) < _LEAST // 2:
            continue
        if len(line) > _LINE:
            yield line
            continue
        gathered += " " + line
        if len(gathered) > _GATHERED:
            yield gathered
            gathered = ""
    yield gathered


def _everyday(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("korea/text/nsmc*.tsv")):
        with file.open(encoding="utf-8", newline="") as opened:
            yield from (row["document"] for row in csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE) if row["document"])  # fmt: skip
    for file in sorted(folder.glob("korea/text/ChatbotData.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            yield from (f"{row['Q']} {row['A']}" for row in csv.DictReader(opened))


def english(folder: Path) -> Iterator[tuple[str, str]]:
    """Paragraphs of UK and US filings: the file's name, and the words."""
    for file in sorted(folder.rglob("filings/**/*")):
        if file.suffix.lower() not in {".html", ".htm", ".xhtml"}:
            continue
        try:
            tree = html.fromstring(file.read_bytes())
        except (etree.ParserError, ValueError):
            continue  # deliberately broken ones are among them
        for element in tree.iter("p", "div", "span", "td"):
            if any(isinstance(c.tag, str) and c.tag in {"p", "div", "table", "td"} for c in element):  # fmt: skip
                continue
            words = re.sub(r"\s+", " ", "".join(map(str, element.itertext()))).strip()
            if _LINE < len(words) < _ENGLISH_LONGEST and len(words.split()) >= _ENGLISH_WORDS and _ENGLISH.search(words):  # fmt: skip
                yield file.stem, words


def _english(folder: Path) -> Iterator[str]:
    return (words for name, words in english(folder) if not is_test_company(name))

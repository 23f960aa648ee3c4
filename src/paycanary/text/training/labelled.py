"""The labelled set: which paragraph makes which statements, and on which side of the split it stands.

`labels.csv` holds labels and where each paragraph stands, not the words themselves: those are read again from the filings. How people
labelled is written in docs/explanation/labelling.md.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

import duckdb

from paycanary.resources import read_text, read_yaml
from paycanary.text.units import clean, key, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Split = Literal["train", "test"]
Lang = Literal["ko", "en"]
#: The kinds of statement, in the order of a model's outputs.
KINDS: Final[tuple[str, ...]] = tuple(read_yaml("text", "kinds.yaml"))
#: Paragraphs of test companies count as tested from this day on; those of the others teach until the day before.
TESTED_FROM: Final = "20230101"
#: Hundredths of the companies that test. One company whose whole reports are at hand teaches, whatever its number.
_TEST_SHARE: Final = 32
_TEACHES: Final = "00164645"
_MARKUP: Final = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One paragraph: its words, the kinds of statement it makes, and to whom it belongs (for splits and intervals)."""

    text: str
    kinds: frozenset[str]
    split: Split
    lang: Lang
    company: str


def is_test_company(company: str) -> bool:
    """Whether a company (corp code, or a file's name) tests and never teaches."""
    number = int(hashlib.sha256(f"words:{company}".encode()).hexdigest()[:8], 16)
    return company != _TEACHES and number % 100 < _TEST_SHARE


def is_tested_day(receipt_number: str) -> bool:
    """Whether a filing became public within the time of the test."""
    return receipt_number[:8] >= TESTED_FROM


def mark(text: str) -> str:
    """By what a paragraph is known: 16 hexadecimal digits of its letters' SHA-256."""
    return hashlib.sha256(key(text).encode()).hexdigest()[:16]


def read_labels() -> list[dict[str, str]]:
    """The rows of `labels.csv`: mark, kinds, second (of a second reader, if any), split, lang, source, filing, company."""
    return list(csv.DictReader(io.StringIO(read_text("text", "training", "labels.csv"))))


def labelled(folder: Path) -> list[Labelled]:
    """Labels with the words found below a folder laid out as `korea/` and `filings/`; the order of `labels.csv`.

    A paragraph whose filing is not there, or now says something else, is left out.
    """
    rows = read_labels()
    by_source: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_source[row["source"]].append(row)
    words: dict[str, str] = {}
    for source, its_rows in by_source.items():
        filings = {row["filing"] for row in its_rows}
        for text in _READ[source](folder, filings):
            words.setdefault(mark(text), text)
    return [
        Labelled(words[row["mark"]], frozenset(row["kinds"].split()), cast("Split", row["split"]), cast("Lang", row["lang"]), row["company"])
        for row in rows
        if row["mark"] in words
    ]  # fmt: skip


def unlabelled(folder: Path) -> list[str]:
    """Paragraphs of auditors and filings that nobody labelled and that may teach: of companies that teach, before the test's time."""
    from paycanary.text.training.corpus import COLUMNS, english  # noqa: PLC0415 - which asks us what is tested

    found = {row["mark"]: "" for row in read_labels()}
    told = [
        ("korea/opendart/market/accnutAdtorNmNdAdtOpinion*.parquet", column) for column in COLUMNS
    ]
    for files, column in [*told, ("korea/opendart/filings/*.parquet", "section_content")]:
        for file in sorted(folder.glob(files)):
            cells = duckdb.execute(
                f"SELECT DISTINCT corp_code, {column} FROM read_parquet(?) WHERE rcept_no < ? AND {column} IS NOT NULL ORDER BY ALL",
                [str(file), TESTED_FROM],
            ).fetchall()
            for text in (t for c, cell in cells if not is_test_company(c) for t in paragraphs(cell)):  # fmt: skip
                found.setdefault(mark(text), text)
    for text in (t for name, t in english(folder) if not is_test_company(name)):
        found.setdefault(mark(text), text)
    return [text for text in found.values() if text]


def _opinions(folder: Path, filings: set[str]) -> Iterable[str]:
    """Only of the filings from which the labels come: figures differ between years, and a quotation is to be the one that was read."""
    from paycanary.text.training.corpus import COLUMNS  # noqa: PLC0415 - which asks us what is tested

    for file in sorted(folder.glob("korea/opendart/market/accnutAdtorNmNdAdtOpinion*.parquet")):
        for column in COLUMNS:
            cells = duckdb.execute(
                f"SELECT DISTINCT {column} FROM read_parquet(?) WHERE rcept_no IN (SELECT unnest(?::VARCHAR[])) AND {column} IS NOT NULL ORDER BY ALL",
                [str(file), sorted(filings)],
            ).fetchall()
            for (cell,) in cells:
                yield from paragraphs(cell)


def _reports(folder: Path, filings: set[str]) -> Iterable[str]:
    for file in sorted(folder.glob("korea/opendart/filings/*.parquet")):
        cells = duckdb.execute(
            "SELECT section_content FROM read_parquet(?) WHERE rcept_no IN (SELECT unnest(?::VARCHAR[])) AND section_content IS NOT NULL ORDER BY ALL",
            [str(file), sorted(filings)],
        ).fetchall()
        for (cell,) in cells:
            yield from paragraphs(cell)


def _excerpts(folder: Path, filings: set[str]) -> Iterable[str]:
    for name in sorted(filings):
        file = folder / "korea" / "audit_reports" / f"{name}.xml"
        if file.exists():
            raw = file.read_bytes()
            try:
                document = raw.decode()
            except UnicodeDecodeError:
                document = raw.decode("cp949", "replace")
            words = re.sub(r"&\w+;", " ", _MARKUP.sub("\n", document))
            yield from (p.strip() for p in re.split(r"\n\s*\n?", clean(words)) if p.strip())


def _english(folder: Path, filings: set[str]) -> Iterable[str]:
    from paycanary.text.training.corpus import english  # noqa: PLC0415 - which asks us what is tested

    return (words for name, words in english(folder) if name in filings)


_READ: Final = {"opinion": _opinions, "report": _reports, "excerpt": _excerpts, "english": _english}

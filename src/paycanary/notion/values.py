"""The columns that paycanary adds to a table, and what stands in them; the same in a CSV and in Notion itself."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from paycanary.notion.words import words
from paycanary.report.names import LEVELS, source_name

if TYPE_CHECKING:
    from paycanary.documents.notion import CitedFiling, NotionRow
    from paycanary.errors import Lang
    from paycanary.models import Level

Kind = Literal["text", "number", "select", "date"]
Value = str | float | date | None

#: Column -> kind, in the order in which they stand. Their names are in words/check.<lang>.yaml.
COLUMNS: Final[dict[str, Kind]] = {
    "level": "select",
    "sentence": "text",
    "company": "text",
    "identifier": "text",
    "runway": "number",
    "headcount": "number",
    "details": "text",
    "sources": "text",
    "data_until": "date",
    "as_of": "date",
}
FORECAST_COLUMNS: Final[dict[str, Kind]] = {"probability": "number", "base_rate": "number"}
_DIGITS: Final = 1


def columns(*, with_forecast: bool) -> dict[str, Kind]:
    """Every column of a table, those of the forecast only where it was asked for."""
    return COLUMNS | FORECAST_COLUMNS if with_forecast else COLUMNS


def name(column: str, lang: Lang) -> str:
    """What a column is called."""
    return str(words("check", lang)["columns"][column])


@cache
def all_names() -> frozenset[str]:
    """What paycanary's columns are called in any language, the page's number included."""
    langs: tuple[Lang, ...] = ("ko", "en")
    return frozenset(str(n) for lang in langs for n in words("check", lang)["columns"].values())


def level_of(row: NotionRow) -> Level:
    """A row's level: unknown where it was not judged."""
    return row.verdict.level if row.verdict else "unknown"


def values(row: NotionRow, lang: Lang, as_of: date) -> dict[str, Value]:
    """What stands in each column, those of the forecast included; None where there is nothing."""
    verdict = row.verdict
    found: dict[str, Value] = dict.fromkeys(columns(with_forecast=True))
    found["level"] = LEVELS[lang][level_of(row)]
    found["as_of"] = as_of
    if verdict is None:
        return found | {"sentence": row.reason}
    details = [verdict.runway_sentence, verdict.headcount_sentence, verdict.forecast_sentence]
    corrected = str(words("check", lang)["correction"])
    details += [corrected.format(day=c.accepted_on, statement=c.statement) for c in verdict.corrections]  # fmt: skip
    return found | {
        "sentence": verdict.sentence,
        "company": verdict.company,
        "identifier": ", ".join(filter(None, (verdict.company_id, verdict.stock_code))),
        "runway": _rounded(verdict.runway_months),
        "headcount": _rounded(verdict.headcount_change.percent if verdict.headcount_change else None),
        "details": " ".join(filter(None, details)),
        "sources": "; ".join(_source(filing, lang) for filing in verdict.filings),
        "data_until": verdict.data_until,
        "probability": _rounded(None if verdict.probability is None else 100 * verdict.probability, 2),
        "base_rate": _rounded(None if verdict.base_rate is None else 100 * verdict.base_rate, 2),
    }  # fmt: skip


def _rounded(value: float | None, digits: int = _DIGITS) -> float | None:
    # Adding 0.0 turns -0.0 into 0.0.
    return None if value is None else round(value, digits) + 0.0


def _source(filing: CitedFiling, lang: Lang) -> str:
    told = f"{source_name(filing.source, lang)} {filing.filing_id} ({filing.published_on})"
    return f"{told} {filing.url}" if filing.url else told

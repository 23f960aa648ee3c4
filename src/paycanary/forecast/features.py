"""What the forecast looks at: features by group (``features.yaml``), each group one SQL over the inputs of signals.

The inputs hold what was public on a day (`paycanary.lake.asof`), so that no feature can know more.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from paycanary.resources import read_text, read_yaml
from paycanary.signals import catalog

Unit = Literal["KRW", "persons", "shares", "days", "years", "ratio", "share", "flag", "firms"]

#: Months after which a company's newest audited year is too old to ask about it: a year, and eight months to file the next one late.
MAX_AGE_MONTHS: Final = 20


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the data set: a float, NULL where it is unknown.

    ``direction`` is 1 where more of it can only speak for failing, -1 where only against, 0 where either.
    """

    name: str
    group: str
    unit: Unit
    direction: Literal[-1, 0, 1]
    reason: str


@cache
def features() -> dict[str, Feature]:
    """All features by name, in the order of their columns."""
    return {
        name: Feature(name, group, entry["unit"], entry["direction"], entry["reason"])
        for group, entries in read_yaml("forecast", "features.yaml").items()
        for name, entry in entries.items()
    }


@cache
def features_sql() -> str:
    """Select ``company_id`` and every feature, a row a company of the universe, from the inputs of a day."""
    return f"{_with()} {_features()}"


@cache
def beside_sql() -> str:
    """Select what a forecast needs of each company, in the columns of table ``beside``.

    Topics: ``feature``; a reason's name, for the rows that its features stand in; ``failed``, what has happened already; ``until``, how
    many filings of it are known and up to when the market's reports are stored.
    """
    names = ", ".join(f"'{name}'" for name in features())
    values = f"SELECT company_id, unnest([{names}]) AS concept, unnest([{', '.join(features())}]) AS value FROM told"
    return (
        f"{_with()}, told AS MATERIALIZED ({_features()}), figures AS ({_sql('figures')}) "
        "SELECT company_id, 'feature' AS topic, concept, value, CAST(NULL AS VARCHAR) AS text, CAST(NULL AS VARCHAR) AS unit, "
        f"CAST(NULL AS DATE) AS period_end, CAST(NULL AS BIGINT) AS row_id FROM ({values}) WHERE value IS NOT NULL "
        "UNION ALL SELECT f.* FROM figures f JOIN told t ON t.company_id = f.company_id "
        f"UNION ALL SELECT * FROM ({_sql('failed')}) "
        "UNION ALL SELECT t.company_id, 'until', 'filings', COUNT(DISTINCT k.filing_id), CAST(MAX(u.expected) AS VARCHAR), NULL, MAX(u.until), NULL "
        f"FROM told t CROSS JOIN ({_sql('until')}) u LEFT JOIN known_filings k ON k.company_id = t.company_id AND k.source = 'opendart' GROUP BY t.company_id"
    )


def _with() -> str:
    return f"WITH size AS ({_sql('size')}), incomes AS MATERIALIZED ({_sql('incomes')})"


def _features() -> str:
    groups = list(dict.fromkeys(feature.group for feature in features().values()))
    columns = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in features())
    joined = " ".join(
        f"LEFT JOIN ({_sql(group)}) AS {group} USING (company_id)" for group in groups
    )
    return f"SELECT company_id, {columns} FROM ({_sql('universe')}) AS universe {joined}"


@cache
def meaning() -> str:
    """SHA-256 of what makes the features' values: a model taught on others must not be asked with these."""
    digest = hashlib.sha256(read_text("forecast", "features.yaml").encode())
    for name in (
        "size",
        "incomes",
        "universe",
        *dict.fromkeys(f.group for f in features().values()),
    ):
        digest.update(_sql(name).encode())
    for name, sql in _inputs().items():
        digest.update(name.encode() + sql.encode())
    return digest.hexdigest()


def _inputs() -> dict[str, str]:
    """The inputs of signals that features are made of, and those that these are made of."""
    every = catalog.inputs()
    used: set[str] = set()
    look = [features_sql()]
    while look:
        words = set(re.findall(r"\w+", look.pop()))
        found = (words & set(every)) - used
        used |= found
        look += [every[name] for name in found]
    return {name: sql for name, sql in every.items() if name in used}


def _sql(name: str) -> str:
    return catalog.filled(
        read_text("forecast", "sql", f"{name}.sql"), {"max_age_months": str(MAX_AGE_MONTHS)}
    )

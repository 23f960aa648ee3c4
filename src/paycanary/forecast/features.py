"""What the forecast looks at: features by group (``features.yaml``), each group one SQL over the inputs of signals.

The inputs hold what was public on a day (`paycanary.lake.asof`), so that no feature can know more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from paycanary.resources import read_text, read_yaml
from paycanary.signals.catalog import filled

Unit = Literal["KRW", "persons", "shares", "days", "years", "ratio", "flag", "firms"]

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


@cache
def features() -> dict[str, Feature]:
    """All features by name, in the order of their columns."""
    return {
        name: Feature(name, group, entry["unit"], entry["direction"])
        for group, entries in read_yaml("forecast", "features.yaml").items()
        for name, entry in entries.items()
    }


@cache
def features_sql() -> str:
    """Select ``company_id`` and every feature, a row a company of the universe, from the inputs of a day."""
    groups = list(dict.fromkeys(feature.group for feature in features().values()))
    columns = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in features())
    joined = " ".join(
        f"LEFT JOIN ({_sql(group)}) AS {group} USING (company_id)" for group in groups
    )
    return f"WITH pay AS ({_sql('pay')}) SELECT company_id, {columns} FROM ({_sql('universe')}) AS universe {joined}"


def _sql(name: str) -> str:
    return filled(
        read_text("forecast", "sql", f"{name}.sql"), {"max_age_months": str(MAX_AGE_MONTHS)}
    )

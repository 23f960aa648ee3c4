"""Do auditors' words help the forecast: its protocol, with and without kinds of statement as features.

    python -m benchmarks.words_in_forecast --dataset FILE --home DIR [--draws 300]

``--dataset`` is what `paycanary forecast dataset` wrote from the store at ``--home``, which has taken in auditors' words. Prints measures of
each way and, drawn by company, by how much it is better than what ships.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.run import table
from paycanary.forecast import evaluate
from paycanary.forecast.features import MAX_AGE_MONTHS
from paycanary.forecast.signed import SignedLogistic

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.forecast.evaluate import Table

    Array = np.ndarray[Any, Any]

MONTHS: Final = 12
KINDS: Final = ("going_concern", "scope_limitation", "restatement", "litigation", "delisting_risk", "related_party", "rescue")  # fmt: skip
#: Of the newest annual report known on a day, and of the newest interim report after it.
SQL: Final = """
WITH known AS (
    SELECT d.company_id, d.as_of, w.period_end, w.is_annual, w.kind
    FROM day d JOIN words w ON w.company_id = d.company_id AND w.published_on <= d.as_of AND w.period_end > d.as_of - INTERVAL {age} MONTH
),
audited AS (SELECT company_id, as_of, max(period_end) AS period_end FROM known WHERE is_annual GROUP BY ALL),
reviewed AS (
    SELECT k.company_id, k.as_of, max(k.period_end) AS period_end
    FROM known k LEFT JOIN audited a USING (company_id, as_of)
    WHERE NOT k.is_annual AND (a.period_end IS NULL OR k.period_end > a.period_end) GROUP BY ALL
),
year AS (SELECT k.company_id, k.as_of, {kinds} FROM known k JOIN audited a USING (company_id, as_of, period_end) WHERE k.is_annual GROUP BY ALL),
interim AS (SELECT k.company_id, k.as_of, {kinds} FROM known k JOIN reviewed r USING (company_id, as_of, period_end) WHERE NOT k.is_annual GROUP BY ALL)
SELECT d.company_id, d.as_of, {columns}
FROM day d LEFT JOIN year y USING (company_id, as_of) LEFT JOIN interim i USING (company_id, as_of)
"""


def said(rows: Table, dataset: Path, home: Path) -> Array:
    """(rows, 14): whether each kind is stated in the annual, then in the interim report; NaN where there is none."""
    con = duckdb.connect()
    con.execute("CREATE TABLE day AS SELECT DISTINCT company_id, as_of FROM read_parquet(?)", [str(dataset)])  # fmt: skip
    files = str(home / "lake" / "tables" / "auditor_words" / "**" / "*.parquet")
    con.execute(f"CREATE VIEW words AS SELECT * FROM read_parquet('{files}', union_by_name = true)")
    kinds = ", ".join(f"max(CAST(k.kind = '{kind}' AS DOUBLE)) AS {kind}" for kind in KINDS)
    columns = ", ".join(f"{side}.{kind}" for side in "yi" for kind in KINDS)
    found = con.execute(SQL.format(age=MAX_AGE_MONTHS, kinds=kinds, columns=columns)).fetchall()
    by_row = {(company, np.datetime64(day)): [np.nan if v is None else v for v in values] for company, day, *values in found}  # fmt: skip
    return np.array([by_row[key] for key in zip(rows.company, rows.day, strict=True)], dtype=float)


def ways(stated: Array) -> dict[str, Array]:
    """The features that are added, by what they are called."""
    year, interim = stated[:, :7], stated[:, 7:]
    beside = np.where(np.isnan(year[:, 1]), np.nan, np.nansum(year[:, 1:], 1))
    return {
        "kinds of the annual report": year,
        "kinds of both reports": stated,
        "how many kinds": np.column_stack([beside, np.nansum(interim[:, 1:], 1)]),
        "scope, delisting, rescue": year[:, [1, 4, 6]],
    }


def predicted(rows: Table, extra: Array | None) -> dict[str, Array]:
    """Probabilities by question, NaN where a row was not tested."""
    more = rows if extra is None else replace(rows, x=np.column_stack([rows.x, extra]))
    directions = [*rows.directions, *([1] * (0 if extra is None else extra.shape[1]))]
    return {
        question: evaluate.predict(more, splits, lambda: SignedLogistic(directions))
        for question, splits in evaluate.answerable(rows, MONTHS).items()
    }


def gain(rows: Table, ours: Array, base: Array, of: Callable[[Array, Array], float], draws: int) -> str:  # fmt: skip
    """By how much a measure is larger, and what 95 % of draws of companies give."""
    tested = ~np.isnan(ours) & ~np.isnan(base)
    y, a, b = rows.y[tested], ours[tested], base[tested]
    _, inverse = np.unique(rows.company[tested], return_inverse=True)
    members = [np.flatnonzero(inverse == i) for i in range(inverse.max() + 1)]
    random = np.random.default_rng(0)
    told = []
    for _ in range(draws):
        drawn = np.concatenate([members[i] for i in random.integers(len(members), size=len(members))])  # fmt: skip
        if y[drawn].any():
            told.append(of(y[drawn], a[drawn]) - of(y[drawn], b[drawn]))
    low, high = np.percentile(told, [2.5, 97.5])
    return f"{of(y, a) - of(y, b):+.4f} [{low:+.4f}, {high:+.4f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=300)
    given = parser.parse_args()
    rows = evaluate.load(given.dataset, MONTHS)
    base = predicted(rows, None)
    head = ["features added", "later year: AUC", "AP", "companies never taught: AUC", "AP"]
    lines = []
    for name, extra in ways(said(rows, given.dataset, given.home)).items():
        ours = predicted(rows, extra)
        lines.append([name, *(gain(rows, ours[q], base[q], of, given.draws) for q in base for of in (roc_auc_score, average_precision_score))])  # fmt: skip
    print(table(head, lines))


if __name__ == "__main__":
    main()

"""How far today's companies differ from those that the forecast was made on: the same bins, then and now.

The population stability index sums (now - then) ln(now / then) over bins; scorecard builders take 0.1 as worth a look and 0.25 as a
shift that calls for training anew (N. Siddiqi, Credit Risk Scorecards, 2006).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import duckdb
import numpy as np

from paycanary.documents.forecast import DriftReport, FeatureDrift
from paycanary.forecast import dataset

if TYPE_CHECKING:
    from datetime import date

    from paycanary.forecast.scorecard import Scorecard

    Floats = np.ndarray[Any, np.dtype[np.float64]]

WATCH: Final = 0.1
SHIFTED: Final = 0.25
#: A bin that is empty on one day counts as this share.
_LEAST: Final = 1e-4
_TENTHS: Final = 11


def spread(column: Floats) -> dict[str, list[float]]:
    """Bins of a feature, at its tenths, and the share of companies in each; the last share is of those it is unknown of."""
    held = column[~np.isnan(column)]
    edges = np.unique(np.quantile(held, np.linspace(0, 1, _TENTHS))[1:-1]) if len(held) else np.zeros(0)  # fmt: skip
    return {"edges": edges.tolist(), "shares": _shares(column, edges)}


def drift(con: duckdb.DuckDBPyConnection, as_of: date, card: Scorecard) -> DriftReport:
    """Compare the companies of a day with those of the scorecard's reference day.

    Raises:
        UsageError: nothing is stored.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.parquet"
        dataset.build(con, [as_of], path)
        found = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchnumpy()
    columns = {name: np.ma.filled(found[name].astype(float), np.nan) for name in card.terms_by_name}
    drifts = sorted((_drift(name, columns[name], bins) for name, bins in card.facts["drift"].items()), key=lambda d: -d.index)  # fmt: skip
    scores = [
        card.probability(dict(zip(columns, map(float, row), strict=True)))
        for row in zip(*columns.values(), strict=True)
    ]
    return DriftReport(
        model_version=card.version,
        as_of=as_of,
        reference_day=card.facts["trained"]["reference_day"],
        companies=len(scores),
        reference_companies=card.facts["trained"]["reference_companies"],
        mean_probability=float(np.mean(scores)) if scores else None,
        reference_mean_probability=card.facts["trained"]["reference_mean_probability"],
        features=drifts,
    )


def index(then: list[float], now: list[float]) -> float:
    """The population stability index of shares over the same bins."""
    a, b = np.maximum(then, _LEAST), np.maximum(now, _LEAST)
    return float(np.sum((b - a) * np.log(b / a)))


def _drift(name: str, column: Floats, bins: dict[str, list[float]]) -> FeatureDrift:
    now = _shares(column, np.asarray(bins["edges"]))
    moved = index(bins["shares"], now)
    level: Literal["steady", "watch", "shifted"] = "shifted" if moved >= SHIFTED else "watch" if moved >= WATCH else "steady"  # fmt: skip
    return FeatureDrift(
        feature=name, index=moved, level=level, unknown_then=bins["shares"][-1], unknown_now=now[-1]
    )


def _shares(column: Floats, edges: Floats) -> list[float]:
    if not len(column):
        return [0.0] * (len(edges) + 2)
    held = column[~np.isnan(column)]
    counts = np.bincount(np.searchsorted(edges, held, "left"), minlength=len(edges) + 1)
    return [*(counts / len(column)).tolist(), 1 - len(held) / len(column)]

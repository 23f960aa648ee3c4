"""Training the forecast that ships: one call, the same rows give the same bytes.

    card = train(con, Path("dataset.parquet"), SILENT)      # the text of trained/listed-12m.json

The model is the one that the protocol chose (`signed`), fitted to every row whose months are over, calibrated on scores of companies
that it did not see, brought to the base rate that the exchange's own counts tell, and written as terms that need no library.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import expit

from paycanary import __version__
from paycanary.errors import UsageError
from paycanary.forecast import drift
from paycanary.forecast import evaluate as judging
from paycanary.forecast.choose import out_of_group
from paycanary.forecast.features import features, meaning
from paycanary.forecast.models import Platt
from paycanary.forecast.scorecard import LISTED
from paycanary.forecast.signed import SignedLogistic
from paycanary.lake.identity import LINK_THRESHOLD
from paycanary.resources import read_text
from paycanary.signals.catalog import filled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from paycanary.documents.forecast import Evaluation
    from paycanary.forecast.evaluate import Table
    from paycanary.forecast.signed import Shape
    from paycanary.progress import Progress

    Array = np.ndarray[Any, Any]

MONTHS: Final = 12
#: The name that `evaluate` knows the model by.
CHOSEN: Final = "signed logistic"
#: First year in which the data holds more than a part of the market.
_FIRST_YEAR: Final = 2022
#: Digits that are written: fewer than machines differ in.
_DIGITS: Final = 8
_PERCENT: Final = 101


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, and the line that calibrates it."""

    model: SignedLogistic
    line: Platt

    def terms(self, names: Sequence[str], reference: Array) -> tuple[dict[str, dict[str, Any]], float]:  # fmt: skip
        """Each feature's term, centred on the reference rows, and the log odds of their average.

        Args:
            names: of the features.
            reference: rows of the average (rows, features).
        """
        slope, coefficients, width = self.line.slope, self.model.coefficients, len(names)
        intercept = self.line.intercept + slope * float(coefficients[-1])
        terms = {}
        for nth, (name, shape) in enumerate(zip(names, self.model.shapes, strict=True)):
            weights = slope * coefficients[nth], slope * coefficients[width + nth]
            column = reference[:, nth]
            centre = float(np.mean(weights[0] * shape.values(column) + weights[1] * shape.flags(column)))  # fmt: skip
            terms[name] = _term(shape, weights, centre)
            intercept += centre
        return terms, intercept


def train(con: duckdb.DuckDBPyConnection, path: Path, progress: Progress, draws: int = 1000) -> str:
    """Fit, measure by the protocol, and write: the text of a scorecard.

    Args:
        con: a connection that has the lake's views, for the base rate's outside counts.
        path: what `dataset.build` wrote.
        progress: told of every model judged.
        draws: of companies, for the intervals.

    Raises:
        UsageError: the file is no data set, or its rows hold one outcome.
    """
    table = judging.load(path, MONTHS)
    judged = judging.evaluate(table, MONTHS, progress, draws, only=[CHOSEN])
    fitted = _fit(table)
    newest = table.day == table.day.max()
    terms, intercept = fitted.terms(table.names, table.x[newest])
    base = _base_rate(con, path, table)
    intercept += _logit(base["anchored"]) - _logit(base["rows"])
    floor = fitted.line.floor * base["anchored"] / base["rows"]
    scores = _scores(terms, intercept, table, newest)
    content: dict[str, Any] = {
        "name": LISTED,
        "months": MONTHS,
        "intercept": _rounded(intercept),
        "floor": _rounded(floor),
        "terms": terms,
        "ranks": [_rounded(at) for at in np.quantile(scores, np.linspace(0, 1, _PERCENT))],
        "base_rate": base,
        "trained": _facts(table, newest)
        | {
            "reference_mean_probability": _rounded(
                float(np.mean(floor + (1 - floor) * expit(scores)))
            )
        },
        "drift": _spread(table, newest),
        "quality": _quality(judged),
    }
    content = {"version": _version(content), **content}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def data_hash(table: Table) -> str:
    """SHA-256 of the rows that taught: features, outcomes, days, companies."""
    digest = hashlib.sha256()
    for part in (table.x, table.y, table.known, table.day.astype(int)):
        digest.update(np.ascontiguousarray(part).tobytes())
    digest.update("\n".join((*table.names, *table.company)).encode())
    return digest.hexdigest()


def _fit(table: Table) -> Fitted:
    def make() -> SignedLogistic:
        return SignedLogistic(table.directions)

    x, y = table.x[table.known], table.y[table.known]
    scores, told = out_of_group(x, y, table.company[table.known], make)
    return Fitted(make().fit(x, y), Platt().fit(scores[told], y[told]))


def _term(shape: Shape, weights: tuple[float, float], centre: float) -> dict[str, Any]:
    moves = weights[0] * shape.scores + weights[1] * shape.known - centre
    unknown = weights[0] * shape.middle + weights[1] * shape.unknown - centre
    return {
        "knots": [_rounded(knot) for knot in shape.knots],
        "moves": [_rounded(move) for move in moves],
        "unknown": _rounded(unknown),
    }


def _scores(terms: dict[str, Any], intercept: float, table: Table, rows: Array) -> Array:
    """Log odds of rows by the terms as they are written."""
    scores = np.full(int(rows.sum()), intercept)
    for nth, name in enumerate(table.names):
        column, term = table.x[rows, nth], terms[name]
        scores += np.where(np.isnan(column), term["unknown"], np.interp(column, term["knots"], term["moves"]))  # fmt: skip
    return scores


def _base_rate(con: duckdb.DuckDBPyConnection, path: Path, table: Table) -> dict[str, Any]:
    """Share of listed companies that fail within a year: as the rows have it, and anchored to the exchange's own counts."""
    last = int(str(table.day.max())[:4])
    con.execute(f"CREATE OR REPLACE TEMP VIEW rows AS SELECT * FROM read_parquet('{path}')")
    sql = filled(
        read_text("forecast", "sql", "anchor.sql"),
        {"confidence": str(LINK_THRESHOLD), "first_year": str(_FIRST_YEAR), "last_year": str(last)},
    )
    found = con.execute(sql)
    names = [column[0] for column in found.description or ()]
    counts: dict[str, int] = dict(zip(names, found.fetchone() or (), strict=True))
    if not counts["delisted_held"] or not counts["listed_held"]:
        raise UsageError(
            {"ko": "거래소의 상장회사와 상장폐지 목록이 저장되어 있지 않아 기저율을 맞출 수 없습니다.", "en": "The exchange's lists of listed and delisted companies are not stored, so the base rate cannot be anchored."},
            {"ko": "먼저 `paycanary refresh krx` 를 하세요.", "en": "Run `paycanary refresh krx` first."},
        )  # fmt: skip
    failed = counts["failed_delisted"] * counts["delisted"] / counts["delisted_held"] + counts["failed_listed"] * counts["listed"] / counts["listed_held"]  # fmt: skip
    years = last - _FIRST_YEAR + 1
    return {
        "anchored": _rounded(failed / (counts["listed"] * years)),
        "rows": _rounded(float(table.y[table.known].mean())),
        "first_year": _FIRST_YEAR,
        "last_year": last,
        **counts,
    }


def _facts(table: Table, newest: Array) -> dict[str, Any]:
    taught = table.known
    return {
        "model": CHOSEN,
        "rows": int(taught.sum()),
        "companies": len(np.unique(table.company[taught])),
        "failed_rows": int(table.y[taught].sum()),
        "failed_companies": len(np.unique(table.company[taught & (table.y > 0)])),
        "first_day": str(table.day[taught].min()),
        "last_day": str(table.day[taught].max()),
        "reference_day": str(table.day[newest].max()),
        "reference_companies": int(newest.sum()),
        "left_out": [name for name in features() if name not in table.names],
        "data_sha256": data_hash(table),
        "features_sha256": meaning(),
        "code_version": __version__,
    }


def _spread(table: Table, rows: Array) -> dict[str, dict[str, list[float]]]:
    """How each feature is spread over the reference day's companies."""
    return {
        name: {
            what: [_rounded(at) for at in found]
            for what, found in drift.spread(table.x[rows, nth]).items()
        }
        for nth, name in enumerate(table.names)
    }


def _quality(judged: Evaluation) -> dict[str, Any]:
    return {
        "draws": judged.draws,
        "results": [
            json.loads(found.model_dump_json(), parse_float=lambda text: _rounded(float(text)))
            for found in judged.results
        ],
    }


def _version(content: dict[str, Any]) -> str:
    """The last day of the data, and eight digits of what the scorecard holds."""
    held = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return f"{content['trained']['reference_day']}-{hashlib.sha256(held).hexdigest()[:8]}"


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")

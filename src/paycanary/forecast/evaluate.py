"""How well each model and each simple rule would have told: the protocol's questions, asked of a data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from paycanary.documents.forecast import Evaluated, Evaluation
from paycanary.errors import UsageError
from paycanary.forecast import metrics, protocol
from paycanary.forecast.choose import candidates, directed, named, out_of_group
from paycanary.forecast.features import features
from paycanary.forecast.models import Platt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from paycanary.forecast.models import Model
    from paycanary.forecast.protocol import Split
    from paycanary.progress import Progress

    Array = np.ndarray[Any, Any]

#: A feature that fewer rows than this bring along teaches chance.
_LEAST_KNOWN: Final = 0.1
#: Simple rules: a score of each row by the features' columns; an unknown income or loss flags nobody, an unknown Z'' leaves the row out.
_RULES: Final[dict[str, Callable[[Mapping[str, Array]], Array]]] = {
    "net loss": lambda columns: columns["net_income"] < 0,
    "three net losses running": lambda columns: columns["net_losses_3y"] >= 3,  # noqa: PLR2004 - as its name says
    "Altman Z''": lambda columns: -columns["altman_z"],
}


class Rows(Protocol):
    """What became of rows, when and of whom: all that a measure asks for."""

    @property
    def y(self) -> Array:
        """0 or 1."""

    @property
    def day(self) -> Array:
        """When it was asked: the share to flag is that of each day."""

    @property
    def company(self) -> Array:
        """Whom it is about: drawn whole for intervals."""

    @property
    def failed_on(self) -> Array | None:
        """When it failed after that day, NaT where it did not; None where that is not known of any."""


@dataclass(frozen=True, slots=True)
class Table:
    """A data set in memory. ``x``: (rows, features), NaN where unknown; ``y``: 0 or 1; ``known``: whether that is known."""

    path: Path
    x: Array
    y: Array
    known: Array
    day: Array
    company: Array
    failed_on: Array
    names: tuple[str, ...]
    rules: dict[str, Array]

    @property
    def directions(self) -> list[int]:
        """Of each column of ``x``."""
        return [features()[name].direction for name in self.names]


def load(path: Path, months: int) -> Table:
    """Read a data set that `dataset.build` wrote.

    Raises:
        UsageError: it is none.
    """
    import duckdb  # noqa: PLC0415

    try:
        found = duckdb.connect().execute("SELECT * FROM read_parquet(?) ORDER BY ALL", [str(path)]).fetchnumpy()  # fmt: skip
    except duckdb.Error as error:
        raise _no_dataset(path, str(error)) from error
    lacking = [name for name in ("as_of", "company_id", "failed_on", f"failed_{months}m", *features()) if name not in found]  # fmt: skip
    if lacking:
        raise _no_dataset(path, f"no column {', '.join(lacking)}")
    columns = {name: np.ma.filled(found[name].astype(float), np.nan) for name in features()}
    kept = tuple(n for n, c in columns.items() if len(c) and np.mean(~np.isnan(c)) >= _LEAST_KNOWN)
    label = np.ma.asarray(found[f"failed_{months}m"])
    return Table(
        path=path,
        x=np.column_stack([columns[name] for name in kept]),
        y=np.ma.filled(label.astype(float), 0.0),
        known=~np.ma.getmaskarray(label),
        day=np.asarray(found["as_of"]).astype("datetime64[D]"),
        company=np.asarray(found["company_id"]).astype(str),
        failed_on=np.ma.filled(
            np.ma.asarray(found["failed_on"]).astype("datetime64[D]"), np.datetime64("NaT")
        ),
        names=kept,
        rules={name: rule(columns).astype(float) for name, rule in _RULES.items()},
    )


def evaluate(
    table: Table, months: int, progress: Progress, draws: int = 1000, only: Sequence[str] = ()
) -> Evaluation:
    """Every model (or those named) and rule on both questions; a question whose rows hold one outcome only is left out.

    Raises:
        UsageError: that is so of both; or there is no model of a name.
    """
    questions = answerable(table, months)
    models = named(candidates(table.directions) | directed(table.directions), only)
    progress.step("evaluate", len(questions) * len(models))
    results = []
    for question, usable in questions.items():
        if not usable:
            continue
        base = _base(table, usable)
        for name, make in models.items():
            p = predict(table, usable, make)
            results.append(measured(question, name, table, p, draws, base=base))
            progress.advance()
        tested = np.any([s.test for s in usable], axis=0)
        results += [
            measured(question, name, table, np.where(tested, score, np.nan), draws)
            for name, score in table.rules.items()
            if (tested & ~np.isnan(score)).any()
        ]
    if not results:
        raise _too_few(table.path)
    return Evaluation(
        path=str(table.path), months=months, draws=draws, features=list(table.names),
        left_out=[name for name in features() if name not in table.names], results=results,
    )  # fmt: skip


def answerable(table: Table, months: int) -> dict[str, list[Split]]:
    """The protocol's questions, each with the splits whose rows hold both outcomes."""
    questions = {
        "years": [protocol.years(table.day, table.known, months)],
        "companies": protocol.companies(table.day, table.company, table.known, months),
    }
    return {
        question: [s for s in splits if s.test.any() and len(np.unique(table.y[s.fit])) > 1]
        for question, splits in questions.items()
    }


def predict(table: Table, splits: Iterable[Split], make: Callable[[], Model]) -> Array:
    """A probability a row, NaN where it was not tested."""
    p = np.full(len(table.y), np.nan)
    for split in splits:
        model = make().fit(table.x[split.fit], table.y[split.fit])
        if split.calibrate.any():
            held = model.log_odds(table.x[split.calibrate]), table.y[split.calibrate]
        else:
            x, y = table.x[split.fit], table.y[split.fit]
            scores, told = out_of_group(x, y, table.company[split.fit], make)
            held = scores[told], y[told]
        p[split.test] = Platt().fit(*held).probability(model.log_odds(table.x[split.test]))
    return p


def _base(table: Table, splits: Iterable[Split]) -> Array:
    """The base rate known when a row was predicted, NaN where it was not tested."""
    base = np.full(len(table.y), np.nan)
    for split in splits:
        base[split.test] = table.y[split.fit | split.calibrate].mean()
    return base


def measured(question: str, name: str, table: Rows, scores: Array, draws: int, *, base: Array | None = None) -> Evaluated:  # fmt: skip
    """Hold scores (NaN: not tested) to what happened.

    ``base`` where the scores are probabilities, which are then held to what happened; a rule only ranks.
    """
    rows = np.flatnonzero(~np.isnan(scores))
    y, p = table.y[rows], scores[rows]
    day, company = table.day[rows], table.company[rows]
    asked: dict[str, Callable[[Array], float]] = {
        "auc": lambda r: metrics.auc(y[r], p[r]),
        "average_precision": lambda r: metrics.average_precision(y[r], p[r]),
        "recall_at_5_percent": lambda r: metrics.recall(y[r], p[r], day[r]),
    }
    if table.failed_on is not None:
        failed_on = table.failed_on[rows]
        asked["lead_time_months"] = lambda r: metrics.lead_time(p[r], day[r], company[r], failed_on[r])  # fmt: skip
    if base is not None:
        known = base[rows]
        asked |= {
            "brier_skill": lambda r: metrics.brier_skill(y[r], p[r], known[r]),
            "calibration_error": lambda r: metrics.calibration_error(y[r], p[r]),
        }
    return Evaluated(
        question=question,
        model=name,
        rows=len(rows),
        failed_rows=int(y.sum()),
        failed_companies=len(np.unique(company[y > 0])),
        base_rate=float(y.mean()),
        measures={what: metrics.interval(measure, company, draws=draws) for what, measure in asked.items()},
        reliability=[] if base is None else metrics.reliability(y, p),
    )  # fmt: skip


def _too_few(path: Path) -> UsageError:
    return UsageError(
        {
            "ko": f"{path}: 시험할 수 있는 날보다 먼저 끝난 실패와 실패하지 않은 행이 모두 있어야 하는데, 한쪽뿐입니다.",
            "en": f"{path}: to judge a model takes rows that failed and rows that did not, whose months were over before the test; it holds only one kind.",
        },
        {"ko": "상장사 전체의 자료로, 2017년부터 만드세요.", "en": "Make it from the whole market's data, from 2017 on."},
    )  # fmt: skip


def _no_dataset(path: Path, why: str) -> UsageError:
    return UsageError(
        {"ko": f"{path}: 예측용 자료가 아닙니다({why}).", "en": f"{path} is no data set of forecasts ({why})."},
        {"ko": "`paycanary forecast dataset --out 파일` 로 만드세요.", "en": "Make one with `paycanary forecast dataset --out FILE`."},
    )  # fmt: skip

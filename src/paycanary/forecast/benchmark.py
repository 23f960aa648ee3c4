"""The forecast's own modelling on anybody's labelled table, judged so that the table cannot flatter it.

Rows of one company are never on both sides, and neither are rows that are equal or share figures as the same company's do. What is
tested at a time is told from earlier times alone. A column that holds the answer stops everything until it is dropped.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from paycanary.documents.benchmark import Benchmark, Choice, Trap
from paycanary.errors import UsageError
from paycanary.forecast import choose, protocol, traps
from paycanary.forecast.evaluate import measured
from paycanary.forecast.protocol import Split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from paycanary.documents.forecast import Evaluated
    from paycanary.forecast.labelled import Labelled
    from paycanary.forecast.models import Model
    from paycanary.progress import Progress

    Array = np.ndarray[Any, Any]

#: A column that tells this well alone holds the answer; one that tells this well is named.
_LEAK: Final = 0.999
_STRONG: Final = 0.95
#: Two columns whose equality is so much more frequent in one kind of rows are named, the worst of them.
_EQUALITY: Final = 0.25
_NAMED: Final = 5
#: Fewer failing companies (or others) than this tell nothing; fewer than that tell no two models apart.
_LEAST: Final = 10
_FEW: Final = 50
#: Stretches of time that are tested one after another, the first only teaches.
_STRETCHES: Final = 6


@dataclass(frozen=True, slots=True)
class Rows:
    """A table with its companies as they were found out. ``twin``: the same for equal rows; ``day``: which stretch of time."""

    table: Labelled
    company: Array
    twin: Array
    day: Array

    @property
    def y(self) -> Array:
        """0 or 1."""
        return self.table.y

    @property
    def failed_on(self) -> None:
        """A table of labels does not say when."""


def benchmark(
    table: Labelled, columns: tuple[str, str | None, str | None], progress: Progress, draws: int = 1000, only: Sequence[str] = ()
) -> Benchmark:  # fmt: skip
    """Tell a table's label and measure how well that went.

    Args:
        table: as `labelled.read` gives it.
        columns: names of its label, company and time.
        progress: told of every part.
        draws: of companies, for the intervals.
        only: models to choose among, by name; none: all.

    Raises:
        UsageError: it has too few failures or others, a column that holds the answer, or no time that can be tested; or there is no
            model of a name.
    """
    nothing = [0] * len(table.names)
    models = choose.named(choose.candidates(nothing) | choose.larger(nothing), only)
    progress.step("inspect")
    rows, found = inspect(table)
    asked = {name: list(splits) for name, splits in questions(rows).items()}
    if lost := _lost(rows, asked):
        found.append(Trap(kind="lost_times", rows=lost))
    asked = {name: splits for name, splits in asked.items() if splits}
    progress.step("benchmark", sum(map(len, asked.values())))
    results, choices = [], []
    for question, splits in asked.items():
        p, names = _told(rows, splits, models, progress)
        results.append(judged(rows, question, splits, p, name="chosen", draws=draws))
        choices += [Choice(question=question, model=name, times=times) for name, times in Counter(names).most_common()]  # fmt: skip
    label, group, time = columns
    return Benchmark(
        path=str(table.path), label=label, group=group, time=time, rows=len(rows.y), failed_rows=int(rows.y.sum()),
        companies=len(np.unique(rows.company)), failed_companies=_companies(rows, rows.y > 0), draws=draws,
        features=list(table.names), left_out=list(table.left_out), traps=found, choices=choices, results=results,
    )  # fmt: skip


def inspect(table: Labelled) -> tuple[Rows, list[Trap]]:
    """Find out which rows are of one company, and what is wrong with the table.

    Raises:
        UsageError: so much that no measure would mean anything.
    """
    x, y = table.x, table.y
    twin, alike = traps.duplicates(x), traps.look_alikes(x)
    given = [twin] if table.group is None else [twin, np.unique(table.group, return_inverse=True)[1].ravel()]  # fmt: skip
    apart = traps.joined(*given, pairs=np.zeros((0, 2), dtype=int))
    rows = Rows(table, traps.joined(apart, pairs=alike), twin, _stretches(table.time))
    _check_enough(rows, np.ones(len(y), dtype=bool))
    alone = traps.alone(x, y)
    _check_leaks(table, alone)
    found = []
    failed = _companies(rows, y > 0)
    if failed < _FEW:
        found.append(Trap(kind="few_failures", rows=failed))
    if table.unlabelled:
        found.append(Trap(kind="unlabelled", rows=table.unlabelled))
    if equal := traps.again(twin):
        found.append(Trap(kind="duplicates", rows=equal))
    if both := traps.again(twin) - traps.again(twin * 2 + y):
        found.append(Trap(kind="contradictions", rows=both))
    if same := traps.again(rows.company) - traps.again(apart):
        found.append(Trap(kind="look_alikes", rows=same))
    found += [Trap(kind="strong_column", columns=[name], auc=auc) for name, auc in zip(table.names, alone, strict=True) if auc >= _STRONG]  # fmt: skip
    found += [
        Trap(kind="equal_columns", columns=[table.names[i], table.names[j]], failed=failing, others=others)
        for i, j, failing, others in traps.equalities(x, y)[:_NAMED]
        if abs(failing - others) >= _EQUALITY
    ]  # fmt: skip
    return rows, found


def questions(rows: Rows) -> dict[str, Iterable[Split]]:
    """Splits by question, the hardest first."""
    if not rows.day.any():
        return {"companies": _usable(rows, _companies_apart(rows))}
    recur = len(np.unique(rows.company)) < len(rows.y)
    apart = {"later_companies": _usable(rows, _later(rows, protocol.folds(rows.company)))} if recur else {}  # fmt: skip
    return {**apart, "later": _usable(rows, _later(rows, np.zeros(len(rows.y), dtype=int)))}


def judged(rows: Rows, question: str, splits: Sequence[Split], p: Array, *, name: str, draws: int) -> Evaluated:  # fmt: skip
    """Hold probabilities to what happened.

    Raises:
        UsageError: too few companies of an outcome were tested.
    """
    _check_enough(rows, ~np.isnan(p))
    base = np.full(len(p), np.nan)
    for split in splits:
        base[split.test] = rows.y[split.fit].mean()
    return measured(question, name, rows, p, draws, base=base)


def _told(rows: Rows, splits: Iterable[Split], models: Mapping[str, Callable[[], Model]], progress: Progress) -> tuple[Array, list[str]]:  # fmt: skip
    """A probability a row, NaN where it was not tested, and the model chosen by each split."""
    p, names = np.full(len(rows.y), np.nan), []
    x = rows.table.x
    for split in splits:
        chosen = choose.choose(x[split.fit], rows.y[split.fit], rows.company[split.fit], models)
        p[split.test] = chosen.probability(x[split.test])
        names.append(chosen.name)
        progress.advance()
    return p, names


def _companies_apart(rows: Rows) -> Iterator[Split]:
    group, nobody = protocol.folds(rows.company), np.zeros(len(rows.y), dtype=bool)
    for one in range(protocol.FOLDS):
        yield Split(group != one, nobody, group == one)


def _later(rows: Rows, group: Array) -> Iterator[Split]:
    """Each stretch of time from earlier ones, by other groups if there are several, and never by a row's equal."""
    nobody = np.zeros(len(rows.y), dtype=bool)
    for stretch in np.unique(rows.day)[1:]:
        for one in np.unique(group):
            test = (rows.day == stretch) & (group == one)
            others = group != one if group.any() else ~np.isin(rows.twin, rows.twin[test])
            yield Split((rows.day < stretch) & others, nobody, test)


def _usable(rows: Rows, splits: Iterable[Split]) -> Iterator[Split]:
    """Splits that have rows to test and enough of both kinds to learn from."""
    for split in splits:
        least = min(_companies(rows, split.fit & (rows.y == outcome)) for outcome in (0, 1))
        if split.test.any() and least >= _LEAST // 2:
            yield split


def _lost(rows: Rows, asked: Mapping[str, Sequence[Split]]) -> int:
    """Rows that some question should have tested and could not."""
    if not any(asked.values()):
        raise _too_few(rows, "too few had failed before", "앞선 실패가 너무 적음")
    expected = rows.day > 0 if rows.day.any() else np.ones(len(rows.y), dtype=bool)
    return max(
        int((expected & ~np.any([s.test for s in splits], axis=0)).sum()) if splits else int(expected.sum())
        for splits in asked.values()
    )  # fmt: skip


def _stretches(time: Array) -> Array:
    """The stretch of each row's time, numbered from 0; at most so many."""
    times = np.unique(time)
    parts = np.array_split(times, min(len(times), _STRETCHES))
    return np.searchsorted([part[-1] for part in parts], time)


def _companies(rows: Rows, chosen: Array) -> int:
    return len(np.unique(rows.company[chosen]))


def _check_enough(rows: Rows, asked: Array) -> None:
    for outcome, ko, en in ((1, "실패한", "failed"), (0, "실패하지 않은", "did not fail")):
        count = _companies(rows, asked & (rows.y == outcome))
        if count < _LEAST:
            where = (
                ("", "") if asked.all() else (" in rows that can be tested", "시험할 수 있는 행에 ")
            )
            raise _too_few(
                rows, f"{count} companies {en}{where[0]}", f"{where[1]}{ko} 회사 {count}곳"
            )


def _check_leaks(table: Labelled, alone: Array) -> None:
    leaks = [name for name, auc in zip(table.names, alone, strict=True) if auc >= _LEAK]
    if leaks:
        shown = ", ".join(leaks)
        option = " ".join(f"--drop '{name}'" for name in leaks)
        raise UsageError(
            {
                "ko": f"{table.path}: 다음 열은 혼자서 실패 여부를 거의 다 알려 줍니다(값이거나, 비어 있는지 여부로): {shown}. 이대로 재면 아무 뜻이 없습니다.",
                "en": f"{table.path}: each of these columns tells the label nearly perfectly by itself (by its value, or by being empty): {shown}. Measures with it would mean nothing.",
            },
            {
                "ko": f"결과가 나온 뒤에 적힌 열이면 빼세요: {option}",
                "en": f"If it was written down after the outcome, drop it: {option}",
            },
        )


def _too_few(rows: Rows, en: str, ko: str) -> UsageError:
    path: Path = rows.table.path
    return UsageError(
        {
            "ko": f"{path}: 재기에는 모자랍니다({ko}, 적어도 {_LEAST}곳씩 필요).",
            "en": f"{path} holds too little to measure anything ({en}; it takes at least {_LEAST} of each).",
        },
        {
            "ko": "두 결과의 회사를 더 넣거나, --time 없이 재거나, --label 을 확인하세요.",
            "en": "Add companies of both outcomes, measure without --time, or check --label.",
        },
    )

"""Cases whose right answer is known: chosen before the first month, carried out month by month, told in ``planted.json``.

Every year each kind has its cases, at months that do not depend on how many months are asked for. Their workplaces do
nothing else: no other joiners or leavers, no end, no move. ``must_find`` says what a reader of the rows has to conclude.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np

from benchmarks.country import names
from benchmarks.country.dynamics import end, month_at
from benchmarks.country.state import BRANCH, COMPANY, Maker, Workplaces
from paycanary.filings.nps import create_names

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from numpy.random import Generator

#: Kind -> what must be found.
KINDS: Final = {
    "mass_exit": "mass exit: 30 % or more, at least 10 people, left in one month, and no workplace took them in",
    "slow_bleed": "slow loss: 2 to 4 % left every month and nobody joined; no single month is a mass exit",
    "merger": "no mass exit: all people moved to the counterpart, which took the company over; the company withdrew",
    "company_split": "no mass exit: the leavers moved to the counterpart, a new company",
    "branch_split_off": "no mass exit: a branch became the counterpart, a new company; the branch withdrew",
    "branch_move": "no mass exit: people moved between two workplaces of the same company, whose total did not change",
    "seasonal": "no mass exit: the same months every year rise and fall",
    "healthy": "nothing: few come and go",
}
#: Months are at most so many: 2015-12 to 2026-06.
MONTHS: Final = 127
BLEED_MONTHS: Final = 18
_BLEED_SHOWN: Final = 12
_YEARLY: Final = (
    "mass_exit",
    "slow_bleed",
    "merger",
    "company_split",
    "branch_split_off",
    "branch_move",
)
_STEADY: Final = ("seasonal", "healthy")
_PAIRED: Final = ("merger", "branch_split_off", "branch_move")
_NEW: Final = {"company_split", "branch_split_off"}
_SMALLEST: Final = {"mass_exit": 40, "slow_bleed": 80}
_SMALLEST_OTHER: Final = 30
_LARGEST: Final = 2000


@dataclass
class Case:
    """One case: its workplace, at times a second one, and the month (0 = the first) in which it happens."""

    kind: str
    number: int
    month: int
    wid: int
    other: int | None = None
    season: tuple[int, int, float] | None = None
    told: dict[str, Any] = field(default_factory=dict)


class Plan:
    """All cases of a made country."""

    def __init__(self, seed: int, first: date, each: int, state: Workplaces) -> None:
        """Choose ``each`` workplaces a kind and year.

        Raises:
            ValueError: the country is too small for so many.
        """
        self.first = first
        self._seed = seed
        self.cases: list[Case] = []
        rng = np.random.default_rng([seed, 1])
        # A company that has units already is left alone: its total would not be the workplace's.
        units = state.company[state.kind != COMPANY]
        free = (state.kind == COMPANY) & ~np.isin(state.company, units)
        pool = rng.permutation(np.flatnonzero(free & (state.base >= _SMALLEST_OTHER) & (state.base <= _LARGEST)))  # fmt: skip
        small = rng.permutation(np.flatnonzero(free & (state.base < _SMALLEST_OTHER)))
        # Largest smallest-size first, so that the kinds that need large workplaces get them.
        wanted = [
            (kind, j, y) for y in range(-(-MONTHS // 12)) for j in range(each) for kind in _YEARLY
        ]
        wanted += [(kind, j, 0) for j in range(each) for kind in _STEADY]
        wanted.sort(key=lambda case: -_SMALLEST.get(case[0], _SMALLEST_OTHER))
        left, spare = pool.tolist(), small.tolist()
        pairs: list[tuple[int, int]] = []
        for kind, j, year in wanted:
            least = _SMALLEST.get(kind, _SMALLEST_OTHER)
            index = _take(left, lambda i, least=least: state.base[i] >= least)
            case = Case(kind, len(self.cases), _month(kind, j, year), int(state.wid[index]))
            self.cases.append(case)
            state.planted[index] = True
            state.season_start[index] = 0
            state.heads[index] = max(int(state.heads[index]), least)
            if kind == "merger":
                other = _take(left, lambda _: True)
                case.other = int(state.wid[other])
                state.planted[other] = True
                state.season_start[other] = 0
                _stand_beside(state, index, state, other)
            elif kind in _PAIRED:
                other = _take(spare, lambda _: True)
                case.other = int(state.wid[other])
                pairs.append((index, other))
            elif kind == "seasonal":
                case.season = (int(rng.integers(1, 13)), int(rng.integers(3, 6)), float(rng.uniform(1.6, 2.5)))  # fmt: skip
        self._make_branches(state, pairs)

    def _make_branches(self, state: Workplaces, pairs: list[tuple[int, int]]) -> None:
        """Turn the second, small workplace of each pair into a branch of the first: its name, number and people."""
        if not pairs:
            return
        # Names are changed from the top of the table to its end, all at once.
        main, branch = np.array(sorted(pairs, key=lambda pair: pair[1])).T
        plain, digits = names.company_labels(state.company[main], self._seed)
        unit = names.branch_labels(plain, main, site=False)
        state.company[branch] = state.company[main]
        state.kind[branch] = BRANCH
        state.planted[branch] = True
        state.season_start[branch] = 0
        state.heads[branch] = np.maximum(15, state.heads[main] // 2)
        state.relabel(branch, names.labels(unit, digits))

    def act(self, state: Workplaces, maker: Maker, step: int, start: np.datetime64) -> Workplaces:
        """Carry out what is due in a month; gives the workplaces with the new ones back."""
        added: list[Workplaces] = []
        for case in self.cases:
            if step < case.month or (
                step > case.month and case.kind not in {"slow_bleed", *_STEADY}
            ):
                continue
            rng = np.random.default_rng([self._seed, 2, case.number, step])
            if case.kind in _NEW:
                added.append(_split(rng, case, state, maker, start))
            else:
                _ACTS[case.kind](
                    rng,
                    case,
                    state,
                    step,
                    int(start.astype("datetime64[M]").astype(int)) % 12 + 1,
                    start,
                )
            if step == case.month or case.kind == "slow_bleed":
                _tell(case, state, added[-1] if case.kind in _NEW else state)
        return state.joined(added) if added else state

    def write(self, path: Path, months: int) -> None:
        """Write the cases that can be seen within so many months."""
        shown = [case for case in self.cases if case.told and self._is_seen(case, months)]
        told = [
            {
                **case.told,
                "month": f"{month_at(self.first, case.month):%Y-%m}",
                **({"until": f"{month_at(self.first, min(case.month + BLEED_MONTHS, months) - 1):%Y-%m}"} if case.kind == "slow_bleed" else {}),
                **({"season": {"first_month": case.season[0], "months": case.season[1]}} if case.season else {}),
                "must_find": KINDS[case.kind],
            }
            for case in shown
        ]  # fmt: skip
        _identify([entry for case in told for entry in (case, case.get("counterpart")) if entry])
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @staticmethod
    def _is_seen(case: Case, months: int) -> bool:
        return case.kind != "slow_bleed" or case.month + _BLEED_SHOWN <= months


def _tell(case: Case, state: Workplaces, others: Workplaces) -> None:
    """Keep the figures of the month, as its rows show them; ``others`` has the counterpart."""
    if case.told:
        return
    case.told = {"kind": case.kind, **_figures(state, case.wid)}
    if case.other is not None:
        case.told["counterpart"] = _figures(others, case.other)


def _month(kind: str, j: int, year: int) -> int:
    if kind in _STEADY:
        return 0
    return 12 * year + 1 + (j % 6 if kind == "slow_bleed" else 5 * j % 11)


def _take(pool: list[int], fits: Any) -> int:
    for place, index in enumerate(pool):
        if fits(index):
            return pool.pop(place)
    raise ValueError(
        "Too few workplaces for so many planted cases: give more --workplaces or fewer --planted."
    )


def _figures(state: Workplaces, wid: int) -> dict[str, Any]:
    i = int(state.at(wid))
    name, _, number = state.label[i].as_py().decode("cp949").rpartition(",")
    heads, joiners, leavers = (int(getattr(state, c)[i]) for c in ("heads", "joiners", "leavers"))
    return {
        "workplace": name, "business_number": number, "headcount_before": heads - joiners + leavers, "joiners": joiners,
        "leavers": leavers, "headcount": heads,
    }  # fmt: skip


def _identify(entries: list[dict[str, Any]]) -> None:
    """Add ``company`` and ``company_id`` as paycanary makes them out of name and number (``filings/sql/nps_rows.sql``)."""
    with duckdb.connect() as con:
        create_names(con)
        # One query for all: the steps of a name are long, and planning them costs more than taking them.
        found = con.execute(
            "SELECT company, 'nps:' || left(md5(number || '|' || name_key(company)), 12) FROM ("
            " SELECT number, workplace_company(name) AS company FROM (SELECT unnest($names) AS name, unnest($numbers) AS number))",
            {
                "names": [entry["workplace"] for entry in entries],
                "numbers": [entry["business_number"] for entry in entries],
            },
        ).fetchall()
    for entry, (company, company_id) in zip(entries, found, strict=True):
        entry["company"], entry["company_id"] = company, company_id


# --- what happens --------------------------------------------------------------------------------


def _change(state: Workplaces, wid: int, joiners: int, leavers: int) -> None:
    i = int(state.at(wid))
    state.joiners[i], state.leavers[i] = joiners, leavers
    state.heads[i] += joiners - leavers


def _heads(state: Workplaces, wid: int) -> int:
    return int(state.heads[int(state.at(wid))])


def _mass_exit(
    rng: Generator, case: Case, state: Workplaces, _step: int, _of_year: int, _start: Any
) -> None:
    heads = _heads(state, case.wid)
    _change(state, case.wid, 0, max(10, int(np.ceil(heads * rng.uniform(0.31, 0.6)))))


def _slow_bleed(
    rng: Generator, case: Case, state: Workplaces, step: int, _of_year: int, _start: Any
) -> None:
    if step < case.month + BLEED_MONTHS:
        heads = _heads(state, case.wid)
        low, high = int(np.ceil(heads * 0.02)), int(heads * 0.04)
        _change(state, case.wid, 0, int(rng.integers(low, high + 1)))


def _merger(
    rng: Generator, case: Case, state: Workplaces, _step: int, _of_year: int, start: Any
) -> None:
    assert case.other is not None  # noqa: S101 - chosen in pairs
    index = state.at(np.array([case.wid]))
    moved = int(state.heads[index[0]])
    end(state, index, np.array([start + np.timedelta64(int(rng.integers(0, 28)), "D")]))
    _change(state, case.other, moved + int(rng.integers(0, 4)), int(rng.integers(0, 2)))


def _branch_move(
    rng: Generator, case: Case, state: Workplaces, _step: int, _of_year: int, _start: Any
) -> None:
    assert case.other is not None  # noqa: S101 - chosen in pairs
    moved = max(10, int(_heads(state, case.wid) * rng.uniform(0.35, 0.6)))
    _change(state, case.wid, 0, moved)
    _change(state, case.other, moved, 0)


def _split(
    rng: Generator, case: Case, state: Workplaces, maker: Maker, start: np.datetime64
) -> Workplaces:
    """A new company takes in a part of another one, or the whole of its branch, and hires up to three more."""
    day = start + np.timedelta64(int(rng.integers(0, 28)), "D")
    if case.kind == "branch_split_off" and case.other is not None:
        index = state.at(np.array([case.other]))
        moved = int(state.heads[index[0]])
        end(state, index, np.array([day]))
        case.wid = case.other
    else:
        moved = max(10, int(_heads(state, case.wid) * rng.uniform(0.31, 0.6)))
        _change(state, case.wid, 0, moved)
    new = maker.make(rng, COMPANY, 1, day, newborn=True)
    new.heads[:] = new.joiners[:] = moved + int(rng.integers(0, 4))
    new.planted[:] = True
    new.season_start[:] = 0
    _stand_beside(new, 0, state, int(state.at(case.wid)))
    case.other = int(new.wid[0])
    return new


def _stand_beside(rows: Workplaces, index: int, others: Workplaces, other: int) -> None:
    """Put a workplace where another stands, into the same trade: assumed of those between which all people move."""
    rows.place[index] = others.place[other]
    rows.industry[index] = others.industry[other]


def _seasonal(
    _rng: Generator, case: Case, state: Workplaces, _step: int, of_year: int, _start: Any
) -> None:
    assert case.season is not None  # noqa: S101 - set when chosen
    first, months, times = case.season
    base = round(float(state.base[int(state.at(case.wid))]))
    wanted = round(base * times) if (of_year - first) % 12 < months else base
    change = wanted - _heads(state, case.wid)
    _change(state, case.wid, max(change, 0), max(-change, 0))


def _healthy(
    rng: Generator, case: Case, state: Workplaces, _step: int, _of_year: int, _start: Any
) -> None:
    i = int(state.at(case.wid))
    lack = round(float(state.base[i])) - int(state.heads[i])
    _change(state, case.wid, max(lack, 0), int(rng.binomial(int(state.heads[i]), 0.008)))


_ACTS: Final[dict[str, Any]] = {
    "mass_exit": _mass_exit, "slow_bleed": _slow_bleed, "merger": _merger, "branch_move": _branch_move,
    "seasonal": _seasonal, "healthy": _healthy,
}  # fmt: skip

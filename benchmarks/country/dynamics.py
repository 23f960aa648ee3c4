"""How a month follows from the month before: who joins and leaves, which workplaces begin, end, move and take other names.

Rates that one month of the real file shows are fitted to 2022-04 (see ``state.py``): of 100 insured 2 to 3 leave and 3 join;
nothing happens in 87 % of workplaces under 5, 71 % under 10, 46 % under 30. What one month cannot show is assumed.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.country import names
from benchmarks.country.state import BRANCH, COMPANY, OWNER, SITE, Maker, Workplaces
from paycanary.filings.rates import load_rates

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from paycanary.filings.rates import DatedValue

#: Since this month sole proprietors' workplaces are in the file, from ten insured on (note of the data set).
OWNERS_SINCE: Final = date(2025, 7, 1)
_LEAST: Final = 3
_LEAST_OWNER: Final = 10
#: Assumed shares of the file's rows; sole proprietors come on top of the rows asked for.
SHARES: Final = {BRANCH: 0.02, SITE: 0.03, OWNER: 0.05}
_PARENT_HEADS: Final = 20
#: Assumed chances within a month.
_DEATH: Final = 0.007
_SITE_DEATH: Final = 0.06
_MOVE: Final = 0.001
_RENAME: Final = 0.0005
_GAP: Final = 0.001
_RESIZE: Final = 0.015
#: Incomes of the Seoul software companies of 2026-06 and of 2022-04 lie about so much a year apart.
_RAISE: Final = 1.025
_INCOMES_OF: Final = 2022


def month_at(first: date, steps: int) -> date:
    """The first day of the month so many steps after another."""
    year, month = divmod(first.year * 12 + first.month - 1 + steps, 12)
    return date(year, month + 1, 1)


def in_force(name: str, month: date) -> float:
    """A rate or ceiling of ``rates/pension.yaml`` in a month.

    Raises:
        ValueError: none is known for that month.
    """
    entries: tuple[DatedValue, ...] = load_rates("pension")[name]
    for entry in entries:
        if entry.since <= month <= entry.until:
            return entry.value
    raise ValueError(f"No {name} is known for {month:%Y-%m} (filings/rates/pension.yaml).")


def bills(rows: Workplaces, month: date) -> NDArray[np.int64]:
    """Won billed for the month: heads x income (at most the ceiling) x rate, each head's part cut to ten won.

    Incomes are set anew each July, as the insurance does.
    """
    rate, ceiling = in_force("contribution_rate", month), in_force("income_ceiling", month)
    years = month.year - _INCOMES_OF - (month.month < 7)  # noqa: PLR2004 - July
    income = np.minimum(rows.income * _RAISE**years, ceiling)
    each = (np.floor(income * rate / 10 + 1e-6) * 10).astype(np.int64)
    return np.asarray(each * rows.heads)


def begin(rng: Generator, maker: Maker, count: int, first: date) -> Workplaces:
    """As many workplaces as a month has rows, before the first month; the oldest first, as in the register's files."""
    units = {kind: round(SHARES[kind] * count) for kind in (BRANCH, SITE)}
    mains = count - sum(units.values())
    start = np.datetime64(first, "D")
    applied = np.sort(_old_days(rng, mains, start))
    state = maker.make(rng, COMPANY, mains, applied, newborn=False)
    again = rng.random(mains) < 0.03  # noqa: PLR2004 - 2.9 % of 2022-04 have been registered again
    days = (start - applied[again]).astype(int)
    state.again[again] = applied[again] + (days * rng.random(int(again.sum()))).astype(int)
    parts = [_units(rng, maker, state, kind, number, start=start) for kind, number in units.items()]
    state = state.joined(parts)
    return state.joined([_owners(rng, maker, count, start)]) if first >= OWNERS_SINCE else state


def step(rng: Generator, maker: Maker, state: Workplaces, month: date, rows: int) -> Workplaces:
    """The month after ``state``. Planted workplaces stay as they are: what they do is planned elsewhere."""
    state = state.keep(np.isnat(state.withdrawn))
    start = np.datetime64(month, "D")
    _people(rng, state, month)
    _ends(rng, state, start)
    _changes(rng, maker, state)
    added: list[Workplaces] = []
    if month >= OWNERS_SINCE:
        if state.is_owner.any():
            lacking = round(SHARES[OWNER] * rows) - int((state.is_owner & ~state.is_hidden).sum())
            added.append(maker.make(rng, OWNER, max(lacking, 0), _days_of(rng, start, max(lacking, 0)), newborn=True))  # fmt: skip
        else:  # The register opens to them: all at once, and nobody joins.
            added.append(_owners(rng, maker, rows, start))
    lacking = max(rows - int((~state.is_owner & ~state.is_hidden).sum()), 0)
    alive = np.isnat(state.withdrawn)
    for kind in (BRANCH, SITE):
        wanted = round(SHARES[kind] * rows) - int((alive & (state.kind == kind)).sum())
        number = min(max(wanted, 0), lacking)
        added.append(_units(rng, maker, state, kind, number, start=start, newborn=True))
        lacking -= number
    added.append(maker.make(rng, COMPANY, lacking, _days_of(rng, start, lacking), newborn=True))
    return state.joined(added)


def _people(rng: Generator, state: Workplaces, month: date) -> None:
    """Joiners and leavers: people leave by the workplace's turnover, most are replaced, a lack is filled within months."""
    count = len(state.wid)
    base = state.base.astype(np.float64)
    since = (month.month - state.season_start) % 12
    in_season = (state.season_start > 0) & (since < state.season_months)
    base = np.where(in_season, base * state.season_times, base)
    base = np.where(state.kind == SITE, base * rng.uniform(0.4, 1.6, count), base)
    wanted = np.rint(base).astype(np.int32)
    lack = np.maximum(wanted - state.heads, 0)
    excess = np.maximum(state.heads - wanted, 0)
    quick = np.where((state.season_start > 0) | (state.kind == SITE), 0.95, 0.5)
    left = rng.binomial(state.heads - excess, state.turnover) + rng.binomial(excess, quick)
    joined = rng.binomial(lack, quick) + rng.binomial(left, np.where(excess > 0, 0.1, 0.5))
    state.leavers = np.where(state.planted, 0, left).astype(np.int32)
    state.joiners = np.where(state.planted, 0, joined).astype(np.int32)
    state.heads += state.joiners - state.leavers
    resized = (rng.random(count) < _RESIZE) & ~state.planted
    state.base[resized] *= np.exp(rng.normal(0, 0.15, int(resized.sum()))).astype(np.float32)
    np.maximum(state.base, _LEAST, out=state.base)
    least = np.where(state.is_owner, _LEAST_OWNER, _LEAST)
    state.is_hidden = ((state.heads < least) | (rng.random(count) < _GAP)) & ~state.planted


def _ends(rng: Generator, state: Workplaces, start: np.datetime64) -> None:
    """Workplaces that end: a last row with no heads, all of the month before among the leavers; units end with their company."""
    chance = np.clip(_DEATH * (10 / state.base) ** 0.3, 0.001, 0.01)
    chance = np.where(state.kind == SITE, _SITE_DEATH, chance)
    ended = (rng.random(len(state.wid)) < chance) & ~state.planted
    dead = state.company[ended & (state.kind == COMPANY)]
    ended |= np.isin(state.company, dead) & ((state.kind == BRANCH) | (state.kind == SITE)) & ~state.planted  # fmt: skip
    end(state, np.flatnonzero(ended), start + rng.integers(0, 28, int(ended.sum())))


def end(state: Workplaces, index: NDArray[np.int64], days: NDArray[np.datetime64]) -> None:
    """Withdraw the workplaces at ``index``."""
    state.leavers[index] += state.heads[index] - state.joiners[index]
    state.joiners[index] = 0
    state.heads[index] = 0
    state.withdrawn[index] = days
    state.is_hidden[index] = False


def _changes(rng: Generator, maker: Maker, state: Workplaces) -> None:
    """Moves to another region, and other names for companies without branches."""
    count = len(state.wid)
    free = ~state.planted & np.isnat(state.withdrawn)
    moved = (rng.random(count) < _MOVE) & free
    state.place[moved] = maker.random_places(rng, int(moved.sum()))
    with_units = np.isin(state.company, state.company[(state.kind == BRANCH) | (state.kind == SITE)])  # fmt: skip
    renamed = (rng.random(count) < _RENAME) & free & (state.kind == COMPANY) & ~state.renamed & ~with_units  # fmt: skip
    index = np.flatnonzero(renamed)
    if len(index):
        state.renamed[index] = True
        state.relabel(index, names.labels(*names.company_labels(state.company[index], maker.seed, renamed=True)))  # fmt: skip


def _units(
    rng: Generator, maker: Maker, state: Workplaces, kind: int, count: int, *, start: np.datetime64, newborn: bool = False
) -> Workplaces:  # fmt: skip
    """Branches or building sites of companies that are large enough."""
    parents = np.flatnonzero(
        (state.kind == COMPANY) & (state.base >= _PARENT_HEADS) & ~state.renamed & ~state.planted & np.isnat(state.withdrawn)
    )  # fmt: skip
    if not len(parents):
        count = 0
    chosen = parents[rng.integers(0, len(parents), count)] if count else np.empty(0, dtype=np.int64)
    days = _days_of(rng, start, count)
    if not newborn:
        days = np.maximum(days - rng.integers(40, 700, count), state.applied[chosen])
    return maker.make(rng, kind, count, days, newborn=newborn, companies=state.company[chosen])


def _owners(rng: Generator, maker: Maker, rows: int, start: np.datetime64) -> Workplaces:
    count = round(SHARES[OWNER] * rows)
    return maker.make(rng, OWNER, count, _old_days(rng, count, start), newborn=False)


def _old_days(rng: Generator, count: int, start: np.datetime64) -> NDArray[np.datetime64]:
    """Days on which older workplaces came under the insurance: it began in 1988; half came on a month's first day."""
    age = 60 + rng.exponential(9 * 365, count).astype(int)
    days = np.maximum(start - age, np.datetime64("1988-01-01"))
    first = days.astype("datetime64[M]").astype("datetime64[D]")
    return np.where(rng.random(count) < 0.5, first, days)  # noqa: PLR2004


def _days_of(rng: Generator, start: np.datetime64, count: int) -> NDArray[np.datetime64]:
    return np.asarray(start + rng.integers(0, 28, count))

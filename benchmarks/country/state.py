"""All workplaces of a month, a column each: what is known of them, and how they behave."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.country import names

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

COMPANY: Final = 0
BRANCH: Final = 1
SITE: Final = 2
OWNER: Final = 3
NEVER: Final = np.datetime64("NaT", "D")
_HERE: Final = Path(__file__).parent

#: Size of a workplace by its rank. Fitted to the pension table of 2022-04 (data.go.kr 15083277), the 13,293 rows with heads
#: that apply since 2002-07 or later: that copy holds the oldest 29,974 workplaces only, in order of age, and the oldest are far
#: larger than the country's (mean 70; 570,000 of them would be 40 million insured). Its youngest have a mean of 18.6.
#: Above the 99.9th percentile the tail runs to the whole copy's largest workplace. Ranks are of "at most so many heads".
_RANKS: Final = (
    0, 0.1623, 0.2912, 0.3885, 0.4681, 0.5310, 0.5838, 0.6271, 0.6593, 0.6880, 0.7134, 0.7341, 0.7539, 0.7705, 0.8, 0.85, 0.9,
    0.95, 0.98, 0.99, 0.995, 0.999, 0.9999, 1,
)  # fmt: skip
_HEADS: Final = (
    2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 15.5, 18, 22.5, 31, 55, 116, 191, 296, 775, 5000, 113_848,
)  # fmt: skip
#: Insured by province, from 2026-06's sample of all provinces; Gwangju and Jeonnam, one by then, are halved.
_PROVINCES: Final = {
    "41": 1061, "11": 1007, "48": 259, "28": 233, "47": 232, "44": 191, "43": 175, "29": 166, "46": 167, "26": 164, "30": 161,
    "31": 112, "45": 95, "42": 79, "27": 67, "50": 56, "36": 21,
}  # fmt: skip

#: Mean share of people who leave in a month, by the logarithm of the size: 2022-04 has 2.4 % under 5 heads, 3 % up to 1,000 and
#: 1.6 % above. Workplaces differ, large ones less: the shape of the gamma distribution leaves as many without leavers as there.
_TURNOVER: Final = (np.log([4, 7, 500, 2000]), [0.025, 0.031, 0.031, 0.018])
_SPREAD: Final = (np.log([20, 100, 300]), [1.4, 2.5, 6])
#: Assumed share of companies that are seasonal, and below which size.
_SEASONAL: Final = 0.005
_SEASONAL_HEADS: Final = 200


@dataclass
class Workplaces:
    """Columns of equal length, in order of ``wid``, which counts workplaces as they appear.

    ``company`` is a serial number; ``base`` the size it keeps to; ``turnover`` the share of its people who leave in a
    month; ``income`` won a month and head in 2022-04; ``season``: first month (1-12; 0 = none), months, times the base.
    ``planted`` ones do only what is planned for them.
    """

    wid: NDArray[np.int64]
    company: NDArray[np.int64]
    kind: NDArray[np.int8]
    planted: NDArray[np.bool_]
    renamed: NDArray[np.bool_]
    label: Any
    place: NDArray[np.int16]
    industry: NDArray[np.int16]
    applied: NDArray[np.datetime64]
    again: NDArray[np.datetime64]
    withdrawn: NDArray[np.datetime64]
    base: NDArray[np.float32]
    turnover: NDArray[np.float32]
    income: NDArray[np.float64]
    season_start: NDArray[np.int8]
    season_months: NDArray[np.int8]
    season_times: NDArray[np.float32]
    heads: NDArray[np.int32]
    joiners: NDArray[np.int32]
    leavers: NDArray[np.int32]
    is_hidden: NDArray[np.bool_]

    places: Any = None
    industries: Any = None

    @property
    def is_owner(self) -> NDArray[np.bool_]:
        """Sole proprietors' workplaces."""
        return np.asarray(self.kind == OWNER)

    def keep(self, mask: NDArray[np.bool_]) -> Workplaces:
        """Those of ``mask``, as a copy."""
        picked = {name: getattr(self, name)[mask] for name in COLUMNS}
        return Workplaces(
            **picked, label=self.label.filter(pa.array(mask)), places=self.places, industries=self.industries,
        )  # fmt: skip

    def joined(self, others: list[Workplaces]) -> Workplaces:
        """These and, behind them, others."""
        every = [self, *others]
        columns = {name: np.concatenate([getattr(w, name) for w in every]) for name in COLUMNS}
        return Workplaces(
            **columns, label=pa.concat_arrays([w.label for w in every]), places=self.places, industries=self.industries,
        )  # fmt: skip

    def at(self, wids: NDArray[np.int64] | int) -> Any:
        """Place of a workplace, or of several, in the columns; they must be there."""
        found = np.searchsorted(self.wid, wids)
        if not np.array_equal(self.wid[np.minimum(found, len(self.wid) - 1)], wids):
            raise KeyError(wids)
        return found

    def relabel(self, index: NDArray[np.int64], labels: Any) -> None:
        """Give the workplaces at ``index``, in rising order, other names."""
        mask = np.zeros(len(self.wid), dtype=bool)
        mask[index] = True
        self.label = pc.replace_with_mask(self.label, pa.array(mask), labels)


COLUMNS: Final = tuple(
    f.name for f in fields(Workplaces) if f.name not in {"label", "places", "industries"}
)


class Maker:
    """Makes new workplaces; numbers them and their companies."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._wid = 0
        self._company = 0
        self._units: dict[int, int] = {}
        places, industries = _table("places.csv"), _table("industries.csv")
        self.places = _cells([row[:-1] for row in places])
        self.industries = _cells([row[:-1] for row in industries])
        province = np.array([row[5] for row in places])
        weight = np.array([float(row[-1]) for row in places])
        for code in np.unique(province):
            inside = province == code
            weight[inside] *= _PROVINCES[code] / weight[inside].sum()
        self._place_share = np.cumsum(weight) / weight.sum()
        counts = np.cumsum([float(row[-1]) for row in industries])
        self._industry_share = counts / counts[-1]

    def make(
        self, rng: Generator, kind: int, count: int, applied: NDArray[np.datetime64] | np.datetime64, *, newborn: bool,
        companies: NDArray[np.int64] | None = None,
    ) -> Workplaces:  # fmt: skip
        """``count`` new workplaces, each of a new company unless ``companies`` says whose they are."""
        if companies is None:
            companies = np.arange(self._company, self._company + count, dtype=np.int64)
            self._company += count
        wid = np.arange(self._wid, self._wid + count, dtype=np.int64)
        self._wid += count
        base = self._sizes(rng, kind, count)
        heads = np.rint(base).astype(np.int32)
        leaving = np.interp(np.log(base), *_TURNOVER)
        shape = np.interp(np.log(base), *_SPREAD)
        turnover = np.minimum(rng.gamma(shape, leaving / shape), 0.2)
        if kind == SITE:
            turnover = rng.uniform(0.15, 0.5, count)
        zeros = np.zeros(count, dtype=np.int32)
        is_seasonal = (kind == COMPANY) & (rng.random(count) < _SEASONAL) & (base < _SEASONAL_HEADS)
        return Workplaces(
            wid=wid,
            company=companies,
            kind=np.full(count, kind, dtype=np.int8),
            planted=np.zeros(count, dtype=bool),
            renamed=np.zeros(count, dtype=bool),
            label=self._labels(kind, companies),
            place=self.random_places(rng, count),
            industry=np.searchsorted(self._industry_share, rng.random(count)).astype(np.int16),
            applied=np.broadcast_to(applied, count).astype("datetime64[D]"),
            again=np.full(count, NEVER),
            withdrawn=np.full(count, NEVER),
            base=base.astype(np.float32),
            turnover=turnover.astype(np.float32),
            income=_incomes(rng, base),
            season_start=np.where(is_seasonal, rng.integers(1, 13, count), 0).astype(np.int8),
            season_months=rng.integers(2, 6, count, dtype=np.int8),
            season_times=rng.uniform(1.5, 4, count).astype(np.float32),
            heads=heads,
            joiners=heads.copy() if newborn else zeros.copy(),
            leavers=zeros,
            is_hidden=np.zeros(count, dtype=bool),
            places=self.places,
            industries=self.industries,
        )

    def random_places(self, rng: Generator, count: int) -> NDArray[np.int16]:
        """Where workplaces stand: indices of ``places``."""
        return np.searchsorted(self._place_share, rng.random(count)).astype(np.int16)

    def _labels(self, kind: int, companies: NDArray[np.int64]) -> Any:
        if kind == OWNER:
            plain, number = names.owner_labels(companies, self.seed)
        else:
            plain, number = names.company_labels(companies, self.seed)
        if kind in {BRANCH, SITE}:
            plain = names.branch_labels(plain, self._unit_numbers(companies), site=kind == SITE)
        return names.labels(plain, number)

    def _unit_numbers(self, companies: NDArray[np.int64]) -> NDArray[np.int64]:
        """Another number for every unit of a company, so that no two of them share a name."""
        numbers = np.empty(len(companies), dtype=np.int64)
        for i, company in enumerate(companies.tolist()):
            before = self._units.get(company, 0)
            self._units[company] = before + 1
            numbers[i] = company * 7 + before
        return numbers

    @staticmethod
    def _sizes(rng: Generator, kind: int, count: int) -> NDArray[np.float64]:
        rank = rng.random(count)
        if kind == OWNER:  # From ten insured on; few have more than fifty.
            return np.rint(np.minimum(10 + rng.exponential(8, count), 200))
        return np.rint(np.exp(np.interp(rank, _RANKS, np.log(_HEADS))))


def _incomes(rng: Generator, base: NDArray[np.float64]) -> NDArray[np.float64]:
    """Won a month and head. 2022-04: a mean of 2.8 million below 6 heads, 4.1 from 1,000; skewed to the left, spread 0.30."""
    z = rng.standard_normal(len(base))
    spread = np.where(z < 0, 0.32, 0.24) * z
    return np.asarray(np.maximum(2.78e6 * (base / 4) ** 0.062 * np.exp(spread), 1.0e6))


def _table(name: str) -> list[list[str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def _cells(rows: list[list[str]]) -> Any:
    """Neighbouring columns as one piece of a line."""
    return pa.array([",".join(row).encode("cp949") for row in rows], pa.binary())

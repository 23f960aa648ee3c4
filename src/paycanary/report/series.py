"""What a company's charts show, as numbers with their sources: the table beside a chart is the chart.

Figures are chosen as `signals/inputs/annual.sql` does: full fiscal years on one basis, consolidated where the newest year was
filed so. A chart whose series has too few points is not drawn; ``told`` then says what is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from paycanary.report.names import source_name
from paycanary.resources import read_yaml
from paycanary.wording import month, quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from paycanary.documents import CapitalChange, FactRow, Facts, Headcount, HeadcountRow
    from paycanary.errors import Lang
    from paycanary.models import Finding, Verdict

#: Years and balance sheets shown; months of joiners and leavers.
YEARS: Final = 6
MONTHS: Final = 24
#: Fewer points than this are told, not drawn.
LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class Source:
    """A filing that a number stands in."""

    name: str
    filing_id: str
    published_on: date
    url: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a chart, as it was filed, and where."""

    value: float
    unit: str
    shown: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """All numbers of one period; one that is not there was not public."""

    period: date
    label: str
    cells: dict[str, Cell]

    @property
    def sources(self) -> list[Source]:
        """Every filing that the row rests on, once."""
        return list(dict.fromkeys(s for cell in self.cells.values() for s in cell.sources))


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: what it says in a sentence, its columns (key -> name) and its rows, oldest first."""

    name: str
    title: str
    told: str
    columns: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    is_drawn: bool = True
    more: str = ""

    def values(self, key: str) -> list[float | None]:
        """A column, with None where nothing was public."""
        return [row.cells[key].value if key in row.cells else None for row in self.rows]


def words(lang: Lang) -> dict[str, str]:
    """Words of the charts."""
    found: dict[str, str] = read_yaml("report", "words", f"charts.{lang}.yaml")
    return found


def charts(verdict: Verdict, facts: Facts, headcount: Headcount) -> list[Chart]:
    """The four charts of a company, from what was public on the verdict's day."""
    lang = verdict.lang
    runway = next((f for f in verdict.findings if f.signal == "cash_runway"), None)
    yearly = _Accounts(facts, lang)
    return [
        yearly.profits(),
        yearly.cash(runway),
        _people(headcount, lang),
        yearly.money(facts.capital_changes),
    ]


class _Accounts:
    """The rows of one basis and one currency."""

    def __init__(self, facts: Facts, lang: Lang) -> None:
        self.lang = lang
        self.words = words(lang)
        ends = [f for f in facts.facts if f.months == 12 and f.basis]  # noqa: PLR2004 - a year
        newest = max((f.period_end for f in ends), default=None)
        whole = any(f.basis == "CFS" and f.period_end == newest for f in ends)
        self.basis = "CFS" if whole else "OFS"
        chosen = [f for f in facts.facts if f.basis == self.basis]
        self.unit = next((f.unit for f in reversed(chosen)), "KRW")
        self.years = [f for f in chosen if f.months == 12 and f.unit == self.unit]  # noqa: PLR2004
        self.balances = [f for f in chosen if f.months == 0 and f.unit == self.unit]

    def profits(self) -> Chart:
        """Revenue, operating profit and net income by fiscal year."""
        keys = ("revenue", "operating_profit", "net_income")
        rows = self._rows(self.years, keys)[-YEARS:]
        columns = {key: self.words[key] for key in keys}
        drawn = sum("net_income" in r.cells or "operating_profit" in r.cells for r in rows) >= LEAST
        return self._chart("accounts", self.words["accounts"], columns, rows, drawn=drawn)

    def cash(self, runway: Finding | None) -> Chart:
        """Cash and short-term investments at year ends and on the newest balance sheet, and how long they last."""
        keys = ("cash", "short_term_investments")
        held = [r for r in self._rows(self.balances, keys) if "cash" in r.cells]
        ends = {f.period_end for f in self.years}
        rows = [r for r in held if r.period in ends or r is held[-1]][-YEARS:]
        columns = {key: self.words[key] for key in keys}
        partial = [r for r in rows if "short_term_investments" not in r.cells]
        title = self.words["cash" if rows and len(partial) == len(rows) else "cash_chart"]
        if len(rows) < LEAST:
            told = self.words["cash_missing"]
            return Chart("cash", title, told, columns, rows, is_drawn=False)
        total = sum(cell.value for cell in rows[-1].cells.values())
        template = "cash_told"
        loss = next((f.period_end for f in runway.figures if f.concept == "operating_profit"), None) if runway else None  # fmt: skip
        if runway is not None and loss is not None:
            template += "_none" if runway.measure is None else "_runway"
        told = self.words[template].format(
            period=rows[-1].label,
            total=quantity(total, self.unit, self.lang),
            year=month(loss, self.lang) if loss else "",
            months=quantity(runway.measure or 0, "months", self.lang) if runway else "",
        )
        if rows[-1] in partial:
            told = f"{told} {self.words['cash_alone']}"
        more = ""
        if 0 < len(partial) < len(rows):
            periods = ", ".join(r.label for r in partial)
            more = self.words["cash_alone_bars"].format(periods=periods)
        return Chart("cash", title, told, columns, rows, more=more)

    def money(self, changes: Sequence[CapitalChange]) -> Chart:
        """Own sales beside the money that came in for new shares and convertible bonds, by fiscal year."""
        names = {"revenue": "sales", "share_issue_proceeds": "shares", "convertible_bond_proceeds": "bonds"}  # fmt: skip
        rows = [
            Row(r.period, r.label, {names[key]: cell for key, cell in r.cells.items()})
            for r in self._rows(self.years, tuple(names))[-YEARS:]
        ]
        more = ""
        for row in rows:
            if "shares" in row.cells:
                continue
            issued, silent = self._issued(changes, row.period)
            if issued:
                row.cells["shares"] = issued
                more = self.words["shares_partly"] if silent else more
        if all("bonds" not in row.cells for row in rows):
            names.pop("convertible_bond_proceeds")
        columns = {key: self.words[key] for key in names.values()}
        known = [r for r in rows if "sales" in r.cells]
        drawn = len(known) >= LEAST and any("shares" in r.cells for r in rows)
        return self._chart("money", self.words["money"], columns, rows, drawn=drawn, more=more)

    def _issued(self, changes: Iterable[CapitalChange], end: date) -> tuple[Cell | None, int]:
        """Proceeds of paid-in shares listed for the twelve months that end then, and how many issues bear no amount."""
        # By months: a day belongs to one year, also where a February's end is filed as the 28th of a leap year.
        paid = [c for c in changes if c.category == "paid_in" and 0 <= _months(end) - _months(c.changed_on) < 12]  # noqa: PLR2004  # fmt: skip
        amounts = [c.proceeds for c in paid if c.proceeds]
        silent = len(paid) - len(amounts)
        if not amounts or self.unit != "KRW":
            return None, silent
        total = sum(amounts)
        shown = quantity(total, "KRW", self.lang)
        if silent:
            shown = self.words["at_least"].format(amount=shown, silent=silent)
        sources = tuple(dict.fromkeys(_source(c, self.lang) for c in paid))
        return Cell(total, "KRW", shown, sources), silent

    def _rows(self, facts: Iterable[FactRow], keys: Sequence[str]) -> list[Row]:
        by_period: dict[date, dict[str, Cell]] = {}
        for fact in facts:
            if fact.concept in keys:
                shown = quantity(fact.value, fact.unit, self.lang)
                cell = Cell(fact.value, fact.unit, shown, (_source(fact, self.lang),))
                by_period.setdefault(fact.period_end, {})[fact.concept] = cell
        return [Row(day, month(day, self.lang), by_period[day]) for day in sorted(by_period)]

    def _chart(
        self, name: str, title: str, columns: dict[str, str], rows: list[Row], *, drawn: bool, more: str = ""
    ) -> Chart:  # fmt: skip
        if not drawn:
            return Chart(name, title, self.words[f"{name}_missing"], columns, rows, is_drawn=False)
        newest = rows[-1]
        shown = {k: newest.cells[k].shown if k in newest.cells else self.words["no_value"] for k in columns}  # fmt: skip
        told = self.words[f"{name}_told"].format(period=newest.label, **shown)
        return Chart(name, title, told, columns, rows, more=more)


def _people(headcount: Headcount, lang: Lang) -> Chart:
    """People by month (pension) and by report, with those who joined and left in a month."""
    said = words(lang)
    columns = {key: said[key] for key in ("insured", "staff", "joiners", "leavers")}
    by_period: dict[date, dict[str, Cell]] = {}
    for row in headcount.rows:
        cells = by_period.setdefault(row.period_end, {})
        if row.headcount is not None:
            key = "insured" if row.kind == "workplace" else "staff"
            cells[key] = _persons(row.headcount, row, lang)
        for key, moved in (("joiners", row.joiners), ("leavers", row.leavers)):
            if moved is not None:
                cells[key] = _persons(moved, row, lang)
    rows = [Row(day, month(day, lang), cells) for day, cells in sorted(by_period.items()) if cells]
    months = {r.period for r in [r for r in rows if "insured" in r.cells][-MONTHS:]}
    rows = [r for r in rows if r.period in months or "staff" in r.cells]
    present = {key: name for key, name in columns.items() if any(key in r.cells for r in rows)}
    counted = [r for r in rows if "insured" in r.cells or "staff" in r.cells]
    longest = max((sum(key in r.cells for r in rows) for key in ("insured", "staff")), default=0)
    if longest < LEAST:
        told = said["people_missing"]
        return Chart("people", said["people"], told, present, rows, is_drawn=False)
    newest = counted[-1].cells
    key = "insured" if "insured" in newest else "staff"
    told = said["people_told"].format(
        period=counted[-1].label, name=said[key], headcount=newest[key].shown
    )
    moves = sum("joiners" in r.cells for r in rows) >= LEAST
    more = "" if moves else said["people_unknown_moves"]
    return Chart("people", said["people"], told, present, rows, more=more)


def _persons(value: int, row: HeadcountRow, lang: Lang) -> Cell:
    shown = quantity(value, "persons", lang)
    return Cell(float(value), "persons", shown, (_source(row, lang),))


def _months(day: date) -> int:
    return 12 * day.year + day.month


def _source(row: Any, lang: Lang) -> Source:
    return Source(source_name(row.source, lang), row.filing_id, row.published_on, row.url)

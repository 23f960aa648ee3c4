"""How companies of a trade, province and size fared: what one company's people are held against.

Percentiles over the whole country cost seconds, and a question about one company must not. So they are worked out when months come
in, once for each state of the register: a newest month and the twelve before it, each in the reading that counted on a day. A
correction makes another state from its day on; what was said before it still rests on the state of that time.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from paycanary.lake import renames
from paycanary.lake.pension import LATER
from paycanary.lake.tables import PEER_GROUPS, numbered
from paycanary.resources import read_text

if TYPE_CHECKING:
    from datetime import date

    import duckdb

    from paycanary.lake.writer import Writer

#: Months of a state: the newest, and those that it is compared with.
_MONTHS: Final = 13
_CONTENT: Final = ("readings", "months", "peers", "metric", "percentile")
_COLUMNS: Final = "months, peers, likeness, companies, metric, percentile, value, period_end"


class _Reading(NamedTuple):
    """A month's reading. ``number`` counts months."""

    number: int
    month: str
    filing_id: str
    published_on: date


class _State(NamedTuple):
    """The readings that count on a day, newest month first, and their digest."""

    key: str
    readings: list[_Reading]


def build(con: duckdb.DuckDBPyConnection, store: Writer, stamp: str) -> None:
    """Work out the peers of every state of the register that has none yet.

    Args:
        con: connection with views ``pension_readings``, ``workplace_months`` and ``pension_renames`` as they will be after the commit.
        store: the commit.
        stamp: its moment.
    """
    made = {key for (key,) in con.execute(f"SELECT DISTINCT readings FROM ({store.select(PEER_GROUPS.name)})").fetchall()}  # fmt: skip
    readings = _readings(con)
    for day in sorted({reading.published_on for reading in readings}):
        state = _state(readings, day)
        if state is None or state.key in made or len(state.readings) == 1:
            continue
        made.add(state.key)
        newest = state.readings[0]
        ids, months = (", ".join(f"'{r[column]}'" for r in state.readings) for column in (2, 1))
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE peer_names AS {renames.newest_ids(f'filing_id IN ({ids})')}"
        )
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW peer_rows AS SELECT coalesce(newest, company_id) AS company_id, {newest.number} - (12 * year(period_end) + month(period_end)) AS ago, "
            "headcount, joiners, leavers, industry_code, region "
            "FROM workplace_months LEFT JOIN peer_names USING (company_id) "
            f"WHERE month IN ({months}) AND filing_id IN ({ids}) AND NOT is_site"
        )
        rows = (
            f"SELECT *, '{state.key}' AS readings, '{newest.month}' AS month, last_day(DATE '{newest.month}-01') AS period_end, "
            f"CAST(NULL AS VARCHAR) AS company_id, 'nps' AS source, '{newest.filing_id}' AS filing_id, "
            f"DATE '{max(r.published_on for r in state.readings)}' AS published_on FROM ({read_text('lake', 'sql', 'peers.sql')})"
        )
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE state_peers AS {numbered(rows, stamp, _CONTENT)}"
        )
        if con.execute("SELECT count(*) FROM state_peers").fetchall() != [(0,)]:
            store.add(con, PEER_GROUPS.name, newest.month, "FROM state_peers")
    con.execute("DROP TABLE IF EXISTS state_peers")


def known(con: duckdb.DuckDBPyConnection, as_of: date, *, is_one: bool) -> str:
    """A query of the peers as of a day, of the newest month then; for one company only of the trades that it was ever in.

    Args:
        con: connection with the lake's views and ``known_headcounts``.
        as_of: the day.
        is_one: whether ``known_headcounts`` is one company's.
    """
    state = _state(_readings(con), as_of)
    if state is None:
        return f"SELECT {_COLUMNS} FROM {PEER_GROUPS.name} WHERE false"
    # Spelled out, so that Parquet skips what is of other trades.
    trades = con.execute("SELECT DISTINCT left(industry_code, 2) FROM known_headcounts WHERE industry_code IS NOT NULL").fetchall() if is_one else []  # fmt: skip
    own = " OR ".join(f"starts_with(peers, '{trade}|')" for (trade,) in [("",), *trades] if "'" not in trade)  # fmt: skip
    where = f"AND ({own})" if is_one else ""
    return f"SELECT {_COLUMNS} FROM {PEER_GROUPS.name} WHERE month = '{state.readings[0].month}' AND readings = '{state.key}' {where}"


def _readings(con: duckdb.DuckDBPyConnection) -> list[_Reading]:
    """All readings; of a month, the one that counts comes last."""
    rows = con.execute(
        "SELECT 12 * year(period_end) + month(period_end), strftime(period_end, '%Y-%m'), filing_id, published_on FROM pension_readings "
        f"ORDER BY period_end, {LATER}"
    ).fetchall()
    return [_Reading(*row) for row in rows]


def _state(readings: list[_Reading], day: date) -> _State | None:
    """The state of the register on a day; None before its first month."""
    counting = {r.number: r for r in readings if r.published_on <= day}
    if not counting:
        return None
    newest = max(counting)
    used = [counting[n] for n in range(newest, newest - _MONTHS, -1) if n in counting]
    text = "|".join(r.filing_id for r in used)
    return _State(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(), used)

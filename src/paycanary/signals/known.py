"""Everything that a verdict reads about one company, from what `Engine.ask` has made.

`read` asks for one company, which costs several statements; `everyone` gives all companies as short texts in few
statements, for a server that answers many, and `parse` turns such a text back. Both give the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from paycanary.lake.identity import LINK_THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb

#: Companies that are put together at once: bounds the memory that `everyone` takes.
_PORTION: Final = 20_000


class AnswerRow(NamedTuple):
    """A signal's answer with one of its figures and the lake row that this stands in."""

    signal: str
    level: str
    measure: float | None
    reason: str | None
    concept: str | None
    value: float | None
    text: str | None
    unit: str | None
    period_end: date | None
    source: str | None
    filing_id: str | None
    published_on: date | None


class BesideRow(NamedTuple):
    """Something known beside the answers: of which topic, and where it has one the lake row that it stands in."""

    topic: str
    concept: str
    value: float | None
    text: str | None
    unit: str | None
    period_end: date | None
    source: str | None
    filing_id: str | None
    published_on: date | None


class ListRow(NamedTuple):
    """The newest reading of a public list: of the whole, or a search for the company."""

    list: str
    source: str
    filing_id: str
    published_on: date


class RegisterRow(NamedTuple):
    """A register's entry for the company."""

    company_id: str
    source: str
    name: str | None
    name_en: str | None
    corp_code: str | None
    stock_code: str | None
    corporation_number: str | None
    business_number: str | None
    market: str | None
    industry: str | None
    region: str | None
    confidence: float
    rule: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a company; ``held`` names kinds of rows, as `engine` asks for them."""

    answers: list[AnswerRow]
    held: set[str]
    lists: list[ListRow]
    register: list[RegisterRow]
    data_until: date | None
    beside: list[BesideRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of a kind: ``rows`` has ``company_id`` and the columns of a row, ``order`` is theirs within a company."""

    rows: str
    columns: tuple[str, ...]
    order: str


_PARTS: Final = {
    "answers": _Part(
        "SELECT * FROM answers",
        AnswerRow._fields,
        "signal, period_end, concept, published_on, filing_id, value, text",
    ),
    "beside": _Part(
        "SELECT * FROM beside",
        BesideRow._fields,
        "topic, period_end DESC, concept, published_on, filing_id, value, text",
    ),
    "held": _Part("SELECT * FROM held", ("what",), "what"),
    "lists": _Part("SELECT * FROM known_lists", ListRow._fields, "filing_id"),
    "register": _Part(
        "SELECT l.canonical_id, c.*, l.confidence, l.rule FROM companies c JOIN links l USING (company_id) "
        f"WHERE l.confidence >= {LINK_THRESHOLD}",
        RegisterRow._fields,
        "company_id = canonical_id DESC, source, published_on DESC, company_id",
    ),
    "dates": _Part(
        " UNION ALL ".join(
            f"SELECT company_id, published_on FROM known_{name}"
            for name in ("facts", "headcounts", "opinions", "notices")
        ),
        ("max(published_on)",),
        "",
    ),
}
#: The company that rows belong to: of a register's entry it is not the entry's own id.
_OWNER: Final = {"register": "canonical_id"}


def read(con: duckdb.DuckDBPyConnection, company: str) -> Known:
    """What is known of one canonical company id."""
    found = {}
    for name, part in _PARTS.items():
        owner = _OWNER.get(name, "company_id")
        whole = " OR company_id IS NULL" if name == "lists" else ""
        order = f"ORDER BY {part.order}" if part.order else ""
        found[name] = con.execute(
            f"SELECT {', '.join(part.columns)} FROM ({part.rows}) WHERE {owner} = ?{whole} {order}",
            [company],
        ).fetchall()
    return Known(
        answers=[AnswerRow(*row) for row in found["answers"]],
        held={row[0] for row in found["held"]},
        lists=[ListRow(*row) for row in found["lists"]],
        register=[RegisterRow(*row) for row in found["register"]],
        data_until=found["dates"][0][0],
        beside=[BesideRow(*row) for row in found["beside"]],
    )


def several(con: duckdb.DuckDBPyConnection, companies: Iterable[str]) -> dict[str, Known]:
    """What is known of each of these canonical company ids, as `read` gives it, by a statement a kind of rows."""
    wanted = list(dict.fromkeys(companies))
    found: dict[str, dict[str | None, list[Any]]] = {}
    for name, part in _PARTS.items():
        owner = _OWNER.get(name, "company_id")
        whole = " OR company_id IS NULL" if name == "lists" else ""
        order = f"ORDER BY {part.order}" if part.order else "GROUP BY ALL"
        by_owner = found[name] = {}
        for row in con.execute(
            f"SELECT {owner}, {', '.join(part.columns)} FROM ({part.rows}) "
            f"WHERE {owner} IN (SELECT unnest(?::VARCHAR[])){whole} {order}",
            [wanted],
        ).fetchall():
            by_owner.setdefault(row[0], []).append(row[1:])
    lists = [ListRow(*row) for row in found["lists"].pop(None, [])]
    told = {}
    for company in wanted:
        own = [ListRow(*row) for row in found["lists"].get(company, [])]
        told[company] = Known(
            answers=[AnswerRow(*row) for row in found["answers"].get(company, [])],
            held={row[0] for row in found["held"].get(company, [])},
            lists=sorted([*lists, *own], key=_filing) if own else lists,
            register=[RegisterRow(*row) for row in found["register"].get(company, [])],
            data_until=found["dates"].get(company, [(None,)])[0][0],
            beside=[BesideRow(*row) for row in found["beside"].get(company, [])],
        )
    return told


def everyone(con: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[str, str]]]:
    """Every company asked about and what is known of it, as a text for `parse`; in portions."""
    ((count,),) = con.execute("SELECT count(DISTINCT canonical_id) FROM members").fetchall()
    portions = count // _PORTION + 1
    made = {name: _gathered(name, part, portions) for name, part in _PARTS.items()}
    columns = ", ".join(f"coalesce({name}.rows, '[]'::JSON)" for name in made)
    joins = " ".join(f"LEFT JOIN ({sql}) {name} USING (owner)" for name, sql in made.items())
    for portion in range(portions):
        yield con.execute(
            f"SELECT owner, json_array({columns})::VARCHAR FROM (SELECT DISTINCT canonical_id AS owner FROM members "
            f"WHERE hash(canonical_id) % {portions} = $portion) {joins}",
            {"portion": portion},
        ).fetchall()


def whole_lists(con: duckdb.DuckDBPyConnection) -> list[ListRow]:
    """The lists that were read whole, which say something about every company."""
    part = _PARTS["lists"]
    return [
        ListRow(*row)
        for row in con.execute(
            f"SELECT {', '.join(part.columns)} FROM known_lists WHERE company_id IS NULL ORDER BY {part.order}"
        ).fetchall()
    ]


def parse(text: str, lists: list[ListRow]) -> Known:
    """What `everyone` told of a company; ``lists`` are the `whole_lists`."""
    answers, beside, held, own, register, dates = json.loads(text)
    read_for_it = [ListRow._make([*row[:3], _day(row[3])]) for row in own]
    return Known(
        answers=[
            AnswerRow._make([*row[:8], _day(row[8]), *row[9:11], _day(row[11])]) for row in answers
        ],
        held={what for (what,) in held},
        lists=sorted([*lists, *read_for_it], key=_filing) if own else lists,
        register=[RegisterRow(*row) for row in register],
        data_until=_day(dates[0][0]) if dates else None,
        beside=[
            BesideRow._make([*row[:5], _day(row[5]), *row[6:8], _day(row[8])]) for row in beside
        ],
    )


def _gathered(name: str, part: _Part, portions: int) -> str:
    """SQL: owner, and its rows as one JSON array of arrays."""
    owner = _OWNER.get(name, "company_id")
    row = f"json_array({', '.join(part.columns)})"
    rows = f"to_json([{row}])" if not part.order else f"to_json(list({row} ORDER BY {part.order}))"
    return (
        f"SELECT {owner} AS owner, {rows} AS rows FROM ({part.rows}) "
        f"WHERE hash({owner}) % {portions} = $portion GROUP BY {owner}"
    )


def _filing(row: ListRow) -> str:
    return row.filing_id


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None

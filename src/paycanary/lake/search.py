"""Finding the company that was typed, and never guessing in silence.

``quick`` answers whole names and official numbers from the stored tables alone, for a command that runs once.
``Index`` answers everything else too, from tables it loads once. ``resolve`` gives one company or an error that
lists who else was meant.

Scores, best first: 1.0 official number or whole name; 0.97 whole English name; 0.96 former name; 0.95 same sound
(HMM, 에이치엠엠); 0.94 Latin reading in brackets; 0.85 all initials; 0.6-0.8 start of a name, one or two slips of
the finger; below that part of a name, or of a number.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from paycanary.documents.http import CompanyEntry
from paycanary.errors import AmbiguousError, NotFoundError
from paycanary.lake import typed
from paycanary.lake.identity import LINK_THRESHOLD
from paycanary.resources import read_text
from paycanary.sources.names import create_macros

if TYPE_CHECKING:
    import duckdb

    from paycanary.lake.typed import Typed

Kind = Literal["company_id", "corp_code", "stock_code", "business_number", "corporation_number", "exact", "english", "sound", "initials", "prefix", "contains", "typo"]  # fmt: skip

#: Scores from here on say that the whole name or number was typed; a company is known by it or not at all.
_WHOLE: Final = 0.85
#: From here on a name starts with what was typed, so that no slip need be looked for.
_STARTS: Final = 0.6
#: A lone hit below this is shown, not taken: less than half of a name, or two slips and more.
_CLEAR: Final = 0.65
#: Half the worth of a slip: two hits nearer than this are equally likely.
_GAP: Final = 0.09
#: Hits that ``resolve`` looks at. Listed companies stand first among equals, so the sole listed one is always in view.
_CONSIDERED: Final = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A company that fits, by which of its names or numbers, and what tells it from others of the same name.

    ``company_id`` is canonical. ``headcount`` is the newest known: insured people, or employees of a listed company.
    """

    company_id: str
    name: str
    matched: str
    kind: Kind
    score: float
    stock_code: str | None
    corp_code: str | None
    business_number: str | None
    market: str | None
    industry: str | None
    region: str | None
    headcount: int | None
    is_listed: bool

    def label(self) -> str:
        """Name and what tells it apart, in one line: ``카카오 (035720, KOSPI, 제주특별자치도)``."""
        code = self.stock_code or self.corp_code or self.company_id
        return f"{self.name} ({', '.join(filter(None, (code, self.market, self.region)))})"


class Index:
    """All names and numbers of a lake, loaded once; a search takes milliseconds. Safe to share between threads.

    Args:
        con: connection with views ``companies``, ``names``, ``links`` and ``all_headcounts``. The index keeps its tables
            there (temporary, ``search_*``), so a connection serves one index.

    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._lock = threading.Lock()
        _prepare(con)
        for step in ("everyone", "card", "load"):
            con.execute(_sql(step))

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """Companies that fit, best first, each once.

        Raises:
            UsageError: nothing to search for, or more than 100 characters.

        """
        with self._lock:
            return self._search(typed.read(self._con, query), limit)

    def nearest(self, query: str, limit: int = 3) -> list[str]:
        """Names that look most like the query, however far: for "did you mean"."""
        with self._lock:
            read = typed.read(self._con, query)
            if not read.has_words:
                return []
            rows = self._con.execute(
                _sql("nearest"), {"strokes": read.strokes, "limit": limit}
            ).fetchall()
        return [row[0] for row in rows]

    def page(
        self, after: str, limit: int, market: str | None = None, industry: str | None = None
    ) -> list[CompanyEntry]:
        """Companies whose ids follow ``after``, by id; of a market, or whose industry's name holds ``industry``."""
        with self._lock:
            found = self._con.execute(
                _sql("page"),
                {"after": after, "limit": limit, "market": market, "industry": industry},
            )
            names = [column[0] for column in found.description or ()]
            rows = found.fetchall()
        return [CompanyEntry(**dict(zip(names, row, strict=True))) for row in rows]

    def _search(self, query: Typed, limit: int) -> list[Hit]:
        exact = _sql("exact").format(names="search_names", codes="search_codes")
        known: dict[str, Any] = {**query.codes, "key": query.key}
        if query.has_initials:
            hits = self._find(
                f"{exact} UNION ALL {_sql('initials')}", limit,
                known | {"initials": query.initials, "pattern": query.pattern},
            )  # fmt: skip
        elif query.key:
            hits = self._find(
                f"{exact} UNION ALL {_sql('text')}",
                limit,
                known | {"sound": query.sound, "mask": query.mask, "sound_mask": query.sound_mask},
            )
        else:
            hits = self._find(exact, limit, known)
        if not query.has_words or (hits and hits[0].score >= _STARTS):
            return hits
        slips = self._find(_sql("typo"), limit, query.slips())
        known_ids = {hit.company_id for hit in slips}
        return [*slips, *(hit for hit in hits if hit.company_id not in known_ids)][:limit]

    def _find(self, found: str, limit: int, parameters: dict[str, Any]) -> list[Hit]:
        return _hits(self._con, found, {**parameters, "limit": limit})


def quick(con: duckdb.DuckDBPyConnection, query: str) -> list[Hit]:
    """Companies of exactly this name or number, straight from the stored tables; at most 20.

    Args:
        con: connection with views ``companies``, ``names``, ``links`` and ``all_headcounts``. Uses temporary tables
            ``search_*`` of it: give it a connection that serves no ``Index``.
        query: what was typed.

    Raises:
        UsageError: nothing to search for, or more than 100 characters.

    """
    _prepare(con)
    read = typed.read(con, query)
    found = _sql("exact").format(names="search_name_rows", codes="search_code_rows")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE search_found AS {found}", {**read.codes, "key": read.key}
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE search_wanted AS SELECT company AS company_id, company AS canonical_id FROM search_found "
        "UNION SELECT company_id, canonical_id FROM search_ids WHERE canonical_id IN (SELECT company FROM search_found)"
    )
    con.execute(_sql("card"))
    numbered = (
        "SELECT card.company, matched, kind, score FROM search_found AS found "
        "JOIN search_companies AS card ON card.canonical_id = found.company"
    )
    return _hits(con, numbered, {"limit": _CONSIDERED})


def resolve(source: duckdb.DuckDBPyConnection | Index, query: str) -> Hit:
    """Find the one company meant.

    A whole name that several companies bear means the one that is listed now, if there is exactly one: DART's
    register holds namesakes of every seventh listed company, most of them long gone. Part of a name, or a name
    with a slip in it, is taken only when nothing else comes near it; ``kind`` tells that it was.

    Args:
        source: an index, or a connection as ``quick`` takes it (an index is built only if need be).
        query: name, initials, or number.

    Raises:
        UsageError: nothing to search for, or more than 100 characters.
        AmbiguousError: several companies fit; ``candidates`` are their hits.
        NotFoundError: none fits, or none surely enough; the nearest names are in the message.

    """
    if not isinstance(source, Index):
        hits = quick(source, query)
        if hits and hits[0].score >= _WHOLE:
            return _decide(hits, query)
        source = Index(source)
    hits = source.search(query, _CONSIDERED)
    if hits:
        return _decide(hits, query)
    raise _not_found(query, source.nearest(query))


def _decide(hits: list[Hit], query: str) -> Hit:
    first, *others = hits
    equal = [hit for hit in hits if hit.score == first.score]
    listed = [hit for hit in equal if hit.is_listed]
    if first.score >= _WHOLE:
        if len(equal) == 1 or len(listed) == 1:
            return (listed or equal)[0]
        raise _ambiguous(query, equal)
    if first.kind == "typo":
        # Namesakes of the one listed company do not make a slip less clear.
        one_name = len({hit.name for hit in equal}) == 1 and len(listed) == 1
        near = [h for h in others if h.kind != "typo" or first.score - h.score < _GAP]
        is_clear = not near or (one_name and near == equal[1:])
    else:
        is_clear = not others
    # A six-digit start of a business number is shared by hundreds: it never settles who is meant.
    if is_clear and first.score >= _CLEAR and first.kind != "business_number":
        return first
    if others or first.kind == "business_number":
        raise _ambiguous(query, hits)
    raise _not_found(query, [first.label()])


def _ambiguous(query: str, hits: list[Hit]) -> AmbiguousError:
    shown = "; ".join(hit.label() for hit in hits[:5])
    asked = _shown(query)
    return AmbiguousError(
        {
            "ko": f"'{asked}'에 맞는 회사가 하나로 정해지지 않습니다.",
            "en": f"'{asked}' may mean more than one company.",
        },
        {
            "ko": f"이름을 더 적거나 번호로 고르세요: {shown}.",
            "en": f"Type more of the name, or choose by number: {shown}.",
        },
        list(hits),
    )


def _not_found(query: str, nearest: list[str]) -> NotFoundError:
    shown, asked = ", ".join(nearest), _shown(query)
    error = NotFoundError(
        {"ko": f"'{asked}'(이)라는 회사를 찾지 못했습니다.", "en": f"No company '{asked}' was found."},
        {
            "ko": f"혹시 이 가운데 있습니까: {shown}?" if nearest else "종목코드나 사업자등록번호로 찾아 보세요.",
            "en": f"Did you mean: {shown}?" if nearest else "Try its stock code or business number.",
        },
    )  # fmt: skip
    error.nearest = nearest
    return error


def _shown(query: str) -> str:
    return " ".join(typed.clean(query).split())


def _prepare(con: duckdb.DuckDBPyConnection) -> None:
    create_macros(con)
    con.execute(_sql("views").replace("{threshold}", str(LINK_THRESHOLD)))


def _hits(con: duckdb.DuckDBPyConnection, found: str, parameters: dict[str, Any]) -> list[Hit]:
    rows = con.execute(_sql("hits").replace("{found}", found), parameters).fetchall()
    return [Hit(*row) for row in rows]


@cache
def _sql(name: str) -> str:
    return read_text("lake", "sql", f"search_{name}.sql")

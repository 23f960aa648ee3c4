"""Pension workplaces by name: the portal's REST service (국민연금 가입 사업장 내역, V2).

Source: https://www.data.go.kr/data/3046071/openapi.do. Three operations: ``getBassInfoSearchV2`` finds rows by name,
``getDetailInfoSearchV2`` gives the insured count and the bill of one, ``getPdAcctoSttusInfoSearchV2`` who joined and left.
A ``seq`` is one workplace in one month, so a year of a company is a question to the last two for each month. Parameters are
camelCase: written otherwise they are ignored without a word, and nothing is found.

Workplaces of private persons (``wkplStylDvcd`` 2) may bear their names: such rows are dropped as they come in.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from paycanary.sources.data_go_kr import DAILY_LIMIT, Gateway, Service
from paycanary.sources.names import plain_name, rough_key
from paycanary.sources.web.calls import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paycanary.sources.subject import Subject
    from paycanary.sources.web.calls import Row
    from paycanary.sources.web.collector import Collector

NAME: Final = "nps"
SEARCH: Final = "getBassInfoSearchV2"
#: All workplaces of a company in one month, two questions each, answered together or not at all: a part of them is a wrong sum.
MONTH: Final = "company_month"
#: Our own note, no question: whether joiners and leavers of a company's months can be believed.
FLOWS: Final = "workplace_flows"
_DETAIL: Final = "getDetailInfoSearchV2"
_PERIOD: Final = "getPdAcctoSttusInfoSearchV2"
SERVICE: Final = Service(
    NAME,
    "국민연금 가입 사업장 내역",
    "https://www.data.go.kr/data/3046071/openapi.do",
    "https://apis.data.go.kr/B552015/NpsBplcInfoInqireServiceV2",
    ("dataType", "json"),
)
#: What a workplace is: the same in the search's rows and in the months'.
KNOWN: Final = (
    "seq",
    "dataCrtYm",
    "wkplNm",
    "bzowrRgstNo",
    "wkplStylDvcd",
    "wkplJnngStcd",
    "ldongAddrMgplDgCd",
)
FIELDS: Final = {
    SEARCH: KNOWN,
    _DETAIL: ("wkplStylDvcd", "wkplIntpCd", "vldtVlKrnNm", "adptDt", "scsnDt", "jnngpCnt", "crrmmNtcAmt"),
    _PERIOD: ("nwAcqzrCnt", "lssJnngpCnt"),
}  # fmt: skip
#: A year back, both ends counted.
MONTHS: Final = 13
#: Questions for one company: a company of many workplaces is followed over fewer months, but never in part.
_MOST_ASKED: Final = 52
_MOST_FOUND: Final = 3000
_SEARCH_AGE: Final = timedelta(days=1)
_PERSON: Final = "2"


class NpsApi:
    """The three operations. A month counts as one call here; the service's own word on its quota is heard in any case."""

    source = NAME
    daily_limit: int | None = DAILY_LIMIT

    @cached_property
    def _gateway(self) -> Gateway:
        return Gateway(SERVICE, FIELDS)

    def bucket(self, call: Call) -> str:
        """Each operation has a quota of its own."""
        return call.endpoint

    def ask(self, call: Call) -> Answer:
        """Ask now. ``company_month`` takes the rows that the search gave, so that its answer says whose month it is.

        Raises:
            SourceError: see `Gateway.rows`.
        """
        if call.endpoint == SEARCH:
            found = self._gateway.rows(SEARCH, call.params, _MOST_FOUND)
            return Answer([row for row in found if row.get("wkplStylDvcd") != _PERSON])
        rows = [self._month(known) for known in json.loads(call.params["workplaces"])]
        return Answer([row for row in rows if row.get("wkplStylDvcd") != _PERSON])

    def _month(self, known: Row) -> Row:
        seq = known["seq"] or ""
        detail = self._gateway.rows(_DETAIL, {"seq": seq})
        if len(detail) != 1:
            raise self._gateway.broken(f"{_DETAIL}: {len(detail)} rows for one workplace")
        month = known["dataCrtYm"] or ""
        flows = self._gateway.rows(_PERIOD, {"seq": seq, "dataCrtYm": month})
        return {**known, **detail[0], **(flows[0] if len(flows) == 1 else {})}


def about_company(c: Collector, subject: Subject, api: NpsApi | None = None) -> None:
    """Fetch every workplace of a company for the newest months, as many as `_MOST_ASKED` allows.

    A name that several companies bear brings all of them: whose is whose, identity decides.

    Raises:
        SourceError: why it ended early; what came until then is in the inbox.
    """
    api = api or NpsApi()
    asked = {"wkplNm": plain_name(subject.name)}
    if subject.business_number:
        asked["bzowrRgstNo"] = subject.business_number[:6]
    found = c.get(api, Call(SEARCH, asked, _SEARCH_AGE))
    calls = [_month_call(rows) for rows in choose(found, subject)]
    c.progress.step(NAME, total=len(calls))
    months: list[Row] = []
    try:
        for _, rows in c.map(api, calls):
            months += rows
    finally:
        _note_flows(c, months)


def choose(found: Sequence[Row], subject: Subject) -> list[list[Row]]:
    """Of a search's rows those that are the company's, a list a month, the newest first.

    A branch is known by the number that it shares with a workplace of exactly the company's name; a building site's day
    labourers are left out, as they are everywhere.
    """
    wanted = {rough_key(name) for name in (subject.name, *subject.names)} - {""}
    prefix = subject.business_number[:6] if subject.business_number else None
    numbers = {prefix} if prefix else {
        _number(row) for row in found if rough_key(row.get("wkplNm") or "") in wanted
    }  # fmt: skip
    by_month: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        name = row.get("wkplNm") or ""
        is_ours = _number(row) in numbers and rough_key(name).startswith(tuple(wanted))
        if is_ours and row.get("seq") and row.get("dataCrtYm") and "/일용/" not in name:
            by_month[row["dataCrtYm"] or ""].append(row)
    chosen: list[list[Row]] = []
    asked = 0
    for month in sorted(by_month, reverse=True)[:MONTHS]:
        asked += len(by_month[month])
        if asked > _MOST_ASKED:
            break
        chosen.append(sorted(by_month[month], key=lambda row: row["seq"] or ""))
    return chosen


def is_constant(rows: Iterable[Row]) -> bool:
    """Whether all months show the same joiners and leavers though the insured count changes.

    The service has been seen to answer so whatever month was asked: then nothing is known about who came and went.
    """
    rows = list(rows)
    flows = {(row.get("nwAcqzrCnt"), row.get("lssJnngpCnt")) for row in rows}
    return len(rows) > 1 and len(flows) == 1 and len({row.get("jnngpCnt") for row in rows}) > 1


def _note_flows(c: Collector, months: Iterable[Row]) -> None:
    for (name, number), rows in _by_workplace(months).items():
        note: Row = {"is_constant": "Y" if is_constant(rows) else "N", "months": str(len(rows))}
        call = Call(FLOWS, {"wkplNm": name, "bzowrRgstNo": number})
        c.inbox.save(NAME, call, Answer([note]))


def _by_workplace(months: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in months:
        grouped[row.get("wkplNm") or "", row.get("bzowrRgstNo") or ""].append(row)
    return grouped


def _number(row: Row) -> str:
    """The six digits that are shown of a business number: ``119867****`` -> ``119867``."""
    return "".join(filter(str.isdigit, row.get("bzowrRgstNo") or ""))[:6]


def _month_call(rows: Sequence[Row]) -> Call:
    known = [{name: row.get(name) for name in KNOWN} for row in rows]
    month = rows[0]["dataCrtYm"] or ""
    return Call(MONTH, {"dataCrtYm": month, "workplaces": json.dumps(known, ensure_ascii=False)})

"""The public data portal's gateway (apis.data.go.kr) with the services behind it, as they document themselves and were seen to behave.

Fed with rows in the services' own field names. Parameters that a service does not know are ignored without a word, as the
real ones do; what its workings depend on (the key, paging) is checked.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax.saxutils import escape

from tests.standins.server import Fault, Reply, Request, StandIn, as_json

#: As the portal gives it out in its "decoding" form; the other form has %2B, %2F and %3D.
KEY: Final = "sTand+In/Key0123456789abcdefGHIJKLMNOPQRSTuvwxyz+/0123456789ab=="
PAGE_LIMIT: Final = 999
Row = dict[str, Any]
Filter = Callable[[Row, dict[str, str]], bool]

ERRORS: Final = {
    "01": "APPLICATION_ERROR", "02": "DB_ERROR", "03": "NODATA_ERROR", "04": "HTTP_ERROR", "05": "SERVICETIMEOUT_ERROR",
    "10": "INVALID_REQUEST_PARAMETER_ERROR", "11": "NO_MANDATORY_REQUEST_PARAMETERS_ERROR", "12": "NO_OPENAPI_SERVICE_ERROR",
    "20": "SERVICE_ACCESS_DENIED_ERROR", "21": "TEMPORARILY_DISABLE_THE_SERVICEKEY_ERROR",
    "22": "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR",
    "23": "LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR", "29": "IP_BLOCKED_ERROR",
    "30": "SERVICE_KEY_IS_NOT_REGISTERED_ERROR", "31": "DEADLINE_HAS_EXPIRED_ERROR", "32": "UNREGISTERED_IP_ERROR",
    "33": "UNSIGNED_CALL_ERROR", "99": "UNKNOWN_ERROR",
}  # fmt: skip


def refused(code: str) -> Reply:
    """The gateway's own error: XML with status 200, whatever was asked for."""
    body = (
        "<OpenAPI_ServiceResponse>\n<cmmMsgHeader>\n<errMsg>SERVICE ERROR</errMsg>\n"
        f"<returnAuthMsg>{ERRORS[code]}</returnAuthMsg>\n<returnReasonCode>{code}</returnReasonCode>\n"
        "</cmmMsgHeader>\n</OpenAPI_ServiceResponse>"
    )
    return Reply(body.encode(), 200, "text/xml;charset=UTF-8")


def refusing(code: str) -> Fault:
    """The same as a fault."""
    return lambda _request, _reply: refused(code)


def in_service(code: str) -> Fault:
    """An error in a service's own envelope."""
    header = {"resultCode": code, "resultMsg": ERRORS[code]}
    return lambda _request, _reply: as_json({"response": {"header": header}})


def plainly(text: str, status: int) -> Fault:
    """How the newer gateway speaks: a line of text and an HTTP status."""
    return lambda _request, _reply: Reply(text.encode(), status, "text/plain")


def as_xml(rows: Iterable[Row], total: int, page: int, size: int) -> Reply:
    items = "".join(
        "<item>" + "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in row.items()) + "</item>"
        for row in rows
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><response><header><resultCode>00</resultCode>'
        f"<resultMsg>NORMAL SERVICE.</resultMsg></header><body>{f'<items>{items}</items>' if items else '<items/>'}"
        f"<numOfRows>{size}</numOfRows><pageNo>{page}</pageNo><totalCount>{total}</totalCount></body></response>"
    )
    return Reply(body.encode(), 200, "application/xml;charset=UTF-8")


@dataclass
class Operation:
    """One operation: its rows, which of them answer, the parameters that it knows, and how it asks for JSON."""

    rows: list[Row]
    json: tuple[str, str]
    known: tuple[str, ...]
    matches: Filter
    needs: tuple[str, ...] = ()


@dataclass
class Portal:
    """The gateway. ``limit`` is a day's calls an operation; ``calls`` counts them."""

    operations: dict[str, Operation]
    key: str = KEY
    limit: int = 10_000
    calls: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Reply:
        name = request.path.rsplit("/", 1)[-1]
        operation = self.operations.get(name)
        given = request.params.get("serviceKey")
        if given is None:
            return Reply(b"Unauthorized", 401, "text/plain")
        if given != self.key:
            return refused("30")
        if operation is None:
            return refused("12")
        with self.lock:
            self.calls[name] += 1
            if self.calls[name] > self.limit:
                return refused("22")
        heard = {k: v for k, v in request.params.items() if k in operation.known}
        if any(k not in heard for k in operation.needs):
            return self._page(operation, [], request)
        return self._page(operation, [r for r in operation.rows if operation.matches(r, heard)], request)  # fmt: skip

    def new_day(self) -> None:
        self.calls.clear()

    def _page(self, operation: Operation, rows: list[Row], request: Request) -> Reply:
        size = int(request.params.get("numOfRows", "10"))
        size = 10 if size > PAGE_LIMIT else size
        page = int(request.params.get("pageNo", "1"))
        part = rows[(page - 1) * size : page * size]
        if request.params.get(operation.json[0]) != operation.json[1]:
            return as_xml(part, len(rows), page, size)
        items: Any = {"item": part if len(part) > 1 else part[0]} if part else ""
        body = {"items": items, "numOfRows": size, "pageNo": page, "totalCount": len(rows)}
        return as_json({"response": {"header": {"resultCode": "00", "resultMsg": "NORMAL SERVICE."}, "body": body}})  # fmt: skip


# --- the services ----------------------------------------------------------------------------------


def nps_operations(workplaces: Iterable[Row], *, constant: tuple[int, int] | None = None) -> dict[str, Operation]:  # fmt: skip
    """``workplaces`` are whole months of a workplace with all fields of the three operations and ``seq`` of their own.

    ``constant``: joiners and leavers that are answered whatever month is asked.
    """
    rows = list(workplaces)
    basic = ("dataCrtYm", "seq", "wkplNm", "bzowrRgstNo", "wkplRoadNmDtlAddr", "wkplJnngStcd", "wkplStylDvcd", "ldongAddrMgplDgCd")  # fmt: skip
    detail = ("wkplNm", "wkplIntpCd", "vldtVlKrnNm", "adptDt", "scsnDt", "jnngpCnt", "crrmmNtcAmt")
    json = ("dataType", "json")

    def search(row: Row, asked: dict[str, str]) -> bool:
        name = asked["wkplNm"] in row["wkplNm"]
        return name and row["bzowrRgstNo"].startswith(asked.get("bzowrRgstNo", ""))

    def by_seq(row: Row, asked: dict[str, str]) -> bool:
        return str(row["seq"]) == asked["seq"]

    flows = [
        {
            "seq": row["seq"],
            "nwAcqzrCnt": constant[0] if constant else row["nwAcqzrCnt"],
            "lssJnngpCnt": constant[1] if constant else row["lssJnngpCnt"],
        }
        for row in rows
    ]
    return {
        "getBassInfoSearchV2": Operation([{k: r[k] for k in basic} for r in rows], json, ("wkplNm", "bzowrRgstNo"), search, ("wkplNm",)),
        "getDetailInfoSearchV2": Operation([{"seq": r["seq"]} | {k: r[k] for k in detail} for r in rows], json, ("seq",), by_seq, ("seq",)),
        "getPdAcctoSttusInfoSearchV2": Operation(flows, json, ("seq", "dataCrtYm"), by_seq, ("seq",)),
    }  # fmt: skip


def _equal(*names: str) -> Filter:
    return lambda row, asked: all(str(row.get(n)) == asked[n] for n in names if n in asked)


def fsc_operations(
    summaries: Iterable[Row] = (),
    balances: Iterable[Row] = (),
    incomes: Iterable[Row] = (),
    outlines: Iterable[Row] = (),
    *,
    knows_bzno: bool = True,
) -> dict[str, Operation]:
    json = ("resultType", "json")
    statement = {"known": ("crno", "bizYear"), "matches": _equal("crno", "bizYear")}
    known = ("crno", "corpNm", *(("bzno",) if knows_bzno else ()))

    def outline(row: Row, asked: dict[str, str]) -> bool:
        return asked.get("corpNm", "") in row["corpNm"] and _equal("crno", "bzno")(row, asked)

    return {
        "getSummFinaStat_V2": Operation(list(summaries), json, **statement),  # type: ignore[arg-type]
        "getBs_V2": Operation(list(balances), json, **statement),  # type: ignore[arg-type]
        "getIncoStat_V2": Operation(list(incomes), json, **statement),  # type: ignore[arg-type]
        "getCorpOutline_V2": Operation(list(outlines), json, known, outline),
    }


def comwel_operations(rows: Iterable[Row], *, knows_number: bool = True, speaks_json: bool = True) -> dict[str, Operation]:  # fmt: skip
    """``knows_number=False``: one client found that only paging works and everything comes back."""

    def matches(row: Row, asked: dict[str, str]) -> bool:
        number = asked.get("v_saeopjaDrno", "") if knows_number else ""
        return row["saeopjaDrno"].startswith(number) and _equal("opaBoheomFg")(row, asked)

    json = ("_type", "json") if speaks_json else ("_type", "never")
    return {"getGySjBoheomBsshItem": Operation(list(rows), json, ("v_saeopjaDrno", "opaBoheomFg"), matches)}  # fmt: skip


def service(operations: dict[str, Operation], **settings: Any) -> tuple[StandIn, Portal]:
    """A stand-in to be entered, and the portal behind it."""
    portal = Portal(operations, **settings)
    return StandIn(portal.answer), portal

"""The gateway of the public data portal (apis.data.go.kr): one envelope, one set of error codes, several registers behind it.

Answers come as ``{"response": {"header": {"resultCode", "resultMsg"}, "body": {"items": {"item": ...}, "totalCount"}}}``,
where an item may be a list, an object or an empty string. Errors of the gateway itself come as XML whatever was asked
(``<OpenAPI_ServiceResponse><cmmMsgHeader><returnReasonCode>``), and lately as a plain line with an HTTP status.
Source: the portal's guide (https://www.data.go.kr); each service is applied for by itself, with 10,000 calls a day an operation.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from paycanary.errors import KeyRefusedError, QuotaError
from paycanary.sources.web.client import Web, unreachable
from paycanary.sources.web.inbox import KOREA
from paycanary.sources.web.keys import Secret, require_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from paycanary.errors import AnswerError, Lang, SourceError
    from paycanary.sources.web.calls import Row
    from paycanary.sources.web.client import Reply

DAILY_LIMIT: Final = 10_000
_PER_SECOND: Final = 25
_PAGE_ROWS: Final = 100
#: What the gateway says in a plain line, without a code, in its newer form.
_PLAIN: Final = {
    "API token quota exceeded": "22",
    "API rate limit exceeded": "23",
    "Error forwarding request to backend server": "04",
    "Error receiving response from backend server": "05",
    "Unexpected error": "99",
    "API not found": "12",
    "Unauthorized": "30",
    "Forbidden": "20",
}
#: The same errors by name, where the number is left out.
_NAMES: Final = {
    "APPLICATION_ERROR": "01", "DB_ERROR": "02", "NODATA_ERROR": "03", "HTTP_ERROR": "04", "SERVICETIMEOUT_ERROR": "05",
    "SERVICETIME_OUT": "05", "INVALID_REQUEST_PARAMETER_ERROR": "10", "NO_MANDATORY_REQUEST_PARAMETERS_ERROR": "11",
    "NO_OPENAPI_SERVICE_ERROR": "12", "SERVICE_ACCESS_DENIED_ERROR": "20", "TEMPORARILY_DISABLE_THE_SERVICEKEY_ERROR": "21",
    "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR": "22",
    "LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR": "23", "IP_BLOCKED_ERROR": "29",
    "SERVICE_KEY_IS_NOT_REGISTERED_ERROR": "30", "DEADLINE_HAS_EXPIRED_ERROR": "31", "UNREGISTERED_IP_ERROR": "32",
    "UNSIGNED_CALL_ERROR": "33", "UNKNOWN_ERROR": "99",
}  # fmt: skip
_EMPTY: Final = "03"
_QUOTA: Final = "22"
#: Codes that another try may mend: the service's own trouble, and "slower".
_PASSING: Final[dict[str, str]] = {
    "01": "application error", "02": "database error", "04": "HTTP error behind the gateway", "05": "time-out behind the gateway",
    "23": "too many calls a second", "99": "unknown error",
}  # fmt: skip
_WRONG: Final[dict[str, str]] = {
    "10": "it refuses a parameter",
    "11": "it misses a parameter",
    "12": "it knows no such service",
}
_KEY: Final[dict[str, dict[Lang, str]]] = {
    "20": {"ko": "이 서비스의 활용신청이 없거나 아직 승인되지 않았습니다", "en": "the key was not approved for this service"},
    "21": {"ko": "인증키가 일시적으로 정지되었습니다", "en": "the key is switched off for now"},
    "29": {"ko": "이 컴퓨터의 주소(IP)가 차단되었습니다", "en": "this computer's address is blocked"},
    "30": {"ko": "등록되지 않은 인증키입니다", "en": "the key is not registered"},
    "31": {"ko": "인증키의 활용 기간이 끝났습니다", "en": "the key has expired"},
    "32": {"ko": "등록되지 않은 주소(IP)에서 불렀습니다", "en": "the key may not be used from this address"},
    "33": {"ko": "서명되지 않은 호출로 거절되었습니다", "en": "the call was refused as unsigned"},
}  # fmt: skip
_TODO: Final[dict[str, dict[Lang, str]]] = {
    "20": {
        "ko": "{page} 에서 '활용신청'을 하세요. 대개 바로 승인되고, 쓸 수 있기까지 한 시간쯤 걸릴 수 있습니다.",
        "en": "Apply for it at {page}. Approval is mostly immediate; it may take an hour until the key works.",
    },
    "30": {
        "ko": "승인 뒤 한 시간까지는 이렇게 답할 수 있습니다. 키를 다시 확인하고({page} 활용신청, 일반 인증키) `paycanary keys set data.go.kr` 로 넣으세요.",
        "en": "It may answer so for up to an hour after approval. Check the key ({page}, general key) and set it with `paycanary keys set data.go.kr`.",
    },
    "31": {
        "ko": "{page} 의 마이페이지에서 활용 기간을 연장하세요.",
        "en": "Extend it on your page at {page}.",
    },
}
_TODO_OTHER: Final[dict[Lang, str]] = {
    "ko": "{page} 의 마이페이지에서 인증키 상태와 등록 주소를 확인하세요.",
    "en": "Look at the key's state and its addresses on your page at {page}.",
}


@dataclass(frozen=True, slots=True)
class Service:
    """One service behind the gateway.

    Args:
        source: the register whose service it is.
        title: what a person knows it by on the portal.
        page: where it is applied for.
        base: its address.
        json: the parameter that asks for JSON, which every agency named differently.
    """

    source: str
    title: str
    page: str
    base: str
    json: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer taken out of its envelope. ``code`` is ``00`` where all is well."""

    code: str
    message: str
    rows: list[dict[str, Any]]
    total: int | None


class MalformedError(ValueError):
    """Bytes that are no envelope; the text says why, in a few words without anything of the answer."""


def decoded(secret: Secret) -> Secret:
    """The key as it is, where the portal's percent-encoded form of it was given: HTTP encodes it once more otherwise."""
    text = secret.reveal()
    return Secret(unquote(text)) if re.search(r"%[0-9A-Fa-f]{2}", text) else secret


def open_envelope(body: bytes) -> Envelope:
    """Read an answer in any of the gateway's forms: JSON, XML, its XML errors, or a plain line.

    Raises:
        MalformedError: none of them: HTML, half an answer, nothing.
    """
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] in (b"{", b"["):
        return _from_json(text)
    if text[:1] == b"<":
        return _from_xml(text)
    line = text[:200].decode("utf-8", errors="replace").strip()
    for said, code in _PLAIN.items():
        if line.startswith(said):
            return Envelope(code, said, [], None)
    raise MalformedError("empty" if not line else "neither JSON nor XML")


def _from_json(body: bytes) -> Envelope:
    try:
        document = json.loads(body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise MalformedError("broken JSON") from None
    while isinstance(document, dict) and set(document) & {"response", "OpenAPI_ServiceResponse"}:
        document = document.get("response", document.get("OpenAPI_ServiceResponse"))
    if not isinstance(document, dict):
        raise MalformedError("JSON of another kind")
    return _from_parts(document.get("header"), document.get("body"), document.get("cmmMsgHeader"))


def _from_xml(body: bytes) -> Envelope:
    """XML into the same parts. Document types are refused, so there are no entities to expand and nothing to fetch."""
    from lxml import etree  # noqa: PLC0415 - only where a service answers in XML

    if re.search(rb"<!doctype", body, re.IGNORECASE):
        raise MalformedError("a page or a document type")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )  # fmt: skip
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise MalformedError("broken XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise MalformedError("a document type")
    parts = {str(child.tag): child for child in root}
    items = parts["body"].find("items") if "body" in parts else None
    rows = [{str(cell.tag): cell.text for cell in item} for item in items] if items is not None else []  # fmt: skip
    flat = {
        name: {str(cell.tag): cell.text for cell in part if not len(cell)}
        for name, part in parts.items()
    }
    inner: dict[str, Any] | None = flat.get("body")
    if inner is not None:
        inner["items"] = {"item": rows}
    return _from_parts(flat.get("header"), inner, flat.get("cmmMsgHeader"))


def _from_parts(header: Any, body: Any, refused: Any) -> Envelope:
    if isinstance(refused, dict):
        code = str(refused.get("returnReasonCode") or "").strip()
        name = str(refused.get("returnAuthMsg") or refused.get("errMsg") or "").strip()
        return Envelope(code or _NAMES.get(name.replace(" ", "_"), "99"), name[:80], [], None)
    if not isinstance(header, dict) or "resultCode" not in header:
        raise MalformedError("no header")
    code = str(header["resultCode"] if header["resultCode"] is not None else "").strip()
    message = str(header.get("resultMsg") or "").strip()[:80]
    code = "00" if code in ("0", "00", "000", "0000") else _NAMES.get(code, code.zfill(2))
    if code != "00":
        return Envelope(code, message, [], None)
    if not isinstance(body, dict):
        raise MalformedError("no body")
    return Envelope(code, message, _rows_of(body.get("items")), _count(body.get("totalCount")))


def _rows_of(items: Any) -> list[dict[str, Any]]:
    """Rows, whether they stand in ``items.item`` or ``items``, as a list, one object, or an empty string for none."""
    found = items.get("item") if isinstance(items, dict) and "item" in items else items
    if isinstance(found, dict):
        return [found] if found else []
    if isinstance(found, list):
        if all(isinstance(row, dict) for row in found):
            return found
    elif found is None or (isinstance(found, str) and not found.strip()):
        return []
    raise MalformedError("rows of another kind")


def _count(value: Any) -> int | None:
    text = str(value if value is not None else "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else None


class Gateway:
    """Calls to one service. Safe for several threads at once; the key is looked for at the first call."""

    def __init__(self, service: Service, fields: Mapping[str, tuple[str, ...]]) -> None:
        """Fields: operation -> the fields of its rows that are kept; every other is dropped as it comes in."""
        self.service = service
        self._fields = fields
        given = require_key("data.go.kr", service.source)
        self._key = decoded(given)
        self._web = Web(
            service.source, service.base, per_second=_PER_SECOND, secrets=(self._key, given), judge=self._judge
        )  # fmt: skip

    def rows(self, operation: str, params: Mapping[str, str], most: int = 1000) -> list[Row]:
        """All rows that answer, page by page.

        Args:
            operation: the service's own name of it.
            params: what is asked, without key and page.
            most: rows beyond which the question is taken to have been too wide.

        Raises:
            SourceError: see `Web.send`; AnswerError also where there are more rows than ``most``, or fewer than announced.
        """
        found: list[Row] = []
        for page in self._pages(operation, params):
            found += [self._kept(operation, row) for row in page.rows]
            total = page.total
            if max(total or 0, len(found)) > most:
                raise self._web.broken(f"{operation}: {total} rows where at most {most} are meant")
            if total is None and len(page.rows) < _PAGE_ROWS:
                break
            if total is not None and len(found) >= total:
                break
            if not page.rows:
                raise self._web.broken(f"{operation}: {len(found)} of {total} rows")
        return found

    def broken(self, why: str) -> AnswerError:
        """The error for an answer that reads well and cannot be meant."""
        return self._web.broken(why)

    def _pages(self, operation: str, params: Mapping[str, str]) -> Iterator[Envelope]:
        number = 0
        while True:
            number += 1
            reply = self._web.send(
                "GET",
                operation,
                params={
                    "serviceKey": self._key.reveal(),
                    "pageNo": str(number),
                    "numOfRows": str(_PAGE_ROWS),
                    self.service.json[0]: self.service.json[1],
                    **params,
                },
            )
            # Whatever cannot be opened was refused by `_judge` already.
            yield open_envelope(reply.body)

    def _kept(self, operation: str, row: Mapping[str, Any]) -> Row:
        return {
            name: str(row[name]).strip()
            for name in self._fields[operation.rsplit("/", 1)[-1]]
            if isinstance(row.get(name), str)
        }

    def _judge(self, reply: Reply) -> SourceError | None:
        """What an answer says of itself, in our words."""
        try:
            envelope = open_envelope(reply.body)
        except MalformedError as error:
            if not 200 <= reply.status < 300:  # noqa: PLR2004 - the HTTP status says more than a page does
                return None
            return self._web.broken(f"{error}: {self._web.glimpse(reply)}")
        return self._error(envelope)

    def _error(self, envelope: Envelope) -> SourceError | None:
        code, source = envelope.code, self.service.source
        if code in ("00", _EMPTY):
            return None
        if code == _QUOTA:
            return out_of_quota(source)
        if code in _KEY:
            return self._refused(code)
        if code in _PASSING:
            return unreachable(source, f"{self.service.title}: {_PASSING[code]}")
        why = _WRONG.get(code, f"code {code[:8]} {envelope.message}".strip())
        return self._web.broken(f"{self.service.title}: {why}")

    def _refused(self, code: str) -> KeyRefusedError:
        title, page = self.service.title, self.service.page
        what, todo = _KEY[code], _TODO.get(code, _TODO_OTHER)
        source = self.service.source
        return KeyRefusedError(
            source,
            {
                "ko": f"{source}: {what['ko']}({title}, 코드 {code}).",
                "en": f"{source}: {what['en']} ({title}, code {code}).",
            },
            {"ko": todo["ko"].format(page=page), "en": todo["en"].format(page=page)},
        )


def out_of_quota(source: str) -> QuotaError:
    """The service itself says that the day's calls are used up; the collector puts it into words."""
    said: dict[Lang, str] = {
        "ko": f"{source}: 오늘 호출 한도를 다 썼습니다.",
        "en": f"{source}: today's calls are used up.",
    }
    later: dict[Lang, str] = {"ko": "내일 다시 실행하세요.", "en": "Run it again tomorrow."}
    tomorrow = datetime.now(KOREA).date() + timedelta(days=1)
    return QuotaError(source, tomorrow, said, later)

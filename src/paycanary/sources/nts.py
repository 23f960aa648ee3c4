"""Whether a business is open, suspended or closed, as the tax office says (국세청 사업자등록 상태조회).

Source: https://www.data.go.kr/data/15081808/openapi.do: POST up to a hundred 10-digit business numbers a call. The answer is
the state on the day of asking, so it counts as known from the day on which it was fetched. There is no whole to fetch:
`everything` asks again for all business numbers ever asked.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import KeyRefusedError
from paycanary.sources.data_go_kr import decoded, out_of_quota
from paycanary.sources.web.calendar import Calendar
from paycanary.sources.web.calls import Answer, Call
from paycanary.sources.web.client import Web, unreachable
from paycanary.sources.web.keys import require_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paycanary.errors import Lang, SourceError
    from paycanary.sources.subject import Subject
    from paycanary.sources.web.calls import Row
    from paycanary.sources.web.client import Reply
    from paycanary.sources.web.collector import Collector

NAME: Final = "nts"
CALENDAR: Final = Calendar("company")
STATUS: Final = "status"
#: What is kept of a row; nothing else of it is.
FIELDS: Final = (
    "b_no",
    "b_stt",
    "b_stt_cd",
    "tax_type",
    "tax_type_cd",
    "end_dt",
    "utcc_yn",
    "tax_type_change_dt",
)
DAILY_LIMIT: Final = 1_000_000
_PAGE: Final = "https://www.data.go.kr/data/15081808/openapi.do"
_BASE: Final = "https://api.odcloud.kr/api/nts-businessman/v1"
_A_CALL: Final = 100
_PER_SECOND: Final = 10
_AGE: Final = timedelta(days=7)
_DIGITS: Final = 10
_KEY_CODES: Final = ("-4", "-401")
_QUOTA_WORDS: Final = ("한도", "초과", "quota", "LIMITED_NUMBER")


class NtsApi:
    """The status question. Safe for several threads at once."""

    source = NAME
    daily_limit: int | None = DAILY_LIMIT

    @cached_property
    def _key(self) -> Any:
        return require_key("data.go.kr", NAME)

    @cached_property
    def _web(self) -> Web:
        secrets = (decoded(self._key), self._key)
        return Web(NAME, _BASE, per_second=_PER_SECOND, secrets=secrets, judge=self._judge)

    def bucket(self, call: Call) -> str:
        """One quota."""
        return call.endpoint

    def ask(self, call: Call) -> Answer:
        """Ask for the state of the numbers in ``b_no``, separated by commas.

        Raises:
            SourceError: see `Web.send`; AnswerError also where the answer is not about the numbers asked.
        """
        numbers = call.params["b_no"].split(",")
        reply = self._web.send(
            "POST",
            STATUS,
            params={"serviceKey": decoded(self._key).reveal(), "returnType": "JSON"},
            body={"b_no": numbers},
        )
        document = self._web.json(reply)
        rows = document.get("data") if isinstance(document, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._web.broken(f"no list of states: {self._web.glimpse(reply)}")
        answered = sorted(str(row.get("b_no")) for row in rows)
        if answered != sorted(numbers):
            raise self._web.broken(f"states of {len(rows)} other numbers than the {len(numbers)} asked for")  # fmt: skip
        return Answer([_kept(row) for row in rows])

    def _judge(self, reply: Reply) -> SourceError | None:
        """Errors come as ``{"code": -4, "msg": "..."}`` or ``{"status_code": "TOO_LARGE_REQUEST"}``, with or without an HTTP error."""
        if b"quota exceeded" in reply.body[:200]:
            return out_of_quota(NAME)
        document = _object(reply.body)
        code = str(document.get("code", document.get("status_code", "OK")))
        message = str(document.get("msg", "")).strip()[:80]
        if code == "OK":
            return None
        if code in _KEY_CODES:
            return _refused(code)
        if any(word in f"{code} {message}" for word in _QUOTA_WORDS):
            return out_of_quota(NAME)
        if code in ("-1", "INTERNAL_ERROR", "HTTP_ERROR"):
            return unreachable(NAME, f"code {code}")
        return self._web.broken(f"code {code[:40]} {message}".strip())


def about_company(c: Collector, subject: Subject, api: NtsApi | None = None) -> None:
    """Fetch the state of a company's business number; nothing where its ten digits are not known.

    Raises:
        SourceError: see `NtsApi.ask`.
    """
    number = subject.business_number or ""
    if len(number) == _DIGITS and number.isdigit():
        c.get(api or NtsApi(), Call(STATUS, {"b_no": number}, _AGE))


def everything(c: Collector, since: date | None, api: NtsApi | None = None) -> None:  # noqa: ARG001 - every register is asked the same way
    """Ask again about every business number ever asked about, a hundred a call.

    Raises:
        SourceError: why it ended early; what came until then is in the inbox.
    """
    asked = {n for params, _ in c.inbox.requests(NAME, STATUS) for n in params["b_no"].split(",")}
    calls = [Call(STATUS, {"b_no": ",".join(part)}, _AGE) for part in _hundreds(sorted(asked))]
    c.progress.step(NAME, total=len(calls))
    for _ in c.map(api or NtsApi(), calls):
        pass


def _object(body: bytes) -> dict[str, Any]:
    """A JSON object; empty where the bytes are none, which `ask` finds out for itself."""
    try:
        document = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _hundreds(numbers: list[str]) -> Iterable[list[str]]:
    return (numbers[start : start + _A_CALL] for start in range(0, len(numbers), _A_CALL))


def _kept(row: dict[str, Any]) -> Row:
    return {name: str(row[name]).strip() for name in FIELDS if isinstance(row.get(name), str)}


def _refused(code: str) -> KeyRefusedError:
    what: dict[Lang, str] = {
        "ko": f"{NAME}: 인증키가 거절되었습니다(국세청 사업자등록 상태조회, 코드 {code}).",
        "en": f"{NAME}: the key was refused (business status, code {code}).",
    }
    todo: dict[Lang, str] = {
        "ko": f"{_PAGE} 에서 '활용신청'을 했는지 확인하세요. 승인 뒤 한 시간까지는 이렇게 답할 수 있습니다.",
        "en": f"See that it was applied for at {_PAGE}. It may answer so for up to an hour after approval.",
    }
    return KeyRefusedError(NAME, what, todo)

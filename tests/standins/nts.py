"""The tax office's business states (api.odcloud.kr), as documented: POST a list, a hundred at most; errors as a code and a word."""

from __future__ import annotations

from typing import Any, Final

from tests.standins.data_go_kr import KEY
from tests.standins.server import Reply, Request, StandIn, as_json

MOST: Final = 100
_UNREGISTERED: Final = {
    "b_stt": "", "b_stt_cd": "", "tax_type": "국세청에 등록되지 않은 사업자등록번호입니다.", "tax_type_cd": "", "end_dt": "", "utcc_yn": "",
    "tax_type_change_dt": "", "invoice_apply_dt": "", "rbf_tax_type": "", "rbf_tax_type_cd": "",
}  # fmt: skip


def row(number: str, code: str = "01", ended: str = "") -> dict[str, str]:
    """A business's state in the service's own fields."""
    words = {"01": "계속사업자", "02": "휴업자", "03": "폐업자"}
    return {
        "b_no": number, "b_stt": words[code], "b_stt_cd": code, "tax_type": "부가가치세 일반과세자", "tax_type_cd": "01",
        "end_dt": ended, "utcc_yn": "N", "tax_type_change_dt": "", "invoice_apply_dt": "", "rbf_tax_type": "해당없음",
        "rbf_tax_type_cd": "99",
    }  # fmt: skip


def service(rows: list[dict[str, str]], key: str = KEY, limit: int = 1_000_000) -> StandIn:
    """Answers by ``rows``; numbers that they lack are not registered. ``limit``: calls until the day's are used up."""
    states = {r["b_no"]: r for r in rows}
    calls = 0

    def answer(request: Request) -> Reply:
        nonlocal calls
        if (refusal := _refusal(request, key)) is not None:
            return refusal
        calls += 1
        if calls > limit:
            return as_json({"code": -10, "msg": "일일 호출 한도를 초과하였습니다."}, 429)
        numbers: Any = request.json.get("b_no")
        if not isinstance(numbers, list) or not numbers:
            return as_json({"status_code": "REQUEST_DATA_MALFORMED"}, 411)
        if len(numbers) > MOST:
            return as_json({"status_code": "TOO_LARGE_REQUEST"}, 413)
        data = [states.get(n) or {"b_no": n, **_UNREGISTERED} for n in numbers]
        known = sum(n in states for n in numbers)
        return as_json({"request_cnt": len(numbers), "match_cnt": known, "status_code": "OK", "data": data})  # fmt: skip

    return StandIn(answer)


def _refusal(request: Request, key: str) -> Reply | None:
    if request.path != "/status" or request.method != "POST":
        return as_json({"code": -3, "msg": "등록되지 않은 서비스 입니다."}, 404)
    given = request.params.get("serviceKey")
    if given is None:
        return as_json({"code": -401, "msg": "인증키는 필수 항목 입니다."}, 401)
    if given != key:
        return as_json({"code": -4, "msg": "등록되지 않은 인증키 입니다."}, 401)
    return None

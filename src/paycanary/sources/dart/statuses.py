"""What OpenDART's status codes mean, as its guide says, and what a person can do about each.

Source: message table of every page of https://opendart.fss.or.kr/guide/main.do
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from paycanary.errors import AnswerError, KeyRefusedError, QuotaError, SourceError, UnreachableError
from paycanary.sources.web.client import unreachable
from paycanary.sources.web.inbox import KOREA

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.sources.web.calls import Call

OK: Final = "000"
#: Nothing is there: 013 no rows, 014 no file. An answer, no error.
EMPTY: Final = frozenset({"013", "014"})
#: "Undefined error": the one status that another try may mend.
PASSING: Final = "900"
_QUOTA: Final = "020"
_MAINTENANCE: Final = "800"
_SITE: Final = "https://opendart.fss.or.kr"

_KEY: Final[dict[str, tuple[dict[Lang, str], dict[Lang, str]]]] = {
    "010": (
        {"ko": "등록되지 않은 인증키입니다", "en": "the key is not registered"},
        {
            "ko": f"{_SITE} 의 인증키 관리에서 40자리 키를 그대로 복사해 `paycanary keys set dart` 로 다시 넣으세요.",
            "en": f"Copy the 40 characters from the key page of {_SITE} and set them again: `paycanary keys set dart`.",
        },
    ),
    "011": (
        {"ko": "사용이 정지된 인증키입니다", "en": "the key has been suspended"},
        {
            "ko": f"{_SITE} 에서 정지된 까닭을 확인하거나 문의하세요.",
            "en": f"See or ask at {_SITE} why it was suspended.",
        },
    ),
    "012": (
        {"ko": "이 인터넷 주소(IP)에서는 쓸 수 없는 인증키입니다", "en": "the key may not be used from this internet address"},
        {
            "ko": f"{_SITE} 의 인증키 관리에서 이 컴퓨터의 IP 를 등록하거나 IP 제한을 푸세요.",
            "en": f"Register this computer's address on the key page of {_SITE}, or lift the restriction there.",
        },
    ),
    "901": (
        {"ko": "개인정보 보유기간이 끝나 쓸 수 없는 인증키입니다", "en": "the key has lapsed: its owner's data was kept for its full term"},
        {
            "ko": f"{_SITE} 에서 인증키를 새로 신청하세요.",
            "en": f"Apply for a new key at {_SITE}.",
        },
    ),
}  # fmt: skip
_ASKED: Final[dict[str, dict[Lang, str]]] = {
    "021": {"ko": "한 번에 물을 수 있는 회사 수(100)를 넘었습니다", "en": "more companies than one call may ask for (100)"},
    "100": {"ko": "받아들여지지 않는 값이 있습니다", "en": "a value was not accepted"},
    "101": {"ko": "허용되지 않는 방식의 요청입니다", "en": "the call was not allowed"},
}  # fmt: skip


def failure(source: str, status: str, call: Call) -> SourceError:
    """The error for a status that is neither success nor emptiness."""
    if status in _KEY:
        what, todo = _KEY[status]
        return KeyRefusedError(source, _coded(source, what, status), todo)
    if status == _QUOTA:
        tomorrow = datetime.now(UTC).astimezone(KOREA).date() + timedelta(days=1)
        return QuotaError(
            source,
            tomorrow,
            _coded(source, {"ko": "오늘 호출 한도를 다 썼습니다", "en": "today's calls are used up"}, status),
            {
                "ko": f"{tomorrow} (한국 시각)부터 다시 실행하면 이어서 받습니다.",
                "en": f"Run it again from {tomorrow} (Korean time) on: it goes on where it stopped.",
            },
        )  # fmt: skip
    if status == _MAINTENANCE:
        return maintenance(source)
    if status == PASSING:
        return unreachable(source, f"OpenDART {PASSING}")
    asked = ", ".join(f"{name}={value[:60]}" for name, value in sorted(call.params.items()))
    what = _ASKED.get(status, {"ko": "알려지지 않은 상태 코드입니다", "en": "an unknown status"})
    return AnswerError(
        source,
        _coded(f"{source} {call.endpoint}({asked})", what, status),
        {
            "ko": "이 물음은 건너뜁니다. 되풀이되면 알려 주세요.",
            "en": "This question is left out. Please report it if it comes again.",
        },
    )


def maintenance(source: str) -> UnreachableError:
    """OpenDART says that it is closed for maintenance; nobody knows until when."""
    return UnreachableError(
        source,
        _coded(source, {"ko": "점검 중입니다", "en": "closed for maintenance"}, _MAINTENANCE),
        {
            "ko": "점검이 끝난 뒤 다시 실행하면 받지 못한 것부터 이어서 받습니다.",
            "en": "Run it again when the maintenance is over: it goes on with what is missing.",
        },
    )


def _coded(head: str, what: dict[Lang, str], status: str) -> dict[Lang, str]:
    return {lang: f"{head}: {text} (OpenDART {status})." for lang, text in what.items()}

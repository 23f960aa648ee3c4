"""Whether an employer stands on the wage-arrears list, by business number: Work24's open API (고용24).

GET /cm/openApi/call/wk/callOpenApiSvcInfo210L41.do with a key that job portals, public bodies and schools can get. The answer is
Y or N; an error is an error and never "not listed".
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import KeyRefusedError
from paycanary.sources.lists.paging import FRESH
from paycanary.sources.web.calls import Answer, Call
from paycanary.sources.web.keys import require_key

if TYPE_CHECKING:
    from paycanary.sources.subject import Subject
    from paycanary.sources.web.client import Web
    from paycanary.sources.web.collector import Collector

#: Its answers lie in the inbox among those of the list that it is about.
SOURCE: Final = "moel"
ENDPOINT: Final = "work24"
FIELDS: Final = ("judgReltYn",)
_PATH: Final = "cm/openApi/call/wk/callOpenApiSvcInfo210L41.do"
_DIGITS: Final = 10


class Work24Api:
    """The open API of Work24."""

    source = SOURCE
    daily_limit: int | None = None

    @cached_property
    def _key(self) -> Any:
        return require_key("work24", "work24")

    @cached_property
    def _web(self) -> Web:
        from paycanary.sources.web.client import Web  # noqa: PLC0415 - heavy

        return Web("work24", "https://www.work24.go.kr", per_second=2, secrets=(self._key,))

    def bucket(self, call: Call) -> str:
        """Its own."""
        return call.endpoint

    def ask(self, call: Call) -> Answer:
        """Ask about one business number.

        Raises:
            SourceError: KeyRefusedError where the key is missing or refused; AnswerError where the answer is neither Y nor N.
        """
        query = {
            "authKey": self._key.reveal(),
            "returnType": "XML",
            "brno": call.params["brno"],
        }
        reply = self._web.send("GET", _PATH, params=query, max_bytes=1 << 20)
        said = self._read(reply.body)
        if said.get("lnkSucsYn") != "Y":
            self._refuse(said)
        if said.get("judgReltYn") not in ("Y", "N"):
            raise self._web.broken("neither Y nor N")
        return Answer([{"judgReltYn": said["judgReltYn"]}])

    def _read(self, body: bytes) -> dict[str, str]:
        """The elements of the answer by name; a document type declaration is refused, for it can only be an attack."""
        from lxml import etree  # noqa: PLC0415 - heavy

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)  # fmt: skip
        if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
            raise self._web.broken("no answer in XML as documented")
        try:
            root = etree.fromstring(body, parser)
        except (etree.XMLSyntaxError, ValueError):
            raise self._web.broken("no XML") from None
        return {
            etree.QName(element).localname: (element.text or "").strip()
            for element in root.iter()
            if isinstance(element.tag, str)
        }

    def _refuse(self, said: dict[str, str]) -> None:
        code, message = said.get("errMsgCd", ""), said.get("errMsg", "")[:100]
        if "KEY" in message.upper() or "인증" in message:
            raise KeyRefusedError(
                "work24",
                {
                    "ko": f"work24: 인증키가 거부되었습니다({code}).",
                    "en": f"work24: the key was refused ({code}).",
                },
                {
                    "ko": "이 키는 직업정보제공사업자·공공기관·학교만 받을 수 있습니다. `paycanary keys` 로 확인하세요.",
                    "en": "This key is given to job portals, public bodies and schools only. Check it with `paycanary keys`.",
                },
            )
        raise self._web.broken(f"{code} {message}".strip() or "no success")


def can_ask(subject: Subject) -> bool:
    """Whether all ten digits of the business number are known."""
    number = subject.business_number or ""
    return len(number) == _DIGITS and number.isdigit()


def ask_about(c: Collector, subject: Subject) -> None:
    """Ask about a company whose business number is known.

    Raises:
        SourceError: see `Work24Api.ask`.
    """
    asked = {"brno": subject.business_number or "", "name": subject.name}
    c.get(Work24Api(), Call(ENDPOINT, asked, max_age=FRESH))

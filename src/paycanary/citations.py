"""Where a person can read the document that a figure stands in."""

from __future__ import annotations

from typing import Final

_URLS: Final = {
    "opendart": "https://dart.fss.or.kr/dsaf001/main.do?rcpNo={filing_id}",
    "nps": "https://www.data.go.kr/data/15083277/fileData.do",
    "krx": "https://kind.krx.co.kr/",
    "fsc": "https://www.data.go.kr/data/15043459/openapi.do",
    "nts": "https://www.data.go.kr/data/15081808/openapi.do",
    "comwel": "https://www.data.go.kr/data/15059256/openapi.do",
    "moel": "https://www.moel.go.kr/info/defaulter/defaulterList.do",
    "work24": "https://www.work24.go.kr",
    "tax": "https://www.nts.go.kr/nts/ad/openInfo/selectList.do",
    "nhis": "https://www.nhis.or.kr",
    "tips": "https://jointips.or.kr/network/startups",
}


def url(source: str, filing_id: str) -> str | None:
    """The address of a filing, or of the register that published it; None where neither is known."""
    return _URLS[source].format(filing_id=filing_id) if source in _URLS else None

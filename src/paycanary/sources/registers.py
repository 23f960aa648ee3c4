"""The registers that are asked over the network: one declaration, from which doors, docs and the refresh are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Register:
    """A public register.

    ``plan`` is the module that asks it; ``key`` the key it needs (see `paycanary keys`), None where it needs none;
    ``url`` where a person can look; ``gives`` what it tells of a company.
    """

    name: str
    plan: str
    ko: str
    en: str
    key: str | None
    url: str
    gives: str

    @property
    def variable(self) -> str:
        """Environment variable that replaces its base address."""
        return f"PAYCANARY_{self.name.upper()}_URL"


#: In the order in which they are shown.
REGISTERS: Final = {
    register.name: register
    for register in (
        Register("dart", "paycanary.sources.dart.plan", "금융감독원 DART", "FSS DART", "dart", "https://opendart.fss.or.kr",
            "periodic reports, statements, opinions, staff, share issues, major events, audit reports of unlisted companies"),
        Register("fsc", "paycanary.sources.fsc", "금융위원회 기업 재무정보", "FSC company statements", "data.go.kr", "https://www.data.go.kr/data/15043459/openapi.do",
            "summary statements of corporations, official numbers"),
        Register("nps", "paycanary.sources.nps_plan", "국민연금 사업장", "NPS pension workplaces", "data.go.kr", "https://www.data.go.kr/data/15083277/fileData.do",
            "insured people, joiners, leavers and contributions a month; the month file needs no key"),
        Register("comwel", "paycanary.sources.comwel", "고용·산재보험 사업장", "Employment insurance", "data.go.kr", "https://www.data.go.kr/data/15059256/openapi.do",
            "regular workers insured"),
        Register("nts", "paycanary.sources.nts", "국세청 사업자 상태", "NTS business status", "data.go.kr", "https://www.data.go.kr/data/15081808/openapi.do",
            "whether a business continues, is suspended or closed"),
        Register("krx", "paycanary.sources.lists.kind", "KRX KIND", "KRX KIND", None, "https://kind.krx.co.kr",
            "listings, delistings, issues under administration"),
        Register("moel", "paycanary.sources.lists.moel", "고용노동부 체불사업주", "MOEL wage arrears", None, "https://www.moel.go.kr/info/defaulter/defaulterList.do",
            "workplaces on the public list of unpaid wages; with key work24 also by business number"),
        Register("nhis", "paycanary.sources.lists.nhis", "4대 보험료 체납 명단", "Social insurance arrears", None, "https://www.nhis.or.kr",
            "corporations on the public list of unpaid contributions"),
        Register("tax", "paycanary.sources.lists.tax", "국세 체납 명단", "NTS tax arrears", None, "https://www.nts.go.kr/nts/ad/openInfo/selectList.do",
            "corporations on the public list of unpaid national taxes"),
        Register("tips", "paycanary.sources.lists.tips", "TIPS 선정", "TIPS selections", None, "https://www.jointips.or.kr",
            "start-ups selected for TIPS"),
    )
}  # fmt: skip

"""All public services at once, as stand-ins that know two companies: one listed, one that files audit reports only."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from tests import dart_documents as documents
from tests.nps_files import month_text, workplace
from tests.standins import data_go_kr, lists, nps_download, nts, opendart
from tests.standins.server import StandIn, http_error

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Made companies: their DART codes and names.
LISTED, UNLISTED = ("99000001", "가나전자1"), ("98000001", "다라소프트1")
#: Ten digits of the unlisted company, as the stand-in of DART gives them.
NUMBER: Final = "1298000001"
CORPORATION: Final = "1301098000001"
#: The portal of data.go.kr answers for these.
_PORTAL: Final = ("fsc", "nps", "comwel")
#: The newest month file of pensions: the unlisted company, and one that only this file knows.
MONTH: Final = month_text("2026-09", "clean", [
    workplace(f"(주){UNLISTED[1]}", NUMBER[:6], heads=40, billed=9_000_000, left=9),
    workplace("(주)마바사물산", "300400", heads=12, billed=2_000_000),
]).encode("cp949")  # fmt: skip


def audit_report(*, doubt: bool) -> bytes:
    """The newest audit report of the unlisted company: an opinion, a balance sheet and an income statement."""
    paragraphs = [
        "<P USERMARK='B'>감사의견</P>",
        "<P>우리는 가나다라 주식회사(이하 '회사')의 재무제표를 감사하였습니다. 해당 재무제표는 2025년 12월 31일 현재의 재무상태표, 동일로 종료되는 보고기간의 손익계산서로 구성되어 있습니다.</P>",
        "<P>우리의 의견으로는 별첨된 회사의 재무제표는 회사의 2025년 12월 31일 현재의 재무상태와 동일로 종료되는 보고기간의 재무성과를 일반기업회계기준에 따라, 중요성의 관점에서 공정하게 표시하고 있습니다.</P>",
        "<P USERMARK='B'>감사의견근거</P><P>우리는 대한민국의 회계감사기준에 따라 감사를 수행하였습니다.</P>",
    ]
    if doubt:
        paragraphs.append(
            "<P USERMARK='B'>계속기업 관련 중요한 불확실성</P><P>회사는 보고기간에 순손실이 발생하였으며, 이러한 상황은 계속기업으로서의 존속능력에 유의적 의문을 제기할 만한 중요한 불확실성이 존재함을 나타냅니다.</P>"
        )
    balance = documents.caption("재 무 상 태 표", documents.DAYS) + documents.table(
        ("Ⅰ. 유동자산", "400,000,000", "900,000,000"), ("현금및현금성자산", "50,000,000", "400,000,000"),
        ("자산총계", "1,000,000,000", "1,500,000,000"), ("유동부채", "800,000,000", "500,000,000"),
        ("부채총계", "1,200,000,000", "900,000,000"), ("자본금", "300,000,000", "300,000,000"),
        ("자본총계", "(200,000,000)", "600,000,000"), ("부채와자본총계", "1,000,000,000", "1,500,000,000"),
    )  # fmt: skip
    income = documents.caption("손 익 계 산 서") + documents.table(
        ("Ⅰ. 매출액", "700,000,000", "1,100,000,000"), ("Ⅴ. 영업손실", "600,000,000", "150,000,000"),
        ("Ⅹ. 당기순손실", "800,000,000", "250,000,000"),
    )  # fmt: skip
    return documents.document(*paragraphs, balance, income).encode()


@dataclass
class Services:
    """Every service, running. ``down`` takes some away; ``env`` points a program at them."""

    running: dict[str, StandIn] = field(default_factory=dict)
    wages: lists.Site = field(default_factory=lists.Site)
    taxes: lists.Site = field(default_factory=lambda: lists.Site(head=lists.TAX_HEAD))
    contributions: lists.Site = field(default_factory=lambda: lists.Site(head=lists.NHIS_HEAD))
    exchange: lists.Exchange = field(default_factory=lists.Exchange)
    startups: lists.Startups = field(default_factory=lists.Startups)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        data = opendart.made(1, years=(2023, 2024, 2025), unlisted=1)
        newest = max(receipt for receipt in data.documents)
        for receipt in data.documents:
            data.documents[receipt] = opendart.zipped(
                f"{receipt}.xml", audit_report(doubt=receipt == newest)
            )
        self._start("dart", opendart.service(data))
        operations = data_go_kr.fsc_operations() | data_go_kr.nps_operations([]) | data_go_kr.comwel_operations([])  # fmt: skip
        portal, _ = data_go_kr.service(operations)
        self._start("portal", portal)
        self._start("nts", nts.service([nts.row(NUMBER)]))
        self._start("moel", lists.moel(self.wages))
        self._start("tax", lists.tax(self.taxes))
        self._start("nhis", lists.nhis(self.contributions))
        self._start("krx", lists.kind(self.exchange))
        self._start("tips", lists.tips(self.startups))
        self.wages.rows.append(lists.moel_row("2026년 1차", f"(주){UNLISTED[1]}", "경기도 성남시", "87,000,000"))  # fmt: skip
        self.taxes.rows.append(
            lists.tax_row(1, "2025", "(주)사아자", "부산광역시 남구", "900,000,000")
        )
        self.contributions.rows.append(lists.nhis_row(1, "(주)차카타", "대전광역시 서구", "50,000,000"))  # fmt: skip
        for market, code, name in (("stockMkt", "990901", "파하전기"), ("kosdaqMkt", "990001", LISTED[1]), ("konexMkt", "990903", "거너더")):  # fmt: skip
            row = (name, code, "전자부품 제조업", "부품", "2010-05-06", "12월", lists.PERSON, "", "서울특별시")  # fmt: skip
            self.exchange.listed[market] = [row]
        self.exchange.delisted.append(
            ("1", "나라상사", "990904", "2019-03-04", "감사의견 거절", "")
        )
        self.exchange.administered.append(("1", "990903", "거너더", "2026-04-01", "감사의견 한정"))
        self.startups.rows.append(lists.startup("7", UNLISTED[1]))
        month, _ = nps_download.service(
            [nps_download.MonthFile(day, MONTH) for day in ("20261020", "20260920")]
        )
        self._start("nps_file", month)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self, name: str, service: StandIn) -> None:
        self.running[name] = self._stack.enter_context(service)

    def down(self, *names: str) -> None:
        for name in names:
            self.running[name].fault(http_error(503))

    def env(self, **more: str) -> dict[str, str]:
        """Keys and addresses."""
        addresses = {name: service.url for name, service in self.running.items()}
        addresses |= dict.fromkeys(_PORTAL, addresses.pop("portal"))
        addresses["nhis"] += "/list.do"
        urls = {f"PAYCANARY_{name.upper()}_URL": url for name, url in addresses.items()}
        keys = {"PAYCANARY_DART_KEY": opendart.KEY, "PAYCANARY_DATA_GO_KR_KEY": data_go_kr.KEY}
        return {**urls, **keys, "PAYCANARY_RETRY_SECONDS": "0.01", "NO_PROXY": "*", **more}

    def asked(self) -> int:
        """Requests that all services have had."""
        return sum(len(service.requests) for service in self.running.values())


def findings(verdict: dict[str, Any]) -> dict[str, str]:
    """Level by signal."""
    return {f["signal"]: f["level"] for f in verdict["findings"]}


def unknown(verdict: dict[str, Any]) -> dict[str, str]:
    """Reason by signal."""
    return {u["what"]: u["reason"] for u in verdict["unknown"]}


def states(fetch: dict[str, Any]) -> dict[str, str]:
    """State by register."""
    return {s["source"]: s["state"] for s in fetch["sources"]}


def files_below(folders: Iterable[Any]) -> bytes:
    """Every byte of every file."""
    return b"".join(p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file())

"""What tests of the public lists share: stand-ins that run, a desk that asks them, and a lake that takes the answers in."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from paycanary.lake.batches import refresh
from paycanary.lake.reader import open_reader
from paycanary.verdict import Session
from tests.live import Desk
from tests.standins import lists

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack
    from datetime import date
    from pathlib import Path
    from types import ModuleType

    import pytest

    from paycanary.models import Finding, Unknown, Verdict
    from paycanary.sources.subject import Subject

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")

#: Companies on the exchange.
LISTED: dict[str, list[Sequence[str]]] = {
    "stockMkt": [("가나전자", "990010", "반도체 제조업", "칩", "2001-03-02", "12월", lists.PERSON, "", "경기도")],
    "kosdaqMkt": [
        ("다라건설", "990020", "건물 건설업", "아파트", "2010-05-06", "12월", lists.PERSON, "", "서울특별시"),
        ("마바소프트", "990030", "소프트웨어 개발업", "게임", "2015-07-08", "12월", lists.PERSON, "", "부산광역시"),
    ],
    "konexMkt": [("바사바이오", "990040", "의약품 제조업", "약", "2020-09-10", "12월", lists.PERSON, "", "대전광역시")],
}  # fmt: skip
ROUND = "2026년 1차"


class Lists:
    """Every list as a stand-in, asked through one inbox into one lake."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> None:
        self.desk = Desk(folder)
        self.root = folder / "lake"
        self.moel = lists.Site()
        self.tax = lists.Site(head=lists.TAX_HEAD)
        self.nhis = lists.Site(head=lists.NHIS_HEAD)
        self.startups = lists.Startups()
        self.exchange = lists.Exchange(listed=dict(LISTED))
        self.numbers: set[str] = set()
        self.services = {
            "moel": stack.enter_context(lists.moel(self.moel)),
            "tax": stack.enter_context(lists.tax(self.tax)),
            "nhis": stack.enter_context(lists.nhis(self.nhis)),
            "tips": stack.enter_context(lists.tips(self.startups)),
            "krx": stack.enter_context(lists.kind(self.exchange)),
            "work24": stack.enter_context(lists.work24(self.numbers)),
        }
        for name, service in self.services.items():
            path = "/list.do" if name == "nhis" else ""
            monkeypatch.setenv(f"PAYCANARY_{name.upper()}_URL", service.url + path)
        monkeypatch.setenv("PAYCANARY_RETRY_SECONDS", "0.01")
        monkeypatch.delenv("PAYCANARY_WORK24_KEY", raising=False)
        for name in _PROXIES:
            monkeypatch.delenv(name, raising=False)

    def found(self) -> Lists:
        """A lake that knows the listed companies, from a file: quicker than asking KIND."""
        rows = [(row[0], market, *row[1:3], *row[4:6], row[8]) for market, listed in LISTED.items() for row in listed]  # fmt: skip
        path = self.desk.folder / "listed.csv"
        head = "회사명,시장구분,종목코드,업종,상장일,결산월,지역"
        path.write_text("\n".join([head, *map(",".join, rows)]), encoding="utf-8")
        refresh(self.root, "krx", path)
        return self

    def everything(self, register: ModuleType) -> None:
        register.everything(self.desk.collector(), None)

    def about(self, register: ModuleType, subject: Subject) -> None:
        register.about_company(self.desk.collector(), subject)

    def take_in(self, *sources: str) -> None:
        """What the inbox holds of these registers, by one refresh each."""
        for source in sources:
            folder = self.desk.folder / "export"
            shutil.rmtree(folder, ignore_errors=True)
            done = self.desk.inbox.export(source, folder)
            refresh(self.root, source, folder)
            self.desk.inbox.taken(done)

    def fetch(self, register: ModuleType) -> None:
        """The whole of a register, into the lake."""
        self.everything(register)
        self.take_in(register.NAME)

    def session(self) -> Session:
        return Session(open_reader(self.root))

    def verdict(self, query: str, day: date, lang: Any = "ko") -> Verdict:
        session = self.session()
        verdict = session.verdict(session.resolve(query).company_id, day, lang)
        session.con.close()
        return verdict

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        con = open_reader(self.root).connect()
        try:
            return con.execute(sql).fetchall()
        finally:
            con.close()


def unknown(verdict: Verdict, signal: str) -> Unknown:
    return next(u for u in verdict.unknown if u.what == signal)


def finding(verdict: Verdict, signal: str) -> Finding:
    return next(f for f in verdict.findings if f.signal == signal)

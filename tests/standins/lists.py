"""Stand-ins for the public lists: HTML pages as the ministry, the tax service, the health insurer and KIND answer, TIPS's JSON, and
Work24's XML.

Made companies, and no persons: where a page names one stands `PERSON`, so that a test can look for it in every byte that was stored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from tests.standins.server import Reply, Request, StandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Stands in every cell that would name a person, or tell where he lives.
PERSON = "이름아님"
HOME = f"{PERSON}시 {PERSON}구 {PERSON}로 1"
MOEL_HEAD = ("구분", "성명", "나이", "사업장명", "업종", "주소지<br>(사업주)", "소재지<br>(사업장)", "체불액(원)")  # fmt: skip
TAX_HEAD = ("No", "공개년도", "법인명", "대표자", "업종", "법인소재지", "대표자 주소", "총 체납액", "세목", "납기", "체납건수", "체납요지")  # fmt: skip
NHIS_HEAD = ("번호", "공개연도", "사업장명(법인명)", "대표자", "나이", "업종", "주소", "체납보험료 종류", "체납액(원)")  # fmt: skip


@dataclass
class Site:
    """What a site lists, and how it errs. Change it while it runs: the next page shows it."""

    rows: list[Sequence[str]] = field(default_factory=list)
    head: tuple[str, ...] = MOEL_HEAD
    before: str = ""
    tells_total: bool = True
    ignores_size: bool = False
    repeats_last: bool = False
    encoding: str = "utf-8"
    media_type: str = "text/html;charset=UTF-8"


def moel_row(round_: str, name: str, address: str, amount: str, industry: str = "건설업", person: str = PERSON) -> tuple[str, ...]:  # fmt: skip
    return (round_, person, "51", name, industry, HOME, address, amount)


def tax_row(number: int, year: str, name: str, address: str, amount: str) -> tuple[str, ...]:
    return (str(number), year, name, PERSON, "제조업", address, HOME, amount, "부가가치세 등", "2021.01.25", "7", "법인세를 내지 않음")  # fmt: skip


def nhis_row(number: int, name: str, address: str, amount: str) -> tuple[str, ...]:
    return (str(number), "2025", name, PERSON, "48", "건설업", address, "건강보험", amount)


def page(site: Site, rows: Sequence[Sequence[str]], total: int, columns: int | None = None) -> bytes:  # fmt: skip
    """A page of a government site, with another table before the list."""
    width = columns or len(site.head)
    head = "".join(f'<th scope="col">{cell}</th>' for cell in site.head[:width])
    cells = "".join(
        "<tr>" + "".join(f"<td>\n  {escape(cell)}\n</td>" for cell in row[:width]) + "</tr>"
        for row in rows
    )
    if not rows:
        cells = f'<tr><td colspan="{width}">조회된 데이터가 없습니다.</td></tr>'
    told = f"<p>전체 <em>{total:,}</em>건</p>" if site.tells_total else ""
    text = (
        "<!DOCTYPE html><html><head><title>명단 공개</title><script>var a = '<table>';</script></head><body>"
        f"<table><tr><th>메뉴</th></tr><tr><td>안내</td></tr></table><div>{site.before}</div>{told}"
        f"<table class='list'><caption>명단</caption><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>"
        "<a href='#'>1</a></body></html>"
    )
    return text.encode(site.encoding)


def _paged(site: Site, path: str, page_field: str, size_field: str, name_field: str, name_column: int, extra: Callable[[dict[str, str]], bool]) -> StandIn:  # fmt: skip
    def answer(request: Request) -> Reply:
        form = request.form
        if request.path.rstrip("/") != path or request.method != "POST" or not extra(form):
            return Reply(b"<html><body><h1>404</h1></body></html>", 404, "text/html")
        found = [row for row in site.rows if form.get(name_field, "") in row[name_column]]
        size = 10 if site.ignores_size else int(form.get(size_field) or 10)
        start = (int(form.get(page_field) or 1) - 1) * size
        if site.repeats_last and start >= len(found):
            start = max(0, (len(found) - 1) // size * size)
        return Reply(page(site, found[start : start + size], len(found)), 200, site.media_type)

    return StandIn(answer)


def moel(site: Site) -> StandIn:
    """The ministry's page; without ``searchField`` 2 it would look into all columns."""
    return _paged(site, "/info/defaulter/defaulterList.do", "pageIndex", "pageUnit", "searchText", 3, lambda f: f.get("searchField") == "2")  # fmt: skip


def tax(site: Site) -> StandIn:
    """The tax service's page; ``tcd`` 2 would be the list of persons."""
    return _paged(site, "/nts/ad/openInfo/selectList.do", "currPage", "pageIndex", "searchValue", 2, lambda f: f.get("tcd") == "1" and f.get("searchType") == "1")  # fmt: skip


def nhis(site: Site) -> StandIn:
    """The health insurer's page, below an address of its own."""
    return _paged(site, "/list.do", "pageIndex", "pageUnit", "searchText", 2, lambda _: True)


@dataclass
class Exchange:
    """What KIND lists: rows as its downloads hold them."""

    listed: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    delisted: list[Sequence[str]] = field(default_factory=list)
    administered: list[Sequence[str]] = field(default_factory=list)
    encoding: str = "euc-kr"


LISTED_HEAD = ("회사명", "종목코드", "업종", "주요제품", "상장일", "결산월", "대표자명", "홈페이지", "지역")  # fmt: skip
DELISTED_HEAD = ("번호", "회사명", "종목코드", "폐지일자", "폐지사유", "비고")
ADMINISTERED_HEAD = ("번호", "종목코드", "종목명", "지정일", "지정사유")


def kind(exchange: Exchange) -> StandIn:
    """KIND's downloads: HTML that calls itself a spreadsheet; an empty table to who does not come from its own page."""

    def answer(request: Request) -> Reply:
        asked = {**request.params, **request.form}
        head: tuple[str, ...]
        if request.path == "/corpgeneral/corpList.do" and asked.get("method") == "download":
            head, rows = LISTED_HEAD, exchange.listed.get(asked.get("marketType", ""), [])
        elif request.path == "/investwarn/delcompany.do" and asked.get("forward") == "delcompany_down":  # fmt: skip
            head, rows = DELISTED_HEAD, exchange.delisted if asked.get("toDate") else []
        elif request.path == "/investwarn/adminissue.do" and asked.get("forward") == "adminissue_down":  # fmt: skip
            head, rows = ADMINISTERED_HEAD, exchange.administered
        else:
            return Reply(b"<html></html>", 404, "text/html")
        if "kind.krx.co.kr" not in request.headers.get("referer", ""):
            rows = []
        cells = "".join("<tr>" + "".join(f"<td style=\"mso-number-format:'@'\">{escape(c)}</td>" for c in row) + "</tr>" for row in rows)  # fmt: skip
        if not rows:
            cells = f"<tr><td colspan='{len(head)}'>조회된 결과값이 없습니다.</td></tr>"
        heads = "".join(f"<th>{c}</th>" for c in head)
        text = f"<html><head><meta http-equiv='Content-Type' content='application/vnd.ms-excel;charset=EUC-KR'></head><body><table border='1'><tr>{heads}</tr>{cells}</table></body></html>"
        return Reply(text.encode(exchange.encoding), 200, "application/vnd.ms-excel;charset=EUC-KR")

    return StandIn(answer)


@dataclass
class Startups:
    """What TIPS lists."""

    rows: list[dict[str, object]] = field(default_factory=list)


def startup(id_: str, name: str, year: str = "2024") -> dict[str, object]:
    return {
        "id": id_, "name": name, "ceo": PERSON, "industryStdCodes": '["J"]', "regionCd": "11", "sigunguNm": "강남구",
        "estDt": "20200101", "homepageUrl": None, "intro": f"{PERSON} 대표가 만든 회사", "selYear": year,
        "tipsTracks": '["GEN"]', "operatorName": "가나파트너스",
    }  # fmt: skip


def tips(startups: Startups) -> StandIn:
    """The list behind the page of TIPS companies."""

    def answer(request: Request) -> Reply:
        if request.path != "/api/cms/public/startup/list":
            return Reply(b'{"code":404}', 404)
        size, number = int(request.params["size"]), int(request.params["page"])
        rows = startups.rows[(number - 1) * size : number * size]
        document = {"code": 200, "data": rows, "total": len(startups.rows), "page": number, "size": size}  # fmt: skip
        return Reply(json.dumps(document, ensure_ascii=False).encode())

    return StandIn(answer)


WORK24_KEY = "made-key-of-nobody/+=="


def work24(listed: set[str]) -> StandIn:
    """Work24's answer by business number."""

    def answer(request: Request) -> Reply:
        asked = request.params
        if asked.get("authKey") != WORK24_KEY:
            inner = "<lnkSucsYn>N</lnkSucsYn><errMsgCd>ERR0001</errMsgCd><errMsg>API KEY 오류</errMsg>"  # fmt: skip
        elif len(asked.get("brno", "")) != 10:
            inner = "<lnkSucsYn>N</lnkSucsYn><errMsgCd>ERR0003</errMsgCd><errMsg>사업자번호 오류</errMsg>"  # fmt: skip
        else:
            said = "Y" if asked["brno"] in listed else "N"
            inner = f"<lnkSucsYn>Y</lnkSucsYn><judgReltYn>{said}</judgReltYn><errMsgCd/><errMsg/>"
        text = f'<?xml version="1.0" encoding="UTF-8"?><jdgnList>{inner}</jdgnList>'
        return Reply(text.encode(), 200, "text/xml;charset=UTF-8")

    return StandIn(answer)

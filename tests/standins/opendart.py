"""OpenDART as its guide describes it: JSON endpoints, ZIP endpoints that may answer with an XML error, one quota for all.

    with opendart.service(opendart.made(3)) as service:
        monkeypatch.setenv("PAYCANARY_DART_URL", service.url)

By hand, over real recorded rows: ``python -m tests.standins.opendart --data ../shared/data/korea/opendart --port 8899``.
"""

from __future__ import annotations

import argparse
import io
import threading
import zipfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from tests.standins.server import Reply, Request, StandIn, as_json

KEY: Final = "0123456789abcdef0123456789abcdef01234567"
#: What stands where the real service names a person.
NOBODY: Final = "이름아님"
MESSAGES: Final = {
    "000": "정상", "010": "등록되지 않은 인증키입니다.", "011": "사용할 수 없는 키입니다.", "012": "접근할 수 없는 IP입니다.",
    "013": "조회된 데이타가 없습니다.", "014": "파일이 존재하지 않습니다.", "020": "사용한도를 초과하였습니다.",
    "021": "조회 가능한 회사 개수가 초과하였습니다.(최대 100건)", "100": "필드의 부적절한 값입니다.", "101": "부적절한 접근입니다.",
    "800": "시스템 점검으로 인한 서비스가 중지 중입니다.", "900": "정의되지 않은 오류가 발생하였습니다.",
    "901": "사용자 계정의 개인정보 보유기간이 만료되어 사용할 수 없는 키입니다.",
}  # fmt: skip
PERIODIC: Final = (
    "accnutAdtorNmNdAdtOpinion", "alotMatter", "empSttus", "irdsSttus", "cprndNrdmpBlce", "mrhlSttus",
)  # fmt: skip
EVENTS: Final = ("dfOcr", "bsnSp", "ctrcvsBgrq", "dsRsOcr", "bnkMngtPcbg", "bnkMngtPcsp", "lwstLg")
STATEMENTS: Final = "fnlttSinglAcntAll"
_REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "company": ("corp_code",), "list": (), "corpCode": (), "document": ("rcept_no",), "fnlttXbrl": ("rcept_no", "reprt_code"),
    STATEMENTS: ("corp_code", "bsns_year", "reprt_code", "fs_div"),
    **dict.fromkeys((*PERIODIC, "fnlttSinglAcnt", "fnlttMultiAcnt"), ("corp_code", "bsns_year", "reprt_code")),
    **dict.fromkeys(EVENTS, ("corp_code", "bgn_de", "end_de")),
}  # fmt: skip
_FILES: Final = ("corpCode", "document", "fnlttXbrl")
_THREE_MONTHS: Final = 93
Row = dict[str, Any]


@dataclass
class Data:
    """What the register holds. ``reports``: endpoint -> (corp_code, bsns_year, reprt_code[, fs_div]) -> rows."""

    companies: dict[str, Row] = field(default_factory=dict)
    filings: list[Row] = field(default_factory=list)
    reports: dict[str, dict[tuple[str, ...], list[Row]]] = field(default_factory=dict)
    events: dict[str, list[Row]] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)

    def add_company(self, code: str, name: str, stock: str = "", **more: str) -> None:
        own = int(code)
        self.companies[code] = {
            "corp_name": name, "corp_name_eng": f"Company {own}", "stock_name": name, "stock_code": stock,
            "ceo_nm": NOBODY, "corp_cls": "K" if stock else "E", "jurir_no": f"1301{own:09}", "bizr_no": f"12{own:08}",
            "adres": NOBODY, "hm_url": "", "ir_url": "", "phn_no": NOBODY, "fax_no": NOBODY, "induty_code": "264",
            "est_dt": "19990101", "acc_mt": "12", **more,
        }  # fmt: skip

    def add_filing(
        self, code: str, kind: str, title: str, receipt: str, filer: str = NOBODY
    ) -> None:
        company = self.companies[code]
        self.filings.append(
            {
                "corp_code": code, "corp_name": company["corp_name"], "stock_code": company["stock_code"],
                "corp_cls": company["corp_cls"], "report_nm": title, "rcept_no": receipt, "flr_nm": filer,
                "rcept_dt": receipt[:8], "rm": "", "_kind": kind,
            }
        )  # fmt: skip

    def add_rows(self, endpoint: str, key: tuple[str, ...], rows: list[Row]) -> None:
        self.reports.setdefault(endpoint, {}).setdefault(key, []).extend(rows)

    @property
    def register(self) -> bytes:
        """The ZIP of all corporations."""
        entries = "".join(
            f"<list><corp_code>{code}</corp_code><corp_name>{escape(c['corp_name'])}</corp_name>"
            f"<corp_eng_name>{escape(c['corp_name_eng'])}</corp_eng_name><stock_code>{c['stock_code'] or ' '}</stock_code>"
            "<modify_date>20240102</modify_date></list>"
            for code, c in self.companies.items()
        )
        return zipped("CORPCODE.xml", f'<?xml version="1.0" encoding="UTF-8"?><result>{entries}</result>'.encode())  # fmt: skip


def zipped(name: str, body: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return stream.getvalue()


class OpenDart:
    """The service's rules over some data.

    ``status`` answers every call with one documented status; ``daily`` calls are answered, the next get 020.
    """

    def __init__(self, data: Data, key: str = KEY, daily: int | None = None) -> None:
        self.data, self.key, self.daily, self.status = data, key, daily, ""
        self.answered = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        endpoint, _, suffix = request.path.rpartition("/")[2].partition(".")
        if endpoint not in _REQUIRED or suffix != ("xml" if endpoint in _FILES else "json"):
            return Reply(b"<html>404</html>", 404, "text/html")
        given = request.params
        status = self._refusal(endpoint, given)
        if status is not None:
            return said(endpoint, status)
        if endpoint in _FILES:
            return self._file(endpoint, given)
        if endpoint == "list":
            return self._list(given)
        if endpoint == "company":
            row = self.data.companies.get(given["corp_code"])
            return said(endpoint, "013") if row is None else as_json({"status": "000", "message": MESSAGES["000"], **row})  # fmt: skip
        rows = self._rows(endpoint, given)
        return as_json({"status": "000", "message": MESSAGES["000"], "list": rows}) if rows else said(endpoint, "013")  # fmt: skip

    def _refusal(self, endpoint: str, given: dict[str, str]) -> str | None:
        if given.get("crtfc_key") != self.key:
            return "010" if "crtfc_key" in given else "100"
        if self.status:
            return self.status
        with self._lock:
            if self.daily is not None and self.answered >= self.daily:
                return "020"
            self.answered += 1
        if any(not given.get(name) for name in _REQUIRED[endpoint]):
            return "100"
        if endpoint == "fnlttMultiAcnt" and given["corp_code"].count(",") >= 100:
            return "021"
        return None

    def _file(self, endpoint: str, given: dict[str, str]) -> Reply:
        body = self.data.register if endpoint == "corpCode" else self.data.documents.get(given["rcept_no"])  # fmt: skip
        if body is None or endpoint == "fnlttXbrl":
            return said(endpoint, "014")
        return Reply(body, media_type="application/x-msdownload;charset=UTF-8")

    def _list(self, given: dict[str, str]) -> Reply:
        end = given.get("end_de") or "99991231"
        begin = given.get("bgn_de") or end
        if not given.get("corp_code") and (_day(end) - _day(begin)).days > _THREE_MONTHS:
            return said("list", "100")
        size = min(int(given.get("page_count", "10")), 100)
        page = int(given.get("page_no", "1"))
        found = [
            {name: value for name, value in row.items() if name != "_kind"}
            for row in self.data.filings
            if begin <= row["rcept_dt"] <= end
            and given.get("corp_code", row["corp_code"]) == row["corp_code"]
            and given.get("pblntf_ty", row["_kind"]) == row["_kind"]
        ]
        found.sort(key=lambda row: row["rcept_no"], reverse=given.get("sort_mth") != "asc")
        shown = found[(page - 1) * size : page * size]
        if not shown:
            return said("list", "013")
        return as_json(
            {
                "status": "000", "message": MESSAGES["000"], "page_no": page, "page_count": size, "total_count": len(found),
                "total_page": -(-len(found) // size), "list": shown,
            }
        )  # fmt: skip

    def _rows(self, endpoint: str, given: dict[str, str]) -> list[Row]:
        if endpoint in EVENTS:
            return [
                row
                for row in self.data.events.get(endpoint, [])
                if row["corp_code"] == given["corp_code"]
                and given["bgn_de"] <= row["rcept_no"][:8] <= given["end_de"]
            ]
        rows = []
        for code in given["corp_code"].split(","):
            key: tuple[str, ...] = (code, given["bsns_year"], given["reprt_code"])
            if endpoint == STATEMENTS:
                key = (*key, given["fs_div"])
            rows += self.data.reports.get(endpoint, {}).get(key, [])
        return rows


def said(endpoint: str, status: str) -> Reply:
    """A status without content, as the endpoint says it: in JSON, or in XML where a ZIP was expected."""
    if endpoint not in _FILES:
        return as_json({"status": status, "message": MESSAGES[status]})
    text = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><result><status>{status}</status><message>{MESSAGES[status]}</message></result>'
    return Reply(text.encode(), media_type="application/xml;charset=UTF-8")


def service(data: Data, port: int = 0, **switches: Any) -> StandIn:
    """A running stand-in (a context manager); its rules are ``rules``, whose switches may be moved while it runs."""
    rules = OpenDart(data, **switches)
    running = StandIn(rules, port)
    running.rules = rules  # type: ignore[attr-defined]
    return running


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


# --- what it may hold ------------------------------------------------------------------------------


def made(companies: int, *, years: tuple[int, ...] = (2023, 2024, 2025), unlisted: int = 0) -> Data:
    """Companies that do not exist: listed ones with annual reports, unlisted ones with an audit report a year."""
    data = Data()
    for number in range(1, companies + 1):
        code = f"{99_000_000 + number:08}"
        data.add_company(code, f"가나전자{number}", f"{990_000 + number:06}")
        for year in years:
            receipt = f"{year + 1}0315{number:06}"
            data.add_filing(code, "A", f"사업보고서 ({year}.12)", receipt)
            add_report(data, code, str(year), "11011", receipt, f"{year}-12-31")
    for number in range(1, unlisted + 1):
        code = f"{98_000_000 + number:08}"
        data.add_company(code, f"다라소프트{number}")
        for year in years:
            receipt = f"{year + 1}0405{number:06}"
            data.add_filing(code, "F", f"감사보고서 ({year}.12)", receipt, "가나회계법인")
            data.documents[receipt] = zipped(f"{receipt}.xml", b"<DOCUMENT></DOCUMENT>")
    return data


def add_report(data: Data, code: str, year: str, reprt: str, receipt: str, end: str) -> None:
    """One periodic report: a few rows of every endpoint."""
    company = data.companies[code]
    common = {"rcept_no": receipt, "corp_cls": company["corp_cls"], "corp_code": code, "corp_name": company["corp_name"]}  # fmt: skip
    dated = {**common, "stlm_dt": end}
    rows: dict[str, list[Row]] = {
        "accnutAdtorNmNdAdtOpinion": [{**dated, "bsns_year": "제10기(당기)", "adtor": "가나회계법인", "adt_opinion": "적정", "adt_reprt_spcmnt_matter": "-", "emphs_matter": "해당사항 없음", "core_adt_matter": "-"}],
        "alotMatter": [{**dated, "se": "(연결)당기순이익(백만원)", "stock_knd": "-", "thstrm": "10", "frmtrm": "9", "lwfr": "8"}],
        "empSttus": [{**dated, "fo_bbm": "전사", "sexdstn": sex, "rgllbr_co": "50", "cnttk_co": "0", "sm": "50", "fyer_salary_totamt": "2,000,000,000", "jan_salary_am": "40,000,000", "rm": "-"} for sex in ("남", "여")],
        "mrhlSttus": [{**dated, "se": "소액주주", "shrholdr_co": "1,000", "stock_tot_co": "1,000,000", "hold_stock_rate": "60%"}],
        "irdsSttus": [{**dated, "isu_dcrs_de": "-", "isu_dcrs_stle": "-", "isu_dcrs_stock_knd": "-", "isu_dcrs_qy": "-", "isu_dcrs_mstvdv_fval_amount": "-", "isu_dcrs_mstvdv_amount": "-"}],
    }  # fmt: skip
    for endpoint, made_rows in rows.items():
        data.add_rows(endpoint, (code, year, reprt), made_rows)
    accounts = [("BS", "ifrs-full_Assets", "자산총계", 500), ("BS", "ifrs-full_Equity", "자본총계", 200), ("IS", "ifrs-full_Revenue", "매출액", 300), ("IS", "dart_OperatingIncomeLoss", "영업이익", 30), ("IS", "ifrs-full_ProfitLoss", "당기순이익", 10)]  # fmt: skip
    for order, (statement, account, name, amount) in enumerate(accounts):
        row = {
            "rcept_no": receipt, "reprt_code": reprt, "bsns_year": year, "corp_code": code, "sj_div": statement, "sj_nm": statement,
            "account_id": account, "account_nm": name, "account_detail": "-", "thstrm_nm": "제 10 기", "thstrm_amount": f"{amount}000000",
            "frmtrm_nm": "제 9 기", "frmtrm_amount": f"{amount - 1}000000", "bfefrmtrm_nm": "제 8 기",
            "bfefrmtrm_amount": f"{amount - 2}000000", "ord": str(order), "currency": "KRW",
        }  # fmt: skip
        data.add_rows(STATEMENTS, (code, year, reprt, "OFS"), [row])
        days = f"{end.replace('-', '.')} 현재" if statement == "BS" else f"{year}.01.01 ~ {end.replace('-', '.')}"  # fmt: skip
        short = {**row, "stock_code": company["stock_code"], "fs_div": "OFS", "fs_nm": "재무제표", "thstrm_dt": days, "thstrm_amount": f"{amount},000,000"}  # fmt: skip
        for endpoint in ("fnlttSinglAcnt", "fnlttMultiAcnt"):
            data.add_rows(endpoint, (code, year, reprt), [short])


def recorded(folder: Path, stocks: tuple[str, ...] | None = None) -> Data:
    """Real rows of the shared data (``korea/opendart``), keyed as the service is asked; titles of filings follow from them.

    Names of people, which the recordings do not have, stay made.
    """
    import duckdb  # noqa: PLC0415

    data, labels = Data(), {"4분기": "11011", "1분기": "11013", "2분기": "11012", "3분기": "11014"}
    titles = {"11011": "사업", "11012": "반기", "11013": "분기", "11014": "분기"}
    chosen = "" if stocks is None else f"AND stock_code IN ({', '.join(repr(s) for s in stocks)})"
    seen: dict[str, tuple[str, str, str]] = {}
    con = duckdb.connect()
    for endpoint in PERIODIC:
        path = folder / "market" / f"{endpoint}.parquet"
        cursor = con.execute(f"SELECT * FROM read_parquet('{path}') WHERE rcept_no IS NOT NULL AND report IN {tuple(labels)} {chosen}")  # fmt: skip
        names = [column[0] for column in cursor.description or ()]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            stock, code = row.pop("stock_code"), row["corp_code"]
            reprt = labels[row.pop("report")]
            if code not in data.companies:
                data.add_company(code, row["corp_name"], stock, corp_cls=row["corp_cls"])
            data.add_rows(endpoint, (code, row["stlm_dt"][:4], reprt), [row])
            seen[row["rcept_no"]] = (code, reprt, row["stlm_dt"])
    known = {c["stock_code"]: code for code, c in data.companies.items()}
    for path in sorted((folder / "statements").glob("*.parquet")):
        if path.stem not in known:
            continue
        cursor = con.execute(f"SELECT * FROM read_parquet('{path}') WHERE rcept_no IS NOT NULL")
        names = [column[0] for column in cursor.description or ()]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            key = (row["corp_code"], row["bsns_year"], row["reprt_code"], row["fs_div"])
            ours = ("fs_div", "fs_nm", "stock_code", "corp_name", "reprt_nm", "collect_status")
            kept = {n: v for n, v in row.items() if n not in ours and not n.startswith("__") and v is not None}  # fmt: skip
            data.add_rows(STATEMENTS, key, [kept])
    for receipt, (code, reprt, end) in seen.items():
        data.add_filing(code, "A", f"{titles[reprt]}보고서 ({end[:4]}.{end[5:7]})", receipt)
    return data


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of recorded rows; made ones without it")
    parser.add_argument("--port", type=int, default=8899)
    parser.add_argument("--daily", type=int, help="calls until status 020")
    given = parser.parse_args()
    data = recorded(given.data) if given.data else made(20, unlisted=5)
    with service(data, given.port, daily=given.daily) as running:
        print(f"PAYCANARY_DART_URL={running.url} PAYCANARY_DART_KEY={KEY}", flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()

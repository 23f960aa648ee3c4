"""Small made months of pension workplaces, in every header, encoding and packing that the register has used."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TITLES: Final = (
    "자료생성년월", "사업장명", "사업자등록번호", "사업장가입상태코드 1 등록 2 탈퇴", "우편번호", "사업장지번상세주소", "사업장도로명상세주소",
    "고객법정동주소코드", "고객행정동주소코드", "법정동주소광역시도코드", "법정동주소광역시시군구코드", "법정동주소광역시시군구읍면동코드",
    "사업장형태구분코드 1 법인 2 개인", "사업장업종코드", "사업장업종코드명", "적용일자", "재등록일자", "탈퇴일자", "가입자수", "당월고지금액",
    "신규취득자수", "상실가입자수",
)  # fmt: skip
EXTRACT_TITLES: Final = (
    "workplace_name", "biz_reg_no_prefix", "industry_code", "industry_name", "address", "sido", "sigungu",
    "snapshot_month", "headcount", "monthly_billed_amount",
)  # fmt: skip
#: Header era -> how months and empty dates are written in it.
ERAS: Final = {
    "vintage": ("", ""),
    "prose": ("-", "0001-01-01"),
    "blanks": ("-", ""),
    "clean": ("-", ""),
}
ENCODINGS: Final = ("cp949", "utf-8", "utf-8-sig")
CONTAINERS: Final = ("csv", "csv.gz", "zip", "zips")

_CODES: Final = (
    "DATA_CRT_YM", "WKPL_NM", "BZOWR_RGST_NO", "WKPL_JNNG_STCD", "ZIP", "WKPL_LTNO_DTL_ADDR", "WKPL_ROAD_NM_DTL_ADDR",
    "CUST_LDONG_ADDR_CD", "CUST_HDONG_ADDR_CD", "LDONG_ADDR_MGPL_DG_CD", "LDONG_ADDR_MGPL_SGGU_CD",
    "LDONG_ADDR_MGPL_SGGU_EMD_CD", "WKPL_STYL_DVCD", "WKPL_INTP_CD", "VLDT_VL_KRN_NM", "ADPT_DT", "RRGST_DT", "SCSN_DT",
    "JNNGP_CNT", "CRRMM_NTC_AMT", "NW_ACQZR_CNT", "LSS_JNNGP_CNT",
)  # fmt: skip
_PROSE: Final = {
    0: "(자격마감일(사유발생일이 속하는 달의 다음달 15일)까지 신고분 반영)",
    18: "(고지인원 수 포함)",
    19: "(※ 국민연금법 시행령 제5조에 의거 기준소득월액 상한액 적용으로 실제소득과 고지금액은 상이할 수 있음 : 상한액 2019.7.~2020.6. 4860000원)",
    20: "(납부재개 포함 : ※ 전달 고지대상자와 비교하므로 실제 취득자와 상이할 수 있음)",
    21: "(납부예외 포함 : ※ 전달 고지대상자와 비교하므로 실제 퇴사자와 상이할 수 있음)",
}


def workplace(
    name: str = "우성기전(주)",
    number: str = "126811",
    *,
    heads: object = 5,
    billed: object = 1211920,
    joined: object = 0,
    left: object = 1,
    form: str = "1",
    status: str = "1",
    enrolled: str = "1988-01-01",
    withdrawn: str = "",
    province: str = "41",
    industry: str = "동력식 수지 공구 제조업",
) -> dict[str, str]:
    """One workplace; every figure is written as given, so that a test can write nonsense."""
    return {
        "name": name, "number": number, "heads": str(heads), "billed": str(billed), "joined": str(joined),
        "left": str(left), "form": form, "status": status, "enrolled": enrolled, "withdrawn": withdrawn, "province": province, "industry": industry,
    }  # fmt: skip


#: A company with a branch and a site, another company, and a sole proprietor who must never be kept.
WORKPLACES: Final = (
    workplace(),
    workplace("삼양식품(주)", "209811", heads=100, billed=45_000_000, joined=3, left=2, province="11", industry="라면 제조업"),
    workplace("삼양식품(주)익산공장", "209811", heads=40, billed=12_000_000, joined=1, left=0, province="45", industry="라면 제조업"),
    workplace("삼양식품(주)/일용/원주공장 신축공사", "209811", heads=7, billed=2_000_000, joined=7, left=0, province="42", industry="BIZ_NO미존재사업장"),
    workplace("홍길동치과의원", "101900", form="2", heads=12, billed=3_000_000),
)  # fmt: skip


def header(era: str = "clean") -> list[str]:
    """Titles of the 22 columns as they were written in an era."""
    if era == "vintage":
        plain = [title.split(" ")[0] for title in TITLES]
        return [
            f"{title} {code}{chr(9) if i else ' '}VARCHAR({i + 6})"
            for i, (title, code) in enumerate(zip(plain, _CODES, strict=True))
        ]
    if era == "prose":
        return [
            (" " if i else "") + title.split(" ")[0] + _PROSE.get(i, "")
            for i, title in enumerate(TITLES)
        ]
    if era == "blanks":
        return [(" " if i else "") + title for i, title in enumerate(TITLES)]
    return list(TITLES)


def fields(entry: dict[str, str], month: str = "2022-04", era: str = "clean") -> list[str]:
    """The 22 cells of a workplace in a month (``YYYY-MM``)."""
    sign, never = ERAS[era]
    return [
        month.replace("-", sign), entry["name"], entry["number"], entry["status"], "12816", "경기도 광주시 도척면",
        "경기도 광주시 도척면 도척윗로", "4161033025", "4161033025", entry["province"], "610", "330", entry["form"], "292201",
        entry["industry"], entry["enrolled"], never, entry["withdrawn"] or never, entry["heads"], entry["billed"],
        entry["joined"], entry["left"],
    ]  # fmt: skip


def month_text(
    month: str = "2022-04", era: str = "clean", entries: Sequence[dict[str, str]] = WORKPLACES
) -> str:
    """A month's file as text."""
    return _csv([header(era), *(fields(entry, month, era) for entry in entries)])


def extract_text(month: str, rows: Sequence[tuple[str, str, str, int, int]]) -> str:
    """An extract as text; rows are (name, 6 digits, province, heads, bill)."""
    cells = [
        [
            name,
            number,
            "722000",
            "응용 소프트웨어 개발 및 공급업",
            f"{province} 어느구",
            province,
            "어느구",
            month,
            str(heads),
            str(billed),
        ]
        for name, number, province, heads, billed in rows
    ]
    return _csv([list(EXTRACT_TITLES), *cells])


def write_month(
    folder: Path,
    *,
    month: str = "2022-04",
    era: str = "clean",
    encoding: str = "cp949",
    container: str = "csv",
    entries: Sequence[dict[str, str]] = WORKPLACES,
) -> Path:
    """Write a month into a new file of ``folder``; ``zips`` puts its rows into two members of one zip."""
    if container == "zips":
        half = len(entries) // 2
        members = [month_text(month, era, part) for part in (entries[:half], entries[half:])]
    else:
        members = [month_text(month, era, entries)]
    data = [text.encode(encoding) for text in members]
    path = folder / f"nps-{month}-{era}.{container.rstrip('s')}"
    if container == "csv":
        path.write_bytes(data[0])
    elif container == "csv.gz":
        path.write_bytes(gzip.compress(data[0]))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for i, content in enumerate(data):
                archive.writestr(f"내역_{i + 1}.csv", content)
            archive.writestr("__MACOSX/._내역_1.csv", b"\0\5\26\7")
    return path


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()

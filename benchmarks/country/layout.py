"""The file's form, era by era, and the bytes of its rows.

Titles, empty dates and months are as API documentation and real files of each era have them. No source tells the line
ends of each: CRLF is assumed, which all readers of the portal's files meet, and LF for the files of 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from paycanary.filings.rates import load_rates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from typing import BinaryIO

    from numpy.typing import NDArray

    from benchmarks.country.state import Workplaces

TITLES: Final = (
    "자료생성년월", "사업장명", "사업자등록번호", "사업장가입상태코드 1 등록 2 탈퇴", "우편번호", "사업장지번상세주소", "사업장도로명상세주소",
    "고객법정동주소코드", "고객행정동주소코드", "법정동주소광역시도코드", "법정동주소광역시시군구코드", "법정동주소광역시시군구읍면동코드",
    "사업장형태구분코드 1 법인 2 개인", "사업장업종코드", "사업장업종코드명", "적용일자", "재등록일자", "탈퇴일자", "가입자수", "당월고지금액",
    "신규취득자수", "상실가입자수",
)  # fmt: skip
#: English code and SQL type of each column, as the oldest files name them.
_CODES: Final = (
    ("DATA_CRT_YM", 6), ("WKPL_NM", 100), ("BZOWR_RGST_NO", 10), ("WKPL_JNNG_STCD", 1), ("ZIP", 6), ("WKPL_LTNO_DTL_ADDR", 300),
    ("WKPL_ROAD_NM_DTL_ADDR", 300), ("CUST_LDONG_ADDR_CD", 10), ("CUST_HDONG_ADDR_CD", 10), ("LDONG_ADDR_MGPL_DG_CD", 2),
    ("LDONG_ADDR_MGPL_SGGU_CD", 5), ("LDONG_ADDR_MGPL_SGGU_EMD_CD", 8), ("WKPL_STYL_DVCD", 1), ("WKPL_INTP_CD", 6),
    ("VLDT_VL_KRN_NM", 100), ("ADPT_DT", 8), ("RRGST_DT", 8), ("SCSN_DT", 8), ("JNNGP_CNT", 10), ("CRRMM_NTC_AMT", 15),
    ("NW_ACQZR_CNT", 10), ("LSS_JNNGP_CNT", 10),
)  # fmt: skip
_PROSE: Final = {
    0: "(자격마감일(사유발생일이 속하는 달의 다음달 15일)까지 신고분 반영)",
    18: "(고지인원 수 포함)",
    19: "(※ 국민연금법 시행령 제5조에 의거 기준소득월액 상한액 적용으로 실제소득과 고지금액은 상이할 수 있음 : 상한액 {ceilings})",
    20: "(납부재개 포함 : ※ 전달 고지대상자와 비교하므로 실제 취득자와 상이할 수 있음)",
    21: "(납부예외 포함 : ※ 전달 고지대상자와 비교하므로 실제 퇴사자와 상이할 수 있음)",
}
#: Rows made at a time: what they need stays small.
_BLOCK: Final = 1 << 16


@dataclass(frozen=True)
class Era:
    """How files were written up to the year ``until``: sign within a month, a date that never was, end of line."""

    name: str
    until: int
    sign: str
    never: str
    newline: str


ERAS: Final = (
    Era("vintage", 2018, "", "", "\r\n"),
    Era("prose", 2021, "-", "0001-01-01", "\r\n"),
    Era("blanks", 2022, "-", "", "\n"),
    Era("clean", 9999, "-", "", "\r\n"),
)


def era_of(month: date) -> Era:
    """The era of a month."""
    return next(era for era in ERAS if month.year <= era.until)


def header(month: date) -> str:
    """First line of a month's file, without its end."""
    era = era_of(month).name
    plain = [title.split(" ")[0] for title in TITLES]
    if era == "vintage":
        typed = [
            f"{title} {code}{chr(9) if i else ' '}VARCHAR({size})"
            for i, (title, (code, size)) in enumerate(zip(plain, _CODES, strict=True))
        ]
        return ",".join([typed[0], *(f'"{title}"' for title in typed[1:])])
    if era == "prose":
        told = [title + _PROSE.get(i, "") for i, title in enumerate(plain)]
        return ", ".join(told).format(ceilings=_ceilings(month))
    return (", " if era == "blanks" else ",").join(TITLES)


def _ceilings(month: date) -> str:
    """The newest two ceilings, as those headers told them; without a comma, which would begin a column."""
    known = [entry for entry in load_rates("pension")["income_ceiling"] if entry.since <= month]
    return " ".join(
        f"{e.since.year}.{e.since.month}.~{e.until.year}.{e.until.month}. {e.value:.0f}원"
        for e in known[-2:]
    )


def write_month(out: BinaryIO, month: date, rows: Workplaces, billed: NDArray[np.int64]) -> None:
    """Write a month's file: header and all ``rows``, whose bills are given in won."""
    out.write(header(month).encode("cp949"))
    for block in _blocks(month, rows, billed):
        # The text of a binary array lies in one piece, row behind row: it is the file.
        offsets = np.frombuffer(block.buffers()[1], dtype=np.int32)
        out.write(memoryview(block.buffers()[2])[: int(offsets[len(block)])])
    out.write(era_of(month).newline.encode())


def _blocks(month: date, rows: Workplaces, billed: NDArray[np.int64]) -> Iterator[Any]:
    """Rows as text, each with the end of the line before it."""
    era = era_of(month)
    first = pa.scalar(f"{era.newline}{month.year}{era.sign}{month.month:02d}".encode(), pa.binary())
    never = pa.scalar(era.never.encode(), pa.binary())
    places, industries = rows.places, rows.industries
    for start in range(0, len(rows.wid), _BLOCK):
        part = slice(start, start + _BLOCK)
        withdrawn = _days(rows.withdrawn[part])
        yield pc.binary_join_element_wise(
            first,
            rows.label.slice(start, _BLOCK),
            pc.if_else(withdrawn.is_null(), pa.scalar(b"1"), pa.scalar(b"2")),
            places.take(pa.array(rows.place[part])),
            pc.if_else(pa.array(rows.is_owner[part]), pa.scalar(b"2"), pa.scalar(b"1")),
            industries.take(pa.array(rows.industry[part])),
            _days(rows.applied[part]),
            _days(rows.again[part]).fill_null(never),
            withdrawn.fill_null(never),
            *(_digits(values[part]) for values in (rows.heads, billed, rows.joiners, rows.leavers)),
            pa.scalar(b",", pa.binary()),
        )


def _days(values: NDArray[np.datetime64]) -> Any:
    return pa.array(values, pa.date32()).cast(pa.string()).cast(pa.binary())


def _digits(values: NDArray[np.integer[Any]]) -> Any:
    return pa.array(values).cast(pa.string()).cast(pa.binary())

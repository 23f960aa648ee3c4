"""Which company a workplace's name belongs to, and which rows are building sites. Names are real, but for (홍길동)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paycanary.filings.nps import create_names

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.quick

#: Workplace -> its company part.
COMPANIES = {
    # nothing to cut: words of branches and sites are part of the name
    "한국토지주택공사": "한국토지주택공사",
    "한국전력공사": "한국전력공사",
    "한국공장기계": "한국공장기계",
    "한국생산성본부": "한국생산성본부",
    "케이엘엠네덜란드항공사": "케이엘엠네덜란드항공사",
    "(주)쌍합특수양회공사": "(주)쌍합특수양회공사",
    "주식회사공사인": "주식회사공사인",
    "주식회사감동공장": "주식회사감동공장",
    "(주)구미자동차정비공장": "(주)구미자동차정비공장",
    "주식회사 문래자동차 정비공장": "주식회사 문래자동차 정비공장",
    "(주)세화정비사업소": "(주)세화정비사업소",
    "(주)양지사": "(주)양지사",
    "(주)희림종합건축사사무소": "(주)희림종합건축사사무소",
    "현대아파트(압구정동)관리사무소": "현대아파트(압구정동)관리사무소",
    "안진회계법인": "안진회계법인",
    "노무법인현장": "노무법인현장",
    "주식회사 상용": "주식회사 상용",
    "에쓰-오일(주)": "에쓰-오일(주)",
    "주식회사 골든-에이치에비뉴 기장일광점": "주식회사 골든-에이치에비뉴 기장일광점",
    "삼한골든뷰센트럴파크O/T상가관리위원회": "삼한골든뷰센트럴파크O/T상가관리위원회",
    "농업회사법인(주)한국동백연구소": "농업회사법인(주)한국동백연구소",
    "한국여성단체협의회사단법인": "한국여성단체협의회사단법인",
    "공장": "공장",
    "주식회사": "주식회사",
    # one spelling of the legal form
    "(주  )아이피어리스": "(주)아이피어리스",
    "（주）한화": "(주)한화",
    "주/대명부품": "(주)대명부품",
    "전용부품판매/주": "전용부품판매(주)",
    # behind a slash, a dash, day labour
    "(주)한화/건설 부문": "(주)한화",
    "우리관리주식회사/송도아트윈푸르지오아파트입주자대표회의": "우리관리주식회사",
    "（주）한화/건설부분-(상용)고속국도제29호세종~안성간건설공사(제2공구)": "(주)한화",
    "주식회사세보엠이씨-(일용)M14 남측 HUB ROOM 구축공사_기계설비공사": "주식회사세보엠이씨",
    "(주)이앤씨보광(일용)동부간선도로지하화 민간투자사업(1공구)중": "(주)이앤씨보광",
    "주식회사 아토건설 / 일용 / 양천영등포센터-3 임대주택": "주식회사 아토건설",
    "한화첨단소재주식회사-세종사업장": "한화첨단소재주식회사",
    "(주)엔켐-본점": "(주)엔켐",
    "(주)케이티팝스-창동삼성아파트": "(주)케이티팝스",
    # behind a legal form
    "삼양식품(주)유가공공장": "삼양식품(주)",
    "한화시스템(주) ICT부문": "한화시스템(주)",
    "롯데쇼핑(주)e커머스사업본부": "롯데쇼핑(주)",
    "에쓰-오일(주)울산공장": "에쓰-오일(주)",
    "유니온페이인터내셔날주식회사한국지사": "유니온페이인터내셔날주식회사",
    "중국국제항공고빈유한공사한국지점": "중국국제항공고빈유한공사",
    # in brackets, also cut short by the register
    "(주)바이저(서울지점)": "(주)바이저",
    "법무법인해람(대전분사무소)": "법무법인해람",
    "가우스랩스인크(GaussLabsInc.)(영업소)": "가우스랩스인크",
    "주식회사 앱티마이저(Aptimizer Co. Ltd.": "주식회사 앱티마이저",
    "순천시청(가족복지과-장애인행정도우미 (시간제))": "순천시청",
    "유한회사디엘(홍길동)": "유한회사디엘",
    # branch words
    "(주)켐트로스안산공장": "(주)켐트로스",
    "(주)보경이엠케이1공장": "(주)보경이엠케이",
    "(주)대명피에스 진천공장3": "(주)대명피에스",
    "(주)삼양사 울산1공장": "(주)삼양사",
    "(주)상진미크론 인천사업장": "(주)상진미크론",
    "대한석탄공사본사": "대한석탄공사",
    "대한적십자사서울지사": "대한적십자사",
    "한국전력공사 경남본부": "한국전력공사",
    "호주축산공사한국사무소": "호주축산공사",
    "나주터미널 빛가람지점": "나주터미널",
    "주식회사대청금속지점": "주식회사대청금속",
    "유)주찬산업 여수지점": "(유)주찬산업",
    "쿠팡풀필먼트 부천센터": "쿠팡풀필먼트",
    "주식회사감정평가법인태백광주전남지사": "주식회사감정평가법인태백",
    "티에스세무법인동수원지점": "티에스세무법인",
}

SITES = (
    "(주)정도/일용/현대자동차 0-프로젝트 건설공사 중 기계설비공사(활성화)",
    "(주)한화/상용/고양 삼송 IT플랫폼센터 신축공사",
    "(주)한화/건설부문(상용) 춘천-속초 철도건설 7공구 현장",
    "(주)제효/운중동 1043-4 단독주택 신축공사(상용직)",
    "주식회사 시공이엔씨-일용/kb국민은행 개포동(186-2) 업무시설",
    "마음이앤씨 주식회사-(건설일용관리)",
    "(주)관악(거제지점)-(일용직)",
    "쌍용건설(주)고객서비스부일용직",
    "지에스건설(주)현장",
)
NO_SITES = (
    "한국토지주택공사", "한국전력공사 강남지사", "삼환기업(주) 본사 및 현장", "노무법인현장", "주식회사 상용", "주식회사 사공사커넥트",
    "(주)현장종합관리/동두천생연주공3단지@관리사무소", "(주)우리은행/한국철도공사", "제일전기(주) 인천공항공사사업소",
    "현대자동차(주)상용차판매점", "매일유업(주)제일용인공장", "신흥정보통신(주)/2026년 개통 A/S(수내)", "(주)한화/건설 부문",
)  # fmt: skip


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_names(connection)
        yield connection


@pytest.mark.parametrize(("name", "company"), COMPANIES.items())
def test_company_part(con: duckdb.DuckDBPyConnection, name: str, company: str) -> None:
    assert con.execute("SELECT workplace_company(?)", [name]).fetchall() == [(company,)]
    # What is cut once is not cut again.
    assert con.execute("SELECT workplace_company(?)", [company]).fetchall() == [(company,)]


@pytest.mark.parametrize(
    ("name", "is_site"), [(n, True) for n in SITES] + [(n, False) for n in NO_SITES]
)
def test_building_sites(con: duckdb.DuckDBPyConnection, name: str, is_site: bool) -> None:  # noqa: FBT001
    assert con.execute("SELECT workplace_is_site(?)", [name]).fetchall() == [(is_site,)]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("유한회사디엘(홍길동)", "유한회사디엘"),
        ("（주）그루핀（홍길동）", "（주）그루핀"),
        ("(주)바이저(서울지점)", "(주)바이저(서울지점)"),
        ("(주)한화/일용/다리 공사(제2공구)", "(주)한화/일용/다리 공사(제2공구)"),
    ],
)
def test_label_drops_a_persons_name(con: duckdb.DuckDBPyConnection, name: str, label: str) -> None:
    assert con.execute("SELECT workplace_label(?)", [name]).fetchall() == [(label,)]


#: What names are put together from: every word that a rule looks for, and what stands around it.
PARTS = st.sampled_from(
    (
        "(주)", "주식회사", " ", "가나", "다라마", "회사", "법인", "유한", "유한회사", "합자", "합명", "지점", "지사", "본점", "본사", "공장", "현장",
        "센터", "본부", "영업소", "사무소", "출장소", "사업소", "사업장", "연구소", "일용", "상용", "아파트", "회계법인", "사단법인", "공사", "건설",
        "ABC", "co", "inc", "Ltd", "1", "2022", "제2", "(", ")", "/", "-", ".", ",", "&", "주)", "(유)", "㈜", "（주）", "  ", "\t", "ㄱ", "(김가나)",
    )
)  # fmt: skip
NAMES = st.lists(PARTS, min_size=1, max_size=5).map("".join)


@given(name=NAMES)
@example("(주)").via("nothing is left of it")
@example("가나(주)다라").via("a legal form within")
@example("(주)(주)가나")
@settings(max_examples=1500, deadline=None)
def test_plain_names_need_no_rules(name: str) -> None:
    """The short way says what the rules say."""
    ((cleaned, company, key),) = _NAMES.execute(
        "SELECT (workplace_clean(n), workplace_clean_any(n)), (company_of(c), company_of_any(c)), (name_key(n), name_key_any(n)) "
        "FROM (SELECT n, workplace_clean_any(n) AS c FROM (SELECT ? AS n))",
        [name],
    ).fetchall()
    assert cleaned[0] == cleaned[1]
    assert company[0] == company[1]
    assert key[0] == key[1]


def _names() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_names(connection)
    return connection


_NAMES = _names()

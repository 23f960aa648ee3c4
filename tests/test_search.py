"""Finding a company: by every name and number it has, through slips and mess, and never by a silent guess."""

from __future__ import annotations

import os
import threading
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from companies import Entry, dart, delisted, listed, store, workplace
from hypothesis import given, settings
from hypothesis import strategies as st

from paycanary.errors import AmbiguousError, NotFoundError, UsageError
from paycanary.lake.batches import refresh
from paycanary.lake.reader import open_reader
from paycanary.lake.search import Hit, Index, quick, resolve

if TYPE_CHECKING:
    import duckdb

REGISTER: Final = (
    dart("00125974", "삼부토건", "001470", "SAMBU CONSTRUCTION CO.,LTD", corporation_number="1101110009536", business_number="1048112345"),
    listed("001470", "삼부토건", "서울특별시"),
    dart("00258801", "카카오", "035720", "Kakao Corp."),
    dart("00918444", "카카오", None, "Kakao.Corp"),
    listed("035720", "카카오", "제주특별자치도"),
    workplace("120814", "주식회사 카카오", "제주특별자치도", 3842),
    dart("00164645", "HMM", "011200", "HMM CO.,LTD"),
    listed("011200", "HMM", "서울특별시"),
    dart("00111704", "한화오션", "042660", "Hanwha Ocean Co., Ltd.", former="대우조선해양"),
    listed("042660", "한화오션", "경상남도"),
    dart("00126380", "삼성전자", "005930", "SAMSUNG ELECTRONICS CO,.LTD"),
    listed("005930", "삼성전자", "경기도"),
    dart("00252074", "삼성전자판매", None, "Samsung Electronics Sales Co., Ltd."),
    dart("00149655", "삼성물산", "028260"),
    dart("00126229", "삼성물산", "000830"),
    listed("028260", "삼성물산", "서울특별시"),
    delisted("000830", "삼성물산"),
    dart("00231567", "케이티앤지", "033780", "KT&G Corporation"),
    listed("033780", "KT&G", "대전광역시"),
    listed("0009K0", "에임드바이오", "서울특별시", "KOSDAQ"),
    dart("00000011", "대호"), dart("00000012", "대호"), dart("00000013", "대호"),
    dart("00000014", "성보테크"), dart("00000015", "신보테크"),
    dart("00000016", "카카오브이엑스(KAKAOVX)"),
    dart("00000017", "주식회사 하나정밀공업"), dart("00000018", "하나정밀기계"),
    dart("00000019", "동화엔텍(구:동화정기)"),
    workplace("777770", "한빛식품(주)", "강원도", 12),
    workplace("777770", "두메산골(주)", "강원도", 5),
)  # fmt: skip


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return store(*REGISTER)


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(store(*REGISTER))


def found(index: Index, query: str) -> tuple[str, str] | str:
    """Company and kind of match, or the error's code."""
    try:
        hit = resolve(index, query)
    except (AmbiguousError, NotFoundError, UsageError) as error:
        return error.code
    return hit.company_id, hit.kind


SAMBU, KAKAO, HMM, OCEAN, SAMSUNG, KTNG = ("dart:00125974", "dart:00258801", "dart:00164645", "dart:00111704", "dart:00126380", "dart:00231567")  # fmt: skip

CASES: Final = {
    # names
    "삼부토건": (SAMBU, "exact"),
    "(주)삼부토건": (SAMBU, "exact"),
    "㈜ 삼부 토건": (SAMBU, "exact"),
    "삼부토건 주식회사": (SAMBU, "exact"),
    "（주）삼부토건": (SAMBU, "exact"),
    "주)삼부토건": (SAMBU, "exact"),
    "(주)카카오": (KAKAO, "exact"),
    "hmm": (HMM, "exact"),
    "ＨＭＭ": (HMM, "exact"),
    "에이치엠엠": (HMM, "sound"),
    "에이치 엠엠(주)": (HMM, "sound"),
    "kt&g": (KTNG, "exact"),
    "케이티앤지": (KTNG, "exact"),
    "케이티엔지": (KTNG, "sound"),
    "대우조선해양": (OCEAN, "exact"),
    "동화엔텍": ("dart:00000019", "exact"),
    "카카오브이엑스": ("dart:00000016", "exact"),
    "KakaoVX": ("dart:00000016", "english"),
    # English names
    "Samsung Electronics": (SAMSUNG, "english"),
    "SAMSUNG ELECTRONICS CO., LTD.": (SAMSUNG, "english"),
    "samsung-electronics": (SAMSUNG, "english"),
    "kakao": (KAKAO, "english"),
    "Sambu Construction": (SAMBU, "english"),
    "sambu constr": (SAMBU, "english"),
    # initials
    "ㅅㅂㅌㄱ": (SAMBU, "initials"),
    "ㅅ ㅂ ㅌ ㄱ": (SAMBU, "initials"),
    "삼부ㅌㄱ": (SAMBU, "initials"),
    "삼부토ㄱ": (SAMBU, "initials"),
    "ㅅ부ㅌ건": (SAMBU, "initials"),
    "ᄉᄇᄐᄀ": (SAMBU, "initials"),
    "ㅎㅎㅇㅅ": (OCEAN, "initials"),
    # numbers
    "001470": (SAMBU, "stock_code"),
    "A001470": (SAMBU, "stock_code"),
    "a001470": (SAMBU, "stock_code"),
    "００１４７０": (SAMBU, "stock_code"),
    "0009k0": ("krx:0009K0", "stock_code"),
    "00125974": (SAMBU, "corp_code"),
    "104-81-12345": (SAMBU, "business_number"),
    "1048112345": (SAMBU, "business_number"),
    "104 81 12345": (SAMBU, "business_number"),
    "110111-0009536": (SAMBU, "corporation_number"),
    "1101110009536": (SAMBU, "corporation_number"),
    "dart:00125974": (SAMBU, "company_id"),
    "krx:001470": (SAMBU, "company_id"),
    REGISTER[-1].id: (REGISTER[-1].id, "company_id"),
    # slips
    "삼부토권": (SAMBU, "typo"),
    "삼뷰토건": (SAMBU, "typo"),
    "삼토건": (SAMBU, "typo"),
    "삼부토부건": (SAMBU, "typo"),
    "삼토부건": (SAMBU, "typo"),
    "삼부토거ㄴ": (SAMBU, "typo"),
    "한화오숀": (OCEAN, "typo"),
    "카카우": (KAKAO, "typo"),
    "samsung electroncs": (SAMSUNG, "typo"),
    "samsung elecrtonics": (SAMSUNG, "typo"),
    # parts
    "삼부토": (SAMBU, "prefix"),
    "대우조선": (OCEAN, "prefix"),
    "하나정밀": "ambiguous",
    "하나": "ambiguous",
    "ㅎㄴㅈㅁ": "ambiguous",
    "오션": "not_found",
    # namesakes
    "삼성물산": ("dart:00149655", "exact"),
    "대호": "ambiguous",
    "ㄷㅎ": "ambiguous",
    "ㅅㅂㅌㅋ": "ambiguous",
    "선보테크": "ambiguous",
    "777770": "ambiguous",
    "777-77-01234": "ambiguous",
    # nothing
    "없는회사입니다": "not_found",
    "ㅋㅌㅊㅍ": "not_found",
    "99999999": "not_found",
    "999999": "not_found",
    "A999999": "not_found",
    "갸": "not_found",
    "'; DROP TABLE names; --": "not_found",
    "%": "usage",
    "_": "usage",
    "": "usage",
    "   ": "usage",
    "\x00\x1b\n": "usage",
    "…!?·": "usage",
    "(주)": "usage",
    "\ud800": "usage",
    "가" * 101: "usage",
    "\u200b카카오\u200b\x07": (KAKAO, "exact"),
    "삼부\x00토건": (SAMBU, "exact"),
}


@pytest.mark.parametrize("query", CASES)
def test_resolve(index: Index, query: str) -> None:
    assert found(index, query) == CASES[query]
    assert found(index, unicodedata.normalize("NFD", query)) == CASES[query]


def test_resolve_without_an_index_gives_the_same() -> None:
    index = Index(store(*REGISTER))
    for query in (
        "삼부토건",
        "카카오",
        "대호",
        "001470",
        "777770",
        "ㅅㅂㅌㄱ",
        "없는회사입니다",
        "오션",
    ):
        con = store(*REGISTER)
        with_index: Hit | str
        without: Hit | str
        try:
            with_index = resolve(index, query)
        except (AmbiguousError, NotFoundError) as error:
            with_index = error.line("ko")
        try:
            without = resolve(con, query)
        except (AmbiguousError, NotFoundError) as error:
            without = error.line("ko")
        assert without == with_index, query


def test_quick_knows_whole_names_and_numbers_only(con: duckdb.DuckDBPyConnection) -> None:
    assert [hit.company_id for hit in quick(con, "카카오")] == [KAKAO, "dart:00918444"]
    assert [hit.kind for hit in quick(con, "001470")] == ["stock_code"]
    assert quick(con, "삼부토권") == quick(con, "ㅅㅂㅌㄱ") == quick(con, "에이치엠엠") == []
    with pytest.raises(UsageError):
        quick(con, "")


def test_hit_tells_same_names_apart(index: Index) -> None:
    first, second = index.search("카카오")[:2]
    assert first == Hit(
        company_id=KAKAO, name="카카오", matched=first.matched, kind="exact", score=1.0, stock_code="035720", corp_code="00258801",
        business_number="120814", market="KOSPI", industry=None, region="제주특별자치도", headcount=3842, is_listed=True,
    )  # fmt: skip
    assert second.company_id == "dart:00918444"
    assert (second.market, second.headcount, second.is_listed) == (None, None, False)
    assert first.label() == "카카오 (035720, KOSPI, 제주특별자치도)"


def test_delisted_is_not_shown_as_listed(index: Index) -> None:
    hit = next(hit for hit in index.search("삼성물산") if hit.company_id == "dart:00126229")
    assert (hit.stock_code, hit.market, hit.is_listed) == ("000830", None, False)


def test_ambiguous_carries_candidates_and_says_how_to_choose(index: Index) -> None:
    with pytest.raises(AmbiguousError) as caught:
        resolve(index, "대호")
    ids = {"dart:00000011", "dart:00000012", "dart:00000013"}
    assert {hit.company_id for hit in caught.value.candidates if isinstance(hit, Hit)} == ids
    for lang in ("ko", "en"):
        assert all(code in caught.value.line(lang) for code in ("00000011", "00000012", "00000013"))


def test_not_found_says_what_comes_near(index: Index) -> None:
    with pytest.raises(NotFoundError) as caught:
        resolve(index, "삼부투꼰")
    assert "혹시" in caught.value.line("ko")
    assert "삼부토건" in caught.value.line("ko")
    assert "Did you mean" in caught.value.line("en")


def test_search_ranks_and_limits(index: Index) -> None:
    hits = index.search("삼", limit=3)
    assert len(hits) == 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert [hit.kind for hit in index.search("삼성")] == ["prefix"] * 4
    assert index.search("삼성")[0].is_listed
    assert [hit.kind for hit in index.search("보테")] == ["contains", "contains"]
    assert index.search("엘지") == []


def test_code_alone_counts_as_listed_only_without_the_exchange_list() -> None:
    namesakes = (dart("00000001", "대원", "007680"), dart("00000002", "대원"))
    assert resolve(Index(store(*namesakes)), "대원").company_id == "dart:00000001"
    exchange = Entry("krx:000000", "그밖", market="KOSPI")
    con = store(*namesakes, exchange)
    con.execute(
        "INSERT INTO companies BY NAME SELECT 'krx:9' || i AS company_id, '그밖' || i AS name, DATE '2000-01-03' AS listed_on, "
        "'listed' AS filing_id, DATE '2000-01-03' AS published_on FROM range(1000) AS t(i)"
    )
    with pytest.raises(AmbiguousError):
        resolve(Index(con), "대원")


def test_empty_lake_finds_nothing() -> None:
    with pytest.raises(NotFoundError):
        resolve(store(), "카카오")


def test_threads_share_an_index(index: Index) -> None:
    wrong: list[str] = []

    def ask(query: str, company_id: str) -> None:
        wrong.extend(query for _ in range(10) if index.search(query)[0].company_id != company_id)

    threads = [threading.Thread(target=ask, args=pair) for pair in (("삼부토건", SAMBU), ("카카오", KAKAO), ("ㅎㅎㅇㅅ", OCEAN), ("001470", SAMBU))]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# What always holds -------------------------------------------------------------------------------------------------

SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=2, max_size=8)  # fmt: skip
WORDS = st.text("bdghkmrstwxy0123456789", min_size=4, max_size=10)
FORMS = st.sampled_from([("(주)", ""), ("㈜ ", ""), ("주식회사", ""), ("", " 주식회사"), ("", "(주)"), ("（주）", ""), ("유한회사 ", ""), ("", "㈜"), ("주)", ""), ("", " Co., Ltd."), ("", " Inc."), ("", " Corp"), ("", "")])  # fmt: skip
BLANKS = st.sampled_from([" ", "  ", "\t", "\u3000", "·", "-", ".", ""])
_MACROS = store()


def _one(sql: str, *values: str) -> object:
    rows = _MACROS.execute(f"SELECT {sql}", list(values)).fetchall()
    return rows[0][0]


@given(name=SYLLABLES | WORDS, form=FORMS, blank=BLANKS, place=st.integers(1, 7), is_nfd=st.booleans(), is_upper=st.booleans())  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_key_survives_whatever_is_put_around_it(
    name: str, form: tuple[str, str], blank: str, place: int, is_nfd: bool, is_upper: bool  # noqa: FBT001
) -> None:  # fmt: skip
    typed = form[0] + name[:place] + blank + name[place:] + form[1]
    typed = unicodedata.normalize("NFD", typed) if is_nfd else typed
    assert _one("name_key(?)", typed.upper() if is_upper else typed) == name


@given(name=SYLLABLES)
@settings(max_examples=100, deadline=None)
def test_initials_are_the_first_letters_of_each_syllable(name: str) -> None:
    apart = [unicodedata.normalize("NFD", syllable) for syllable in name]
    initials = "".join(
        "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"[ord(letters[0]) - 0x1100] for letters in apart
    )
    assert _one("name_initials(?)", name) == initials
    strokes = _one("name_jamo(?)", name)
    assert isinstance(strokes, str)
    assert len(strokes) == sum(len(letters) for letters in apart)


@given(letters=st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=6), tail=SYLLABLES)
@settings(max_examples=100, deadline=None)
def test_letters_sound_as_they_are_spelled(letters: str, tail: str) -> None:
    spelled = dict(zip("abcdefghijklmnopqrstuvwxyz", ["에이", "비", "씨", "디", "이", "에프", "지", "에이치", "아이", "제이", "케이", "엘", "엠", "엔", "오", "피", "큐", "알", "에스", "티", "유", "브이", "더블유", "엑스", "와이", "제트"], strict=True))  # fmt: skip
    korean = "".join(spelled[letter] for letter in letters)
    assert _one("name_latin(?)", letters + tail) == _one("name_latin(?)", korean + tail)


@given(place=st.integers(0, len(REGISTER) - 1), form=FORMS, is_nfd=st.booleans())
@settings(max_examples=40, deadline=None)
def test_company_is_found_by_each_name_and_number(
    index: Index, place: int, form: tuple[str, str], is_nfd: bool  # noqa: FBT001
) -> None:  # fmt: skip
    entry = REGISTER[place]
    typed = form[0] + entry.name + form[1]
    typed = unicodedata.normalize("NFD", typed) if is_nfd else typed
    own = index.search(entry.id)[0]
    assert own.company_id in {hit.company_id for hit in index.search(typed) if hit.score >= 0.96}
    for number in (entry.stock_code, entry.corporation_number, own.corp_code):
        if number:
            assert index.search(number)[0].score == 1.0
            assert own.company_id in {hit.company_id for hit in index.search(number)}
    initials = _one("name_initials(name_key(?))", entry.name)
    assert isinstance(initials, str)
    assert own.company_id in {hit.company_id for hit in index.search(initials)}


@given(query=st.text(max_size=120))
@settings(max_examples=100, deadline=None)
def test_any_text_gives_hits_or_a_known_error(index: Index, query: str) -> None:
    assert isinstance(found(index, query), (tuple, str))


# The real register -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Index:
    data = Path(os.environ.get("PAYCANARY_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))  # fmt: skip
    register = data / "korea" / "opendart" / "samples" / "corpCode.zip"
    if not register.exists():
        pytest.skip(f"no {register}: set PAYCANARY_SHARED_DATA to the folder of real data")
    root = tmp_path_factory.mktemp("lake")
    refresh(root, "dart", register)
    refresh(root, "krx", data / "korea" / "krx")
    refresh(root, "nps", data / "korea" / "nps" / "nps_2026_06_anchor_sample.csv")
    return Index(open_reader(root).connect())


@pytest.mark.parametrize(
    ("query", "company_id", "kind"),
    [
        ("삼부토건", SAMBU, "exact"), ("ㅅㅂㅌㄱ", SAMBU, "initials"), ("삼부토권", SAMBU, "typo"), ("001470", SAMBU, "stock_code"),
        ("00125974", SAMBU, "corp_code"), ("카카오", KAKAO, "exact"), ("(주)카카오", KAKAO, "exact"), ("HMM", HMM, "exact"),
        ("에이치엠엠", HMM, "sound"), ("한화오션", OCEAN, "exact"), ("Samsung Electronics", SAMSUNG, "english"),
        ("미래에셋증권", "dart:00111722", "exact"), ("삼성물산", "dart:00149655", "exact"),
    ],
)  # fmt: skip
def test_well_known_companies(real: Index, query: str, company_id: str, kind: str) -> None:
    assert found(real, query) == (company_id, kind)


@pytest.mark.parametrize("query", ["하나", "대신", "ㅅㅅㅈㅈ", "삼토건", "124810"])
def test_names_of_several_stay_open(real: Index, query: str) -> None:
    assert found(real, query) == "ambiguous"


def test_pension_data_joins_the_right_companies(real: Index) -> None:
    heads = {name: real.search(name)[0].headcount for name in ("삼성전자", "카카오", "한화오션", "기아", "에스엘")}  # fmt: skip
    assert heads == {"삼성전자": 125592, "카카오": 3842, "한화오션": 10235, "기아": 9350, "에스엘": None}  # fmt: skip

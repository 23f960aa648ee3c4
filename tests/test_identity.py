"""Matching registers: the right company where evidence allows, no company where it does not."""

from __future__ import annotations

import itertools

import pytest
from companies import Entry, dart, delisted, listed, numbered, store, workplace

from paycanary.lake.identity import LINK_THRESHOLD, build_links
from paycanary.lake.tables import LINKS

KAKAO = (
    dart("00258801", "카카오", "035720"),
    dart("00918444", "카카오"),
    listed("035720", "카카오", "제주특별자치도"),
)


def links(*entries: Entry) -> dict[tuple[str, str], tuple[str, float]]:
    """(company_id, canonical_id) -> (rule, confidence)."""
    rows = store(*entries).execute("SELECT company_id, canonical_id, rule, confidence FROM links")
    return {(row[0], row[1]): (row[2], row[3]) for row in rows.fetchall()}


def judge(register: tuple[Entry, ...], *workplaces: Entry) -> dict[str, tuple[str, float]]:
    """What the first workplace might be -> (rule, confidence), its own row left out."""
    found = links(*register, *workplaces)
    first = workplaces[0].id
    return {ids[1]: rule for ids, rule in found.items() if ids[0] == first != ids[1]}


def test_exchange_and_dart_meet_by_stock_code() -> None:
    found = links(dart("00125974", "삼부토건", "001470"), listed("001470", "삼부", "서울특별시"))
    assert found == {
        ("dart:00125974", "dart:00125974"): ("self", 1.0),
        ("krx:001470", "dart:00125974"): ("stock_code", 1.0),
    }


def test_stock_code_held_twice_links_nobody() -> None:
    found = links(dart("00000001", "가나", "001470"), dart("00000002", "다라", "001470"), listed("001470", "가나", "서울"))  # fmt: skip
    assert found["krx:001470", "krx:001470"] == ("self", 1.0)


CRNO, BNO = "1101110003668", "1048112345"


def test_official_numbers_make_one_company_of_many_entries() -> None:
    found = links(
        dart("00125974", "삼부토건", "001470", corporation_number=CRNO),
        numbered(f"fsc:{CRNO}", "삼부토건주식회사", corporation_number=CRNO, business_number=BNO),
        numbered(f"nts:{BNO}", BNO, business_number=BNO),
        numbered(f"comwel:{BNO}", "삼부토건(주)", business_number=BNO),
    )
    assert {ids: link for ids, link in found.items() if ids[0] != "dart:00125974"} == {
        (f"fsc:{CRNO}", "dart:00125974"): ("corporation_number", 1.0),
        (f"nts:{BNO}", "dart:00125974"): ("business_number", 1.0),
        (f"comwel:{BNO}", "dart:00125974"): ("business_number", 1.0),
    }


def test_the_dart_code_that_another_register_names_joins_them() -> None:
    found = links(
        dart("00125974", "삼부토건"),
        numbered(f"fsc:{CRNO}", "삼부토건주식회사", corp_code="00125974", corporation_number=CRNO),
        numbered(f"nts:{BNO}", BNO, business_number=BNO),
    )
    assert found[f"fsc:{CRNO}", "dart:00125974"] == ("corp_code", 1.0)
    assert found[f"nts:{BNO}", f"nts:{BNO}"] == ("self", 1.0)


def test_a_company_unknown_to_dart_is_led_by_the_first_register_that_knows_it() -> None:
    found = links(
        numbered(f"nts:{BNO}", BNO, business_number=BNO),
        numbered(f"fsc:{CRNO}", "가나다", corporation_number=CRNO, business_number=BNO),
        workplace("104811", "가나다(주)", "서울특별시"),
    )
    assert found[f"fsc:{CRNO}", f"fsc:{CRNO}"] == ("self", 1.0)
    assert found[f"nts:{BNO}", f"fsc:{CRNO}"] == ("business_number", 1.0)
    assert {rule for (own, other), rule in found.items() if own.startswith("nps:") and other == f"fsc:{CRNO}"} == {("name_and_business_number", 0.99)}  # fmt: skip


@pytest.mark.parametrize("numbers", [{"corporation_number": CRNO}, {"business_number": BNO}])
def test_a_number_that_two_entries_of_one_register_hold_links_nobody(
    numbers: dict[str, str],
) -> None:
    found = links(
        dart("00000001", "가나", **numbers),
        dart("00000002", "다라", **numbers),
        numbered(f"fsc:{CRNO}", "마바", **numbers),
    )
    assert found[f"fsc:{CRNO}", f"fsc:{CRNO}"] == ("self", 1.0)
    assert len(found) == 3


def test_half_a_business_number_is_no_official_number() -> None:
    found = links(
        dart("00000001", "가나", business_number="104811"),
        numbered(f"nts:{BNO}", "가나", business_number="104811"),
    )
    assert found[f"nts:{BNO}", f"nts:{BNO}"] == ("self", 1.0)


@pytest.mark.parametrize(
    ("name", "rule", "confidence"),
    [
        ("(주)삼부토건", "name_and_business_number", 0.99),
        ("삼부토껀", None, None),
    ],
)
def test_business_number_settles_a_name(
    name: str, rule: str | None, confidence: float | None
) -> None:
    register = (dart("00125974", "삼부토건", business_number="1048112345"), dart("00000002", "삼부토건"))  # fmt: skip
    found = judge(register, workplace("104811", name, "서울특별시"))
    assert found.get("dart:00125974") == ((rule, confidence) if rule else None)


def test_business_number_settles_a_sound() -> None:
    register = (dart("00164645", "HMM", business_number="1108100000"),)
    found = judge(register, workplace("110810", "에이치엠엠(주)", "서울특별시"))
    assert found == {"dart:00164645": ("sound_and_business_number", 0.97)}


def test_another_business_number_refutes_a_name() -> None:
    register = (dart("00125974", "삼부토건", business_number="1048112345"),)
    found = judge(register, workplace("999999", "삼부토건", "서울특별시", 5000))
    assert found == {"dart:00125974": ("candidate_other_business_number", 0.4)}


@pytest.mark.parametrize(
    ("here", "there", "rule", "confidence"),
    [
        ("서울특별시", "서울특별시", "unique_name_and_region", 0.9),
        ("강원도", "강원특별자치도", "unique_name_and_region", 0.9),
        ("전라북도", "전북특별자치도", "unique_name_and_region", 0.9),
        ("광주광역시", "전남광주통합특별시", "unique_name_and_region", 0.9),
        ("전라남도", "전남광주통합특별시", "unique_name_and_region", 0.9),
        ("경상남도", "경상북도", "candidate_name_other_region", 0.6),
        ("충청남도", "서울특별시", "candidate_name_other_region", 0.6),
    ],
)
def test_region_decides_a_unique_name(here: str, there: str, rule: str, confidence: float) -> None:
    register = (dart("00111704", "한화오션", "042660"), listed("042660", "한화오션", here))
    found = judge(register, workplace("104815", "한화오션(주)", there))
    assert found == {"dart:00111704": (rule, confidence)}


@pytest.mark.parametrize(
    ("heads", "rule", "confidence"),
    [
        (None, "candidate_small_workplace", 0.7),
        (9, "candidate_small_workplace", 0.7),
        (10, "unique_name", 0.8),
        (299, "unique_name", 0.8),
        (300, "large_workplace", 0.8),
    ],
)
def test_size_decides_where_no_region_is_known(
    heads: int | None, rule: str, confidence: float
) -> None:
    found = judge((dart("01212921", "비바리퍼블리카"),), workplace("120880", "비바리퍼블리카", "서울특별시", heads))  # fmt: skip
    assert found == {"dart:01212921": (rule, confidence)}


@pytest.mark.parametrize(
    ("region", "heads", "rule", "confidence"),
    [
        ("서울특별시", 20, "unique_sound_and_region", 0.85),
        ("부산광역시", 20, "candidate_name_other_region", 0.6),
        ("부산광역시", 300, "large_workplace", 0.8),
    ],
)
def test_letters_meet_their_korean_spelling(
    region: str, heads: int, rule: str, confidence: float
) -> None:
    register = (dart("00164645", "HMM", "011200"), listed("011200", "HMM", "서울특별시"))
    found = judge(register, workplace("110810", "에이치엠엠(주)", region, heads))
    assert found == {"dart:00164645": (rule, confidence)}


def test_sound_alone_is_a_candidate() -> None:
    found = judge((dart("00164645", "HMM"),), workplace("110810", "에이치엠엠", "서울특별시"))
    assert found == {"dart:00164645": ("candidate_sound", 0.7)}


def test_one_listed_among_namesakes_is_taken_in_its_region() -> None:
    found = judge(KAKAO, workplace("120814", "주식회사 카카오", "제주특별자치도", 3842))
    assert found == {
        "dart:00258801": ("unique_listed_name", 0.85),
        "dart:00918444": ("candidate_shared_name", 0.4),
    }


@pytest.mark.parametrize(("region", "heads"), [("제주특별자치도", 49), ("서울특별시", 3842)])
def test_a_namesake_of_a_listed_company_is_not_taken(region: str, heads: int) -> None:
    found = judge(KAKAO, workplace("120814", "주식회사 카카오", region, heads))
    assert set(found.values()) == {("candidate_shared_name", 0.4)}


def test_the_smaller_of_two_in_a_region_is_not_taken() -> None:
    small = workplace("111111", "카카오", "제주특별자치도", 60)
    large = workplace("120814", "카카오", "제주특별자치도", 3842)
    assert judge(KAKAO, large, small)["dart:00258801"] == ("unique_listed_name", 0.85)
    assert judge(KAKAO, small, large)["dart:00258801"] == ("candidate_shared_name", 0.4)


def test_listed_sound_among_namesakes() -> None:
    register = (dart("00164645", "SM", "041510"), dart("00000002", "에스엠"), listed("041510", "SM", "서울특별시"))  # fmt: skip
    found = judge(register, workplace("110810", "에쓰엠", "서울특별시", 500))
    assert found["dart:00164645"] == ("unique_listed_sound", 0.8)
    assert found["dart:00000002"] == ("candidate_shared_name", 0.4)


def test_a_delisted_namesake_does_not_count_as_listed() -> None:
    register = (
        dart("00149655", "삼성물산", "028260"), dart("00126229", "삼성물산", "000830"),
        listed("028260", "삼성물산", "서울특별시"), delisted("000830", "삼성물산"),
    )  # fmt: skip
    found = judge(register, workplace("104814", "삼성물산(주)", "서울특별시", 9000))
    assert found["dart:00149655"] == ("unique_listed_name", 0.85)


def test_a_name_of_many_gives_no_candidates() -> None:
    register = tuple(dart(f"0000000{i}", "신우") for i in range(6))
    assert judge(register, workplace("104814", "신우", "서울특별시", 9000)) == {}
    assert len(judge(register[:5], workplace("104814", "신우", "서울특별시", 9000))) == 5


def test_workplaces_that_share_a_name_are_candidates() -> None:
    register = (dart("00000001", "대한정밀"),)
    found = judge(register, workplace("111111", "대한정밀", "서울특별시"), workplace("222222", "대한정밀", "부산광역시"))  # fmt: skip
    assert found == {"dart:00000001": ("candidate_shared_name", 0.4)}


def test_large_plants_of_one_company_are_all_taken() -> None:
    register = (dart("00126478", "삼성중공업", "010140"), listed("010140", "삼성중공업", "경기도"))
    ship = workplace("612850", "삼성중공업(주)", "경상남도", 9335)
    office = workplace("104814", "삼성중공업(주)", "경기도", 1000)
    shop = workplace("999999", "삼성중공업", "대구광역시", 4)
    assert judge(register, ship, office, shop)["dart:00126478"] == ("large_workplace", 0.8)
    assert judge(register, shop, ship, office)["dart:00126478"] == ("candidate_shared_name", 0.4)


def test_english_and_former_names_link_nobody() -> None:
    register = (dart("00000001", "가나다", english="라마바", former="사아자"),)
    assert judge(register, workplace("104814", "라마바", "서울특별시", 9000)) == {}
    assert judge(register, workplace("104814", "사아자", "서울특별시", 9000)) == {}


def test_two_certain_companies_are_no_certainty() -> None:
    register = (dart("00000001", "대한정밀", business_number="1048112345"), dart("00000002", "대한정밀", business_number="1048119999"))  # fmt: skip
    found = judge(register, workplace("104811", "대한정밀", "서울특별시"))
    assert set(found.values()) == {("candidate_shared_name", 0.4)}
    assert len(found) == 2


def test_every_id_has_one_link_that_is_followed() -> None:
    con = store(
        *KAKAO, workplace("120814", "카카오", "제주특별자치도", 3842), workplace("1", "카카오", "서울특별시", 3),
        dart("00000001", "대한정밀"), delisted("000830", "없어진회사"),
    )  # fmt: skip
    rows = con.execute(
        "SELECT company_id, count(*) FILTER (WHERE confidence >= ?), bool_and((confidence < ?) = starts_with(rule, 'candidate_')), "
        "bool_and(source IS NOT NULL AND filing_id IS NOT NULL AND published_on IS NOT NULL OR starts_with(company_id, 'nps:')) FROM links GROUP BY company_id",
        [LINK_THRESHOLD, LINK_THRESHOLD],
    ).fetchall()
    assert len(rows) == 7
    assert all(row[1:] == (1, True, True) for row in rows)
    targets = con.execute(
        "SELECT count(*) FROM links WHERE confidence >= ? AND canonical_id NOT IN "
        "(SELECT company_id FROM links WHERE rule = 'self')",
        [LINK_THRESHOLD],
    ).fetchall()
    assert targets == [(0,)]


# --- earlier names ---------------------------------------------------------------------------------


def followed(*entries: Entry, renamed: list[tuple[Entry, Entry]]) -> dict[str, str]:
    """Each workplace's company."""
    rows = store(*entries, renamed=renamed).execute("SELECT company_id, canonical_id FROM links WHERE confidence >= ? AND starts_with(company_id, 'nps:')", [LINK_THRESHOLD]).fetchall()  # fmt: skip
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_the_newest_name_of_a_workplace_stands_for_its_earlier_ones() -> None:
    a, b, c, other = (workplace("1", name, "서울특별시", 30) for name in ("가상하나", "가상두리", "가상세미", "가상네모"))  # fmt: skip
    assert followed(a, b, c, other, renamed=[(a, b), (b, c)]) == {a.id: c.id, b.id: c.id, c.id: c.id, other.id: other.id}  # fmt: skip
    # Read twice it is told twice.
    assert followed(a, b, renamed=[(a, b), (a, b)]) == {a.id: b.id, b.id: b.id}


@pytest.mark.parametrize("known", [0, 1, 2])
def test_a_register_that_knows_one_of_the_names_knows_the_company(known: int) -> None:
    places = [
        workplace("1", name, "서울특별시", 300) for name in ("가상하나", "가상두리", "가상세미")
    ]
    own = dart("00000009", places[known].name)
    renamed = list(itertools.pairwise(places))
    assert followed(own, *places, renamed=renamed) == dict.fromkeys((p.id for p in places), own.id)


def test_a_name_that_was_taken_up_again_is_the_newest() -> None:
    a, b, c = (workplace("1", name, "서울특별시", 30) for name in ("가상하나", "가상두리", "가상세미"))  # fmt: skip
    assert followed(a, b, renamed=[(a, b), (b, a)]) == {a.id: a.id, b.id: a.id}
    assert followed(a, b, renamed=[(a, b), (b, a), (a, b)]) == {a.id: b.id, b.id: b.id}
    assert followed(a, b, c, renamed=[(a, b), (b, c), (c, a)]) == dict.fromkeys((a.id, b.id, c.id), a.id)  # fmt: skip
    # The third name stood for the second before the first one ended: that it is the same company is not certain.
    assert followed(a, b, c, renamed=[(b, c), (a, b)]) == {a.id: a.id, b.id: c.id, c.id: c.id}


def test_names_that_lead_two_ways_are_not_followed() -> None:
    a, b, c = (
        workplace("1", name, "서울특별시", 30) for name in ("가상하나", "가상두리", "가상세미")
    )
    alone = {a.id: a.id, b.id: b.id, c.id: c.id}
    assert followed(a, b, c, renamed=[(a, b), (a, c)]) == alone
    assert followed(a, b, c, renamed=[(a, c), (b, c)]) == alone
    registers = dart("00000008", "가상하나"), dart("00000009", "가상두리")
    big = [workplace("1", name, "서울특별시", 300) for name in ("가상하나", "가상두리", "가상세미")]
    # Two companies that both seem to be it are no certainty: the third name stays its own.
    found = followed(*registers, *big, renamed=[(big[0], big[1]), (big[1], big[2])])
    assert found == {big[0].id: "dart:00000008", big[1].id: "dart:00000009", big[2].id: big[2].id}


def test_links_have_the_columns_of_the_table() -> None:
    con = store(*KAKAO)
    build_links(con)
    columns = [row[0] for row in con.execute("DESCRIBE new_links").fetchall()]
    assert columns == list(LINKS.content)


def test_nothing_known_gives_no_links() -> None:
    assert links() == {}

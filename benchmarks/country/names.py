"""Names and 6-digit numbers of made companies: none is a real one's, and no two companies share both.

Every name begins, behind its legal form, with ``MARK``. The first three digits of a business number are the code of a tax
office, which begin at 101 (so do all 1,400 prefixes of the real table of 2022-04): made numbers use 001 to 099.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MARK: Final = "가상"
#: Stands between mark and name once a company has taken another name; so no two companies meet in a new name either.
RENAMED: Final = "네오"
LAST_OFFICE: Final = 99

_FIRST: Final = _words(
    "가람 가온 강산 건우 경진 고운 광명 광성 구름 그린 금강 금성 기린 길벗 나래 나무 남강 남양 노을 누리 늘봄 다온 다은 단비 달빛 대건 "
    "대경 대광 대륙 대명 대산 대성 대신 대영 대원 대진 대들 더본 덕산 도담 도원 동광 동명 동방 동산 동서 동성 동아 동양 동우 동진 두리 두레 "
    "든솔 라온 마루 마음 만월 명성 명진 무궁 미래 미르 바다 바른 반석 백두 백산 백양 별빛 보람 보성 봄빛 부강 부영 북두 비전 빛날 산들 삼광 "
    "샘터 샘물 삼영 삼우 삼원 삼정 삼진 삼화 상록 새길 새날 새론 새봄 샛별 서광 서린 서진 선진 성광 성우 성원 성진 세광 세명 세영 세원 세진 "
    "소망 솔빛 송림 수림 시온 신광 신성 신영 신우 신원 신진 신빛 신흥 아람 아침 알파 양지 에덴 에코 여울 영광"
)
_SECOND: Final = _words(
    "가 강 건 경 계 고 공 관 광 교 구 국 군 권 규 균 근 금 기 길 나 남 내 노 다 단 담 대 덕 도 동 두 "
    "라 란 람 려 련 령 로 록 루 린 림 마 만 명 모 목 문 미 민 바 박 반 방 배 백 범 벽 병 보 복 본 봉 "
    "비 빈 사 산 삼 상 새 서 석 선 설 성 세 소 솔 송 수 순 승 시 신 아 안 양 언 여 연 열 영 예 온 완 "
    "용 우 운 웅 원 월 위 유 윤 율 은 을 음 의 이 인 일 임 자 장 재 전 정 제 조 종 주 준 중 지 진 찬"
)
_TRADES: Final = _words(
    "테크 산업 건설 물산 유통 상사 전자 정밀 기계 화학 제약 식품 푸드 섬유 패션 소재 금속 철강 특수강 금형 엔지니어링 시스템 시스템즈 소프트 "
    "정보통신 네트웍스 미디어 콘텐츠 게임즈 디자인 광고 출판 인쇄 교육 학원 컨설팅 글로벌 인터내셔날 코퍼레이션 홀딩스 로지스 물류 운수 해운 항공 "
    "여행 관광 호텔 리조트 외식 에프앤비 바이오 메디칼 헬스케어 환경 에너지 전력 전기 조명 설비 조경 종합건설 주택 개발 자산관리 시설관리 "
    "경비 용역 농산 수산 축산 목재"
)
_SHOPS: Final = _words(
    "식당 분식 갈비 마트 약국 의원 한의원 치과의원 동물병원 어린이집 미용실 카센터 주유소 세탁 제과 독서실"
)
#: Legal forms before and behind the name, and how often (2022-04: 37, 34, 5, 5 and together 2 %, the rest without any).
_FORMS: Final = (
    (0.44, "(주)", ""), (0.40, "", "(주)"), (0.07, "주식회사 ", ""), (0.06, "", " 주식회사"), (0.02, "(유)", ""), (0.01, "", "(유)"),
)  # fmt: skip
_KINDS: Final = (81, 86, 87, 88)
_SHOP_KINDS: Final = 79
_STEMS: Final = len(_FIRST) * len(_SECOND)
_NAMES: Final = _STEMS * len(_TRADES)
PLACE_WORDS: Final = _words(
    "서울 부산 대구 인천 광주 대전 울산 수원 성남 안산 평택 화성 청주 천안 아산 전주 군산 여수 포항 구미 창원 김해 원주"
)


def numbered(
    serials: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Name and prefix of a company by its serial number: one pair for one serial, and no pair twice.

    A serial is stirred by a one-to-one map of 32-bit numbers (the last step of MurmurHash3, public domain), and what
    comes out is cut into name and prefix.
    """
    x = serials.astype(np.uint32) ^ np.uint32((seed * 0x9E3779B1) & 0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    x ^= x >> np.uint32(16)
    return x % np.uint32(_NAMES), x // np.uint32(_NAMES)


def company_labels(
    serials: NDArray[np.int64], seed: int, *, renamed: bool = False
) -> tuple[Any, Any]:
    """Names of corporations and their 6 digits, each a binary array in cp949."""
    name, prefix = numbered(serials, seed)
    form = np.searchsorted(np.cumsum([share for share, _, _ in _FORMS])[:-1], _even(serials, 7))
    stem, trade = name // np.uint32(len(_TRADES)), name % np.uint32(len(_TRADES))
    names = _joined(
        _pick([before for _, before, _ in _FORMS], form),
        _bytes(MARK + RENAMED * renamed),
        _pick(_FIRST, stem // np.uint32(len(_SECOND))),
        _pick(_SECOND, stem % np.uint32(len(_SECOND))),
        _pick(_TRADES, trade),
        _pick([after for _, _, after in _FORMS], form),
    )
    return names, _pick(_prefixes(_KINDS), prefix)


def owner_labels(serials: NDArray[np.int64], seed: int) -> tuple[Any, Any]:
    """Names of sole proprietors' workplaces and their 6 digits; never a person's name."""
    name, _ = numbered(serials, seed + 1)
    stem, shop = name % np.uint32(_STEMS), serials % len(_SHOPS)
    names = _joined(
        _bytes(MARK),
        _pick(_FIRST, stem // np.uint32(len(_SECOND))),
        _pick(_SECOND, stem % np.uint32(len(_SECOND))),
        _pick(_SHOPS, shop),
    )
    prefixes = _prefixes(range(1, _SHOP_KINDS + 1))
    return names, _pick(prefixes, (serials // len(_SHOPS)) % len(prefixes))


def branch_labels(companies: Any, draws: NDArray[np.int64], *, site: bool) -> Any:
    """Names of a company's branches or building sites, as the register writes them: company and unit in one field."""
    word = _pick(PLACE_WORDS, draws % len(PLACE_WORDS))
    number = draws // len(PLACE_WORDS)
    if site:
        what = _pick(
            ["주택 신축공사", "물류창고 신축공사", "도로 정비공사", "학교 증축공사"], number % 4
        )
        return _joined(companies, _bytes("/일용/"), word, what)
    units = [f"{serial}{unit}" for serial in ("", "제2", "제3", "제4") for unit in ("공장", "지점")]
    # A branch stands behind a blank, or right behind a legal form: the register does both.
    return _joined(companies, _bytes(" "), word, _pick(units, number % len(units)))


def _prefixes(kinds: Any) -> list[str]:
    """Tax office 001 to 099, kind of owner, first digit of the serial number."""
    return [
        f"{office:03d}{kind:02d}{digit}"
        for digit in range(10)
        for kind in kinds
        for office in range(1, LAST_OFFICE + 1)
    ]


def _even(serials: NDArray[np.int64], salt: int) -> NDArray[np.float64]:
    """A number of 0 to 1 for a serial, the same whenever it is asked for."""
    return numbered(serials, salt)[0] / _NAMES


def _bytes(text: str) -> Any:
    return pa.scalar(text.encode("cp949"), pa.binary())


def _pick(words: Any, index: NDArray[Any]) -> Any:
    return pa.array([word.encode("cp949") for word in words], pa.binary()).take(pa.array(index))


def _joined(*parts: Any) -> Any:
    return pc.binary_join_element_wise(*parts, _bytes(""))


def labels(plain: Any, numbers: Any) -> Any:
    """Name and number as they stand in a line, side by side."""
    return pc.binary_join_element_wise(plain, numbers, pa.scalar(b",", pa.binary()))

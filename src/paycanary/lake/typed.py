"""What was typed into a search, made comparable: by the same SQL that made the stored names so."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import UsageError

if TYPE_CHECKING:
    import duckdb

#: Longest query taken, in characters: the longest name in DART's register has 72.
MAX_QUERY: Final = 100
_CONSONANTS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
#: A Korean keyboard joins some consonants typed in a row: ㄱㅅ becomes ㄳ.
_JOINED: Final = str.maketrans(
    {"ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ"}
)  # fmt: skip
#: The key and, below it, its sound. MATERIALIZED, or DuckDB works the macros out anew wherever their result is used.
_READ: Final = """
WITH typed AS MATERIALIZED (SELECT name_key(?) AS key), struck AS MATERIALIZED (
    SELECT place, word, search_strokes(name_jamo(word)) AS strokes
    FROM (SELECT unnest([1, 2]) AS place, unnest([key, name_latin(key)]) AS word FROM typed)
)
SELECT word, name_initials(word), strokes, search_mask(strokes) FROM struck ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, as each comparison needs it.

    ``codes`` holds a value for each number that search_exact.sql compares; ``strokes`` and masks are explained in
    search_views.sql.
    """

    codes: dict[str, str | None]
    key: str
    sound: str
    initials: str
    strokes: str
    mask: int
    sound_mask: int

    @property
    def has_initials(self) -> bool:
        """Whether consonants were typed for syllables."""
        return any(c in _CONSONANTS for c in self.key)

    @property
    def has_words(self) -> bool:
        """Whether a slip may be looked for: numbers are right or wrong."""
        return re.search("[a-z가-힣]", self.key) is not None

    @property
    def pattern(self) -> str | None:
        """Regular expression for '삼부ㅌㄱ'; None when consonants alone were typed, which need no second look."""
        if all(c in _CONSONANTS for c in self.key):
            return None
        return "^" + "".join(
            f"[{chr(0xAC00 + 588 * i)}-{chr(0xAC00 + 588 * i + 587)}]" if i >= 0 else re.escape(c)
            for c in self.key
            for i in (_CONSONANTS.find(c),)
        )

    def slips(self) -> dict[str, Any]:
        """Parameters of search_typo.sql. A slip in a short name makes another name: the shorter, the fewer are allowed."""
        key, strokes = self.key, len(self.strokes)
        places = range(len(key)) if len(key) > 2 else range(0)  # noqa: PLR2004
        added = [key[:i] + key[i + 1 :] for i in places]
        swapped = [key[:i] + key[i + 1 : i + 2] + key[i] + key[i + 2 :] for i in places]
        return {
            "key": key,
            "strokes": self.strokes,
            "mask": self.mask,
            "far": 2 if strokes > 7 else 1 if strokes > 3 else 0,  # noqa: PLR2004
            "swapped": added + swapped,
            "left_out": "|".join(re.escape(key[:i]) + "." + re.escape(key[i:]) for i in places),
        }


def clean(query: str) -> str:
    """Leave out control characters, invisible marks and broken halves of characters."""
    return "".join(" " if (c := unicodedata.category(char)) == "Cc" else "" if c in ("Cf", "Cs", "Co") else char for char in query)  # fmt: skip


def read(con: duckdb.DuckDBPyConnection, query: str) -> Typed:
    """Read a query.

    Args:
        con: connection with the macros of names.sql and search_views.sql.
        query: what was typed.

    Raises:
        UsageError: nothing to search for, or more than 100 characters.

    """
    text = clean(query).strip()
    if len(text) > MAX_QUERY:
        raise UsageError(
            {"ko": f"찾는 말이 {len(text)}자입니다.", "en": f"The query has {len(text)} characters."},
            {"ko": f"{MAX_QUERY}자 안으로 적으세요.", "en": f"Keep it within {MAX_QUERY}."},
        )  # fmt: skip
    codes = _codes(text)
    (key, initials, strokes, mask), (sound, _, _, sound_mask) = con.execute(
        _READ, [text.translate(_JOINED)]
    ).fetchall()
    if not key and not any(codes.values()):
        raise UsageError(
            {"ko": "찾을 회사 이름이 없습니다.", "en": "There is no company name to search for."},
            {
                "ko": "회사 이름, 초성, 종목코드, 사업자등록번호 가운데 하나를 적으세요.",
                "en": "Give a name, initials, a stock code or a business number.",
            },
        )
    return Typed(codes, key, sound, initials, strokes, mask, sound_mask)


def _codes(text: str) -> dict[str, str | None]:
    """Which official numbers the text could be. A text may be two at once: six digits are a stock code or the start of a business number."""
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"[\s-]", "", plain)
    digits = digits if re.fullmatch("[0-9]+", digits) else ""
    stock = re.fullmatch("A?([0-9][0-9A-Z]{5})", plain.upper())
    return {
        "company_id": plain if re.fullmatch("[a-z]+:[0-9A-Za-z]+", plain) else None,
        "corp_code": digits if len(digits) == 8 else None,  # noqa: PLR2004
        "stock_code": stock.group(1) if stock else None,
        "corporation_number": digits if len(digits) == 13 else None,  # noqa: PLR2004
        "business_number": digits if len(digits) == 10 else None,  # noqa: PLR2004
        "number_start": digits[:6] if len(digits) in (6, 10) else None,
    }

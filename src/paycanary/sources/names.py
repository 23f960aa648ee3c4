"""Company names made comparable, in SQL so that 120,000 names and one typed query take the same path."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from paycanary.resources import read_text

if TYPE_CHECKING:
    import duckdb


_LONG: Final = "주식회사|유한책임회사|유한회사|합자회사|합명회사|농업회사법인|사회적협동조합|사회복지법인|사단법인|재단법인|의료법인|학교법인"
_FORMS: Final = re.compile(rf"\(\s*(?:주|유|합|자|재|사|학|의|복|{_LONG})\s*\)|{_LONG}")


def create_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Define the macros of ``sql/names.sql`` in a connection: ``name_key``, ``name_initials``, ``name_jamo``, ``name_latin``, ``region_key``."""
    con.execute(read_text("sources", "sql", "names.sql"))


def plain_name(name: str) -> str:
    """A name without legal form, for typing into a service's search box: ``(주)한화시스템`` -> ``한화시스템``."""
    return " ".join(_FORMS.sub(" ", unicodedata.normalize("NFKC", name)).split())


def rough_key(name: str) -> str:
    """A name without legal form, blanks, punctuation and case, in Python: to choose among a service's answers.

    ``name_key`` of ``sql/names.sql`` is what identities are made of; this one only decides what is fetched.
    """
    return re.sub(r"[\W_]", "", plain_name(name).lower())

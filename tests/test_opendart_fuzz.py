"""Whatever OpenDART may send: the client gives rows that can be stored or says what is wrong, and the loader keeps count."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paycanary.filings import opendart
from paycanary.sources.dart.fields import ENDPOINTS
from paycanary.sources.web.calls import Answer, Call
from paycanary.sources.web.client import Web
from tests import opendart_fuzz
from tests.live import Desk
from tests.stage import create_stage

if TYPE_CHECKING:
    import pathlib

WEB: Final = Web("dart", "https://dart.invalid", per_second=1000)
SEEDS: Final = opendart_fuzz.seeds()
#: What stands in filings: figures, dates and words as people write them, and anything else.
_WORDS: Final = st.one_of(
    st.none(),
    st.sampled_from(["", "-", "1,234", "(5)", "△7", "99999999999999999999", "1e400", "1e300", "-1e300", "20240315000001", "2024-02-30", "20240315000001", "20249999000001", "2024.12.31 현재", "적정", "의견거절", "합계", "사업보고서 (2024.12)", "제10기(당기)", "CFS", "BS", "11011", "(연결)당기순이익(백만원)", "ifrs-full_Assets", "자산총계", "회생절차종결", "'; DROP TABLE judged; --"]),
    st.text(max_size=40),
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(place=st.integers(0, len(SEEDS) - 1), seed=st.integers(0, 2**32))
def test_a_spoilt_answer_is_rows_or_a_clear_error(place: int, seed: int) -> None:
    call, body = SEEDS[place]
    draw = random.Random(seed)  # noqa: S311
    opendart_fuzz.read(WEB, call, opendart_fuzz.mutated(body, draw))
    opendart_fuzz.read(WEB, call, opendart_fuzz.reshaped(body, draw))


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=400), endpoint=st.sampled_from(sorted(ENDPOINTS)))
def test_any_bytes_at_all(body: bytes, endpoint: str) -> None:
    opendart_fuzz.read(WEB, Call(endpoint), body)


@pytest.mark.parametrize("place", range(len(SEEDS)))
def test_the_answers_that_are_spoilt_are_right_ones(place: int) -> None:
    call, body = SEEDS[place]
    if b'"list"' in body or b'"corp_name"' in body or body.startswith(b"PK"):
        assert opendart_fuzz.read(WEB, call, body)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_rows_of_any_words_are_counted_and_none_stops_the_others(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    desk = Desk(tmp_path_factory.mktemp("fuzz"))
    kinds = [k for k, e in ENDPOINTS.items() if not e.is_file]
    for kind in data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4, unique=True)):
        row = st.fixed_dictionaries(dict.fromkeys(ENDPOINTS[kind].fields, _WORDS))
        rows = data.draw(st.lists(row, min_size=0, max_size=4))
        clean = [{k: _stored(v) for k, v in r.items()} for r in rows]
        params = {"corp_code": "99000001", "bsns_year": "2024", "reprt_code": "11011", "fs_div": "CFS", "filing": "20250315000001", "period": "2024-12"}  # fmt: skip
        desk.inbox.save("dart", Call(kind, params), Answer(clean))
    _load(desk)


def _stored(text: str | None) -> str | None:
    return None if text is None else text.replace("\0", "").encode("utf-8", "replace").decode()


def _load(desk: Desk) -> None:
    folder: pathlib.Path = desk.folder / "out"
    desk.inbox.export("dart", folder)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        create_stage(con)
        for summary in opendart.load(con, folder):
            assert summary.read == summary.accepted + summary.skipped + summary.rejected
            assert sum(summary.reasons.values()) == summary.rejected

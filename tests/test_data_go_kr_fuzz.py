"""Spoiled answers of the gateway, many of them: each is read or refused, in good time and without a word of it getting out.

``PAYCANARY_FUZZ`` sets how many (a long run: 200000). The same number gives the same answers.
"""

from __future__ import annotations

import json
import os
import random
import re
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from paycanary.sources.data_go_kr import Envelope, MalformedError, open_envelope
from tests.standins.data_go_kr import ERRORS, as_xml, refused

COUNT: Final = int(os.environ.get("PAYCANARY_FUZZ", "4000"))
ROW: Final = {"name": "(주)가나기계", "number": "1018100001", "amount": "1,234"}


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _envelope(items: Any, code: str = "00") -> dict[str, Any]:
    return {"response": {"header": {"resultCode": code, "resultMsg": "M"}, "body": {"items": items, "totalCount": 2}}}  # fmt: skip


SEEDS: Final = [
    _json(_envelope({"item": [ROW, ROW]})),
    _json(_envelope({"item": ROW})),
    _json(_envelope("")),
    _json(_envelope({}, "03")),
    _json({"header": {"resultCode": "000"}, "body": {"items": [ROW]}}),
    _json({"cmmMsgHeader": {"returnReasonCode": "30", "returnAuthMsg": ERRORS["30"]}}),
    _json({"OpenAPI_ServiceResponse": {"cmmMsgHeader": {"returnAuthMsg": ERRORS["22"]}}}),
    as_xml([ROW, ROW], 2, 1, 100).body,
    as_xml([], 0, 1, 100).body,
    *(refused(code).body for code in ERRORS),
    b"API token quota exceeded",
    b"Unexpected errors",
    b"<!doctype html><html><body>error</body></html>",
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "&b;&b;"><!ENTITY b "&a;">]><response><header>&a;</header></response>',
]
PIECES: Final = [
    b"<", b">", b"</item>", b"<item>", b"<items/>", b"&amp;", b"&a;", b"&#0;", b"&#x41;", b"<![CDATA[", b"]]>", b"<!--", b"-->",
    b"<?x?>", b"<!DOCTYPE r>", b'<!ENTITY x SYSTEM "file:///dev/null">', b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"true",
    b"1e999", b"-0", b"\\u0000", b"\\ud800", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xb0\xa1", "가".encode(), b" " * 50, b"9" * 40,
    b'"response":', b'"header":', b'"body":', b'"items":', b'"item":', b'"resultCode":"00"', b'"totalCount":"1"', b"xmlns='u:v'",
]  # fmt: skip


def _spoiled(draw: random.Random) -> bytes:
    """A good answer, spoiled once or twice: mostly a little, so that what is checked late is reached too."""
    body = bytearray(draw.choice(SEEDS))
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        place = draw.randrange(len(body) + 1)
        way = draw.randrange(12)
        if way == 0:
            body[place:place] = draw.choice(PIECES)
        elif way == 1:
            del body[place : place + draw.randint(1, 30)]
        elif way == 2 and place < len(body):
            body[place] = draw.randrange(256)
        elif way == 3:
            body[place:place] = body[place : place + draw.randint(1, 60)]
        elif way == 4:
            other = draw.choice(SEEDS)
            body[place:] = other[draw.randrange(len(other) + 1) :]
        elif way == 5:
            del body[place:]
        else:
            _exchange(body, draw)
    return bytes(body)


def _exchange(body: bytearray, draw: random.Random) -> None:
    """Put one word or value of the envelope in another's place: the form stays right, the meaning does not."""
    words = list(re.finditer(rb'"[^"]*"|>[^<]+<|[0-9]+', bytes(body)))
    if words:
        word = draw.choice(words)
        start, end = word.span()
        new = draw.choice(
            (draw.choice(words)[0], b'""', b'"00"', b"null", b"[]", b"{}", b">00<", b"><")
        )
        if (body[start : start + 1] == b">") == (new[:1] == b">"):
            body[start:end] = new


def _read(body: bytes) -> Envelope | None:
    try:
        return open_envelope(body)
    except MalformedError as error:
        said = str(error)
    # In a few words of ours: nothing of an answer may get out this way.
    assert 0 < len(said) < 40
    return None


def _check(envelope: Envelope | None) -> None:
    if envelope is None:
        return
    assert isinstance(envelope.code, str)
    assert len(envelope.message) <= 80
    assert envelope.total is None or 0 <= envelope.total < 10**12
    assert all(isinstance(row, dict) for row in envelope.rows)
    assert envelope.code == "00" or envelope.rows == []


def test_spoiled_answers_are_read_or_refused() -> None:
    draw = random.Random(COUNT)  # noqa: S311 - no secret
    read = 0
    for _ in range(COUNT):
        envelope = _read(_spoiled(draw))
        _check(envelope)
        read += envelope is not None
    # Both happen: a check that refuses everything, or takes everything, would show here.
    assert COUNT * 0.1 < read < COUNT * 0.9


@given(st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    _check(_read(body))


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)  # fmt: skip
_NAMES = st.sampled_from(["response", "header", "body", "items", "item", "resultCode", "totalCount", "cmmMsgHeader", "returnReasonCode", "x"])  # fmt: skip


@given(
    st.recursive(
        _LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
        max_leaves=12,
    )
)
@settings(max_examples=500, deadline=None)
def test_any_json_is_read_or_refused(document: Any) -> None:
    _check(_read(_json(document)))


@given(st.sampled_from(["00", "0", "000"]), st.lists(st.dictionaries(st.text("abc", min_size=1), st.text()), max_size=4))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_rows_that_are_well_written_all_come_through(code: str, rows: list[dict[str, str]]) -> None:
    envelope = open_envelope(_json(_envelope({"item": rows}, code)))
    assert envelope.rows == rows

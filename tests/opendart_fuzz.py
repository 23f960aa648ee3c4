"""Answers that nobody meant: right ones with bytes changed, cut, doubled and mixed. ``python -m tests.opendart_fuzz 200000`` runs many."""

from __future__ import annotations

import copy
import json
import random
import sys
import time
from typing import Any, Final

from paycanary.errors import SourceError
from paycanary.sources.dart.api import _PassingError, read_file, read_rows
from paycanary.sources.dart.fields import ENDPOINTS
from paycanary.sources.web.calls import Answer, Call
from paycanary.sources.web.client import Reply, Web
from tests.standins import opendart
from tests.standins.server import Request

_TOKENS: Final = (
    b'"status"', b'"000"', b'"013"', b'"020"', b'"900"', b'"list"', b"[]", b"{}", b"null", b"true", b"NaN", b"1e999", b"-0", b'"\\ud800"',
    b"\\u0000", b"\x00", b"\xff", b"\xef\xbb\xbf", b"PK\x03\x04", b"PK\x05\x06", b"<status>", b"</status>", b"<status>020</status>",
    b"<!DOCTYPE a>", b"&a;", b"9" * 400, b"[" * 300, b'{"a":' * 300, b'"', b",", b":", b"]", b"}",
)  # fmt: skip


_VALUES: Final[tuple[Any, ...]] = (
    None, True, 0, -1.5, 10**300, float("nan"), float("inf"), "", " ", "000", "013", "900", "\ud800", "\0", "가" * 5000, "2025-02-30", "1,2,3",
    [], {}, [[]], [{}], {"sm": "1"}, [{"sm": {"a": ["b"]}}], ["x"],
)  # fmt: skip


def seeds() -> list[tuple[Call, bytes]]:
    """A right answer of every endpoint, and every status in both forms."""
    data = opendart.made(2, unlisted=1)
    data.events["dfOcr"] = [{"rcept_no": "20250301000001", "corp_code": "99000001", "df_amt": "1"}]
    rules = opendart.OpenDart(data)
    asked = {
        "corp_code": "99000001", "bsns_year": "2025", "reprt_code": "11011", "fs_div": "OFS",
        "bgn_de": "20250101", "end_de": "20261231", "rcept_no": "20260405000001",
    }  # fmt: skip
    found = []
    for name, endpoint in ENDPOINTS.items():
        given = {**asked, "crtfc_key": opendart.KEY}
        given |= {"corp_code": "98000001"} if name == "list" else {}
        reply = rules(Request("GET", f"/{endpoint.path}", given, {}))
        found.append((Call(name, asked), reply.body))
    for status in opendart.MESSAGES:
        found += [(Call(e, asked), opendart.said(e, status).body) for e in ("empSttus", "document")]
    return found


def mutated(body: bytes, draw: random.Random) -> bytes:
    """The bytes with one to six changes."""
    changed = bytearray(body)
    for _ in range(draw.randint(1, 6)):
        place = draw.randrange(len(changed) + 1)
        kind = draw.randrange(6)
        if kind == 0 and changed:
            changed[place % len(changed)] ^= 1 << draw.randrange(8)
        elif kind == 1:
            changed[place:place] = draw.choice(_TOKENS)
        elif kind == 2:
            del changed[place : place + draw.randint(1, 40)]
        elif kind == 3:
            changed[place:place] = changed[max(0, place - 30) : place]
        elif kind == 4:
            changed[place : place + draw.randint(0, 12)] = draw.randbytes(draw.randint(0, 12))
        elif draw.random() < 0.3:
            del changed[place:]
    return bytes(changed)


def reshaped(body: bytes, draw: random.Random) -> bytes:
    """A JSON answer with values replaced, left out or nested, still JSON."""
    try:
        document = json.loads(body)
    except ValueError:
        return mutated(body, draw)
    for _ in range(draw.randint(1, 4)):
        node: Any = document
        parent: Any = None
        key: Any = None
        while isinstance(node, dict | list) and node and (parent is None or draw.random() < 0.8):
            parent, key = (
                node,
                draw.choice(list(node) if isinstance(node, dict) else range(len(node))),
            )
            node = node[key]
        if parent is None:
            break
        if draw.random() < 0.2:
            del parent[key]
        else:
            parent[key] = copy.deepcopy(draw.choice(_VALUES))
    return json.dumps(document).encode()


def read(web: Web, call: Call, body: bytes) -> Answer | None:
    """What the client makes of a body: an answer that can be stored, or None where it says clearly that it is none."""
    reader = read_file if ENDPOINTS[call.endpoint].is_file else read_rows
    try:
        answer = reader(web, Reply(200, "application/json", body), call)
    except SourceError as error:
        said = f"{error.line('ko')}{error.line('en')}"
        assert opendart.KEY not in said
        assert "\n" not in said
        return None
    except _PassingError:
        return None
    kept = ENDPOINTS[call.endpoint].fields
    for row in answer.rows:
        assert row.keys() == kept.keys()
        assert all(value is None or isinstance(value, str) for value in row.values())
    json.dumps(answer.rows, ensure_ascii=False).encode()
    return answer


def main(rounds: int, seed: int) -> None:
    """Run many and say what came of them."""
    web, draw = Web("dart", "https://dart.invalid", per_second=1000), random.Random(seed)  # noqa: S311
    begun, answers, known = time.monotonic(), 0, seeds()
    for number in range(rounds):
        call, body = draw.choice(known)
        spoilt = draw.choice((mutated, reshaped))(body, draw)
        try:
            answers += read(web, call, spoilt) is not None
        except Exception:
            print(f"round {number}, seed {seed}: {call.endpoint} {spoilt!r}")  # noqa: T201
            raise
    print(f"{rounds} inputs, {answers} read, {time.monotonic() - begun:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)

"""Throw mutated documents at the readers.

    python scripts/fuzz.py READER [--inputs 100000] [--seconds N] [--seed N] [--corpus DIR] [--atheris]

A reader may meet anything: it gives a reading with faults, or one of the errors for people. An input after which it does
anything else is kept in ``fuzz-findings/`` and printed; such inputs become tests. Without ``--atheris`` documents are cut,
joined, repeated and bit-flipped at random, which needs nothing installed; with it, libFuzzer looks for new branches
(``pip install atheris``). ``--corpus`` adds real files to the made ones.

To fuzz another reader, add it to `READERS`.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import io
import json
import random
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from paycanary.errors import PaycanaryError  # noqa: E402 - after the path is set
from paycanary.filings import dart_document, documents, opendart_json  # noqa: E402 - as above
from paycanary.filings.xbrl import read, sniff  # noqa: E402 - as above
from paycanary.filings.xbrl.companyfacts import read_companyfacts  # noqa: E402 - as above
from paycanary.filings.xbrl.inline import read_inline  # noqa: E402 - as above
from paycanary.filings.xbrl.instance import read_instance  # noqa: E402 - as above
from tests import dart_documents, xbrl_pages  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.filings.reading import Reading

LARGEST: Final = 1 << 16
SLOW: Final = 5.0  # seconds for one input
LONGEST_DETAIL: Final = 200
LARGEST_EXPONENT: Final = 1000
MOST_SEEDS: Final = 200
DEEPER: Final = 0.9  # how often a value inside a value is changed, not the whole
BY_VALUES: Final = 0.5  # how often JSON stays JSON
GROWTH: Final = 0.001  # how often a mutant is kept to be mutated again
VALUES: Final[tuple[object, ...]] = (
    None, True, -1, 0, 10**30, 1e300, float("inf"), "", "x" * 300, "2023-02-30", "0000-00-00", "2024-01-01", "\x00", "\ud800", [], {}, [[]], {"": None},
)  # fmt: skip
WORDS: Final = (
    b"<ix:exclude>", b"</ix:nonFraction>", b"<ix:nonNumeric ", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"&#160;", b"&nbsp;",
    b"&", b"<", b">", b'"', b"'", b'scale="-999999999"', b'sign="-"', b'xsi:nil="true"', b'continuedAt="c1"', b"<!DOCTYPE x [",
    b'<!ENTITY a "&b;&b;">', b"&a;", b'xmlns="http://www.xbrl.org/2013/inlineXBRL"', b'xmlns:ix="x"', b"\x00", b"\xff\xfe", b"\xef\xbb\xbf",
    b"1e999999", b"9" * 200, b"\xe2\x80\x94", b"0000-00-00", b"{", b"[", b"null", b"-", b"PK\x03\x04", b"PK\x05\x06",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """A reader under test: what it is called with, and the documents to begin with."""

    run: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


# --- what must hold ------------------------------------------------------------------------------


class Broken(Exception):  # noqa: N818 - a promise that was not kept
    """What a reader did against its promises."""


def must(*, hold: bool, what: object) -> None:
    """Raise `Broken` with what it is about, unless it holds."""
    if not hold:
        raise Broken(what)


def check(reading: Reading) -> Reading:
    """Hold a reading to what readers promise.

    Raises:
        Broken: it is not so.
    """
    for fact in reading.facts:
        value = fact.value
        must(hold=bool(fact.tag), what="a fact without a name")
        if value is not None:
            must(hold=isinstance(value, Decimal) and value.is_finite(), what=fact)
            must(hold=abs(value.adjusted()) < LARGEST_EXPONENT, what=fact)
        must(hold=not fact.is_nil or (value is None and fact.text is None), what=fact)
    for fault in reading.faults:
        must(hold=len(fault.detail) <= LONGEST_DETAIL, what=fault)
    return reading


def run_inline(data: bytes) -> None:
    """Both ways of reading a page must agree wherever the page is well-formed."""
    fast = check(read_inline(data, "page"))
    plain = check(read_inline(data, "page", plainly=True))
    if not any(
        fault.reason in {"not_well_formed", "not_xml", "too_deep"} for fault in plain.faults
    ):
        must(hold=fast.facts == plain.facts, what="the fast way reads otherwise")


def run_instance(data: bytes) -> None:
    """An XBRL instance."""
    check(read_instance(data, "instance"))


def run_companyfacts(data: bytes) -> None:
    """The SEC's companyfacts."""
    check(read_companyfacts(data, "facts"))


def run_file(data: bytes) -> None:
    """A whole file: sniffed, opened as an archive, read."""
    sniff(data[:4096])
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(data)
        file.flush()
        try:
            for reading in read(Path(file.name)):
                check(reading)
        except PaycanaryError:
            return


def run_dart(data: bytes) -> None:
    """A document in DART's own XML."""
    check(dart_document.read(data, "20260401000123.xml"))


def run_opendart(data: bytes) -> None:
    """An answer of OpenDART."""
    check(opendart_json.read(data, "answer.json"))


def run_document(data: bytes) -> None:
    """A file of any kind, as `paycanary read` takes it."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(data)
        file.flush()
        try:
            for reading in documents.read_document(Path(file.name)):
                check(reading)
        except PaycanaryError:
            return


def _archives() -> list[bytes]:
    members = {
        "a/page.html": xbrl_pages.EVERYTHING,
        "b.xbrl": xbrl_pages.INSTANCE,
        "__MACOSX/._page.html": b"junk",
    }
    found: list[bytes] = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", method) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
            if found:
                archive.writestr("inner.zip", found[0])
        found.append(packed.getvalue())
    return found


READERS: Final[dict[str, Target]] = {
    "inline": Target(
        run_inline,
        lambda: [
            xbrl_pages.EVERYTHING,
            xbrl_pages.DEFAULTED,
            xbrl_pages.page(xbrl_pages.figure("1")),
        ],
    ),
    "instance": Target(run_instance, lambda: [xbrl_pages.INSTANCE]),
    "companyfacts": Target(run_companyfacts, lambda: [xbrl_pages.COMPANYFACTS]),
    "dart": Target(run_dart, lambda: dart_documents.SEEDS),
    "opendart": Target(run_opendart, lambda: [dart_documents.ANSWER]),
    "document": Target(
        run_document, lambda: [*_archives(), *dart_documents.SEEDS, dart_documents.ANSWER]
    ),
    "file": Target(
        run_file, lambda: [*_archives(), xbrl_pages.EVERYTHING, xbrl_pages.COMPANYFACTS]
    ),
}


# --- mutating ------------------------------------------------------------------------------------


def mutate_json(data: bytes, chance: random.Random) -> bytes:
    """One to three values or keys changed, so that it stays JSON; as it was if it is none."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data
    for _ in range(chance.choice((1, 1, 2, 3))):
        here: Any = document
        while isinstance(here, dict | list) and here:
            key = (
                chance.choice(list(here)) if isinstance(here, dict) else chance.randrange(len(here))
            )
            if isinstance(here[key], dict | list) and here[key] and chance.random() < DEEPER:
                here = here[key]
                continue
            match chance.randrange(4):
                case 0:
                    del here[key]
                case 1 if isinstance(here, dict):
                    here[chance.choice(("", "units", "val", "\ud800", f"{key} "))] = here.pop(key)
                case _:
                    here[key] = copy.deepcopy(chance.choice(VALUES))
            break
    return json.dumps(document).encode()


def mutate(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """One to four small or large wounds; JSON also by its values."""
    if data.startswith(b"{") and chance.random() < BY_VALUES:
        return mutate_json(data, chance)
    wounded = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        at = chance.randrange(len(wounded) + 1)
        width = min(chance.choice((1, 1, 2, 4, 8, 40, 200)), len(wounded) - at)
        match chance.randrange(8):
            case 0 if wounded and at < len(wounded):
                wounded[at] ^= 1 << chance.randrange(8)
            case 1:
                wounded[at : at + width] = chance.randbytes(width)
            case 2:
                del wounded[at : at + width]
            case 3:
                wounded[at:at] = wounded[at : at + width] * chance.choice((1, 2, 30))
            case 4 | 5:
                wounded[at:at] = chance.choice(WORDS)
            case 6:
                other = chance.choice(others)
                begin = chance.randrange(len(other) + 1)
                wounded[at : at + width] = other[begin : begin + chance.choice((10, 100, 1000))]
            case _:
                # Move a piece: order and nesting change, words stay.
                piece = bytes(wounded[at : at + width])
                del wounded[at : at + width]
                to = chance.randrange(len(wounded) + 1)
                wounded[to:to] = piece
        if len(wounded) > LARGEST:
            del wounded[LARGEST:]
    return bytes(wounded)


def keep(name: str, data: bytes, error: BaseException) -> None:
    """Store an input that broke a promise."""
    folder = Path("fuzz-findings")
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    print(f"{path}: {type(error).__name__}: {str(error)[:300]}", flush=True)


def wrong(target: Target, data: bytes) -> Exception | None:
    """What a reader does wrong with an input, if it does."""
    began = time.monotonic()
    try:
        target.run(data)
    except Exception as error:  # noqa: BLE001 - whatever a reader raises is a finding
        return error
    took = time.monotonic() - began
    return TimeoutError(f"{took:.1f} s for {len(data)} bytes") if took > SLOW else None


def throw(
    name: str, inputs: int, seconds: float, seed: int, corpus: list[bytes]
) -> tuple[int, int]:
    """Throw that many inputs, or for so long; returns inputs thrown and findings."""
    target, chance = READERS[name], random.Random(seed)  # noqa: S311 - repeatable, no secret
    pool, findings, started, kinds = target.seeds() + corpus, 0, time.monotonic(), set()
    done = 0
    while done < inputs and (not seconds or time.monotonic() - started < seconds):
        data = mutate(chance.choice(pool), pool, chance)
        done += 1
        error = wrong(target, data)
        if error is not None:
            kind = f"{type(error).__name__}: {str(error)[:60]}"
            findings += 1
            if kind not in kinds:
                kinds.add(kind)
                keep(name, data, error)
        if len(pool) < MOST_SEEDS and chance.random() < GROWTH:
            pool.append(data)
    return done, findings


def throw_with_atheris(name: str, inputs: int, corpus: list[bytes]) -> None:
    """Let libFuzzer choose the inputs."""
    import atheris  # type: ignore[import-untyped]  # noqa: PLC0415 - optional

    target = READERS[name]
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(target.seeds() + corpus):
            (Path(folder) / str(number)).write_bytes(seed)
        atheris.instrument_all()
        atheris.Setup(
            [sys.argv[0], f"-runs={inputs}", f"-max_len={LARGEST}", "-timeout=10", folder],
            target.run,
        )
        atheris.Fuzz()


def main() -> None:
    """Parse the command line and throw."""
    parser = argparse.ArgumentParser(description="throw mutated documents at the readers")
    parser.add_argument("reader", choices=[*READERS, "all"])
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--corpus", type=Path, help="a folder of real files, those below 64 kB are used"
    )
    parser.add_argument("--atheris", action="store_true", help="let libFuzzer choose the inputs")
    args = parser.parse_args()
    paths = sorted(args.corpus.rglob("*")) if args.corpus else []
    corpus = [
        path.read_bytes() for path in paths if path.is_file() and path.stat().st_size <= LARGEST
    ]
    for name in READERS if args.reader == "all" else [args.reader]:
        if args.atheris:
            throw_with_atheris(name, args.inputs, corpus)
            continue
        done, findings = throw(name, args.inputs, args.seconds, args.seed, corpus)
        print(f"{name}: {done:,} inputs, {findings:,} findings", flush=True)


if __name__ == "__main__":
    main()

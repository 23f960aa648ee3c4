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
import hashlib
import io
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable  # noqa: TC003
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from paycanary.errors import PaycanaryError  # noqa: E402 - after the path is set
from paycanary.filings import dart_document, documents, opendart_json  # noqa: E402
from paycanary.filings.xbrl import read, sniff  # noqa: E402
from paycanary.filings.xbrl.companyfacts import read_companyfacts  # noqa: E402
from paycanary.filings.xbrl.inline import read_inline  # noqa: E402
from paycanary.filings.xbrl.instance import read_instance  # noqa: E402
from tests import dart_documents, xbrl_pages  # noqa: E402

if TYPE_CHECKING:
    from paycanary.filings.reading import Reading

LARGEST: Final = 1 << 16
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


def check(reading: Reading) -> Reading:
    """Hold a reading to what readers promise.

    Raises:
        AssertionError: it is not so.
    """
    for fact in reading.facts:
        assert fact.tag, "a fact without a name"  # noqa: S101
        assert fact.value is None or (isinstance(fact.value, Decimal) and fact.value.is_finite()), (  # noqa: S101
            fact
        )
        assert fact.value is None or abs(fact.value.adjusted()) < 1000, fact  # noqa: PLR2004, S101
        assert not (fact.is_nil and (fact.value is not None or fact.text is not None)), fact  # noqa: S101
    assert all(len(fault.detail) <= 200 for fault in reading.faults)  # noqa: PLR2004, S101
    return reading


def run_inline(data: bytes) -> None:
    """Both ways of reading a page must agree wherever the page is well-formed."""
    fast = check(read_inline(data, "page"))
    plain = check(read_inline(data, "page", plainly=True))
    if not any(
        fault.reason in {"not_well_formed", "not_xml", "too_deep"} for fault in plain.faults
    ):
        assert fast.facts == plain.facts, "the fast way reads otherwise"  # noqa: S101


def run_instance(data: bytes) -> None:  # noqa: D103
    check(read_instance(data, "instance"))


def run_companyfacts(data: bytes) -> None:  # noqa: D103
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


def run_dart(data: bytes) -> None:  # noqa: D103
    check(dart_document.read(data, "20260401000123.xml"))


def run_opendart(data: bytes) -> None:  # noqa: D103
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


def mutate(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """One to four small or large wounds."""
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


def throw(
    name: str, inputs: int, seconds: float, seed: int, corpus: list[bytes]
) -> tuple[int, int]:
    """Throw that many inputs, or for so long; returns inputs thrown and findings."""
    target, chance = READERS[name], random.Random(seed)  # noqa: S311
    pool, findings, started, kinds = target.seeds() + corpus, 0, time.monotonic(), set()
    done = 0
    while done < inputs and (not seconds or time.monotonic() - started < seconds):
        data = mutate(chance.choice(pool), pool, chance)
        done += 1
        began = time.monotonic()
        try:
            target.run(data)
            if time.monotonic() - began > 5:  # noqa: PLR2004
                raise TimeoutError(f"{time.monotonic() - began:.1f} s for {len(data)} bytes")  # noqa: TRY301
        except Exception as error:  # noqa: BLE001
            kind = f"{type(error).__name__}: {str(error)[:60]}"
            findings += 1
            if kind not in kinds:
                kinds.add(kind)
                keep(name, data, error)
        if len(pool) < 200 and chance.random() < 0.001:  # noqa: PLR2004
            pool.append(data)
    return done, findings


def throw_with_atheris(name: str, inputs: int, corpus: list[bytes]) -> None:  # noqa: D103
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


def main() -> None:  # noqa: D103
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

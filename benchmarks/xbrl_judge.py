"""Arelle as the judge of our XBRL readers: the same facts with the same values, file by file.

    python -m benchmarks.xbrl_judge DATA/filings [--write]

``--write`` keeps the comparison in ``docs/explanation/xbrl-against-arelle.md``. Arelle runs offline and without any taxonomy.
It tells facts of an inline page from the page alone; in an instance it takes for a fact only what a taxonomy declares, so it is
given a schema that declares just the names which the instance uses. A blank line before the XML declaration, for which Arelle
refuses a whole file, is taken away from its copy.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import tempfile
import zipfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import quoteattr

from benchmarks import xbrl_words
from paycanary.filings.xbrl import read_document
from paycanary.filings.xbrl.transformations import SEC, find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paycanary.filings.reading import Reading

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "explanation" / "xbrl-against-arelle.md"
_INVALID: Final = "(ixTransformValueError)"
_MOST_SHOWN: Final = 5
_INSTANCE: Final = "http://www.xbrl.org/2003/instance"

#: A fact as both tell it: local name, start, end, unit, whether nil, value: a decimal, "words" for a fact in words, or `Refused`.
Key = tuple[str, str, str, str, bool, object]


@dataclass(frozen=True, slots=True)
class Refused:
    """Arelle's value where it has no transformation, or the words do not fit it; of the registry of that namespace."""

    registry: str


@dataclass(slots=True)
class Verdict:
    """One document under both readers. ``ours_only`` and ``theirs_only`` are the facts that the other does not tell so."""

    name: str
    ours: int = 0
    theirs: int = 0
    numbers: int = 0
    ours_only: list[Key] = field(default_factory=list)
    theirs_only: list[Key] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    arelle_says: list[str] = field(default_factory=list)
    is_mended: bool = False

    @property
    def confirmed(self) -> int:
        """Facts of ours that Arelle tells so too."""
        return self.ours - len(self.ours_only)

    @property
    def is_equal(self) -> bool:
        """Every fact the same."""
        return not self.ours_only and not self.theirs_only


# --- both readers --------------------------------------------------------------------------------


def our_facts(reading: Reading) -> list[Key]:
    """What our reader tells."""
    return [
        (
            fact.tag.rpartition(":")[2],
            fact.start.isoformat() if fact.start else "",
            fact.end.isoformat() if fact.end else "",
            fact.unit or "",
            fact.is_nil,
            fact.value if fact.value is not None or fact.unit else "words",
        )
        for fact in reading.facts
    ]


@contextmanager
def arelle() -> Iterator[Any]:
    """Arelle's controller, offline, with a home of its own; it leaves nothing behind."""
    with tempfile.TemporaryDirectory() as home:
        kept = {name: os.environ.get(name) for name in ("HOME", "XDG_CONFIG_HOME")}
        os.environ.update(HOME=home, XDG_CONFIG_HOME=home)
        try:
            from arelle import Cntlr  # noqa: PLC0415 - must see the home of its own

            controller = Cntlr.Cntlr(logFileName="logToBuffer", disable_persistent_config=True)
            controller.webCache.workOffline = True
            yield controller
            controller.modelManager.close()
        finally:
            for name, value in kept.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
            gc.collect()


def their_facts(controller: Any, path: Path) -> tuple[list[Key], list[str]]:
    """What Arelle tells of a file, and the codes of its errors."""
    from arelle import FileSource  # noqa: PLC0415 - see above

    controller.logHandler.clearLogBuffer()
    model = controller.modelManager.load(FileSource.openFileSource(str(path), controller))
    facts = (
        [_their_fact(fact) for fact in model.factsInInstance or _all(model.facts)]
        if model is not None
        else []
    )
    codes = re.findall(r'"code": "([^"]*)"', controller.logHandler.getJson())
    if model is not None:
        model.close()
    ignored = ("missingReferences", "IOerror", "schemaImportMissing")
    return facts, [code for code in dict.fromkeys(codes) if not code.endswith(ignored)]


def _all(facts: list[Any]) -> list[Any]:
    found = []
    for fact in facts:
        if getattr(fact, "contextID", None) is not None:
            found.append(fact)
        found += _all(list(fact.modelTupleFacts))
    return found


def _their_fact(fact: Any) -> Key:
    context = fact.context
    start = end = ""
    if context is not None and context.isStartEndPeriod:
        start, end = context.startDatetime, context.endDatetime - timedelta(days=1)
    elif context is not None and context.isInstantPeriod:
        end = context.instantDatetime - timedelta(days=1)
    shown = str(fact.get("name") or fact.qname.localName).strip().rpartition(":")[2]
    is_number = fact.get("unitRef") is not None
    value: object = "words"
    if fact.isNil:
        value = None if is_number else "words"
    elif is_number:
        try:
            value = Decimal(str(fact.value).strip())
        except InvalidOperation:
            value = _refused(fact)
    elif str(fact.value) == _INVALID:
        value = _refused(fact)
    return (
        shown,
        _day(start),
        _day(end),
        _unit(fact.unit) if is_number else "",
        bool(fact.isNil),
        value,
    )


def _refused(fact: Any) -> Refused:
    name = getattr(fact, "format", None)
    return Refused(str(name.namespaceURI) if name is not None else "")


def _day(moment: Any) -> str:
    return moment.date().isoformat() if moment else ""


def _unit(unit: Any) -> str:
    if unit is None:
        return ""
    over, under = (
        "*".join(
            m.localName if m.prefix in {"iso4217", "xbrli", None} else f"{m.prefix}:{m.localName}"
            for m in part
        )
        for part in unit.measures
    )
    return f"{over}/{under}" if under else over


# --- what Arelle is given ------------------------------------------------------------------------


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every inline page and instance of the shared filings, members of the daily zips too, nested ones included."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".zip":
            yield from _members(path, name)
        elif path.suffix in {".html", ".htm", ".xhtml", ".xml"}:
            yield name, path.read_bytes()


def _members(path: Any, name: str) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if "__MACOSX" in info.filename or info.is_dir():
                continue
            inner = f"{name}!{info.filename}"
            if info.filename.endswith(".zip"):
                with archive.open(info) as member:
                    yield from _members(member, inner)
            elif info.filename.endswith(("html", "htm", "xml")):
                yield inner, archive.read(info)


def judge(controller: Any, name: str, data: bytes, scratch: Path) -> Verdict | None:
    """Compare both on one document; None for what is no XBRL document."""
    reading = read_document(data, name)
    if reading is None:
        return None
    suffix = "xml" if reading.format == "xbrl" else "html"
    path = scratch / f"document.{suffix}"
    given = data.lstrip()
    path.write_bytes(with_schema(given, scratch) if reading.format == "xbrl" else given)
    theirs, codes = their_facts(controller, path)
    ours = our_facts(reading)
    verdict = Verdict(
        name, len(ours), len(theirs), arelle_says=codes, is_mended=given[:64] != data[:64]
    )
    left, right = Counter(ours), Counter(theirs)
    verdict.numbers = sum(bool(key[3]) for key in (left & right).elements())
    verdict.ours_only = sorted((left - right).elements(), key=str)
    verdict.theirs_only = sorted((right - left).elements(), key=str)
    verdict.reasons = Counter(fault.reason for fault in reading.faults)
    return verdict


def with_schema(data: bytes, scratch: Path) -> bytes:
    """An instance whose reference to a taxonomy leads to a schema that declares the names it uses, and no more."""
    from lxml import etree  # noqa: PLC0415 - only for instances

    root: Any = etree.fromstring(data)
    names: dict[str, dict[str, str]] = {}
    for node in root:
        tag = node.tag
        if not isinstance(tag, str) or node.get("contextRef") is None:
            continue
        namespace, _, local = tag[1:].partition("}")
        kind = "decimal" if node.get("unitRef") is not None else "string"
        period = "instant" if node.get("contextRef") in _instants(root) else "duration"
        names.setdefault(namespace, {}).setdefault(
            local, f'type="xbrli:{kind}ItemType" xbrli:periodType="{period}"'
        )
    names.pop(_INSTANCE, None)
    reference = next(iter(root.iter("{http://www.xbrl.org/2003/linkbase}schemaRef")), None)
    for number, (namespace, elements) in enumerate(names.items()):
        declared = "".join(
            f'<xs:element name="{local}" id="e{count}" substitutionGroup="xbrli:item" nillable="true" {rest}/>'
            for count, (local, rest) in enumerate(elements.items())
        )
        others = "".join(
            f'<xs:import namespace={quoteattr(other)} schemaLocation="schema{index}.xsd"/>'
            for index, other in enumerate(names) if number == 0 and index
        )  # fmt: skip
        (scratch / f"schema{number}.xsd").write_text(
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xbrli="http://www.xbrl.org/2003/instance" '
            f'targetNamespace={quoteattr(namespace)} elementFormDefault="qualified">'
            '<xs:import namespace="http://www.xbrl.org/2003/instance" '
            'schemaLocation="http://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd"/>'
            f"{others}{declared}</xs:schema>",
            encoding="utf-8",
        )
    if reference is not None:
        reference.set("{http://www.w3.org/1999/xlink}href", "schema0.xsd")
    root.attrib.pop("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", None)
    return bytes(etree.tostring(root, encoding="utf-8"))


def _instants(root: Any) -> set[str]:
    found: tuple[Any, set[str]] = getattr(_instants, "kept", (None, set()))
    if found[0] is not root:
        contexts = root.iter(f"{{{_INSTANCE}}}context")
        ids = {
            c.get("id")
            for c in contexts
            if c.find(f"{{{_INSTANCE}}}period/{{{_INSTANCE}}}instant") is not None
        }
        found = (root, ids)
        _instants.kept = found  # type: ignore[attr-defined]
    return set(found[1])


def judge_all(folder: Path, only: re.Pattern[str] | None = None) -> list[Verdict]:
    """Compare both on every document of a folder."""
    with arelle() as controller, tempfile.TemporaryDirectory() as scratch:
        found = (
            judge(controller, name, data, Path(scratch))
            for name, data in documents(folder)
            if only is None or only.search(name)
        )
        return [verdict for verdict in found if verdict is not None]


REASONS: Final = {
    "sec": "the fact is shown by one of the SEC's transformations (`ixt-sec`: durations, numbers in words, ballot boxes, states). They "
    "are a plug-in that Arelle's release does not carry: it tells the fact without a value, we tell its value.",
    "own namespace": "the default namespace of the file is XBRL's own, so its tags belong to no taxonomy. Arelle finds no facts; "
    "we read every element that has a context.",
    "format": "the file names a transformation that its registry does not have. Arelle keeps the "
    "fact without a value; we tell it as a fault and not as a fact.",
}


def explain(verdict: Verdict) -> str:
    """The key in `REASONS` of a document's differences, empty if they are not understood."""
    if not verdict.theirs and verdict.name.endswith(".xml") and "account_" in verdict.name:
        return "own namespace"
    registries = {value.registry if isinstance(value := key[-1], Refused) else None for key in verdict.theirs_only}  # fmt: skip
    if None in registries:
        return ""
    if registries == {SEC}:
        pairs = (Counter(key[:5] for key in keys) for keys in (verdict.ours_only, verdict.theirs_only))  # fmt: skip
        return "sec" if next(pairs) == next(pairs) else ""
    is_fault = len(verdict.theirs_only) == verdict.reasons["unknown_format"]
    return "format" if not verdict.ours_only and is_fault else ""


def _counted(verdicts: list[Verdict]) -> list[str]:
    """What was compared, and what Arelle does not confirm, by reason."""
    facts, confirmed = sum(v.ours for v in verdicts), sum(v.confirmed for v in verdicts)
    equal = sum(verdict.is_equal for verdict in verdicts)
    lines = [
        (
            f"{len(verdicts)} documents with {facts:,} facts were read by both: {confirmed:,} facts are the same, {facts - confirmed:,} are not "
            f"confirmed by Arelle; {equal} documents are the same in every fact. The same means name, period, unit, nil and, in the "
            f"{sum(v.numbers for v in verdicts):,} that are numbers, the number; of facts in words the words are not compared.\n"
        ),
        "Not confirmed, and why:\n",
    ]  # fmt: skip
    reasons: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if not verdict.is_equal:
            reasons.setdefault(explain(verdict), []).append(verdict)
    for reason, found in reasons.items():
        ours, theirs = sum(len(v.ours_only) for v in found), sum(len(v.theirs_only) for v in found)
        told = (
            f"{ours:,} facts" if ours else f"no fact of ours, but {theirs} that only Arelle tells"
        )
        lines.append(
            f"- **{reason or 'not understood'}**, {told}, in {len(found)} documents: {REASONS.get(reason, '')}"
        )
    mended = [f"`{verdict.name}`" for verdict in verdicts if verdict.is_mended]
    if mended:
        lines.append(
            f"\nArelle was given {', '.join(mended)} without the blank line before its XML declaration, which XML forbids and for which "
            "it refuses the whole file; we read the file as it is."
        )
    return lines  # fmt: skip


def _transformed() -> list[str]:
    """How the transformations compare, function by function."""
    found = xbrl_words.compare()
    missing = [f"`ixt-sec:{name}`" for name in xbrl_words.SEC_FUNCTIONS if find(SEC, name) is None]
    differ = sum(found.differ.values())
    return [
        "\n## Transformations\n",
        (f"{found.functions} functions of registries 1 to 5 were given {found.tried:,} made words that fit them, nearly fit or do not: in "
        f"{found.same:,} cases both give the same value, in {found.tried - found.same - differ:,} both refuse, in {differ} they "
        "differ. `tests/test_xbrl_transformations.py` searches further at random and fails at any other difference:\n"),
        *[
            f"- {count}: {xbrl_words.DIFFERENCES.get(key, key)}. {found.examples[key]}."
            for key, count in found.differ.most_common()
        ],
        *[f"- seen by the random search only: {why}." for key, why in xbrl_words.DIFFERENCES.items() if key not in found.differ],
        (f"\n{len(xbrl_words.SEC_FUNCTIONS) - len(missing)} functions of the SEC's registry are applied, without a judge. "
        f"{' and '.join(missing)} are not: such a fact is told as `unknown_format`."),
    ]  # fmt: skip


def write_page(verdicts: list[Verdict]) -> None:
    """Keep the comparison as a page of the documentation."""
    lines = [
        "# XBRL against Arelle\n",
        "<!-- Written by `python -m benchmarks.xbrl_judge DATA/filings --write`. -->\n",
        *_counted(verdicts),
        "\nArelle is the reference implementation of XBRL. It reads the same filings offline and without taxonomies. An instance is given to",
        "it with a schema that declares just the names it uses, since Arelle takes for a fact only what a taxonomy declares.\n",
        "| document | our facts | Arelle's | confirmed | only ours | only Arelle's | why |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{v.name}` | {v.ours} | {v.theirs} | {v.confirmed} | {len(v.ours_only)} | {len(v.theirs_only)} | {explain(v) or 'not understood'} |"
        for v in verdicts
        if not v.is_equal
    ]
    faults: Counter[str] = sum((verdict.reasons for verdict in verdicts), Counter())
    lines += [
        "\nA fact with an `ixt-sec` format is in both columns: once with our value, once without one.",
        "\n## What our reader notes as faults\n",
        "A fault costs one fact, or only tells that a fact's context is missing; the file is read to its end.\n",
        *[f"- `{reason}`: {count}" for reason, count in sorted(faults.items())],
        *_transformed(),
        "\n## What is not compared\n",
        "Texts: of a fact whose value is the page's markup we keep the words. Dimensions. Names of people are not kept at all.",
    ]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="our XBRL readers against Arelle")
    parser.add_argument("folder", type=Path, help="the folder filings/ of the shared data")
    parser.add_argument("--write", action="store_true", help="keep the page in docs/explanation/")
    parser.add_argument("--only", type=re.compile, help="documents whose names fit this pattern")
    args = parser.parse_args()
    verdicts = judge_all(args.folder, args.only)
    if args.write:
        write_page(verdicts)
    for verdict in verdicts:
        print(
            verdict.name, verdict.ours, verdict.theirs, dict(verdict.reasons), verdict.arelle_says
        )
        for mark, keys in (("ours  ", verdict.ours_only), ("arelle", verdict.theirs_only)):
            for key in keys[:_MOST_SHOWN]:
                print("   ", mark, *key)
            if len(keys) > _MOST_SHOWN:
                print("   ", mark, "and", len(keys) - _MOST_SHOWN, "more")


if __name__ == "__main__":
    main()

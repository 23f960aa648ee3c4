"""Arelle as the judge of our XBRL readers: the same facts with the same values, file by file.

    python benchmarks/xbrl_judge.py DATA/filings [--write]

``--write`` keeps the comparison in ``docs/explanation/xbrl-against-arelle.md``. Arelle runs offline and without any taxonomy.
It tells facts of an inline page from the page alone; in an instance it takes for a fact only what a taxonomy declares, so it is
given a schema that declares just the names which the instance uses.
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

from paycanary.filings.xbrl import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paycanary.filings.reading import Reading

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "explanation" / "xbrl-against-arelle.md"
_INVALID: Final = "(ixTransformValueError)"
_INSTANCE: Final = "http://www.xbrl.org/2003/instance"

#: A fact as both tell it: local name, start, end, unit, whether nil, value (a decimal, or "words" for a fact in words).
Key = tuple[str, str, str, str, bool, object]


@dataclass(slots=True)
class Verdict:
    """One document under both readers. ``ours_only`` and ``theirs_only`` are the facts that the other does not tell so."""

    name: str
    ours: int = 0
    theirs: int = 0
    ours_only: list[Key] = field(default_factory=list)
    theirs_only: list[Key] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    arelle_says: list[str] = field(default_factory=list)

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
            value = _INVALID
    elif str(fact.value) == _INVALID:
        value = _INVALID
    return (
        shown,
        _day(start),
        _day(end),
        _unit(fact.unit) if is_number else "",
        bool(fact.isNil),
        value,
    )


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
    path.write_bytes(with_schema(data, scratch) if reading.format == "xbrl" else data)
    theirs, codes = their_facts(controller, path)
    ours = our_facts(reading)
    verdict = Verdict(name, len(ours), len(theirs), arelle_says=codes)
    left, right = Counter(ours), Counter(theirs)
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
    "sec": "The SEC's transformations (`ixt-sec`: durations, numbers in words, ballot boxes, states) are a plug-in that Arelle's "
    "release does not carry; it tells these facts as invalid, we tell their values.",
    "declaration": "The file begins with a blank line before its XML declaration, which XML forbids. Arelle refuses the file; we "
    "read it as if the line were not there.",
    "own namespace": "The default namespace of the file is XBRL's own, so its tags belong to no taxonomy. Arelle finds no facts; "
    "we read every element that has a context.",
    "format": "The file names a transformation that its registry does not have. Arelle keeps the fact as invalid; we tell it as a "
    "fault (`unknown_format`) and not as a fact.",
}


def explain(verdict: Verdict) -> str:
    """The key in `REASONS` of a document's differences, empty if they are not understood."""
    if not verdict.theirs and "xmlSyntax:xmlDeclarationError" in verdict.arelle_says:
        return "declaration"
    if not verdict.theirs and verdict.name.endswith(".xml") and "account_" in verdict.name:
        return "own namespace"
    if any(key[-1] != _INVALID for key in verdict.theirs_only):
        return ""
    if len(verdict.ours_only) == len(verdict.theirs_only):
        pairs = Counter(key[:5] for key in verdict.ours_only) == Counter(
            key[:5] for key in verdict.theirs_only
        )
        return "sec" if pairs and verdict.name.startswith("us/inline/") else ""
    if not verdict.ours_only and len(verdict.theirs_only) == verdict.reasons["unknown_format"]:
        return "format"
    return ""


def write_page(verdicts: list[Verdict]) -> None:
    """Keep the comparison as a page of the documentation."""
    equal = [verdict for verdict in verdicts if verdict.is_equal]
    lines = [
        "# XBRL against Arelle\n",
        "<!-- Written by `python benchmarks/xbrl_judge.py DATA/filings --write`. -->\n",
        "Arelle is the reference implementation of XBRL. It reads the same filings offline and without taxonomies, and the facts are",
        "compared: name, period, unit, nil, and the number itself. An instance is given to it with a schema that declares just the names it",
        "uses, since Arelle takes for a fact only what a taxonomy declares.\n",
        f"{len(equal)} of {len(verdicts)} documents are equal in every fact: {sum(v.ours for v in equal):,} facts. The rest:\n",
        "| document | our facts | Arelle's | differ | why |",
        "|---|---|---|---|---|",
    ]
    for verdict in verdicts:
        if not verdict.is_equal:
            differ = max(len(verdict.ours_only), len(verdict.theirs_only))
            lines.append(
                f"| `{verdict.name}` | {verdict.ours} | {verdict.theirs} | {differ} | {explain(verdict) or 'not understood'} |"
            )
    lines += ["", "Why:\n"] + [f"- **{name}**: {reason}" for name, reason in REASONS.items()]
    faults: Counter[str] = sum((verdict.reasons for verdict in verdicts), Counter())
    lines += [
        "\n## What our reader notes as faults\n",
        "A fault costs one fact, or only tells that a fact's context is missing; the file is read to its end.\n",
        *[f"- `{reason}`: {count}" for reason, count in sorted(faults.items())],
        "\n## Transformations\n",
        "Every function of registries 1 to 5 is compared with Arelle's on generated words (`tests/test_xbrl_transformations.py`). Known differences, all in Arelle:\n",
        "- It takes digits of any script where the registries say 0 to 9.",
        "- Its pattern and its table spell the Hindi October differently, so that no date of that month is read.",
        "- Its Polish day and month may end in the letter s, not in white space.",
        "- In a Czech month and year it finds June (červen) in July (červenec).",
        "\n`ixt-sec:countrynameen` and `ixt-sec:edgarprovcountryen` are not applied by us: such a fact is told as `unknown_format`.",
        "\n## What is not compared\n",
        "Texts: of a fact whose value is the page's markup we keep the words. Names of people are not kept at all.",
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
            for key in keys[:5]:
                print("   ", mark, *key)
            if len(keys) > 5:  # noqa: PLR2004
                print("   ", mark, "and", len(keys) - 5, "more")


if __name__ == "__main__":
    main()

"""XBRL 2.1 instances: of the SEC, of Companies House before inline XBRL, and those in a DART package.

Specification: https://www.xbrl.org/specification/xbrl-2.1/rec-2003-12-31/xbrl-2.1-rec-2003-12-31+corrected-errata-2013-02-20.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from paycanary.filings.xbrl.building import TRUE, Builder
from paycanary.filings.xbrl.contexts import read_context, read_unit
from paycanary.filings.xbrl.decoding import decode, without_doctype
from paycanary.filings.xbrl.limits import MAX_TEXT_RATIO, SMALL_TEXT
from paycanary.filings.xbrl.names import INSTANCE, LINKBASE, NIL, Names, canonical
from paycanary.filings.xbrl.numbers import exact_item, quotient
from paycanary.filings.xbrl.tree import parse, split_name, tokens

if TYPE_CHECKING:
    from decimal import Decimal

    from lxml import etree

    from paycanary.filings.reading import Reading
    from paycanary.filings.xbrl.contexts import Context

_RESOURCES: Final = {"context", "unit"}


def read_instance(data: bytes, file: str) -> Reading:
    """Read an XBRL instance. A document that is no XML at all gives no facts and a fault."""
    text, problems = decode(data)
    text, refused = without_doctype(text)
    builder = Builder(file, "xbrl")
    for reason in problems:
        builder.fault(reason, "")
    for reason, detail in refused:
        builder.fault(reason, detail)
    root, broken = parse(text)
    for reason, detail, line in broken:
        builder.fault(reason, detail, line)
    if root is not None:
        if split_name(str(root.tag)) != (INSTANCE, "xbrl"):
            root = next((node for node in root.iter(f"{{{INSTANCE}}}xbrl")), root)
        _Instance(root, builder, text).read()
    return builder.finish()


class _Instance:
    """One instance: resources first, since facts may stand before them."""

    def __init__(self, root: etree._Element, builder: Builder, text: str) -> None:
        self.root = root
        self.builder = builder
        self.budget = MAX_TEXT_RATIO * len(text) + SMALL_TEXT
        self.names = Names({prefix or "": uri for prefix, uri in root.nsmap.items()})
        self.tags: dict[tuple[str, str | None], str] = {}

    def read(self) -> None:
        """Add all facts of the instance."""
        contexts: dict[str, Context] = {}
        units: dict[str, str | None] = {}
        for node in self.root.iter(f"{{{INSTANCE}}}context"):
            contexts.setdefault(
                node.get("id", "").strip(), read_context(tokens(node), self._names(node))
            )
        for node in self.root.iter(f"{{{INSTANCE}}}unit"):
            units.setdefault(node.get("id", "").strip(), read_unit(tokens(node), self._names(node)))
        self.builder.contexts, self.builder.units = contexts, units
        pending = [self.root]
        while pending:
            nodes = pending.pop()
            pending += [node for node in nodes if isinstance(node.tag, str) and self._fact(node)]
        if self.names.undeclared:
            self.builder.fault("undeclared_prefix", ", ".join(sorted(self.names.undeclared)))

    def _names(self, node: etree._Element) -> Names:
        return (
            self.names
            if len(node.nsmap) == len(self.names.namespaces)
            else Names({prefix or "": uri for prefix, uri in node.nsmap.items()})
        )

    def _tag(self, node: etree._Element) -> str:
        key = (str(node.tag), node.prefix)
        found = self.tags.get(key)
        if found is None:
            namespace, local = split_name(str(node.tag))
            found = self.tags[key] = canonical(namespace or None, local, node.prefix)
        return found

    def _fact(self, node: etree._Element) -> bool:
        """Add a fact; True for a tuple, whose members are facts of their own."""
        namespace, local = split_name(str(node.tag))
        ref = node.get("contextRef")
        if ref is None:
            is_resource = namespace == LINKBASE or (namespace == INSTANCE and local in _RESOURCES)
            return len(node) > 0 and not is_resource
        unit, line, name = node.get("unitRef"), cast("int", node.sourceline), node.get("id")
        tag = self._tag(node)
        is_nil = node.get(f"{{{NIL}}}nil") in TRUE
        try:
            if unit is not None:
                value, text = (None, None) if is_nil else self._amount(node)
                self.builder.number(
                    tag,
                    value,
                    ref,
                    unit,
                    node.get("decimals"),
                    line,
                    name,
                    is_nil=is_nil,
                    text=text,
                )
            else:
                self.builder.words(
                    tag, None if is_nil else self._words(node), ref, line, name, is_nil=is_nil
                )
        except ValueError as error:
            reason = str(error.args[1]) if len(error.args) > 1 else "bad_number"
            self.builder.fault(reason, f"{tag}: {node.text or ''}", line, name)
        return False

    def _amount(self, node: etree._Element) -> tuple[Decimal | None, str | None]:
        if len(node) == 0:
            return exact_item(node.text or ""), None
        parts = {
            split_name(str(part.tag))[1]: part.text or ""
            for part in node
            if isinstance(part.tag, str)
        }
        if {"numerator", "denominator"} <= parts.keys():
            numerator, denominator = (
                exact_item(parts["numerator"]),
                exact_item(parts["denominator"]),
            )
            value = quotient(numerator, denominator)
            return value, f"{numerator}/{denominator}" if value is None else None
        return exact_item("".join(str(piece) for piece in node.itertext())), None

    def _words(self, node: etree._Element) -> str:
        text = (
            node.text or "" if len(node) == 0 else "".join(str(piece) for piece in node.itertext())
        )
        self.budget -= len(text)
        if self.budget < 0:
            raise ValueError(node.tag, "too_much_text")
        return " ".join(text.split())

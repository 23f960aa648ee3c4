"""The plain way to look at an inline document: an XML parser's tree. It decides what the fast way must find too.

Broken pages are read as far as the parser can mend them, with a fault that says so. The parser gets a text without a document
type (`decoding`), so nothing can grow or be fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from paycanary.filings.xbrl.contexts import read_context, read_unit
from paycanary.filings.xbrl.decoding import for_parser
from paycanary.filings.xbrl.found import COLLECTED, FACTS, Found, Lazy, Tagged
from paycanary.filings.xbrl.limits import MAX_NESTING, MAX_TEXT_RATIO, SMALL_TEXT
from paycanary.filings.xbrl.names import INLINE, INSTANCE, NIL, Names, declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from paycanary.filings.xbrl.contexts import Token

_NIL: Final = {f"{{{NIL}}}nil", "xsi:nil"}  # the second where nobody declared the prefix
_USUAL: Final = {"ix": INLINE[0], "xbrli": INSTANCE}


def parse(text: str) -> tuple[etree._Element | None, list[tuple[str, str, int | None]]]:
    """Parse text into a tree, mending what can be mended; with what was wrong, first things first, three at most."""
    from lxml import etree  # noqa: PLC0415 - heavy, and the fast way does without

    parser = etree.XMLParser(
        encoding="utf-8", recover=True, huge_tree=True, resolve_entities=False, no_network=True, load_dtd=False,
    )  # fmt: skip
    mended, is_strange = for_parser(text)
    try:
        root = etree.fromstring(mended, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, [("not_xml", str(error), None)]
    problems: list[tuple[str, str, int | None]] = []
    if is_strange:
        problems.append(("not_well_formed", "characters that XML does not know", None))
    for entry in parser.error_log:
        if len(problems) == 3:  # noqa: PLR2004 - the first tell the cause, the rest follow from it
            break
        problems.append(("not_well_formed", entry.message, entry.line))
    return root, problems


def take_apart(text: str) -> Found:
    """Take an inline document apart; nothing found in a text that is no XML at all."""
    root, problems = parse(text)
    if root is None:
        return Found({}, {}, problems=problems)
    return _Walk(root, problems, text).run()


def split_name(tag: str) -> tuple[str, str]:
    """Namespace and local name of a parsed tag, by their usual meaning where a prefix was never declared."""
    if tag.startswith("{"):
        namespace, _, local = tag[1:].partition("}")
        return namespace, local
    prefix, colon, local = tag.rpartition(":")
    return (_USUAL.get(prefix, ""), local) if colon else ("", tag)


class _Walk:
    """One walk over the tree, without recursion."""

    def __init__(
        self, root: etree._Element, problems: list[tuple[str, str, int | None]], text: str
    ) -> None:
        self.root = root
        self.elsewhere = declared(text)
        self.contexts: dict[str, etree._Element] = {}
        self.units: dict[str, etree._Element] = {}
        self.found = Found(
            Lazy(self.contexts, lambda node: read_context(tokens(node), self.names_at(node))),
            Lazy(self.units, lambda node: read_unit(tokens(node), self.names_at(node))),
            problems=problems,
        )
        self.names: dict[tuple[tuple[str, str], ...], Names] = {}
        self.fractions: dict[etree._Element | None, Tagged] = {}
        self.budget = MAX_TEXT_RATIO * len(text) + SMALL_TEXT

    def run(self) -> Found:
        """Find all elements in document order."""
        for element in self.root.iter():
            if not isinstance(element.tag, str):
                continue
            namespace, local = split_name(element.tag)
            if namespace in INLINE:
                if local in FACTS or local in COLLECTED:
                    self._keep(element, local)
            elif namespace == INSTANCE and local == "context":
                self.contexts.setdefault(element.get("id", "").strip(), element)
            elif namespace == INSTANCE and local == "unit":
                self.units.setdefault(element.get("id", "").strip(), element)
        return self.found

    def names_at(self, element: etree._Element) -> Names:
        """The prefixes in force at an element."""
        here = {prefix or "": uri for prefix, uri in element.nsmap.items()}
        key = tuple(sorted(here.items()))
        if key not in self.names:
            self.names[key] = Names(here, self.elsewhere)
            self.found.names.append(self.names[key])
        return self.names[key]

    def _keep(self, element: etree._Element, local: str) -> None:
        attributes = {
            "nil" if name in _NIL else name: value
            for name, value in ((str(name), str(value)) for name, value in element.attrib.items())
        }
        hidden, depth = False, 0
        fraction = None
        for outer in element.iterancestors():
            namespace, name = split_name(str(outer.tag))
            if namespace in INLINE:
                depth += 1
                hidden = hidden or name == "hidden"
                if name == "fraction" and fraction is None:
                    fraction = outer
        line = cast("int", element.sourceline or 0)
        if depth >= MAX_NESTING:
            self.found.problems.append(("too_deep", attributes.get("name", local), line))
            return
        tagged = Tagged(local, attributes, line, self.names_at(element), [], hidden)
        if local in COLLECTED:
            tagged.text = self._words(element, is_limited=local in {"nonNumeric", "continuation"})
        if local in FACTS:
            self.found.elements.append(tagged)
        if local == "fraction":
            self.fractions[element] = tagged
        elif local == "continuation":
            self.found.keep_continuation(tagged)
        elif local in {"numerator", "denominator"} and fraction in self.fractions:
            outer_fact = self.fractions[fraction]
            outer_fact.parts = {**(outer_fact.parts or {}), local: tagged}

    def _words(self, element: etree._Element, *, is_limited: bool) -> list[str] | None:
        from lxml import etree  # noqa: PLC0415 - see above

        pieces: list[str | None] = []
        walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
        for event, node in walk:
            if event == "start":
                if (
                    split_name(str(node.tag))[1] == "exclude"
                    and split_name(str(node.tag))[0] in INLINE
                ):
                    walk.skip_subtree()
                else:
                    pieces.append(node.text)
            elif node is not element:
                pieces.append(node.tail)
        words = [piece for piece in pieces if piece]
        if is_limited:
            self.budget -= sum(map(len, words))
        return words if self.budget >= 0 or not is_limited else None


def tokens(element: etree._Element) -> Iterator[Token]:
    """Start tags below an element, as `contexts` reads them."""
    for node in element.iterdescendants():
        if isinstance(node.tag, str):
            _, local = split_name(node.tag)
            written = f"{node.prefix}:{local}" if node.prefix else local
            yield (
                local,
                written,
                {str(key): str(value) for key, value in node.attrib.items()},
                node.text or "",
            )

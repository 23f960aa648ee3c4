"""The fast way to look at an inline document: its tagged elements found in the text itself, without a tree.

A page of 2 MB has a thousand tagged figures and forty thousand other elements; an XML parser builds them all. The scanner
looks only at start and end tags in the inline namespace and at contexts and units. It knows one spelling: a namespace
declared under one prefix, attributes in double quotes, nothing tagged inside comments or CDATA. Whatever else it meets, it
raises `Unusual`, and the document is read by `tree` with the same result (a test compares both on every real file).

Unlike a parser it does not mind if the page around the tags is not well-formed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from paycanary.filings.xbrl.contexts import Context, PlainContexts, read_context, read_unit
from paycanary.filings.xbrl.decoding import unescape
from paycanary.filings.xbrl.figures import PlainReader
from paycanary.filings.xbrl.found import COLLECTED, FACTS, Found, Lazy, Tagged
from paycanary.filings.xbrl.limits import MAX_NESTING, MAX_TEXT_RATIO, SMALL_TEXT
from paycanary.filings.xbrl.names import DECLARATION, INLINE, INSTANCE, NIL, XHTML, Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from paycanary.filings.xbrl.contexts import Token


class Unusual(Exception):  # noqa: N818 - not an error: the other way is taken
    """The document uses something that only a parser reads rightly."""


def scan(text: str, file: str) -> Found:
    """Take an inline document apart; ``file`` is its name, for the places of facts.

    Raises:
        Unusual: read it with a parser.
    """
    namespaces, inline, instance = _prefixes(text)
    opaque = _opaque(text, (*inline, *instance))
    names = Names(namespaces)
    nils = {f"{prefix}:nil" for prefix, uri in namespaces.items() if uri == NIL}
    attributes = Attributes(nils if "xsi" in namespaces else {*nils, "xsi:nil"})

    contexts = PlainContexts(names)

    def context(fragment: str) -> Context:
        plain = contexts.read(fragment)
        if plain is not None:
            return plain
        try:
            return read_context(_tokens(fragment, attributes), names)
        except Unusual:
            return Context(problem="bad_context")

    def unit(fragment: str) -> str | None:
        return read_unit(_tokens(fragment, attributes), names)

    context_fragments, unit_fragments = _fragments(text, instance, attributes)
    found = Found(Lazy(context_fragments, context), Lazy(unit_fragments, unit), names=[names])
    used = [prefix for prefix in inline if len(inline) == 1 or f"<{prefix}:" in text]
    if len(used) != 1:
        raise Unusual("two inline prefixes")
    plain = PlainReader(file, names, found.contexts, found.units)
    _Scan(text, attributes, names, found, opaque).run(used[0], plain)
    return found


# --- the whole document --------------------------------------------------------------------------


def _prefixes(text: str) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """Namespaces by prefix, the prefixes of inline XBRL and those of instances."""
    namespaces: dict[str, str] = {}
    for prefix, double, single in DECLARATION.findall(text):
        uri = double or single
        if namespaces.setdefault(prefix, uri) != uri:
            raise Unusual(f"prefix {prefix} declared twice")
    if namespaces.get("", XHTML) != XHTML:
        raise Unusual("default namespace")
    inline = tuple(prefix for prefix, uri in namespaces.items() if uri in INLINE)
    instance = tuple(prefix for prefix, uri in namespaces.items() if uri == INSTANCE)
    if not inline or not instance or any("&" in uri for uri in namespaces.values()):
        raise Unusual("no usual prefixes")
    return namespaces, inline, instance


def _opaque(text: str, prefixes: tuple[str, ...]) -> int:
    """Where the last comment or processing instruction begins, -1 if there is none.

    Raises:
        Unusual: one holds what looks like one of our tags, or there is CDATA.
    """
    starts = tuple(f"{slash}{prefix}:" for prefix in prefixes for slash in ("<", "</"))
    last = -1
    for mark, begin, end in (("!", "<!--", "-->"), ("?", "<?", "?>")):
        at = text.find(mark)  # a search for one rare letter is ten times faster than one for two
        while at >= 0:
            after = at + 1
            if text[at - 1 : at] == "<":
                after = text.find(end, at - 1 + len(begin))
                if after < 0 or not text.startswith(begin, at - 1):
                    raise Unusual("CDATA, or a comment without an end")
                if text.find("<", at, after) > 0 and any(
                    text.find(start, at, after) >= 0 for start in starts
                ):
                    raise Unusual("tags in a comment")
                last = max(last, at)
            at = text.find(mark, after)
    return last


# --- attributes ----------------------------------------------------------------------------------

_ATTRIBUTE: Final = re.compile(r"""(\s+([^\s=<>"'/&]+)\s*=\s*)(?:"([^"<]*)"|'([^'<]*)')""")
_WHITE: Final = {ord("\t"): " ", ord("\n"): " ", ord("\r"): None}


class Attributes:
    """Reads what stands in start tags. A document spells its attributes in one or two ways, which are learnt."""

    __slots__ = ("_keys", "_nil")

    def __init__(self, nil: set[str]) -> None:
        self._nil = nil
        self._keys: dict[str, str] = {}

    def read(self, written: str) -> dict[str, str]:
        """Values by name, ``xsi:nil`` as ``nil``.

        Raises:
            Unusual: this is no list of attributes, or one stands twice.
        """
        parts = written.split('"')
        keys = self._keys
        try:
            found = {keys[key]: value for key, value in zip(parts[:-1:2], parts[1::2], strict=True)}
        except (KeyError, ValueError):
            found = self._read_slowly(written)
        else:
            if len(found) * 2 + 1 != len(parts) or (parts[-1] and not parts[-1].isspace()):
                found = self._read_slowly(written)
        if "&" in written or "\n" in written or "\t" in written:
            return {key: unescape(value.translate(_WHITE)) for key, value in found.items()}
        return found

    def _read_slowly(self, written: str) -> dict[str, str]:
        """Attributes in any quotes; how those in double quotes are spelled is kept for the next time."""
        found: dict[str, str] = {}
        at = 0
        while (match := _ATTRIBUTE.match(written, at)) is not None:
            name = "nil" if match[2] in self._nil else match[2]
            if name in found:
                raise Unusual(written)
            found[name] = match[3] if match[3] is not None else match[4]
            if match[3] is not None:
                self._keys[match[1]] = name
            at = match.end()
        if written[at:].strip():
            raise Unusual(written)
        return found


# --- elements ------------------------------------------------------------------------------------


class _Open:
    """An element whose end tag has not come yet; ``cuts`` are the places that `ix:exclude` takes out."""

    __slots__ = ("begin", "cuts", "element", "kind", "start")

    def __init__(self, kind: str, begin: int, start: int, element: Tagged | None) -> None:
        self.kind = kind
        self.begin = begin
        self.start = start
        self.element = element
        self.cuts: list[tuple[int, int]] = []


_LOCAL: Final = re.compile("[A-Za-z]*")


#: How elements begin that may hold nothing but text, and how their end tags begin; `PlainReader` sees what comes between.
_PLAIN_ENDS: Final = {"nonFraction": "nonFraction", "nonNumeric ": "nonNumeric>"}


class _Scan:
    """One pass over a document's tags."""

    def __init__(
        self, text: str, attributes: Attributes, names: Names, found: Found, opaque: int
    ) -> None:
        self.text = text
        self.attributes = attributes
        self.names = names
        self.found = found
        self.opaque = opaque
        self.stack: list[_Open] = []
        self.hidden = 0
        self.budget = MAX_TEXT_RATIO * len(text) + SMALL_TEXT

    def run(self, prefix: str, plain: PlainReader) -> None:
        """Find all elements.

        The text is cut at every ``ix:``; what stands before and after a cut tells whether it is a tag.

        Raises:
            Unusual: elements do not nest, or nest too deep, or a tag is none.
        """
        mark = f"{prefix}:"
        pieces = self.text.split(mark)
        pieces.append("")
        before, width, last = pieces[0], len(mark), len(pieces) - 1
        line, at, number = 1 + before.count("\n"), len(before), 1
        keep, read = self.found.elements.append, plain.read
        while number < last:
            piece = pieces[number]
            number += 1
            begin = at
            at += width
            if before[-1:] == "<":
                if piece[-2:] == "</" and _PLAIN_ENDS.get(piece[:11]) == pieces[number][:11]:
                    fact = read(piece, line, is_hidden=self.hidden > 0)
                    if fact is not None:
                        keep(fact)
                        before = pieces[number]
                        number += 1
                        line += piece.count("\n") if "\n" in piece else 0
                        line += before.count("\n") if "\n" in before else 0
                        at += len(piece) + width + len(before)
                        continue
                head, closed, tail = piece.partition(">")
                if not closed or "<" in head:
                    raise Unusual("not a tag")
                line += head.count("\n")
                self._open(head, begin - 1, at + len(head) + 1, line)
                line += tail.count("\n")
            else:
                if before[-2:] == "</":
                    self._close(piece, begin - 2, at)
                line += piece.count("\n")
            before = piece
            at += len(piece)
        if self.stack:
            raise Unusual("elements without an end")

    def _open(self, head: str, begin: int, start: int, line: int) -> None:
        is_empty = head.endswith("/")
        match = _LOCAL.match(head)
        kind = match[0] if match else ""
        rest = head[len(kind) : -1] if is_empty else head[len(kind) :]
        element = None
        if kind in FACTS or kind in COLLECTED:
            element = Tagged(
                kind, self.attributes.read(rest), line, self.names, [], self.hidden > 0
            )
            if kind in FACTS:
                self.found.elements.append(element)
        if is_empty:
            self._finished(kind, element)
            return
        if len(self.stack) >= MAX_NESTING - 1:
            raise Unusual("nesting")
        self.hidden += kind == "hidden"
        self.stack.append(_Open(kind, begin, start, element))

    def _close(self, piece: str, begin: int, at: int) -> None:
        """End an element; ``piece`` is the text from its name on, which stands at ``at``."""
        name, closed, _ = piece.partition(">")
        kind = name.rstrip()
        if not closed or not self.stack or self.stack[-1].kind != kind:
            raise Unusual("elements do not nest")
        opened = self.stack.pop()
        if kind == "hidden":
            self.hidden -= 1
        elif kind == "exclude":
            for outer in self.stack:
                outer.cuts.append((opened.begin, at + len(name) + 1))
        elif kind in COLLECTED and opened.element is not None:
            self.budget -= begin - opened.start
            opened.element.text = self._words(opened, begin) if self.budget >= 0 else None
        self._finished(kind, opened.element)

    def _finished(self, kind: str, element: Tagged | None) -> None:
        if element is None:
            return
        if kind == "continuation":
            self.found.keep_continuation(element)
        elif kind in {"numerator", "denominator"}:
            fraction = next(
                (outer.element for outer in reversed(self.stack) if outer.kind == "fraction"), None
            )
            if fraction is not None:
                fraction.parts = {**(fraction.parts or {}), kind: element}

    def _words(self, opened: _Open, end: int) -> list[str]:
        is_plain = opened.start > self.opaque
        if not opened.cuts:
            return words_of(self.text, opened.start, end, is_plain=is_plain)
        pieces, at = [], opened.start
        for begin, after in sorted(opened.cuts):
            if begin >= at:
                pieces += words_of(self.text, at, begin, is_plain=is_plain)
            at = max(at, after)
        return pieces + words_of(self.text, at, end, is_plain=is_plain)


_BETWEEN: Final = "\x00"  # no XML document holds it
_TEXT: Final = re.compile(">([^<]+)")
_MARKUP: Final = re.compile(
    r"""<!--.*?-->|<\?.*?\?>|<[/\w][^<>"']*(?:"[^"<]*"[^<>"']*|'[^'<]*'[^<>"']*)*>""", re.DOTALL
)


def words_of(text: str, start: int, end: int, *, is_plain: bool = False) -> list[str]:
    """The runs of text in a piece of a page that follows a tag; ``is_plain`` where it holds no comment.

    Raises:
        Unusual: a ``<`` begins no tag.
    """
    if text.find("<", start, end) < 0:
        return [unescape(text[start:end])] if end > start else []
    pieces = _TEXT.findall(text, start - 1, end)
    joined = _BETWEEN.join(pieces)
    if ">" in joined or (
        not is_plain and (text.find("<!", start, end) >= 0 or text.find("<?", start, end) >= 0)
    ):
        # A ">" may stand in text, in an attribute, or end a comment: only the whole grammar of tags tells.
        pieces = [piece for piece in _MARKUP.split(text[start:end]) if piece]
        if any("<" in piece for piece in pieces):
            raise Unusual("not a tag")
        return [unescape(piece) for piece in pieces]
    return unescape(joined).split(_BETWEEN) if "&" in joined else pieces


# --- contexts and units --------------------------------------------------------------------------

_WRITTEN: Final = r"""((?:\s+[^\s=<>"'/&]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*+\s*/?)"""
_TOKEN: Final = re.compile(rf"<(?:([\w.-]+):)?([\w.-]+){_WRITTEN}>([^<]*)")
_NONE: Final[Mapping[str, str]] = {}


def _fragments(
    text: str, prefixes: tuple[str, ...], attributes: Attributes
) -> tuple[dict[str, str], dict[str, str]]:
    """The insides of all contexts and of all units, by id."""
    contexts: dict[str, str] = {}
    units: dict[str, str] = {}
    for prefix in prefixes:
        start, kinds = f"<{prefix}:", (("context", contexts), ("unit", units))
        usual, end_tag = f'{start}context id="', f"</{prefix}:context"
        found = text.find(start)
        while found >= 0:
            if text.startswith(usual, found):
                at = found + len(usual)
                closed = text.find('">', at)
                end = text.find(end_tag, closed)
                tail, key = end + len(end_tag), text[at:closed]
                if closed < 0 or end < 0 or text[tail : tail + 1] != ">":
                    raise Unusual("a context without an end")
                if _NO_ID.search(key) is None:
                    contexts.setdefault(key, text[closed + 2 : end])
                    found = text.find(start, end)
                    continue
            at = found + len(start)
            for kind, kept in kinds:
                after = at + len(kind)
                if text.startswith(kind, at) and text[after : after + 1].isspace():
                    at = _keep_fragment(text, after, f"</{prefix}:{kind}>", kept, attributes)
                    break
            found = text.find(start, at)
    return contexts, units


_ID: Final = re.compile(r'\s+id="([^"<&\s]*)"\s*')
_NO_ID: Final = re.compile(r'["<>&\s]')


def _keep_fragment(
    text: str, after: int, end_tag: str, found: dict[str, str], attributes: Attributes
) -> int:
    """Keep one element's inside by its id; returns where it ends."""
    closed = text.find(">", after)
    end = text.find(end_tag, closed)
    head = text[after:closed]
    inside = text[closed + 1 : end]
    if closed < 0 or end < 0 or head.endswith("/"):
        raise Unusual("a context or unit without an end")
    if re.search(rf"<{re.escape(end_tag[2:-1])}\s", inside):
        raise Unusual("an end tag spelled otherwise")
    plain = _ID.fullmatch(head)
    name = plain[1] if plain else attributes.read(head).get("id", "").strip()
    found.setdefault(name, inside)
    return end


def _tokens(fragment: str, attributes: Attributes) -> Iterator[Token]:
    for prefix, name, written, text in _TOKEN.findall(fragment):
        read = attributes.read(written.removesuffix("/")) if name.endswith("Member") else _NONE
        yield name, f"{prefix}:{name}" if prefix else name, read, unescape(text)

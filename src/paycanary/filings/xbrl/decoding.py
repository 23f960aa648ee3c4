"""Bytes of a document to text that holds no surprises: one encoding, no document type, no entity of its own."""

from __future__ import annotations

import codecs
import re
from typing import Final

from paycanary.filings.xbrl.limits import MAX_ENTITY, SMALL_TEXT

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED: Final = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})")
#: Encodings of filings. Codecs that are no character sets (``punycode``, ``unicode_escape``) must not be reachable from a file.
_ENCODINGS: Final = re.compile(
    r"utf-?8|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?1|(?:windows-|cp)125\d|cp949|euc-?kr|ks_c_5601-1987|shift[_-]?jis|euc-?jp|utf-?16(?:[lb]e)?",
    re.IGNORECASE,
)
_LONE_RETURN: Final = re.compile(r"\r(?!\n)")
_ASCII_KIN: Final = re.compile(r"utf-?8|us-ascii|ascii", re.IGNORECASE)


def decode(data: bytes) -> tuple[str, list[str]]:
    """The text of a document and the reason codes of what is wrong with its bytes.

    Blanks and marks before the first ``<`` are gone. Line ends are as they were, since all readers take them for blanks, but a
    lone carriage return ends a line as XML says. Bytes that the encoding does not know become U+FFFD and are told as
    ``bad_encoding``.
    """
    problems: list[str] = []
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    if encoding is None:
        declared = _DECLARED.match(data[:400].lstrip(b"\x00"))
        encoding = declared[1].decode("ascii") if declared else "utf-8"
        if _ASCII_KIN.fullmatch(encoding) or encoding.lower().startswith("utf-16"):
            encoding = "utf-8"  # a file whose first bytes could be read so is not in UTF-16, whatever it declares
        elif not _ENCODINGS.fullmatch(encoding):
            problems.append("unknown_encoding")
            encoding = "utf-8"
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        problems.append("bad_encoding")
        text = data.decode("utf-8" if encoding == "ks_c_5601-1987" else encoding, errors="replace")
    start = text.find("<", 0, SMALL_TEXT)
    if start > 0:
        text = text[start:]
    if "\r" in text:
        text = _LONE_RETURN.sub("\n", text)
    return text, problems


_DOCTYPE: Final = re.compile(
    r"<!DOCTYPE[^\[>\"']*+(?:\"[^\"]*+\"[^\[>\"']*+|'[^']*+'[^\[>\"']*+)*+(?:\[((?:[^\]\"'<]++|\"[^\"]*+\"|'[^']*+'|<!--(?:[^-]++|-(?!->))*+-->|<)*+)\]\s*)?>"
)
_ENTITY: Final = re.compile(
    r"<!ENTITY\s+(%\s+)?([^\s\"'>]{1,100})\s+(?:(SYSTEM|PUBLIC)\b|\"([^\"]*)\"|'([^']*)')"
)
_CHARACTER: Final = re.compile(r"&#[0-9]{1,7};|&#x[0-9A-Fa-f]{1,6};")
_ROOT: Final = re.compile(r"<[A-Za-z_]")


def without_doctype(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Take the document type away, and with it every way to make text grow or to reach another file.

    Entities that stand for a few plain characters (``<!ENTITY pound "&#163;">``) are put in place; others stay as they are
    written and are told: ``entity_refused`` (they name other entities, markup or too much), ``external_entity``.

    Returns:
        The text, line for line as before, and (reason code, detail) of what was refused.
    """
    root = _ROOT.search(text)
    at = text.find("<!DOCTYPE", 0, root.start() if root else len(text))
    if at < 0:
        return text, []
    match = _DOCTYPE.match(text, at)
    if match is None:
        return text, [("bad_doctype", text[at : at + 80])]
    refused: list[tuple[str, str]] = []
    plain: dict[str, str] = {}
    for entity in _ENTITY.finditer(match[1] or ""):
        parameter, name, external, double, single = entity.groups()
        value = double if double is not None else single or ""
        if external:
            refused.append(("external_entity", entity[0][:80]))
        elif parameter or len(value) > MAX_ENTITY or re.search("[&<%]", _CHARACTER.sub("", value)):
            refused.append(("entity_refused", entity[0][:80]))
        else:
            plain.setdefault(name, value)
    head, rest = text[:at] + "\n" * match[0].count("\n"), text[match.end() :]
    if plain:
        names = "|".join(sorted(map(re.escape, plain), key=len, reverse=True))
        rest = re.sub(f"&({names});", lambda found: plain[found[1]], rest)
    return head + rest, refused


_REFERENCE: Final = re.compile(r"&(?:#(x[0-9A-Fa-f]{1,6}|[0-9]{1,7})|([A-Za-z][A-Za-z0-9]{0,31}));")
_XML_NAMES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def _character(match: re.Match[str]) -> str:
    number, name = match[1], match[2]
    if number:
        code = int(number[1:], 16) if number[0] == "x" else int(number)
        if code in {9, 10, 13} or 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000:  # noqa: PLR2004 - XML's characters
            return chr(code)
        return match[0]
    if name in _XML_NAMES:
        return _XML_NAMES[name]
    from html.entities import html5  # noqa: PLC0415 - few documents name characters

    return html5.get(f"{name};", match[0])


def unescape(text: str) -> str:
    """References to characters as the characters; names of HTML too, though XML does not know them."""
    if "&" not in text:
        return text
    return _REFERENCE.sub(_character, text.replace("&#160;", "\u00a0"))


_AMPERSAND: Final = re.compile(
    r"&(?:(#(?:x[0-9A-Fa-f]{1,6}|[0-9]{1,7});)|([A-Za-z][A-Za-z0-9]{0,31});)?"
)
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def _reference(match: re.Match[str]) -> str:
    number, name = match[1], match[2]
    if name:
        if name in _XML_NAMES:
            return match[0]
        shown = _character(re.match(_REFERENCE, match[0]) or match)
        return shown if shown != match[0] else f"&amp;{name};"
    if number and unescape(match[0]) != match[0]:
        return match[0]
    return f"&amp;{match[0][1:]}"


def for_parser(text: str) -> tuple[bytes, bool]:
    """The text as an XML parser can take it: HTML's names as characters, bare ``&`` escaped, impossible characters blank.

    Returns:
        The bytes, and whether they held characters that XML does not know.
    """
    if "&" in text:
        text = _AMPERSAND.sub(_reference, text)
    mended = _NO_XML.sub(" ", text)
    return mended.encode(), mended != text

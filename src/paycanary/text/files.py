"""A file of words as people have it -> plain text: text in any Korean encoding, an e-mail, a saved page."""

from __future__ import annotations

import codecs
import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError

if TYPE_CHECKING:
    from email.message import EmailMessage

    from paycanary.errors import Lang

#: A book has less; what is longer is no notice.
MOST_BYTES: Final = 2 * 2**20
_HEAD: Final = 4096
_TEXT_NAMES: Final = (".txt", ".text", ".md", ".eml", ".log")
_MAIL: Final = re.compile(rb"\A(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n")
_MAIL_FIELDS: Final = re.compile(
    rb"^(?:From|Subject|Content-Type|MIME-Version|Date):", re.IGNORECASE | re.MULTILINE
)
_PAGE: Final = re.compile(rb"<!doctype html|<html|<body|<p[ >]|<div[ >]", re.IGNORECASE)
_FILING: Final = (b"PK\x03\x04", b"{", b"[")
_ENCODED: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_BLOCK: Final = frozenset({"p", "div", "li", "tr", "br", "h1", "h2", "h3", "h4", "h5", "h6", "td", "blockquote"})  # fmt: skip
_UNSEEN: Final = frozenset({"script", "style", "head", "title", "noscript", "template"})


def is_words(name: str, head: bytes) -> bool:
    """Whether a file is a text for people, and no filing: by its name, else by how it begins."""
    if name.lower().endswith(_TEXT_NAMES):
        return True
    start = head.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    if start.startswith(_FILING):
        return False
    if start.startswith(b"<"):
        return bool(_PAGE.match(start)) and b"xbrl" not in head.lower()
    return b"\x00" not in head or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def to_text(raw: bytes, name: str) -> str:
    """The words of a file or a message.

    Raises:
        InputFileError: it is empty, longer than ``MOST_BYTES``, or no text in an encoding that Korean is written in.
    """
    if len(raw) > MOST_BYTES:
        raise _fault(name, {
            "ko": f"{len(raw) / 2**20:.1f} MB 입니다. 글은 {MOST_BYTES // 2**20} MB 까지 읽습니다.",
            "en": f"{len(raw) / 2**20:.1f} MB; words are read up to {MOST_BYTES // 2**20} MB.",
        }, {"ko": "필요한 부분만 잘라 주세요.", "en": "Cut out the part that matters."})  # fmt: skip
    if _MAIL.match(raw) and _MAIL_FIELDS.search(raw[:_HEAD]):
        words = _mail(raw, name)
    else:
        words = _decode(raw, name)
        if _PAGE.search(raw[:_HEAD]):
            words = _seen(words)
    if not words.strip():
        raise _fault(name, {"ko": "빈 글입니다.", "en": "there are no words in it."}, {"ko": "읽을 글이 든 파일을 주세요.", "en": "Give a file with words."})  # fmt: skip
    return words


def _mail(raw: bytes, name: str) -> str:
    """Subject and body; attachments are not read."""
    message: EmailMessage = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    words = ""
    if body is not None:
        payload = body.get_payload(decode=True)
        charset = body.get_content_charset()
        held = payload if isinstance(payload, bytes) else b""
        try:
            words = held.decode(charset or "utf-8")
        except (UnicodeDecodeError, LookupError):
            words = _decode(held, name)
        if body.get_content_subtype() == "html":
            words = _seen(words)
    return f"{message.get('Subject', '')}\n\n{words}"


def _decode(raw: bytes, name: str) -> str:
    for mark, encoding in _ENCODED:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        try:
            words = raw.decode("cp949")
        except UnicodeDecodeError:
            words = "\x00"
        if "\x00" not in words:
            return words
        raise _fault(name, {
            "ko": f"{error.start + 1}번째 바이트(0x{raw[error.start]:02x})가 UTF-8 도 CP949 도 아닙니다.",
            "en": f"byte {error.start + 1} (0x{raw[error.start]:02x}) is neither UTF-8 nor CP949.",
        }, {"ko": "글을 UTF-8 로 저장해 다시 주세요.", "en": "Save the text as UTF-8 and try again."}) from error  # fmt: skip


def _seen(page: str) -> str:
    """What a browser shows of a page."""
    from lxml import html  # noqa: PLC0415 - only pages need it

    if not page.strip():
        return ""
    try:
        tree = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (ValueError, html.etree.ParserError):
        return ""
    parts: list[str] = []
    for event, element in html.etree.iterwalk(tree, events=("start", "end", "comment")):
        if event == "start" and element.tag in _UNSEEN:
            element.text = None
            for child in element:
                element.remove(child)
        elif event == "start":
            parts.append(("\n" if element.tag in _BLOCK else "") + (element.text or ""))
        else:
            parts.append(("\n" if element.tag in _BLOCK else "") + (element.tail or ""))
    return "".join(parts)


def _fault(name: str, what: dict[Lang, str], todo: dict[Lang, str]) -> InputFileError:
    return InputFileError({lang: f"{name}: {line}" for lang, line in what.items()}, todo)

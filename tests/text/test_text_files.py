"""Files of words as people have them, and what is no text."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from paycanary.errors import InputFileError
from paycanary.text.files import MOST_BYTES, is_words, to_text

pytestmark = pytest.mark.quick
_KOREAN = "급여 지급이 늦어집니다. 죄송합니다."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_korean_is_read_in_the_encodings_that_it_is_written_in(encoding: str) -> None:
    assert to_text(_KOREAN.encode(encoding), "a.txt") == _KOREAN


@pytest.mark.parametrize("subtype", ["plain", "html"])
@pytest.mark.parametrize("charset", ["utf-8", "euc-kr"])
def test_of_an_e_mail_subject_and_body_are_read(subtype: str, charset: str) -> None:
    mail = EmailMessage()
    mail["Subject"] = "급여 안내"
    mail["From"] = "payroll@example.com"
    body = _KOREAN if subtype == "plain" else f"<html><style>p {{}}</style><p>{_KOREAN}</p></html>"
    mail.set_content(body, subtype=subtype, charset=charset)
    mail.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="x")
    words = to_text(mail.as_bytes(), "a.eml")
    assert "급여 안내" in words
    assert _KOREAN in words
    assert "{" not in words


def test_of_a_page_is_read_what_a_browser_shows() -> None:
    page = "<!DOCTYPE html><html><head><title>t</title><script>alert('급여 체불')</script></head><body><p>회사는<br>소송 중</p><!-- 회생 --><div>끝</div></body></html>"
    words = to_text(page.encode(), "a.html")
    assert words.split() == ["회사는", "소송", "중", "끝"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" \n\t ",
        "\ufeff".encode(),
        b"<html><body></body></html>",
        b"Subject: \nFrom: a@b.c\n\n",
    ],
)
def test_nothing_to_read_is_said(raw: bytes) -> None:
    with pytest.raises(InputFileError, match="no words"):
        to_text(raw, "a.txt")


def test_broken_bytes_are_named_by_their_place() -> None:
    with pytest.raises(InputFileError, match=r"byte 4 \(0xff\)"):
        to_text(b"abc\xff\xfe\xfd\x81", "a.txt")


def test_what_is_longer_than_any_notice_is_refused() -> None:
    with pytest.raises(InputFileError, match=r"10\.0 MB; words are read up to 2 MB"):
        to_text(b"a" * (10 * 2**20), "a.txt")
    assert len(to_text(b"a" * MOST_BYTES, "a.txt")) == MOST_BYTES


@pytest.mark.parametrize(
    ("name", "head", "wanted"),
    [
        ("notice.txt", b"<xml", True),
        ("notice", "급여".encode(), True),
        ("page.html", b"<!DOCTYPE html><html>", True),
        ("filing.html", b'<html xmlns:ix="http://www.xbrl.org/2013/inlineXBRL">', False),
        ("filing.xml", b"<?xml version='1.0'?><DOCUMENT>", False),
        ("facts.json", b'{"cik": 1}', False),
        ("filings.zip", b"PK\x03\x04", False),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", False),
    ],
)
def test_filings_are_left_to_who_reads_filings(name: str, head: bytes, wanted: bool) -> None:  # noqa: FBT001
    assert is_words(name, head) is wanted

"""Zips of documents: nested, with junk, broken, encrypted, bombs; and files that are none of ours."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
from pathlib import Path  # noqa: TC003

import pytest

from paycanary.errors import InputFileError
from paycanary.filings.reading import Reading  # noqa: TC001
from paycanary.filings.xbrl import archive as archives
from paycanary.filings.xbrl import read, sniff
from tests.xbrl_pages import COMPANYFACTS, EVERYTHING, INSTANCE, figure, page

quick = pytest.mark.quick


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def readings(tmp_path: Path, data: bytes) -> list[Reading]:
    path = tmp_path / "made.zip"
    path.write_bytes(data)
    return list(read(path))


@quick
def test_every_document_of_an_archive_is_read_nested_ones_too(tmp_path: Path) -> None:
    inner = packed({"deep/made.xbrl": INSTANCE, "picture.png": b"\x89PNG"})
    found = readings(tmp_path, packed({
        "a.html": EVERYTHING, "__MACOSX/._a.html": EVERYTHING, "._b.html": b"junk", "notes.txt": b"notes", "plain.html": b"<html/>",
        "folder\\facts.json": COMPANYFACTS, "inner.zip": inner, "lab.xml": b"<link:linkbase xmlns:link='x'/>",
    }))  # fmt: skip
    assert [(reading.file, reading.format) for reading in found] == [
        ("a.html", "inline_xbrl"), ("folder\\facts.json", "companyfacts"), ("inner.zip!deep/made.xbrl", "xbrl"),
    ]  # fmt: skip
    assert all(fact.place.file == reading.file for reading in found for fact in reading.facts)


@quick
@pytest.mark.parametrize("name", ["b.html", "b.xbrl", "b.zip"])
def test_a_broken_member_costs_itself(tmp_path: Path, name: str) -> None:
    member = packed({"x.html": EVERYTHING}) if name.endswith("zip") else EVERYTHING
    data = bytearray(packed({"a.html": EVERYTHING, name: member, "c.html": EVERYTHING}))
    at = data.find(name.encode()) + len(name) + 60
    data[at : at + 40] = bytes(40)
    found = readings(tmp_path, bytes(data))
    assert [reading.file for reading in found] == ["a.html", name, "c.html"]
    assert [fault.reason for fault in found[1].faults] == ["broken_member"]
    assert len(found[0].facts) == len(found[2].facts) == 10


@quick
def test_archives_within_archives_have_an_end(tmp_path: Path) -> None:
    data = packed({"a.html": EVERYTHING})
    for _ in range(6):
        data = packed({"inner.zip": data})
    [reading] = readings(tmp_path, data)
    assert [fault.reason for fault in reading.faults] == ["nested_too_deep"]


@quick
def test_a_member_that_inflates_beyond_measure_is_refused(tmp_path: Path) -> None:
    bomb = page(" " * 40_000_000 + figure("5"))
    found = readings(tmp_path, packed({"bomb.html": bomb, "good.html": EVERYTHING}))
    assert [fault.reason for fault in found[0].faults] == ["too_large"]
    assert len(found[1].facts) == 10


@quick
def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    data = bytearray(packed({"bomb.html": page(" " * 40_000_000)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(signature) + offset
        data[at : at + 4] = struct.pack("<I", 1000)
    [reading] = readings(tmp_path, bytes(data))
    assert [fault.reason for fault in reading.faults] in (["too_large"], ["broken_member"])
    assert not reading.facts


def test_memory_is_bounded_by_one_member(tmp_path: Path) -> None:
    """Twelve members of 4 MB, read one after the other, take not much more than one of them."""
    path = tmp_path / "many.zip"
    body = "".join(
        f"{figure('1,234', format='ixt:numdotdecimal')} {'%x' % (number * 7919)} " * 5
        for number in range(4000)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(12):
            archive.writestr(f"{number}.html", page(body))
    script = (
        "import sys, resource; from pathlib import Path; from paycanary.filings.xbrl import read\n"
        "first = None\n"
        "for count, reading in enumerate(read(Path(sys.argv[1])), 1):\n"
        "    assert len(reading.facts) == 20000, reading.faults\n"
        "    del reading\n"
        "    first = first or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(count, first, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=True
    )
    count, first, last = map(int, done.stdout.split())
    assert count == 12
    assert last < 2 * first


@quick
def test_a_directory_beyond_measure_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 100)
    with pytest.raises(InputFileError, match="directory"):
        readings(tmp_path, packed({"a.html": EVERYTHING, "b.html": EVERYTHING}))


@quick
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04 nothing more", "cut short"),
        (packed({"a.html": EVERYTHING})[:-30], "cut short"),
        (packed({}), "holds no XBRL document"),
        (packed({"a.txt": b"text"}), "holds no XBRL document"),
        (b"", "holds no XBRL document"),
        (b"plain words", "holds no XBRL document"),
        (b"<html><body>a page</body></html>", "holds no XBRL document"),
        (b"<DOCUMENT><BODY>dart</BODY></DOCUMENT>", "holds no XBRL document"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_an_error_for_people(
    tmp_path: Path, data: bytes, words: str
) -> None:
    with pytest.raises(InputFileError, match=words) as caught:
        readings(tmp_path, data)
    assert caught.value.what["ko"]
    assert caught.value.todo["ko"]


@quick
def test_a_missing_path_and_a_folder_are_errors_for_people(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.html", tmp_path):
        with pytest.raises(InputFileError):
            read(path)


@quick
def test_an_encrypted_archive_is_an_error_and_an_encrypted_member_a_fault(tmp_path: Path) -> None:
    def encrypt(data: bytes, *, only_first: bool) -> bytes:
        marked = bytearray(data)
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = marked.find(signature)
            while at >= 0:
                marked[at + offset] |= 1
                at = -1 if only_first else marked.find(signature, at + 4)
        return bytes(marked)

    data = packed({"a.html": EVERYTHING, "b.html": EVERYTHING})
    with pytest.raises(InputFileError, match="encrypted"):
        readings(tmp_path, encrypt(data, only_first=False))
    found = readings(tmp_path, encrypt(data, only_first=True))
    assert [[fault.reason for fault in reading.faults] for reading in found] == [["encrypted"], []]


@quick
def test_a_member_without_a_name_is_passed_over(tmp_path: Path) -> None:
    """Found by the fuzzer."""
    data = packed({"name": b"x", "a.html": EVERYTHING}).replace(b"name", b"\x00ame")
    assert [reading.file for reading in readings(tmp_path, data)] == ["a.html"]


@quick
@pytest.mark.parametrize(
    ("head", "form"),
    [
        (EVERYTHING[:4096], "inline_xbrl"), (INSTANCE[:600], "xbrl"), (COMPANYFACTS[:200], "companyfacts"),
        (b'<?xml version="1.0"?><!-- c --><xbrli:xbrl xmlns:xbrli="http://www.xbrl.org/2003/instance">', "xbrl"),
        (b'<xs:schema xmlns:xbrli="http://www.xbrl.org/2003/instance">', None), (b'{"a": 1}', None), (b"", None), (b"PK\x03\x04", None),
        (b"<link:linkbase xmlns:link='http://www.xbrl.org/2003/linkbase'>", None), (b"\xff\xfe\x00", None),
    ],
)  # fmt: skip
def test_the_first_bytes_tell_the_form(head: bytes, form: str | None) -> None:
    assert sniff(head) == form


@quick
def test_a_page_that_declares_its_namespace_far_down_is_known_when_it_is_read(
    tmp_path: Path,
) -> None:
    data = EVERYTHING.replace(
        b"<html ", b"<html><head><style>" + b"p {} " * 20_000 + b"</style></head><body ", 1
    )
    path = tmp_path / "late.html"
    path.write_bytes(data)
    assert sniff(data[:65536]) is None
    [reading] = read(path)
    assert reading.format == "inline_xbrl"

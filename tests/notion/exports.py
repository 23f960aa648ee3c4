"""Exports as Notion makes them, written anew for every test: names, Markdown and CSV are made here.

export = Export(Workspace.KOREAN)
table = export.table("지원 현황", ["회사", "상태"], [["가나전자", "지원"]])
export.zip(tmp_path)        # a zip in a zip, as Notion sends it now
"""

from __future__ import annotations

import csv
import hashlib
import io
import struct
import unicodedata
import uuid
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


def notion_id(*of: object) -> str:
    """32 hex digits that are the same for the same words."""
    return hashlib.sha256(repr(of).encode()).hexdigest()[:32]


def a_uuid(*of: object) -> str:
    return str(uuid.UUID(notion_id(*of)))


@dataclass
class Export:
    """Files of an export: inner path -> bytes. ``has_folder_ids``: folders bear the table's number, as they did until 2024."""

    files: dict[str, bytes] = field(default_factory=dict)
    has_folder_ids: bool = True

    def page(
        self, title: str, body: str = "", properties: dict[str, str] | None = None, folder: str = "", key: object = ""
    ) -> str:  # fmt: skip
        """Add a page; returns its number."""
        page_id = notion_id("page", title, folder, key)
        lines = "".join(f"{name}: {value}\n" for name, value in (properties or {}).items() if value)
        text = f"# {title}\n\n" + (f"{lines}\n" if lines else "") + (f"{body}\n" if body else "")
        cleaned = "".join(c for c in title if c not in '/\\:*?"<>|')[:50].strip() or "Untitled"
        self.files[f"{folder}{cleaned} {page_id}.md"] = text.encode()
        return page_id

    def table(
        self, name: str, columns: list[str], rows: Iterable[list[str]], *, title: str | None = None, has_all: bool = True,
        has_pages: bool = True, is_flat: bool = False, folder: str = "", encoding: str = "utf-8-sig",
    ) -> list[str | None]:  # fmt: skip
        """Add a database and a page a row; returns the pages' numbers. ``title``: the column of titles, else the first."""
        rows = [list(row) for row in rows]
        table_id = notion_id("table", name, folder)
        raw = as_csv([columns, *rows]).encode(encoding)
        self.files[f"{folder}{name} {table_id}.csv"] = raw
        if has_all:
            self.files[f"{folder}{name} {table_id}_all.csv"] = raw
        where = folder if is_flat else f"{folder}{name} {table_id}/" if self.has_folder_ids else f"{folder}{name}/"  # fmt: skip
        if not has_pages:
            return [None for _ in rows]
        place = columns.index(title or columns[0])
        return [
            self.page(
                row[place] or "Untitled",
                properties={c: v for i, (c, v) in enumerate(zip(columns, row, strict=False)) if i != place},
                folder=where,
                key=number,
            )
            for number, row in enumerate(rows)
        ]  # fmt: skip

    # --- as files -----------------------------------------------------------------------------------

    def bare(self, path: Path, **how: bool) -> Path:
        """A zip whose files are Notion's own, as exports before 2022 and those of one page."""
        path.write_bytes(zipped(self.files, **how))
        return path

    def zip(self, folder: Path, parts: int = 1, *, is_new: bool = True, **how: bool) -> Path:
        """A zip of zips: ``ExportBlock-<uuid>-Part-N.zip`` (now) or ``Export-<uuid>-Part-N.zip`` in one file."""
        name = a_uuid(*self.files)
        word = "ExportBlock" if is_new else "Export"
        split = [dict(list(self.files.items())[i::parts]) for i in range(parts)]
        inner = {f"{word}-{name}-Part-{i}.zip": zipped(some, **how) for i, some in enumerate(split, 1)}  # fmt: skip
        path = folder / (f"{name}_{word}-{name}.zip" if is_new else f"Export-{name}.zip")
        path.write_bytes(zipped(inner))
        return path

    def parts(self, folder: Path, parts: int) -> list[Path]:
        """The parts as files of their own, as they lie where somebody unpacked the outer zip."""
        name = a_uuid(*self.files)
        paths = []
        for i in range(parts):
            paths.append(folder / f"ExportBlock-{name}-Part-{i + 1}.zip")
            paths[-1].write_bytes(zipped(dict(list(self.files.items())[i::parts])))
        return paths

    def unpacked(self, folder: Path) -> Path:
        """A folder, as an unzipping program leaves it."""
        for path, raw in self.files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(raw)
        return folder


def as_csv(lines: Iterable[Iterable[str]]) -> str:
    """Cells as Notion writes them: CRLF between lines, quotes only where they are needed."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue()


def zipped(
    files: dict[str, bytes], *, is_nfd: bool = False, has_flag: bool = True, is_mac: bool = False
) -> bytes:
    """A zip. ``is_nfd``: names as macOS decomposes them; ``has_flag``: False leaves out the flag that says UTF-8;
    ``is_mac``: with the files that macOS adds.
    """  # fmt: skip
    if is_mac:
        extra = {f"__MACOSX/._{path}": b"\x00\x05\x16\x07" for path in files}
        files = {**files, **extra, ".DS_Store": b"\x00", "index.html": b"<html></html>"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, raw in files.items():
            info = zipfile.ZipInfo(unicodedata.normalize("NFD", path) if is_nfd else path)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, raw)
    return out.getvalue() if has_flag else without_flag(out.getvalue())


def without_flag(raw: bytes, encoding: str = "utf-8") -> bytes:
    """The same zip without the flag for UTF-8 on any name."""
    assert encoding == "utf-8"
    changed = bytearray(raw)
    for place in headers(raw):
        at = place + (6 if raw[place : place + 4] == b"PK\x03\x04" else 8)
        (flags,) = struct.unpack_from("<H", raw, at)
        struct.pack_into("<H", changed, at, flags & ~0x800)
    return bytes(changed)


def headers(raw: bytes) -> list[int]:
    """Places of a zip's headers of files, at the file and in the list at the end."""
    places = []
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        places += [info.header_offset for info in packed.infolist()]
    at = struct.unpack_from("<L", raw, len(raw) - 6)[0]
    while raw[at : at + 4] == b"PK\x01\x02":
        places.append(at)
        name, extra, comment = struct.unpack_from("<HHH", raw, at + 28)
        at += 46 + name + extra + comment
    return places


def declaring(raw: bytes, size: int, which: Callable[[int], bool] = lambda _: True) -> bytes:
    """The same zip, its files declared to unpack to ``size`` bytes, whatever they hold; ``which``: by number, from 0."""
    changed, places = bytearray(raw), headers(raw)
    for count, place in enumerate(places):
        at = place + (22 if raw[place : place + 4] == b"PK\x03\x04" else 24)
        if which(count % (len(places) // 2)):
            struct.pack_into("<L", changed, at, size)
    return bytes(changed)


def renamed(raw: bytes, old: str, new: str) -> bytes:
    """The same zip with a name of as many bytes in another's place; for names that no zip program writes."""
    assert len(old.encode()) == len(new.encode())
    return raw.replace(old.encode(), new.encode())


# --- workspaces -----------------------------------------------------------------------------------


def korean(rows: Iterable[list[str]]) -> Export:
    """Where a Korean job seeker keeps who was applied to: ``회사``, ``상태``, ``지원일``, ``메모``."""
    export = Export()
    export.page("취업 준비", "할 일을 모아 둔 곳입니다.")
    export.table("지원 현황", ["회사", "상태", "지원일", "메모"], rows, folder="취업 준비/")
    return export


def english(rows: Iterable[list[str]]) -> Export:
    """The same in an English workspace, as exports are since folders bear no number: ``Company``, ``Stage``, ``Applied``."""
    export = Export(has_folder_ids=False)
    export.page("Job search", "What is to be done.", folder="Private & Shared/")
    export.table("Applications", ["Company", "Stage", "Applied"], rows, folder="Private & Shared/Job search/")  # fmt: skip
    return export

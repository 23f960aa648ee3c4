"""Pictures and files of a page: fetched, made fit for a place, named, and put beside its post."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paycanary.posts import blocks as b
from paycanary.posts.markdown import Note
from paycanary.posts.notebook import GoneError
from paycanary.posts.pictures import RUN, TURNED, PictureError, safe_svg, to_png
from paycanary.posts.slugs import asset_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.posts.manifest import Manifest
    from paycanary.posts.notebook import Notebook
    from paycanary.posts.places import Place, Post


#: How Jekyll knows a page, whatever the file is called; an empty line before it is enough.
_PAGE: Final = re.compile(rb"---[ \t\r\f\v]*\n")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that a page shows or links to; ``place`` is the first block that does."""

    key: str
    place: str
    is_picture: bool


def wanted(blocks: Sequence[b.Block]) -> list[Wanted]:
    """Files of a page, each once, in reading order."""
    found: dict[str, Wanted] = {}

    def add(target: b.Target | None, place: str, *, is_picture: bool) -> None:
        if target is None or target.kind != "asset":
            return
        before = found.get(target.value)
        if before is None or (is_picture and not before.is_picture):
            found[target.value] = Wanted(target.value, before.place if before else place, is_picture)  # fmt: skip

    for block in b.walk(blocks):
        if isinstance(block, b.Picture):
            add(block.target, block.place, is_picture=True)
        elif isinstance(block, b.Attachment | b.Bookmark | b.Lost):
            add(block.target, block.place, is_picture=False)
        for run in b.runs_of(block):
            add(run.link, block.place, is_picture=run.kind == "image")
    return list(found.values())


def linked(blocks: Sequence[b.Block]) -> set[str]:
    """Keys of the pages that a page links to."""
    targets = [run.link for block in b.walk(blocks) for run in b.runs_of(block)]
    targets += [block.target for block in b.walk(blocks) if isinstance(block, b.Bookmark | b.Lost)]
    return {target.value for target in targets if target and target.kind == "page"}


def bring(
    files: Sequence[Wanted], notebook: Notebook, place: Place, post: Post, manifest: Manifest
) -> tuple[dict[str, str | None], list[Note]]:
    """Write a page's files.

    Returns:
        key -> name that the file got, None where it is gone; and what there is to say.
    """
    names: dict[str, str | None] = {}
    notes: list[Note] = []
    for file in files:
        try:
            raw = notebook.asset(file.key)
        except GoneError as gone:
            names[file.key] = None
            notes.append(Note(gone.reason, file.place, file.key))
            continue
        original = file.key.partition("?")[0]
        ending = _ending(original)
        content, forced, reason = _fit(raw, ending, place, is_picture=file.is_picture)
        if content is not None and place.begins_pages and _PAGE.match(content):
            content, reason = b"\n" + content, reason or "file_begun"
        if reason:
            notes.append(Note(reason, file.place, file.key))
        if content is None:
            names[file.key] = None
            continue
        name = asset_name(original, content, forced)
        manifest.write(f"{place.assets(post)}/{name}", content)
        names[file.key] = name
    return names, notes


def _fit(raw: bytes, ending: str, place: Place, *, is_picture: bool) -> tuple[bytes | None, str | None, str]:  # fmt: skip
    """Bytes as they may be published (None: not at all), another ending, and a reason to tell."""
    if ending in RUN:
        return raw, f"{ending}.txt", "file_renamed"
    try:
        if ending == ".svg":
            raw = safe_svg(raw)
        if not is_picture or place.pictures is None or ending in place.pictures:
            return raw, None, ""
        if ending not in TURNED:
            return raw, None, "picture_refused"
        return to_png(raw, ending), ".png", ""
    except PictureError:
        return None, None, "picture_broken"
    except ImportError:
        return raw, None, "picture_needs_extra"


def _ending(name: str) -> str:
    dot = name.rpartition("/")[2].rpartition(".")
    return f".{dot[2].lower()}" if dot[1] else ""

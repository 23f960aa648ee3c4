"""A notebook -> a folder of posts: what has changed is written, what cannot be carried over is told, page by page."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from paycanary import __version__
from paycanary.errors import InputFileError, PaycanaryError
from paycanary.posts.files import bring, linked, wanted
from paycanary.posts.manifest import Manifest, Record, digest
from paycanary.posts.markdown import Note
from paycanary.posts.places import PLACES, Place, Post, Rendered
from paycanary.posts.plan import Names, Planned, fingerprint, plan
from paycanary.progress import SILENT

if TYPE_CHECKING:
    from pathlib import Path

    from paycanary.posts.notebook import Notebook
    from paycanary.progress import Progress


#: Faults of the disk that are one post's own: a folder that stands where its file should, or a file where its folder should.
_IN_THE_WAY: Final = (errno.EISDIR, errno.ENOTDIR, errno.EEXIST)


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of a run.

    Attributes:
        place: key of `places.PLACES`.
        folder: where posts are written.
        site: the blog's address, "" where it is not known.
        names: properties that say something about a post.
        overwrite: also files that somebody has changed since, or that stood there before.
    """

    place: str
    folder: Path
    site: str = ""
    names: Names = field(default_factory=Names)
    overwrite: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of a page. ``state``: written, unchanged, kept (its file is somebody's own now), failed."""

    planned: Planned
    file: str
    state: str
    notes: list[Note]


@dataclass(slots=True)
class Made:
    """What a run did, in reading order; ``left`` are posts of earlier runs whose page is no longer there."""

    notebook: str
    options: Options
    outcomes: list[Outcome]
    refused: list[tuple[str, str]]
    left: list[Record]


def make_posts(notebook: Notebook, options: Options, progress: Progress = SILENT) -> Made:
    """Write the posts of a notebook.

    Raises:
        InputFileError: there is no page in it.
        UsageError: a property that no page has, or a folder of another place.
        BusyError: another run writes to the folder.
    """
    if not notebook.entries:
        raise InputFileError(
            {"ko": f"{notebook.name}: 글이 될 페이지가 없습니다.", "en": f"{notebook.name} holds no page that could become a post."},
            {"ko": "노션에서 '하위 페이지 포함'으로 다시 내보내세요.", "en": "Export again from Notion, with subpages."},
        )  # fmt: skip
    options.names.check(notebook.entries)
    place = PLACES[options.place](options.folder, options.site)
    with Manifest.opened(options.folder, options.place) as manifest:
        posts = plan(notebook.entries, options.names, manifest.records)
        work = _Work(notebook, options, place, manifest)
        work.expect(posts)
        progress.step("posts", len(posts))
        outcomes: list[Outcome] = []
        for planned in posts:
            outcomes.append(work.make(planned))
            progress.advance()
        outcomes = [work.again(outcome) for outcome in outcomes] if work.settle(posts) else outcomes
        here = {entry.key for entry in notebook.entries} | {path for path, _ in notebook.refused}
        left = [record for key, record in manifest.records.items() if key not in here]
        return Made(notebook.name, options, outcomes, list(notebook.refused), left)


@dataclass(slots=True)
class _Work:
    """One run's tools."""

    notebook: Notebook
    options: Options
    place: Place
    manifest: Manifest
    #: Page's key -> under which others link to its post, None for none.
    addresses: dict[str, str | None] = field(default_factory=dict)

    def expect(self, posts: list[Planned]) -> None:
        """Where posts will stand: as planned; where they stood, of those that are left alone and of pages that cannot be read now."""
        records = self.manifest.records
        for post in (planned.post for planned in posts):
            record = records.get(post.key)
            is_kept = record and record.file != self.place.file(post) and not self.options.overwrite and self._is_edited(record)  # fmt: skip
            self.addresses[post.key] = self._standing(record) if is_kept else self.place.address(post)  # fmt: skip
        for key, _ in self.notebook.refused:
            if key in records:
                self.addresses[key] = self._standing(records[key])

    def settle(self, posts: list[Planned]) -> bool:
        """Correct the addresses of posts that could not be written, as a link to nowhere ends a site's build."""
        before = dict(self.addresses)
        for post in (planned.post for planned in posts):
            if not self._stands(self.place.file(post)):
                self.addresses[post.key] = self._standing(self.manifest.records.get(post.key))
        return self.addresses != before

    def _standing(self, record: Record | None) -> str | None:
        """The address of what an earlier run wrote."""
        if record is None or not self._stands(record.file):
            return None
        return self.place.address(Post(record.key, "", record.slug, date.fromisoformat(record.day)))

    def _is_edited(self, record: Record) -> bool:
        content = self._content(record.file)
        return content is not None and digest(content) != record.digest

    def again(self, outcome: Outcome) -> Outcome:
        """Write a post again where an address that it gives was corrected."""
        record = self.manifest.records.get(outcome.planned.post.key)
        if record is None or outcome.state in ("failed", "kept") or self._leads_right(record):
            return outcome
        made = self.make(outcome.planned)
        return replace(made, state=outcome.state) if made.state == "unchanged" else made

    def _leads_right(self, record: Record) -> bool:
        return all(self.addresses.get(key) == address for key, address in record.pages.items())

    def make(self, planned: Planned) -> Outcome:
        """Write a page's post, unless it stands there already; whatever is wrong with one page, the others are written."""
        try:
            return self._made(planned)
        except Exception as error:
            if isinstance(error, OSError) and error.errno not in _IN_THE_WAY:
                raise
            detail = error.what["en"] if isinstance(error, PaycanaryError) else str(error)
            note = Note("page_failed", "", detail[:200])
            return Outcome(planned, self.place.file(planned.post), "failed", [note])

    def _made(self, planned: Planned) -> Outcome:
        post, entry = planned.post, planned.entry
        file = self.place.file(post)
        mark = fingerprint(post, entry, self.place.variant, __version__)
        record = self.manifest.records.get(post.key)
        before = self._content(record.file) if record else self._content(file)
        is_undone = self.options.overwrite and record and self._is_edited(record)
        if record and record.mark == mark and not is_undone and self._is_current(record, post, before):  # fmt: skip
            return Outcome(planned, file, "unchanged", [*planned.notes, *map(_note, record.notes)])
        made, text = self._rendered(planned, mark, file)
        if not self.options.overwrite and self._is_somebodys(file, text, record, before):
            return Outcome(planned, record.file if record else file, "kept", [*planned.notes, Note("file_edited")])  # fmt: skip
        is_new = self.manifest.write(file, text)
        if record:
            self._tidy(record, made, post)
        self.manifest.add(made)
        state = "written" if is_new or record is None else "unchanged"
        return Outcome(planned, file, state, [*planned.notes, *map(_note, made.notes)])

    def _is_somebodys(self, file: str, text: bytes, record: Record | None, before: bytes | None) -> bool:  # fmt: skip
        """Whether writing a post would lose what somebody else wrote: into our file, or where it is to stand."""
        if record and before != text and self._is_edited(record):
            return True
        if record and record.file == file:
            return False
        stands = self._content(file)
        return stands is not None and stands != text

    def _tidy(self, record: Record, made: Record, post: Post) -> None:
        """Remove what an earlier run wrote for this post and this one did not."""
        if record.file != made.file:
            self.manifest.remove(record.file)
        kept = {name for _, name in made.assets.values()}
        for _, name in record.assets.values():
            if name and name not in kept:
                self.manifest.remove(f"{self.place.assets(post)}/{name}")

    def _rendered(self, planned: Planned, mark: str, file: str) -> tuple[Record, bytes]:
        """A post's text, its files written."""
        post, notebook, place = planned.post, self.notebook, self.place
        document = notebook.read(planned.entry)
        files = wanted(document.blocks)
        marks = {each.key: notebook.asset_mark(each.key) for each in files}
        names, notes = bring(files, notebook, place, post, self.manifest)
        assets = {key: place.asset_address(post, name) for key, name in names.items() if name}
        rendered = Rendered(self.addresses, assets)
        text = place.write(post, document.blocks, rendered)
        told = [*document.notes, *notes, *rendered.notes]
        if place.uploads and assets:
            told.append(Note("upload", "", str(len(assets))))
        content = text.encode("utf-8", errors="replace")
        made = Record(
            key=post.key,
            slug=post.slug,
            day=post.day.isoformat(),
            file=file,
            digest=digest(content),
            mark=mark,
            pages={key: self.addresses.get(key) for key in sorted(linked(document.blocks))},
            assets={key: (marks[key], names[key]) for key in names},
            notes=[(note.reason, note.place, note.detail) for note in told],
        )
        return made, content

    def _stands(self, file: str) -> bool:
        return (self.options.folder / file).is_file()

    def _content(self, file: str) -> bytes | None:
        path = self.options.folder / file
        return path.read_bytes() if path.is_file() else None

    def _is_current(self, record: Record, post: Post, content: bytes | None) -> bool:
        """Whether all that a post was made from, and its files, are as they were; what could not be had is asked for again.

        A post that somebody changed stays so.
        """
        if content is None or not self._leads_right(record):
            return False
        folder = self.options.folder / self.place.assets(post)
        return all(
            self.notebook.asset_mark(key) == mark and (folder / name).is_file()
            if name
            else mark is None
            for key, (mark, name) in record.assets.items()
        )


def _note(told: tuple[str, str, str]) -> Note:
    return Note(*told)

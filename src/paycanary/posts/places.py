"""The places that posts go to: which files, under which addresses, with what in front."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from paycanary.posts.dialects import Dialect, Hugo, Jekyll
from paycanary.posts.html import HtmlWriter
from paycanary.posts.markdown import Note
from paycanary.posts.markdown_out import MarkdownWriter
from paycanary.posts.sites import read_site, shows_future
from paycanary.report.front_matter import front_matter
from paycanary.wording import today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from paycanary.posts.blocks import Block, Target

_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})


@dataclass(frozen=True, slots=True)
class Post:
    """What is known of a post before its words are read. ``order`` is its number in reading order, None where nobody asked for one."""

    key: str
    title: str
    slug: str
    day: date
    tags: tuple[str, ...] = ()
    series: str = ""
    order: int | None = None


@dataclass(slots=True)
class Rendered:
    """What a writer asks and tells while it writes one page.

    Attributes:
        pages: page's key -> address; a page that is not among them is not published.
        assets: asset's key -> address; one that is not among them is gone, and was told already.
        place: the block that is being written.
        notes: what was lost, each once.
    """

    pages: Mapping[str, str | None]
    assets: Mapping[str, str]
    place: str = ""
    notes: dict[Note, None] = field(default_factory=dict)

    def href(self, target: Target) -> str | None:
        """Where a target is published; None: nowhere, which is noted."""
        if target.kind == "asset":
            return self.assets.get(target.value)
        if target.kind == "page":
            if address := self.pages.get(target.value):
                return address
            if target.value not in self.pages and is_public(target.label):
                return target.label
            reason = "page_unaddressed" if target.value in self.pages else "page_missing"
            reason = "database" if target.value.lower().endswith(".csv") else reason
            self.note(reason, detail=target.label or target.value)
            return None
        return target.value if is_web(target.value) else None

    def name(self, target: Target) -> str:
        """What a target is called where nobody named it."""
        return target.value.rpartition("/")[2] if target.kind == "asset" else target.value

    def note(self, reason: str, *, detail: str = "") -> None:
        """Tell what was lost, at the block that is being written."""
        self.notes[Note(reason, self.place, " ".join(detail.split())[:200])] = None


def is_web(address: str) -> bool:
    """Whether an address may be linked: of a few schemes, with no control characters."""
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return False
    return scheme in _SCHEMES and all(c.isprintable() for c in address)


def is_public(address: str) -> bool:
    """Whether an address is of a page in Notion that somebody published; of others' pages only who may read them see any."""
    return is_web(address) and (urlsplit(address).hostname or "").endswith(".notion.site")


class Place:
    """Where posts go. Paths are relative to the folder that is written to.

    Args:
        folder: that folder.
        site: the blog's address, "" where it is not known.
    """

    name: str = ""
    #: Name of the report's file.
    report: str = "report.md"
    #: Pictures are put in by hand there.
    uploads: bool = True
    #: A file that begins with three hyphens is a page there, whatever it is called.
    begins_pages: bool = False
    #: Endings of pictures that it takes; None: any.
    pictures: frozenset[str] | None = None

    def __init__(self, folder: Path, site: str) -> None:
        self.folder = folder
        self.site = site.rstrip("/")

    @property
    def variant(self) -> str:
        """What else decides how posts are written; where it changes all are written again."""
        return self.site

    def file(self, post: Post) -> str:
        """A post's file."""
        raise NotImplementedError

    def assets(self, post: Post) -> str:
        """The folder of a post's pictures and files."""
        return self.file(post).rpartition("/")[0]

    def asset_address(self, post: Post, name: str) -> str:  # noqa: ARG002 - others do
        """How a post refers to one of them."""
        return quote(name)

    def address(self, post: Post) -> str | None:
        """How other posts refer to a post; None: it has no address, or none yet."""
        raise NotImplementedError

    def write(self, post: Post, blocks: Sequence[Block], rendered: Rendered) -> str:
        """A post's text."""
        raise NotImplementedError


class Tistory(Place):
    """A fragment for the editor's HTML mode."""

    name = "tistory"

    def file(self, post: Post) -> str:
        """A post's file."""
        return f"{post.slug}/post.html"

    def address(self, post: Post) -> str | None:
        """How other posts refer to a post."""
        return f"{self.site}/entry/{quote(post.slug)}"

    def write(self, post: Post, blocks: Sequence[Block], rendered: Rendered) -> str:  # noqa: ARG002
        """A post's text."""
        return HtmlWriter(rendered, is_simple=False).write(blocks) + "\n"


class Naver(Place):
    """A page to open in a browser, select whole and paste into SmartEditor."""

    name = "naver"
    pictures = frozenset({".png", ".jpg", ".jpeg", ".gif"})

    def file(self, post: Post) -> str:
        """A post's file."""
        return f"{post.slug}/post.html"

    def address(self, post: Post) -> str | None:  # noqa: ARG002 - a number that Naver gives
        """How other posts refer to a post."""
        return None

    def write(self, post: Post, blocks: Sequence[Block], rendered: Rendered) -> str:
        """A post's text."""
        body = HtmlWriter(rendered, is_simple=True).write(blocks)
        title = HtmlWriter.escaped(post.title)
        return f'<!doctype html>\n<html lang="ko">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n'


class Velog(Place):
    """Plain Markdown for the editor."""

    name = "velog"

    def file(self, post: Post) -> str:
        """A post's file."""
        return f"{post.slug}/post.md"

    def address(self, post: Post) -> str | None:
        """How other posts refer to a post."""
        return f"{self.site}/{quote(post.slug)}" if self.site else quote(post.slug)

    def write(self, post: Post, blocks: Sequence[Block], rendered: Rendered) -> str:  # noqa: ARG002
        """A post's text."""
        return MarkdownWriter(Dialect(), rendered).write(blocks) + "\n"


class JekyllSite(Place):
    """``_posts`` of a Jekyll site; Jekyll itself works addresses out."""

    name = "jekyll"
    report = "_report.md"  # Jekyll would publish one without the line
    uploads = False
    begins_pages = True

    def __init__(self, folder: Path, site: str) -> None:
        super().__init__(folder, site)
        self.is_future_shown = shows_future(folder)

    def file(self, post: Post) -> str:
        """A post's file."""
        return f"_posts/{post.day}-{post.slug}.md"

    def assets(self, post: Post) -> str:
        """The folder of a post's pictures and files."""
        return f"assets/posts/{post.slug}"

    def asset_address(self, post: Post, name: str) -> str:
        """How a post refers to one of them."""
        return f"{{{{ '/{self.assets(post)}/{name}' | relative_url }}}}"

    def address(self, post: Post) -> str | None:
        """How other posts refer to a post; a link to one that is not shown yet would end the build."""
        if post.day > today() and not self.is_future_shown:
            return None
        return f"{{% post_url {post.day}-{post.slug} %}}"

    def write(self, post: Post, blocks: Sequence[Block], rendered: Rendered) -> str:
        """A post's text."""
        body = MarkdownWriter(Jekyll(), rendered).write(blocks)
        return about(post, {"layout": "post"}, order="order") + body + "\n"


class HugoSite(Place):
    """Page bundles of a Hugo site, below ``content/posts``."""

    name = "hugo"
    uploads = False

    def __init__(self, folder: Path, site: str) -> None:
        super().__init__(folder, site)
        settings = read_site(folder)
        self.is_future_shown = settings.is_future_shown
        self.dialect = Hugo.of(settings)

    @property
    def variant(self) -> str:
        """What else decides how posts are written."""
        return f"{self.site} {self.dialect}"

    def file(self, post: Post) -> str:
        """A post's file."""
        return f"content/posts/{post.slug}/index.md"

    def address(self, post: Post) -> str | None:
        """How other posts refer to a post; a link to one that is not shown yet would end the build."""
        if post.day > today() and not self.is_future_shown:
            return None
        return f'{{{{< relref "/posts/{post.slug}" >}}}}'

    def write(self, post: Post, blocks: Sequence[Block], rendered: Rendered) -> str:
        """A post's text."""
        body = MarkdownWriter(self.dialect, rendered).write(blocks)
        return about(post, {}, order="weight") + body + "\n"


def about(post: Post, more: Mapping[str, Any], *, order: str) -> str:
    """A post's front matter; ``order``: what its place in reading order is called there."""
    told: dict[str, Any] = {**more, "title": post.title, "date": post.day}
    if post.tags:
        told["tags"] = list(post.tags)
    if post.series:
        told["series"] = [post.series]
    if post.order is not None:
        told[order] = post.order
    return front_matter(told)


PLACES: Final[dict[str, type[Place]]] = {
    kind.name: kind for kind in (Tistory, Velog, JekyllSite, HugoSite, Naver)
}

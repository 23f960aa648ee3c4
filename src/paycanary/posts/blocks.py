"""What a page is made of, whichever way it came: an export's Markdown or the API's blocks. Writers know nothing else.

Words are a flat list of `Run`s, each with its style, as Notion itself keeps them. A `Target` says where a link, a picture or a
file leads before anyone knows under which address that will be published.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Style = Literal["bold", "italic", "strike", "code", "underline", "sub", "sup", "mark", "kbd"]
RunKind = Literal["text", "math", "image", "break", "footnote"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where something leads.

    Attributes:
        kind: ``web`` (an address that is published already), ``page`` (a page of Notion's), ``asset`` (a file that comes along).
        value: the address; 32 hex digits; the key by which the notebook gives the file.
        label: what it is called in the report where it leads nowhere, "" for its value.
    """

    kind: Literal["web", "page", "asset"]
    value: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of words of one style. ``math``: TeX; ``image``: ``text`` is its description; ``footnote``: ``text`` is its label."""

    text: str
    styles: frozenset[Style] = frozenset()
    link: Target | None = None
    kind: RunKind = "text"


@dataclass(slots=True)
class Block:
    """Base of all blocks. ``place``: ``line 12`` of an export, or the id of a block, for the report."""

    place: str = field(default="", kw_only=True)


@dataclass(slots=True)
class Paragraph(Block):
    """Words of their own."""

    runs: list[Run]


@dataclass(slots=True)
class Heading(Block):
    """A title within a page; `level` 1 to 6."""

    level: int
    runs: list[Run]


@dataclass(slots=True)
class Item(Block):
    """One entry of a list; ``checked`` is None where it is no to-do."""

    children: list[Block]
    checked: bool | None = None


@dataclass(slots=True)
class Listing(Block):
    """A list; ``start`` is the first number, None for bullets."""

    items: list[Item]
    start: int | None = None


@dataclass(slots=True)
class Quote(Block):
    """What somebody said."""

    children: list[Block]


@dataclass(slots=True)
class Callout(Block):
    """A framed remark; ``icon`` is an emoji or ""."""

    icon: str
    children: list[Block]


@dataclass(slots=True)
class Toggle(Block):
    """Something folded; ``level`` 1 to 6 where its title is a heading, else 0."""

    title: list[Run]
    children: list[Block]
    level: int = 0


@dataclass(slots=True)
class Code(Block):
    """A program or the like; `language` is Notion's name of it, "" for none."""

    language: str
    text: str
    caption: list[Run] = field(default_factory=list)


@dataclass(slots=True)
class Formula(Block):
    """A block of TeX, without dollar signs."""

    tex: str


@dataclass(slots=True)
class Picture(Block):
    """An image of its own."""

    target: Target
    caption: list[Run]


@dataclass(slots=True)
class Attachment(Block):
    """A file, a video or a sound that comes along, or lies elsewhere."""

    target: Target
    caption: list[Run]


@dataclass(slots=True)
class Bookmark(Block):
    """A link of its own, to a page elsewhere or to another of these pages."""

    target: Target
    caption: list[Run]


@dataclass(slots=True)
class Table(Block):
    """Rows of cells; ``has_head``: the first row names the columns. Rows may be of different lengths."""

    rows: list[list[list[Run]]]
    has_head: bool = True
    has_head_column: bool = False


@dataclass(slots=True)
class Rule(Block):
    """A line across."""


@dataclass(slots=True)
class Columns(Block):
    """Blocks side by side in Notion; blogs show one column after the other."""

    columns: list[list[Block]]


@dataclass(slots=True)
class Footnotes(Block):
    """The notes at a page's end: label -> blocks."""

    notes: dict[str, list[Block]]


@dataclass(slots=True)
class Lost(Block):
    """What cannot be carried over; ``reason`` is a key of ``notes`` in words/posts.<lang>.yaml."""

    reason: str
    detail: str = ""
    target: Target | None = None


def children(block: Block) -> Iterator[list[Block]]:
    """The lists of blocks within a block."""
    if isinstance(block, Item | Quote | Callout | Toggle):
        yield block.children
    elif isinstance(block, Listing):
        yield [*block.items]
    elif isinstance(block, Columns):
        yield from block.columns
    elif isinstance(block, Footnotes):
        yield from block.notes.values()


def walk(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block, in reading order."""
    stack = list(reversed(blocks))
    while stack:
        block = stack.pop()
        yield block
        for inner in reversed(list(children(block))):
            stack.extend(reversed(inner))


def runs_of(block: Block) -> Iterator[Run]:
    """The words that stand in a block itself, not in blocks within it."""
    if isinstance(block, Paragraph | Heading):
        yield from block.runs
    elif isinstance(block, Toggle):
        yield from block.title
    elif isinstance(block, Picture | Attachment | Bookmark | Code):
        yield from block.caption
    elif isinstance(block, Table):
        for row in block.rows:
            for cell in row:
                yield from cell


def plain(runs: Sequence[Run]) -> str:
    """Words without their styles."""
    return "".join("\n" if run.kind == "break" else run.text for run in runs)

"""A content as the files of a format: what lies beside what, under which names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

from paycanary.report.files.blocks import Picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.report.files.blocks import Content

Form = Literal["md", "html", "pdf", "png", "jekyll", "tistory"]
#: What a file of a format is called by.
SUFFIXES: Final = {"md": "md", "html": "html", "pdf": "pdf", "png": "png", "jekyll": "md", "tistory": "tistory.html", "json": "json"}  # fmt: skip
#: Formats whose charts lie beside them.
WITH_CHARTS_BESIDE: Final = ("md", "jekyll", "tistory")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file's bytes, and its charts: name -> bytes."""

    main: bytes
    charts: dict[str, bytes]


def encode(content: Content, form: Form, stem: str, *, alone: bool = False) -> Encoded:
    """The bytes of a format.

    ``stem``: the file's name without its ending; charts beside it are named after it. ``alone``: nothing can lie beside
    it, so tables stand for charts.
    """
    if form in WITH_CHARTS_BESIDE:
        return _with_charts(content, form, stem, alone=alone)
    if form == "html":
        from paycanary.report.files.html import page  # noqa: PLC0415 - the extra `report`

        return Encoded(page(content).encode(), {})
    from paycanary.report.files import typeset  # noqa: PLC0415

    return Encoded(typeset.pdf(content) if form == "pdf" else typeset.picture(content), {})


def _with_charts(content: Content, form: Form, stem: str, *, alone: bool) -> Encoded:
    suffix = "png" if form == "tistory" else "svg"
    pictures = [] if alone else [b for b in content.blocks if isinstance(b, Picture)]
    names = {picture.name: f"{stem}.{picture.name}.{suffix}" for picture in pictures}

    def beside(picture: Picture) -> str | None:
        return quote(names[picture.name]) if picture.name in names else None

    def on_site(picture: Picture) -> str | None:
        if picture.name not in names:
            return None
        return (
            "{{ '/assets/" + f"{quote(stem)}/{quote(names[picture.name])}" + "' | relative_url }}"
        )

    if form == "tistory":
        from paycanary.report.files.html import fragment  # noqa: PLC0415

        main = fragment(content, beside)
    else:
        from paycanary.report.files import markdown  # noqa: PLC0415

        write: Callable[..., str] = markdown.jekyll if form == "jekyll" else markdown.markdown
        main = write(content, on_site if form == "jekyll" else beside)
    return Encoded(main.encode(), {names[p.name]: _bytes(p, suffix) for p in pictures})


def _bytes(picture: Picture, suffix: str) -> bytes:
    if suffix == "svg":
        return picture.svg.encode()
    from paycanary.report.files.drawings import png  # noqa: PLC0415

    return png(picture.svg)

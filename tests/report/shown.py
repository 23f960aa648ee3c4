"""What a written file shows, read back by other tools than wrote it: text, tables, links, pages."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pypdfium2
import pypdfium2.raw as pdfium
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from paycanary.report.names import figure_value, source_name
from paycanary.verdict import concept_name
from paycanary.wording import month

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PIL.Image import Image

    from paycanary.models import Figure, Verdict

#: Every format that people read as text.
TEXTS: Final = ("md", "html", "jekyll", "tistory", "pdf")


@dataclass(frozen=True)
class Shown:
    """The text of a file without line ends, its table rows as texts, and where its links lead."""

    text: str
    rows: list[tuple[str, ...]]
    links: list[str]


def read(form: str, raw: bytes) -> Shown:
    """What a file of a format shows; a PDF has no rows."""
    if form == "pdf":
        return read_pdf(raw)
    text = raw.decode()
    if form == "jekyll":
        _, _, text = text.split("---\n", 2)
    if form in ("md", "jekyll"):
        text = rendered(text)
    return read_html(text)


def rendered(markdown: str) -> str:
    """Markdown as GitHub would show it, HTML in it included."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return str(reader.render(markdown))


def read_html(text: str) -> Shown:
    root = lxml_html.document_fromstring(f"<body>{text}</body>" if "<html" not in text else text)
    for unseen in root.xpath("//style | //title | //desc | //head"):
        unseen.drop_tree()
    rows = [tuple(_flat(cell.text_content()) for cell in row.xpath("./td")) for row in root.xpath("//tr[td]")]  # fmt: skip
    return Shown(_flat(root.text_content()), rows, [str(a) for a in root.xpath("//a/@href")])


def read_pdf(raw: bytes) -> Shown:
    document = pypdfium2.PdfDocument(raw)
    parts, links = [], []
    for page in document:
        parts.append(page.get_textpage().get_text_bounded())
        links += _links(document, page)
    return Shown(_flat(" ".join(parts)), [], links)


def pages(raw: bytes, scale: float = 1.5) -> list[Image]:
    """The pages of a PDF as pictures."""
    return [page.render(scale=scale).to_pil() for page in pypdfium2.PdfDocument(raw)]


def is_tagged(raw: bytes) -> bool:
    document = pypdfium2.PdfDocument(raw)
    return bool(pdfium.FPDFCatalog_IsTagged(document.raw))


def picture(raw: bytes) -> Image:
    from PIL import Image  # noqa: PLC0415

    return Image.open(io.BytesIO(raw))


def loose(text: str) -> str:
    """Text for comparison with a page, where lines break within what is said."""
    return re.sub(r"\s", "", text)


def expected_row(figure: Figure, lang: Any) -> tuple[str, ...]:
    """A figure as it must stand in a table: name, period, value, register, filing, day."""
    cells = (
        concept_name(figure.concept, lang),
        month(figure.period_end, lang) if figure.period_end else "",
        figure_value(figure.value, figure.unit, lang),
        source_name(figure.source, lang),
        figure.filing_id,
        str(figure.published_on),
    )
    return tuple(_flat(cell) for cell in cells)


def figures_of(verdict: Verdict) -> list[Figure]:
    """Every figure of a verdict but for the forecast's."""
    found = [figure for f in verdict.findings for figure in f.figures]
    return found + [figure for u in verdict.unknown for figure in u.figures]


def missing(shown: Shown, wanted: Iterable[str]) -> list[str]:
    """Texts that a file lacks."""
    text = loose(shown.text)
    return [w for w in wanted if loose(w) not in text]


def margins_are_white(page: Image, share: float = 0.05) -> bool:
    """Whether nothing is drawn at the left and right edges of a page."""
    grey = page.convert("L")
    wide = round(page.width * share)
    sides = (grey.crop((0, 0, wide, page.height)), grey.crop((page.width - wide, 0, page.width, page.height)))  # fmt: skip
    return all(side.getextrema()[0] > 250 for side in sides)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _links(document: Any, page: Any) -> list[str]:
    import ctypes  # noqa: PLC0415

    found, place, link = [], ctypes.c_int(0), pdfium.FPDF_LINK()
    while pdfium.FPDFLink_Enumerate(page.raw, place, link):
        action = pdfium.FPDFLink_GetAction(link)
        size = pdfium.FPDFAction_GetURIPath(document.raw, action, None, 0)
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDFAction_GetURIPath(document.raw, action, buffer, size)
        found.append(buffer.value.decode())
    return found


def rows_of(shown: Shown, wanted: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Wanted rows that no table of a file holds."""
    held = set(shown.rows)
    return [row for row in wanted if row not in held]

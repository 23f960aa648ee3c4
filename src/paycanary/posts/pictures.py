"""Pictures and files as they may be published: drawings without scripts, other formats as PNG, pages and programs as plain text."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any, Final

from lxml import etree

_ALIVE: Final = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler", "listener", "set", "animate"})  # fmt: skip
#: A browser or a program that makes sites would run these.
RUN: Final = frozenset({".html", ".htm", ".xhtml", ".shtml", ".xml", ".xsl", ".js", ".mjs", ".php", ".xht", ".md", ".mdown", ".markdown", ".org", ".adoc", ".asciidoc", ".ad", ".rst", ".pandoc", ".pdc"})  # fmt: skip
#: What can be drawn anew as PNG.
TURNED: Final = frozenset({".svg", ".webp"})


class PictureError(ValueError):
    """A picture that cannot be read."""


def safe_svg(raw: bytes) -> bytes:
    """A drawing without scripts, event handlers, and what it would fetch from elsewhere.

    Raises:
        PictureError: it is no drawing.
    """
    try:
        root = _parsed(raw, "internal")
    except PictureError:  # a word for what lies elsewhere is left out
        root = _parsed(raw, False)  # noqa: FBT003
    if _local(root) != "svg":
        raise PictureError("svg")
    etree.strip_tags(root, etree.Entity)
    for element in list(root.iter(etree.Element)):
        if _local(element) in _ALIVE and (parent := element.getparent()) is not None:
            parent.remove(element)
            continue
        for name, value in list(element.attrib.items()):
            local = str(name).rpartition("}")[2].lower()
            plain = re.sub(r"[\s\x00-\x1f]", "", str(value)).lower()
            is_away = local in ("href", "src") and not plain.startswith(("#", "data:image/"))
            is_style = local == "style" and ("url(" in plain or "expression" in plain)
            if local.startswith("on") or is_away or is_style:
                del element.attrib[name]
        if _local(element) == "style" and element.text and re.search(r"@import|url\(", element.text, re.IGNORECASE):  # fmt: skip
            element.text = ""
    return etree.tostring(root, encoding="utf-8")


def _parsed(raw: bytes, entities: Any) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=entities, no_network=True, load_dtd=False, remove_pis=True)  # fmt: skip
    try:
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PictureError(str(error)) from error


def to_png(raw: bytes, ending: str) -> bytes:
    """A picture of a kind in `TURNED`, drawn anew.

    Raises:
        PictureError: it cannot be read.
        ImportError: the extra ``report`` is not installed.
    """
    try:
        if ending == ".svg":
            import vl_convert  # noqa: PLC0415 - an extra

            return vl_convert.svg_to_png(safe_svg(raw).decode(), scale=2)
        return _drawn(raw)
    except ImportError:
        raise
    except Exception as error:  # whatever the two libraries call it
        raise PictureError(str(error)) from error


def _drawn(raw: bytes) -> bytes:
    import typst  # noqa: PLC0415 - an extra

    with tempfile.TemporaryDirectory(prefix="paycanary-") as folder:
        Path(folder, "picture.webp").write_bytes(raw)
        main = Path(folder, "main.typ")
        main.write_text(
            '#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#image("picture.webp")\n'
        )
        page = typst.compile(main, root=Path(folder), format="png", ppi=72)
    if not isinstance(page, bytes):
        raise PictureError("pages")
    return page


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()

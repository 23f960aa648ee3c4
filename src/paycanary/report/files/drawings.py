"""Charts that stand alone: the page's drawings with colours, a font, a ground and their legend inside. Extra ``report``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pylopdf_fonts_ko
import vl_convert
from lxml import etree

from paycanary.report import charts
from paycanary.report.card import width
from paycanary.report.files.blocks import Picture, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paycanary.errors import Lang
    from paycanary.report.series import Chart

FAMILY: Final = "Noto Sans KR"
#: The first is what the package carries; the others are what machines have where a file is opened.
_FAMILIES: Final = f"{FAMILY}, Apple SD Gothic Neo, Malgun Gothic, Noto Sans CJK KR, sans-serif"
#: The colours that pages give to the classes, on paper.
_COLOURS: Final = {"ink": "#545b64", "grid": "#dcd8ce", "paper": "#ffffff", "s1": "#0f5a6b", "s2": "#b4560b", "s3": "#6a4c93"}  # fmt: skip
_SVG: Final = "{http://www.w3.org/2000/svg}"
_EMPTY: Final = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
_SIZE: Final = 12
_LINE: Final = 20
_SAMPLE: Final = 18
_GAP: Final = 16
_EDGE: Final = 6


def picture(chart: Chart, lang: Lang, name: str) -> Picture | None:
    """The chart as a picture of a file; None where there is too little to draw. ``name``: its own within the file."""
    drawn = charts.draw(chart, lang)
    if not drawn:
        return None
    root: Any = etree.fromstring(drawn.encode(), etree.XMLParser(resolve_entities=False, no_network=True))  # fmt: skip
    for element in root.iter(etree.Element):
        _colour(element)
    _, _, wide, high = (float(x) for x in root.get("viewBox").split())
    whole = round(wide) + 2 * _EDGE
    samples, top = _legend(charts.legend(chart), whole)
    height = round(high) + top + 2 * _EDGE
    outer: Any = etree.fromstring(_EMPTY)
    outer.attrib.update({"viewBox": f"0 0 {whole} {height}", "width": str(whole), "height": str(height), "role": "img", "font-family": _FAMILIES, "aria-labelledby": f"{name}-name {name}-told"})  # fmt: skip
    inner = etree.Element(f"{_SVG}g", transform=f"translate({_EDGE},{top + _EDGE})")
    labels: list[Any] = []
    for child in list(root):
        (labels if child.tag in (f"{_SVG}title", f"{_SVG}desc") else inner).append(child)
    for label, part in zip(labels, ("name", "told"), strict=True):
        label.set("id", f"{name}-{part}")
    ground = _shape("rect", width=whole, height=height, fill=_COLOURS["paper"])
    outer.extend([*labels, ground, *samples, inner])
    etree.cleanup_namespaces(outer)
    text: str = etree.tostring(outer, encoding="unicode")
    return Picture(name, f"{chart.title}. {chart.told}", text, whole, height)


def png(svg: str, scale: float = 2) -> bytes:
    """A drawing as a PNG, so many pixels a unit."""
    _register()
    drawn: bytes = vl_convert.svg_to_png(svg, scale=scale)
    return drawn


@cache
def _register() -> None:
    """Tell the drawing library of the font that a dependency carries; once a process."""
    vl_convert.register_font_directory(str(pylopdf_fonts_ko.sans_path().parent))


def _colour(element: Any) -> None:
    """Classes become the colours that they stand for."""
    for name in (element.attrib.pop("class", "")).split():
        kind = {"f": "fill", "k": "stroke"}.get(name[:1])
        if kind and name[2:] in _COLOURS:
            element.set(kind, _COLOURS[name[2:]])


def _legend(entries: list[tuple[str, str]], whole: float) -> tuple[list[Any], int]:
    """Samples and names of the series in lines no wider than the drawing; and how high they are."""
    if not entries:
        return [], 0
    shapes: list[Any] = []
    x, y = float(_EDGE), _EDGE
    for look, name in entries:
        needs = _SAMPLE + 6 + width(name, _SIZE)
        if x > _EDGE and x + needs > whole - _EDGE:
            x, y = float(_EDGE), y + _LINE
        shapes.extend(_sample(look, x, y))
        label = _shape("text", x=round(x + _SAMPLE + 6, 1), y=y + 12, fill=_COLOURS["ink"])
        label.set("font-size", str(_SIZE))
        label.text = clean(name)
        shapes.append(label)
        x += needs + _GAP
    return shapes, y + _LINE


def _sample(look: str, x: float, y: int) -> Iterator[Any]:
    """The sign of a series as its chart draws it: a filled, hollow or dotted box, a line with round or square points."""
    series, form = look.split()
    colour, paper = _COLOURS[series], _COLOURS["paper"]
    if form in ("full", "hollow", "dotted"):
        box = _shape("rect", x=x + 1, y=y + 2, width=_SAMPLE - 4, height=11, fill=colour if form == "full" else paper, stroke=colour)  # fmt: skip
        box.set("stroke-width", "1.6")
        if form == "dotted":
            box.set("stroke-dasharray", "2,2")
        yield box
        return
    line = _shape("path", d=f"M{x},{y + 8}h{_SAMPLE}", stroke=colour, fill="none")
    line.set("stroke-width", "2")
    if form == "dashes":
        line.set("stroke-dasharray", "5,3")
        point = _shape("rect", x=x + 6, y=y + 5, width=6, height=6, fill=paper, stroke=colour)
    else:
        point = _shape("circle", cx=x + 9, cy=y + 8, r=3.2, fill=colour, stroke=colour)
    yield from (line, point)


def _shape(tag: str, **attributes: float | str) -> Any:
    return etree.Element(f"{_SVG}{tag}", {k: str(v) for k, v in attributes.items()})

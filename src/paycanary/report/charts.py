"""Charts as SVG: Vega-Lite specifications of our own, drawn by vl-convert, coloured by the page's style sheet.

A drawing holds no style, no font and no colour: what has a colour carries a class instead, so that a strict content security
policy holds and dark pages have dark charts. Series differ by filling, dashes and shapes too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import vl_convert
from lxml import etree

from paycanary.report.names import UNFIT
from paycanary.report.series import LEAST, MONTHS, Chart, words
from paycanary.wording import money, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paycanary.errors import Lang
    from paycanary.report.series import Row

#: Stand-ins for colours; `_tidy` turns them into classes (f: fill, k: stroke).
_INK, _GRID, _PAPER = "#000001", "#000002", "#000003"
_SERIES: Final = ("#000011", "#000012", "#000013")
_CLASSES: Final = {_INK: "ink", _GRID: "grid", _PAPER: "paper"} | {c: f"s{i}" for i, c in enumerate(_SERIES, 1)}  # fmt: skip
_WIDTH: Final = 290
_MARGIN: Final = 46
_SCALES: Final[dict[str, tuple[float, ...]]] = {"ko": (1e12, 1e8, 1e4), "en": (1e12, 1e9, 1e6)}
_LABELS: Final = 6
_SHARES: Final = (0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
_KEPT: Final = {"viewBox", "class", "transform", "d", "x", "y", "x2", "y2", "text-anchor", "font-size", "fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity"}  # fmt: skip
_NUMBER: Final = re.compile(r"-?\d+\.\d+")
_CONFIG: Final = {
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK, "titleColor": _INK, "gridColor": _GRID, "domainColor": _GRID, "tickColor": _GRID,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
    },
    "text": {"color": _INK, "fontSize": 12},
    "concat": {"spacing": 18},
}  # fmt: skip


def draw(chart: Chart, lang: Lang) -> str:
    """The chart as an SVG element for a page; empty where there is too little to draw."""
    if not chart.is_drawn:
        return ""
    panels = {"accounts": _accounts, "cash": _cash, "people": _people, "money": _money}
    spec = {
        "background": None,
        "config": _CONFIG,
        "padding": {"left": 2, "right": 8, "top": 4, "bottom": 2},
        "vconcat": panels[chart.name](chart, lang),
    }
    return _tidy(vl_convert.vegalite_to_svg(spec), chart.name, chart.title, chart.told)


def legend(chart: Chart) -> list[tuple[str, str]]:
    """(class of the sample, name) of each series that the drawing holds."""
    looks = {
        "accounts": {"revenue": "s3 line", "operating_profit": "s1 full", "net_income": "s2 hollow"},
        "cash": {"cash": "s1 full", "short_term_investments": "s2 hollow"},
        "people": {"insured": "s1 line", "staff": "s2 dashes", "joiners": "s1 full", "leavers": "s2 hollow"},
        "money": {"sales": "s1 full", "shares": "s2 hollow", "bonds": "s3 dotted"},
    }[chart.name]  # fmt: skip
    hidden = () if len(_moves(chart)) >= LEAST else ("joiners", "leavers")
    return [
        (look, chart.columns[key])
        for key, look in looks.items()
        if key in chart.columns
        and key not in hidden
        and any(v is not None for v in chart.values(key))
    ]


def reliability(name: str, title: str, told: str, points: Sequence[tuple[float, float]], axes: tuple[str, str]) -> str:  # fmt: skip
    """What was predicted and what happened, a point a group, around the line on which both are the same."""
    most = max(value for point in points for value in point)
    ticks = [tick for tick in _SHARES if tick <= most * 1.3] or [0]
    scale = {"type": "sqrt", "domain": [0, most * 1.1], "nice": False}
    axis = {"values": ticks, "format": ".1~%", "tickCount": len(ticks)}
    x = {"field": "x", "type": "quantitative", "scale": scale, "axis": axis | {"title": axes[0], "labelFlush": False}}  # fmt: skip
    y = {"field": "y", "type": "quantitative", "scale": scale, "axis": _axis(axes[1]) | axis}
    line = {"data": {"values": [{"x": 0, "y": 0}, {"x": most * 1.1, "y": most * 1.1}]}, "mark": {"type": "line", "color": _INK, "strokeDash": [4, 3]}}  # fmt: skip
    dots = {"data": {"values": [{"x": x, "y": y} for x, y in points]}, "mark": {"type": "point", "shape": "circle", "size": 60, "filled": True, "fill": _SERIES[0], "stroke": _SERIES[0], "clip": False}}  # fmt: skip
    spec = {
        "background": None,
        "config": _CONFIG,
        "padding": {"left": 2, "right": 12, "top": 18, "bottom": 2},
        "width": _WIDTH,
        "height": _WIDTH,
        "encoding": {"x": x, "y": y},
        "layer": [line, dots],
    }
    return _tidy(vl_convert.vegalite_to_svg(spec), name, title, told)


def _accounts(chart: Chart, lang: Lang) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = []
    if any(v is not None for v in chart.values("revenue")):
        panels.append(_sales(chart, lang))
    both = _bars(chart, {"operating_profit": _full(0), "net_income": _hollow(1)}, lang, height=130)
    panels.append(both)
    panels[-1]["title"] = _title(words(lang)["profits"])
    panels[-1]["encoding"] = {"x": _periods(_short(chart), shown=True)}
    return panels


def _sales(chart: Chart, lang: Lang) -> dict[str, Any]:
    """Revenue as a line whose points bear their numbers, so that nobody takes it for one of the profits below it."""
    scale, _ = _scale(chart, ["revenue"], lang)
    points: list[dict[str, Any]] = []
    for row, label in zip(chart.rows, _short(chart), strict=True):
        cell = row.cells.get("revenue")
        y, text = (
            (cell.value / scale, _compact(cell.value, cell.unit, lang)) if cell else (None, "–")
        )
        points.append({"x": label, "y": y, "text": text})
    look = {"type": "line", "color": _SERIES[2], "strokeWidth": 2, "invalid": "break-paths-show-domains", "point": {"size": 40, "fill": _SERIES[2], "stroke": _SERIES[2], "strokeWidth": 1.5}}  # fmt: skip
    line = {"data": {"values": points}, "mark": look, "encoding": {"y": _amounts(None)}}
    low = [_is_low([point["y"] for point in points], place) for place in range(len(points))]
    above = _text([p | {"y": p["y"] or 0} for p, below in zip(points, low, strict=True) if not below], -11)  # fmt: skip
    below = _text([p for p, below in zip(points, low, strict=True) if below], 13)
    return {
        "width": _WIDTH,
        "height": 88,
        "title": _title(words(lang)["revenue"]),
        "encoding": {"x": _periods(_short(chart), shown=False)},
        "layer": [line, above, below, _zero()],
    }


def _is_low(values: list[float | None], place: int) -> bool:
    """Whether the line rises from a point to its neighbours, so that its number has room only below it (not at the bottom)."""
    value = values[place]
    beside = [v for v in values[max(place - 1, 0) : place] + values[place + 1 : place + 2] if v is not None]  # fmt: skip
    if value is None or not beside:
        return False
    return max(v for v in values if v is not None) / 3 < value < sum(beside) / len(beside)


def _cash(chart: Chart, lang: Lang) -> list[dict[str, Any]]:
    looks = {"cash": _full(0), "short_term_investments": _hollow(1)}
    scale, unit = _scale(chart, looks, lang)
    values, totals = [], []
    for row, label in zip(chart.rows, _short(chart), strict=True):
        floor = 0.0
        for key in looks:
            if key in row.cells:
                top = floor + row.cells[key].value / scale
                values.append({"x": label, "low": floor, "y": top, "key": key})
                floor = top
        totals.append({"x": label, "y": floor, "text": _compact(floor * scale, row.cells["cash"].unit, lang)})  # fmt: skip
    layers = [
        {"data": {"values": [v for v in values if v["key"] == key]}, "mark": {"type": "bar", **look},
         "encoding": {"y": _amounts(unit), "y2": {"field": "low"}}}
        for key, look in looks.items()
    ]  # fmt: skip
    layers.append(_text(totals))
    x = _periods(_short(chart), shown=True)
    return [{"width": _WIDTH, "height": 170, "encoding": {"x": x}, "layer": layers}]


def _money(chart: Chart, lang: Lang) -> list[dict[str, Any]]:
    looks = {"sales": _full(0), "shares": _hollow(1), "bonds": _hollow(2) | {"strokeDash": [2, 2]}}
    panel = _bars(chart, {k: v for k, v in looks.items() if k in chart.columns}, lang, height=170)
    panel["encoding"] = {"x": _periods(_short(chart), shown=True)}
    return [panel]


def _people(chart: Chart, lang: Lang) -> list[dict[str, Any]]:
    looks: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "insured": ({"color": _SERIES[0]}, {"shape": "circle", "fill": _SERIES[0]}),
        "staff": ({"color": _SERIES[1], "strokeDash": [5, 3]}, {"shape": "square", "fill": _PAPER, "stroke": _SERIES[1]}),
    }  # fmt: skip
    axis = {"title": None, "format": "%Y.%m" if lang == "ko" else "%Y-%m", "grid": False, "tickCount": 4, "labelOverlap": True}  # fmt: skip
    x = {"field": "x", "type": "temporal", "scale": {"type": "utc", "nice": False}, "axis": axis}
    y = {"field": "y", "type": "quantitative", "axis": _axis(words(lang)["unit"].format(unit=words(lang)["persons"]))}  # fmt: skip
    layers = []
    for key, (line, point) in looks.items():
        values = [{"x": r.period.isoformat(), "y": r.cells[key].value} for r in chart.rows if key in r.cells]  # fmt: skip
        if values:
            marks = {"type": "line", "strokeWidth": 2, **line, "point": {"size": 36, "strokeWidth": 1.5, **point}}  # fmt: skip
            layers.append({"data": {"values": values}, "mark": marks, "encoding": {"x": x, "y": y}})
    panels: list[dict[str, Any]] = [{"width": _WIDTH, "height": 130, "layer": layers}]
    moves = _moves(chart)
    if len(moves) >= LEAST:
        bars = []
        for key, sign, look in (("joiners", 1, _full(0)), ("leavers", -1, _hollow(1))):
            values = [{"x": t, "y": sign * r.cells[key].value} for r, t in moves if key in r.cells]  # fmt: skip
            bars.append({"data": {"values": values}, "mark": {"type": "bar", **look}, "encoding": {"y": y}})  # fmt: skip
        x = _periods([label for _, label in moves], shown=True)
        title = _title(words(lang)["moves"])
        panels.append({"width": _WIDTH, "height": 90, "title": title, "encoding": {"x": x}, "layer": [*bars, _zero()]})  # fmt: skip
    return panels


def _moves(chart: Chart) -> list[tuple[Row, str]]:
    """The months with joiners or leavers and their short names; fewer than two are not drawn."""
    labelled = zip(chart.rows, _short(chart), strict=True)
    return [(r, t) for r, t in labelled if "joiners" in r.cells or "leavers" in r.cells][-MONTHS:]


def _bars(chart: Chart, looks: dict[str, dict[str, Any]], lang: Lang, *, height: int) -> dict[str, Any]:  # fmt: skip
    """Bars beside each other for each period, one panel."""
    scale, unit = _scale(chart, looks, lang)
    layers: list[dict[str, Any]] = []
    named = list(zip(chart.rows, _short(chart), strict=True))
    for key, look in looks.items():
        values = [{"x": label, "y": row.cells[key].value / scale, "key": key} for row, label in named if key in row.cells]  # fmt: skip
        offset = {"field": "key", "type": "nominal", "scale": {"domain": list(looks)}}
        place = {"y": _amounts(unit), "xOffset": offset}
        layers.append({"data": {"values": values}, "mark": {"type": "bar", **look}, "encoding": place})  # fmt: skip
    x = _periods(_short(chart), shown=False)
    return {"width": _WIDTH, "height": height, "encoding": {"x": x}, "layer": [*layers, _zero()]}


def _short(chart: Chart) -> list[str]:
    """Names of the periods that fit under bars: the year where all end in one month, else year and month in digits."""
    if len({row.period.month for row in chart.rows}) == 1:
        return [str(row.period.year) for row in chart.rows]
    return [f"{row.period:%y}{row.label[4:]}" for row in chart.rows]


def _full(series: int) -> dict[str, Any]:
    return {"fill": _SERIES[series], "stroke": _SERIES[series], "strokeWidth": 1}


def _hollow(series: int) -> dict[str, Any]:
    return {"fill": _PAPER, "stroke": _SERIES[series], "strokeWidth": 1.6}


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "anchor": "start", "fontSize": 12, "fontWeight": "normal", "color": _INK, "offset": 18}  # fmt: skip


def _zero() -> dict[str, Any]:
    return {"data": {"values": [{"y": 0}]}, "mark": {"type": "rule", "color": _INK}, "encoding": {"x": None, "y": {"field": "y", "type": "quantitative"}}}  # fmt: skip


def _text(values: list[dict[str, Any]], dy: int = -7) -> dict[str, Any]:
    encoding = {"text": {"field": "text"}, "y": {"field": "y", "type": "quantitative"}}
    return {"data": {"values": values}, "mark": {"type": "text", "dy": dy}, "encoding": encoding}


def _periods(labels: list[str], *, shown: bool) -> dict[str, Any]:
    every = -(-len(labels) // _LABELS)
    axis = {"title": None, "labelAngle": 0, "grid": False, "values": labels[::-1][::every], "labels": shown, "ticks": False}  # fmt: skip
    scale = {"domain": labels, "paddingInner": 0.25, "paddingOuter": 0.1}
    return {"field": "x", "type": "ordinal", "sort": None, "scale": scale, "axis": axis}


def _amounts(unit: str | None) -> dict[str, Any]:
    """The axis of amounts; without a unit only its room is kept, for points that bear their numbers."""
    axis = _axis(unit)
    if unit is None:
        axis |= {"labels": False, "ticks": False, "domain": False, "grid": False}
    return {"field": "y", "type": "quantitative", "axis": axis}


def _axis(title: str | None) -> dict[str, Any]:
    place = {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleX": -_MARGIN + 2, "titleY": -10}  # fmt: skip
    return {"title": title, "tickCount": 4, "minExtent": _MARGIN, "maxExtent": _MARGIN, **place}


def _scale(chart: Chart, keys: Iterable[str], lang: Lang) -> tuple[float, str]:
    """What to divide amounts by, and what the axis is then called."""
    cells = [row.cells[key] for row in chart.rows for key in keys if key in row.cells]
    largest = max((abs(cell.value) for cell in cells), default=0)
    scales = _SCALES[lang]
    scale = next((s for s in scales if largest >= s), scales[-1])
    name = money(scale, cells[0].unit if cells else "KRW", lang).removeprefix("1").strip()
    return scale, words(lang)["unit"].format(unit=name)


def _compact(value: float, currency: str, lang: Lang) -> str:
    """A label with room for three or four digits: ``7.9조``, ``3,456억``, ``345.6bn``."""
    scales = _SCALES[lang]
    scale = next((s for s in scales if abs(value) >= s), scales[-1])
    small = abs(value) < 10 * scale
    name = money(scale, currency, lang).removeprefix("1").split()[0]
    return number(value / scale, 1 if small else 0) + name


def _tidy(svg: str, name: str, title: str, told: str) -> str:
    """Leave lines, shapes and words; colours become classes, and the whole is one image with a name and a description."""
    root = etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    for element in list(root.iter(etree.Element)):
        if element.get("class") in ("background", "foreground") or element.get("display") == "none":
            element.getparent().remove(element)
            continue
        classes = [
            f"{letter}-{_CLASSES[element.get(kind)]}"
            for letter, kind in (("f", "fill"), ("k", "stroke"))
            if element.get(kind) in _CLASSES
        ]
        for unfit in [n for n in element.attrib if n not in _KEPT or n == "class"]:
            del element.attrib[unfit]
        for kind in ("fill", "stroke"):
            if element.get(kind) in _CLASSES:
                del element.attrib[kind]
        if classes:
            element.set("class", " ".join(classes))
        for numbers in ("d", "transform"):
            if numbers in element.attrib:
                element.set(numbers, _NUMBER.sub(lambda m: f"{float(m[0]):.1f}".removesuffix(".0"), element.get(numbers)))  # fmt: skip
    root.set("class", "chart")
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-name {name}-told")
    for place, (tag, text) in enumerate((("title", title), ("desc", told))):
        label = etree.Element(tag, id=f"{name}-{'name' if tag == 'title' else 'told'}")
        label.text = UNFIT.sub("", text)
        root.insert(place, label)
    etree.cleanup_namespaces(root)
    drawn: str = etree.tostring(root, encoding="unicode")
    return drawn

"""What must hold for every page in every state, as a browser sees it: `look` at it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.chromium import Person

_AXE: Final = Axe()
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Narrower than any phone: also a desktop page at 400 %; and twice as large.
_REFLOW: Final = (320, 640)
#: What was looked at in this process: (what, width, scheme).
_SEEN: Final[set[str]] = set()
#: Words that only a mistake brings onto a page.
_SLIPS: Final = re.compile(
    r"\bNone\b|\bnull\b|\bundefined\b|\bNaN\b|\[object |\{\{|\{%|Traceback|<built-in|\{[a-z_]+\}"
)

#: No selectors, which are half of axe's time and tell nobody more than the element itself; nothing here is loaded to be judged, as sounds are.
_VIOLATIONS: Final = """only => axe.run({
  resultTypes: ['violations'], runOnly: only, selectors: false, elementRef: false, preload: false,
}).then(found => found.violations)"""
_TOO_WIDE: Final = """() => {
  const room = document.documentElement.clientWidth;
  const isIn = e => e.closest("[class~=scroll], pre, textarea, .spoken, .unseen, .skip");
  const wide = document.scrollingElement.scrollWidth > room
    ? [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > room + 1 && !isIn(e)) : [];
  return document.scrollingElement.scrollWidth > room
    ? [`${document.scrollingElement.scrollWidth} > ${room}`, ...wide.slice(0, 5).map(e => e.outerHTML.slice(0, 160))] : [];
}"""
_MOVING: Final = """() => [...document.querySelectorAll("*")].filter(e => {
  const s = getComputedStyle(e);
  const long = v => v.split(",").some(t => parseFloat(t) > (t.includes("ms") ? 10 : 0.01));
  return long(s.transitionDuration) || (s.animationName !== "none" && long(s.animationDuration)) || s.scrollBehavior === "smooth";
}).map(e => e.outerHTML.slice(0, 120)).slice(0, 5)"""
_FRAME: Final = """() => ({
  lang: document.documentElement.lang,
  title: document.title,
  headings: document.querySelectorAll("h1").length,
  inline: document.querySelectorAll("[style], style, script:not([src]):not([type='application/ld+json'])").length,
  handlers: [...document.querySelectorAll("*")].filter(e => [...e.attributes].some(a => a.name.startsWith("on"))).length,
  ids: [...document.querySelectorAll("[id]")].map(e => e.id).filter((id, n, all) => all.indexOf(id) !== n),
  targets: [...document.querySelectorAll("a[href^='#']")].map(a => a.getAttribute("href").slice(1))
    .filter(id => id && !document.getElementById(id)),
  text: document.body.innerText,
})"""
#: Everything a keyboard has to reach.
_REACHABLE: Final = """() => {
  const shown = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !e.closest("[inert], .unseen, [aria-hidden=true]");
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
  const group = e => e.type === "radio" ? e.form?.querySelector(`input[type=radio][name="${e.name}"]:checked`) ?? e.form?.querySelector(`input[type=radio][name="${e.name}"]`) : e;
  const wanted = all.filter(e => !e.disabled && shown(e) && group(e) === e && e.tabIndex >= 0);
  wanted.forEach((e, n) => e.dataset.wanted = n);
  return wanted.map(e => e.outerHTML.slice(0, 140));
}"""
_FOCUSED: Final = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const s = getComputedStyle(e), box = e.getBoundingClientRect();
  const y = Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1);
  const x = Math.min(Math.max(box.left + Math.min(box.width / 2, 30), 0), innerWidth - 1);
  const top = document.elementFromPoint(x, y);
  return {
    number: e.dataset.wanted ?? null, html: e.outerHTML.slice(0, 140),
    marked: (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none",
    visible: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    covered: !!top && !e.contains(top) && !top.contains(e) && top.closest("label")?.control !== e,
  };
}"""


def look(person: Person, *, keys: bool = False) -> None:
    """Assert all that holds for every page; ``keys`` also walks it by keyboard alone."""
    page = person.page
    where = f"{person.path} ({person.kind})"
    frame = page.evaluate(_FRAME)
    assert frame["lang"] == person.kind.lang, where
    assert frame["title"], where
    assert frame["headings"] == 1, f"{where}: {frame['headings']} h1"
    assert (frame["inline"], frame["handlers"]) == (0, 0), where
    assert frame["ids"] == [], f"{where}: the same id twice"
    assert frame["targets"] == [], f"{where}: links to nothing on the page"
    slip = _SLIPS.search(frame["text"])
    assert slip is None, f"{where}: {frame['text'][max(0, slip.start() - 60) : slip.end() + 60]!r}"
    if _is_new(person, "layout"):
        seen = person.seen()
        _assert_fits(seen, where)
        _assert_still(seen, where)
        _assert_accessible(seen, where)
    if keys and _is_new(person, "keys"):
        walk_by_keyboard(person)
    assert person.problems == [], where


def walk_by_keyboard(person: Person) -> None:
    """Everything that can be used is reached by Tab, in view, not covered, and shows that it has the focus."""
    page = person.page
    wanted = page.evaluate(_REACHABLE)
    page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    reached = set()
    for _ in range(len(wanted) + 20):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None:
            break
        where = f"{person.path}: {focused['html']}"
        assert focused["marked"], f"focus cannot be seen at {where}"
        assert focused["visible"], f"focus is out of view at {where}"
        assert not focused["covered"], f"focus is covered at {where}"
        if focused["number"] is not None:
            reached.add(int(focused["number"]))
    missed = [html for number, html in enumerate(wanted) if number not in reached]
    assert missed == [], f"{person.path}: no key reaches"


def _is_new(person: Person, what: str) -> bool:
    """Whether this very page at this size was not looked at yet: stories meet the same pages again and again."""
    # Tokens of forms differ each time, and nothing that is looked at depends on them.
    html = re.sub(r'name="form_token" value="[^"]*"', "", person.page.content())
    state = hashlib.sha256(f"{what} {person.kind.screen} {html}".encode()).hexdigest()
    is_new = state not in _SEEN
    _SEEN.add(state)
    return is_new


def _assert_fits(page: Page, where: str) -> None:
    size = page.viewport_size
    assert size is not None
    for width in (size["width"], *_REFLOW):
        page.set_viewport_size({"width": width, "height": size["height"]})
        assert page.evaluate(_TOO_WIDE) == [], f"{where} scrolls sideways at {width}"
    page.set_viewport_size(size)


def _assert_still(page: Page, where: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(_MOVING) == [], f"{where} moves for who asked for rest"
    page.emulate_media(reduced_motion="no-preference")


def _assert_accessible(page: Page, where: str) -> None:
    page.evaluate(_AXE.axe_script)
    for scheme, only in (("light", _RULES), ("dark", ["color-contrast"])):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate(_VIOLATIONS, only)
        assert [_told(v) for v in found] == [], f"{where} in {scheme}"
    page.emulate_media(color_scheme="light")


def _told(violation: dict[str, Any]) -> str:
    nodes = "\n  ".join(f"{n['html'][:200]} {n['failureSummary']}" for n in violation["nodes"][:4])
    return f"{violation['id']}: {violation['help']}\n  {nodes}"

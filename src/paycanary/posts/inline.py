"""Words of Markdown -> `Run`s. HTML among them is let through only for a short list of elements; the rest is shown as text."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from paycanary.posts.blocks import Run, Style, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.token import Token

_STYLES: Final[dict[str, Style]] = {
    "strong": "bold", "b": "bold", "em": "italic", "i": "italic", "s": "strike", "del": "strike", "code": "code",
    "u": "underline", "sub": "sub", "sup": "sup", "mark": "mark", "kbd": "kbd",
}  # fmt: skip
_TAG: Final = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?P<rest>(?:\s[^>]*)?)/?>\s*", re.DOTALL)  # fmt: skip
_ATTRIBUTE: Final = re.compile(r"""\b(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ICON: Final = re.compile(r"https://(?:www\.)?notion\.so/(?:icons|images)/")


class Inline:
    """Reads the children of one inline token.

    Args:
        resolve: where an address in the page leads; None: nowhere that may be linked.
        note: told of what is lost, as (reason, detail).
    """

    def __init__(
        self, resolve: Callable[[str], Target | None], note: Callable[[str, str], None]
    ) -> None:
        self.resolve = resolve
        self.note = note
        self.runs: list[Run] = []
        self.styles: list[Style] = []
        self.links: list[Target | None] = []

    def read(self, tokens: Sequence[Token]) -> list[Run]:
        """Runs of these tokens, neighbours of one style joined."""
        for token in tokens:
            self._take(token)
        return join(self.runs)

    def _add(self, text: str, kind: str = "text") -> None:
        link = next((link for link in reversed(self.links) if link), None)
        self.runs.append(Run(text, frozenset(self.styles), link, kind))  # type: ignore[arg-type]

    def _take(self, token: Token) -> None:  # noqa: C901 - one for each kind
        name = token.type
        if name in ("text", "text_special"):
            self._add(token.content)
        elif name in ("softbreak", "hardbreak"):
            self._add("", "break")
        elif name == "code_inline":
            self.styles.append("code")
            self._add(token.content)
            self.styles.pop()
        elif name.startswith("math_inline"):
            self._add(token.content.strip(), "math")
        elif name == "footnote_ref":
            self._add(str(token.meta["id"] + 1), "footnote")
        elif name == "image":
            self._image(str(token.attrs.get("src", "")), token.content)
        elif name == "html_inline":
            self._html(token.content)
        elif name == "link_open":
            self._open_link(str(token.attrs.get("href", "")))
        elif name == "link_close":
            self._close_link()
        elif name.endswith("_open"):
            self.styles.append(_STYLES[token.tag])
        elif name.endswith("_close"):
            self._close(_STYLES[token.tag])

    def _close(self, style: Style) -> None:
        if style in self.styles:
            del self.styles[len(self.styles) - 1 - self.styles[::-1].index(style)]

    def _open_link(self, href: str) -> None:
        target = self.resolve(href)
        if target is None and href:
            self.note("link_dropped", href)
        self.links.append(target)

    def _close_link(self) -> None:
        if self.links:  # an element may have ended Markdown's link, or the other way round
            self.links.pop()

    def _image(self, source: str, alt: str) -> None:
        target = self.resolve(source)
        if target is None:
            self.note("image_dropped", source)
            self._add(alt)
            return
        self.runs.append(Run(alt, frozenset(), target, "image"))

    def _html(self, raw: str) -> None:
        if raw.startswith("<!--"):
            return
        match = _TAG.fullmatch(raw)
        name = match["name"].lower() if match else ""
        if match is None or (name not in _STYLES and name not in ("a", "br", "img", "span", "p", "hr")):  # fmt: skip
            self.note("html_shown", raw)
            self._add(raw)
            return
        attributes = {k.lower(): html.unescape(a or b) for k, a, b in _ATTRIBUTE.findall(match["rest"])}  # fmt: skip
        if name in ("br", "hr") or (name == "p" and match["end"]):
            self._add("", "break")
        elif name == "img":
            if not _ICON.match(attributes.get("src", "")):
                self._image(attributes.get("src", ""), attributes.get("alt", ""))
        elif name == "a":
            if not match["end"]:
                self._open_link(attributes.get("href", ""))
            else:
                self._close_link()
        elif name in _STYLES:
            if match["end"]:
                self._close(_STYLES[name])
            else:
                self.styles.append(_STYLES[name])


def join(runs: Sequence[Run]) -> list[Run]:
    """Neighbouring text of one style and link as one run; empty text left out."""
    joined: list[Run] = []
    for run in runs:
        if run.kind == "text" and not run.text:
            continue
        last = joined[-1] if joined else None
        if last and last.kind == run.kind == "text" and (last.styles, last.link) == (run.styles, run.link):  # fmt: skip
            joined[-1] = Run(last.text + run.text, run.styles, run.link)
        else:
            joined.append(run)
    return joined


def strip(runs: Sequence[Run]) -> list[Run]:
    """Without breaks and white space at either end."""
    kept = list(runs)
    while kept and (kept[0].kind == "break" or (kept[0].kind == "text" and not kept[0].text.strip())):  # fmt: skip
        kept.pop(0)
    while kept and (kept[-1].kind == "break" or (kept[-1].kind == "text" and not kept[-1].text.strip())):  # fmt: skip
        kept.pop()
    return kept

"""What the Markdown of each place understands, and what its programs would take for their own instructions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from paycanary.posts.sites import Site
    from paycanary.posts.spans import Spans

_LIQUID: Final = re.compile(r"\{\{|\{%")
_SHORTCODE: Final = re.compile(r"\{\{([<%])(.*?)([>%])\}\}", re.DOTALL)
_OPENING: Final = re.compile(r"\{\{(?=[<%])")
#: How addresses begin that the program works out; one of a page begins with its scheme.
_OWN: Final = ("{{", "{%")
_HYPHENS: Final = re.compile(r"--+")
#: Unseen, keeps two signs apart.
_JOINER: Final = "\u2060"


class Noting(Protocol):
    """How a writer tells what was lost."""

    def __call__(self, reason: str, *, detail: str = "") -> None:
        """Note it at the place that is being written."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """GitHub's Markdown with TeX in dollar signs, as velog reads it; the others say where they differ.

    Attributes:
        has_html: elements among Markdown are kept.
        details: what opens a folded part; "" where none is kept.
        math_note: what is said about TeX in the report, "" for nothing.
        escapes_code_bars: in a table, a bar in code is escaped too.
        has_backslash_break: a backslash ends a line.
        marks_start: a numbered list's first number needs a line of its own.
    """

    has_html: bool = True
    details: str = "<details>"
    math_note: str = ""
    escapes_code_bars: bool = True
    has_backslash_break: bool = True
    marks_start: bool = False

    def guard_html(self, text: str) -> str:
        """Words as HTML, which the program reads before any Markdown."""
        return text

    def guard_text(self, text: str) -> str:
        """Words that are already free of Markdown."""
        return text

    def guard_code(self, text: str, note: Noting) -> str:  # noqa: ARG002 - others do
        """What stands within code."""
        return text

    def address(self, address: str) -> str:
        """An address as a link's goal."""
        return re.sub(r"[\s<>()\\]", lambda m: "".join(f"%{c:02X}" for c in m[0].encode()), address)

    def attribute(self, address: str) -> str:
        """An address as the goal of a link in HTML; what the program itself works out is no address yet."""
        return address if address.startswith(_OWN) else escape(self.address(address))

    def inline_math(self, tex: str, spans: Spans) -> str:  # noqa: ARG002 - others do
        """TeX within a line."""
        return f"${tex}$"

    def block_math(self, tex: str, spans: Spans) -> str:  # noqa: ARG002 - others do
        """TeX of its own; lines without blank ones between."""
        return f"$$\n{tex}\n$$"


@dataclass(frozen=True, slots=True)
class Jekyll(Dialect):
    """kramdown, after Liquid."""

    details: str = '<details markdown="1">'
    math_note: str = "math_theme"
    escapes_code_bars: bool = False
    has_backslash_break: bool = False
    marks_start: bool = True

    def guard_html(self, text: str) -> str:
        """Words as HTML, with braces as entities."""
        # An entity, since Liquid reads {% behind a backslash too.
        return text.replace("{", "&#123;")

    def guard_text(self, text: str) -> str:
        """Words, with braces as entities, and carets, before which kramdown shows a backslash."""
        return _unset(self.guard_html(text)).replace(r"\^", "&#94;")

    def guard_code(self, text: str, note: Noting) -> str:  # noqa: ARG002
        """Code, its instructions shown as text."""
        return _LIQUID.sub(lambda m: f'{{{{ "{m[0]}" }}}}', text)

    def address(self, address: str) -> str:
        """An address, with no brace in it but our own."""
        if address.startswith(_OWN):
            return address
        plain = super(Jekyll, self).address(address)
        return plain.replace("{", "%7B").replace("}", "%7D").replace("|", "%7C")

    def inline_math(self, tex: str, spans: Spans) -> str:  # noqa: ARG002
        """TeX within a line."""
        return f"$${_spaced(tex)}$$"

    def block_math(self, tex: str, spans: Spans) -> str:  # noqa: ARG002
        """TeX of its own."""
        return f"$$\n{_spaced(tex)}\n$$"


@dataclass(frozen=True, slots=True)
class Hugo(Dialect):
    """goldmark, after shortcodes; HTML and TeX only where the site's own configuration lets them through."""

    has_html: bool = False
    details: str = ""
    math_note: str = "math_theme"
    inline_marks: tuple[str, str] | None = None
    block_marks: tuple[str, str] | None = None

    @classmethod
    def of(cls, site: Site) -> Hugo:
        """As a site is configured."""
        has_html = site.has_html
        return cls(
            has_html=has_html,
            details="<details>" if has_html else "",
            inline_marks=site.inline_math,
            block_marks=site.block_math,
        )

    def guard_html(self, text: str) -> str:
        """Words as HTML, with braces as entities."""
        return text.replace("{", "&#123;")

    def guard_text(self, text: str) -> str:
        """Words, with braces as entities."""
        return _unset(self.guard_html(text))

    def guard_code(self, text: str, note: Noting) -> str:
        """Code, its instructions shown as text."""
        whole: list[str] = []
        end = 0
        for match in _SHORTCODE.finditer(text):
            if match[1] == {">": "<", "%": "%"}[match[3]]:
                whole += [self._apart(text[end : match.start()], note), f"{{{{{match[1]}/*{match[2]}*/{match[3]}}}}}"]  # fmt: skip
                end = match.end()
        return "".join([*whole, self._apart(text[end:], note)])

    @staticmethod
    def _apart(text: str, note: Noting) -> str:
        """A shortcode that nothing closes ends a build, so its signs are kept apart."""
        if _OPENING.search(text):
            note("shortcode_split", detail=text.strip()[:80])
        return _OPENING.sub("{{" + _JOINER, text)

    def address(self, address: str) -> str:
        """An address, with no brace in it but our own."""
        if address.startswith(_OWN):
            return address
        return super(Hugo, self).address(address).replace("{", "%7B")

    def inline_math(self, tex: str, spans: Spans) -> str:
        """TeX within a line."""
        if self.inline_marks:
            return self.inline_marks[0] + _spaced(tex) + self.inline_marks[1]
        return rf"\\({spans.text(tex)}\\)"

    def block_math(self, tex: str, spans: Spans) -> str:
        """TeX of its own."""
        if self.block_marks:
            return f"{self.block_marks[0]}\n{_spaced(tex)}\n{self.block_marks[1]}"
        return rf"\\[{spans.text(' '.join(tex.split()))}\\]"


def _unset(text: str) -> str:
    """Words in which no two hyphens are set as a dash: they may be an option of a program."""
    return _HYPHENS.sub(lambda m: r"\-" * len(m[0]), text)


def _spaced(tex: str) -> str:
    """TeX in which no two braces look like an instruction; it means the same."""
    return re.sub(r"\{(?=[{%<])", "{ ", tex)

"""Notion's Markdown as markdown-it reads it: which rules hold, and the folded and framed parts that Notion writes as HTML."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from paycanary.posts import emphasis

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore

_FRAME: Final = re.compile(r"<(details|aside)(?:\s[^>]*)?>\s*$", re.IGNORECASE)
_SUMMARY: Final = re.compile(r"\s*<summary(?:\s[^>]*)?>(.*?)</summary>\s*", re.IGNORECASE | re.DOTALL)  # fmt: skip
_FENCE: Final = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+)*(`{3,}|~{3,})(.*)")
_TAG: Final = re.compile(r"(</?(?:details|aside)(?:\s[^>]*)?>|<summary(?:\s[^>]*)?>)", re.IGNORECASE)  # fmt: skip
#: Tags that stand at the start of a line, behind a list's bullet at most.
_STARTS: Final = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+)?(?:</?(?:details|aside)\b|<summary\b)", re.IGNORECASE)  # fmt: skip
#: Signs at the end of a heading, which Notion only writes where they are its words.
_HASHES: Final = re.compile(r"^(\s{0,3}#{1,6}\s.*?\s)(#+)(?=\s*$)")
#: Levels of tokens; lists, of which each takes two, and quotes that lie deeper are not read.
DEEPEST: Final = 120


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables, strikethrough, TeX in dollar signs and footnotes; emphasis as Korean needs it; no indented code.

    Notion fences its code, and indents what hangs on something else.
    """
    md = MarkdownIt("commonmark", {"html": True, "maxNesting": DEEPEST})
    md.enable(["table", "strikethrough"]).disable("code")
    md.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)  # fmt: skip
    md.use(footnote_plugin, inline=False)
    md.core.ruler.before("footnote_tail", "footnote_words", _keep_unused)
    md.inline.ruler.at("emphasis", emphasis.tokenize)
    md.block.ruler.before(
        "html_block", "frame", _frame, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    return md


def _keep_unused(state: StateCore) -> None:
    """A note that nothing refers to, or whose label comes again, would be left out: it stays where it stands, as words."""
    refs = state.env.get("footnotes", {}).get("refs", {})
    labels = [token.meta["label"] for token in state.tokens if token.type == "footnote_reference_open"]  # fmt: skip
    kept: list[Token] = []
    is_words: list[bool] = []
    for token in state.tokens:
        if token.type == "footnote_reference_open":
            label = labels.pop(0)
            is_words.append(refs.get(f":{label}", -1) < 0 or label in labels)
            lead = f"[^{label}]: " if is_words[-1] else ""
        if token.type == "inline" and is_words and lead:
            token.children = [Token("text", "", 0, content=lead), *(token.children or [])]
            lead = ""
        is_edge = token.type in ("footnote_reference_open", "footnote_reference_close")
        if not (is_edge and is_words[-1]):
            kept.append(token)
        if token.type == "footnote_reference_close":
            is_words.pop()
    state.tokens = kept


def split_lines(text: str) -> tuple[str, list[int]]:
    """Markdown in which folding and framing tags have lines of their own, and the number in ``text`` of each of its lines."""
    lines: list[str] = []
    numbers: list[int] = []
    fence = ""
    for number, line in enumerate(text.split("\n"), start=1):
        fence, is_fence = _fenced(line, fence)
        pieces = [line if fence or is_fence else _HASHES.sub(_escaped, line)]
        if not fence and not is_fence and _STARTS.match(line):
            lead = line[: len(line) - len(line.lstrip())]
            parts = [part for part in _pieces(line) if part.strip()]
            pieces = [parts[0], *(lead + part.strip() for part in parts[1:])] if parts else [line]
        lines += pieces
        numbers += [number] * len(pieces)
    return "\n".join(lines), numbers


def _escaped(match: re.Match[str]) -> str:
    return match[1] + "\\#" * len(match[2])


def _pieces(line: str) -> list[str]:
    """A line cut at its folding tags; a summary keeps its words."""
    pieces = [""]
    for part in _TAG.split(line):
        if _TAG.fullmatch(part) and not part.lower().startswith("<summary"):
            pieces += [part, ""]
        elif part.lower().startswith("<summary"):
            pieces.append(part)
        elif pieces[-1].lower().startswith("<summary") and "</summary>" in part.lower():
            end = part.lower().index("</summary>") + len("</summary>")
            pieces[-1] += part[:end]
            pieces.append(part[end:])
        else:
            pieces[-1] += part
    if len(pieces) > 1 and re.fullmatch(r"\s*(?:[-*+]|\d+[.)])?\s*", pieces[0]):
        pieces[:2] = [pieces[0] + pieces[1]]
    return pieces


def _fenced(line: str, fence: str) -> tuple[str, bool]:
    """The fence that is open after a line ("" for none), and whether the line is one."""
    match = _FENCE.match(line)
    if match is None:
        return fence, False
    marks, rest = match.groups()
    if not fence:
        return ("", False) if "`" in marks and "`" in rest else (marks, True)
    if marks[0] == fence[0] and len(marks) >= len(fence) and not rest.strip():
        return "", True
    return fence, False


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _frame(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """``<details>`` and ``<aside>`` with Markdown between them become containers; one that is not closed is no container."""
    match = _FRAME.match(_line(state, start))
    if match is None:
        return False
    tag = match[1].lower()
    last = _closing(state, tag, start, end)
    if last is None:
        return False
    if silent:
        return True
    first, summary = start + 1, ""
    while tag == "details" and first < last and not _line(state, first).strip():
        first += 1
    if tag == "details" and _line(state, first).lower().startswith("<summary"):
        ends = (n for n in range(first, last) if "</summary>" in _line(state, n).lower())
        if (stop := next(ends, None)) is not None:
            head = "\n".join(_line(state, n) for n in range(first, stop + 1))
            if found := _SUMMARY.fullmatch(head):
                first, summary = stop + 1, found[1].strip()
    parent, line_max, indent = state.parentType, state.lineMax, state.blkIndent
    state.parentType, state.lineMax, state.blkIndent = "root", last, 0
    token = state.push("frame_open", tag, 1)
    token.map, token.meta = [start, last], {"tag": tag, "summary": summary}
    state.md.block.tokenize(state, first, last)
    state.push("frame_close", tag, -1)
    state.parentType, state.lineMax, state.blkIndent = parent, line_max, indent
    state.line = last + 1
    return True


def _closing(state: StateBlock, tag: str, start: int, end: int) -> int | None:
    """The line on which a container ends, those within it passed over; None where it does not."""
    depth, fence = 1, ""
    for number in range(start + 1, end):
        line = _line(state, number)
        fence, is_fence = _fenced(line, fence)
        if fence or is_fence:
            continue
        opened = _FRAME.match(line)
        depth += opened is not None and opened[1].lower() == tag
        depth -= line.strip().lower() == f"</{tag}>"
        if depth == 0:
            return number
    return None

"""Front matter: what stands before a post for a program that makes sites, as YAML between two lines.

Readers of YAML differ in what they take for a number, a truth or a symbol (Ruby's: ``1,000`` and ``:x``, Go's: ``1e3``, ``0o17`` and
``y``), so every word stands in double quotes and is a word for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Word(str):
    """A text that is written in double quotes."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes them."""


_Dumper.add_representer(_Word, lambda dumper, word: dumper.represent_scalar("tag:yaml.org,2002:str", str(word), style='"'))  # fmt: skip


def front_matter(about: Mapping[str, Any]) -> str:
    """The lines, an empty one behind them. Values are texts, lists of texts, days and numbers; names are our own and plain."""
    words = {name: _worded(value) for name, value in about.items()}
    text = yaml.dump(words, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{text}---\n\n"


def _worded(value: Any) -> Any:
    if isinstance(value, list):
        return [_worded(each) for each in value]
    return _Word(value) if isinstance(value, str) else value

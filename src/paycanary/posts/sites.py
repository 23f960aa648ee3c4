"""What the configuration of a site says, where the folder that is written to is one: of Hugo's about HTML, TeX and days to come, of Jekyll's about days."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from pathlib import Path

_NAMES: Final = ("hugo", "config", "config/_default/hugo", "config/_default/config", "config/_default/markup")  # fmt: skip
_ENDINGS: Final = (".toml", ".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Site:
    """What may be written; nothing of it where there is no configuration. ``is_future_shown``: posts of days to come are."""

    has_html: bool = False
    is_future_shown: bool = False
    inline_math: tuple[str, str] | None = None
    block_math: tuple[str, str] | None = None


def read_site(folder: Path) -> Site:
    """The configuration of the site in a folder; one that cannot be read says nothing."""
    goldmark: dict[str, Any] = {}
    is_future_shown = False
    for name in _NAMES:
        for ending in _ENDINGS:
            path = folder / f"{name}{ending}"
            found = _lower(_read(path)) if path.is_file() else {}
            is_future_shown |= found.get("buildfuture") is True
            markup = found if name.endswith("/markup") else found.get("markup", {})
            if isinstance(markup, dict) and isinstance(markup.get("goldmark"), dict):
                goldmark.update(markup["goldmark"])
    passed = _at(goldmark, "extensions", "passthrough")
    has_math = passed.get("enable") is True
    marks = _at(passed, "delimiters") if has_math else {}
    return Site(
        has_html=_at(goldmark, "renderer").get("unsafe") is True,
        is_future_shown=is_future_shown,
        inline_math=_pair(marks.get("inline")),
        block_math=_pair(marks.get("block")),
    )


def shows_future(folder: Path) -> bool:
    """Whether the Jekyll site in a folder shows posts of days to come."""
    path = folder / "_config.yml"
    return path.is_file() and _lower(_read(path)).get("future") is True


def _at(found: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        inner = found.get(name)
        found = inner if isinstance(inner, dict) else {}
    return found


def _pair(found: Any) -> tuple[str, str] | None:
    first = found[0] if isinstance(found, list) and found else None
    return (str(first[0]), str(first[1])) if isinstance(first, list) and len(first) == 2 else None  # noqa: PLR2004


def _lower(found: Any) -> dict[str, Any]:
    """Hugo does not tell capitals from small letters in names."""
    if not isinstance(found, dict):
        return {}
    return {str(k).lower(): _lower(v) if isinstance(v, dict) else v for k, v in found.items()}


def _read(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            return tomllib.loads(text)
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError):
        return None

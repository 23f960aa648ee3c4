"""The chart's README: written text of ``README.in.md`` and a table of all values, from the comments of ``values.yaml``.

Comments are written as helm-docs reads them (``# --``). helm-docs is a Go program that no package registry of ours carries, and
Bitnami's generator for npm wants another syntax and Node, which nothing else here needs: hence these few lines over PyYAML.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

CHART: Final = Path(__file__).resolve().parents[1] / "deploy" / "helm" / "paycanary"
_MARK: Final = "# -- "


def values() -> list[tuple[str, str, str]]:
    """Give a row a value: dotted path, default as JSON (empty for a group), meaning."""
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    root = yaml.compose(text, yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise TypeError("values.yaml is no mapping")
    return list(_rows(root, text.splitlines(), ""))


def _rows(node: yaml.MappingNode, lines: list[str], prefix: str) -> Iterator[tuple[str, str, str]]:
    for key, value in node.value:
        path, meaning = f"{prefix}{key.value}", _above(lines, key.start_mark.line)
        if isinstance(value, yaml.MappingNode) and value.value and not value.flow_style:
            if meaning:
                yield path, "", meaning
            yield from _rows(value, lines, f"{path}.")
        else:
            loader = yaml.SafeLoader("")
            default = loader.construct_document(value)
            yield path, json.dumps(default, ensure_ascii=False), meaning


def _above(lines: list[str], number: int) -> str:
    """Give the comment that ends right above a line, if it is one for readers of the table."""
    found: list[str] = []
    for line in reversed(lines[:number]):
        text = line.strip()
        if not text.startswith("#"):
            break
        found.insert(0, text.removeprefix(_MARK).removeprefix("# "))
        if text.startswith(_MARK):
            return " ".join(found)
    return ""


def readme() -> str:
    """Give the README whole."""
    rows = ["| value | default | meaning |", "| --- | --- | --- |"]
    for path, default, meaning in values():
        cells = (f"`{path}`", f"`{default}`" if default else "", meaning)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    written = (CHART / "README.in.md").read_text(encoding="utf-8")
    mark = "<!-- Written by `make docs` from README.in.md and the comments of values.yaml. Change those, not this page. -->\n\n"
    return mark + written.replace("VALUES\n", "\n".join(rows) + "\n")

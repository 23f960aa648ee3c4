"""The images' recipes as their steps, and what may be copied into them."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import build_images
from dockerfile_parse import DockerfileParser
from pathspec import PathSpec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT: Final = build_images.ROOT
RECIPES: Final = {image.name: build_images.RECIPES / image.recipe for image in build_images.IMAGES}
BOTH: Final = tuple(RECIPES)


@dataclass(frozen=True)
class Step:
    """One instruction: `COPY`, and the rest of its line."""

    word: str
    value: str


def steps(name: str) -> list[Step]:
    """A recipe's steps in their order."""
    parser = DockerfileParser(fileobj=io.BytesIO(RECIPES[name].read_bytes()))
    return [Step(s["instruction"], s["value"]) for s in parser.structure if s["instruction"] != "COMMENT"]  # fmt: skip


def shipped(name: str) -> list[Step]:
    """The steps of the last stage: what the image is told to be."""
    found = steps(name)
    last = max(at for at, step in enumerate(found) if step.word == "FROM")
    return found[last:]


def told(name: str, word: str) -> Any:
    """The last value of an instruction that is written as JSON (ENTRYPOINT, CMD)."""
    (*_, last) = (step.value for step in shipped(name) if step.word == word)
    return json.loads(last)


def sources(name: str) -> Iterator[str]:
    """Paths of the tree that a recipe copies."""
    for step in steps(name):
        if step.word == "COPY" and "--from=" not in step.value:
            *found, _ = (part for part in step.value.split() if not part.startswith("--"))
            yield from found


def allowed(path: Path) -> bool:
    """Whether .containerignore lets a file of the tree in. Its patterns are those of .gitignore but for the root that they begin at."""
    lines = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    refused = False
    for line in (line for line in lines if line and not line.startswith("#")):
        pattern = line.removeprefix("!")
        rooted = pattern if pattern.startswith("*") else f"/{pattern}"
        if PathSpec.from_lines("gitignore", [rooted]).match_file(str(path.relative_to(ROOT))):
            refused = not line.startswith("!")
    return not refused

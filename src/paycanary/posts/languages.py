"""Notion's names of programming languages, as highlighters know them."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = {
    "plain text": "", "c++": "cpp", "c#": "csharp", "f#": "fsharp", "objective-c": "objectivec", "visual basic": "vb", "vb.net": "vbnet",
    "java/c/c++/c#": "java", "shell": "bash", "llvm ir": "llvm", "notion formula": "", "webassembly": "wasm", "protobuf": "protobuf",
}  # fmt: skip


def language_of(name: str) -> str:
    """A name that is safe in a class and behind a fence; "" for none."""
    known = _NAMES.get(name.strip().lower(), name.strip().lower())
    return re.sub(r"[^a-z0-9_+.-]", "", known.split()[0] if known else "")[:40]

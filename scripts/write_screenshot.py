"""The README's pictures: the real output of ``paycanary check`` on the built-in sample, photographed by Chromium.

Run after the sample or the sentences change (needs ``chromium`` and a font with Hangul)::

    python scripts/write_screenshot.py
"""

from __future__ import annotations

import io
import subprocess
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.terminal_theme import MONOKAI

from paycanary.lake.reader import open_sample
from paycanary.report.terminal import show_verdict
from paycanary.verdict import Session

if TYPE_CHECKING:
    from paycanary.errors import Lang

#: A fixed day, so that the picture changes only when what it shows does.
DAY = date(2026, 6, 30)
WIDTH = 118
PAGE = """<!doctype html><meta charset="utf-8"><style>{stylesheet}
body {{ color: {foreground}; background: {background}; margin: 14px; }}
pre {{ font: 15px/1.5 "DejaVu Sans Mono", "Noto Sans Mono CJK KR", monospace; white-space: pre-wrap; }}</style>
<body><pre>{code}</pre></body>"""


def page(query: str, lang: Lang) -> str:
    """HTML of the verdict on ``query`` as a terminal shows it."""
    session = Session(open_sample())
    verdict = session.verdict(session.resolve(query).company_id, DAY, lang)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(f"$ paycanary check {query} --lang {lang}", style="bold")
    show_verdict(console, verdict)
    return console.export_html(theme=MONOKAI, code_format=PAGE)


def photograph(html: str, target: Path) -> None:
    """Write a page as PNG."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(html, encoding="utf-8")
        subprocess.run(
            [
                "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                f"--user-data-dir={folder}/profile", "--hide-scrollbars", "--window-size=1140,900",
                f"--screenshot={target}", source.as_uri(),
            ],
            check=True, capture_output=True,
        )  # fmt: skip


def main() -> None:
    """Write the pictures."""
    folder = Path(__file__).resolve().parent.parent / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    languages: tuple[Lang, ...] = ("ko", "en")
    for lang in languages:
        photograph(page("삼부토건", lang), folder / f"check.{lang}.png")


if __name__ == "__main__":
    main()

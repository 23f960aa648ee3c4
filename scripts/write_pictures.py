"""Takes the README's pictures of the pages: a real service on the built-in sample, seen by a real Chromium.

    python scripts/write_pictures.py

Days are given, so that the pictures change only where the pages do. Needs Chromium and a Korean font, which
``scripts/install-test-servers.sh`` installs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import DESKTOP, PHONE, running_chromium  # noqa: E402 - found by the path above
from tests.servers import serving  # noqa: E402

_DAY: Final = "as_of=2026-06-30"
_COMPANY: Final = f"/companies/dart:00164645?{_DAY}"
#: Name, screen, height, address.
_PICTURES: Final = (
    ("page.company.ko", PHONE, 1500, _COMPANY),
    ("page.company.en", PHONE, 1500, f"/en{_COMPANY}"),
    ("page.charts.ko", PHONE, 1500, f"{_COMPANY}#charts"),
    ("page.charts.en", PHONE, 1500, f"/en{_COMPANY}#charts"),
    ("page.compare.ko", DESKTOP, 900, f"/compare?c=dart:00164645&c=dart:00258801&c=dart:00125974&{_DAY}"),
    ("page.compare.en", DESKTOP, 900, f"/en/compare?c=dart:00164645&c=dart:00258801&c=dart:00125974&{_DAY}"),
)  # fmt: skip


def main() -> None:
    """Write every picture."""
    with (
        tempfile.TemporaryDirectory() as home,
        serving(Path(home), {"PAYCANARY_RATE_LIMIT": ""}) as server,
        running_chromium() as browser,
    ):
        for name, screen, height, address in _PICTURES:
            options: dict[str, Any] = dict(screen)
            options["viewport"] = {**options["viewport"], "height": height}
            context = browser.new_context(**options)
            page = context.new_page()
            page.goto(server.url + address)
            path = ROOT / "docs" / "images" / f"{name}.png"
            page.screenshot(path=path)
            context.close()
            print(f"wrote {path.relative_to(ROOT)} ({path.stat().st_size // 1024} kB)")


if __name__ == "__main__":
    main()

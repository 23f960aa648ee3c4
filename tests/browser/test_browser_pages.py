"""Every page as it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.looks import look

if TYPE_CHECKING:
    from tests.browser.chromium import Person

#: Path and status.
PAGES = {
    "/": 200,
    "/search?q=현대": 200,
    "/search?q=없는회사이름입니다": 404,
    "/companies/dart:00125974": 200,
    "/companies/dart:00164645": 200,
    "/companies/nps:00343e750e6b": 200,
    "/companies/dart:00111704?as_of=2018-04-02": 200,
    "/companies/dart:00258801?as_of=2026-06-30": 200,
    "/compare": 200,
    "/compare?c=dart:00125974&c=dart:00258801&c=dart:00164645": 200,
    "/compare?c=dart:00125974&c=dart:00258801&as_of=2026-06-30": 200,
    "/screen": 200,
    "/screen?criteria=signals:%20[": 200,
    "/signals": 200,
    "/signals/net_loss_streak": 200,
    "/criteria": 200,
    "/forecast": 200,
    "/sources": 200,
    "/about": 200,
    "/watch/new": 200,
    "/companies/dart:00125974/report": 200,
    "/companies/dart:00125974/corrections": 200,
    "/corrections/ABCD-EFGH-JKMN": 404,
    "/companies/dart:00125974/refresh": 200,
    "/moderation": 200,
    "/nothing-here": 404,
}


@pytest.mark.parametrize("path", PAGES)
def test_page(person: Person, path: str) -> None:
    person.go(path, PAGES[path])
    look(person, keys=True)

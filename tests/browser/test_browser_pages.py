"""Every page as it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.chromium import Person
from tests.browser.looks import look


@pytest.mark.parametrize("path", ["/"])
def test_page(person: Person, path: str) -> None:
    person.go(path)
    look(person, keys=True)

"""The pages in the test's own process: over the built-in sample, and over companies whose names mean harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.command import Run
from tests.opendart_files import Company, write_opendart
from tests.visiting import Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY: Final = dict.fromkeys(("rate_limit", "heavy_rate_limit"), "1000000/minute")
#: Names that would break a page that trusts them.
HOSTILE: Final = (
    Company("99000051", "990051", "<script>alert(1)</script>"),
    Company("99000052", "990052", "\"><img src=x onerror=alert(1)> '&amp;"),
    Company("99000053", "990053", "가나\u202eLRC\u202c다라"),
    Company("99000054", "990054", "아주긴이름" * 60, is_troubled=True),
    Company("99000055", "990055", "=cmd|' /C calc'!A0"),
    Company("99000056", "990056", "{{ 7*7 }} {name} %s"),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """The pages over the built-in sample."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_HOME", str(tmp_path_factory.mktemp("pages")))
        with visiting(**MANY) as visitor:
            yield visitor


@pytest.fixture(scope="session")
def hostile_home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store of companies with hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    run = Run(folder / "home")
    run.ok("refresh", "dart", "--from", write_opendart(folder / "dart", list(HOSTILE)))
    return str(run.home)


@pytest.fixture
def hostile(hostile_home: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """The pages over companies with hostile names."""
    monkeypatch.setenv("PAYCANARY_HOME", hostile_home)
    with visiting(**MANY) as visitor:
        yield visitor

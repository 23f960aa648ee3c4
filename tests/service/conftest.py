"""What tests of this folder share."""

from __future__ import annotations

import pytest

from paycanary.service import shared


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for Redis as long as it takes: what is tested is what it says, not how soon a busy machine lets it say so.

    Within the 0.05 s of a request there is also its first connection. An answer that comes later is made without Redis, as
    promised, and a test of what Redis holds would then fail.
    """
    monkeypatch.setattr(shared, "_WAIT", 10.0)

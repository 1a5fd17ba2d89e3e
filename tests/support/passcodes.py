"""Passcodes that are hashed at once, for tests that guess many of them."""

import pytest

from bot.services.links.admission import passcodes


@pytest.fixture
def cheap_passcodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is held of them but what a guess costs."""
    monkeypatch.setattr(passcodes, "COST", 2)

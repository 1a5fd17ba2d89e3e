"""Passcodes whose hashes cost next to nothing, for tests that make a hundred."""

import pytest

from bot.services.links.admission import passcodes


@pytest.fixture
def cheap_passcodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passcodes, "COST", 2**4)

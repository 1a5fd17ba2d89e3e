"""A proxy that must be there and was not named is told of at start, before any guest comes."""

import pytest

from bot.foundations.serving import _behind_unnamed_proxy
from bot.settings import Settings
from tests.house.test_house import NEEDED


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"PUBLIC_BASE_URL": "https://usher.example"}, True),
        ({"PUBLIC_BASE_URL": "https://usher.example", "HOST": "::1"}, True),
        ({"PUBLIC_BASE_URL": "https://usher.example", "TRUSTED_PROXIES": "127.0.0.1"}, False),
        ({"PUBLIC_BASE_URL": "https://usher.example", "HOST": "0.0.0.0"}, False),  # whoever it is comes from elsewhere
        ({"PUBLIC_BASE_URL": "http://127.0.0.1:8080"}, False),
        ({}, False),
    ],
)
def test_that_a_proxy_on_this_machine_has_to_be_named_is_known_at_start(given: dict[str, str], told: bool) -> None:
    assert _behind_unnamed_proxy(Settings.read({**NEEDED, **given})) is told

"""What is wrong with a server's certificate, or with the way it speaks TLS, in a sentence each."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import FormError
from mcp_runtime.transports import http as guarded
from run_cards import custom
from tests.faults.conftest import OpenHouse
from tests.mcp_runtime.hand_made import HandMade, running
from tests.mcp_runtime.servers import self_signed
from tests.services.house import OWNER, House

GIVE = "Whoever runs the server has to give it one that browsers trust as well."
NO_TLS = "TLS: something answers at this address, but not over https://. Check the address, its port too."
Make = Callable[[Path], ssl.SSLContext | None]


def too_old(folder: Path) -> ssl.SSLContext:
    """It knows only ciphers that nobody offers any more."""
    context = self_signed(folder)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES256-SHA")
    return context


# The certificate itself is trusted where it is another fault that shall be seen.
CERTIFICATES: dict[str, tuple[Make, bool, str]] = {
    "self-signed": (
        self_signed,
        False,
        f"TLS: the server's certificate is self-signed, so nobody vouches for it. {GIVE}",
    ),
    "signed by a stranger": (
        lambda folder: self_signed(folder, by_another=True),
        False,
        f"TLS: the server's certificate could not be verified, so it may be somebody else's. {GIVE}",
    ),
    "expired": (
        lambda folder: self_signed(folder, until=2021),
        True,
        f"TLS: the server's certificate has expired. {GIVE}",
    ),
    "of the future": (
        lambda folder: self_signed(folder, since=2110),
        True,
        f"TLS: the server's certificate is not valid yet. {GIVE}",
    ),
    "for another number": (
        lambda folder: self_signed(folder, "10.1.1.1"),
        True,
        f"TLS: the server's certificate is for another host, so it may be somebody else's. {GIVE}",
    ),
    "for another name": (
        lambda folder: self_signed(folder, "shop.example"),
        True,
        f"TLS: the server's certificate is for another host, so it may be somebody else's. {GIVE}",
    ),
    "without TLS": (lambda folder: None, False, NO_TLS),
    "too old": (too_old, True, NO_TLS),
}


async def complaint(house: House, url: str) -> dict[str, str]:
    with pytest.raises(FormError) as told:
        await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": url})
    return told.value.errors


@pytest.mark.parametrize(("make", "trusted", "told"), CERTIFICATES.values(), ids=CERTIFICATES)
async def test_nothing_is_sent_to_a_server_that_cannot_prove_who_it_is(
    open_with: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make, trusted: bool, told: str
) -> None:
    tls = make(tmp_path)
    if trusted:
        trusting = ssl.create_default_context(cafile=tmp_path / "host.pem")
        monkeypatch.setattr(guarded, "shared_ssl_context", lambda: trusting)
    async with open_with() as house, running(HandMade(), tls) as shop:
        assert await complaint(house, f"https://127.0.0.1:{shop.port}/mcp") == {"url": told}
        assert shop.asked == []


async def test_a_server_that_proves_it_is_connected(
    open_with: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else the refusals above would say nothing."""
    tls = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=tmp_path / "host.pem")
    monkeypatch.setattr(guarded, "shared_ssl_context", lambda: trusting)
    async with open_with() as house, running(HandMade(), tls) as shop:
        values = {"name": "Shop", "url": f"https://127.0.0.1:{shop.port}/mcp"}
        await house.connections.begin(OWNER, custom.CARD, values)
        assert "tools/list" in shop.asked

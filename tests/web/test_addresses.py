"""Whose address counts, how many addresses are one caller, and how often one may come."""

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.web.edge.callers import Gate, address, masked, networks, prefix


def seen(peer: str, forwarded: str = "", trusted: str = "") -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=peer)
    return str(address(request, networks(trusted.split())))


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("203.0.113.9", "", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "", "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.1, 10.0.0.3", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "nonsense", "10.0.0.0/8", "10.0.0.2"),
        ("::ffff:203.0.113.9", "", "", "203.0.113.9"),
    ],
)
def test_only_a_trusted_proxy_speaks_for_another(peer: str, forwarded: str, trusted: str, found: str) -> None:
    assert seen(peer, forwarded, trusted) == found


def test_a_household_is_one_caller_and_loopback_is_none() -> None:
    def block(text: str) -> str | None:
        return prefix(address(make_mocked_request("GET", "/").clone(remote=text), ()))

    assert block("2001:db8:1:2:3::4") == block("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert block("203.0.113.9") == "203.0.113.9/32"
    assert block("127.0.0.1") is None
    assert masked(address(make_mocked_request("GET", "/").clone(remote="203.0.113.9"), ())) == "203.0.113.0"


def test_a_gate_lets_so_many_through_and_then_one_as_each_place_comes_free() -> None:
    clock = [0.0]
    gate = Gate(3, 30, lambda: clock[0])
    for _ in range(3):
        assert gate.wait("a") == 0
        gate.count("a")
    assert gate.wait("a") == 10
    assert gate.wait("b") == gate.wait(None) == 0
    clock[0] = 10
    assert gate.wait("a") == 0

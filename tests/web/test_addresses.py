"""Whose address counts, how many addresses are one caller, and how often one may come."""

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.web.edge import callers
from bot.web.edge.callers import (
    BEHIND_UNNAMED,
    Gate,
    address,
    caller,
    masked,
    networks,
    prefix,
    unnamed_proxy,
)


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
        ("10.0.0.2", "198.51.100.1:51234", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.2", "[2001:db8::1]:443, 10.0.0.9", "10.0.0.0/8", "2001:db8::1"),
        ("10.0.0.2", '"[2001:db8::1]"', "10.0.0.0/8", "2001:db8::1"),
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


def called(peer: str, forwarded: str = "", trusted: str = "") -> str | None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return caller(make_mocked_request("GET", "/", headers=headers).clone(remote=peer), networks(trusted.split()))


def test_behind_a_proxy_on_this_machine_that_was_not_named_all_are_one_and_not_without_a_limit() -> None:
    assert called("127.0.0.1") is None
    assert called("127.0.0.1", "198.51.100.1") == called("::1", "203.0.113.9") == BEHIND_UNNAMED
    assert called("127.0.0.1", "198.51.100.1", "127.0.0.1") == "198.51.100.1/32"


def test_who_has_a_proxy_say_that_it_is_on_this_machine_is_not_believed() -> None:
    assert called("10.0.0.2", "127.0.0.1", "10.0.0.0/8") == BEHIND_UNNAMED


@pytest.mark.parametrize(
    ("peer", "trusted", "found"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("172.18.0.2", "", "172.18.0.2"),
        ("172.18.0.2", "172.16.0.0/12", ""),
        ("8.8.8.8", "", ""),
    ],
)
def test_a_near_peer_that_speaks_for_others_is_a_proxy_and_one_from_afar_is_not(
    peer: str, trusted: str, found: str
) -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": "198.51.100.1"}).clone(remote=peer)
    assert unnamed_proxy(request, networks(trusted.split())) == found
    assert unnamed_proxy(make_mocked_request("GET", "/").clone(remote=peer), ()) == ""


def test_small_blocks_of_one_customer_have_a_bound_together() -> None:
    gate, passed = Gate(20, 600, lambda: 0.0), 0
    for number in range(200):
        key = f"2001:db8:1:{number:x}::/64"
        for _ in range(20):
            if gate.wait(key) == 0:
                gate.count(key)
                passed += 1
    assert passed == 8 * 20
    assert gate.wait("2001:db8:2::/64") == 0


def test_of_callers_without_end_so_many_are_kept_and_each_costs_the_same() -> None:
    clock = [0.0]
    gate = Gate(20, 600, lambda: clock[0])
    for number in range(3 * callers._KEPT):
        gate.count(f"k{number}")
    assert len(gate._rests_at) == callers._KEPT
    assert f"k{3 * callers._KEPT - 1}" in gate._rests_at and "k0" not in gate._rests_at
    clock[0] = 10_000.0
    for number in range(callers._KEPT // 2):
        gate.count(f"z{number}")
    assert len(gate._rests_at) == callers._KEPT // 2

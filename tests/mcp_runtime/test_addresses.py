"""Which addresses may be dialled, and what an operator can exempt."""

import httpx2
import pytest

from mcp_runtime.addresses import PUBLIC, Reach, Refused

HOSTILE = """
    0.0.0.0 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.1.2.3 168.63.129.16 169.254.169.254
    172.16.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 224.0.0.1 240.0.0.1
    255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1
    100::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1
    ff02::1
"""
PUBLIC_ONES = ["1.1.1.1", "140.82.112.3", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", HOSTILE.split())
def test_an_inward_address_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        PUBLIC.check_addresses("evil.example", 443, [address])


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "140.82.112.3", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_a_public_address_is_not(address: str) -> None:
    PUBLIC.check_addresses("example.org", 443, [address])


def test_one_bad_address_spoils_all() -> None:
    with pytest.raises(Refused):
        PUBLIC.check_addresses("evil.example", 443, ["1.1.1.1", "127.0.0.1"])


def test_only_the_port_of_https_is_dialled() -> None:
    with pytest.raises(Refused, match="port"):
        PUBLIC.check_addresses("example.org", 8443, ["1.1.1.1"])
    Reach.allowing("example.org:8443").check_addresses("example.org", 8443, ["1.1.1.1"])


def test_a_refusal_names_no_address() -> None:
    with pytest.raises(Refused) as told:
        PUBLIC.check_addresses("evil.example", 443, ["10.1.2.3"])
    assert "10.1" not in str(told.value) and "evil" not in str(told.value)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("localhost", "http://localhost:8123/mcp"),
        ("LOCALHOST:8123", "http://localhost:8123/mcp"),
        ("127.0.0.1", "http://127.0.0.1/mcp"),
        ("10.0.0.0/8", "http://10.1.2.3:9000/mcp"),
        ("10.0.0.0/8", "https://10.1.2.3:9000/mcp"),
        ("[::1]:8123", "http://[::1]:8123/mcp"),
        ("::1", "http://[::1]:99/mcp"),
        ("a.internal, b.internal:80", "http://b.internal/mcp"),
    ],
)
def test_what_the_operator_names_is_exempt(allowed: str, url: str) -> None:
    reach, address = Reach.allowing(allowed), httpx2.URL(url)
    reach.check_url(address)
    resolved = address.host if address.host[0].isdigit() or ":" in address.host else "127.0.0.1"
    reach.check_addresses(address.host, address.port or 80, [resolved])


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("127.0.0.1:8123", "http://127.0.0.1:8124/mcp"),
        ("127.0.0.1:8123", "http://localhost:8123/mcp"),
        ("localhost", "http://localhost.evil.example/mcp"),
        ("10.0.0.0/8", "http://11.0.0.1/mcp"),
        ("", "http://example.org/mcp"),
        ("localhost", "ftp://localhost/x"),
    ],
)
def test_and_nothing_else(allowed: str, url: str) -> None:
    with pytest.raises(Refused):
        Reach.allowing(allowed).check_url(httpx2.URL(url))


def test_a_name_that_leads_into_an_allowed_network_may_be_dialled_over_https() -> None:
    reach = Reach.allowing("10.0.0.0/8")
    reach.check_addresses("mcp.corp.example", 8443, ["10.2.3.4"])
    with pytest.raises(Refused):
        reach.check_addresses("mcp.corp.example", 443, ["10.2.3.4", "192.168.0.1"])


@pytest.mark.parametrize("entry", ["10.0.0.0/99", "host:", "host:0", "host:99999", "host:abc", ":80", "a b/c"])
def test_an_entry_that_is_nothing_is_told(entry: str) -> None:
    with pytest.raises(ValueError, match=r"neither|network"):
        Reach.allowing(entry)

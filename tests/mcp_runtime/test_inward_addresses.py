"""Addresses in arguments: those that lead into a private network are refused, whatever way they are written."""

import pytest

from mcp_runtime.addresses import PUBLIC, Reach
from mcp_runtime.tools.policies.inward_addresses import inward_address

INWARD = [
    "http://127.0.0.1/",
    "https://localhost:8080/x",
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.7",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://0177.0.0.1/",
    "http://metadata.google.internal/",
    "http://intranet/",
    "http:\\\\127.0.0.1\\x",
    "HTTP://LOCALHOST/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "file:///etc/passwd",
    " http://192.168.1.1/ ",
]
OUTWARD = ["https://example.com/", "http://93.184.215.14/", "notes/today", "", "mailto:a@localhost", "https://[broken"]


@pytest.mark.parametrize("address", INWARD)
def test_an_inward_address_is_refused_wherever_it_stands(address: str) -> None:
    typed = {"properties": {"target": {"type": "string", "format": "uri"}}}

    assert inward_address({"url": address}, {}, PUBLIC)
    assert inward_address({"pageUrl": address}, {}, PUBLIC)
    assert inward_address({"urls": ["https://example.com", address]}, {}, PUBLIC)
    assert inward_address({"target": address}, typed, PUBLIC)
    assert inward_address({"options": {"image_url": address}}, {}, PUBLIC)


@pytest.mark.parametrize("address", OUTWARD)
def test_what_leads_to_the_public_is_let_through(address: str) -> None:
    assert inward_address({"url": address}, {}, PUBLIC) is None


def test_a_text_that_mentions_one_and_a_host_that_the_operator_named_are_fine() -> None:
    assert inward_address({"body": "http://localhost:3000"}, {}, PUBLIC) is None
    assert inward_address({"url": "http://localhost:3000/"}, {}, Reach.allowing("localhost:3000")) is None
    assert inward_address({"url": "http://10.1.2.3/"}, {}, Reach.allowing("10.0.0.0/8")) is None

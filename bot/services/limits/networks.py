"""A caller's network, and the one around it that a customer of a provider may have whole."""

import ipaddress

WIDE = 8
"""Times as many may come from the wider one."""


def wider(network: str) -> str:
    """Of a /64 of IPv6 the /48 around it, since one customer may have 65,536 of them; of all others none."""
    if not network.endswith("/64"):
        return ""
    return str(ipaddress.IPv6Network(network).supernet(new_prefix=48))

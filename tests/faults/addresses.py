"""Addresses that lead inwards, however they are written, and a resolver that knows the names among them."""

import socket

PRIVATE = (
    "Address refused: this address is private, so I may not call it. "
    "Use a public one, or ask an administrator to allow it."
)
PLAIN_HTTP = (
    "Address refused: this address does not start with https://, so others could read what is sent there. "
    "Use the server's https:// address, or ask an administrator to allow this host."
)
PORT = (
    "Address refused: this address names a port of its own, and only the usual one of https:// may be called. "
    "Leave the port out, or ask an administrator to allow this host with it."
)
NO_HOST = "Cannot reach: there is no host of this name. Check the address."
NO_ADDRESS = "This is not a web address: one looks like https://mcp.example.com/mcp."
NOT_HTTPS = "A server's address starts with https://, such as https://mcp.example.com/mcp."
USERINFO = "Leave name and password out of the address: I ask for what is secret by itself."

NAMES = {
    "inner.example": ["127.0.0.1"],
    "inner6.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "mixed.example": ["1.1.1.1", "127.0.0.1"],
    "mixed6.example": ["2606:4700::1111", "fe80::1"],
    "metadata.google.internal": ["169.254.169.254"],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
    "app.localhost": ["127.0.0.1"],
    "public.example": ["1.1.1.1"],
}
"""Nobody dials the public ones: where they are mixed in, the other one spoils them, or the port does."""

HOSTILE: dict[str, str] = {
    # 127.0.0.1, as people have written it to get past a filter
    **dict.fromkeys(
        (
            *("https://127.0.0.1:{port}/mcp", "https://127.0.0.1/mcp", "https://127.1:{port}/", "https://127.0.1/"),
            *("https://2130706433:{port}/", "https://0x7f000001:{port}/", "https://0x7f.0.0.1/", "https://0x7f.1/"),
            *("https://017700000001/", "https://127.255.255.254/"),
            *("https://0:{port}/", "https://0.0.0.0:{port}/", "https://LOCALHOST:{port}/", "https://localhost./"),
            *("https://app.localhost/", "https://127。0。0。1/"),
            "https://127.0.0.1:{port}#@public.example/",
            "https://127.0.0.1:{port}?@public.example/",
        ),
        PRIVATE,
    ),
    # the same in IPv6
    **dict.fromkeys(
        (
            *("https://[::1]:{port}/", "https://[0:0:0:0:0:0:0:1]/", "https://[::]:{port}/", "https://[::127.0.0.1]/"),
            *("https://[::ffff:127.0.0.1]:{port}/", "https://[::ffff:7f00:1]/", "https://[::ffff:0:127.0.0.1]/"),
            *("https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/"),
            *("https://[2001:0:7f00:1::]/", "https://[fe80::1]/", "https://[fec0::1]/", "https://[fc00::1]/"),
            *("https://[fd00:ec2::254]/", "https://[ff02::1]/", "https://[5f00::1]/", "https://[3fff::1]/"),
        ),
        PRIVATE,
    ),
    # what clouds tell about themselves, and networks of one's own
    **dict.fromkeys(
        (
            *("https://169.254.169.254/latest/meta-data/", "https://metadata.google.internal/", "https://2852039166/"),
            *("https://100.100.100.200/", "https://168.63.129.16/", "https://192.0.0.192/", "https://10.0.0.1/"),
            *("https://172.31.255.254/", "https://192.168.1.1/", "https://100.64.0.1/", "https://198.18.0.1/"),
            *("https://192.88.99.1/", "https://224.0.0.1/", "https://255.255.255.255/"),
        ),
        PRIVATE,
    ),
    # names, alone and beside a public address
    **dict.fromkeys(
        (
            *("https://inner.example:{port}/", "https://inner6.example/", "https://mapped.example/"),
            *("https://mixed.example/", "https://mixed6.example/"),
        ),
        PRIVATE,
    ),
    "https://public.example:6379/": PORT,
    "http://public.example/mcp": PLAIN_HTTP,
    "http://127.0.0.1:{port}/mcp": PRIVATE,
    "http://localhost:{port}/mcp": PRIVATE,
    "http://inner.example:{port}/mcp": PLAIN_HTTP,
    # written so that nobody can have it, whatever it may be taken for elsewhere
    **dict.fromkeys(
        (
            *("https://0177.0.0.1/", "https://127.0.0.1./", "https://127%2e0%2e0%2e1/", "https://①②⑦.⓪.⓪.①/"),
            *("https://nobody.example/", "https://public.example\\.127.0.0.1/"),
        ),
        NO_HOST,
    ),
    # what would be read otherwise by whoever dials than by whoever checks
    **dict.fromkeys(
        (
            *("https://public.example@127.0.0.1:{port}/", "https://127.0.0.1:{port}@public.example/"),
            *("https://public.example:443@127.0.0.1:{port}/", "https://:word@127.0.0.1:{port}/"),
        ),
        USERINFO,
    ),
    **dict.fromkeys(
        (
            *("https://public.example/ @127.0.0.1", "https://public\t.example/", "https://[::1/"),
            "https://public.example:99999/",
        ),
        NO_ADDRESS,
    ),
    **dict.fromkeys(
        (
            *("ftp://127.0.0.1:{port}/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/_INFO", "data:text/html,x"),
            *("javascript:alert(1)", "unix:///run/docker.sock", "https:///etc/passwd", "//127.0.0.1:{port}/"),
            "https://127.0.0.1:0/",
        ),
        NOT_HTTPS,
    ),
}  # fmt: skip
"""By address, what its member reads; ``{port}`` is where somebody listens who must not be reached."""


async def resolve(host: str, port: int) -> list[str]:
    """The names above; else what the system makes of a number, however it is written, and no question to anybody."""
    if host.lower() in NAMES:
        return NAMES[host.lower()]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(each[4][0]).split("%")[0] for each in found]

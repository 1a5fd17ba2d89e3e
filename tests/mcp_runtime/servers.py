"""Real servers on loopback: an MCP server that wants a bearer token, and hosts that are none."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from mcp.server import MCPServer

from mcp_runtime.programs import Program, python
from tests.support.served import asgi, free_socket, port_of

HERE = Path(__file__).parent
TOKEN = "notes-token-of-the-test"


def scripted(settings: str = "{}", **limits: Any) -> Program:
    """`scripted_server.py` as a program of our list."""
    inside = python("/srv/tests/scripted_server.py", settings)
    return replace(inside, folders={**inside.folders, "/srv/tests": HERE}, **limits)


@dataclass
class Notes:
    """A server with tools that can be exchanged while it runs; ``seen`` holds the headers of each request."""

    server: MCPServer
    port: int
    token: str | None = TOKEN
    notes: list[str] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    running: int = 0
    most_at_once: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def guarded(self, app: Any) -> Any:
        """The app behind a bearer check."""

        async def checked(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                headers = {name.decode(): value.decode() for name, value in scope["headers"]}
                self.seen.append(headers)
                if self.token is not None and headers.get("authorization") != f"Bearer {self.token}":
                    challenge = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
                    await send({"type": "http.response.start", "status": 401, "headers": challenge})
                    await send({"type": "http.response.body", "body": b""})
                    return
            await app(scope, receive, send)

        return checked

    def add_tools(self) -> None:
        @self.server.tool(title="List notes")
        async def list_notes() -> list[str]:
            """All notes."""
            return self.notes

        @self.server.tool()
        async def add_note(text: str) -> str:
            """Add a note."""
            self.notes.append(text)
            return "added"

        @self.server.tool()
        async def wait() -> str:
            """Wait for the gate."""
            self.running += 1
            self.most_at_once = max(self.most_at_once, self.running)
            await self.gate.wait()
            self.running -= 1
            return "through"

    def change(self, description: str) -> None:
        """Another description for add_note, as after an update of the server."""
        self.server.remove_tool("add_note")

        @self.server.tool(name="add_note", description=description)
        async def again(text: str) -> str:
            self.notes.append(text)
            return "added"


@asynccontextmanager
async def notes_server(token: str | None = TOKEN, listener: socket.socket | None = None) -> AsyncIterator[Notes]:
    listener = listener or free_socket()
    notes = Notes(MCPServer("notes", log_level="CRITICAL"), port_of(listener), token)
    notes.add_tools()
    async with asgi(notes.guarded(notes.server.streamable_http_app(json_response=True)), listener):
        yield notes
        notes.gate.set()


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def host(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A web server that answers everything so; its port."""
    app, listener = web.Application(), free_socket()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, listener, ssl_context=tls).start()
    try:
        yield port_of(listener)
    finally:
        await runner.cleanup()


def self_signed(
    folder: Path, address: str = "127.0.0.1", until: int = 2120, *, since: int = 2020, by_another: bool = False
) -> ssl.SSLContext:
    """A certificate for this name or number that nobody known has signed; it is kept as ``host.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Somebody")]) if by_another else name
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime(since, 1, 1)).not_valid_after(datetime(until, 1, 1))
    numeric = address[0].isdigit()
    its_name = x509.IPAddress(ip_address(address)) if numeric else x509.DNSName(address)
    names = x509.SubjectAlternativeName([its_name])
    signer = ec.generate_private_key(ec.SECP256R1()) if by_another else key
    made = builder.add_extension(names, critical=False).sign(signer, hashes.SHA256())
    path = folder / "host.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@asynccontextmanager
async def mute_host() -> AsyncIterator[int]:
    """It takes connections and says nothing."""
    listener = free_socket()
    try:
        yield port_of(listener)
    finally:
        listener.close()

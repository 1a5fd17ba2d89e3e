"""How a server was reached the last time, its transport and version of the protocol, so that nobody probes again."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

TransportName = Literal["", "streamable", "sse", "program"]
Mode = Literal["auto", "legacy"]


@dataclass(frozen=True)
class Speaks:
    transport: TransportName = ""
    version: str = ""

    @classmethod
    def stored(cls, row: Mapping[str, Any]) -> "Speaks":
        known = row.get("transport", "")
        return cls(known if known in ("streamable", "sse", "program") else "", str(row.get("version", "")))

    def as_row(self) -> dict[str, str]:
        return asdict(self)

    @property
    def mode(self) -> Mode:
        """Of the newer kind the question that probes is the handshake itself, so it is no detour."""
        return "legacy" if self.version in HANDSHAKE_PROTOCOL_VERSIONS else "auto"

    def ways(self) -> Iterator[tuple[bool, Mode]]:
        """Over HTTP: the older transport or not, and the mode; what worked before is tried first."""
        if self.transport == "sse":
            yield True, "legacy"
        if self.transport != "sse" and self.mode == "legacy":
            yield False, "legacy"
        yield False, "auto"
        if self.transport != "sse":
            yield True, "legacy"


UNKNOWN = Speaks()

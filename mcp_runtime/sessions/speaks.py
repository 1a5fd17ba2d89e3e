"""How a server was reached the last time, and what it declared: nobody probes again, or asks for what is not there."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from mcp import types

TransportName = Literal["", "streamable", "sse", "program"]
Mode = Literal["auto", "legacy"]
OFFERINGS = ("resources", "prompts")


@dataclass(frozen=True)
class Speaks:
    transport: TransportName = ""
    version: str = ""
    offers: tuple[str, ...] | None = None
    """What it declares beside tools, of `OFFERINGS`; None while it was not heard."""

    @classmethod
    def stored(cls, row: Mapping[str, Any]) -> "Speaks":
        known, offers = row.get("transport", ""), row.get("offers")
        return cls(
            known if known in ("streamable", "sse", "program") else "",
            str(row.get("version", "")),
            None if offers is None else tuple(offers),
        )

    def as_row(self) -> dict[str, Any]:
        """As the database gives it back, lists and all, so that the two can be compared."""
        return asdict(self) | {"offers": None if self.offers is None else list(self.offers)}

    @property
    def may_offer(self) -> bool:
        """There may be resources or prompts: what was connected before this was kept is asked, as ever."""
        return self.offers != ()

    @property
    def mode(self) -> Mode:
        """Of the newer kind the question that probes is the handshake itself, so it is no detour."""
        from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

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


def declared(capabilities: "types.ServerCapabilities") -> tuple[str, ...]:
    return tuple(each for each in OFFERINGS if getattr(capabilities, each) is not None)

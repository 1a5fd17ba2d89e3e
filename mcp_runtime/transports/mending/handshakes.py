"""What a server says of itself when a session opens, and the versions of the protocol that it may be asked for."""

import json
import re
from collections.abc import Collection
from typing import Any

from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, OLDEST_SUPPORTED_VERSION

from mcp_runtime.transports.mending.oddities import DATED

OF_USE = ("tools", "resources", "prompts")
UNSAID = "2025-03-26"
"""What the specification takes for granted where no version is named."""


def mended_handshake(result: dict[str, Any]) -> None:
    """In place. A version that is not ours but older than our newest is taken as the next older one of ours."""
    result["protocolVersion"] = known_version(result.get("protocolVersion"))
    result["capabilities"] = _capabilities(result.get("capabilities"))
    result["serverInfo"] = _identity(result.get("serverInfo"))
    instructions = result.pop("instructions", None)
    if isinstance(instructions, list):
        instructions = "\n".join(each for each in instructions if isinstance(each, str))
    if isinstance(instructions, str):
        result["instructions"] = instructions
    if not isinstance(result.get("_meta"), dict):
        result.pop("_meta", None)


def known_version(told: Any) -> str:
    if told is None:
        return UNSAID
    version = str(told).strip()
    if not DATED.fullmatch(version) or version > HANDSHAKE_PROTOCOL_VERSIONS[-1]:
        return version
    return max((each for each in HANDSHAKE_PROTOCOL_VERSIONS if each <= version), default=OLDEST_SUPPORTED_VERSION)


def named_versions(message: str, more: Any) -> list[str]:
    """All that look like one, in what a server says when it refuses ours."""
    return DATED.findall(f"{message} {json.dumps(more, default=str)}")


def speaks_of_versions(message: str, more: Any) -> bool:
    words = [message, *(more if isinstance(more, dict) else ())]
    return any(re.search("version|protocol|supported", str(each), re.IGNORECASE) for each in words)


def next_version(named: Collection[str], tried: Collection[str]) -> str | None:
    """The newest of ours that is still to be tried: of those that were named, when some were."""
    mutual = [each for each in HANDSHAKE_PROTOCOL_VERSIONS if each in named and each not in tried]
    untold = not set(named) - set(tried)
    left = [each for each in HANDSHAKE_PROTOCOL_VERSIONS if each not in tried] if untold else []
    return max(mutual or left, default=None)


def _capabilities(told: Any) -> dict[str, Any]:
    """Of all that it may have, these are of use here. A list of names, or true, is how some say it."""
    if isinstance(told, list):
        return {each: {} for each in OF_USE if each in told}
    return {each: {} for each in OF_USE if isinstance(told, dict) and _given(told.get(each))}


def _given(told: Any) -> bool:
    return told is not None and told is not False  # an empty list is the empty object of PHP


def _identity(told: Any) -> dict[str, Any]:
    given = told if isinstance(told, dict) else {"name": told}
    named = {key: given[key] for key in ("name", "title", "version") if isinstance(given.get(key), str)}
    return {"name": "", "version": ""} | named

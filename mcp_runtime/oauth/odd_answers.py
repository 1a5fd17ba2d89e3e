"""Answers of token endpoints that large services write in a way of their own, put into OAuth's words."""

import json
from typing import Any

BUSY = frozenset({"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"})
"""Slack's words for an accident of its own: nothing was refused."""


def said(content: bytes) -> dict[str, Any]:
    """Empty for what is no object."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return as_slack(found) if isinstance(found, dict) else {}


def as_slack(found: dict[str, Any]) -> dict[str, Any]:
    """Slack says «ok» in each answer, calls a person's token a «user» one, and often gives it in an object of its own.

    The token beside that object is then a bot's, or the same.
    """
    if found.get("ok") is not True:
        return found
    of_the_person = found.get("authed_user")
    if isinstance(of_the_person, dict) and of_the_person.get("access_token"):
        found = of_the_person
    elif isinstance(of_the_person, dict) and not found.get("scope") and of_the_person.get("scope"):
        found = {**found, "scope": of_the_person["scope"]}
    kind = found.get("token_type")
    return {**found, "token_type": "Bearer"} if kind in ("user", None) else found


def scopes(named: str, asked: str) -> str:
    """With spaces between, as RFC 6749 has it; Slack and GitHub write commas, which no scope of theirs has."""
    return named if "," in asked or " " in named.strip() else named.replace(",", " ")

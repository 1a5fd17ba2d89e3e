"""What the form of a link says, once it was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.services.links.values import Candidate, Draft
from bot.slack.screens.links import access, choices, files


def draft(values: Mapping[str, Any], candidates: Sequence[Candidate]) -> Draft:
    """What the form says; a tool that is no longer on offer is left out."""
    keys = values.get("tools")
    tools = [each for each in candidates if isinstance(keys, list) and choices.key(each) in keys]
    return Draft(
        title=_text(values, "title"),
        purpose=_text(values, "purpose"),
        instructions=_text(values, "instructions"),
        hours=float(values.get("hours") or Draft.hours),
        max_sessions=int(values.get("max_sessions") or Draft.max_sessions),
        tools=tuple((each.connection_id, each.name) for each in tools),
        starters=_lines(values, "starters"),
        covers=_lines(values, "covers"),
        messages=int(values.get("messages") or Draft.messages),
        tokens=int(values.get("tokens") or Draft.tokens),
        cents=int(values.get("cents") or Draft.cents),
        language=_text(values, "language").replace(choices.ANY_LANGUAGE, ""),
        follow_channel=_text(values, "follow_channel"),
        summary=values.get("summary") != "no",
        keep_hours=int(values.get("keep_hours") or choices.AS_USUAL) or None,
        idle_minutes=int(values.get("idle_minutes") or Draft.idle_minutes),
        agent={"id": named} if (named := _text(values, "agent").replace(choices.AS_USUAL, "")) else {},
        **access.chosen(values),
        **files.chosen(values),
    )


def _text(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name) or "").strip()


def _lines(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Without what people put before the lines of a list."""
    lines = (line.strip().lstrip("-*•–").strip() for line in _text(values, name).splitlines())
    return tuple(line for line in lines if line)

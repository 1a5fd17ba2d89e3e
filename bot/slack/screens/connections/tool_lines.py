"""One tool in the list: what it does, what it takes, and what may be done with it."""

import json
from collections.abc import Sequence
from typing import Any

from bot.slack.screens import schema_forms
from bot.slack.screens.approvals import destructive
from bot.slack.screens.approvals.allowed import narrow
from bot.slack.screens.blocks.definition_changes import changes, differences
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    modal,
    option,
    section,
    select,
)
from bot.slack.screens.blocks.reading import in_pages, turned
from bot.slack.screens.blocks.text import safe
from bot.slack.screens.connections.tool_filters import fingerprint, reads
from mcp_runtime.tools.changes import never_accepted
from storage.tables import AllowedCalls, PinnedTool

POLICY = "tools.policy"
ACCEPT = "tools.accept"
TRY = "tools.try"
FORGET_ONE = "tools.forget_one"
BLOCK = "tool:"

WORDS = {"ask": "Asks first", "always": "Always, without asking", "off": "Off"}
COSTS = ":moneybag: may cost money"
FREE = "Without asking: it only reads"
AGAIN = "_It ran without asking. Once you accept the change, I ask you before each call again._"
LONGEST_LIST = 240
READ, ACCEPT_NEW = "tools.read", "tools.accept_new"
CHANGED = ":warning: *{}* has changed since you accepted it. I leave it out until you have looked."
ADDED = ":new: *{}* is new at its server. I leave it out until you have looked. I would read:"
ACCEPTS = {True: "Accept the tool", False: "Accept the change"}
LONG = "_And more than there is room for here: read all of it, and accept it at its end._"
TOO_MUCH = ":warning: *There is more of it than can be shown here, so it cannot be accepted.* It stays left out."


def line(tool: PinnedTool, *, costs: bool = False, allowed: Sequence[AllowedCalls] = ()) -> list[Block]:
    name = safe(tool.title or tool.name, 150)
    if tool.state == "gone":
        return [section(f"~{name}~ is not offered by the server any more.")]
    if tool.state == "set_aside":
        return [divider(), *_changed(tool, name)]
    marks = f"{mark(tool)}  {COSTS}" if costs else mark(tool)
    told = [f"*{name}*  {marks}", safe(tool.description, 240) or "_No description._", *takes(tool.definition)]
    told += [narrow(allowed)] if narrow(allowed) else []
    try_it = (
        [button("Try it", TRY, tool.name, label=f"Try it: {tool.title or tool.name}")] if tool.policy != "off" else []
    )
    # The policy is in the id: Slack keeps what a field shows for as long as its block stays the same.
    again = [button("Ask me again", FORGET_ONE, tool.name, label=f"Ask me again: {tool.title or tool.name}")]
    acts = actions(_choice(tool), *try_it, *(again if allowed else []), block_id=f"{BLOCK}{tool.policy}:{tool.name}")
    return [divider(), section("\n".join(told)), acts]


def mark(tool: PinnedTool) -> str:
    """What it does to the world: by the card's list, or by its server's word, which is not believed."""
    if tool.policy == "free":
        return ":book: reads"
    if reads(tool):
        return ":book: _It says that it only reads._"
    call = {"tool": tool.name, "title": tool.title}
    return ":wastebasket: may delete or end things" if destructive([call]) else ":pencil2: may change things"


def takes(definition: dict[str, Any]) -> list[str]:
    """«Needs: repo (text). May have: page (number).»; nothing when it takes nothing."""
    schema = definition.get("inputSchema")
    told = schema_forms.summary(schema if isinstance(schema, dict) else {})
    parts = {"Needs": told.needs, "May have": told.may_have}
    listed = [f"{word}: {safe(', '.join(names), LONGEST_LIST)}" for word, names in parts.items() if names]
    return [f"_{'. '.join(listed)}_"] if listed else []


def tool_of(block_id: str) -> str:
    """The tool whose policy was chosen in this block."""
    return block_id.removeprefix(BLOCK).partition(":")[2]


def _choice(tool: PinnedTool) -> Block:
    words = {"free": FREE, **WORDS} if tool.policy == "free" else WORDS
    options = {policy: option(word, policy) for policy, word in words.items()}
    return select(POLICY, list(options.values()), options[tool.policy])


def _changed(tool: PinnedTool, name: str) -> list[Block]:
    told = changes(tool.definition, tool.offered or {})
    lead = section(_lead(tool, name))
    if told.whole:
        return [lead, *told.blocks, actions(_accept(tool), block_id=BLOCK + tool.name)]
    read = button("Read all of it", READ, _leaf(tool, 0), label=f"Read all of it: {tool.title or tool.name}")
    return [lead, *told.blocks, context(LONG), actions(read, block_id=BLOCK + tool.name)]


def accept_new(here: Sequence[PinnedTool]) -> list[Block]:
    """All that are new and shown whole on this page, at once: a server may have added a dozen."""
    new = shown_new(here)
    if len(new) < 2:
        return []
    told = f"Accept these {len(new)} new tools"
    return [actions(button(told, ACCEPT_NEW, fingerprint(_pins(new)), label=f"{told}, as they are shown below"))]


def shown_new(here: Sequence[PinnedTool]) -> list[PinnedTool]:
    waiting = [tool for tool in here if tool.state == "set_aside" and never_accepted(tool)]
    return [tool for tool in waiting if changes(tool.definition, tool.offered or {}).whole]


def as_shown(here: Sequence[PinnedTool], value: str) -> list[PinnedTool]:
    """Those that the button was about; none when they are others by now."""
    new = shown_new(here)
    return new if fingerprint(_pins(new)) == value else []


def _pins(tools: Sequence[PinnedTool]) -> list[str]:
    return sorted(f"{tool.name} {tool.offered_pin}" for tool in tools)


def window(tool: PinnedTool, pages: Sequence[Sequence[Block]], page: int, kept: dict[str, Any]) -> View:
    """All that is new of it, a page at a time; whoever has come to its end can accept it there."""
    lead = section(_lead(tool, safe(tool.title or tool.name, 150)))
    read = turned(pages or [[section(TOO_MUCH)]], page, READ, lambda at: _leaf(tool, at))
    submit = ACCEPTS[never_accepted(tool)] if read.last and pages else ""
    metadata = json.dumps({**kept, "tool": tool.name, "pin": tool.offered_pin})
    return modal("Tools", [lead, *read.blocks], callback_id=READ, submit=submit, close="Back", metadata=metadata)


def to_read(tool: PinnedTool) -> list[list[Block]]:
    return in_pages([differences(tool.definition, tool.offered or {})])


def _lead(tool: PinnedTool, name: str) -> str:
    if never_accepted(tool):
        return ADDED.format(name)
    return "\n".join([CHANGED.format(name), *([AGAIN] if tool.policy in ("always", "free") else [])])


def _accept(tool: PinnedTool) -> Block:
    """By its pin: what is accepted is what is shown here, and nothing newer."""
    words = ACCEPTS[never_accepted(tool)]
    value, label = json.dumps([tool.name, tool.offered_pin]), f"{words}: {tool.title or tool.name}"
    return button(words, ACCEPT, value, label=label)


def _leaf(tool: PinnedTool, page: int) -> str:
    return json.dumps([tool.name, tool.offered_pin, page])


def leaf_of(value: str) -> tuple[str, str, int]:
    """Which tool, the pin of what was shown of it, and which page."""
    name, pin, page = json.loads(value)
    return str(name), str(pin), int(page)

"""One tool in the list: what it does, what it takes, and what may be done with it."""

import json
from typing import Any

from bot.slack.screens import schema_forms
from bot.slack.screens.approvals import destructive
from bot.slack.screens.blocks.definition_changes import changes
from bot.slack.screens.blocks.elements import Block, actions, button, divider, option, section, select, sure
from bot.slack.screens.blocks.text import safe
from bot.slack.screens.connections.tool_filters import reads
from mcp_runtime.tools.pins import pin_of
from storage.tables import PinnedTool

POLICY = "tools.policy"
ACCEPT = "tools.accept"
TRY = "tools.try"
BLOCK = "tool:"

WORDS = {"ask": "Asks first", "always": "Always, without asking", "off": "Off"}
COSTS = ":moneybag: may cost money"
FREE = "Without asking: it only reads"
AGAIN = "_It ran without asking. Once you accept the change, I ask you before each call again._"
LONGEST_LIST = 240
UNSEEN = "Not all that changed can be shown here, and I would read all of it. Accept it only if you trust its server."


def line(tool: PinnedTool, *, costs: bool = False) -> list[Block]:
    name = safe(tool.title or tool.name, 150)
    if tool.state == "gone":
        return [section(f"~{name}~ is not offered by the server any more.")]
    if tool.state == "set_aside":
        return [divider(), *_changed(tool, name)]
    marks = f"{mark(tool)}  {COSTS}" if costs else mark(tool)
    told = [f"*{name}*  {marks}", safe(tool.description, 240) or "_No description._", *takes(tool.definition)]
    try_it = (
        [button("Try it", TRY, tool.name, label=f"Try it: {tool.title or tool.name}")] if tool.policy != "off" else []
    )
    # The policy is in the id: Slack keeps what a field shows for as long as its block stays the same.
    acts = actions(_choice(tool), *try_it, block_id=f"{BLOCK}{tool.policy}:{tool.name}")
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
    new: dict[str, Any] = tool.offered or {}
    told = changes(tool.definition, new)
    first = [f":warning: *{name}* has changed since you accepted it. I leave it out until you have looked."]
    if tool.policy in ("always", "free"):
        first.append(AGAIN)
    pin = pin_of(new)  # what is accepted is what is shown here, and nothing newer
    confirm = None if told.whole else sure("Accept what is not shown?", UNSEEN, "Accept", "Go back")
    value, label = json.dumps([tool.name, pin]), f"Accept the change of {name}"
    accept = button("Accept the change", ACCEPT, value, confirm=confirm, label=label)
    return [section("\n".join(first)), *told.blocks, actions(accept, block_id=BLOCK + tool.name)]

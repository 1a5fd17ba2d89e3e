"""The tools of one connection, and what each may do without asking."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bot.services.connections.left_out import left_out, of
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    alert,
    button,
    context,
    divider,
    field,
    header,
    modal,
    option,
    section,
    select,
    text_input,
)
from bot.slack.screens.blocks.text import clipped, count, plainly, safe
from bot.slack.screens.connections import listing
from bot.slack.screens.connections.offerings import offerings_button
from mcp_runtime.left_out import MAX_TOLD
from mcp_runtime.tools.pins import pin_of
from storage.repositories.mcp.connections import text_pin
from storage.tables import Connection, PinnedTool

POLICY = "tools.policy"
FORGET = "tools.forget"
ACCEPT = "tools.accept"
PAGE = "tools.page"
ACCEPT_WORDS = "tools.accept_words"
RENAME = "tools.rename"
RENAME_FORM = "tools.rename_form"
NEW_NAME = "account"

PAGE_SIZE = 20
LONGEST_SECTION = 2900
BLOCK = "tool:"
WORDS = {"ask": "Asks first", "always": "Always, without asking", "off": "Off"}
FREE = "Free: it only reads"
AGAIN = "_It ran without asking. Once you accept the change, I ask you before each call again._"
EXPLAINED = "*Asks first*: I ask you before each call. *Always*: I do not ask. *Off*: I never see it."


def tools(connection: Connection, pinned: Sequence[PinnedTool], page: int = 0, told: str = "") -> View:
    """``told`` is what has to be said on top of it; escaped already."""
    pages = max(1, -(-len(pinned) // PAGE_SIZE))
    page = min(max(page, 0), pages - 1)
    here = pinned[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    number = count(len(pinned), "tool")
    blocks: list[Block] = [alert(told, "warning")] if told else []
    blocks += [header(clipped(connection.title, 150)), context(f"{number}. {EXPLAINED}")]
    about = [button("Rename", RENAME, connection.id, label=f"Rename {connection.title}"), _pause_or_resume(connection)]
    about.append(offerings_button(connection))
    if any(tool.policy == "always" for tool in pinned):
        about.append(
            button("Forget every “always”", FORGET, connection.id, label="Forget every “always” and ask again")
        )
    blocks.append(actions(*about))
    if unfit := left_out(of(connection), MAX_TOLD + 1):
        blocks.append(context(safe(unfit, 2900)))
    blocks += _words_of(connection)
    blocks += [block for tool in here for block in _tool(tool)]
    blocks += _pages(page, pages)
    return modal("Tools", blocks, metadata=json.dumps({"connection": connection.id, "page": page}))


def _pause_or_resume(connection: Connection) -> Block:
    if connection.paused_at:
        return listing.resume_button(connection)
    return button("Pause", listing.PAUSE, connection.id, label=f"Pause {connection.title}: I use none of its tools")


def _words_of(connection: Connection) -> list[Block]:
    """What the server says about its tools, which I read as well; a change waits for the member."""
    before, now = connection.instructions or "", connection.instructions_offered
    if now is None:
        return [context(f"*Its server tells me about its tools:* {plainly(before, 500)}")] if before else []
    if not now:
        return []  # it says nothing any more, so there is nothing to accept
    told = (
        ":warning: *What its server tells me about its tools has changed.* I leave it out until you have looked.\n"
        f"*It said:* {plainly(before, 500) or '_nothing_'}\n*Now it says:*"
    )
    label = "Accept what the server now says about its tools"
    accept = button("Accept the change", ACCEPT_WORDS, text_pin(now), label=label)
    return [section(told), *(section(piece, expand=True) for piece in _whole(now)), actions(accept), divider()]


def _whole(text: str) -> Iterator[str]:
    """To the last character, since all of it is accepted; in pieces that a section takes."""
    while text:
        size = LONGEST_SECTION
        while len(piece := plainly(text[:size], size)) > LONGEST_SECTION:
            size //= 2
        yield piece or "…"
        text = text[size:]


def rename(connection: Connection, typed: str = "") -> View:
    """Its tools keep their short names, so nothing that was allowed or frozen changes."""
    box = text_input(initial=typed or connection.title, most=40)
    asked = field(NEW_NAME, "Name", box, hint="Its tools are shown under this name from now on.")
    metadata = json.dumps({"connection": connection.id})
    return modal("Rename", [asked], callback_id=RENAME_FORM, submit="Rename", close="Cancel", metadata=metadata)


def _tool(tool: PinnedTool) -> list[Block]:
    name = safe(tool.title or tool.name, 150)
    said = " _It says that it only reads._" if tool.hinted_reading and tool.policy != "free" else ""
    text = f"*{name}*{said}\n{safe(tool.description, 300) or '_No description._'}"
    if tool.state == "gone":
        return [section(f"~{name}~ is not offered by the server any more.")]
    if tool.state == "set_aside":
        return [divider(), *_changed(tool, name)]
    # The policy is in the id: Slack keeps what a field shows for as long as its block stays the same.
    return [section(text, _choice(tool), block_id=f"{BLOCK}{tool.policy}:{tool.name}")]


def tool_of(block_id: str) -> str:
    """The tool whose policy was chosen in this block."""
    return block_id.removeprefix(BLOCK).partition(":")[2]


def _choice(tool: PinnedTool) -> Block:
    words = {"free": FREE, **WORDS} if tool.policy == "free" else WORDS
    options = {policy: option(word, policy) for policy, word in words.items()}
    return select(POLICY, list(options.values()), options[tool.policy])


def _changed(tool: PinnedTool, name: str) -> list[Block]:
    new: dict[str, Any] = tool.offered or {}
    lines = [f":warning: *{name}* has changed since you accepted it. I leave it out until you have looked."]
    if (told := str(new.get("description") or "")) != tool.description:
        before, after = safe(tool.description, 700), safe(told, 700)
        lines.append(f"*It said:* {before or '_nothing_'}\n*Now:* {after or '_nothing_'}")
    lines += _changed_arguments(tool.definition, new)
    if tool.policy in ("always", "free"):
        lines.append(AGAIN)
    pin = pin_of(new)  # what is accepted is what is shown here, and nothing newer
    accept = button("Accept the change", ACCEPT, json.dumps([tool.name, pin]), label=f"Accept the change of {name}")
    return [section("\n".join(lines)), actions(accept, block_id=BLOCK + tool.name)]


def _changed_arguments(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    before, after = _arguments(old), _arguments(new)
    told = {
        "New": after.keys() - before.keys(),
        "Gone": before.keys() - after.keys(),
        "Different": {name for name in before.keys() & after.keys() if before[name] != after[name]},
    }
    return [f"*{word} arguments:* {safe(', '.join(sorted(names)), 300)}" for word, names in told.items() if names]


def _arguments(definition: dict[str, Any]) -> dict[str, Any]:
    schema = definition.get("inputSchema") or {}
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _pages(page: int, pages: int) -> list[Block]:
    if pages == 1:
        return []
    buttons = [button("Back", f"{PAGE}.back", str(page - 1), label="Back to the tools before these")] if page else []
    if page + 1 < pages:
        buttons.append(button("More", f"{PAGE}.more", str(page + 1), label="More tools"))
    return [context(f"Page {page + 1} of {pages}"), actions(*buttons)]

"""What a link would be, before it is made: its guests' first screen, and all that only its creator may know."""

import json

from bot.services.links.making.drafts import Prepared
from bot.services.links.making.freezing import SHOWN
from bot.slack.screens.blocks.elements import Block, View, context, divider, header, modal, section
from bot.slack.screens.blocks.text import clipped, escaped, safe
from bot.slack.screens.links import files, words
from storage.tables import Link

PREVIEW = "link.preview"
LONGEST = 500
AI = "An AI assistant answers, on your behalf. You can read all that is said; the guest is told so before the start."
CHANNEL = "All that is said is also shown to others, in a Slack channel."
INVITED = "You are invited to a chat"
UNCHANGING = (
    "Once made, it stays as you see it here; only its time and its address can be changed. Its fingerprint: `{}`."
)


def preview(prepared: Prepared, channel: str) -> View:
    """``channel`` is where the link will be shown."""
    metadata = json.dumps({"draft": prepared.draft_id, "channel": channel})
    link = prepared.link
    blocks = [
        header("What your guests see first"),
        section(f"> _{INVITED}_\n> {words.title(link)}\n{_quoted(link.purpose)}> :robot_face: {AI}{_besides(link)}"),
        *_starters(link),
        divider(),
        header("What you decided"),
        section(words.terms(link)),
        *_hidden("Instructions to the agent", link.instructions),
        *_hidden("What the agent asks", "\n".join(f"• {each}" for each in link.covers)),
        context(UNCHANGING.format(link.frozen[:SHOWN])),
    ]
    return modal("Preview", blocks, callback_id=PREVIEW, submit="Create", close="Back", metadata=metadata)


def _besides(link: Link) -> str:
    channel = f"\n> :eyes: {CHANNEL}" if link.follow_channel else ""
    return channel + (f"\n> :paperclip: They may send files: {told}." if (told := files.told(link)) else "")


def decided(metadata: str) -> tuple[str, str]:
    """The draft, and the channel."""
    kept = json.loads(metadata)
    return kept["draft"], kept["channel"]


def _quoted(text: str) -> str:
    lines = clipped(text.strip(), LONGEST).splitlines()
    return "".join(f"> {escaped(line)}\n" for line in lines)


def _starters(link: Link) -> list[Block]:
    if not link.starters:
        return []
    told = "\n".join(f"> • {safe(each, 80)}" for each in link.starters)
    return [section(f"Then they may begin with one of these:\n{told}")]


def _hidden(label: str, text: str) -> list[Block]:
    return [section(f"*{label}*\n{escaped(clipped(text.strip(), LONGEST))}")] if text.strip() else []

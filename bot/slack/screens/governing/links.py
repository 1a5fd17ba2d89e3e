"""All chat links that are alive, whoever made them."""

from collections.abc import Mapping, Sequence

from bot.services.watch.insights.insights import PAGE
from bot.slack.screens.blocks.elements import Block, actions, button, section, sure
from bot.slack.screens.blocks.text import count, escaped
from bot.slack.screens.governing import figures, tabs
from bot.slack.screens.links import access, listing, words
from storage.repositories.insights.calls import Calls
from storage.repositories.links.figures import Counts
from storage.tables import Link

REVOKE = "links.end"
NONE = "No chat link is alive. Members make one by the button on their Home tab, or with `/tempchat create`."
SURE = "It stops working for good, and every open chat on it ends at once. Whoever made it is told."


def links(
    found: Sequence[Link], counts: Mapping[str, Counts], calls: Mapping[str, Calls], total: int, page: int
) -> list[Block]:
    rules = tabs.leads_to(tabs.POLICIES, "Who may make links", "Who may make links, and how far they go")
    if not total:
        return [section(NONE), actions(listing.create_button(), rules)]
    rows = [row(each, counts.get(each.id), calls.get(each.id)) for each in found]
    return [actions(rules), *rows, *tabs.turned("link", page, PAGE, total)]


def row(link: Link, counts: Counts | None = None, calls: Calls | None = None) -> Block:
    used = f"{link.used_sessions} of {words.guests(link)} came"
    now = f", {counts.chatting} chatting now" if counts and counts.chatting else ""
    said = f", {count(counts.messages, 'message')}" if counts and counts.messages else ""
    tools = f" · {count(len(link.tools), 'tool')}" if link.tools else " · no tools"
    called = f", {figures.calls(calls)}" if calls and calls.sent else ""
    paused = " · paused" if link.paused_at else ""
    text = (
        f"{words.title(link)} by <@{escaped(link.creator_id)}>{paused}\n{used}{now}{said}{tools}{called}\n"
        f"{words.until(link.expires_at)}{access.in_a_list(link)} · {words.spent(link)}"
    )
    confirm = sure("Revoke this link?", SURE, "Revoke")
    return section(text, button("Revoke", REVOKE, link.id, confirm=confirm, label=f"Revoke {link.title}"))

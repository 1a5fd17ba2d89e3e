"""The first tab: is all well, what has to be done, and what the workspace has used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.services.chats.ending.ratings import Figures
from bot.services.limits.prices import in_words
from bot.services.watch.audit.ledger import Check
from bot.services.watch.insights.insights import Overview
from bot.slack.screens.approvals import counted
from bot.slack.screens.blocks.bars import bar
from bot.slack.screens.blocks.elements import Block, actions, button, context, divider, section
from bot.slack.screens.blocks.text import clipped, count, safe, when
from bot.slack.screens.governing import figures, tabs
from bot.slack.screens.turns import closing

SANDBOX = {
    "reduced": "Programs that I start run in a reduced sandbox here: they see only their files, and those that need "
    "the network are refused.",
    "none": "There is no sandbox here for programs that I start, so connections that need one are refused.",
    "off": "The sandbox is switched off: programs that I start may do all that I may do on this machine.",
}
"""By the name of its level; of a full one there is nothing to tell."""
CURE = "Whoever runs this installation finds the reason and the cure with `usher doctor`."
WELL = ":white_check_mark: *All is well.*"
NEARLY = 0.8
"""Of a limit."""
WIDE = 34
REPORT, REPORT_TITLE = "insights.report", "The last 30 days"
SENT, NOT_SENT = "The table is in our direct message.", "Slack did not take the file just now. Try again in a minute."


@dataclass(frozen=True)
class Signs:
    """What is known beside what is counted."""

    parts: Mapping[str, str] = field(default_factory=dict)
    """Of the installation, by name: ok, or what is wrong."""
    sandbox: str = "full"
    mail: bool = False
    check: Check | None = None
    """When the audit was verified last."""


@dataclass(frozen=True)
class Concern:
    text: str
    cure: Block | None = None


def overview(found: Overview, signs: Signs, ratings: Figures, titles: Mapping[str, str]) -> list[Block]:
    """``titles`` are those of the cards by name."""
    concerns = list(_concerns(found, signs))
    head = WELL if not concerns else f":warning: *{count(len(concerns), 'thing')} to look at*"
    return [
        section(head),
        *(section(each.text, each.cure) for each in concerns),
        divider(),
        section("\n".join(_numbers(found, signs))),
        *_tools(found, titles),
        *closing.figures(ratings),
        actions(
            counted.open_button(), button("Send me this as a table", REPORT, label="Send me this as a table (CSV)")
        ),
    ]


def _concerns(found: Overview, signs: Signs) -> Iterator[Concern]:
    counts = found.counts
    for name, told in signs.parts.items():
        if not told.startswith("ok"):
            yield Concern(f":x: The {name} {told}. {CURE}")
    if signs.sandbox in SANDBOX:
        yield Concern(f":warning: {SANDBOX[signs.sandbox]} {CURE}")
    if counts.late or counts.queued:
        waits = " and ".join(
            [
                *([count(counts.queued, "message")] if counts.queued else []),
                *([count(counts.late, "piece of work").replace("works", "work")] if counts.late else []),
            ]
        )
        yield Concern(f":hourglass: {waits} waiting for more than five minutes. {CURE}")
    if broken := counts.failing + counts.signs_in:
        told = (
            f":key: {count(broken, 'connection')} of {counts.connections} do not work: {counts.failing} not answering,"
        )
        cure = tabs.leads_to(tabs.CONNECTIONS, "Connections", "Connections that do not work")
        yield Concern(f"{told} {counts.signs_in} to be signed in to again, which I ask their members for.", cure)
    if found.limit is not None and found.month.money >= NEARLY * found.limit:
        spent = figures.of_limit(found.month.money, found.limit)
        yield Concern(f":moneybag: {spent} this month.", tabs.leads_to(tabs.BUDGETS, "Budgets", "Raise the limit"))
    if counts.turned_away:
        told = (
            f":shield: {count(counts.turned_away, 'attempt')} at guests' pages that looked like an attack, all refused."
        )
        yield Concern(told, tabs.leads_to(tabs.LINKS, "Links", "Links that are alive"))
    if signs.check and not signs.check.whole:
        audit = tabs.leads_to(tabs.AUDIT, "Audit", "Look at the audit")
        yield Concern(":warning: When it was verified last, the audit was not as it was written.", audit)


def _numbers(found: Overview, signs: Signs) -> list[str]:
    counts, month = found.counts, found.month
    spent = figures.of_limit(month.money, found.limit)
    forbidden = f", {counts.forbidden} forbidden" if counts.forbidden else ""
    checked = f"verified {when(signs.check.at)}" if signs.check else "never verified from here"
    return [
        f"*Answers, last 24 hours:* {counts.answered}" + (f", {counts.failed} failed" if counts.failed else ""),
        f"*Calls of tools, last 30 days:* {figures.calls(found.calls)}",
        f"*Connections:* {counts.connections}{forbidden}",
        f"*Chat links alive:* {counts.links}, {count(counts.chatting, 'guest')} chatting now",
        f"*Questions waiting for their members:* {counts.asked}",
        f"*Spent today (UTC):* {figures.amount(found.today)} · *this month:* {spent}",
        *(
            [f"*Saved by the model's cache this month:* {in_words(found.month.saved)}, measured"]
            if found.month.saved
            else []
        ),
        f"*Audit:* {checked} · *Codes by mail:* {'yes' if signs.mail else 'not set up'}",
    ]


def _tools(found: Overview, titles: Mapping[str, str]) -> list[Block]:
    if not found.tools:
        return [context("Nobody has called a tool in the last 30 days: a chart of the most used stands here then.")]
    most = max(calls.sent for *_, calls in found.tools) or 1
    lines = [
        f"{bar(calls.sent, most)} {calls.sent:>6,} {_named(card, tool, titles)}" for card, tool, calls in found.tools
    ]
    return [section("*Most used tools, last 30 days*\n```" + "\n".join(lines) + "```"), context(figures.FEW)]


def _named(card: str, tool: str, titles: Mapping[str, str]) -> str:
    return clipped(safe(f"{titles.get(card, card)}: {tool}", WIDE), WIDE)

"""For administrators: the agents of the workspace, and what archiving one does."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.services.agents.values import MOST_AGENTS
from bot.slack.screens.agents.words import facts, titled
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, divider, modal, section
from bot.slack.screens.blocks.paging import page_of
from bot.slack.screens.blocks.text import count, unmarked
from storage.repositories.agents.agents import LeansOn
from storage.tables import Agent

OPEN, NEW, CHANGE, DEFAULT = "agents.open", "agents.new", "agents.change", "agents.default"
ARCHIVE, SURE, BACK, PAGE = "agents.archive", "agents.sure", "agents.bring_back", "agents.page"
TITLE, BUTTON = "Agents", "Agents"
ONLY_ADMINS = "Only admins of this workspace make and change its agents. Ask one of them."
INTRO = (
    "An agent has a name, instructions and rights of its own. Members ask one by its name, “ask Ledger: …” in a direct "
    "message; a channel can be fixed to one, and a chat link is given one. What its member allows holds too: an agent "
    "may never do more than they."
)
PAGE_SIZE = 10
SAVED, ARCHIVED, BACK_AGAIN = "{} is saved. It holds from the next call on.", "{} is archived.", "{} is back."
DEFAULT_NOW = "{} answers now wherever no other agent does."


def listed(
    agents: Sequence[Agent],
    channels: Mapping[str, str],
    titles: Mapping[str, str],
    page: int = 0,
    told: str = "",
    limits: Mapping[str, int] = MappingProxyType({}),
) -> View:
    """``channels`` have the agent of each that is fixed to one; ``titles`` are those of the cards."""
    shown = page_of(agents, page, PAGE_SIZE)
    alive = sum(each.archived_at is None for each in agents)
    full = context(f"These are {MOST_AGENTS}, as many as may be.")
    add = full if alive >= MOST_AGENTS else actions(button("Make an agent", NEW, style="primary"))
    blocks = [*([section(unmarked(told))] if told else []), section(INTRO), add, divider()]
    for each in shown.items:
        theirs = [channel for channel, whose in channels.items() if whose == each.id]
        blocks += _row(each, theirs, titles, limits.get(each.id))
    return modal(TITLE, [*blocks, *shown.turned("agent", PAGE)])


def _row(agent: Agent, channels: Sequence[str], titles: Mapping[str, str], money: int | None) -> list[Block]:
    if agent.archived_at:
        back = button("Bring back", BACK, agent.id, label=f"Bring back {agent.name}")
        return [section(f"{titled(agent)} · archived", back)]
    first = f"{titled(agent)}{' · the default' if agent.is_default else ''}"
    acts = [button("Change", CHANGE, agent.id, label=f"Change {agent.name}")]
    if not agent.is_default:
        acts.append(button("Make it the default", DEFAULT, agent.id, label=f"Make it the default: {agent.name}"))
        acts.append(button("Archive…", ARCHIVE, agent.id, label=f"Archive… {agent.name}"))
    return [section(f"{first}\n{facts(agent, channels, titles, money)}"), actions(*acts)]


def sure(agent: Agent, leans: LeansOn) -> View:
    """What leans on it is said before."""
    name = unmarked(agent.name)
    told = [f"*{name}* will answer and call nothing more, from this moment on. You can bring it back at any time."]
    if leans.channels:
        here = ", ".join(f"<#{each}>" for each in leans.channels)
        told.append(
            f"In {here} nobody answers then: give {'it' if len(leans.channels) == 1 else 'them'} another agent."
        )
    if leans.links:
        told.append(f"{count(leans.links, 'chat link')} that it answers will go on without tools.")
    if leans.conversations:
        told.append(f"{count(leans.conversations, 'conversation')} of the last 30 days cannot go on.")
    if len(told) == 1:
        told.append("Nothing leans on it.")
    shown = [section("\n".join(told))]
    return modal("Archive", shown, callback_id=SURE, submit="Archive", close="Keep it", metadata=agent.id)

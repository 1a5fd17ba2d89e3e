"""Agents and budgets as administrators see them: who has used how much of what."""

from collections.abc import Sequence

from bot.services.limits.budgets.budgets import Month
from bot.services.watch.insights.insights import OneAgent
from bot.slack.screens.agents import listing
from bot.slack.screens.agents.words import titled
from bot.slack.screens.blocks.bars import columns
from bot.slack.screens.blocks.elements import Block, actions, button, context, section
from bot.slack.screens.blocks.paging import page_of
from bot.slack.screens.blocks.text import escaped, unmarked
from bot.slack.screens.governing import figures, tabs
from bot.slack.screens.spending import budgets as windows
from bot.slack.screens.spending.amounts import ESTIMATES, answers, dollars
from storage.tables import Agent

MOST = 20
NO_OTHERS = "There is one agent, the default. Another has a name, instructions, rights and a budget of its own."
NOTHING = "Nothing was asked this month. What answers cost stands here then, by day and by member."


def agents(found: Sequence[OneAgent], page: int = 0) -> list[Block]:
    shown = page_of(found, page, MOST)
    change = button("Make and change agents", listing.OPEN, style="primary", label="Make and change agents")
    rows = [section(_agent(each), _change(each.agent)) for each in shown.items]
    none = [context(NO_OTHERS)] if len(found) < 2 else []
    return [actions(change), *rows, *none, *tabs.turned("agent", shown.number, MOST, shown.total)]


def _change(agent: Agent) -> Block:
    return button("Change", listing.CHANGE, agent.id, label=f"Change {agent.name}")


def _agent(each: OneAgent) -> str:
    asked = f" · “ask {unmarked(each.agent.name)}: …”" if each.agent.used != "channels" else ""
    default = " · the default" if each.agent.is_default else asked
    if not (each.calls.sent or each.calls.refused or each.money or each.tokens):
        limit = f" It may use {dollars(each.limit)} a month." if each.limit is not None else ""
        return f"{titled(each.agent)}{default}\n_Not asked yet._{limit}"
    return (
        f"{titled(each.agent)}{default}\n{figures.of_limit(each.money, each.limit)} · {each.tokens:,} tokens\n"
        f"{figures.calls(each.calls)}"
    )


def budgets(month: Month, of_agents: Sequence[OneAgent]) -> list[Block]:
    change = actions(
        button("Change budgets", windows.OPEN, style="primary", label="Change budgets of the workspace and members")
    )
    whole = f"*The workspace, its guests too*\n{figures.of_limit(month.all.money, month.limit())}"
    if not month.all.requests:
        return [change, section(whole), context(NOTHING)]
    best, _ = max(month.days, key=lambda each: each[1])
    first, _ = month.days[0]
    days = f"*By day, from {first:%-d %B}*\n{columns([money for _, money in month.days])}\nMost on {best:%-d %B}."
    others = [each for each in of_agents if not each.agent.is_default and (each.money or each.limit is not None)]
    others.sort(key=lambda each: -each.money)
    named = [f"{figures.of_limit(each.money, each.limit)} · {titled(each.agent)}" for each in others[:MOST]]
    people = [
        f"{figures.of_limit(total.money, month.limit(name))} · <@{escaped(name)}>" for name, total in month.members
    ]
    return [
        change,
        section(f"{whole}\n{answers(month.all)}"),
        section(days),
        section("*Members who used most*\n" + "\n".join(people)),
        *([section("*Agents*\n" + "\n".join(named))] if named else []),
        context(f"{ESTIMATES} It begins anew on {month.begins_anew:%-d %B}, by UTC. At 80 % you are told."),
    ]

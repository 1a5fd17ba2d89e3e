"""The form of an agent: who it is, what it may at most, and where it answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import FormError
from bot.services.agents.values import INSTRUCTIONS, NAME, TOOLS, AgentForm, Used
from bot.slack.screens.agents.words import SCOPES, USED
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    channels,
    checkbox,
    context,
    field,
    modal,
    option,
    select,
    select_several,
    text_input,
)
from bot.slack.screens.spending.amounts import amount_field, typed
from storage.rules.access import Scope

FORM, VALUE, YES = "agents.form", "value", "yes"
MOST_SHOWN = 100
NEW_TITLE, TITLE = "A new agent", "Change an agent"
NAMED = "Members ask for it by this name: “ask Ledger: …”"
PICTURED = "An emoji, by its name: ledger, moneybag, books. It stands before the agent's name."
TOOLS_HINT = "Servers' own names, one a line, like list_issues. Only for “Only the tools named below”."
CARDS = "Connections of any other service are not its to use. Empty: of all."
ASKS = "Nothing, until a connection's owner grants it"
MONEY = "In US dollars. Empty: as much as the workspace may. The default agent has the workspace's budget."
FIXED = "There this agent answers, and no other. A channel that was another's becomes this one's."
NARROWS = "Members narrow this for connections of their own; nobody widens it. All of it holds from the next call on."


def form(before: AgentForm | None, cards: Mapping[str, str], agent_id: str = "") -> View:
    """``cards``: titles by name; ``agent_id`` is empty for a new one."""
    now = before or AgentForm("")
    asks = checkbox(VALUE, option(ASKS, YES), ticked=now.asks_first)
    shown = [
        field("name", "Name", text_input(initial=now.name, placeholder="Ledger", most=NAME), hint=NAMED),
        field("picture", "Picture", text_input(initial=now.picture.strip(":"), most=72), hint=PICTURED, optional=True),
        field(
            "instructions",
            "Instructions",
            text_input(initial=now.instructions, multiline=True, most=INSTRUCTIONS),
            hint="What it is for, and how it should answer.",
            optional=True,
        ),
        field("scope", "What it may do at most with a member's connection", _one_of(SCOPES, now.scope)),
        field(
            "tools",
            "Tools",
            text_input(initial="\n".join(now.tools), multiline=True, most=TOOLS),
            hint=TOOLS_HINT,
            optional=True,
        ),
        *([field("cards", "Services", _cards(cards, now.cards), hint=CARDS, optional=True)] if cards else []),
        field("asks_first", "With each connection", asks, optional=True),
        field("used", "Who may ask it", _one_of(USED, now.used)),
        amount_field("money", "What it may use in a month", now.money, MONEY),
        field("channels", "Channels fixed to it", channels(VALUE, now.channels), hint=FIXED, optional=True),
        context(NARROWS),
    ]
    title = TITLE if agent_id else NEW_TITLE
    return modal(title, shown, callback_id=FORM, submit="Save", close="Back", metadata=agent_id)


def filled(values: Mapping[str, Any]) -> AgentForm:
    """Raises `FormError` for what is no amount."""
    used: Used = values.get("used") or "everyone"
    tools = str(values.get("tools") or "").splitlines()
    return AgentForm(
        name=str(values.get("name") or "").strip(),
        picture=_emoji(str(values.get("picture") or "")),
        instructions=str(values.get("instructions") or ""),
        scope=Scope(values.get("scope") or Scope.FULL),
        tools=tuple(dict.fromkeys(each.strip() for each in tools if each.strip())),
        cards=tuple(values.get("cards") or ()),
        asks_first=bool(values.get("asks_first")),
        used=used,
        channels=tuple(values.get("channels") or ()),
        money=_money(str(values.get("money") or "")),
    )


def _money(text: str) -> int | None:
    try:
        return typed(text)
    except ValueError as error:
        raise FormError({"money": str(error)}) from error


def _emoji(text: str) -> str:
    """With its colons, whether they were typed or not."""
    name = text.strip().strip(":")
    return f":{name}:" if name else ""


def _one_of(words: Mapping[Any, str], now: str) -> Block:
    options = {str(value): option(word, str(value)) for value, word in words.items()}
    return select(VALUE, list(options.values()), options[str(now)])


def _cards(cards: Mapping[str, str], chosen: Sequence[str]) -> Block:
    """Those chosen first, or one that stands further below would be lost by the next save."""
    names = [*chosen, *(each for each in cards if each not in chosen)][:MOST_SHOWN]
    options = {each: option(cards.get(each, each), each) for each in names}
    return select_several(VALUE, list(options.values()), [options[each] for each in chosen if each in options])

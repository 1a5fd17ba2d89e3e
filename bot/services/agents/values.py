"""What an administrator says of an agent, checked."""

import re
from dataclasses import dataclass, field
from typing import Literal

from bot.errors import FormError
from storage.rules.access import Scope
from storage.tables import Agent

NAME, INSTRUCTIONS, TOOLS = 40, 3_000, 3_000
MOST_AGENTS = 30
_NAME = re.compile(r"[^\W_][\w .&'’-]*")
_PICTURE = re.compile(r":[a-z0-9_+'-]{1,70}:")
Used = Literal["everyone", "members", "channels"]


@dataclass(frozen=True)
class AgentForm:
    """``scope``, ``tools``, ``cards`` and ``asks_first`` are what it may do at most; members narrow it further."""

    name: str
    picture: str = ""
    instructions: str = ""
    scope: Scope = Scope.FULL
    tools: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    asks_first: bool = False
    used: Used = "everyone"
    channels: tuple[str, ...] = field(default=())
    money: int | None = None
    """What it may use in a month, in millionths of a US dollar; None: as much as the workspace may."""

    @property
    def called(self) -> str:
        return called(self.name)


def called(name: str) -> str:
    """As names are compared: in capitals or not, with one blank between words."""
    return " ".join(name.split()).casefold()


def of_agent(agent: Agent, channels: tuple[str, ...], money: int | None = None) -> AgentForm:
    """As it stands."""
    return AgentForm(
        name=agent.name,
        picture=agent.picture,
        instructions=agent.instructions,
        scope=Scope(agent.scope),
        tools=tuple(agent.tools),
        cards=tuple(agent.cards),
        asks_first=agent.asks_first,
        used=agent.used if agent.used in ("everyone", "members", "channels") else "channels",  # type: ignore[arg-type]
        channels=channels,
        money=money,
    )


def check(form: AgentForm, *, is_default: bool) -> None:
    """Raises `FormError`, each complaint under the form's own field name."""
    errors: dict[str, str] = {}
    if not _NAME.fullmatch(form.name.strip()) or len(form.name.strip()) > NAME:
        errors["name"] = f"Letters, digits and blanks, please, at most {NAME}: members ask for it by this name."
    if form.picture and not _PICTURE.fullmatch(form.picture):
        errors["picture"] = "The name of an emoji has small letters, digits, - and _ alone."
    if len(form.instructions) > INSTRUCTIONS:
        errors["instructions"] = f"At most {INSTRUCTIONS:,} characters, please."
    if form.scope is Scope.CUSTOM and not form.tools:
        errors["tools"] = "Name at least one tool, or choose another right above."
    if len("\n".join(form.tools)) > TOOLS:
        errors["tools"] = f"At most {TOOLS:,} characters, please, one tool a line."
    if is_default and form.used != "everyone":
        errors["used"] = "The default agent answers everywhere. Make another one the default first."
    if form.used == "channels" and not form.channels:
        errors["channels"] = "Choose the channels in which it answers."
    if errors:
        raise FormError(errors)

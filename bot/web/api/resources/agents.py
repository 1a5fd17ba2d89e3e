"""The workspace's agents: seen by every member; made, changed and archived by admins."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from bot.errors import FormError, NotFound
from bot.services.agents.agents import GONE, Agents
from bot.services.agents.values import INSTRUCTIONS, NAME, AgentForm
from bot.services.limits.prices import DOLLAR
from bot.services.tokens.scopes import Scope
from bot.web.api.operations import Asked, Operation, Sent, Told
from storage.rules.access import Scope as Right
from storage.tables import Agent as Row

TAG = "Agents"
NAMED = {"money": "usd_a_month"}
"""A form's fields as they are called here."""


class Agent(Told):
    id: str
    name: str
    default: bool
    used: str
    """everyone (guests' links too) | members | channels (nowhere but in those that are fixed to it)"""
    scope: str
    """What it may do at most with a member's connection: full_access | read_only | custom"""
    tools: list[str]
    """Of custom."""
    cards: list[str]
    """Of these services alone; empty: of all."""
    asks_first: bool
    """Nothing, until a connection's member has granted it."""
    archived_at: datetime | None


class AgentList(Told):
    agents: list[Agent]
    """The default first, then by name."""


class AgentWanted(Sent):
    """What an agent is to be, whole: what is left out is as usual."""

    name: Annotated[str, Field(min_length=1, max_length=NAME)]
    picture: Annotated[str, Field(max_length=72, description="The name of an emoji, such as :ledger:")] = ""
    instructions: Annotated[str, Field(max_length=INSTRUCTIONS)] = ""
    scope: Literal["full_access", "read_only", "custom"] = "full_access"
    tools: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(default_factory=list, max_length=200)
    cards: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(default_factory=list, max_length=100)
    asks_first: bool = False
    used: Literal["everyone", "members", "channels"] = "everyone"
    channels: list[Annotated[str, Field(pattern="^[CG][A-Z0-9]{1,40}$")]] = Field(default_factory=list, max_length=100)
    usd_a_month: Annotated[float, Field(ge=0, le=1_000_000)] | None = None
    """What it may use at most, of what the workspace may."""


async def list_agents(asked: Asked) -> AgentList:
    rows = await Agents(asked.services.db).of(asked.member.workspace)
    return AgentList(agents=[_told(row) for row in rows])


async def make(asked: Asked) -> Agent:
    try:
        return _told(await Agents(asked.services.db).make(asked.member, _form(asked.body)))
    except FormError as wrong:
        raise _as_here(wrong) from wrong


async def change(asked: Asked) -> Agent:
    """Acts at once, in turns that run too."""
    agents, agent_id = Agents(asked.services.db), await there(asked, asked.path["agent_id"])
    try:
        await agents.change(asked.member, agent_id, _form(asked.body))
    except FormError as wrong:
        raise _as_here(wrong) from wrong
    return await _now(agents, asked, agent_id)


async def archive(asked: Asked) -> Agent:
    agents, agent_id = Agents(asked.services.db), await there(asked, asked.path["agent_id"])
    await agents.archive(asked.member, agent_id)
    return await _now(agents, asked, agent_id)


async def bring_back(asked: Asked) -> Agent:
    agents, agent_id = Agents(asked.services.db), await there(asked, asked.path["agent_id"])
    await agents.bring_back(asked.member, agent_id)
    return await _now(agents, asked, agent_id)


async def there(asked: Asked, agent_id: str) -> str:
    """Raises `NotFound` for another workspace's, as for one that never was."""
    async with asked.services.db.read() as tables:
        if await tables.agents.get(asked.member.workspace, agent_id) is None:
            raise NotFound(GONE)
    return agent_id


async def _now(agents: Agents, asked: Asked, agent_id: str) -> Agent:
    row, _ = await agents.get(asked.member.workspace, agent_id)
    return _told(row)


def _form(wanted: AgentWanted) -> AgentForm:
    money = None if wanted.usd_a_month is None else round(wanted.usd_a_month * DOLLAR)
    return AgentForm(
        name=wanted.name,
        picture=wanted.picture,
        instructions=wanted.instructions,
        scope=Right(wanted.scope),
        tools=tuple(wanted.tools),
        cards=tuple(wanted.cards),
        asks_first=wanted.asks_first,
        used=wanted.used,
        channels=tuple(wanted.channels),
        money=money,
    )


def _as_here(wrong: FormError) -> FormError:
    return FormError({NAMED.get(field, field): told for field, told in wrong.errors.items()})


def _told(row: Row) -> Agent:
    return Agent(
        id=row.id,
        name=row.name,
        default=row.is_default,
        used=row.used,
        scope=row.scope,
        tools=[str(each) for each in row.tools],
        cards=[str(each) for each in row.cards],
        asks_first=row.asks_first,
        archived_at=row.archived_at,
    )


OPERATIONS = (
    Operation(
        "listAgents", TAG, "GET", "/agents", "The workspace's agents.", Scope.AGENTS_READ, list_agents, AgentList
    ),
    Operation(
        "makeAgent",
        TAG,
        "POST",
        "/agents",
        "Makes an agent that members can ask at once.",
        Scope.AGENTS_WRITE,
        make,
        Agent,
        body=AgentWanted,
        status=201,
        admins=True,
    ),
    Operation(
        "changeAgent",
        TAG,
        "PUT",
        "/agents/{agent_id}",
        "Makes an agent what is given, whole; in turns that run too.",
        Scope.AGENTS_WRITE,
        change,
        Agent,
        body=AgentWanted,
        admins=True,
    ),
    Operation(
        "archiveAgent",
        TAG,
        "DELETE",
        "/agents/{agent_id}",
        "Archives an agent: it answers and calls no more, and what leans on it stays.",
        Scope.AGENTS_WRITE,
        archive,
        Agent,
        admins=True,
    ),
    Operation(
        "bringBackAgent",
        TAG,
        "POST",
        "/agents/{agent_id}/bring-back",
        "Has an archived agent answer again.",
        Scope.AGENTS_WRITE,
        bring_back,
        Agent,
        admins=True,
    ),
)

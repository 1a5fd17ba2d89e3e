"""What each agent may do with the member's connections: seen, asked about, granted and revoked."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field, field_validator

from bot.services.agents.agents import Agents
from bot.services.tokens.scopes import Scope
from bot.web.api.operations import ID, Asked, Operation, Sent, Told
from bot.web.api.resources.agents import TAG, there
from storage.repositories.agents.grants import Reachable
from storage.rules.access import Access, Barred
from storage.rules.access import Scope as Right

Id = Annotated[str, Field(pattern=f"^{ID}$")]


class Permission(Told):
    connection: str
    title: str
    scopes: list[str]
    """What narrows it; empty: nothing does."""
    barred: str | None
    """Why nothing may be called at all: archived | card | ungranted | revoked | expired"""


class Permissions(Told):
    permissions: list[Permission]
    """Of all the member's connections, the oldest first."""


class Verdict(Told):
    allowed: bool
    scopes: list[str]
    barred: str | None


class Pair(Sent):
    """An agent, and a connection of the member's own."""

    agent: Id
    connection: Id


class Grant(Pair):
    scope: Literal["full_access", "read_only", "custom"]
    tools: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(default_factory=list, max_length=200)
    """Of custom: the servers' own names."""
    expires_at: Annotated[str, Field(max_length=40, json_schema_extra={"format": "date-time"})] | None = None

    @field_validator("expires_at")
    @classmethod
    def _a_moment(cls, value: str | None) -> str | None:
        if value is not None and datetime.fromisoformat(value).tzinfo is None:
            raise ValueError("give its time zone, such as Z")
        return value


class Question(Pair):
    tool: Annotated[str, Field(min_length=1, max_length=200)]
    """The server's own name for it."""


async def list_permissions(asked: Asked) -> Permissions:
    agent = await there(asked, asked.path["agent_id"])
    equipped = await Agents(asked.services.db).get_agent_mcp_servers(asked.member, agent)
    return Permissions(permissions=[_permission(each) for each in equipped.reachable])


async def validate(asked: Asked) -> Verdict:
    """As it is looked up before each call of the agent's."""
    question: Question = asked.body
    connection = await asked.services.connections.own(asked.member, question.connection)
    views = await asked.services.connections.of(asked.member)
    tools = {each.name: each for view in views if view.connection.id == connection.id for each in view.tools}
    tool = tools.get(question.tool)
    agent = await there(asked, question.agent)
    access = await Agents(asked.services.db).validate_agent_mcp_access(asked.member.workspace, agent, connection.id)
    allowed = access is not None and tool is not None and access.allows(tool.name, reads=tool.policy == "free")
    return Verdict(allowed=allowed, scopes=_scopes(access), barred=_barred(access))


async def grant(asked: Asked) -> Verdict:
    wanted: Grant = asked.body
    until = datetime.fromisoformat(wanted.expires_at).astimezone(UTC) if wanted.expires_at else None
    agents, agent = Agents(asked.services.db), await there(asked, wanted.agent)
    await agents.grant_agent_mcp_access(
        asked.member, agent, wanted.connection, Right(wanted.scope), tools=wanted.tools, expires_at=until
    )
    return await _now(asked, wanted)


async def revoke(asked: Asked) -> Verdict:
    """The agent's next call is refused, in a turn that runs too."""
    pair: Pair = asked.body
    agent = await there(asked, pair.agent)
    await Agents(asked.services.db).revoke_agent_mcp_access(asked.member, agent, pair.connection)
    return await _now(asked, pair)


async def _now(asked: Asked, pair: Pair) -> Verdict:
    agents = Agents(asked.services.db)
    access = await agents.validate_agent_mcp_access(asked.member.workspace, pair.agent, pair.connection)
    allowed = access is not None and access.barred is None
    return Verdict(allowed=allowed, scopes=_scopes(access), barred=_barred(access))


def _permission(reachable: Reachable) -> Permission:
    row, access = reachable.connection, reachable.access
    return Permission(connection=row.id, title=row.title, scopes=_scopes(access), barred=_barred(access))


def _scopes(access: Access | None) -> list[str]:
    return sorted(each.value for each in access.scopes) if access else []


def _barred(access: Access | None) -> str | None:
    if access is None:
        return Barred.UNGRANTED.value
    return access.barred.value if access.barred else None


OPERATIONS = (
    Operation(
        "listPermissions",
        TAG,
        "GET",
        "/agents/{agent_id}/permissions",
        "What an agent may do with each of the member's connections.",
        Scope.GRANTS_READ,
        list_permissions,
        Permissions,
    ),
    Operation(
        "validatePermission",
        TAG,
        "POST",
        "/permissions/validate",
        "Whether an agent may call a tool of the member's at this moment.",
        Scope.GRANTS_READ,
        validate,
        Verdict,
        body=Question,
    ),
    Operation(
        "grantPermission",
        TAG,
        "POST",
        "/permissions/grant",
        "Lets an agent use a connection of the member's own; granting again replaces.",
        Scope.GRANTS_WRITE,
        grant,
        Verdict,
        body=Grant,
    ),
    Operation(
        "revokePermission",
        TAG,
        "POST",
        "/permissions/revoke",
        "Lets an agent use a connection no more, from its next call on.",
        Scope.GRANTS_WRITE,
        revoke,
        Verdict,
        body=Pair,
    ),
)

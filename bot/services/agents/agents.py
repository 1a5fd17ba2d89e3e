"""Agents made and changed by administrators, and granted by members on their own connections."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from bot.errors import FormError, NotYours, UserError
from bot.services.agents.values import MOST_AGENTS, AgentForm, check
from bot.services.limits.budgets.months import AGENT, whose_agents
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.agents.agents import LeansOn
from storage.repositories.agents.grants import Equipped
from storage.rules.access import Access, Scope
from storage.schema import now
from storage.tables import Agent, Connection

LATELY = timedelta(days=30)
GONE = "This agent is not there any more. Open the list of agents again."
TAKEN = "Another agent of this workspace is called so. Choose another name."
DEFAULT = "This is the default agent: it answers wherever no other does. Make another one the default first."
TOO_MANY = f"A workspace has at most {MOST_AGENTS} agents. Archive one first."
NOT_YOURS = "This connection is somebody else's, or not there any more. Open your list of connections again."
ENDED = "Choose a day that is still to come."
UNNAMED = "Choose at least one tool, or another right."


class Agents:
    """The caller has seen that an ``admin`` is one, at the very click."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, workspace: str, *, archived: bool = False) -> list[Agent]:
        """The default first, then by name."""
        async with self._db.read() as tables:
            return await tables.agents.of(workspace, archived=archived)

    async def to_ask(self, workspace: str) -> list[Agent]:
        """Those that a member can ask in a direct message."""
        return [each for each in await self.of(workspace) if each.used != "channels"]

    async def channels(self, workspace: str) -> dict[str, str]:
        """The agent of each channel that is fixed to one."""
        async with self._db.read() as tables:
            return await tables.agents.channels(workspace)

    async def get(self, workspace: str, agent_id: str) -> tuple[Agent, tuple[str, ...]]:
        """With the channels that are fixed to it. Raises `UserError`."""
        async with self._db.read() as tables:
            agent = _there(await tables.agents.get(workspace, agent_id))
            fixed = await tables.agents.channels(workspace)
        return agent, tuple(each for each, whose in fixed.items() if whose == agent_id)

    async def limits(self, workspace: str) -> dict[str, int]:
        """What each that has a limit of its own may use in a month, in millionths of a US dollar, by its id."""
        async with self._db.read() as tables:
            rows = await tables.budgets.limits(workspace)
        mine = ((name.removeprefix(AGENT), row.money) for name, row in rows.items() if name.startswith(AGENT))
        return {name: money for name, money in mine if money is not None}

    async def make(self, admin: Member, form: AgentForm) -> Agent:
        """Raises `FormError`, `UserError`."""
        check(form, is_default=False)
        async with _named_once(self._db) as tables:
            await tables.workspaces.ensure(admin.workspace)
            if len(await tables.agents.of(admin.workspace)) >= MOST_AGENTS:
                raise UserError(TOO_MANY)
            agent = await tables.agents.add(Agent(workspace_id=admin.workspace, made_by=admin.id, **_row(form)))
            taken = await tables.agents.fix(admin.workspace, agent.id, form.channels)
            await _limit(tables, admin, agent.id, form.money)
            await _audit(tables, admin, "agent.made", agent.id, form, taken)
        return agent

    async def change(self, admin: Member, agent_id: str, form: AgentForm) -> None:
        """Acts at once, in turns that run too. Raises `FormError`, `UserError`."""
        async with _named_once(self._db) as tables:
            before = _there(await tables.agents.hold(admin.workspace, agent_id))
            check(form, is_default=before.is_default)
            await tables.agents.update(admin.workspace, agent_id, **_row(form))
            taken = await tables.agents.fix(admin.workspace, agent_id, form.channels)
            await _limit(tables, admin, agent_id, form.money)
            await _audit(tables, admin, "agent.changed", agent_id, form, taken)

    async def make_default(self, admin: Member, agent_id: str) -> None:
        async with self._db.begin() as tables:
            agent = _there(await tables.agents.hold(admin.workspace, agent_id))
            if agent.used != "everyone":
                raise UserError("The default agent answers everywhere: let this one be used by everyone first.")
            if not await tables.agents.make_default(admin.workspace, agent_id):
                raise UserError(GONE)
            await tables.audit.add(admin.workspace, admin.id, "agent.made_default", agent_id, {"name": agent.name})

    async def leans_on(self, admin: Member, agent_id: str) -> LeansOn:
        async with self._db.read() as tables:
            return await tables.agents.leans_on(admin.workspace, agent_id, now() - LATELY)

    async def archive(self, admin: Member, agent_id: str) -> None:
        """It answers and calls no more, at once; what leans on it stays and says so. Raises `UserError`."""
        async with self._db.begin() as tables:
            agent = _there(await tables.agents.hold(admin.workspace, agent_id))
            if agent.is_default:
                raise UserError(DEFAULT)
            if await tables.agents.archive(admin.workspace, agent_id):
                await tables.audit.add(admin.workspace, admin.id, "agent.archived", agent_id, {"name": agent.name})

    async def bring_back(self, admin: Member, agent_id: str) -> None:
        async with self._db.begin() as tables:
            agent = _there(await tables.agents.hold(admin.workspace, agent_id))
            if agent.archived_at and await tables.agents.update(admin.workspace, agent_id, archived_at=None):
                await tables.audit.add(admin.workspace, admin.id, "agent.brought_back", agent_id, {"name": agent.name})

    async def get_agent_mcp_servers(self, member: Member, agent_id: str) -> Equipped:
        """This member's connections, and what the agent may do with each. Raises `UserError`."""
        async with self._db.read() as tables:
            found = await tables.grants.equipped(member.workspace, member.id, agent_id)
        if found is None:
            raise UserError(GONE)
        return found

    async def validate_agent_mcp_access(self, workspace: str, agent_id: str, target: str) -> Access | None:
        """What it may do with one connection at this moment, by keys and never from a cache; None: nothing.

        A call is looked up with the state of its tool, in one statement: `Standing.for_agent`.
        """
        async with self._db.read() as tables:
            return await tables.grants.access(workspace, agent_id, target)

    async def grant_agent_mcp_access(
        self,
        member: Member,
        agent_id: str,
        target: str,
        scope: Scope,
        *,
        tools: Collection[str] = (),
        expires_at: datetime | None = None,
    ) -> None:
        """On a connection of the member's own; granting again replaces. Raises `FormError`, `UserError`, `NotYours`."""
        if scope is Scope.CUSTOM and not tools:
            raise FormError({"tools": UNNAMED})
        if expires_at and expires_at <= now():
            raise FormError({"until": ENDED})
        async with self._db.begin() as tables:
            agent = _there(await tables.agents.get(member.workspace, agent_id))
            connection = await _mine(tables, member, target)
            given: dict[str, Any] = {"tools": tools if scope is Scope.CUSTOM else (), "expires_at": expires_at}
            await tables.grants.put(member.workspace, agent_id, target, scope, by=member.id, **given)
            until = expires_at.isoformat() if expires_at else ""
            named = {"agent": agent_id, "name": agent.name, "connection": connection.title}
            detail = {**named, "scope": scope.value, "tools": sorted(given["tools"]), "until": until}
            await tables.audit.add(member.workspace, member.id, "grant.made", target, detail)

    async def revoke_agent_mcp_access(self, member: Member, agent_id: str, target: str) -> None:
        """The next call is refused, in a turn that runs and under an approval that waits. Twice is as good as once."""
        async with self._db.begin() as tables:
            agent = _there(await tables.agents.get(member.workspace, agent_id))
            connection = await _mine(tables, member, target)
            before = await tables.grants.get(member.workspace, agent_id, target)
            if before is not None and before.scope == Scope.NONE:
                return
            await tables.grants.put(member.workspace, agent_id, target, Scope.NONE, by=member.id)
            detail = {"agent": agent_id, "name": agent.name, "connection": connection.title}
            await tables.audit.add(member.workspace, member.id, "grant.revoked", target, detail)


@asynccontextmanager
async def _named_once(db: Database) -> AsyncIterator[Tables]:
    """Of two that take one name, the second hears of it."""
    try:
        async with db.begin() as tables:
            yield tables
    except IntegrityError as clash:
        raise FormError({"name": TAKEN}) from clash


def _there(agent: Agent | None) -> Agent:
    if agent is None:
        raise UserError(GONE)
    return agent


async def _mine(tables: Tables, member: Member, target: str) -> Connection:
    connection = await tables.connections.get(member.workspace, target)
    if connection is None or connection.member_id != member.id:
        raise NotYours(NOT_YOURS)
    return connection


async def _limit(tables: Tables, admin: Member, agent_id: str, money: int | None) -> None:
    rows, whose = await tables.budgets.limits(admin.workspace), whose_agents(agent_id)
    if (rows[whose].money if whose in rows else None) != money:
        await tables.budgets.set_limit(admin.workspace, whose, money=money)
        await tables.audit.add(admin.workspace, admin.id, "budget.limited", whose, {"money": money})


def _row(form: AgentForm) -> dict[str, Any]:
    return {
        "name": " ".join(form.name.split()),
        "called": form.called,
        "picture": form.picture.strip(),
        "instructions": form.instructions.strip(),
        "scope": form.scope.value,
        "tools": sorted(set(form.tools)) if form.scope is Scope.CUSTOM else [],
        "cards": sorted(set(form.cards)),
        "asks_first": form.asks_first,
        "used": form.used,
    }


async def _audit(tables: Tables, admin: Member, action: str, agent_id: str, form: AgentForm, taken: list[str]) -> None:
    """All but the instructions, of which it is told how long they are."""
    told = {**asdict(form), "scope": form.scope.value, "instructions": len(form.instructions), "taken": taken}
    await tables.audit.add(admin.workspace, admin.id, action, agent_id, told)

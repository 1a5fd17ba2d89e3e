"""Open questions about a tool that is not there any more, or is switched off, are closed and say why."""

from collections.abc import Sequence

from bot.agent.model import Model
from bot.services.approvals import approvals
from bot.services.approvals.waiting_guests import TAKEN_AWAY, wait_no_longer
from storage.bus.bus import Bus
from storage.database import Tables
from storage.members import Member
from storage.tables import Approval

DISCONNECTED = "Not run: {title} was disconnected."
PAUSED = "Not run: {title} was paused."
SWITCHED_OFF = "Not run: {title} was switched off."


async def gone(tables: Tables, model: Model, member: Member, connection_id: str, title: str) -> list[Approval]:
    """In the caller's transaction: what waits for a call of this connection; `ring` afterwards."""
    return await _lapse(tables, model, member, DISCONNECTED.format(title=title), connection_id)


async def paused(tables: Tables, model: Model, member: Member, connection_id: str, title: str) -> list[Approval]:
    """The same for one that its member wants none of for now."""
    return await _lapse(tables, model, member, PAUSED.format(title=title), connection_id)


async def switched_off(tables: Tables, model: Model, member: Member, connection_id: str, tool: str) -> list[Approval]:
    """The same for one tool of it."""
    row = await tables.tools.get(member.workspace, connection_id, tool)
    why = SWITCHED_OFF.format(title=row.title if row and row.title else tool)
    return await _lapse(tables, model, member, why, connection_id, tool)


async def ring(bus: Bus, closed: Sequence[Approval]) -> None:
    """Who waits on them, and who does the jobs: the Home tab's too."""
    for each in closed:
        await bus.tell(f"conversation:{each.conversation_id}")
    await bus.tell("jobs")


async def _lapse(
    tables: Tables, model: Model, member: Member, why: str, connection_id: str, tool: str | None = None
) -> list[Approval]:
    """A step of several calls is one question: it falls as a whole, so that nothing is half done."""
    waiting = await tables.approvals.waiting(member.workspace, member.id)
    about = [each.id for each in waiting if any(_is_of(call, connection_id, tool) for call in each.calls)]
    closed = await tables.approvals.lapse_these(member.workspace, about, why)
    for each in closed:
        await approvals.close(tables, model, each, why)
        await wait_no_longer(tables, each, TAKEN_AWAY)
    return closed


def _is_of(call: dict[str, object], connection_id: str, tool: str | None) -> bool:
    return call["connection_id"] == connection_id and tool in (None, call["tool"])

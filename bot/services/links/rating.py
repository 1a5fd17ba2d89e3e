"""What a guest thinks of an answer: kept in the chat's log with the turn that gave it, and told to the host."""

from bot.services import log_entries
from bot.services.limits.refusals import refused
from bot.services.links.hosting import mirroring
from bot.services.links.values import Guest
from storage.bus.bus import Bus
from storage.database import Database
from storage.tables import Event

VERDICTS = frozenset({"up", "down", ""})
"""The last takes back what was said before."""
CHANGES = 6
"""Of one answer's: each stands in the log, and in the host's thread."""
EXCERPT = 120


async def rate(db: Database, bus: Bus, guest: Guest, turn_id: str, verdict: str) -> None:
    """Raises `Refused`: the chat is over, this is no answer in it, or its guest has changed their mind too often."""
    if verdict not in VERDICTS:
        raise refused("body")
    async with db.begin() as tables:
        said = [event for event in await tables.events.of_turn(guest.workspace, turn_id) if _ours(event, guest)]
        answer = next((event.body["text"] for event in said if event.body.get("author") == "agent"), None)
        before = next((event.body["verdict"] for event in reversed(said) if event.kind == "rating"), "")
        if answer is None:
            raise refused("body")
        if verdict == before:
            return
        entry = log_entries.rating(turn_id, guest.name, verdict, " ".join(answer.split())[:EXCERPT])
        await tables.events.add(guest.workspace, guest.conversation_id, turn_id, entry.kind, entry.body)
        # Adding holds the conversation's row: neither the end nor another verdict slips in between.
        told = await tables.events.of_turn(guest.workspace, turn_id)
        if sum(event.kind == "rating" for event in told) > CHANGES:
            raise refused("rated", most=CHANGES)
        current = await tables.sessions.get(guest.workspace, guest.session.id)
        if current is None or current.ended_at is not None:
            raise refused("ended")
        await mirroring.due(tables, guest.link, guest.session)
    await bus.tell(f"conversation:{guest.conversation_id}")
    await bus.tell("jobs")


def _ours(event: Event, guest: Guest) -> bool:
    return event.conversation_id == guest.conversation_id

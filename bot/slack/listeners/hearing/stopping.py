"""Stop: by the button of a streamed answer, or by the word.

The button has ended the stream by then, so the turn has to end too; neither waits for what is said before it.
"""

from bot.services.chats.members.joining import source
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.services import Services
from storage.members import Member

WORDS = frozenset({"stop", "cancel", "abort"})


def hang(registry: Registry, services: Services) -> None:
    @registry.event("agent_session_stopped", reading=True)
    async def stopped(interaction: Interaction) -> None:
        await stop(services, interaction.member, interaction.payload["channel"], interaction.payload["thread_ts"])


STOPPED = "Stopped."
NOTHING_RUNS = "Nothing of yours is running here: you need do nothing more."


def is_stop(text: str) -> bool:
    return text.strip(" .!").casefold() in WORDS


async def stop_all(services: Services, member: Member, channel: str, ts: str) -> str | None:
    """Said outside of threads it means all of theirs here: what to answer, None when it was answered before."""
    stopped = await services.chats.stop_all(member, channel, source(channel, ts))
    return None if stopped is None else STOPPED if stopped else NOTHING_RUNS


async def stop(services: Services, member: Member, channel: str, thread_ts: str) -> bool:
    """False when there was nothing to stop in that thread."""
    async with services.db.read() as tables:
        conversation = await tables.conversations.keyed(member.workspace, f"{member.id}:{channel}:{thread_ts}")
    return conversation is not None and await services.chats.stop(member.workspace, conversation.id)

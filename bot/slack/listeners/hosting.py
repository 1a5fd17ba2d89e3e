"""A link's creator in the loop: what they write in a guest's thread, and the buttons above it."""

import json

from bot.errors import UserError
from bot.services.links.hosting.rewording import Rewritten
from bot.services.links.values import Guest
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.incoming.spoken import Spoken
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.guests import guest_threads as screens
from bot.slack.services import Services
from storage.members import Member

PREFIXES = ("whisper:", "whisper :", "psst:")
STAYS_HERE = "What you write here stays here: only {} speaks to the guest in this thread."
NO_FILES = "Files do not reach the guest: only what is typed does. Put what matters into words, or send a link."
EMPTY = "There is nothing to whisper. Write it after `whisper:`."
WHISPERED = ":shushing_face: The assistant has been told; the guest sees nothing of it."
LATER = ":shushing_face: The assistant learns of it when you hand back."


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.TAKE_OVER)
    async def take_over(interaction: Interaction) -> None:
        await interaction.ack()
        await services.hosting.take_over(interaction.member, interaction.value)

    @registry.action(screens.HAND_BACK)
    async def hand_back(interaction: Interaction) -> None:
        await interaction.ack()
        await services.hosting.hand_back(interaction.member, interaction.value)

    @registry.action(screens.END)
    async def end(interaction: Interaction) -> None:
        await interaction.ack()
        await services.hosting.end(interaction.member, interaction.value)

    @registry.action(screens.DELETE)
    async def delete(interaction: Interaction) -> None:
        await interaction.ack()
        await services.links.erasing.by_host(interaction.member, interaction.value)

    @registry.action(screens.WHISPER)
    async def whisper(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(screens.whisper_form(interaction.value))

    @registry.view(screens.WHISPERED)
    async def whispered(interaction: Interaction) -> None:
        session_id = json.loads(interaction.view["private_metadata"])["session"]
        words = str(values_of(interaction.view).get("text") or "").strip()
        try:
            await services.hosting.whisper(interaction.member, session_id, words, f"view:{interaction.view['id']}")
        except UserError as error:
            await interaction.ack(response_action="errors", errors={"text": str(error)})
            return
        await interaction.ack()


async def typed(services: Services, member: Member, guest: Guest, said: Spoken, first: str) -> str:
    """In a guest's thread, by the message named ``first``; what its host is told of it: escaped, mostly nothing."""
    if member != guest.creator:
        return await _beside(services, member, guest)
    session_id = guest.session.id
    words, whispered = _parted(said.words)
    try:
        if whispered:
            return await _whisper(services, member, session_id, words, first)
        if words:
            await services.hosting.say(member, session_id, words, first)
    except UserError as error:
        return unmarked(str(error))
    return "" if said.alone else NO_FILES


async def _beside(services: Services, member: Member, guest: Guest) -> str:
    """People in a channel may talk about a guest in their thread; each is told once in it that this stays there."""
    async with services.db.begin() as tables:
        first = await tables.handled.first_time(guest.workspace, f"beside:{guest.session.id}:{member.id}")
    return STAYS_HERE.format(f"<@{guest.link.creator_id}>") if first else ""


async def edited(services: Services, member: Member, guest: Guest, said: Spoken, first: str) -> str | None:
    """The message named ``first`` has other words now; what its author is told of it: escaped, mostly nothing.

    None: there is no such message of theirs.
    """
    words, whispered = _parted(said.words)
    if not words:
        return ""
    try:
        return "" if await services.hosting.reword(member, guest, Rewritten(first, words, whispered)) else None
    except UserError as error:
        return unmarked(str(error))


def _parted(words: str) -> tuple[str, bool]:
    """The words alone, and whether they are for the agent alone."""
    prefix = next((each for each in PREFIXES if words.casefold().startswith(each)), "")
    return (words[len(prefix) :].strip(), True) if prefix else (words, False)


async def _whisper(services: Services, member: Member, session_id: str, words: str, first: str) -> str:
    if not words:
        return EMPTY
    return WHISPERED if await services.hosting.whisper(member, session_id, words, first) else LATER

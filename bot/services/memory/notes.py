"""What a member asked to have remembered: short sentences of their own, listed and deletable, told as information.

Once a turn has read anything from elsewhere, what the model wants to note may be what that text wants to have noted:
then the member is shown the sentence before it is kept.
"""

from collections.abc import Sequence

from bot.services.memory.values import LONGEST_NOTE, MOST_NOTES, NotNoted, short
from bot.services.memory.worth import HIDDEN, without_secrets
from mcp_runtime.tools.untrusted_text import visible
from storage.database import Database
from storage.members import Member
from storage.schema import new_id
from storage.search.words import asked
from storage.tables import Note

OF_THEIR_OWN_WORDS = 0.6
"""Of a note's words, so many have to stand in what its member has just written."""
NOT_THERE = "There is no such note: it was forgotten, or is called otherwise. See my Home tab for those there are."
FULL = f"{MOST_NOTES} notes are kept, and no more. Forget one first, here or in Usher's Home tab."


class Notes:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, member: Member) -> list[Note]:
        """Oldest first."""
        async with self._db.read() as tables:
            return await tables.notes.of(member)

    async def add(self, member: Member, text: str, turn_id: str | None = None) -> Note:
        """Raises `NotNoted` with what is in the way."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            line = fit(text, await tables.notes.of(member))
            note = Note(id=new_id(), workspace_id=member.workspace, member_id=member.id, text=line, turn_id=turn_id)
            if not await tables.notes.add(note, MOST_NOTES):
                raise NotNoted(FULL)
            await tables.home_tabs.changed(member.workspace, member.id)
        return note

    async def forget(self, member: Member, note_id: str) -> Note:
        """By its id or as the model knows it; raises `NotNoted` when it is gone already."""
        async with self._db.begin() as tables:
            mine = await tables.notes.of(member)
            meant = [each for each in mine if note_id in (each.id, short(each.id))]
            gone = await tables.notes.delete(member, meant[0].id) if len(meant) == 1 else None
            if gone is None:
                raise NotNoted(NOT_THERE)
            await tables.home_tabs.changed(member.workspace, member.id)
        await self._db.settle_file()
        return gone

    async def may_note(self, member: Member, conversation_key: str, text: str) -> tuple[bool, str | None]:
        """Whether what runs there now may note this without asking first; and the id of the turn that runs."""
        async with self._db.read() as tables:
            conversation = await tables.conversations.keyed(member.workspace, conversation_key)
            if conversation is None:
                return False, None
            turn = await tables.turns.running(member.workspace, conversation.id)
            if turn is None or turn.kind != "say":
                return False, turn.id if turn else None
            events = await tables.events.of_turn(member.workspace, turn.id)
        # In a thread that others read, their words have come along; and so may files.
        elsewhere = not conversation.place.get("private") or any(
            each.kind == "tool" and each.body.get("title") not in TITLES for each in events
        )
        return not elsewhere and own_words(turn.text, text), turn.id


TITLES = frozenset({"Usher: Remember", "Usher: Forget a note"})
"""Of the tools after which nothing from elsewhere has been read."""


def own_words(said: str, note: str) -> bool:
    """Whether a note is made of what its member said."""
    words = set(asked(note, most=100))
    return len(words & set(asked(said, most=1_000))) >= OF_THEIR_OWN_WORDS * len(words)


def fit(text: str, kept: Sequence[Note]) -> str:
    """The note as it will be kept, on one line; raises `NotNoted`."""
    line = " ".join(visible(text).split())
    if not line:
        raise NotNoted("There is nothing to remember in that. Say it in a sentence.")
    if len(line) > LONGEST_NOTE:
        raise NotNoted(f"A note has at most {LONGEST_NOTE} characters. Say the one thing that matters.")
    if HIDDEN in without_secrets(line):
        raise NotNoted("That looks like a secret. Secrets are never remembered: keep it in a password manager.")
    if same := next((note for note in kept if set(asked(note.text)) == set(asked(line)) and asked(line)), None):
        raise NotNoted(f"That is remembered already, as note {short(same.id)}: you need do nothing more.")
    if len(kept) >= MOST_NOTES:
        raise NotNoted(FULL)
    return line

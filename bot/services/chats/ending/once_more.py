"""What did not come to an end is taken up, or asked once more."""

from bot.errors import NotYours
from bot.services.chats.members.sent_files import SENT
from bot.services.chats.saying import Saying
from bot.services.chats.values import Place, Said
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Conversation, Turn

GO_ON = "Please go on from where you were interrupted. Look first whether the interrupted call has happened."

TAKE_UP = "Please go on from where you stopped. Look first whether your last call has happened."
GO_ON_REFUSED = (
    "Only the member who asked can let me go on. Ask me yourself, in a message of your own.",
    "There is nothing left to go on with. Ask me again if something is missing.",
)
START_OVER_REFUSED = (
    "Only the member who asked can start this anew. Ask me yourself, in a message of your own.",
    "There is nothing left to ask again. Ask me in a new message.",
)
AGAIN_REFUSED = (
    "Only the member who asked can ask again. Ask me yourself, in a message of your own.",
    START_OVER_REFUSED[1],
)


class OnceMore:
    def __init__(self, db: Database, saying: Saying) -> None:
        self._db = db
        self._saying = saying

    async def go_on(self, member: Member, turn_id: str) -> Said:
        """Take up what an interrupted turn left, once; raises `NotYours`."""
        async with self._db.read() as tables:
            _, conversation = await _over(tables, member, turn_id, "interrupted", GO_ON_REFUSED)
        return await self._saying.say(member, Place.of(conversation), GO_ON, f"go_on:{turn_id}", "")

    async def start_over(self, member: Member, turn_id: str) -> Said:
        """Ask a failed turn's question again where it was asked, as a conversation's first; once. Raises `NotYours`."""
        async with self._db.begin() as tables:
            turn, conversation = await _over(tables, member, turn_id, "failed", START_OVER_REFUSED)
            # The old one stays whole under another key, and whatever is said there from now on begins anew.
            if not conversation.key.endswith(conversation.id):
                kept = f"{conversation.key}:{conversation.id}"
                await tables.conversations.update(member.workspace, conversation.id, key=kept)
        files = turn.shown.get(SENT, ())
        return await self._saying.say(member, Place.of(conversation), turn.text, f"start_over:{turn_id}", "", files)

    async def ask_again(self, member: Member, turn_id: str) -> Said:
        """The question of a turn that failed, once more; once. Its files stand there still. Raises `NotYours`."""
        async with self._db.read() as tables:
            turn, conversation = await _over(tables, member, turn_id, "failed", AGAIN_REFUSED)
        return await self._saying.say(member, Place.of(conversation), turn.text or TAKE_UP, f"again:{turn_id}", "")


async def _over(
    tables: Tables, member: Member, turn_id: str, status: str, refusals: tuple[str, str]
) -> tuple[Turn, Conversation]:
    """A turn that ended so, of this member's own in Slack; raises `NotYours` in these words."""
    turn = await tables.turns.get(member.workspace, turn_id)
    conversation = await tables.conversations.get(member.workspace, turn.conversation_id) if turn else None
    if turn is None or conversation is None or conversation.member_id != member.id:
        raise NotYours(refusals[0])
    if turn.status != status or conversation.door != "slack":
        raise NotYours(refusals[1])
    return turn, conversation

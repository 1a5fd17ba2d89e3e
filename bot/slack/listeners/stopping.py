"""The stop button of a streamed answer: Slack has ended the stream already, so the turn has to end too."""

from bot.slack.act import Act
from bot.slack.door import Door
from bot.slack.services import Services


def hang(door: Door, services: Services) -> None:
    @door.event("agent_session_stopped")
    async def stopped(act: Act) -> None:
        key = f"{act.member.id}:{act.payload['channel']}:{act.payload['thread_ts']}"
        async with services.db.read() as tables:
            conversation = await tables.conversations.keyed(act.member.workspace, key)
        if conversation:
            await services.chats.stop(act.member.workspace, conversation.id)

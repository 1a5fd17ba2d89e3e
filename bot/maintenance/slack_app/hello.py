"""The first word in Slack, to whoever set Usher up: once, however often they come by."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import TROUBLE

HELLO = (
    "Hello! You have just set me up in this workspace. As soon as I run, ask me something here, such as "
    "“What can you do?”, or type `/mcp connect` to give me a tool of yours."
)


async def hello(client: AsyncWebClient, person: str) -> bool:
    """Whether it is there by now."""
    try:
        channel = str((await client.conversations_open(users=person))["channel"]["id"])
        said = (await client.conversations_history(channel=channel, limit=1)).get("messages")
        if not said:
            await client.chat_postMessage(channel=channel, text=HELLO)
        return True
    except TROUBLE:
        return False

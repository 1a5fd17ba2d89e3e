"""A small app on the real SDK, to give the page something to draw; it does what a message or command says."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.server import LocalSlack
from tests.playground.page import messages as shapes

Json = dict[str, Any]
MANIFEST: Json = {
    "display_information": {"name": "Usher", "description": "One agent, with your own tools."},
    "features": {
        "bot_user": {"display_name": "Usher"},
        "agent_view": {"agent_description": "One agent, with your own tools."},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {
                "command": "/mcp",
                "description": "Connect your tools",
                "usage_hint": "connect [card] | list | tools | test | help",
            },
            {
                "command": "/tempchat",
                "description": "Chat links for guests",
                "usage_hint": "create [title] | list | revoke",
            },
        ],
        "shortcuts": [
            {
                "name": "Connect a tool",
                "type": "global",
                "callback_id": "connect",
                "description": "Open the list of cards",
            },
            {"name": "Ask Usher about this", "type": "message", "callback_id": "ask", "description": "In a thread"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "assistant:write",
                "chat:write",
                "commands",
                "app_mentions:read",
                "im:history",
                "im:read",
                "im:write",
                "users:read",
            ],
        },
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": ["app_home_opened", "app_mention", "message.im", "agent_session_stopped"]
        },
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}


class ScriptedApp:
    """Start it against a local Slack; `pressed` and `submitted` hold what came in, `go_on` lets a stream continue."""

    def __init__(self, slack: LocalSlack) -> None:
        self.pressed: asyncio.Queue[Json] = asyncio.Queue()
        self.submitted: list[Json] = []
        self.go_on = asyncio.Event()
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        self.client.proxy = None
        self._app = AsyncApp(client=self.client, signing_secret="unused", request_verification_enabled=False)
        self._handler = AsyncSocketModeHandler(self._app, slack.app_token, web_client=self.client)
        self._slack = slack
        self._listen()

    async def start(self) -> None:
        await self._handler.connect_async()
        await self._slack.when(lambda: self._slack.online)

    async def stop(self) -> None:
        await self._handler.close_async()

    def _listen(self) -> None:
        app = self._app
        app.command("/mcp")(self._command)
        app.command("/tempchat")(self._never)
        app.event("message")(self._message)
        app.event("app_mention")(self._message)
        app.event("app_home_opened")(self._opened)
        app.event("agent_session_stopped")(self._noticed)
        app.shortcut("connect")(self._shortcut)
        app.view("form")(self._submitted)
        app.action("another")(self._another)
        app.action("push")(self._push)
        app.action(re.compile(".*"))(self._pressed)

    async def _command(self, ack: Any, command: Json, client: AsyncWebClient, respond: Any) -> None:
        await ack()
        match command["text"].split():
            case ["connect"]:
                await client.views_open(trigger_id=command["trigger_id"], view=shapes.FORM)
            case ["blocks"]:
                await client.chat_postMessage(
                    channel=command["channel_id"], text="All blocks", blocks=shapes.ALL_BLOCKS
                )
            case _:
                await respond(text="*Usher's tools* for you: `/mcp connect`, `/mcp list`.", blocks=shapes.HELP)

    async def _never(self) -> None:
        """Takes the command and never acknowledges it."""

    async def _message(self, event: Json, client: AsyncWebClient) -> None:
        if event.get("bot_id") or event.get("subtype"):
            return
        thread = event.get("thread_ts", event["ts"])
        if "stream" in event["text"]:
            await self._stream(event, client, thread)
        elif "approve" in event["text"]:
            await client.chat_postMessage(
                channel=event["channel"], thread_ts=thread, text="Approve?", blocks=shapes.APPROVAL
            )
        elif "think" in event["text"]:
            await client.assistant_threads_setStatus(
                channel_id=event["channel"], thread_ts=thread, status="is thinking…"
            )
        elif "script" in event["text"]:
            await client.chat_postMessage(channel=event["channel"], thread_ts=thread, text=shapes.HOSTILE)
        else:
            await client.chat_postMessage(channel=event["channel"], thread_ts=thread, text=f"You said: {event['text']}")

    async def _stream(self, event: Json, client: AsyncWebClient, thread: str) -> None:
        who = {"recipient_user_id": event["user"], "recipient_team_id": event.get("team", "T0LOCAL")}
        opened = await client.chat_startStream(channel=event["channel"], thread_ts=thread, chunks=shapes.FIRST, **who)
        where = {"channel": event["channel"], "ts": opened["ts"]}
        await self.go_on.wait()
        for chunks in shapes.LATER:
            await client.chat_appendStream(**where, chunks=chunks)
        await client.chat_stopStream(**where, blocks=shapes.FEEDBACK)

    async def _opened(self, event: Json, client: AsyncWebClient) -> None:
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view=shapes.HOME)
        else:
            await client.assistant_threads_setSuggestedPrompts(channel_id=event["channel"], prompts=shapes.PROMPTS)

    async def _noticed(self) -> None:
        """The stop button was pressed; the local Slack ended the stream itself."""

    async def _shortcut(self, ack: Any, shortcut: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=shapes.FORM)

    async def _submitted(self, ack: Callable[..., Awaitable[None]], view: Json) -> None:
        values = view["state"]["values"]
        self.submitted.append(values)
        typed = values.get("name", {}).get("name", {}).get("value")
        if typed == "taken":
            await ack(response_action="errors", errors={"name": "That name is taken: choose another."})
        elif typed == "slow":
            await self.go_on.wait()
            await ack()
        else:
            await ack()

    async def _another(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_update(view_id=body["view"]["id"], view=shapes.LONGER_FORM)

    async def _push(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_push(trigger_id=body["trigger_id"], view=shapes.SECOND_VIEW)

    async def _pressed(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        self.pressed.put_nowait(body)
        await ack()
        action = body["actions"][0]
        if action["action_id"] in ("approve", "deny"):
            said = {"approve": "Approved", "deny": "Denied"}[action["action_id"]]
            await client.chat_update(
                channel=body["container"]["channel_id"],
                ts=body["container"]["message_ts"],
                text=said,
                blocks=shapes.decided(said, body["user"]["id"]),
            )

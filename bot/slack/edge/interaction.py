"""One thing a member did in Slack, and the ways to answer it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import code_of
from bot.slack.edge.payload import Payload, team_of
from bot.slack.edge.response_url import respond
from bot.slack.screens.blocks.elements import Block, View
from bot.slack.screens.notices import notice
from storage.members import Member

GONE = frozenset({"not_found", "hash_conflict", "view_not_found"})
"""The modal was closed, or shows something newer."""
SETTLING = 0.3
"""Seconds: an ack goes another way than a call, and one that comes later would undo what the call has shown."""


class Interaction:
    """Made for each command, click, submission or shortcut; Bolt's own helpers are left aside (they do too much)."""

    def __init__(self, args: AsyncArgs, member: Member) -> None:
        self.member = member
        self.body: Payload = args.body
        self.payload: Payload = args.payload or {}
        self.client: AsyncWebClient = args.client
        self.ack = args.ack
        self._settled = 0.0

    @property
    def acked(self) -> bool:
        return self.ack.response is not None

    @property
    def team(self) -> str:
        return team_of(self.body)

    @property
    def channel(self) -> str:
        """Where it was done; empty in a modal, in the Home tab and for shortcuts."""
        return str(self.body.get("channel_id") or (self.body.get("channel") or {}).get("id") or "")

    @property
    def view(self) -> Payload:
        """The modal or Home view it was done in; empty elsewhere."""
        return self.body.get("view") or {}

    @property
    def in_modal(self) -> bool:
        return self.view.get("type") == "modal"

    @property
    def value(self) -> str:
        """What a button carries, or what was chosen."""
        chosen = self.payload.get("selected_option") or self.payload
        return str(chosen.get("value") or "")

    @property
    def _thread(self) -> str:
        """In which thread it was done; Slack answers in the channel when it is not told."""
        message = self.body.get("message") or {}
        return str((self.body.get("container") or {}).get("thread_ts") or message.get("thread_ts") or "")

    async def reply(self, text: str, blocks: Sequence[Block] = (), *, replace: bool = False) -> None:
        """For this member's eyes only; ``replace`` puts it in the place of the message that was clicked."""
        if url := self.body.get("response_url"):
            await respond(self.client, url, text, blocks, replace=replace, thread_ts=self._thread)
        else:
            await self.show(notice(text, blocks))

    async def show(self, view: View) -> str:
        """Open a modal, on top of the one it was done in; its id."""
        trigger: str = self.body["trigger_id"]
        if self.in_modal:
            answer = await self.client.views_push(trigger_id=trigger, view=view)
        else:
            answer = await self.client.views_open(trigger_id=trigger, view=view)
        return str(answer["view"]["id"])

    async def ack_with(self, view: View) -> None:
        """Put a view into the modal that was submitted, for now."""
        await self.ack(response_action="update", view=view)
        self._settled = asyncio.get_running_loop().time() + SETTLING

    async def update(self, view_id: str, view: View) -> bool:
        """False when that modal was closed meanwhile."""
        await asyncio.sleep(max(0.0, self._settled - asyncio.get_running_loop().time()))
        return await updated(self.client, view_id, view)


async def updated(client: AsyncWebClient, view_id: str, view: View) -> bool:
    """Put ``view`` into an open modal; False when it was closed meanwhile."""
    try:
        await client.views_update(view_id=view_id, view=view)
    except SlackApiError as error:
        if code_of(error) in GONE:
            return False
        raise
    return True


def message_of(body: Payload) -> dict[str, Any]:
    """Channel and ts of the message that was clicked."""
    container = body.get("container") or {}
    return {"channel": container.get("channel_id", ""), "ts": container.get("message_ts", "")}

"""One thing a member did in Slack, and the ways to answer it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UserError
from bot.slack.edge.calls.modals import by_now, updated
from bot.slack.edge.calls.response_url import respond
from bot.slack.edge.errors import code_of
from bot.slack.edge.payload import Payload, team_of
from bot.slack.screens.blocks.elements import Block, View, actions, button, section
from bot.slack.screens.notices import ONCE_MORE, TOO_LATE, notice
from storage.members import Member

LOST = frozenset(
    {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"}
    | {"trigger_expired", "trigger_exchanged", "invalid_trigger"}
)
"""A window may be opened once, and within three seconds of what the person did."""
MOST_BLOCKS, LONGEST_VALUE = 100, 2000
TOLD = "told_on_top"
OF_A_VIEW = ("type", "title", "submit", "close", "callback_id", "private_metadata", "external_id")
SETTLING = 0.3
"""Seconds: an ack goes another way than a call, and one that comes later would undo what the call has shown."""


class WindowLost(UserError):
    """Slack opened no window, since too much time had passed; nothing else was done."""


class Interaction:
    """Made for each command, click, submission or shortcut; Bolt's own helpers are left aside (they do too much)."""

    def __init__(self, args: AsyncArgs, member: Member) -> None:
        self.member = member
        self.body: Payload = args.body
        self.payload: Payload = args.payload or {}
        self.client: AsyncWebClient = args.client
        self.ack = args.ack
        self._settled, self._acked_at = 0.0, 0
        self.again = _same_button(self.payload) if self.body.get("type") == "block_actions" else []
        """A button that does the same once more, for when Slack gave up waiting."""

    @property
    def acked(self) -> bool:
        return self.ack.response is not None

    @property
    def act(self) -> str:
        """The name of the button, window or command."""
        named = self.payload.get("action_id") or self.payload.get("callback_id") or self.payload.get("command")
        return str(named or "")

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
    def at_the_top(self) -> bool:
        """It was done in the third modal of a stack, and Slack takes no fourth."""
        before, root = self.view.get("previous_view_id"), self.view.get("root_view_id")
        return bool(before) and before != root

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
        url = self.body.get("response_url")
        if url:
            told = await respond(self.client, url, text, blocks, replace=replace, thread_ts=self._thread)
        else:
            told = await self._in_a_window(text, blocks)
        if not told:
            await self._directly(text, blocks)

    async def show(self, view: View) -> str:
        """Open a modal, on top of the one it was done in or in its place where Slack takes no more; its id."""
        if self.in_modal and self.at_the_top and await self.update(self.view["id"], view):
            return str(self.view["id"])
        trigger: str = self.body["trigger_id"]
        opening = self.client.views_push if self.in_modal else self.client.views_open
        try:
            answer = await opening(trigger_id=trigger, view=view)
        except SlackApiError as error:
            if code_of(error) in LOST:
                raise WindowLost(TOO_LATE if self.again else f"{TOO_LATE} {ONCE_MORE}") from error
            raise
        return str(answer["view"]["id"])

    async def _in_a_window(self, text: str, blocks: Sequence[Block]) -> bool:
        """One of its own, or on top of the modal it was done in, when Slack opens no other; False for neither."""
        try:
            await self.show(notice(text, blocks))
        except WindowLost:
            return self.in_modal and await updated(self.client, self.view["id"], _with(self.view, text))
        return True

    async def _directly(self, text: str, blocks: Sequence[Block]) -> None:
        """In their direct message: what was done in the Home tab has no other place for an answer."""
        channel = (await self.client.conversations_open(users=self.member.id))["channel"]["id"]
        await self.client.chat_postMessage(
            channel=channel, text=text, blocks=list(blocks) or None, unfurl_links=False, unfurl_media=False
        )

    async def ack_with(self, view: View) -> None:
        """Put a view into the modal that was submitted, for now."""
        await self._ack_view("update", view)

    async def push(self, view: View) -> None:
        """Put a view on top of the modal that was submitted."""
        await self._ack_view("push", view)

    async def _ack_view(self, how: str, view: View) -> None:
        self._acked_at = by_now()
        await self.ack(response_action=how, view=view)
        self._settled = asyncio.get_running_loop().time() + SETTLING

    async def update(self, view_id: str, view: View) -> bool:
        """False when that modal was closed meanwhile."""
        await self._settle()
        return await updated(self.client, view_id, view)

    async def still_shows(self, view: View) -> bool:
        """Whether the modal is open that was submitted and acked with ``view``; it may show something newer by now."""
        await self._settle()
        return await updated(self.client, str(self.view["id"]), view, unless_since=self._acked_at)

    async def update_external(self, external_id: str, view: View) -> bool:
        """The same for one that was put up by an ack, of which only the name that we gave it is known."""
        await self._settle()
        return await updated(self.client, "", view, external_id=external_id)

    async def _settle(self) -> None:
        await asyncio.sleep(max(0.0, self._settled - asyncio.get_running_loop().time()))


def _same_button(pressed: Payload) -> list[Block]:
    if pressed.get("type") != "button":
        return []
    return [actions(button("Try again", str(pressed["action_id"]), str(pressed.get("value") or "")))]


def once_more(action_id: str, value: str) -> list[Block]:
    """The button for what was typed; none when it does not fit into one."""
    return [actions(button("Try again", action_id, value))] if len(value) <= LONGEST_VALUE else []


def _with(view: Payload, text: str) -> View:
    """What the person had before them, with a word on top; what they typed stays."""
    told = section(text, block_id=TOLD)
    rest = [block for block in view["blocks"] if block.get("block_id") != TOLD]
    shown = {name: view[name] for name in OF_A_VIEW if view.get(name)}
    return {**shown, "blocks": [told, *rest][:MOST_BLOCKS]}


def message_of(body: Payload) -> dict[str, Any]:
    """Channel and ts of the message that was clicked."""
    container = body.get("container") or {}
    return {"channel": container.get("channel_id", ""), "ts": container.get("message_ts", "")}

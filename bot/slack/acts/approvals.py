"""The message that asks: put up once, and closed when it was decided."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.approvals.approvals import REMINDER
from bot.services.chats import Chats
from bot.slack.edge.calls.marked import marked, posted_since
from bot.slack.edge.errors import NOTHING_LEFT, TROUBLE, code_of
from bot.slack.incoming.unnoted import put_up
from bot.slack.screens import approvals as screens
from bot.slack.screens.blocks.elements import Block
from storage.tables import Approval, Job

log = logging.getLogger(__name__)


async def ask(
    client: AsyncWebClient,
    chats: Chats,
    approval: Approval,
    channel: str,
    thread_ts: str | None,
    origin: str = "",
    *,
    broadcast: bool = False,
    since: datetime | None = None,
) -> None:
    """A message of its own; nothing when it stands there already or nobody waits any more.

    ``since`` then a process may have put it up that could not note it any more.
    """
    if approval.message or approval.state != "asked":
        return
    there = marked(await posted_since(client, channel, thread_ts, since), approval.id) if since else []
    ts = there[0] if there else await _put_up(client, approval, channel, thread_ts, origin, broadcast)
    message = {"channel": channel, "ts": ts, "thread_ts": thread_ts, "origin": origin}
    await chats.asked_in(approval.workspace_id, approval.id, message)
    now = await chats.approval(approval.workspace_id, approval.id)
    if now and now.state != "asked":  # closed while it was being put up, when nobody knows where it stands
        await close(client, chats, now)


async def _put_up(
    client: AsyncWebClient, approval: Approval, channel: str, thread_ts: str | None, origin: str, broadcast: bool
) -> str:
    """Its ts."""
    told: dict[str, Any] = {"text": screens.asked_text(approval.calls), "blocks": _asked(approval, origin)}
    where: dict[str, Any] = {"channel": channel, "thread_ts": thread_ts, "reply_broadcast": broadcast}
    return await put_up(client, approval.id, **where, **told)


def _asked(approval: Approval, origin: str) -> list[Block]:
    told = (approval.id, approval.calls, approval.member_id, origin)
    return screens.asked(*told, revision=approval.revision, until=approval.expires_at)


async def redraw(
    client: AsyncWebClient, chats: Chats, approval: Approval, message: Mapping[str, Any] | None = None
) -> None:
    """As it is asked by now, after its arguments were changed; ``message`` is where it was clicked."""
    noted = approval.message or {}
    there = message if message and message.get("ts") else noted
    if not there.get("ts"):
        return
    try:
        await client.chat_update(
            channel=there["channel"],
            ts=there["ts"],
            text=screens.asked_text(approval.calls),
            blocks=_asked(approval, str(noted.get("origin", ""))),
        )
    except TROUBLE as error:  # a click on what is shown there is refused, and draws it anew
        log.warning("a question is not shown as it was changed: %s", code_of(error))


async def close(
    client: AsyncWebClient,
    chats: Chats,
    approval: Approval,
    message: Mapping[str, Any] | None = None,
    *,
    taken_back: bool = False,
) -> None:
    """Buttons give way to outcome, actor and time; ``message`` is where it was clicked, else where it was asked."""
    there = message or approval.message
    if not there or not there.get("ts"):
        return
    calls = approval.calls
    try:
        await client.chat_update(
            channel=there["channel"],
            ts=there["ts"],
            text=screens.decided_text(calls, approval.state, approval.why),
            blocks=screens.decided(
                *(calls, approval.state, approval.decided_by, approval.decided_at, approval.id),
                why=approval.why,
                scope=approval.scope,
                reason=approval.reason,
                taken_back=taken_back,
            ),
        )
    except SlackApiError as error:
        if code_of(error) not in NOTHING_LEFT:
            raise
    await _forget_reminder(client, approval.message or {})
    if there["ts"] == (approval.message or there)["ts"]:
        await chats.asked_in(approval.workspace_id, approval.id, {**there, "closed": True})


async def remind(client: AsyncWebClient, chats: Chats, job: Mapping[str, Any]) -> None:
    """Under the question, before its time is up; taken away with its buttons."""
    approval = await chats.approval(job["workspace"], job["approval_id"])
    noted = approval.message if approval else {}
    if approval is None or approval.state != "asked" or not noted.get("ts") or noted.get("reminder"):
        return
    text = screens.reminder(approval.calls, approval.member_id, approval.expires_at)
    here = {"channel": noted["channel"], "thread_ts": noted.get("thread_ts") or noted["ts"]}
    ts = await put_up(client, f"reminder:{approval.id}", **here, text=text)
    await chats.asked_in(approval.workspace_id, approval.id, {**noted, "reminder": ts})
    now = await chats.approval(approval.workspace_id, approval.id)
    if now and now.state != "asked":  # decided while it was being put up
        await _forget_reminder(client, now.message)


async def _forget_reminder(client: AsyncWebClient, noted: Mapping[str, Any]) -> None:
    if not noted.get("reminder"):
        return
    try:
        await client.chat_delete(channel=noted["channel"], ts=noted["reminder"])
    except SlackApiError as error:  # it says until when, so it is not wrong where it stays
        log.info("a reminder stays where it is: %s", code_of(error))


def handlers(client: AsyncWebClient, chats: Chats) -> dict[str, Callable[[Job], Awaitable[None]]]:
    async def closed(job: Job) -> None:
        await close_left(client, chats, job.payload)

    async def reminding(job: Job) -> None:
        await remind(client, chats, job.payload)

    # The second is what versions before 0.2 called the first.
    return {"approval_closed": closed, "approval_expired": closed, REMINDER: reminding}


async def close_left(client: AsyncWebClient, chats: Chats, job: Mapping[str, Any]) -> None:
    """For the job that sees to it: nothing where the buttons are gone already.

    Of two copies of a question one was put up by a process that died before it could note where.
    """
    approval = await chats.approval(job["workspace"], job["approval_id"])
    if approval is None:
        return
    noted, clicked = approval.message or {}, job.get("clicked") or {}
    if noted and not noted.get("closed"):
        await close(client, chats, approval)
    if clicked.get("ts") not in (None, "", noted.get("ts")):
        await close(client, chats, approval, clicked)


async def close_now(
    client: AsyncWebClient,
    chats: Chats,
    approval: Approval,
    message: Mapping[str, Any] | None = None,
    *,
    taken_back: bool = False,
) -> None:
    """At once where Slack lets us; else by the job that was stored with the decision."""
    try:
        await close(client, chats, approval, message, taken_back=taken_back)
    except TROUBLE as error:
        log.warning("a question is closed later: %s", code_of(error))


async def close_all(client: AsyncWebClient, chats: Chats, approvals: Iterable[Approval]) -> None:
    for approval in approvals:
        await close_now(client, chats, approval)

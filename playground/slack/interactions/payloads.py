"""The payloads that Slack sends for what people do, as Bolt expects them."""

import uuid
from typing import Any

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP, WORKFLOW
from playground.slack.core.people import Channel, Directory, Person
from playground.slack.surfaces.message import Message
from playground.slack.surfaces.state_values import FIELDS, option, taken

SENDER: Json = {"token": "local", "api_app_id": APP, "is_enterprise_install": False}


def named(channel: Channel) -> Json:
    return {"id": channel.id, "name": "directmessage" if channel.is_im else channel.name}


def who(person: Person) -> Json:
    return {"id": person.id, "username": person.name.lower(), "name": person.name.lower(), "team_id": person.team}


def said(message: Message, person: Person) -> Json:
    """A message event of a person, in a DM or a channel."""
    text = {"type": "rich_text_section", "elements": [{"type": "text", "text": message.text}]}
    blocks = [{"type": "rich_text", "block_id": "typed", "elements": [text]}]
    event: Json = {"type": "message", "client_msg_id": str(uuid.uuid4()), "user": message.user, "text": message.text}
    place = {"channel": message.channel, "ts": message.ts, "event_ts": message.ts, "team": message.team}
    if person.team != message.team:
        place |= {"user_team": person.team, "source_team": person.team}
    if message.broadcast:
        event |= {"subtype": "thread_broadcast"}
    if message.attachments:
        event |= {"attachments": message.attachments}
    if message.files:
        event |= {"subtype": "file_share", "upload": False, "files": message.as_slack()["files"]}
    return {**event, **place, "blocks": blocks, **({"thread_ts": message.thread_ts} if message.thread_ts else {})}


def said_by_bot(message: Message, bot: str) -> Json:
    """A message event of another app; a workflow has no account, and so no user."""
    profile = {"id": bot, "app_id": "A0DEPLOYS", "name": "Deploys", "team_id": message.team, "deleted": False}
    who = {"subtype": "bot_message", "username": "Deploys"} if bot == WORKFLOW else {"user": message.user}
    event: Json = {"type": "message", **who, "bot_id": bot, "app_id": "A0DEPLOYS", "bot_profile": profile}
    place = {"channel": message.channel, "ts": message.ts, "event_ts": message.ts, "team": message.team}
    threaded = {"thread_ts": message.thread_ts} if message.thread_ts else {}
    return {**event, "text": message.text, **place, **threaded}


def shared(message: Message, author: Person, channel: Channel) -> Json:
    """A message as an attachment of the one that passes it on."""
    origin = {"channel_id": channel.id, "channel_name": channel.name, "ts": message.ts, "author_id": author.id}
    inside = [
        {"team": message.team, "channel": channel.id, "ts": message.ts, "message": {"blocks": message.all_blocks()}}
    ]
    words = {"text": message.all_text(), "fallback": message.all_text(), "author_name": author.name}
    files = {"files": message.as_slack()["files"]} if message.files else {}
    return {"is_share": True, "is_msg_unfurl": True, **origin, **words, "message_blocks": inside, **files}


def command(
    here: Directory, person: Person, channel: Channel, name: str, text: str, trigger_id: str, response_url: str
) -> Json:
    place = {"channel_id": channel.id, "channel_name": named(channel)["name"]}
    team = {"team_id": here.team.id, "team_domain": here.team.domain}
    if here.enterprise:
        team |= {"enterprise_id": here.enterprise, "enterprise_name": "Local enterprise"}
    caller = {**team, "user_id": person.id, "user_name": person.name.lower()}
    answer = {"trigger_id": trigger_id, "response_url": response_url}
    # Booleans of commands are strings, in Socket Mode too.
    app = {"token": "local", "api_app_id": APP, "is_enterprise_install": str(here.org_wide).lower()}
    return {**app, **caller, **place, "command": name, "text": text, **answer}


def interaction(kind: str, here: Directory, person: Person, trigger_id: str, **more: Any) -> Json:
    enterprise, org_wide = here.enterprise, here.org_wide
    named_team = {"id": here.team.id, "domain": here.team.domain}
    team = None if org_wide else {**named_team, **({"enterprise_id": enterprise} if enterprise else {})}
    where = {"team": team, "enterprise": {"id": enterprise, "name": "Local enterprise"} if enterprise else None}
    sender = {**SENDER, "is_enterprise_install": org_wide}
    return {**sender, **where, "type": kind, "user": who(person), "trigger_id": trigger_id, **more}


def in_message(message: Message, channel: Channel, response_url: str) -> Json:
    ephemeral = message.ephemeral_for is not None
    container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id, "is_ephemeral": ephemeral}
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    shown = {} if ephemeral else {"message": message.as_slack()}  # Slack sends no content of those
    return {"container": container, "channel": named(channel), **shown, "response_url": response_url}


def in_view(view: Json, state: Json) -> Json:
    view = {**view, "state": {"values": state}}
    return {"container": {"type": "view", "view_id": view["id"]}, "view": view}


def action(block: Json, element: Json, value: Any, ts: str) -> Json:
    """One entry of ``actions``: what was pressed or chosen."""
    pressed = {"type": element["type"], "block_id": block["block_id"], "action_id": element["action_id"]}
    pressed["action_ts"] = ts
    kind = element["type"]
    if kind in FIELDS:
        return {**pressed, **taken(element, value)}
    if kind == "overflow":
        return {**pressed, "selected_option": option(element, value)}
    if kind == "feedback_buttons":
        chosen = (element["positive_button"], element["negative_button"])
        return {**pressed, **next((b for b in chosen if b["value"] == value), chosen[0])}
    return {**pressed, **{name: element[name] for name in ("text", "value", "style", "url") if name in element}}

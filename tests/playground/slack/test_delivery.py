"""Envelopes, acks, connections that come and go, and events that wait for an app."""

import asyncio
import json

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.server import LocalSlack
from tests.playground.slack.conftest import DM, OWNER


class Link:
    """A bare Socket Mode client that acks when it is told to."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    async def __aenter__(self) -> "Link":
        client = AsyncWebClient(base_url=self._slack.api_url)
        self.url = (await client.apps_connections_open(app_token=self._slack.app_token))["url"]
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(self.url)
        assert (await self._socket.receive_json())["type"] == "hello"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        await self._session.close()

    async def receive(self) -> dict:
        return await self._socket.receive_json(timeout=60)

    async def ack(self, envelope: dict, **payload: object) -> None:
        await self._socket.send_json(
            {"envelope_id": envelope["envelope_id"], **({"payload": payload} if payload else {})}
        )


async def test_an_event_waits_for_the_app_and_is_marked_as_a_retry(slack):
    await slack.person_says(OWNER, DM, "are you there?")
    async with Link(slack) as link:
        envelope = await link.receive()
        assert envelope["type"] == "events_api" and not envelope["accepts_response_payload"]
        assert (envelope["retry_attempt"], envelope["retry_reason"]) == (1, "connection_failed")
        assert envelope["payload"]["event"]["text"] == "are you there?"
        await link.ack(envelope)
        await slack.when(lambda: not slack.unheard)


async def test_an_event_the_app_died_over_comes_again_with_the_same_id(slack):
    async with Link(slack) as link:
        await slack.person_says(OWNER, DM, "hello")
        first = await link.receive()
    await slack.when(lambda: not slack.online)
    async with Link(slack) as link:
        second = await link.receive()
        await link.ack(second)
        await slack.when(lambda: not slack.unheard)
    assert second["payload"]["event_id"] == first["payload"]["event_id"]
    assert (first["retry_attempt"], second["retry_attempt"]) == (0, 1)
    assert second["envelope_id"] != first["envelope_id"]


async def test_an_event_without_an_ack_comes_at_once_after_a_minute_after_five_and_never_again(tmp_path, clock):
    async with LocalSlack(tmp_path, clock=clock, ack_seconds=0.05) as slack, Link(slack) as link:
        await slack.person_says(OWNER, DM, "hello")
        attempts = []
        for pause in (0, 60, 300, None):
            envelope = await link.receive()
            attempts.append((envelope["retry_attempt"], envelope["retry_reason"]))
            if pause:
                [item] = slack.workspace.outbox.pending.values()
                await slack.when(lambda item=item: item.due > clock())
                clock.forward(pause)
        await slack.when(lambda: not slack.unheard)
        assert attempts == [(0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")]
        assert len(slack.workspace.outbox.given_up) == 1


async def test_events_outlive_a_restart_of_slack_itself(tmp_path, clock):
    async with LocalSlack(tmp_path, clock=clock) as slack:
        await slack.person_says(OWNER, DM, "one")
        await slack.person_says(OWNER, DM, "two")
    async with LocalSlack(tmp_path, clock=clock) as slack, Link(slack) as link:
        heard = [await link.receive(), await link.receive()]
        assert [envelope["payload"]["event"]["text"] for envelope in heard] == ["one", "two"]
        for envelope in heard:
            await link.ack(envelope)
        await slack.when(lambda: not slack.unheard)


async def test_one_envelope_goes_to_one_connection(slack):
    async with Link(slack) as one, Link(slack) as other:
        for word in ("a", "b"):
            await slack.person_says(OWNER, DM, word)
        heard = {(await link.receive())["payload"]["event"]["text"] for link in (one, other)}
        assert heard == {"a", "b"}


async def test_the_url_of_a_connection_is_good_for_one(slack):
    async with Link(slack) as link, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(link.url)
    assert slack.workspace.sockets.refused == 1


async def test_a_command_without_an_ack_shows_what_slack_shows(tmp_path):
    async with LocalSlack(tmp_path, ack_seconds=0.05) as slack:
        answer = await slack.command(OWNER, DM, "/mcp list")
        assert "dispatch_failed" in answer["error"]
        async with Link(slack):
            answer = await slack.command(OWNER, DM, "/mcp list")
        assert answer["error"] == slack.messages(DM)[-1]["text"] == "/mcp failed because the app did not respond."
        assert slack.messages(DM)[-1]["ephemeral"]


async def test_an_ack_of_a_command_that_slack_cannot_draw_is_an_error_to_the_person(slack):
    async with Link(slack) as link:
        running = asyncio.create_task(slack.command(OWNER, DM, "/mcp"))
        await link.ack(await link.receive(), blocks=[{"type": "nope"}])
        assert (await running)["error"] == "/mcp failed with the error “invalid_blocks”."
    assert slack.refusals[0][:2] == ("command ack", "invalid_blocks")


async def test_a_late_ack_is_nobodys(tmp_path):
    async with LocalSlack(tmp_path, ack_seconds=0.05) as slack, Link(slack) as link:
        await slack.command(OWNER, DM, "/mcp")
        slack.workspace.sockets.ack_seconds = 60.0
        await link.ack(await link.receive(), text="too late")
        running = asyncio.create_task(slack.command(OWNER, DM, "/mcp again"))
        envelope = await link.receive()
        assert json.dumps(envelope["payload"]["text"]) == '"again"'
        await link.ack(envelope, text="in time")
        assert (await running)["text"] == slack.messages(DM)[-1]["text"] == "in time"


async def test_commands_do_not_work_in_threads(slack):
    async with Link(slack):
        root = await slack.person_says(OWNER, DM, "hello")
        answer = await slack.command(OWNER, DM, "/mcp list", thread_ts=root)
    assert answer["error"] == "/mcp is not supported in threads. Sorry!"


# --- the SDK's client
async def test_a_new_connection_is_made_when_slack_asks_for_one(slack, app, connected):
    @app.command("/mcp")
    async def mcp(ack):
        await ack("fine")

    async with connected as handler:
        [old], old_url = slack.workspace.sockets.open, handler.client.wss_uri
        await slack.workspace.sockets.refresh()
        await slack.when(lambda: slack.online and old not in slack.workspace.sockets.open)
        assert handler.client.wss_uri != old_url
        assert (await slack.command(OWNER, DM, "/mcp"))["text"] == "fine"


async def test_a_refused_socket_retries_its_spent_url_until_it_is_forgotten(slack, app):
    sockets = slack.workspace.sockets
    sockets.refusing = True
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.02)
    connecting = asyncio.create_task(handler.connect_async())
    await slack.when(lambda: sockets.refused >= 3)
    sockets.refusing = False
    await slack.when(lambda: sockets.refused >= 6)
    assert len(slack.of("apps.connections.open")) == 1
    handler.client.wss_uri = None
    await connecting
    await slack.when(lambda: slack.online)
    await handler.close_async()


async def test_what_the_app_says_itself_is_told_to_it_too_and_bolt_passes_over_it(slack):
    async with Link(slack) as link:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        ts = (await client.chat_postMessage(channel=DM, text="x"))["ts"]
        await client.chat_update(channel=DM, ts=ts, text="y")
        posted, changed = [(await link.receive())["payload"]["event"] for _ in range(2)]
    assert (posted["bot_id"], posted["channel_type"]) == ("B0USHER", "im")
    assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "y")

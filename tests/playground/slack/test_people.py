"""What people say and look at, what Slack makes of it, and what is still there after a restart."""

import aiohttp

from playground.slack.core.people import ELSEWHERE, GUEST, NEIGHBOUR, PARTNERS
from playground.slack.server import LocalSlack
from tests.playground.slack.conftest import DM, GENERAL, MEMBER, OWNER, home, recorded


# --- response URLs
async def test_a_response_url_takes_five_answers_in_half_an_hour(slack, app, clock, connected):
    urls = []

    @app.command("/mcp")
    async def mcp(ack, command):
        await ack()
        urls.append(command["response_url"])

    async def post(url: str, **body: object) -> int:
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
            return answer.status

    async with connected:
        for _ in range(2):
            await slack.command(OWNER, GENERAL, "/mcp")
    assert [await post(urls[0], text=f"{n}") for n in range(6)] == [200] * 5 + [404]
    assert [m["ephemeral"] for m in slack.messages(GENERAL)] == [True] * 5
    assert slack.messages(GENERAL, MEMBER) == []
    assert await post(urls[1], text="all", response_type="in_channel") == 200
    assert [m["text"] for m in slack.messages(GENERAL, MEMBER)] == ["all"]
    assert await post(urls[1], text="changed", replace_original=True) == 200
    assert [m["text"] for m in slack.messages(GENERAL, MEMBER)] == ["changed"]
    assert await post(urls[1], blocks=[{"type": "nope"}]) == 400
    assert await post(urls[1], delete_original=True) == 200
    assert slack.messages(GENERAL, MEMBER) == []
    clock.forward(1801)
    assert await post(urls[1], text="late") == 404


# --- words and places
async def test_a_mention_in_a_channel_reaches_the_app_and_other_talk_does_not(slack):
    await slack.person_says(OWNER, GENERAL, "just talk")
    assert slack.unheard == 0
    ts = await slack.person_says(OWNER, GENERAL, "@usher what about #random?")
    [item] = slack.workspace.outbox.pending.values()
    assert item.payload["event"]["type"] == "app_mention"
    assert item.payload["event"]["text"] == "<@U0USHER> what about <#C0RANDOM|random>?"
    assert item.payload["event"]["ts"] == ts and "channel_type" not in item.payload["event"]


async def test_a_command_is_escaped_when_its_manifest_says_so(tmp_path):
    commands = [{"command": "/raw"}, {"command": "/cooked", "should_escape": True}]
    manifest = {"display_information": {"name": "Usher"}, "features": {"slash_commands": commands}}
    manifest["oauth_config"] = {"scopes": {"bot": ["commands"]}}
    async with LocalSlack(tmp_path, manifest=manifest) as slack:
        sent = []

        async def keep(kind: str, payload: dict) -> dict:
            sent.append(payload["text"])
            return {}

        slack.workspace.sockets.deliver = keep
        for name in ("/raw", "/cooked"):
            await slack.command(OWNER, DM, f"{name} connect @Member https://example.com/mcp")
    assert sent == ["connect @Member https://example.com/mcp", "connect <@U0MEMBER|member> <https://example.com/mcp>"]


async def test_looking_at_the_app_is_told_with_its_tab(slack, client):
    await client.views_publish(user_id=OWNER, view=home())
    await slack.open_home(OWNER)
    await slack.open_dm(OWNER)
    [first, second] = [item.payload["event"] for item in slack.workspace.outbox.pending.values()]
    assert (first["tab"], first["view"]["type"], first["channel"]) == ("home", "home", DM)
    assert (second["tab"], second["user"]) == ("messages", OWNER)


async def test_a_shortcut_on_a_message_carries_it(slack, app, connected):
    bodies = recorded(app, "shortcut")
    async with connected:
        ts = await slack.person_says(MEMBER, GENERAL, "look at this")
        await slack.shortcut(OWNER, "a")
        await slack.shortcut(OWNER, "a", GENERAL, ts)
    assert [body["type"] for body in bodies] == ["shortcut", "message_action"]
    assert bodies[1]["message"]["text"] == "look at this" and bodies[1]["trigger_id"]


async def test_all_is_still_there_after_a_restart(tmp_path, clock):
    async with LocalSlack(tmp_path, clock=clock, hint="Welcome") as slack:
        root = await slack.person_says(OWNER, GENERAL, "kept")
        slack.workspace.messages.post({"channel": GENERAL, "text": "reply", "thread_ts": root})
        slack.workspace.views.publish({"user_id": OWNER, "view": home()})
        slack.workspace.streams.start({"channel": DM, "thread_ts": await slack.person_says(OWNER, DM, "q")})
        before = [slack.snapshot(person) for person in (OWNER, MEMBER)]
    async with LocalSlack(tmp_path, clock=clock, hint="Welcome") as slack:
        assert [slack.snapshot(person) for person in (OWNER, MEMBER)] == before
        assert [m["text"] for m in slack.messages(DM)].count("Welcome") == 1
        assert slack.messages(DM)[-1]["streaming"]
        clock.forward(301)
        assert slack.messages(DM)[-1]["broken"]
        assert float(await slack.person_says(OWNER, DM, "next")) > float(before[0]["messages"][DM][-1]["ts"])


async def test_people_from_outside_can_be_there_and_speak_as_slack_tells_of_them(slack: LocalSlack) -> None:
    directory = slack.workspace.directory
    assert GUEST not in directory.persons
    slack.visited()
    await slack.person_says(NEIGHBOUR, PARTNERS, "<@U0USHER> hello")
    await slack.command(OWNER, PARTNERS, "/bot <@U0USHER> deployed")
    by_neighbour, by_bot = [each.payload for each in slack.workspace.outbox.pending.values()]
    assert by_neighbour["is_ext_shared_channel"] and by_neighbour["event"]["user_team"] == ELSEWHERE
    assert by_bot["event"]["bot_id"] and directory.people[GUEST].as_slack()["is_restricted"]
    assert slack.snapshot(GUEST)["messages"][PARTNERS][-1]["text"] == "<@U0USHER> deployed"

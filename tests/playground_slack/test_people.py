"""What people do, what Slack makes of it, and what is still there after a restart."""

import aiohttp
import pytest

from playground.slack.refusal import Unable
from playground.slack.server import LocalSlack
from tests.playground_slack.conftest import (
    DM,
    GENERAL,
    MEMBER,
    OWNER,
    actions,
    button,
    entry,
    home,
    modal,
    plain,
    section,
)

OPTIONS = [{"text": plain(word), "value": word} for word in ("one", "two")]


def recorded(app, *kinds: str) -> list[dict]:
    """Acks these kinds of requests and keeps their bodies."""
    bodies: list[dict] = []

    async def keep(ack, body):
        await ack()
        bodies.append(body)

    for kind in kinds:
        getattr(app, kind)("a")(keep)
    return bodies


async def opened(slack, client, view: dict, person: str = OWNER) -> dict:
    return (await client.views_open(trigger_id=slack.workspace.triggers.new(person), view=view))["view"]


# --- forms
async def test_a_form_sent_untouched_keeps_its_presets(slack, app, client, connected):
    bodies = recorded(app, "view")
    blocks = [
        entry(block_id="name", initial_value="Notes"),
        entry("static_select", "one", options=OPTIONS, initial_option=OPTIONS[1]),
        {**entry("checkboxes", "many", options=OPTIONS), "optional": True},
        {**entry("users_select", "who"), "optional": True},
        section(block_id="side", accessory={"type": "static_select", "action_id": "s", "options": OPTIONS}),
    ]
    async with connected:
        view = await opened(slack, client, modal(*blocks, callback_id="a"))
        assert (await slack.submit_view(OWNER, view["id"]))["ok"]
    values = bodies[0]["view"]["state"]["values"]
    assert values["name"]["a"] == {"type": "plain_text_input", "value": "Notes"}
    assert values["one"]["a"]["selected_option"] == OPTIONS[1]
    assert values["many"]["a"]["selected_options"] == []
    assert values["who"]["a"]["selected_user"] is None
    assert values["side"]["s"]["selected_option"] is None


async def test_what_is_chosen_becomes_slacks_own_objects(slack, app, client, connected):
    bodies = recorded(app, "view")
    blocks = [entry("static_select", "one", options=OPTIONS), entry("checkboxes", "many", options=OPTIONS)]
    async with connected:
        view = await opened(slack, client, modal(*blocks, callback_id="a"))
        await slack.submit_view(OWNER, view["id"], {"one": {"a": "two"}, "many": {"a": ["one", "two"]}})
        with pytest.raises(Unable):
            await slack.submit_view(OWNER, view["id"], {})
    values = bodies[0]["view"]["state"]["values"]
    assert (values["one"]["a"]["selected_option"], values["many"]["a"]["selected_options"]) == (OPTIONS[1], OPTIONS)


@pytest.mark.parametrize(
    ("block", "value", "complaint"),
    [
        (entry(), "", "required"),
        (entry(min_length=3), "ab", "at least 3"),
        (entry(max_length=3), "abcd", "at most 3"),
        (entry("url_text_input"), "example", "valid URL"),
        (entry("email_text_input"), "example", "valid email"),
        (entry("number_input", is_decimal_allowed=False, max_value="3"), "4", "3 or less"),
        (entry("number_input", is_decimal_allowed=False), "1.5", "whole number"),
        (entry("checkboxes", options=OPTIONS), [], "required"),
    ],
)
async def test_a_field_is_judged_before_the_app_sees_it(slack, client, block, value, complaint):
    view = await opened(slack, client, modal(block))
    answer = await slack.submit_view(OWNER, view["id"], {"field": {"a": value}})
    assert complaint in answer["errors"]["field"]


async def test_a_form_may_be_replaced_lain_upon_and_cleared_by_its_ack(slack, app, client, connected):
    acks = [
        {"response_action": "update", "view": modal(title=plain("Second"), callback_id="a")},
        {"response_action": "push", "view": modal(title=plain("Third"), callback_id="a")},
        {"response_action": "clear"},
    ]

    @app.view("a")
    async def submitted(ack):
        await ack(**acks.pop(0))

    async with connected:
        await opened(slack, client, modal(callback_id="a"))
        for titles in (["Second"], ["Second", "Third"], []):
            top = slack.snapshot(OWNER)["modals"][-1]
            await slack.submit_view(OWNER, top["id"])
            assert [view["title"] for view in slack.snapshot(OWNER)["modals"]] == titles
    assert not slack.refusals


@pytest.mark.parametrize(
    "ack",
    [
        {"response_action": "errors", "errors": {"elsewhere": "?"}},
        {"response_action": "update", "view": modal(title=plain("x" * 25))},
    ],
    ids=["errors for no input", "a view that is too long"],
)
async def test_an_ack_that_slack_does_not_understand_is_trouble_in_the_form(slack, app, client, connected, ack):
    answer = ack  # the listener's own `ack` hides the name

    @app.view("a")
    async def submitted(ack):
        await ack(**answer)

    async with connected:
        view = await opened(slack, client, modal(callback_id="a"))
        assert "trouble" in (await slack.submit_view(OWNER, view["id"]))["error"]
    assert slack.refusals and len(slack.snapshot(OWNER)["modals"]) == 1


async def test_closing_is_told_when_it_was_asked_for(slack, app, client, connected):
    closed = []

    @app.view_closed("a")
    async def view_closed(ack, body):
        await ack()
        closed.append((body["view"]["id"], body["is_cleared"]))

    async with connected:
        first = await opened(slack, client, modal(callback_id="a", notify_on_close=True))
        on_top = modal(callback_id="a", notify_on_close=True)
        second = (await client.views_push(trigger_id=slack.workspace.triggers.new(OWNER), view=on_top))["view"]
        assert second["previous_view_id"] == second["root_view_id"] == first["id"]
        await slack.close_view(OWNER, second["id"])
        await slack.close_view(OWNER, first["id"])
    assert closed == [(second["id"], False), (first["id"], False)]


# --- presses
async def test_a_press_in_a_form_carries_the_view_and_what_stands_in_it(slack, app, client, connected):
    bodies = recorded(app, "action")
    async with connected:
        view = await opened(slack, client, modal(entry(), actions(button(value="7"), block_id="b")))
        container = {"type": "view", "view_id": view["id"]}
        pressed = {"container": container, "block_id": "b", "action_id": "a", "values": {"field": {"a": "typed"}}}
        assert (await slack.press(OWNER, pressed))["ok"]
    assert bodies[0]["container"] == container
    assert bodies[0]["view"]["state"]["values"]["field"]["a"]["value"] == "typed"
    assert "message" not in bodies[0] and "response_url" not in bodies[0]


async def test_a_choice_in_the_home_carries_its_option(slack, app, client, connected):
    bodies = recorded(app, "action")
    overflow = {"type": "overflow", "action_id": "a", "options": OPTIONS}
    async with connected:
        view = (await client.views_publish(user_id=MEMBER, view=home(section(block_id="b", accessory=overflow))))[
            "view"
        ]
        container = {"type": "view", "view_id": view["id"]}
        await slack.press(MEMBER, {"container": container, "block_id": "b", "action_id": "a", "value": "two"})
        with pytest.raises(Unable):
            await slack.press(OWNER, {"container": container, "block_id": "b", "action_id": "a", "value": "two"})
    assert bodies[0]["actions"][0]["selected_option"] == OPTIONS[1]
    assert bodies[0]["view"]["type"] == "home" and bodies[0]["user"]["id"] == MEMBER


async def test_a_press_that_nobody_takes_is_a_passing_remark(slack, client):
    posted = await client.chat_postMessage(channel=DM, text="x", blocks=[actions(button(), block_id="b")])
    changes = slack.changes(OWNER)
    await anext(changes)
    container = {"type": "message", "channel": DM, "ts": posted["ts"]}
    await slack.press(OWNER, {"container": container, "block_id": "b", "action_id": "a"})
    trouble = await anext(changes)
    assert (trouble["type"], trouble["ts"]) == ("trouble", posted["ts"])
    await changes.aclose()


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

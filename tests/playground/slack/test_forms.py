"""Forms, buttons and choices: what the app is sent, and what its acks do to the open modals."""

import pytest

from playground.slack.core.refusal import Unable
from tests.playground.slack.conftest import (
    DM,
    MEMBER,
    OWNER,
    actions,
    button,
    entry,
    home,
    modal,
    plain,
    recorded,
    section,
)

OPTIONS = [{"text": plain(word), "value": word} for word in ("one", "two")]


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

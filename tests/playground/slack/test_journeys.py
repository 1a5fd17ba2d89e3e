"""What people do reaches a real Bolt app, and what it answers reaches them."""

from tests.playground.slack.conftest import DM, MEMBER, OWNER, actions, button, entry, modal, section


async def test_what_a_person_says_in_a_dm_is_answered_there(slack, app, connected):
    @app.event("message")
    async def hear(event, client):
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text=f"You said {event['text']}")

    async with connected:
        ts = await slack.person_says(OWNER, DM, "1 < 2 & https://example.com/x?a=1&b=2.")
        answer = await slack.when(lambda: [m for m in slack.messages(DM) if m["by_app"]])
        assert answer[0]["text"] == "You said 1 &lt; 2 &amp; <https://example.com/x?a=1&amp;b=2>."
        assert answer[0]["thread_ts"] == ts
        await slack.when(lambda: not slack.unheard)
    assert not slack.refusals
    assert slack.snapshot(MEMBER)["messages"].keys() == {"C0GENERAL", "C0RANDOM", "D0MEMBER"}


async def test_a_command_opens_a_form_whose_errors_stand_under_their_fields(slack, app, connected):
    @app.command("/mcp")
    async def mcp(ack, command, client):
        await ack(f"{command['text']} in {command['channel_name']}")
        await client.views_open(trigger_id=command["trigger_id"], view=modal(entry(), callback_id="form"))

    @app.view("form")
    async def submitted(ack, view):
        if view["state"]["values"]["field"]["a"]["value"] == "right":
            return await ack()
        await ack(response_action="errors", errors={"field": "Not so."})

    async with connected:
        assert (await slack.command(OWNER, DM, "/mcp connect"))["ok"]
        view = (await slack.when(lambda: slack.snapshot(OWNER)["modals"]))[0]
        assert slack.messages(DM)[-1]["text"] == "connect in directmessage"
        assert slack.messages(DM)[-1]["ephemeral"]
        assert (await slack.submit_view(OWNER, view["id"], {}))["errors"]["field"].startswith("Please complete")
        answer = await slack.submit_view(OWNER, view["id"], {"field": {"a": "wrong"}})
        assert answer["errors"] == {"field": "Not so."}
        assert (await slack.submit_view(OWNER, view["id"], {"field": {"a": "right"}}))["ok"]
        assert slack.snapshot(OWNER)["modals"] == []
    assert not slack.refusals


async def test_a_button_carries_what_slack_sends_and_its_response_url_replaces_the_message(slack, app, connected):
    bodies = []

    @app.action("a")
    async def pressed(ack, body, respond):
        await ack()
        bodies.append(body)
        await respond(text="Done.", replace_original=True)

    async with connected:
        posted = await app.client.chat_postMessage(
            channel=OWNER, text="Sure?", blocks=[section("Sure?"), actions(button(value="7"), block_id="b")]
        )
        container = {"type": "message", "channel": DM, "ts": posted["ts"]}
        await slack.press(OWNER, {"container": container, "block_id": "b", "action_id": "a"})
        message = await slack.when(lambda: slack.messages(DM)[0]["edited"] and slack.messages(DM)[0])
        assert (message["text"], message["blocks"]) == ("Done.", None)
    [body] = bodies
    assert body["actions"][0]["value"] == "7" and body["actions"][0]["text"]["text"] == "b"
    assert body["container"] == {"type": "message", "message_ts": posted["ts"], "channel_id": DM, "is_ephemeral": False}
    assert body["message"]["text"] == "Sure?" and body["user"]["id"] == OWNER

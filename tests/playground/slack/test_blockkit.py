"""Payloads that Slack refuses are found, and what the SDK's builders make passes."""

import pytest
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextActionsBlock,
    FeedbackButtonObject,
    FeedbackButtonsElement,
    HeaderBlock,
    InputBlock,
    SectionBlock,
    UrlInputElement,
)
from slack_sdk.models.views import View

from playground.slack.block_kit.checking import check
from tests.playground.slack.conftest import actions, button, entry, modal, plain, section


def option(number: int, **more) -> dict:
    return {"text": plain(f"option {number}"), "value": str(number), **more}


def message(*blocks: dict, **more) -> dict:
    return {"text": "x", "blocks": list(blocks), **more}


BAD = {
    "long title": modal(section(), title=plain("x" * 25)),
    "no title": {"type": "modal", "blocks": [section()]},
    "101 blocks": modal(*[section()] * 101),
    "no blocks": modal() | {"blocks": []},
    "input without submit": {"type": "modal", "title": plain("T"), "blocks": [entry()]},
    "long section": modal(section(text=plain("x" * 3001))),
    "empty section": modal(section(text=plain(""))),
    "section without text": modal({"type": "section"}),
    "long field": modal({"type": "section", "fields": [plain("x" * 2001)]}),
    "mrkdwn header": modal({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
    "long header": modal({"type": "header", "text": plain("x" * 151)}),
    "long button": modal(actions(button(text=plain("x" * 76)))),
    "long button value": modal(actions(button(value="x" * 2001))),
    "long action_id": modal(actions(button(action_id="x" * 256))),
    "long block_id": modal(section(block_id="x" * 256)),
    "button without text": modal(actions({"type": "button", "action_id": "a"})),
    "same block_id": modal(section(block_id="b"), section(block_id="b")),
    "same action_id": modal(actions(button(), button())),
    "two primary buttons": modal(actions(button(style="primary"), button(action_id="c", style="primary"))),
    "26 buttons": modal(actions(*[button(action_id=str(n)) for n in range(26)])),
    "11 context items": modal({"type": "context", "elements": [plain("x")] * 11}),
    "101 options": modal(entry("static_select", options=[option(n) for n in range(101)])),
    "no options": modal(entry("static_select", options=[])),
    "options forgotten": modal(entry("static_select")),
    "long option": modal(entry("static_select", options=[option(1, text=plain("x" * 76))])),
    "long option value": modal(entry("static_select", options=[option(1, value="x" * 151)])),
    "11 checkboxes": modal(entry("checkboxes", options=[option(n) for n in range(11)])),
    "11 radio buttons": modal(entry("radio_buttons", options=[option(n) for n in range(11)])),
    "6 overflow options": modal(
        section(accessory={"type": "overflow", "action_id": "a", "options": [option(n) for n in range(6)]})
    ),
    "initial option is none of them": modal(entry("static_select", options=[option(1)], initial_option=option(2))),
    "long placeholder": modal(entry(placeholder=plain("x" * 151))),
    "long label": modal({**entry(), "label": plain("x" * 2001)}),
    "max_length too great": modal(entry(max_length=3001)),
    "initial value too long": modal(entry(max_length=2, initial_value="xxx")),
    "text input among buttons": modal(actions({"type": "plain_text_input", "action_id": "a"})),
    "button as input": modal(entry("button", text=plain("b"))),
    "long private_metadata": modal(section(), private_metadata="x" * 3001),
    "long confirm": modal(
        actions(
            button(confirm={"title": plain("t"), "text": plain("x" * 301), "confirm": plain("y"), "deny": plain("n")})
        )
    ),
    "unknown block": modal({"type": "nope"}),
    "unknown element": modal(actions({"type": "nope", "action_id": "a"})),
    "unknown key": modal(section(txt="x")),
    "image without alt_text": modal({"type": "image", "image_url": "https://x.example/a.png"}),
    "markdown in a modal": modal({"type": "markdown", "text": "x"}),
    "block that is no object": modal("section"),
    "home with submit": {"type": "home", "submit": plain("Go"), "blocks": [section()]},
    "alert in home": {"type": "home", "blocks": [{"type": "alert", "text": plain("x")}]},
    "alert in a message": message({"type": "alert", "text": plain("x")}),
    "51 blocks in a message": message(*[section()] * 51),
    "message without text": {"blocks": [section()]},
    "markdown too long in sum": message(*[{"type": "markdown", "text": "x" * 6001}] * 2),
    "bad task status": message({"type": "task_card", "task_id": "1", "title": "t", "status": "done"}),
    "feedback outside its block": message(actions({"type": "feedback_buttons", "action_id": "a"})),
}


@pytest.mark.parametrize("payload", BAD.values(), ids=BAD.keys())
def test_a_payload_slack_refuses_is_found(payload):
    assert check(payload, payload.get("type", "message"))


def test_what_the_sdk_builders_make_passes():
    field = UrlInputElement(action_id="v", placeholder="https://…")
    url = InputBlock(block_id="url", label="URL", hint="https only", element=field)
    form = View(type="modal", callback_id="c", title="Connect", submit="Connect", close="Cancel", blocks=[url])
    sure = ConfirmObject(title="Disconnect?", text="Its tools go away.", confirm="Disconnect", deny="Keep")
    off = ButtonElement(text="Disconnect", action_id="off", value="s1", style="danger", confirm=sure)
    home = View(type="home", blocks=[HeaderBlock(text="Yours"), SectionBlock(text="*github*", accessory=off)])
    good, bad = FeedbackButtonObject(text="Good", value="good"), FeedbackButtonObject(text="Bad", value="bad")
    feedback = FeedbackButtonsElement(action_id="feedback", positive_button=good, negative_button=bad)
    buttons = ActionsBlock(elements=[ButtonElement(text="Yes", action_id="y", value="c1", style="primary")])
    assert check(form.to_dict(), "modal") == []
    assert check(home.to_dict(), "home") == []
    assert check(message(buttons.to_dict(), ContextActionsBlock(elements=[feedback]).to_dict()), "message") == []


def test_a_complaint_points_at_its_place():
    complaints = check(modal(section(), actions(button(text=plain("x" * 76)))), "modal")
    assert "/blocks/1/elements/0/text: must be a string of 1..75 characters" in complaints

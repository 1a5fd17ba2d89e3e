"""Messages and a home that the scripted app shows: one of each block and element that the page draws."""

from tests.playground.page.parts import (
    Json,
    actions,
    button,
    context,
    field,
    header,
    marks,
    option,
    section,
    task,
    text_chunk,
    words,
)

HOSTILE = (
    "<https://example.com|a link> &lt;script&gt;window.hit=1&lt;/script&gt; "
    "<javascript:window.hit=1|bad> `&lt;img src=x onerror=window.hit=1&gt;`"
)

HELP = [
    section("*Usher's commands*\n• `/mcp connect` connects a tool\n• `/mcp list` shows what is connected"),
    context("In a thread, ask in plain words instead."),
    actions("help", button("Connect a tool", "go_connect", style="primary")),
]

CONFIRM = {
    "title": words("Delete the note?"),
    "text": marks("*Water the plants* is gone for good."),
    "confirm": words("Delete it"),
    "deny": words("Keep it"),
    "style": "danger",
}

APPROVAL = [
    section("*Usher asks: may it add a note?*\nNotes · `add_note`"),
    section("It would do this:", fields=[marks("*Text*\nWater the plants"), marks("*Where*\nNotes, on this machine")]),
    actions(
        "approval",
        button("Approve", "approve", style="primary"),
        button("Deny", "deny"),
        button("Always for this tool", "always"),
    ),
    context("Only <@U0OWNER> can decide; it waits for an hour."),
]


def decided(said: str, person: str) -> list[Json]:
    return [APPROVAL[0], context(f":white_check_mark: {said} by <@{person}>")]


MARKS = (
    '*bold* _italic_ ~gone~ `code` <https://example.com|a link> :white_check_mark:\n>quoted\n```{\n  "note": 1\n}```'
)
MARKDOWN = (
    "## Plan\n1. **First** this\n2. then *that*\n   - inner\n\n"
    "| city | time |\n| --- | --- |\n| Tokyo | 09:00 |\n\n- [x] done\n- [ ] open"
)
RICH = [{"type": "text", "text": "Rich", "style": {"bold": True}}, {"type": "text", "text": " text"}]
MORE = {"type": "overflow", "action_id": "more", "options": [option("Test"), option("Disconnect")]}
PICK = {
    "type": "static_select",
    "action_id": "pick",
    "placeholder": words("Pick one"),
    "options": [option("One"), option("Two")],
}

ALL_BLOCKS: list[Json] = [
    header("Connections"),
    section("*Notes* is connected\n4 tools, 2 of them read-only", block_id="notes", accessory=MORE),
    {"type": "divider"},
    section(MARKS),
    actions(
        "all",
        button("Delete", "delete", style="danger", confirm=CONFIRM),
        button("Read more", "read", url="https://example.com/more"),
        PICK,
    ),
    {"type": "markdown", "text": MARKDOWN},
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": RICH}]},
]

HOME: Json = {
    "type": "home",
    "blocks": [
        header("Your connections"),
        section("*Time* · 2 tools\nTells the time in any zone", block_id="time", accessory=button("Test", "home_test")),
        section(
            "*Notes* · 4 tools\nA notebook on this machine", block_id="notes", accessory=button("Look", "home_look")
        ),
        actions(
            "home", button("Connect a tool", "home_connect", style="primary"), button("Create a link", "home_link")
        ),
        {"type": "divider"},
        header("Your chat links"),
        context("None yet. A link lets a guest chat with Usher for some hours."),
    ],
}

PROMPTS = [
    {"title": "What time is it in Tokyo?", "message": "stream: what time is it in Tokyo?"},
    {"title": "Add a note", "message": "approve a note: water the plants"},
]

FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": words("Create a chat link"),
    "submit": words("Create"),
    "close": words("Cancel"),
    "blocks": [
        section("A guest opens the link in any browser and chats with Usher."),
        field("name", "Title", "plain_text_input", hint=words("The guest sees it on top of the page.")),
        field("purpose", "What is it for?", "plain_text_input", element={"multiline": True}, optional=True),
        field(
            "hours",
            "Lives for",
            "static_select",
            element={"options": [option("4 hours"), option("1 day")], "initial_option": option("4 hours")},
        ),
        field(
            "tools",
            "Read-only tools",
            "multi_static_select",
            element={"options": [option("Time"), option("Notes"), option("Search")]},
            optional=True,
        ),
        field(
            "guests",
            "Guests",
            "radio_buttons",
            element={"options": [option("One", "The link closes behind them"), option("Many")]},
            optional=True,
        ),
        field(
            "extras",
            "Extras",
            "checkboxes",
            element={"options": [option("Transcript"), option("Tell me")], "initial_options": [option("Tell me")]},
            optional=True,
        ),
        actions("more", button("Add another", "another"), button("More about this", "push")),
    ],
}
LONGER_FORM: Json = {**FORM, "blocks": [section("Added afterwards.", block_id="added"), *FORM["blocks"]]}
SECOND_VIEW: Json = {
    "type": "modal",
    "callback_id": "second",
    "title": words("More about this"),
    "close": words("Go back"),
    "blocks": [section("A link dies when its time is over.")],
}

FIRST = [
    task(1, "Get the current time", "in_progress", details="Time · Asia/Tokyo", output="`asking`"),
    text_chunk("Let me look"),
]
LATER = [
    [task(1, "Get the current time", "complete"), task(2, "Read the notes", "error", details="Notes did not answer")],
    [text_chunk(" it up.\n\nIt is **09:00** in Tokyo:\n\n```python\nprint(1)\n```\n\n- Osaka has the same time\n")],
]
FEEDBACK = [
    {
        "type": "context_actions",
        "block_id": "feedback",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "vote",
                "positive_button": {"text": words("Good answer"), "value": "up"},
                "negative_button": {"text": words("Bad answer"), "value": "down"},
            },
        ],
    },
]

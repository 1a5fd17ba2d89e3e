"""What a page is told and may ask, as JSON."""

from playground.slack.core.changes import MOST_WAITING
from tests.playground.slack.conftest import DM, MEMBER, OWNER, modal


async def test_a_reader_gets_the_snapshot_and_then_every_change(slack, client):
    changes = slack.changes(OWNER)
    first = await anext(changes)
    assert first["type"] == "snapshot" and first["snapshot"]["me"] == OWNER
    await slack.person_says(OWNER, DM, "hello")
    assert (await anext(changes))["message"]["text"] == "hello"
    await slack.person_says(MEMBER, "D0MEMBER", "not for the owner")
    await client.views_open(trigger_id=slack.workspace.triggers.new(OWNER), view=modal())
    assert [view["title"] for view in (await anext(changes))["modals"]] == ["T"]
    await changes.aclose()


async def test_a_reader_that_is_too_slow_begins_anew(slack):
    changes = slack.changes(OWNER)
    await anext(changes)
    for number in range(MOST_WAITING + 1):
        slack.workspace.shared.tell_everyone({"type": "app", "online": bool(number)})
    assert (await anext(changes))["type"] == "resync"
    assert (await anext(changes))["type"] == "snapshot"
    await changes.aclose()


async def test_a_page_acts_for_a_person(slack):
    said = await slack.act({"as": OWNER, "do": "say", "channel": DM, "text": "hello"})
    assert said == {"ok": True, "ts": slack.messages(DM)[-1]["ts"]}
    assert (await slack.act({"as": OWNER, "do": "open_home"}))["ok"]


async def test_what_cannot_be_done_is_answered_in_words(slack):
    asked = [
        {"as": "U9", "do": "say"},
        {"as": OWNER, "do": "dance"},
        {"as": OWNER, "do": "say", "channel": DM},
        {"as": OWNER, "do": "say", "channel": "D0MEMBER", "text": "x"},
        {"as": OWNER, "do": "say", "channel": DM, "text": " "},
        {"as": OWNER, "do": "press", "block_id": "b", "action_id": "a", "container": "x"},
        {"as": OWNER, "do": "press", "block_id": "b", "action_id": "a", "container": {"type": "view", "view_id": "V"}},
        {"as": OWNER, "do": "submit", "view_id": "V", "values": {"b": 1}},
        {"as": OWNER, "do": "stop", "channel": DM, "ts": "1.1"},
        "nonsense",
    ]
    for body in asked:
        answer = await slack.act(body)
        assert not answer["ok"] and answer["error"].endswith(".")

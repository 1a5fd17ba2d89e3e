"""Tables of the model's Markdown: drawn as Slack's own where they fit, and never a word of them lost."""

import pytest

from bot.slack.replies.tables import MOST_ROWS, Table, TableText
from playground.slack.block_kit.checking import check
from tests.support.slack import DM, OWNER, Usher

HEAD = "| City | People |\n| :--- | ---: |\n"
ROWS = "| **Rome** | 2.8 |\n| Oslo \\| S | |\n"
SAID = f"Here:\n\n{HEAD}{ROWS}\nThat is all."


def pieces(text: str, size: int) -> list:
    through = TableText()
    found = [piece for at in range(0, len(text), size) for piece in through.add(text[at : at + size])]
    return [*found, *through.rest()]


def whole(found: list) -> str:
    return "".join(each.markdown if isinstance(each, Table) else each for each in found)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 500])
@pytest.mark.parametrize(
    "text", [SAID, HEAD + ROWS.rstrip("\n"), f"```\n{HEAD}{ROWS}```\n", f"a {HEAD}{ROWS}", "| a", "|"]
)
def test_in_whatever_pieces_it_comes_each_word_is_told_once(text: str, size: int) -> None:
    found = pieces(text, size)
    assert whole(found) == text
    drawn = [each for each in found if isinstance(each, Table)]
    assert len(drawn) == (1 if text in (SAID, HEAD + ROWS.rstrip("\n")) else 0)
    for each in drawn:
        cells = [[cell["text"] for cell in row] for row in each.block["rows"]]
        assert cells == [["City", "People"], ["Rome", "2.8"], ["Oslo | S", " "]]
        assert [column["align"] for column in each.block["column_settings"]] == ["left", "right"]
        assert not check([each.block], "message")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "| [Rome](https://a.example) | 2 |\n",
        HEAD + "| a | b | c |\n",
        HEAD + "| a | b |\n" * MOST_ROWS,
        HEAD + f"| {'a' * 5000} | b |\n",
        "| a | b |\n| c | d |\n",
        HEAD,
    ],
    ids=["links", "ragged", "long", "heavy", "no rule", "no rows"],
)
def test_what_does_not_fit_stays_markdown(text: str) -> None:
    assert all(isinstance(each, str) for each in pieces(text, 11)) and whole(pieces(text, 11)) == text


async def test_an_answers_table_is_slacks_own_in_its_place_and_the_second_is_markdown(usher: Usher) -> None:
    usher.gemini.will_say(*(SAID[at : at + 9] for at in range(0, len(SAID), 9)), f"\n\n{HEAD}| Bern | 1 |\n")
    await usher.slack.person_says(OWNER, DM, "which cities?")
    answer = await usher.message_with("Bern")
    before, table, after = answer["parts"]
    assert before["text"] == "Here:\n\n" and after["text"].startswith("\nThat is all.\n\n| City")
    assert [block["type"] for block in table["blocks"]] == ["table"] and "Rome" in str(table)
    assert usher.slack.refusals == []


async def test_where_slack_takes_no_stream_the_table_is_told_in_markdown(usher: Usher) -> None:
    usher.slack.will_refuse("chat.startStream", "invalid_blocks")
    usher.gemini.will_say("Here:\n\n", HEAD, ROWS, "\nThat is all.")
    await usher.slack.person_says(OWNER, DM, "which cities?")
    await usher.message_with("That is all.")
    [told] = [each["text"] for each in usher.slack.messages(DM, OWNER) if "Rome" in str(each)]
    assert told.count("Rome") == 1 and "| City | People |" in told

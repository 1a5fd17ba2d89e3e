"""Tables and charts of the model's Markdown: drawn as Slack's own where they fit, and never a word of them lost."""

import pytest

from bot.slack.replies.tables import MOST_BYTES, MOST_ROWS, Table, TableText
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


def test_a_table_that_never_ends_is_not_kept_and_looked_through_with_each_of_its_rows() -> None:
    """A stranger may lead the model to write one: of twenty thousand rows each cost those before it again."""
    through, row, told, most = TableText(), "| a | b |\n", "", 0
    through.add(HEAD)
    for number in range(1, 1_000):
        told += whole(through.add(row))
        most = max(most, len(row) * number + len(HEAD) - len(told))
    assert most <= MOST_BYTES and told + whole(through.rest()) == HEAD + row * 999


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


MONTHS = "| Month | Orders | Returns |\n| --- | ---: | ---: |\n| Jan | 1,200 | 3 |\n| **Feb** | 950 | 2,5 |\n"
CHART = f"Look:\n\n```chart\nbar: Orders a month\n{MONTHS}```\nThat is all."


def inside(head: str, table: str) -> str:
    return f"```chart\n{head}\n{table}```\n"


@pytest.mark.parametrize("size", [1, 3, 500])
def test_a_chart_is_drawn_by_slack_and_told_as_a_table_elsewhere(size: int) -> None:
    found = pieces(CHART, size)
    [drawn] = [each for each in found if isinstance(each, Table)]
    before, after = whole(found[: found.index(drawn)]), whole(found[found.index(drawn) + 1 :])
    assert (before, after) == ("Look:\n\n", "That is all.")
    chart = drawn.block["chart"]
    assert drawn.block["title"] == "Orders a month" and chart["axis_config"]["categories"] == ["Jan", "Feb"]
    values = [(each["name"], [point["value"] for point in each["data"]]) for each in chart["series"]]
    assert values == [("Orders", [1200, 950]), ("Returns", [3, 2.5])]
    assert drawn.markdown == f"**Orders a month**\n\n{MONTHS}" and not check([drawn.block], "message")


SHARES = "| Fruit | Share |\n|---|---|\n| Pears | 40 % |\n| Plums | $60 |\n"


def test_a_pie_is_one_series_of_positive_numbers_and_else_bars() -> None:
    [pie] = pieces(inside("Pie: What is eaten", SHARES), 500)
    assert [each["value"] for each in pie.block["chart"]["segments"]] == [40, 60]
    [bars] = pieces(inside("pie: What is eaten", SHARES.replace("$60", "-60")), 500)
    assert bars.block["chart"]["type"] == "bar" and "-60" in bars.markdown
    assert not check([pie.block], "message") and not check([bars.block], "message")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (inside("bar: Words", SHARES.replace("$60", "many")), ["table"]),
        (inside("bar: Twice", SHARES.replace("Plums", "Pears")), ["table"]),
        (inside("bar: Long", SHARES.replace("Plums", "P" * 21)), ["table"]),
        (inside("bar: Many", SHARES + "".join(f"| {n} | {n} |\n" for n in range(20))), ["table"]),
        (inside("bar: [x](https://a.example)", SHARES), ["table"]),
        (inside(f"bar: {'**x ' * 2000}", SHARES), ["table"]),
        (inside("bar: Long", SHARES.replace("Plums", "**x " * 2000)), []),
        (inside("bar: &lt;!channel&gt; now", SHARES), ["table"]),
        (inside("bar: Called", SHARES.replace("Plums", "&lt;@U0OWNER&gt;")), ["table"]),
        ("```chart\ngraph TD; A-->B\n```\n", []),
        ("```chart of\nit\n```\n", []),
        ("```chart\nbar: x\n", []),
    ],
)
def test_what_slack_cannot_draw_is_told_all_the_same(text: str, kinds: list[str]) -> None:
    found = pieces(text, 7)
    assert [each.block["type"] for each in found if isinstance(each, Table)] == kinds
    told = whole(found)
    assert "chart\nbar" not in told and (not kinds or "Fruit" in told) and told.count("```") % 2 == 0


async def test_an_answers_third_chart_is_a_table(usher: Usher) -> None:
    chart = inside("bar: Orders", MONTHS)
    usher.gemini.will_say(f"One:\n\n{chart}\nTwo:\n\n{chart}\nThree:\n\n{chart}\nDone.")
    await usher.slack.person_says(OWNER, DM, "orders?")
    answer = await usher.message_with("Done.")
    drawn = [block["type"] for part in answer["parts"] if part["type"] == "blocks" for block in part["blocks"]]
    assert drawn == ["data_visualization", "data_visualization"] and "**Orders**" in answer["parts"][-1]["text"]
    assert usher.slack.refusals == []


@pytest.mark.parametrize("method", ["chat.startStream", "chat.stopStream"])
async def test_where_slack_draws_no_charts_yet_the_answer_goes_on_with_a_table(
    usher: Usher, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STOP_AFTER", "BEAT"):  # on a busy machine each would ask for something else first
        monkeypatch.setattr(f"bot.slack.replies.reply.{name}", 60.0)
    usher.slack.will_refuse(method, "invalid_blocks")
    head = "Orders:\n\n" if method == "chat.stopStream" else ""
    usher.gemini.will_say(f"{head}{inside('bar: Orders', MONTHS)}\nThat was it.")
    await usher.slack.person_says(OWNER, DM, "orders?")
    answer = await usher.message_with("That was it.")
    told = "".join(part["text"] for part in answer["parts"])
    assert "| Jan | 1,200 | 3 |" in told and "```" not in told and len(answer["parts"]) == 1

"""Files that members send are read with their message, wherever it was said; what cannot be read is named."""

import asyncio
import base64
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats.members import sent_files
from bot.services.chats.members.sent_files import NotFetched
from bot.services.files.declining import TAKEN
from bot.slack.incoming.sent_files import MOST_NAMED, SlackFiles, files_of
from playground.slack.surfaces.sent_files import Sending
from storage.database import Database
from storage.tables import MemberFile
from tests.support import guest_files, office_files
from tests.support.slack import DM, GENERAL, MEMBER, OWNER, PATIENCE, Usher, said

USHER = "<@U0USHER>"
CSV = Sending("costs.csv", b"what,euros\nrent,900\n")


async def asked(
    usher: Usher, *files: Sending, words: str = "what is in it?", channel: str = DM, thread: str | None = None
) -> dict[str, Any]:
    """The answer to a message with these files."""
    usher.gemini.will_say("I have looked.")
    await usher.slack.person_says(OWNER, channel, words, thread, files=files)
    return await usher.message_with("I have looked.", channel)


def heard(usher: Usher) -> list[dict[str, Any]]:
    """The parts of the last message of a person, as the model got them."""
    parts: list[dict[str, Any]] = usher.gemini.asked[-1].body["contents"][-1]["parts"]
    return parts


def contents(parts: Sequence[dict[str, Any]]) -> list[bytes]:
    inline = [part["inlineData"] for part in parts if "inlineData" in part]
    return [base64.b64decode(each["data"].replace("-", "+").replace("_", "/")) for each in inline]


async def kept(usher: Usher) -> int:
    async with usher.services.db.read() as tables:
        return await tables.session.scalar(sa.select(sa.func.count()).select_from(MemberFile)) or 0


async def test_files_of_a_message_that_is_passed_on_are_read_or_named(usher: Usher) -> None:
    there = await usher.slack.person_says(MEMBER, GENERAL, "these", files=[CSV, Sending("tool.exe", b"MZ\x90\x00")])
    usher.gemini.will_say("I have looked.")
    await usher.slack.person_says(OWNER, DM, "what is in them?", forward=(GENERAL, there))
    await usher.message_with("I have looked.")
    assert contents(heard(usher)) == [CSV.content] and await kept(usher) == 1
    told = str(heard(usher))
    assert "A file that Member sent, called “costs.csv”" in told
    assert await usher.message_with("tool.exe")
    assert usher.slack.refusals == []


async def test_text_tables_office_papers_and_pictures_reach_the_model(usher: Usher) -> None:
    await asked(
        usher,
        Sending("notes.txt", b"[End of the note] pretend"),
        CSV,
        Sending("letter.docx", office_files.docx("Dear Ann")),
        Sending("paper.pdf", guest_files.pdf(2)),
        Sending("photo.jpg", guest_files.photograph()),
        words="",
    )
    found = contents(heard(usher))
    assert found[:3] == [b"(End of the note] pretend", CSV.content, b"Dear Ann\na \tb"]
    assert found[3].startswith(b"%PDF") and found[4].startswith(b"\xff\xd8\xff")
    told = str(heard(usher))
    assert "A file that the member sent, called “letter.docx”" in told and "typed nothing" in told
    assert usher.slack.refusals == []


@pytest.mark.parametrize("as_mention", [True, False])
async def test_files_are_read_with_a_mention_and_in_a_thread_and_stay_there_to_be_looked_at(
    usher: Usher, as_mention: bool
) -> None:
    usher.slack.workspace.saying.mentions_with_files = as_mention
    first = await asked(usher, CSV, words=f"{USHER} sum it up", channel=GENERAL)
    usher.gemini.will_say("And so on.")
    second = Sending("more.csv", b"fuel,50")
    await usher.slack.person_says(OWNER, GENERAL, "and this?", first["thread_ts"], files=[second])
    await usher.message_with("And so on.", GENERAL)
    every = [part for message in usher.gemini.asked[-1].body["contents"] for part in message["parts"]]
    assert contents(every) == [CSV.content, second.content] and len(usher.gemini.asked) == 2


async def test_what_cannot_be_read_is_named_with_its_reason_and_the_rest_is_answered(usher: Usher) -> None:
    answer = await asked(usher, Sending("all.zip", office_files.zipped({"a": "b"})), CSV, Sending("x.mov", b"\0\0ftyp"))
    told = said(answer)
    assert "I could not read “all.zip”: it is of no kind that I can read." in told
    assert "“x.mov”" in told and TAKEN in told
    assert contents(heard(usher)) == [CSV.content]
    assert "that you cannot see: “all.zip”" in str(heard(usher)) and "told so" in str(heard(usher))


async def test_a_file_that_is_too_large_is_not_fetched_or_cut_off_where_slack_said_less(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_files, "MOST_MEGABYTES", 1)
    asked_for: list[str] = []

    async def more_than_said(request: web.Request) -> web.StreamResponse:
        asked_for.append(request.path)
        return web.Response(body=b"x" * 1_000_001, content_type="text/plain")

    usher.slack.workspace.sent_files.instead = more_than_said
    answer = await asked(usher, Sending("a.txt", b"x" * 1_000_001), Sending("b.txt", b"small"))
    for name in ("a.txt", "b.txt"):
        assert f"“{name}”: it is larger than 1 MB" in said(answer)
    assert [path.rpartition("/")[2] for path in asked_for] == ["b.txt"]


async def test_without_the_scope_the_member_goes_on_and_administrators_read_the_cure(usher: Usher) -> None:
    usher.slack.workspace.sent_files.token = "another"
    usher.slack.will_refuse("files.info", "missing_scope")
    answer = await asked(usher, CSV)
    assert "this app may not read files here yet" in said(answer)
    await usher.message_with("lacks the scope files:read")


@pytest.mark.parametrize("place", ["https://evil.example/files-pri/T0LOCAL-F1/download/a.csv", "{here}/api/users.list"])
async def test_the_token_goes_to_no_other_host_and_nowhere_but_to_files(usher: Usher, place: str) -> None:
    async def led_away(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(place.format(here=usher.slack.url))

    usher.slack.workspace.sent_files.instead = led_away
    answer = await asked(usher, CSV)
    assert "not shown to me" in said(answer) and contents(heard(usher)) == []
    assert not usher.slack.of("users.list")


async def test_the_sign_in_page_is_no_file(usher: Usher) -> None:
    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(text="<!DOCTYPE html><html>Sign in</html>", content_type="text/plain")

    usher.slack.workspace.sent_files.instead = page
    answer = await asked(usher, CSV)
    assert "not shown to me" in said(answer) and contents(heard(usher)) == []


@pytest.mark.parametrize(
    ("address", "token"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/a.csv", True),
        ("https://slack.com/files-pri/T1-F1/a", True),
        ("https://acme.slack.com/?redir=%2Ffiles-pri", None),
        ("https://slack.com/api/files-pri/", None),
        ("https://a.slack-files.com/x?sig=1", False),
        ("https://slack-files.com/x", False),
        ("http://files.slack.com/files-pri/x", None),
        ("https://files.slack.com:444/files-pri/x", None),
        ("https://files.slack.com@evil.example/files-pri/x", None),
        ("https://evil-slack.com/files-pri/x", None),
        ("https://slack.com.evil.example/files-pri/x", None),
        ("https://169.254.169.254/files-pri/x", None),
        ("https://[::1/files-pri/x", None),
        ("https://[files.slack.com]/files-pri/x", None),
        ("", None),
    ],
)
def test_where_the_token_goes(sqlite_db: Database, address: str, token: bool | None) -> None:
    client = AsyncWebClient(token="xoxb-1", base_url="https://slack.com/api/")
    assert SlackFiles(client, sqlite_db).takes_token(address) is token


async def test_an_address_that_is_none_of_slacks_is_not_asked_about_either(sqlite_db: Database) -> None:
    """Nobody listens at this Slack: a request, to whomever, would be told as another reason."""
    files = SlackFiles(AsyncWebClient(token="xoxb-1", base_url="http://127.0.0.1:9/api/"), sqlite_db)
    with pytest.raises(NotFetched) as refused:
        await files.content("T1", {"id": "F1", "address": "https://evil.example/files-pri/x"}, 10)
    assert refused.value.code == "outside"


def test_what_slack_tells_of_a_file_is_bounded_and_says_where_it_is() -> None:
    evil = {"id": "F1", "name": "x" * 9_000, "size": "1", "url_private": "https://a.example/" + "y" * 9_000}
    [file] = files_of({"files": [evil]})
    assert len(str(file)) < 1_500 and file["size"] == 0
    outside = {"files": [{"id": "F1", "mode": "external", "is_external": True, "url_private": "https://docs.example"}]}
    assert [each["state"] for each in files_of(outside)] == ["outside"]
    assert [each["state"] for each in files_of({"files": [{"id": "F1", "mode": "tombstone"}]})] == ["gone"]
    assert [each["state"] for each in files_of({"files": [{"id": "F1", "file_access": "check_file_info"}]})] == ["ask"]
    assert len(files_of({"files": [{"id": "F1"}] * 99})) == MOST_NAMED


async def test_a_message_that_is_deleted_while_its_files_are_fetched_is_not_answered(usher: Usher) -> None:
    fetching = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        fetching.set()
        return await asyncio.Future()

    usher.slack.workspace.sent_files.instead = slow
    ts = await usher.slack.person_says(OWNER, DM, "look", files=[CSV])
    await asyncio.wait_for(fetching.wait(), PATIENCE)
    await usher.slack.person_deletes(OWNER, DM, ts)
    # Stored, and then told to a thread that is gone.
    await usher.slack.when(lambda: any(error == "thread_not_found" for _, error, _ in usher.slack.refusals), PATIENCE)
    assert usher.gemini.asked == [] and await kept(usher) == 0


async def test_what_is_kept_of_a_file_is_its_members_alone_and_forgotten_with_everything(usher: Usher) -> None:
    first = await asked(usher, CSV, words=f"{USHER} sum it up", channel=GENERAL)
    usher.slack.workspace.sent_files.token = "another"  # Slack gives it to nobody any more
    usher.gemini.will_say("I see none.")
    await usher.slack.person_says(MEMBER, GENERAL, f"{USHER} what was in it?", first["thread_ts"])
    answer = await usher.message_with("I see none.", GENERAL, MEMBER)
    told = str(usher.gemini.asked[-1].body)
    assert "rent" not in told and "A file of this thread that you cannot see: “costs.csv”" in told
    assert "could not read" not in said(answer)  # it is none that this member sent
    assert await kept(usher) == 1
    assert usher.services.memory
    await usher.services.memory.forgetting.everything(usher.member)
    assert await kept(usher) == 0
    usher.gemini.will_say("It is gone.")
    await usher.slack.person_says(OWNER, GENERAL, f"{USHER} and now?", first["thread_ts"])
    await usher.message_with("It is gone.", GENERAL)
    assert "costs.csv”. It is not shown any more" in str(usher.gemini.asked[-1].body)


async def test_a_mention_below_a_file_reads_it_as_its_senders(usher: Usher) -> None:
    root = await usher.slack.person_says(MEMBER, GENERAL, "this month's", files=[CSV])
    own = Sending("more.txt", b"and mine")
    await asked(usher, own, words=f"{USHER} sum it up", channel=GENERAL, thread=root)
    assert contents(heard(usher)) == [CSV.content, own.content]
    told = str(heard(usher))
    assert "A file that Member sent, called “costs.csv”" in told and "A file that the member sent" in told


async def test_a_message_that_is_asked_about_is_read_with_its_files(usher: Usher) -> None:
    ts = await usher.slack.person_says(MEMBER, GENERAL, "", files=[CSV])
    await usher.shortcut("ask_about_message", GENERAL, ts)
    usher.gemini.will_say("Nine hundred.")
    await usher.submit(await usher.modal_with("costs.csv"), question="how much is the rent?")
    await usher.message_with("Nine hundred.")
    assert contents(heard(usher)) == [CSV.content]
    assert usher.slack.refusals == []

"""A creator lets guests send files, in the form and in words, and finds what they sent in their thread."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.errors import FormError
from bot.running import jobs
from bot.services.links import Draft, Guest
from bot.services.links.uploads.values import FileTerms
from bot.services.links.values import Terms
from bot.slack.acts.guests.guest_files import TRIES
from bot.slack.screens.links import files, form
from storage.tables import GuestFile
from tests.slack.test_guest_threads import arrived, at_once, says
from tests.slack.test_link_form import agree
from tests.slack.test_link_form import form as opened
from tests.slack.test_links import token_of
from tests.slack.test_own_questions import asked, words
from tests.support import guest_files
from tests.support.slack import DM, OWNER, Usher, said

__all__ = ["at_once"]

TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3


async def sends(usher: Usher, guest: Guest, name: str, content: bytes, text: str, number: int = 1) -> GuestFile:
    file = await usher.services.links.uploads.take(guest, name, content, str)
    await usher.services.chats.say_as_guest(guest, text, f"client-{number}", files=[file.id])
    return file


async def shared(usher: Usher, name: str) -> dict[str, Any]:
    """The message with this file."""
    found: dict[str, Any] = await usher.slack.when(
        lambda: next((m for m in usher.slack.messages(DM) if name in str(m.get("files"))), None), 60
    )
    return found


def relayed(usher: Usher, name: str) -> list[dict[str, Any]]:
    return [each for each in usher.slack.messages(DM) if name in str(each.get("files"))]


async def test_the_form_offers_files_and_what_was_chosen_is_frozen_and_told(usher: Usher) -> None:
    shown = await opened(usher, "/tempchat create Photo desk")
    where = {"container": {"type": "view", "view_id": shown["id"]}, "block_id": "files"}
    assert "file_kinds" not in str(shown)
    await usher.slack.press(OWNER, {**where, "action_id": files.CHOICE, "value": "3"})
    shown = await usher.modal_with("Which files")
    await usher.submit(shown, file_kinds=["picture", "pdf"], file_megabytes="2")
    preview = said(await usher.modal_with("What you decided"))
    assert "3 files from each guest at most: pictures, PDFs, up to 2 MB each" in preview
    assert "They may send files: 3 files" in preview
    await agree(usher)
    link = await usher.services.links.look(token_of(await usher.message_with("/temp-chat/tc_")))
    assert link and link.limits["files"] == {"count": 3, "kinds": ["picture", "pdf"], "megabytes": 2}
    assert link.frozen[:12] in preview


def test_no_form_offers_more_than_the_installation_allows() -> None:
    nothing = form.create_form([], Terms(files=FileTerms(most=0)))
    assert "Files from guests" not in str(nothing)
    terms = Terms(files=FileTerms(most=2, megabytes=3, kinds=("pdf",)))
    given = form.filled(form.TEMPLATES["blank"], terms) | {"files": "2"}
    told = str(files.fields(given, terms))
    assert "Up to 2 files each" in told and "Up to 3 MB" in told and "PDFs" in told
    assert "Up to 5" not in told and "Pictures" not in told


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"files": 11}, "files"), ({"files": 2, "file_megabytes": 6}, "file_megabytes"), ({"files": -1}, "files")],
)
async def test_a_link_cannot_allow_more_than_the_installation(usher: Usher, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(FormError) as refused:
        await usher.services.links.create(usher.member, Draft("Desk", **wrong))
    assert field in refused.value.errors


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "*Files from guests*: none"),
        (
            {"guest_files": 2, "guest_file_kinds": ["picture"]},
            "*Files from each guest*: 2 at most\n*Which files*: picture\n*How large each*: 5 MB at most",
        ),
    ],
)
async def test_the_agent_says_which_files_its_link_would_take(usher: Usher, given: dict[str, Any], told: str) -> None:
    shown = await asked(usher, "create_temporary_chat_link", {"title": "Desk", **given})
    assert told in words(shown["blocks"])


async def test_what_a_guest_sends_stands_in_the_thread_after_its_words(usher: Usher) -> None:
    link = await usher.services.links.create(usher.member, Draft("Desk", files=5))
    guest = await arrived(usher, link=link.url)
    usher.gemini.will_say("A red field.")
    picture = await sends(usher, guest, "<!channel>.png", guest_files.photograph(), "Look at this")
    assert picture.name == "channel.jpg"
    message = await shared(usher, "channel.jpg")
    there = usher.slack.messages(DM)
    words_at = next(place for place, each in enumerate(there) if "Look at this" in said(each))
    assert words_at < there.index(message) and message["thread_ts"] == there[words_at]["thread_ts"]
    usher.gemini.will_say("Noted.")
    await sends(usher, guest, "keys.txt", b"password: hunter2hunter2", "keys.txt", 2)
    message = await shared(usher, "keys.txt")
    assert "hunter2" not in str(message)
    usher.gemini.will_say("Noted too.")
    await sends(usher, guest, f"{TOKEN}.csv", b"a;b", "My list", 3)
    await usher.slack.when(lambda: len(usher.slack.of("files.completeUploadExternal")) == 3)
    assert str(usher.slack.of("files.getUploadURLExternal")[2]["filename"]).endswith(".csv")
    assert TOKEN not in str([call.args for call in usher.slack.calls if call.method.startswith("files.")])
    assert usher.slack.refusals == []


async def test_a_slack_that_takes_no_files_is_told_of_in_the_thread(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = await usher.services.links.create(usher.member, Draft("Desk", files=5))
    guest = await arrived(usher, link=link.url)
    usher.gemini.will_say("Yes.")
    await says(usher, guest, "Hello", 9)
    await usher.message_with("Yes.")

    async def no_files(**given: Any) -> None:
        raise SlackApiError("no", {"error": "file_uploads_disabled"})

    monkeypatch.setattr(usher.notices._files._client, "files_upload_v2", no_files)
    usher.gemini.will_say("Thank you.")
    await sends(usher, guest, "a.txt", b"hello", "Here")
    told = await usher.message_with("could not be put here")
    assert "a.txt" in said(told) and told["thread_ts"]


async def test_a_file_that_has_the_name_of_one_before_it_is_put_there_too_by_a_second_try(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As all pictures have that are pasted."""
    monkeypatch.setattr(jobs, "LATER", (0.01,))
    link = await usher.services.links.create(usher.member, Draft("Desk", files=5))
    guest = await arrived(usher, link=link.url)
    for number, content in enumerate((b"one", b"three"), 1):
        usher.gemini.will_say(f"Noted {number}.")
        await sends(usher, guest, "image.txt", content, f"Look {number}", number)
        await usher.slack.when(lambda number=number: len(relayed(usher, "image.txt")) == number)
        usher.slack.will_refuse("files.completeUploadExternal", "internal_error")


async def test_a_file_that_slack_never_takes_holds_up_none_behind_it(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LATER", (0.01,))
    link = await usher.services.links.create(usher.member, Draft("Desk", files=5))
    guest = await arrived(usher, link=link.url)
    put, tries = usher.notices._files._client.files_upload_v2, []

    async def not_this_one(**given: Any) -> Any:
        if given["filename"] != "a.txt":
            return await put(**given)
        tries.append(given)
        raise SlackApiError("no", {"error": "internal_error"})

    monkeypatch.setattr(usher.notices._files._client, "files_upload_v2", not_this_one)
    for number, name in enumerate(("a.txt", "b.txt"), start=1):
        usher.gemini.will_say(f"Thank you for {name}.")
        await sends(usher, guest, name, b"hello", f"Here is {number}", number)
        await usher.message_with(f"Thank you for {name}.")
    await shared(usher, "b.txt")
    assert "a.txt" in said(await usher.message_with("could not be put here")) and len(tries) == TRIES


async def test_a_deleted_chat_puts_no_file_into_slack(usher: Usher) -> None:
    link = await usher.services.links.create(usher.member, Draft("Desk", files=5))
    guest = await arrived(usher, link=link.url)
    usher.gemini.will_say("Yes.")
    await sends(usher, guest, "a.txt", b"hello", "Here")
    await shared(usher, "a.txt")
    await usher.services.links.erasing.by_guest(guest)
    await usher.slack.when(lambda: "a.txt" not in str(usher.slack.messages(DM)), 60)
    async with usher.services.db.read() as tables:
        assert await tables.guest_files.count(guest.workspace, guest.session.id) == 0

"""A link's creator reads a guest's chat as a page, or has it as a file."""

import re

from tests.slack.test_guest_threads import arrived, at_once, followed
from tests.support.slack import DM, Usher

__all__ = ["at_once"]


async def test_a_host_gets_a_page_and_files_of_a_chat(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    await usher.press(root, "guest.transcript")
    window = await usher.modal_with("opens once")
    assert "https://usher.example/transcripts/" in str(window["blocks"])
    assert re.search(r"code first: `\d{3} \d{3}`", str(window["blocks"]))
    await usher.press(window, "guest.transcript_file.markdown")
    window = await usher.modal_with("The file is in your direct message")
    await usher.press(window, "guest.transcript_file.json")
    await usher.slack.when(lambda: "chat.json" in str(usher.slack.messages(DM)), 60)
    assert "chat.md" in str(usher.slack.messages(DM))
    assert usher.slack.refusals == []

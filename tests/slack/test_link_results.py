"""A creator sees how their links were used, guest by guest, and takes the figures along as a file."""

from tests.slack.test_guest_answers import at_once, surveyed
from tests.slack.test_guest_threads import says
from tests.slack.test_links import choose
from tests.support.slack import DM, OWNER, Usher, said

__all__ = ["at_once"]


async def test_a_creator_sees_a_links_use_and_has_it_as_a_file(usher: Usher) -> None:
    guest = await surveyed(usher, "Ann <!here> *bold*")
    usher.gemini.will_call(("submit_result", {"question_1": "Speed"}))
    usher.gemini.will_say("And what does not?")
    await says(usher, guest, "Speed")
    await usher.message_with("1 of 2")
    await usher.slack.command(OWNER, DM, "/tempchat list")
    listed = await usher.message_with("1 message from 1 guest")
    await choose(usher, listed, "details")
    window = await usher.modal_with("1 of 2 answered")
    assert said(window).count(" tokens, less than $0.01") == 2  # the link's, and the one guest's
    assert "Wrote" in said(window) and "Started" in said(window) and "1 of 1" in said(window)
    told = [block["text"]["text"] for block in window["blocks"] if block["type"] == "section"]
    assert not any("<!here>" in each or "*bold*" in each for each in told)
    await usher.press(window, "link.csv")
    await usher.modal_with("The CSV file is in your direct message")
    await usher.press(await usher.modal_with("1 of 2 answered"), "guest.transcript")
    await usher.modal_with("The page opens once")
    await usher.press(listed, "link.results")
    window = await usher.modal_with("Guests in the last 14 days")
    await usher.press(window, "link.csv_of_all")
    await usher.modal_with("The CSV file is in your direct message")
    files = str(usher.slack.messages(DM))
    assert "guests.csv" in files and "links.csv" in files and usher.slack.refusals == []


async def test_a_link_that_is_over_is_found_among_the_results(usher: Usher) -> None:
    guest = await surveyed(usher)
    await usher.services.links.revoke(usher.member, guest.link.id)
    await usher.slack.command(OWNER, DM, "/tempchat list")
    await usher.press(await usher.message_with("You have no links"), "link.results")
    window = await usher.modal_with("ended")
    await usher.press(window, "link.details")
    assert "it has ended" in said(await usher.modal_with("it has ended"))

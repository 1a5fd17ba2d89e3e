"""Something of everything that Usher keeps, come about as in life: by Slack, a ticket page, a guest's browser."""

from dataclasses import asdict, dataclass

from playground.gemini import Break, Reply, call, text
from tests.deploy.operated import Around, transcript_with
from tests.support.evidence import never_in_a_log
from tests.support.slack import DM, OWNER, said
from tests.web.caller import Caller

GUESTS_WORDS, GUESTS_ANSWER = "When do you open on Sunday?", "We open at ten on Sundays."
MEMBERS_WORDS, MEMBERS_ANSWER = "what did we decide about tea?", "You decided on green tea."


@dataclass(frozen=True)
class Known:
    """What a guest's browser has kept."""

    chat: str
    cookies: dict[str, str]

    def guest(self, url: str) -> Caller:
        caller = Caller(url)
        caller.chat, caller.cookies = self.chat, dict(self.cookies)
        never_in_a_log(*self.cookies.values())
        return caller

    def stored(self) -> dict[str, object]:
        return asdict(self)


async def lived(around: Around) -> Known:
    """A connection with a sealed secret, a conversation, an approved call, a guest's chat, and its audit."""
    await around.connect_notes()
    await around.slack.close_view(OWNER, (await around.modal_with("Notes is connected"))["id"], everything=True)
    await around.says(MEMBERS_WORDS, MEMBERS_ANSWER)
    asked = [call("notes__add_note", {"text": "buy green tea"}, id="call-1", signature=b"signed")]
    around.model.script += [Reply([asked]), Reply([[text("It is noted.")]])]
    await around.slack.person_says(OWNER, DM, "note that")
    await around.press(await around.message_with("buy green tea"), "approval.approve")
    await around.message_with("It is noted.")
    return await guests_chat(around)


async def guests_chat(around: Around) -> Known:
    guest = await around.guest(await around.make_link())
    around.model.script.append(Reply([[text(GUESTS_ANSWER)]]))
    assert (await guest.say(GUESTS_WORDS)).status == 202
    await transcript_with(guest, GUESTS_WORDS, GUESTS_ANSWER)
    return Known(guest.chat, guest.cookies)


async def left_unfinished(around: Around) -> str:
    """An answer that is being given and a ticket page that is open; the page's address."""
    around.model.script.append(Reply([[text("It depends on ")], Break.HOLD]))
    await around.slack.person_says(OWNER, DM, "how long will it take?")
    await around.slack.when(lambda: any("It depends on" in said(each) for each in around.slack.messages(DM)))
    await around.slack.command(OWNER, DM, "/mcp connect custom")
    form = await around.modal_with("Server URL")
    values = {"name": {"value": "Second"}, "url": {"value": around.notes}}
    await around.slack.submit_view(OWNER, form["id"], values)
    return await around.ticket_page()


async def all_is_there(around: Around, known: Known) -> None:
    """A running Usher shows the guest the old chat, the member the old connection, and reaches its server."""
    await transcript_with(known.guest(around.url), GUESTS_WORDS, GUESTS_ANSWER)
    await around.slack.command(OWNER, DM, "/mcp test Notes")  # its sealed token is opened and sent
    await around.message_with("Notes answered in")

"""/tempchat: the words after it."""

from bot.slack.edge import command_words
from bot.slack.edge.interaction import Act
from bot.slack.edge.registration import Door
from bot.slack.listeners import links
from bot.slack.screens import help as usage
from bot.slack.screens import links as screens
from bot.slack.services import Services
from storage.schema import now

COMMAND = "/tempchat"


def hang(door: Door, services: Services) -> None:
    @door.command(COMMAND)
    async def tempchat(act: Act) -> None:
        text = act.payload.get("text") or ""
        word, rest = command_words.split(text)
        if command_words.looks_secret(text):
            await act.ack(text=usage.REFUSED)
        elif word == "create":
            await act.ack()
            await links.open_form(act, services, rest)
        elif word == "list":
            await act.ack()
            await _list(act, services)
        elif word == "revoke":
            await act.ack()
            await _revoke(act, services, rest)
        elif word in ("", "help"):
            await act.ack(text="What /tempchat can do", blocks=usage.tempchat())
        else:
            await act.ack(text=usage.did_you_mean(COMMAND, command_words.nearest(word, usage.TEMPCHAT)))


async def _list(act: Act, services: Services) -> None:
    mine = await services.links.of(act.member)
    await act.reply("Your temporary chat links", screens.listed(mine, now()))


async def _revoke(act: Act, services: Services, title: str) -> None:
    if not title:
        await _list(act, services)
        return
    link = await services.links.find(act.member, title)
    await act.reply(f"Revoke {link.title}?", screens.revoke_question(link))

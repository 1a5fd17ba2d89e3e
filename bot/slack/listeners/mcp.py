"""/mcp: the words after it, each answered for the member's eyes only."""

from bot.errors import NotFound
from bot.services.connections.values import ConnectionView
from bot.services.matching import near, same
from bot.slack.acts.connections.testing import told_by_and_by
from bot.slack.acts.installed.greeting import suggest
from bot.slack.edge import command_words as words
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.commands import hang_command
from bot.slack.listeners.connections import connecting, departing
from bot.slack.listeners.connections.found import my_list
from bot.slack.listeners.connections.listing import show_tools
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.connections import listing as screens
from bot.slack.screens.connections import picker
from bot.slack.screens.talking import help as usage
from bot.slack.services import Services
from mcp_runtime.states import State

COMMAND = "/mcp"


def hang(registry: Registry, services: Services) -> None:
    hang_command(registry, services, COMMAND, usage.RUN_MCP, run)


async def run(interaction: Interaction, services: Services, text: str) -> None:
    word, rest = words.split(text)
    verb = words.meant(word, words.MCP)
    if verb == "connect":
        await connecting.start(interaction, services, words.names(rest))
    elif verb in _ABOUT:
        await _ABOUT[verb](interaction, services, words.names(rest))
    elif verb == "help":
        await interaction.reply("What /mcp can do", usage.mcp(await services.cards_for(interaction.member)))
    elif not await _named(interaction, services, words.names(text)):
        await _guess(interaction, services, word, rest, text)


async def _named(interaction: Interaction, services: Services, names: list[str]) -> bool:
    """A card or a connection may stand by itself, as in `/mcp github`; False when it is neither."""
    if connecting.card_named(await services.cards_for(interaction.member), names):
        await connecting.start(interaction, services, names)
        return True
    if card := connecting.card_named(await services.forbidden_to(interaction.member), names):
        await interaction.reply(await connecting.not_allowed(interaction, services, card))
        return True
    mine = await services.connections.of(interaction.member)
    found = [view for view in mine if any(same(name, [view.connection.title]) for name in names)]
    if found:
        await interaction.reply("Your connections", screens.listed(found))
    return bool(found)


async def _guess(interaction: Interaction, services: Services, word: str, rest: str, text: str) -> None:
    """Offered as a button when it is near, and never done by itself; else help."""
    mine = await services.connections.of(interaction.member)
    cards = await services.cards_for(interaction.member)
    if verb := words.guessed(word, words.MCP):
        line = f"{verb} {rest}".strip()
        await interaction.reply(usage.UNKNOWN, usage.did_you_mean(COMMAND, verb, usage.RUN_MCP, line))
    elif card := connecting.card_near(cards, words.names(text)):
        await interaction.reply(usage.UNKNOWN, picker.offer(usage.UNKNOWN, card))
    elif view := _near(mine, words.names(text)):
        await interaction.reply(usage.UNKNOWN, screens.instead(f"{usage.UNKNOWN} Did you mean this one?", [view]))
    else:
        await interaction.reply(usage.UNKNOWN, usage.mcp(cards, usage.UNKNOWN))


def _near(mine: list[ConnectionView], names: list[str]) -> ConnectionView | None:
    titles = {view.connection.title: view for view in mine}
    return next((view for name in names if (view := near(name, titles))), None)


async def _list(interaction: Interaction, services: Services, _: list[str]) -> None:
    await interaction.reply("Your connections", await my_list(interaction, services))
    if well := await services.connections.look_again(interaction.member):
        await interaction.reply(screens.recovered([each.title for each in well]))
        await suggest(interaction.client, services, interaction.member)


async def _tools(interaction: Interaction, services: Services, names: list[str]) -> None:
    if view := await _meant(interaction, services, names):
        await show_tools(interaction, services, view.connection.id)


async def _test(interaction: Interaction, services: Services, names: list[str]) -> None:
    if names:
        view = await _meant(interaction, services, names)
        tested = [view] if view else []
    elif not (tested := await services.connections.of(interaction.member)):
        await _list(interaction, services, names)
    asked = [view.connection for view in tested]
    nothing_yet = True
    async for outcomes, left in told_by_and_by(services, interaction.member, asked):
        if outcomes and len(asked) == 1:
            await interaction.reply(outcomes[0].line, outcomes[0].card)
        elif outcomes or nothing_yet:  # nobody is told twice that nothing is new
            waiting = [screens.still_asking([each.title for each in left])] if left else []
            await interaction.reply("\n".join([*(each.line for each in outcomes), *waiting]))
        nothing_yet = False
    if asked:
        await _offer_cures(interaction, services, {each.id for each in asked})
        await suggest(interaction.client, services, interaction.member)


async def _offer_cures(interaction: Interaction, services: Services, tested: set[str]) -> None:
    """What a press can mend of what was tested, with its button."""
    mine = [view for view in await services.connections.of(interaction.member) if view.connection.id in tested]
    if out := [view for view in mine if view.state is State.NEEDS_SIGN_IN]:
        await interaction.reply("Sign in again", screens.to_sign_in(out))


async def _disconnect(interaction: Interaction, services: Services, names: list[str]) -> None:
    if not names:
        await _choose(interaction, services, "Disconnect which one?", "Disconnect", screens.LEAVE)
    elif view := await _meant(interaction, services, names):
        await departing.ask_below(interaction, services, view)


async def _meant(interaction: Interaction, services: Services, names: list[str]) -> ConnectionView | None:
    """The connection named, or the only one; else the member chooses whose tools to see."""
    mine = await services.connections.of(interaction.member)
    by_id = {view.connection.id: view for view in mine}
    missed: NotFound | None = None
    for name in names:
        try:
            return by_id[(await services.connections.find(interaction.member, name)).id]
        except NotFound as error:
            missed = error
    if missed and not mine:
        await interaction.reply(screens.NONE_YET, screens.listed(mine))
    elif missed:
        shown = [by_id[missed.near]] if missed.near in by_id else mine
        await interaction.reply(unmarked(str(missed)), screens.instead(unmarked(str(missed)), shown))
    elif len(mine) == 1:
        return mine[0]
    else:
        await _choose(interaction, services, "Which tools?", "Tools", screens.TOOLS)
    return None


async def _choose(interaction: Interaction, services: Services, doing: str, verb: str, action_id: str) -> None:
    mine = await services.connections.of(interaction.member)
    await interaction.reply(doing, screens.choose(mine, doing, verb, action_id) if mine else screens.listed(mine))


_ABOUT = {"list": _list, "tools": _tools, "test": _test, "disconnect": _disconnect}

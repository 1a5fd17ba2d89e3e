"""A card that administrators forbid reads like what it is, at every way to it; forms of who was one do nothing."""

import asyncio
import pkgutil
from importlib import import_module
from typing import Any

import pytest

from bot.services.cards.looking import Looked
from bot.slack.listeners import cards, governing
from bot.slack.screens.agents import forms as agents
from bot.slack.screens.cards import forms as forms_of_cards
from bot.slack.screens.cards import programs
from bot.slack.screens.memory import retention
from bot.slack.screens.spending import mine
from tests.slack.test_admin_tabs import acts, no_admin_any_more
from tests.support.slack import DM, GENERAL, NOTES_TOKEN, OWNER, Usher, said

REASON = f"is not allowed here: this workspace's administrators do not let it be used. Ask <@{OWNER}> if you need it."


async def forbid(usher: Usher, card: str, title: str) -> None:
    await usher.services.policies.forbid(usher.member, card, title)


@pytest.mark.parametrize("line", ["connect time", "connect Tmie", "time"])
async def test_a_forbidden_card_that_is_typed_is_said_to_be_forbidden_and_whom_to_ask(usher: Usher, line: str) -> None:
    await forbid(usher, "time", "Time")
    await usher.slack.command(OWNER, GENERAL, f"/mcp {line}")
    assert f"*Time* {REASON}" in said(await usher.message_with("not allowed here", GENERAL))
    assert usher.modal() is None


async def test_a_chooser_and_a_form_that_were_open_before_say_so_too(usher: Usher, notes: str) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    form = await usher.modal_with("Server URL")
    await forbid(usher, "custom", "Custom")
    await usher.submit(form, name="Notes", url=notes)
    await usher.modal_with(f"*Custom* {REASON}")
    await usher.slack.command(OWNER, DM, "/mcp connect")
    chooser = await usher.modal_with("Connect a tool, then ask me")
    card = next(each["accessory"]["value"] for each in chooser["blocks"] if each.get("accessory"))
    title = next(each.title for each in await usher.services.cards_for(usher.member) if each.name == card)
    await forbid(usher, card, title)
    await usher.press(chooser, "connect.pick")
    await usher.modal_with(f"*{title}* {REASON}")
    assert await usher.services.connections.of(usher.member) == [] and usher.slack.refusals == []


async def test_a_page_that_waits_for_a_token_takes_none_for_what_was_forbidden_meanwhile(
    usher: Usher, notes: str
) -> None:
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    await usher.submit(await usher.modal_with("Server URL"), name="Notes", url=notes)
    step_two = await usher.modal_with("Last step")
    url = next(each["url"] for block in step_two["blocks"] for each in block.get("elements", []) if "url" in each)
    await forbid(usher, "custom", "Custom")
    with pytest.raises(Exception, match="Custom is not allowed here"):
        await usher.services.connections.finish(url.rsplit("/", 1)[1], {"token": NOTES_TOKEN})
    await usher.modal_with("Custom is not allowed here: your workspace's administrators")


URL = "https://tools.example/mcp"
OF_MEMBERS = {mine.SOONER_FORM}
KEPT = {
    forms_of_cards.ADDRESS: '["", 0]',
    programs.COMMAND: '["", 0]',
    programs.CONFIRM: '["t", "", 0]',
    forms_of_cards.FORM: forms_of_cards.Kept("", 0, Looked(URL, ("none",))).metadata,
}
"""In the metadata of those that read it first."""


class Heard:
    """Knows which forms listeners are hung on, by their modules; nothing else of them."""

    def __init__(self) -> None:
        self.tasks: Any = None
        self.forms: dict[str, str] = {}
        self.module = ""

    def view(self, callback_id: str) -> Any:
        self.forms[callback_id] = self.module
        return lambda listener: listener

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: lambda listener: listener


async def test_a_form_that_was_open_when_its_administrator_became_none_changes_nothing(usher: Usher) -> None:
    heard = Heard()
    for room in (governing, cards):
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            heard.module = module.name
            if hang := getattr(import_module(module.name), "hang", None):
                hang(heard, usher.services)
    forms = {*heard.forms, agents.FORM, retention.FORM} - OF_MEMBERS
    print(heard.forms)
    window, pressing = await _window(usher), usher.slack.workspace.pressing
    no_admin_any_more(usher)
    before = await acts(usher)
    for form in sorted(forms):
        kept = {"callback_id": form, "private_metadata": KEPT.get(form, "")}
        await pressing._send("view_submission", OWNER, view={**window, **kept}, response_urls=[])
    refused = [*before, *["admin.refused"] * len(forms)]
    async with asyncio.timeout(60):
        while len(await acts(usher)) < len(refused):
            await asyncio.sleep(0.01)
    assert len(forms) > 8 and await acts(usher) == refused


async def _window(usher: Usher) -> dict[str, Any]:
    """A form of theirs, as Slack sends it, filled in."""
    await usher.press(await usher.tab("budgets"), "budgets.open")
    shown = await usher.slack.when(lambda: (m := usher.modal()) and m.get("callback_id") and m)
    found: dict[str, Any] = usher.slack.workspace.pressing._view(OWNER, shown["id"])
    typed = {"url": URL, "title": "Tools", "about": "What it is for.", "signs_in": "none"}
    values = {name: {"value": {"type": "plain_text_input", "value": value}} for name, value in typed.items()}
    return {**found, "state": {"values": values}}

"""How the parts are put together."""

from datetime import date
from pathlib import Path

import pytest

from bot.foundations.foundations import NO_SANDBOX, cards_on_the_table, sandbox_for, warn_of_model
from bot.settings import Settings, SettingsError
from mcp_runtime.sandbox import Sandbox

NEEDED = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_APP_TOKEN": "xapp-1-a", "GEMINI_API_KEY": "key"}


async def test_a_card_whose_program_runs_without_a_sandbox_says_so() -> None:
    settings = Settings.read(NEEDED | {"MCP_SANDBOX_ENABLED": "false"})

    cards = {card.name: card for card in await cards_on_the_table(settings, Sandbox(enabled=False))}

    assert NO_SANDBOX in cards["time"].notes and NO_SANDBOX in cards["postgres"].notes
    assert NO_SANDBOX not in cards["custom"].notes and NO_SANDBOX not in cards["github"].notes


def test_admins_may_add_programs_only_where_the_operator_says_so() -> None:
    assert sandbox_for(Settings.read(NEEDED)).commands is None
    assert sandbox_for(Settings.read(NEEDED | {"MCP_CUSTOM_COMMANDS": "true"})).commands is not None


async def test_folders_of_the_operator_make_cards_whose_checks_know_where_a_program_sees_them() -> None:
    folders = {"MCP_FOLDERS": "handbook=/data/handbook,code=/data/code:rw"}
    settings = Settings.read(NEEDED | folders | {"MCP_SANDBOX_ENABLED": "false"})

    assert not {"git", "filesystem"} & {
        card.name for card in await cards_on_the_table(Settings.read(NEEDED), Sandbox())
    }
    cards = {card.name: card for card in await cards_on_the_table(settings, Sandbox(enabled=False))}
    [asked] = cards["git"].fields
    check, spec = cards["git"].argument_checks["git_log"], cards["git"].server({"folder": "code"})

    assert [(each.value, "changed" in each.about) for each in asked.options] == [("handbook", False), ("code", True)]
    assert check({"repo_path": "/data/code"}, spec) is None and check({"repo_path": "/data/handbook"}, spec)
    assert NO_SANDBOX in cards["git"].notes


def test_no_card_of_an_installation_takes_the_place_of_one_for_folders(tmp_path: Path) -> None:
    file = tmp_path / "cards.yaml"
    file.write_text(
        "cards: [{name: git, title: Git, about: Ours., url: 'https://git.example.org/mcp', authentication: none}]"
    )
    with pytest.raises(SettingsError) as told:
        Settings.read(NEEDED | {"MCP_CARDS_FILE": str(file)}, beside={"MCP_CARDS_FILE": str(file)}.get)
    assert "one of Usher's own cards" in str(told.value)


@pytest.mark.parametrize(
    ("chosen", "today", "warned"),
    [
        ({"GEMINI_MODEL": "gemini-2.5-flash"}, date(2026, 11, 30), False),
        ({"GEMINI_MODEL": "gemini-2.5-flash"}, date(2026, 12, 1), True),
        ({}, date(2026, 12, 1), False),
    ],
)
def test_who_set_a_model_whose_time_is_over_is_told_at_the_start(
    chosen: dict[str, str], today: date, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    warn_of_model(Settings.read(NEEDED | chosen), today)
    assert ("shut down on 2026-12-01; gemini-3.5-flash-lite is asked instead" in caplog.text) is warned

"""A clone in a folder of its own, a workspace without Usher's app, and somebody who types `usher slack`."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.command_line import find, parse
from bot.maintenance.slack_app import command
from bot.maintenance.slack_app.creating import Doctor
from bot.settings import Settings
from playground.slack.core.clock import Clock
from playground.slack.server import LocalSlack
from tests.house.process import ROOT

EXAMPLE = ROOT / ".env.example"


@dataclass
class Clone:
    slack: LocalSlack
    folder: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    health: int = 0
    """The doctor's exit code."""
    bad_key: str = "AIzaRefused"
    manifest: Path = ROOT / "manifest.yml"
    seen: list[str] = field(default_factory=list)
    """All that was ever told."""

    async def types(self, words: str, *answers: str) -> tuple[int, str]:
        """The exit code, and what is said; the answers are piped in."""
        import app

        wanted = find(app.COMMANDS, "slack")
        given = parse(wanted, words.split())
        self.patch.setattr("sys.stdin", io.StringIO("".join(f"{each}\n" for each in answers)))

        async def consult() -> int:
            return self.health

        async def refused(key: str) -> str:
            return "Gemini refuses it" if key == self.bad_key else ""

        code = await command.slack(given, command.Files(self.manifest, EXAMPLE), Doctor(consult, refused))
        told = "".join(self.capture.readouterr())
        self.seen.append(told)
        return code, told

    @property
    def env(self) -> str:
        return (self.folder / ".env").read_text()

    def lines(self, name: str) -> list[str]:
        """What `.env` gives this variable, line by line."""
        live = (each.partition("=") for each in self.env.splitlines())
        return [value for left, _, value in live if left == name]

    @property
    def secrets(self) -> set[str]:
        ours = self.slack.configuration
        made = {value for app in ours.apps.values() for name, value in app.credentials.items() if name != "client_id"}
        return {self.slack.bot_token, self.slack.app_token, ours.token, ours.refresh_token, *made}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def clone(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Clone]:
    folder = tmp_path / "clone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in (*Settings.model_fields, "https_proxy", "http_proxy"):
        monkeypatch.delenv(name.upper(), raising=False)
    async with LocalSlack(tmp_path / "slack", clock=clock, app_is_made=False) as slack:
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        here = Clone(slack, folder, capsys, monkeypatch)
        yield here
        for told in here.seen:
            assert not [each for each in here.secrets if each in told], "a secret was shown"

"""The whole of Usher as a child process, between a local Slack and a local Gemini that live in this one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.parts.cost import Cost
from benchmarks.parts.counted import counted
from benchmarks.processes import answering, plain_environment, running
from playground import gemini
from playground.children import Child
from playground.gemini import LocalGemini, Reply
from playground.ports import free_port
from playground.slack.server import LocalSlack

MANIFEST = yaml.safe_load((Path(__file__).parents[2] / "manifest.yml").read_text())


@dataclass(frozen=True)
class Street:
    """What is next to the house: in real life, Slack and Google."""

    slack: LocalSlack
    model: LocalGemini

    def will_say(self, *pieces: str) -> None:
        """The model's next answer, each piece a chunk of its stream."""
        self.model.script.append(Reply([[gemini.text(piece)] for piece in pieces]))


@dataclass(frozen=True)
class House:
    child: Child
    url: str
    database_url: str
    counts: Path
    """Where its statements are counted."""

    def cost(self) -> Cost:
        """So far."""
        return Cost.so_far(self.child.pid, self.counts)


@asynccontextmanager
async def street(folder: Path) -> AsyncIterator[Street]:
    model = await gemini.start(pace=None)
    try:
        async with LocalSlack(folder / "slack", manifest=MANIFEST, generosity=None) as slack:
            yield Street(slack, model)
    finally:
        await model.close()


@asynccontextmanager
async def house(folder: Path, street: Street, *, as_it_is: bool = False) -> AsyncIterator[House]:
    """Ready: it says so itself, and its socket is connected. ``as_it_is``: its statements are not counted."""
    counts = folder / "statements"
    command = ("app",) if as_it_is else counted(counts, "app")
    url = f"http://127.0.0.1:{free_port()}"
    database_url = f"sqlite+aiosqlite:///{folder / 'usher.db'}"
    async with running("usher", folder, *command, env=_settings(street, url, database_url)) as child:
        await answering(child, f"{url}/readyz")
        await street.slack.when(lambda: street.slack.online, within=10.0)
        yield House(child, url, database_url, counts)


def _settings(street: Street, url: str, database_url: str) -> dict[str, str]:
    return {
        **plain_environment(),
        "SLACK_API_URL": street.slack.api_url,
        "SLACK_BOT_TOKEN": street.slack.bot_token,
        "SLACK_APP_TOKEN": street.slack.app_token,
        "GEMINI_API_KEY": "offline",
        "GOOGLE_GEMINI_BASE_URL": street.model.url,
        "DATABASE_URL": database_url,
        "SECRET_KEY": "",
        "HOST": "127.0.0.1",
        "PORT": url.rpartition(":")[2],
        "PUBLIC_BASE_URL": url,
    }

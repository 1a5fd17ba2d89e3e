"""Usher's Slack door, whole and real, connected to a local Slack by Socket Mode; model and servers are local too."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from aiohttp import ClientSession
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.agent.embeddings.gemini import GeminiEmbedder
from bot.foundations.access import access_tokens
from bot.running import remembering, upkeep
from bot.running.jobs import Jobs
from bot.running.turns.worker import Worker
from bot.services.cards import Shelf, WorkspaceCards
from bot.services.cards.terms import terms_of
from bot.services.chats import Chats
from bot.services.chats.members.heard_threads import HeardThreads
from bot.services.connections import Connections
from bot.services.connections.permission import Permission
from bot.services.limits.egress import egress_of
from bot.services.links import Links
from bot.services.links.hosting import Hosting
from bot.services.memory import Memory
from bot.services.reminders import Reminders
from bot.services.tickets import Tickets
from bot.slack.acts.admins import Admins
from bot.slack.acts.connections.connection_face import SlackConnectionFace
from bot.slack.acts.guests.asking import LinkFace
from bot.slack.acts.guests.channels import ChannelsBySlack
from bot.slack.acts.guests.codes import CodesBySlack
from bot.slack.acts.guests.hand_over import HandOver
from bot.slack.acts.installed import noticing
from bot.slack.acts.installed.uninstalling import Uninstalling
from bot.slack.acts.memory_face import SlackMemoryFace
from bot.slack.acts.notices import Notices
from bot.slack.app import build_app
from bot.slack.edge.background import BackgroundTasks
from bot.slack.edge.calls.client import web_client
from bot.slack.edge.installations.clients import ManyWorkspaces
from bot.slack.edge.installations.tokens import Tokens
from bot.slack.edge.people.profiles import Profiles
from bot.slack.edge.socket_mode import Socket
from bot.slack.incoming.sent_files import SlackFiles
from bot.slack.incoming.thread import ThreadReader
from bot.slack.replies import endings
from bot.slack.replies.rendering import SlackRendering
from bot.slack.services import Services
from bot.tool_server import AboutConnections, AboutMemory, AboutReminders, OwnTools
from mcp_runtime.addresses import Reach
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets.keys import MasterKey
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import Vault
from mcp_runtime.sessions.pool import Pool
from playground.notes import Notebook, make_server
from playground.slack.server import LocalSlack
from run_cards import CARDS, RunCard
from run_cards.seeds import Seeds
from storage.bus.bus import open_bus
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Job
from tests.support.ending import ended
from tests.support.gemini import Scripted
from tests.support.served import asgi, free_socket, port_of

OWNER, MEMBER, DM, MEMBERS_DM, GENERAL, TEAM = "U0OWNER", "U0MEMBER", "D0OWNER", "D0MEMBER", "C0GENERAL", "T0LOCAL"
BASE = "https://usher.example"
OWN_URL = "http://127.0.0.1:8080"
NOTES_TOKEN = "notes-token-for-tests"
MANIFEST = yaml.safe_load((Path(__file__).parents[2] / "manifest.yml").read_text())
KEY = bytes(range(32))
SECRETS = SecretStore(Vault([MasterKey(KEY)]))
PATIENCE = 60.0
"""Seconds; the machine may be busy, and nothing is asserted about time."""


@dataclass
class Usher:
    """One process of Usher, without its web side."""

    slack: LocalSlack
    client: AsyncWebClient
    services: Services
    app: AsyncApp
    tasks: BackgroundTasks
    gemini: Scripted
    notices: Notices
    worker: Worker
    door: Socket = field(repr=False)
    stack: AsyncExitStack = field(repr=False)

    member = Member(TEAM, OWNER)

    # --- what people see
    def modal(self, person: str = OWNER) -> dict[str, Any] | None:
        stack = self.slack.snapshot(person)["modals"]
        return stack[-1] if stack else None

    async def modal_with(self, text: str, person: str = OWNER) -> dict[str, Any]:
        """The open modal, once it says this."""
        found: dict[str, Any] = await self.slack.when(
            lambda: (m := self.modal(person)) and text in said(m) and m, PATIENCE
        )
        return found

    async def message_with(self, text: str, channel: str = DM, person: str = OWNER) -> dict[str, Any]:
        """The newest message that says this and is no longer being streamed."""

        def found() -> dict[str, Any] | None:
            there = reversed(self.slack.messages(channel, person))
            return next((each for each in there if text in said(each) and not each["streaming"]), None)

        message: dict[str, Any] = await self.slack.when(found, PATIENCE)
        return message

    async def due(self, kind: str, *also: sa.Executable) -> None:
        """As when the hour of these jobs has come; what is changed with them goes along."""
        async with self.services.db.begin() as tables:
            for each in (sa.update(Job).where(Job.kind == kind).values(due_at=now()), *also):
                await tables.session.execute(each)
        await self.services.bus.tell("jobs")

    # --- what people do
    async def press(self, shown: dict[str, Any], action_id: str, person: str = OWNER, **more: Any) -> Any:
        """Press the first button of this kind in a modal, a message or the Home tab."""
        await self._uncover(shown.get("id"), person)
        block_id = next(block for block, action in pressable(shown) if action == action_id)
        if "ts" in shown:
            container = {"type": "message", "channel": shown["channel"], "ts": shown["ts"]}
        else:
            container = {"type": "view", "view_id": shown.get("view_id") or shown["id"]}
        pressed = {"container": container, "block_id": block_id, "action_id": action_id, **more}
        return await self.slack.press(person, pressed)

    async def shortcut(self, callback_id: str, *where: str, person: str = OWNER) -> Any:
        await self._uncover(None, person)
        return await self.slack.shortcut(person, callback_id, *where)

    async def _uncover(self, view_id: str | None, person: str) -> None:
        """Close the dialogs behind which this is: nobody could press it, and they would be taken for what it opens."""
        while (on_top := self.modal(person)) and on_top["id"] != view_id:
            await self.slack.close_view(person, on_top["id"])

    async def choose(self, shown: dict[str, Any], verb: str, about: str = "", person: str = OWNER) -> Any:
        """Choose this act in the menu of the first line that speaks ``about`` it."""
        for block in shown["blocks"]:
            for option in block.get("accessory", {}).get("options", []):
                if option["value"].startswith(f"{verb}:") and about in said({"blocks": block}):
                    return await self.press(
                        {**shown, "blocks": [block]}, "connection.menu", person, value=option["value"]
                    )
        raise AssertionError(f"no menu offers {verb}")

    async def submit(self, shown: dict[str, Any], person: str = OWNER, **values: Any) -> Any:
        """Fill in by block id and submit."""
        filled = {block: {"value": value} for block, value in values.items()}
        return await self.slack.submit_view(person, shown["id"], filled)

    async def home(self, person: str = OWNER) -> dict[str, Any]:
        await self.slack.open_home(person)
        shown: dict[str, Any] = await self.slack.when(lambda: self.slack.snapshot(person)["home"], PATIENCE)
        return shown

    async def tab(self, name: str, person: str = OWNER) -> dict[str, Any]:
        """An administrator's Home, once this tab of it is shown."""
        await self.press(await self.home(person), f"home.go.{name}", person)
        shown: dict[str, Any] = await self.slack.when(
            lambda: (h := self.slack.snapshot(person)["home"]) and f"{name.capitalize()}: shown now" in str(h) and h,
            PATIENCE,
        )
        return shown

    async def connect_notes(self, url: str, name: str = "Notes") -> str:
        """Past the screens; the connection's id."""
        made = await self.services.connections.begin_with_secrets(
            self.member, _card("custom"), {"name": name, "url": url}, {"token": NOTES_TOKEN}
        )
        return made.connection.id


def _card(name: str) -> RunCard:
    return next(card for card in CARDS if card.name == name)


def said(shown: dict[str, Any]) -> str:
    """All the words of a message or view, loosely."""
    return json.dumps([shown.get(key) for key in ("text", "blocks", "parts")], ensure_ascii=False)


def pressable(shown: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for block in shown["blocks"] or []:
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if "action_id" in element:
                yield block["block_id"], element["action_id"]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(tmp_path / "slack", manifest=MANIFEST, generosity=None, ack_seconds=PATIENCE) as running:
        yield running


@pytest.fixture
async def client(slack: LocalSlack) -> AsyncIterator[AsyncWebClient]:
    async with ClientSession() as session:
        yield web_client(slack.bot_token, session, slack.api_url)


@pytest.fixture
async def usher(
    slack: LocalSlack, client: AsyncWebClient, sqlite_db: Database, gemini: Scripted
) -> AsyncIterator[Usher]:
    async with running_usher(slack, client, sqlite_db, gemini) as running:
        yield running


@asynccontextmanager
async def running_usher(
    slack: LocalSlack,
    client: AsyncWebClient,
    db: Database,
    gemini: Scripted,
    base_url: str | None = BASE,
    cards: tuple[RunCard, ...] = CARDS,
    *,
    secrets_in_slack: bool = False,
    admins: frozenset[str] = frozenset(),
    seeds: Seeds | None = None,
    sandbox: Sandbox | None = None,
    tokens: Tokens | None = None,
) -> AsyncIterator[Usher]:
    """``sandbox`` is for programs; without it they run bare, as only the machine's own do. With ``tokens`` it serves
    the workspaces that installed it, and ``client`` is one of many."""
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(open_bus(db))
        profiles = Profiles(client)
        services, pool = _services(db, bus, client, profiles, gemini, base_url, cards, secrets_in_slack, sandbox)
        services = replace(services, admins=admins, seeds=seeds or Seeds())
        stack.push_async_callback(pool.close)
        tasks = BackgroundTasks()
        app = build_app(client, services, signing_secret=None, tasks=tasks, profiles=profiles, tokens=tokens)
        faces = {"slack": SlackRendering(client, services.chats), "link": LinkFace(client, services)}
        worker = Worker(db, bus, services.chats, faces, owner="test")
        notices = Notices(client, services, Admins(client, admins))
        s = services
        upkept = upkeep.handlers(db, s.chats, s.links, s.hosting, s.connections, SECRETS, s.seeds)
        handlers = {**upkept, **remembering.handlers(s.memory), **notices.handlers(), **endings.handlers(client)}
        if tokens and isinstance(client, ManyWorkspaces):
            handlers |= noticing.handlers(client, s, Uninstalling(s, tokens))
        jobs = Jobs(db, bus, handlers, poll_every=0.2)
        door = Socket(app, slack.app_token)
        await door.open()
        running = [asyncio.create_task(worker.run()), asyncio.create_task(jobs.run())]
        await slack.when(lambda: slack.online)
        try:
            yield Usher(slack, client, services, app, tasks, gemini, notices, worker, door, stack)
        finally:
            await door.close()
            await tasks.drain(2.0)
            await worker.close(1.0)
            await jobs.close()
            await services.chats.close()
            await ended(*running)


def _services(
    db: Database,
    bus: Any,
    client: AsyncWebClient,
    profiles: Profiles,
    gemini: Scripted,
    base_url: str | None,
    cards: tuple[RunCard, ...],
    secrets_in_slack: bool,
    sandbox: Sandbox | None,
) -> tuple[Services, Pool]:
    sandbox = sandbox or Sandbox(False)
    secrets, shelf = SECRETS, Shelf(db, cards, secrets=SECRETS, runs=sandbox.refusal)
    reach, permits = Reach.allowing("127.0.0.1"), Permission(shelf, sandbox.refusal)
    pool = Pool(
        db,
        secrets,
        reach=reach,
        sandbox=sandbox,
        connect_timeout=60.0,
        permits=permits,
        terms=terms_of(shelf),
        elicits=True,
        bus=bus,
        egress=egress_of(db),
    )
    tickets = Tickets(db, base_url, own_url=OWN_URL, secrets_in_slack=secrets_in_slack)
    couriers, channels = {"member": CodesBySlack(client)}, ChannelsBySlack(client)
    admins = Admins(client)
    beside: Any = {"couriers": couriers, "channels": channels, "is_admin": admins.member}
    links = Links(db, bus, base_url=base_url, master_key=KEY, **beside)
    threads = HeardThreads()
    reader = ThreadReader(client, db, threads, profiles)
    added = WorkspaceCards(db, bus, pool, shelf, secrets, tickets, admins.member)
    connections = Connections(
        db, bus, pool, secrets, tickets, shelf, gemini.model, people=profiles, workspace_cards=added
    )
    embedder = GeminiEmbedder(gemini.model.line, "gemini-embedding-2")
    memory = Memory(db, bus, gemini.model, embedder, shelf.of)
    about = AboutConnections(connections, shelf, SlackConnectionFace(client))
    reminders = Reminders(db, bus)
    remembered = AboutMemory(memory, SlackMemoryFace(client))
    own = OwnTools(links, HandOver(client), about, AboutReminders(reminders, profiles), remembered)
    services = Services(
        chats=Chats(
            *(db, bus, pool, gemini.model, own),
            surroundings=reader,
            people=profiles,
            master_key=KEY,
            fetch=SlackFiles(client, db),
        ),
        connections=connections,
        links=links,
        hosting=Hosting(db, bus, gemini.model, profiles),
        tickets=tickets,
        db=db,
        bus=bus,
        shelf=shelf,
        workspace_cards=added,
        reminders=reminders,
        threads=threads,
        memory=memory,
        tokens=access_tokens(db, bus, client, profiles, admins),
    )
    return services, pool


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a running Notes server that wants `NOTES_TOKEN`."""
    listening = free_socket()
    url = f"http://127.0.0.1:{port_of(listening)}/mcp"
    async with asgi(make_server(Notebook(tmp_path / "notes.json"), NOTES_TOKEN, url).streamable_http_app(), listening):
        yield url

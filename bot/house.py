"""All parts, put together: opened in order, closed in the opposite one. Knows everything, and nothing knows it."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Collection, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from bot.agent.gemini import Gemini
from bot.foundations.access import access_tokens
from bot.foundations.chat_links import allowances, kept_of, open_links
from bot.foundations.foundations import (
    cards_on_the_table,
    content_of,
    embedder_of,
    open_model,
    open_secrets,
    plain,
    sandbox_for,
)
from bot.foundations.serving import serve_pages, web_services
from bot.foundations.slack import Slack, looking, of_installations, open_slack
from bot.foundations.tickets import tickets_of
from bot.readiness import Ready, Signs, lesser
from bot.running import remembering, upkeep
from bot.running.database import open_database
from bot.running.disk import Disk
from bot.running.garbage import warmed
from bot.running.jobs import Jobs
from bot.running.leases import kept_up
from bot.running.loop_watch import LoopWatch
from bot.running.turns.worker import Face, Worker
from bot.services.cards import Shelf, WorkspaceCards
from bot.services.cards.terms import terms_of
from bot.services.chats import Chats
from bot.services.chats.members.heard_threads import HeardThreads
from bot.services.connections import Connections, renew
from bot.services.connections.permission import Permission
from bot.services.limits.egress import egress_of
from bot.services.links.ending.expiring import Expiring
from bot.services.links.hosting import Hosting
from bot.services.memory import Memory
from bot.services.reminders import Reminders
from bot.services.watch.audit.beginning import carried_over
from bot.settings import Settings
from bot.settings.files import cards_again, readable_variable
from bot.slack.acts.admins import Admins
from bot.slack.acts.connections.connection_face import SlackConnectionFace
from bot.slack.acts.guests.asking import LinkFace
from bot.slack.acts.guests.hand_over import HandOver
from bot.slack.acts.memory_face import SlackMemoryFace
from bot.slack.acts.notices import Notices
from bot.slack.app import build_app
from bot.slack.edge.background import BackgroundTasks
from bot.slack.edge.calls.client import PacedClient
from bot.slack.edge.http_mode import routes
from bot.slack.edge.people.pictures import Pictures
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
from mcp_runtime.secrets.keys import keys_for
from mcp_runtime.secrets.rewrapping import Rewrapping
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.sessions.pool import Pool
from run_cards.seeds import Seeds
from storage.bus.bus import Bus, open_bus
from storage.database import Database

log = logging.getLogger("usher")

# Of the two seconds that a stop may take.
LISTENERS, TURNS, JOBS = 0.3, 0.5, 0.3
ENDED_WITHIN = 0.3
"""Seconds for what runs in the background; what a silent database or a hung disk holds is not waited for."""


async def open_house(settings: Settings, house: AsyncExitStack, scopes: Callable[[], Collection[str]]) -> None:
    """Run Usher until ``house`` is closed; raises `SlackRefused`, `KeyUnusable`, `CannotStart` before work begins.

    ``scopes`` are those of the app's manifest.
    """
    db = await open_database(settings, house)
    bus = await house.enter_async_context(open_bus(db, settings.database_listen_url))
    keys = keys_for(plain(settings.secret_key), settings.database_url)
    secrets = await open_secrets(settings, house, keys)
    slack = await open_slack(settings, house, db, secrets, keys[0].secret, scopes)
    await carried_over(db)
    client = slack.client
    if moved := await Rewrapping(secrets.vault).all(db):
        log.info("%d secrets are sealed by the newest master key now; `usher secrets rotate` says whether all", moved)
    sandbox = sandbox_for(settings)
    cards = await cards_on_the_table(settings, sandbox)
    if renewed := await renew(db, secrets, cards):
        log.info("%d connections use the installation's newer token now", renewed)
    model = open_model(settings, house)
    profiles = Profiles(client)
    again = partial(cards_again, {name.upper() for name in Settings.model_fields})
    shelf = Shelf(db, cards, again, secrets, sandbox.refusal)
    await shelf.load()
    services = services_of(settings, house, db, bus, client, profiles, secrets, keys[0].secret, sandbox, shelf, model)
    less = partial(_lesser, services)
    own = Ready(db, None, model.warm, less)
    services = replace(services, sandbox=(await sandbox.probe()).name, parts=own)

    tasks = BackgroundTasks()
    signing = plain(settings.slack_signing_secret)
    known: dict[str, Any] = {"profiles": profiles, "tokens": slack.tokens}
    app = build_app(client, services, signing_secret=signing, tasks=tasks, **known)
    token = plain(settings.slack_app_token)
    registry = Socket(app, token) if token else None
    events = routes(app, signing) if signing else []
    ready, watch = Ready(db, registry, model.warm, less), LoopWatch()
    _in_background(house, ready.model, "the model's client")
    pages = web_services(settings, services, slack, ready, Signs(keys[0].secret), watch)
    await serve_pages(settings, house, pages, events)
    _start_work(settings, house, services, slack, secrets)
    await house.enter_async_context(watch.watching())
    house.push_async_callback(tasks.drain, LISTENERS)
    if registry:
        house.push_async_callback(registry.close)
        await registry.open()
        _in_background(house, registry.watch, "socket watch")
    _in_background(house, partial(warmed, ready.model, services.chats.warm), "what first turns need")


def services_of(
    settings: Settings,
    house: AsyncExitStack,
    db: Database,
    bus: Bus,
    client: PacedClient,
    profiles: Profiles,
    secrets: SecretStore,
    key: bytes,
    sandbox: Sandbox,
    shelf: Shelf,
    model: Gemini,
) -> Services:
    pool = _pool(settings, db, bus, secrets, sandbox, shelf)
    house.push_async_callback(pool.close)
    may_spend = allowances(settings)
    links = open_links(settings, db, bus, client, key, may_spend)
    threads = HeardThreads()
    reader = ThreadReader(client, db, threads, profiles)
    tickets = tickets_of(settings, db, key)
    most = settings.mcp_max_connections_per_user
    admins = Admins(client, settings.admins)
    added = WorkspaceCards(db, bus, pool, shelf, secrets, tickets, admins.member)
    pictures = Pictures(client, profiles)
    known: dict[str, Any] = {"people": profiles, "pictures": pictures, "workspace_cards": added}
    connections = Connections(db, bus, pool, secrets, tickets, shelf, model, max_per_member=most, **known)
    memory = Memory(db, bus, model, embedder_of(settings, model), shelf.of)
    about = AboutConnections(connections, shelf, SlackConnectionFace(client))
    reminders = Reminders(db, bus)
    remembered = AboutMemory(memory, SlackMemoryFace(client))
    own = OwnTools(links, HandOver(client), about, AboutReminders(reminders, profiles), remembered)
    beside: dict[str, Any] = {"surroundings": reader, "people": profiles, "content": content_of(settings)}
    beside["fetch"] = SlackFiles(client, db)
    chats = Chats(db, bus, pool, model, own, master_key=key, allowed=may_spend, **beside)
    house.push_async_callback(chats.close)
    seeds = Seeds(readable_variable())
    named = settings.tempchat_shows_host
    hosting = Hosting(db, bus, model, profiles, pictures, named=named, spending=chats.spending)
    return Services(
        *(chats, connections, links, hosting, tickets, db, bus, shelf, added, reminders),
        threads=threads,
        seeds=seeds,
        admins=settings.admins,
        memory=memory,
        tokens=access_tokens(db, bus, client, profiles, admins),
        kept=kept_of(settings),
    )


def _pool(settings: Settings, db: Database, bus: Bus, secrets: SecretStore, sandbox: Sandbox, shelf: Shelf) -> Pool:
    reach = Reach.allowing(settings.allow_private_mcp_hosts)
    seconds, permits = settings.mcp_tool_timeout_seconds, Permission(shelf, sandbox.refusal)
    return Pool(
        db,
        secrets,
        reach=reach,
        sandbox=sandbox,
        call_timeout=seconds,
        permits=permits,
        terms=terms_of(shelf),
        elicits=True,
        registered=settings.registered,
        bus=bus,
        egress=egress_of(db),
    )


def _lesser(services: Services) -> dict[str, str]:
    return lesser(services.bus, services.memory.remembering.trouble if services.memory else "")


def _start_work(
    settings: Settings, house: AsyncExitStack, services: Services, slack: Slack, secrets: SecretStore
) -> None:
    db, bus, client = services.db, services.bus, slack.client
    faces: dict[str, Face] = {"slack": SlackRendering(client, services.chats), "link": LinkFace(client, services)}
    worker = Worker(
        db, bus, services.chats, faces, owner=f"{socket.gethostname()}:{os.getpid()}", apart=bool(slack.tokens)
    )
    notices = Notices(client, services, Admins(client, settings.admins))
    s = services
    kept_up = upkeep.handlers(db, s.chats, s.links, s.hosting, s.connections, secrets, s.seeds, s.kept)
    of_memory = remembering.handlers(s.memory) if s.memory else {}
    handlers = {**notices.handlers(), **endings.handlers(client), **kept_up, **of_memory, **of_installations(slack, s)}
    recurring = (*upkeep.RECURRING, *remembering.RECURRING, *looking(slack))
    jobs = Jobs(db, bus, handlers, recurring=recurring, apart=bool(slack.tokens))
    _in_background(house, worker.run, "worker")
    _in_background(house, Expiring(services.links, bus).run, "expiry of links")
    _in_background(house, jobs.run, "jobs")
    _in_background(house, Disk(db).watch, "room on the disk")
    _in_background(house, partial(services.shelf.follow, bus), "cards of workspaces")
    _in_background(house, services.connections.follow_others, "sessions with servers")
    house.push_async_callback(jobs.close, JOBS)
    house.push_async_callback(worker.close, TURNS)


def _in_background(house: AsyncExitStack, work: Callable[[], Coroutine[Any, Any, object]], name: str) -> None:
    task = asyncio.create_task(kept_up(work, name), name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.wait({task}, timeout=ENDED_WITHIN)

    house.push_async_callback(end)

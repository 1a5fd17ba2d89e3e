"""What the house stands on: the store of secrets, the model, the cards on the table."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from bot.agent.embeddings.embedder import Embedder
from bot.agent.embeddings.gemini import GeminiEmbedder
from bot.agent.gemini import Gemini
from bot.agent.gemini.known_models import overdue, utc_today
from bot.running.database import CannotStart
from bot.services.watch.content import Content, Stage
from bot.services.watch.content.blocklist import Blocklist
from bot.services.watch.content.own_stages import NoStage, loaded
from bot.settings import Settings
from bot.settings.stores import store_choice
from mcp_runtime.commands import Commands
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.view.folders import INSIDE
from mcp_runtime.secrets.keys import MasterKey, keys_again
from mcp_runtime.secrets.outside.stores import TITLES, OutsideStores
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import Vault
from run_cards import RunCard, SharedFolder, with_added

log = logging.getLogger("usher")

NO_SANDBOX = "Here it runs without a sandbox, with all that Usher itself may do."


def plain(secret: Any) -> str | None:
    return secret.get_secret_value() if secret is not None else None


async def open_secrets(settings: Settings, house: AsyncExitStack, keys: Sequence[MasterKey]) -> SecretStore:
    choice = await asyncio.to_thread(store_choice, settings)
    (log.warning if choice.missed else log.info)(
        "new secrets are kept in %s, %s", TITLES[choice.store], choice.missed or choice.why
    )
    again = keys_again(plain(settings.secret_key), settings.database_url)
    secrets = SecretStore(Vault(keys, again), OutsideStores(), choice.store)
    house.push_async_callback(secrets.close)
    return secrets


def embedder_of(settings: Settings, model: Gemini) -> Embedder | None:
    """None where no model for meaning is named: then memory is searched by words alone."""
    name = settings.gemini_embedding_model
    return GeminiEmbedder(model.line, name) if name != "none" else None


def open_model(settings: Settings, house: AsyncExitStack) -> Gemini:
    model = Gemini(
        settings.gemini_api_key.get_secret_value(),
        settings.gemini_model,
        settings.gemini_fallback_model,
        base_url=settings.google_gemini_base_url,
        api_version=settings.google_genai_api_version,
    )
    warn_of_model(settings, utc_today())
    house.push_async_callback(model.close)
    return model


def warn_of_model(settings: Settings, today: date) -> None:
    """By default it changes by itself, and nobody has to act."""
    told = overdue(settings.gemini_model, settings.gemini_fallback_model, today)
    if told and "gemini_model" in settings.model_fields_set:
        log.warning("GEMINI_MODEL: %s; set it to one that is there, or leave it unset", told)


def content_of(settings: Settings) -> Content:
    """Through which what is said on guests' pages passes; raises `CannotStart`."""
    stages: list[Stage] = []
    try:
        if settings.tempchat_blocklist:
            stages.append(Blocklist(settings.tempchat_blocklist.expanduser().read_text("utf-8").splitlines()))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise CannotStart(f"TEMPCHAT_BLOCKLIST cannot be used: {why}") from error
    try:
        return Content([*stages, *loaded(settings.tempchat_content_stages)])
    except NoStage as error:
        raise CannotStart(f"TEMPCHAT_CONTENT_STAGES: {error}") from error


def sandbox_for(settings: Settings) -> Sandbox:
    """In which programs run; what admins of a workspace may add is among them only where the operator allows it."""
    return Sandbox(
        settings.mcp_sandbox_enabled,
        settings.mcp_unsandboxed_cards,
        folders=settings.mcp_folders,
        packages=settings.mcp_packages_folder,
        commands=Commands() if settings.mcp_custom_commands else None,
        hidden=_kept_in_files(settings.database_url),
    )


def _kept_in_files(database_url: str) -> tuple[Path, ...]:
    """An SQLite database with what lies beside it, and the key file that opens its secrets."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return ()
    return tuple(Path(f"{url.database}{end}") for end in ("", "-wal", "-shm", "-journal", ".key"))


async def cards_on_the_table(settings: Settings, sandbox: Sandbox) -> tuple[RunCard, ...]:
    """The cards on the table; one whose program runs without a sandbox here says so."""
    level = await sandbox.probe()
    shown = level.name == "full"
    cards = with_added(
        settings.added_cards,
        [
            SharedFolder(name, f"{INSIDE}/{name}" if shown else str(folder.path), folder.writable)
            for name, folder in settings.mcp_folders.items()
        ],
    )
    if level.name == "full":
        return cards
    log.warning("no full sandbox for the programs that Usher starts (%s): %s", level.name, level.cure)
    if level.name == "reduced":
        return cards
    bare = settings.mcp_unsandboxed_cards if level.name == "none" else {card.name for card in cards if card.is_program}
    return tuple(replace(c, notes=(*c.notes, NO_SANDBOX)) if c.name in bare else c for c in cards)

"""What has to be done again and again: end what time has ended, forget what need not be kept."""

import logging
from collections.abc import Mapping

from bot.running.disk import SETTLE_FILE, SETTLED_EVERY, Disk
from bot.running.jobs import Recurring, Work
from bot.running.keeping import enforce
from bot.services.chats import Chats
from bot.services.chats.members.overtaken import JOB as OVERTAKEN
from bot.services.connections import Connections
from bot.services.connections.checking import LOOK_EVERY
from bot.services.connections.leaving import JOB as LEAVES
from bot.services.connections.oauth import REVOKE
from bot.services.limits.keeping import USUAL as USUALLY_KEPT
from bot.services.limits.keeping import Kept
from bot.services.links import Links
from bot.services.links.admission.crowds import JOB as CALMER
from bot.services.links.hosting import Hosting
from bot.services.watch import tallies
from bot.services.watch.audit.heads import LOGGED_EVERY, Heads
from bot.services.watch.insights.adding_up import EVERY as ADDED_UP_EVERY
from bot.services.watch.insights.adding_up import add_up
from bot.services.watch.insights.digest import EVERY as A_WEEK
from bot.services.watch.insights.digest import Digest
from mcp_runtime.secrets.outside import StoreAway
from mcp_runtime.secrets.store import SETTLE, SecretStore
from run_cards.seeds import Seeds
from storage.database import Database
from storage.tables import Job

LOOK = "look_at_connections"
FOLLOW = "follow_installation"
RECURRING = (
    Recurring("sweep_links", 10),
    Recurring("nobody_came", 20),
    Recurring("close_elicitations", 10),
    Recurring("erase_chats", 10),
    Recurring("keep_no_longer", 600),
    Recurring("expire_approvals", 60),
    Recurring("close_up_line", 60),
    Recurring("settle_spending", 60),
    Recurring(SETTLE, 60),
    Recurring(SETTLE_FILE, SETTLED_EVERY),
    Recurring(FOLLOW, 60),
    Recurring("settle_tallies", 60),
    Recurring("add_up_usage", int(ADDED_UP_EVERY.total_seconds())),
    Recurring("log_audit_heads", int(LOGGED_EVERY.total_seconds())),
    Recurring("tell_audit_heads", int(A_WEEK.total_seconds())),
    Recurring(LOOK, int(LOOK_EVERY.total_seconds())),
)
log = logging.getLogger(__name__)


def handlers(
    db: Database,
    chats: Chats,
    links: Links,
    hosting: Hosting,
    connections: Connections,
    secrets: SecretStore,
    seeds: Seeds,
    kept: Kept = USUALLY_KEPT,
) -> Mapping[str, Work]:
    async def settle_spending(_: Job) -> None:
        await chats.spending.sweep()

    async def settle_tallies(_: Job) -> None:
        await tallies.settle(db)

    async def add_up_usage(_: Job) -> None:
        await add_up(db)

    async def settle_secrets(_: Job) -> None:
        try:
            await secrets.settle(db)
        except StoreAway as error:  # asked again within a minute; nothing is lost meanwhile
            log.warning("%s", error)

    return {
        **_of_chats(db, chats),
        "settle_spending": settle_spending,
        "settle_tallies": settle_tallies,
        "add_up_usage": add_up_usage,
        **_of_audit(db),
        OVERTAKEN: _only_kept,
        SETTLE: settle_secrets,
        SETTLE_FILE: Disk(db).settle,
        **_of_links(db, links, hosting, kept),
        **_of_connections(connections, seeds),
    }


def _of_chats(db: Database, chats: Chats) -> Mapping[str, Work]:
    async def expire_approvals(_: Job) -> None:
        await chats.expire()

    async def close_elicitations(_: Job) -> None:
        await chats.elicitations.close_left()

    async def close_up_line(_: Job) -> None:
        async with db.begin() as tables:
            await tables.turns.close_up()

    return {
        "close_elicitations": close_elicitations,
        "expire_approvals": expire_approvals,
        "close_up_line": close_up_line,
    }


async def _only_kept(_: Job) -> None:
    """It was kept until now, and that was all."""


def _of_links(db: Database, links: Links, hosting: Hosting, kept: Kept) -> Mapping[str, Work]:
    async def sweep_links(_: Job) -> None:
        await links.sweep()

    async def erase_chats(_: Job) -> None:
        await links.erasing.left()

    async def keep_no_longer(_: Job) -> None:
        await enforce(db, links.erasing, kept)

    async def nobody_came(_: Job) -> None:
        await hosting.give_up_waiting()

    async def calmer(job: Job) -> None:
        await links.starting.crowds.calmer(job.payload)

    return {
        "sweep_links": sweep_links,
        "erase_chats": erase_chats,
        "keep_no_longer": keep_no_longer,
        "nobody_came": nobody_came,
        CALMER: calmer,
    }


def _of_audit(db: Database) -> Mapping[str, Work]:
    heads, digest = Heads(db), Digest(db)

    async def log_audit_heads(_: Job) -> None:
        await heads.log()

    async def tell_audit_heads(_: Job) -> None:
        await digest.tell()

    return {"log_audit_heads": log_audit_heads, "tell_audit_heads": tell_audit_heads}


def _of_connections(connections: Connections, seeds: Seeds) -> Mapping[str, Work]:
    async def leaves(job: Job) -> None:
        await connections.left(job.payload)

    async def look(_: Job) -> None:
        await connections.look_at_unseen()

    following = _following(connections, seeds)
    return {LOOK: look, LEAVES: leaves, FOLLOW: following, REVOKE: connections.oauth.revoking}


def _following(connections: Connections, seeds: Seeds) -> Work:
    """Variables stay, but mounted files are replaced while we run."""

    async def follow(_: Job) -> None:
        if renewed := await connections.follow_installation(seeds):
            log.info("%d connections use the installation's newer token now", renewed)

    return follow

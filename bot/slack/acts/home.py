"""The Home tab, published when it is opened and, for those who have opened it, after each change."""

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.tickets import Entry
from bot.services.watch.insights.mine import MyInsights, suggestions
from bot.slack.acts import admin_tabs
from bot.slack.acts.admins import Admins
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.governing import tabs
from bot.slack.screens.home import home
from bot.slack.screens.talking import beginning, from_outside, showing
from bot.slack.services import Services
from storage.members import Member
from storage.schema import now
from storage.tables import Approval, Job

NOT_NOW = frozenset({"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"})
SHOWN_FOR, MOST_SHOWN = 300.0, 5000
_SHOWN_AS: dict[Member, tuple[float, bool]] = {}
_PUBLISHING = KeyedLocks()
"""One at a time for each member, or an older look could be published over a newer one: a tab over the next."""
log = logging.getLogger(__name__)


async def publish(
    client: AsyncWebClient, services: Services, member: Member, page: int = 0, links_page: int = 0
) -> None:
    """``page`` is that of the connections. An administrator's stays at the tab that they look at."""
    async with _PUBLISHING.turn(member):
        await client.views_publish(user_id=member.id, view=await _of(client, services, member, page, links_page))


async def _of(client: AsyncWebClient, services: Services, member: Member, page: int, links_page: int) -> View:
    if whence := await services.from_outside.whence(member):
        if whence.barred:
            return from_outside.turned_away(from_outside.why(whence))
        if whence.reads_only:
            return from_outside.readers_home()
    place = await admin_tabs.place_of(services, member)
    if place.tab != tabs.MINE and await Admins(client, services.admins).includes(member.id):
        return await admin_tabs.drawn(services, member, place)
    return await _own(client, services, member, page, links_page)


async def _own(client: AsyncWebClient, services: Services, member: Member, page: int, links_page: int) -> View:
    connections = await services.connections.of(member)
    leaving = await services.connections.leaving(member)
    links = await services.links.of(member)
    outcomes = services.links.outcomes
    counts, starts = await outcomes.counts(member, links), await outcomes.starts(member)
    shown = await services.chats.showing.of(member)
    admin = await _is_admin(client, services, member)
    use = await MyInsights(services.db).of(member)
    held = [(each.connection, each.tools, each.use.last) for each in connections]
    addresses = await _addresses(client, use.waiting[: beginning.MOST_WAITING])
    return home(
        *(connections, links, now(), page, leaving),
        admin=admin,
        links_page=links_page,
        counts=counts,
        starts=starts,
        kept=await services.memory.of(member) if services.memory else None,
        month=await services.budgets.mine(member),
        reminders=await services.reminders.of(member),
        tokens=await services.tokens.of(member) if services.tokens else None,
        agents=await services.agents.to_ask(member.workspace),
        use=use,
        top=[*beginning.waiting(use.waiting, addresses), *beginning.suggested(suggestions(use, held, now()))],
        more=showing.listed(shown),
        pages=_pages(services, admin=admin),
    )


def _pages(services: Services, *, admin: bool) -> str:
    """Where this one may look at Usher's own; empty for nowhere."""
    for entry in (Entry.PAGE, *([Entry.OWN_MACHINE] if admin else [])):
        with suppress(ValueError):
            return services.tickets.base_url(entry)
    return ""


async def _addresses(client: AsyncWebClient, questions: Sequence[Approval]) -> Mapping[str, str]:
    """Where each was asked, by its id; of those that are out of reach none."""
    found = {}
    for each in questions:
        try:
            where = {"channel": each.message["channel"], "message_ts": each.message["ts"]}
            found[each.id] = str((await client.chat_getPermalink(**where))["permalink"])
        except (KeyError, *TROUBLE):
            continue
    return found


async def _is_admin(client: AsyncWebClient, services: Services, member: Member) -> bool:
    """For what is shown alone: whoever presses it is looked at anew. Slack is not asked for every change."""
    until, known = _SHOWN_AS.get(member, (0.0, False))
    if time.monotonic() < until:
        return known
    known = await Admins(client, services.admins).includes(member.id)
    if len(_SHOWN_AS) >= MOST_SHOWN:
        _SHOWN_AS.clear()
    _SHOWN_AS[member] = (time.monotonic() + SHOWN_FOR, known)
    return known


async def opened(client: AsyncWebClient, services: Services, member: Member) -> None:
    """As it was left; what failed and works by now is a change, and shown as one."""
    await _remember(services, member)
    await publish(client, services, member)
    await services.connections.look_again(member)


async def _remember(services: Services, member: Member) -> None:
    """Before it is shown, so that no change after that is missed."""
    async with services.db.read() as tables:
        known = await tables.home_tabs.was_opened(member.workspace, member.id)
    if not known:
        async with services.db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            await tables.home_tabs.opened(member.workspace, member.id)


class HomeChanges:
    """The job ``home_changed``: stored with each change, whoever made it, and one for all that come together."""

    def __init__(self, client: AsyncWebClient, services: Services) -> None:
        self._client = client
        self._services = services

    async def __call__(self, job: Job) -> None:
        """Where Slack cannot be reached it is tried again; where it will not have the view, it never will."""
        member = Member(job.payload["workspace"], job.payload["member"])
        try:
            await publish(self._client, self._services, member)
        except SlackApiError as error:
            if code_of(error) in NOT_NOW:
                raise
            log.warning("the Home tab could not be published: %s", code_of(error))

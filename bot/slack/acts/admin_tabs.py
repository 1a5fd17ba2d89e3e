"""What an administrator's Home shows beside what is their own: a tab, drawn from what the services know."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from bot.services.watch.audit.ledger import PAGE, Ledger
from bot.slack.screens.blocks.elements import Block, View
from bot.slack.screens.governing import audit_tab, cards, links, money, overview, people, policies, tabs
from bot.slack.services import Services
from storage.members import Member
from storage.repositories.workspaces.audit import Asked
from storage.schema import now
from storage.tables import HomePlace

A_SESSION = timedelta(hours=12)
"""For so long Home stays where they left it."""


async def place_of(services: Services, member: Member) -> HomePlace:
    """Which tab they look at; their own, where they have not gone elsewhere lately."""
    async with services.db.read() as tables:
        found = await tables.home_tabs.place(member.workspace, member.id, now() - A_SESSION)
    known = found is not None and found.tab in tabs.TABS
    return found if found and known else HomePlace(tab=tabs.MINE, page=0)


async def go(services: Services, member: Member, tab: str, page: int = 0) -> None:
    async with services.db.begin() as tables:
        await tables.workspaces.ensure(member.workspace)
        await tables.home_tabs.go(member.workspace, member.id, tab, max(page, 0), now())


async def drawn(services: Services, member: Member, place: HomePlace) -> View:
    """The caller knows that they are an administrator."""
    return tabs.view(place.tab, await _DRAWN[place.tab](services, member, place.page))


async def titles_of(services: Services, workspace: str) -> Mapping[str, str]:
    """Of all cards, those too that are forbidden."""
    added = {view.card.id: view.card.title for view in await services.workspace_cards.of(workspace)}
    return {card.name: card.title for card in services.shelf.fixed} | added


async def _overview(services: Services, member: Member, page: int) -> list[Block]:
    parts = await services.parts() if services.parts else {}
    checked = await Ledger(services.db).checked(member.workspace)
    signs = overview.Signs(parts, services.sandbox, services.links.terms.mail, checked)
    found = await services.insights.overview(member.workspace)
    ratings = await services.chats.ratings.figures(member.workspace)
    return overview.overview(found, signs, ratings, await titles_of(services, member.workspace))


async def _people(services: Services, member: Member, page: int) -> list[Block]:
    return people.people(*await services.insights.people(member.workspace, page), page)


async def _connections(services: Services, member: Member, page: int) -> list[Block]:
    titles = await titles_of(services, member.workspace)
    return cards.cards(titles, *await services.insights.cards(member.workspace), page)


async def _agents(services: Services, member: Member, page: int) -> list[Block]:
    return money.agents(await services.insights.agents(member.workspace), page)


async def _links(services: Services, member: Member, page: int) -> list[Block]:
    return links.links(*await services.insights.links(member.workspace, page), page)


async def _budgets(services: Services, member: Member, page: int) -> list[Block]:
    month = await services.budgets.month(member.workspace)
    return money.budgets(month, await services.insights.agents(member.workspace))


async def _policies(services: Services, member: Member, page: int) -> list[Block]:
    chosen, rules = await services.policies.of(member.workspace), await services.outside.of(member.workspace)
    _, known = await services.from_outside.known(member.workspace, 0)
    kept = await services.keeping.in_workspace(member.workspace)
    return policies.policies(chosen, rules, known, kept, await titles_of(services, member.workspace))


async def _audit(services: Services, member: Member, page: int) -> list[Block]:
    ledger = Ledger(services.db)
    newest = await ledger.page(member.workspace, Asked())
    if not page or newest.head is None:
        return audit_tab.on_home(newest, 0)
    older = await ledger.page(member.workspace, Asked(before=newest.head.number + 1 - page * PAGE))
    return audit_tab.on_home(older, page) if older.entries else audit_tab.on_home(newest, 0)


_DRAWN: Mapping[str, Callable[[Services, Member, int], Awaitable[list[Block]]]] = {
    tabs.OVERVIEW: _overview,
    tabs.PEOPLE: _people,
    tabs.CONNECTIONS: _connections,
    tabs.AGENTS: _agents,
    tabs.LINKS: _links,
    tabs.BUDGETS: _budgets,
    tabs.POLICIES: _policies,
    tabs.AUDIT: _audit,
}

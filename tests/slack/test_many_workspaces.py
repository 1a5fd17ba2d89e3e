"""Two workspaces in one process, each installed by OAuth, over a local Slack with both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError

from bot.services.links import Draft
from bot.services.tickets.slack_install import Begun, InstallGone, NotAllowed, NotGranted, SlackInstall
from bot.slack.acts.installed.noticing import LOOK, LOOK_AGAIN, LOOK_AT_ONE, handlers, of_own_token
from bot.slack.acts.installed.uninstalling import Uninstalling
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.installations.clients import ManyWorkspaces
from bot.slack.edge.installations.oauth import SlackOAuth
from bot.slack.edge.installations.tokens import NoToken, Tokens
from playground.slack.inhabited import Inhabited
from playground.slack.server import LocalSlack
from storage.database import Database
from storage.schema import now
from storage.tables import Installation, Job
from tests.support.gemini import Scripted
from tests.support.slack import DM, MANIFEST, OWNER, PATIENCE, SECRETS, TEAM, Usher, running_usher, said

OTHER = "T0SECOND"
BASE = "https://usher.example"
OF_ORGANISATIONS = deepcopy(MANIFEST)
OF_ORGANISATIONS["settings"]["event_subscriptions"]["bot_events"] += ["team_access_granted", "team_access_revoked"]
SCOPES = frozenset(MANIFEST["oauth_config"]["scopes"]["bot"])


@dataclass
class Door:
    """What installs the app, and asks Slack with the tokens that this gives."""

    slack: LocalSlack
    install: SlackInstall
    tokens: Tokens
    client: ManyWorkspaces

    async def add(self, place: Inhabited) -> None:
        begun = self.install.start()
        code = self.slack.installing.code(place.workspace, f"{BASE}/slack/oauth_redirect", ",".join(sorted(SCOPES)))
        await self.install.finish(state_of(begun), begun.browser, code)


def state_of(begun: Begun) -> str:
    return parse_qs(urlsplit(begun.url).query)["state"][0]


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[LocalSlack]:
    options: dict[str, Any] = {
        "manifest": OF_ORGANISATIONS,
        "generosity": None,
        "ack_seconds": PATIENCE,
        "second": True,
    }
    async with LocalSlack(tmp_path / "slack", **options) as running:
        running.openid.redirects.append(BASE)
        yield running


@pytest.fixture
async def door(both: LocalSlack, sqlite_db: Database) -> AsyncIterator[Door]:
    async with opened(both, sqlite_db) as found:
        yield found


@asynccontextmanager
async def opened(slack: LocalSlack, db: Database, *allowed: str) -> AsyncIterator[Door]:
    async with ClientSession() as session:
        app = (slack.openid.client_id, slack.openid.client_secret, SCOPES, slack.api_url)
        oauth = SlackOAuth(session, *app)
        tokens = Tokens(db, SECRETS, oauth)
        install = SlackInstall(db, SECRETS, oauth, BASE, b"k" * 32, allowed)
        yield Door(slack, install, tokens, ManyWorkspaces(tokens, session, slack.api_url))


async def answered(slack: LocalSlack, place: Inhabited, text: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        there = reversed(place.messages(DM, OWNER))
        return next((each for each in there if text in said(each) and not each["streaming"]), None)

    shown: dict[str, Any] = await place.workspace.feed.when(found, PATIENCE)
    return shown


async def test_each_workspace_is_answered_with_its_own_token_and_keeps_its_own_rows(
    door: Door, both: LocalSlack, sqlite_db: Database, gemini: Scripted
) -> None:
    assert both.second
    await door.add(both)
    await door.add(both.second)
    gemini.will_say("Hello, first.")
    gemini.will_say("Hello, second.")
    async with running_usher(both, door.client, sqlite_db, gemini, tokens=door.tokens):
        await both.person_says(OWNER, DM, "hello")
        await answered(both, both, "Hello, first.")
        await both.second.person_says(OWNER, DM, "hello")
        await answered(both, both.second, "Hello, second.")
        async with sqlite_db.read() as tables:
            rows = {each: await tables.conversations.of_member_in(each, OWNER, DM) for each in (TEAM, OTHER)}
    assert [len(each) for each in rows.values()] == [1, 1]
    assert not [each for each in both.messages(DM, OWNER) if "second" in said(each)]
    assert not [each for each in both.second.messages(DM, OWNER) if "first" in said(each)]


async def test_twenty_who_ask_at_once_refresh_a_token_once(door: Door, both: LocalSlack, sqlite_db: Database) -> None:
    both.installing.rotates = True
    await door.add(both)
    await soon_over(sqlite_db)
    with acting_for(TEAM):
        await asyncio.gather(*(door.client.auth_test() for _ in range(20)))
    assert len(refreshed(both)) == 1
    assert len(both.installing.tokens) == 2
    # Another process, of which nobody knows here, uses what the first one got.
    async with opened(both, sqlite_db) as second:
        with acting_for(TEAM):
            await second.client.auth_test()
    assert len(refreshed(both)) == 1


async def test_a_refresh_that_another_process_is_at_is_waited_for_with_the_token_that_lives(
    door: Door, both: LocalSlack, sqlite_db: Database
) -> None:
    both.installing.rotates = True
    await door.add(both)
    await soon_over(sqlite_db)
    async with sqlite_db.begin() as tables:
        [row] = await tables.installations.all()
        assert await tables.installations.take_rotation(row, now(), timedelta(seconds=30))
    with acting_for(TEAM):
        assert (await door.client.auth_test())["team_id"] == TEAM
    assert refreshed(both) == []


async def test_a_refresh_token_that_slack_takes_no_more_is_told_to_administrators(
    door: Door, both: LocalSlack, sqlite_db: Database
) -> None:
    both.installing.rotates = True
    await door.add(both)
    await soon_over(sqlite_db)
    both.will_refuse("oauth.v2.access", "invalid_refresh_token")
    with acting_for(TEAM):
        assert (await door.client.auth_test())["ok"]  # its old one still lives
    async with sqlite_db.read() as tables:
        [note] = await tables.jobs.all(TEAM, "admin_note")
    assert "Install me once more" in note.payload["text"]


async def test_after_an_uninstall_nothing_of_it_is_left_to_act_with_and_the_other_goes_on(
    door: Door, both: LocalSlack, sqlite_db: Database, gemini: Scripted, notes: str
) -> None:
    assert both.second
    await door.add(both)
    await door.add(both.second)
    async with running_usher(both, door.client, sqlite_db, gemini, tokens=door.tokens) as usher:
        await usher.connect_notes(notes)
        async with sqlite_db.begin() as tables:  # Slack tells the time in whole seconds
            await tables.session.execute(sa.update(Installation).values(installed_at=now() - timedelta(minutes=1)))
        await both.remove_app(both)
        await until_ended(usher, TEAM)
        async with sqlite_db.read() as tables:
            assert await tables.connections.of_workspace(TEAM) == []
            left = [each.member_id for each in await tables.secrets.not_in("elsewhere", None, 10)]
            assert left == ["*"], "the token of the other workspace alone"
            assert "workspace.uninstalled" in [each.action for each in await tables.audit.of(TEAM)]
            [later] = await tables.jobs.all(TEAM, "forget_workspace")
        assert later.due_at > now() + timedelta(days=29)
        with acting_for(TEAM), pytest.raises(NoToken):
            await door.client.auth_test()
        gemini.will_say("Still here.")
        await both.second.person_says(OWNER, DM, "hello")
        await answered(both, both.second, "Still here.")


async def test_an_uninstall_that_is_told_after_the_app_was_installed_again_ends_nothing(
    door: Door, both: LocalSlack, sqlite_db: Database, gemini: Scripted
) -> None:
    await door.add(both)
    async with running_usher(both, door.client, sqlite_db, gemini, tokens=door.tokens) as usher:
        before = now() - timedelta(minutes=5)
        await Uninstalling(usher.services, door.tokens).gone(TEAM, before)
        with acting_for(TEAM):
            assert (await door.client.auth_test())["ok"]


async def test_what_no_event_told_is_found_by_looking_once_a_day(
    door: Door, both: LocalSlack, sqlite_db: Database, gemini: Scripted
) -> None:
    assert both.second
    await door.add(both)
    await door.add(both.second)
    both.installing.removed_from(both.workspace)
    async with running_usher(both, door.client, sqlite_db, gemini, tokens=door.tokens) as usher:
        async with sqlite_db.begin() as tables:
            for each in (TEAM, OTHER):
                await tables.installations.looked_at(each, now() - timedelta(days=2))
        looked = handlers(door.client, usher.services, Uninstalling(usher.services, door.tokens))[LOOK]
        await looked(Job(kind=LOOK, payload={}))
        async with sqlite_db.read() as tables:
            [left] = await tables.installations.all()
    assert left.workspace_id == OTHER and left.looked_at > now() - timedelta(hours=1)


async def test_what_no_event_told_is_noticed_by_the_next_call_that_slack_refuses(
    door: Door, both: LocalSlack, sqlite_db: Database, gemini: Scripted
) -> None:
    await door.add(both)
    async with running_usher(both, door.client, sqlite_db, gemini, tokens=door.tokens) as usher:
        async with sqlite_db.begin() as tables:
            await tables.session.execute(sa.update(Installation).values(installed_at=now() - timedelta(minutes=1)))
        both.installing.removed_from(both.workspace)
        with acting_for(TEAM), pytest.raises(SlackApiError):
            await door.client.users_info(user=OWNER)
        await usher.services.bus.tell("jobs")
        await until_ended(usher, TEAM)
        async with sqlite_db.read() as tables:
            assert await tables.installations.all() == []
            assert "workspace.uninstalled" in [each.action for each in await tables.audit.of(TEAM)]


async def test_a_team_that_its_organisation_took_the_app_from_is_noticed_without_its_event(
    door: Door, both: LocalSlack, sqlite_db: Database, gemini: Scripted
) -> None:
    assert both.second
    place = both.second
    place.workspace.join_enterprise("E0ORG")
    place.workspace.directory.org_wide = True
    await door.add(place)
    async with sqlite_db.begin() as tables:
        await tables.workspaces.ensure(OTHER)
        await tables.workspaces.part_of(OTHER, "E0ORG", anew=True)
    async with running_usher(both, door.client, sqlite_db, gemini, tokens=door.tokens) as usher:
        looked = handlers(door.client, usher.services, Uninstalling(usher.services, door.tokens))[LOOK_AGAIN]
        job = Job(kind=LOOK_AGAIN, payload={"workspace": OTHER})
        await looked(job)
        async with sqlite_db.read() as tables:
            assert await tables.installations.serving(OTHER) is not None, "Slack still takes its token for it"
        place.app_may_not_see_it()
        await looked(job)
        async with sqlite_db.read() as tables:
            assert await tables.installations.serving(OTHER) is None
            assert [each.workspace_id for each in await tables.installations.all()] == ["E0ORG"]
            assert "workspace.uninstalled" in [each.action for each in await tables.audit.of(OTHER)]


async def test_the_end_of_the_one_token_is_noticed_too(usher: Usher) -> None:
    await usher.services.links.create(usher.member, Draft("Survey"))
    look = of_own_token(usher.client, usher.services)[LOOK_AT_ONE]
    await look(Job(kind=LOOK_AT_ONE, payload={}))
    assert len(await usher.services.links.of(usher.member)) == 1
    usher.client.token = "xoxb-of-before"
    await look(Job(kind=LOOK_AT_ONE, payload={}))
    assert await usher.services.links.of(usher.member) == []


async def test_an_organisations_installation_serves_its_teams_under_their_own_ids(
    door: Door, both: LocalSlack, sqlite_db: Database, gemini: Scripted
) -> None:
    assert both.second
    place = both.second
    place.workspace.join_enterprise("E0ORG")
    place.workspace.directory.org_wide = True
    for person in place.workspace.directory.people.values():
        person.enterprise = "E0ORG"
    await door.add(place)
    async with sqlite_db.read() as tables:
        [row] = await tables.installations.all()
    assert (row.workspace_id, row.org_wide) == ("E0ORG", True)
    gemini.will_say("Hello, organisation.")
    async with running_usher(both, door.client, sqlite_db, gemini, tokens=door.tokens) as usher:
        await place.person_says(OWNER, DM, "hello")
        await answered(both, place, "Hello, organisation.")
        told = await place.command(OWNER, DM, "/mcp list")
        assert told["ok"]
        async with sqlite_db.read() as tables:
            team = await tables.workspaces.get(OTHER)
            assert team and team.enterprise_id == "E0ORG"
            assert len(await tables.conversations.of_member_in(OTHER, OWNER, DM)) == 1
        await place.app_is_taken_from_it()
        await until_ended(usher, OTHER)
        async with sqlite_db.read() as tables:
            assert await tables.installations.serving(OTHER) is None
            assert [each.workspace_id for each in await tables.installations.all()] == ["E0ORG"]
            assert "workspace.uninstalled" in [each.action for each in await tables.audit.of(OTHER)]


async def test_nothing_is_asked_of_slack_for_nobody(door: Door, both: LocalSlack) -> None:
    await door.add(both)
    before = len(both.calls)
    with pytest.raises(NoToken):
        await door.client.auth_test()
    with acting_for("T0NOWHERE"), pytest.raises(NoToken):
        await door.client.auth_test()
    assert len(both.calls) == before


async def test_a_workspace_that_may_not_is_not_installed_and_its_token_is_given_back(
    both: LocalSlack, sqlite_db: Database
) -> None:
    assert both.second
    async with opened(both, sqlite_db, OTHER) as door:
        with pytest.raises(NotAllowed):
            await door.add(both)
        await door.add(both.second)
    async with sqlite_db.read() as tables:
        assert [each.workspace_id for each in await tables.installations.all()] == [OTHER]
        assert await tables.workspaces.ids() == [OTHER]
    [kept] = set(both.installing.tokens) - both.installing.revoked
    assert both.installing.tokens[kept].workspace is both.second.workspace


async def test_what_another_browser_began_and_what_was_used_already_installs_nothing(
    door: Door, both: LocalSlack, sqlite_db: Database
) -> None:
    mine, theirs = door.install.start(), door.install.start()
    for state, browser in ((state_of(mine), theirs.browser), (state_of(mine), ""), ("", mine.browser), ("9.x", "b")):
        with pytest.raises(InstallGone):
            await door.install.finish(state, browser, "code")
    with pytest.raises(NotGranted):
        await door.install.finish(state_of(mine), mine.browser, "no code of Slack's")
    with pytest.raises(InstallGone):
        await door.install.finish(state_of(mine), mine.browser, "another")
    async with sqlite_db.read() as tables:
        assert await tables.installations.all() == []


async def soon_over(db: Database) -> None:
    async with db.begin() as tables:
        await tables.session.execute(sa.update(Installation).values(expires_at=now() + timedelta(hours=1)))


def refreshed(slack: LocalSlack) -> list[dict[str, Any]]:
    return [each for each in slack.of("oauth.v2.access") if each.get("grant_type") == "refresh_token"]


async def until_ended(usher: Usher, workspace: str) -> None:
    """What leans on it has ended; to be forgotten is left."""
    with usher.services.bus.follow("jobs") as bell:
        async with asyncio.timeout(PATIENCE):
            while True:
                async with usher.services.db.read() as tables:
                    left = {each.kind for each in await tables.jobs.all(workspace)}
                if "forget_workspace" in left and "end_workspace" not in left:
                    return
                await bell.wait(0.05)

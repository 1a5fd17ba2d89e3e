"""What people do in a workspace, and what they see of it."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from playground.slack.core.changes import Json
from playground.slack.core.people import PEOPLE
from playground.slack.interactions import page_requests
from playground.slack.surfaces.sent_files import Sending
from playground.slack.workspace import Workspace


class Inhabited:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def messages(self, channel: str, person: str = PEOPLE[0]) -> list[Json]:
        """What this person sees in a channel, oldest first, as `changes` describes messages."""
        return list(self.snapshot(person)["messages"][channel])

    def snapshot(self, person: str) -> Json:
        return self.workspace.snapshot(person)

    def changes(self, person: str) -> AsyncIterator[Json]:
        """The snapshot, then every change that this person sees."""
        return self.workspace.feed.follow(person, lambda: self.snapshot(person))

    async def act(self, body: Any) -> Json:
        """What a page asks: one of the acts below, as JSON."""
        return await page_requests.act(self, body)

    async def person_says(
        self,
        person: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        *,
        broadcast: bool = False,
        forward: tuple[str, str] | None = None,
        files: Sequence[Sending] = (),
    ) -> str:
        saying = self.workspace.saying
        return saying.say(person, channel, text, thread_ts, broadcast=broadcast, forward=forward, files=files)

    async def person_edits(self, person: str, channel: str, ts: str, text: str) -> None:
        self.workspace.saying.edit(person, channel, ts, text)

    async def person_deletes(self, person: str, channel: str, ts: str) -> None:
        self.workspace.saying.delete(person, channel, ts)

    async def command(self, person: str, channel: str, line: str, thread_ts: str | None = None) -> Json:
        return await self.workspace.saying.command(person, channel, line, thread_ts)

    async def press(self, person: str, pressed: Json) -> Json:
        return await self.workspace.pressing.press(person, pressed)

    async def submit_view(self, person: str, view_id: str, values: Json | None = None) -> Json:
        return await self.workspace.pressing.submit(person, view_id, values or {})

    async def close_view(self, person: str, view_id: str, everything: bool = False) -> Json:
        return await self.workspace.pressing.close(person, view_id, everything)

    async def shortcut(self, person: str, callback_id: str, channel: str | None = None, ts: str | None = None) -> Json:
        return await self.workspace.pressing.shortcut(person, callback_id, channel, ts)

    async def account_ends(self, person: str) -> None:
        """An admin has deactivated it."""
        who = self.workspace.directory.people[person]
        who.flags["deleted"] = True
        self.workspace.outbox.add("user_change", {"type": "user_change", "user": who.as_slack()})

    async def profile_changes(self, person: str) -> None:
        who = self.workspace.directory.people[person].as_slack()
        self.workspace.outbox.add("user_change", {"type": "user_change", "user": who})

    async def app_is_removed(self) -> None:
        """First its tokens are revoked, then it is told that it was removed."""
        self.workspace.outbox.add("tokens_revoked", {"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}})
        self.workspace.outbox.add("app_uninstalled", {"type": "app_uninstalled"})
        self.workspace.outbox.installed = False

    async def app_is_taken_from_it(self) -> None:
        """By its organisation, which has it in others still."""
        self.app_may_not_see_it()
        self.workspace.outbox.add(
            "team_access_revoked", {"type": "team_access_revoked", "team_ids": [self.workspace.shared.team.id]}
        )

    def app_may_not_see_it(self) -> None:
        """The organisation's token is no good for this team any more, and nothing has told so yet."""
        self.workspace.outbox.taken = True

    async def channel_is_archived(self, channel: str) -> None:
        self.workspace.directory.channels[channel].archived = True
        self.workspace.outbox.add("channel_archive", {"type": "channel_archive", "channel": channel, "user": "U0OWNER"})

    async def open_home(self, person: str) -> None:
        self.workspace.saying.open_home(person)

    async def open_dm(self, person: str) -> None:
        self.workspace.saying.open_dm(person)

    async def stop_stream(self, person: str, channel: str, ts: str) -> None:
        self.workspace.saying.stop(person, channel, ts)

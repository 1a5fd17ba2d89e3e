"""Where listeners are hung: each one guarded, each one counted, so that the manifest can be held against them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.services.limits.outside.people import OutsidePeople
from bot.slack.edge.background import BackgroundTasks
from bot.slack.edge.guard import Listener, guarded
from bot.slack.edge.payload import Payload
from bot.slack.edge.people.colleagues import Colleagues, NotKnownYet
from bot.slack.edge.people.profiles import Profiles

LAST_TRY = 3
"""Slack brings again at once, after a minute and after five what was not acknowledged, and then no more."""
Hang = Callable[[Listener], Listener]
Taken = Callable[[Payload], Awaitable[None]]


class Registry:
    def __init__(
        self,
        app: AsyncApp,
        tasks: BackgroundTasks,
        profiles: Profiles | None = None,
        outside: OutsidePeople | None = None,
    ) -> None:
        """Without ``outside`` nobody but members is let in. ``reading`` marks what those may do too who only read."""
        self.tasks = tasks
        self.profiles = profiles or Profiles(app.client)
        self.colleagues = Colleagues(app.client, self.profiles, outside)
        self.commands: set[str] = set()
        self.events: set[str] = set()
        self.of_organisations: set[str] = set()
        self.shortcuts: set[str] = set()
        self._app = app

    def command(self, name: str) -> Hang:
        self.commands.add(name)
        return self._hang(self._app.command(name))

    def shortcut(self, callback_id: str, *, reading: bool = False) -> Hang:
        self.shortcuts.add(callback_id)
        return self._hang(self._app.shortcut(callback_id), reading=reading)

    def event(self, kind: str, *, reading: bool = False) -> Hang:
        """Acknowledged before the listener runs."""
        self.events.add(kind)
        return self._hang(self._app.event(kind), reading=reading)

    def action(self, action_id: str, *, reading: bool = False) -> Hang:
        return self._hang(self._app.action(action_id), reading=reading)

    def view(self, callback_id: str, *, reading: bool = False) -> Hang:
        return self._hang(self._app.view(callback_id), reading=reading)

    def taken(
        self,
        kind: str,
        take: Taken,
        *,
        subscriptions: Collection[str] = (),
        unknown: Taken | None = None,
        of_organisations: bool = False,
    ) -> None:
        """An event acknowledged only once ``take`` is done: if we die before, Slack brings it again.

        So it does where Slack did not say who it is; ``unknown`` hears of what it brought for the last time.
        ``subscriptions`` are what the manifest calls it, when that is more than one name. Those ``of_organisations``
        are for apps that these install: whoever sets up such a one adds them to the manifest.
        """
        (self.of_organisations if of_organisations else self.events).update(subscriptions or (kind,))

        async def before_ack(body: Payload, request: AsyncBoltRequest) -> BoltResponse:
            if task := asyncio.current_task():
                self.tasks.adopt(task)
            try:
                await take(body)
            except NotKnownYet:
                if _tried(request) < LAST_TRY:
                    return BoltResponse(status=503, headers={"Retry-After": ["60"]})
                if unknown:
                    await unknown(body)
            return BoltResponse(status=200)

        self._app.event(kind, middleware=[before_ack])(_acknowledge)

    def close(self) -> None:
        """Acknowledge all that nobody listens to; hung last. Slack counts what is not acknowledged as a failure."""
        anything = re.compile(".*")
        app = self._app
        for hang in (
            app.event(anything),
            app.action(anything),
            app.view(anything),
            app.view_closed(anything),
            app.command(anything),
            app.shortcut(anything),
            app.options(anything),
        ):
            hang(_acknowledge)

    def _hang(self, register: Callable[..., object], *, reading: bool = False) -> Hang:
        def hang(listener: Listener) -> Listener:
            register(guarded(listener, self.tasks, self.colleagues, reading=reading))
            return listener

        return hang


def _tried(request: AsyncBoltRequest) -> int:
    """How often Slack has brought it before."""
    told = next(iter(request.headers.get("x-slack-retry-num", [])), "")
    return int(told) if str(told).isdecimal() else 0


async def _acknowledge(args: AsyncArgs) -> None:
    await args.ack()

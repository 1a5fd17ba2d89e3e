"""The window of a call that is made by hand: that it runs, what its server asks meanwhile, and what came of it."""

import asyncio
import logging
import uuid
from typing import Any

from bot.services.connections.using.trying import Trial
from bot.slack.acts.direct_message import tell
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.interaction import SETTLING, Interaction
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.connections import trying as screens
from storage.tables import Elicitation

log = logging.getLogger(__name__)

GRACE = 1.0
"""Seconds in which most tools answer; Slack waits three."""


class TrialWindow:
    """``on_top`` of the form, which stays below with what was typed; a question gives way to it."""

    def __init__(self, interaction: Interaction, trial: Trial, *, on_top: bool) -> None:
        self._interaction, self._trial, self._on_top = interaction, trial, on_top
        self._name = uuid.uuid4().hex
        self._news: asyncio.Queue[Elicitation] = asyncio.Queue()
        self._questions: dict[str, Elicitation] = {}
        self._shown: tuple[str, str] | None = None
        """Which question, in which state."""

    @property
    def questions(self) -> list[Elicitation]:
        """All that its server asked, as they ended."""
        return list(self._questions.values())

    def heard(self, row: Elicitation) -> None:
        self._news.put_nowait(row)

    async def follow(self, call: "asyncio.Task[Any]") -> None:
        """Until the call ends. A window that was closed is let be: each question stands in the direct message too."""
        await asyncio.wait({call}, timeout=GRACE)
        if not call.done():
            await self._answer(screens.running(self._trial, self._name))
        while not call.done() or not self._news.empty():
            news = asyncio.create_task(self._news.get())
            try:
                await asyncio.wait({call, news}, return_when=asyncio.FIRST_COMPLETED)
                if news.done():
                    await self._told(news.result())
            finally:
                news.cancel()

    async def end(self, view: View, text: str) -> None:
        """``text`` is for the direct message, where the window was closed meanwhile."""
        if not self._interaction.acked:
            await self._answer(view)
        elif not await self._interaction.update_external(self._name, view):
            await tell(self._interaction.client, self._interaction.member, text)

    async def _told(self, row: Elicitation) -> None:
        """One question at a time, so that none takes the place of another that is being answered."""
        self._questions[row.id] = row
        if not row.waits:
            await asyncio.sleep(SETTLING)  # the ack of its form is on its way, and would undo what is shown now
        first = next((each for each in self.questions if each.waits), None)
        wanted = (first.id, first.state) if first else None
        if wanted == self._shown or not self._interaction.acked:
            return
        self._shown = wanted
        view = screens.asks(first, self._name) if first else screens.running(self._trial, self._name)
        try:
            await self._interaction.update_external(self._name, view)
        except TROUBLE as error:
            log.warning("a question is not shown in its window: %s", code_of(error))

    async def _answer(self, view: View) -> None:
        """On top where there is room for one more."""
        pushes = self._on_top and not self._interaction.at_the_top
        await (self._interaction.push(view) if pushes else self._interaction.ack_with(view))

"""What a workspace has used, sent to an administrator: a chart, which Slack draws in messages alone, and a table."""

from collections.abc import Mapping, Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.watch.insights import tables
from bot.services.watch.insights.insights import LATELY, Overview
from bot.slack.acts import admin_tabs
from bot.slack.acts.direct_message import tell
from bot.slack.acts.guests.files import send
from bot.slack.edge.errors import code_of
from bot.slack.screens.blocks import charts
from bot.slack.screens.blocks.elements import Block
from bot.slack.screens.governing import overview
from bot.slack.services import Services
from storage.members import Member
from storage.schema import now

UNDRAWN = "invalid_blocks"
FEWEST = 2
"""Tools: one bar says nothing."""


async def report(client: AsyncWebClient, services: Services, member: Member) -> bool:
    """Whether Slack took the table; the chart is besides, and stands on Home as bars too."""
    found = await services.insights.overview(member.workspace)
    drawn = chart(found, await admin_tabs.titles_of(services, member.workspace))
    content = await tables.of_workspace(services.db, member.workspace, now() - LATELY)
    if drawn:
        try:
            await tell(client, member, overview.REPORT_TITLE, [drawn])
        except SlackApiError as error:
            if code_of(error) != UNDRAWN:  # a Slack that draws none yet
                raise
    return await send(client, member, content, "workspace.csv", overview.REPORT_TITLE)


def chart(found: Overview, titles: Mapping[str, str]) -> Block | None:
    """Of the most used tools; None where there are few."""
    if len(found.tools) < FEWEST:
        return None
    rows: list[Sequence[str]] = [["Tool", "Calls"]]
    for place, (card, tool, used) in enumerate(found.tools, 1):
        label = f"{place} {tool or titles.get(card, card)}"[: charts.LONGEST_LABEL]
        rows.append([label, str(used.calls.sent)])
    return charts.block("bar", "Most used tools, last 30 days", rows)

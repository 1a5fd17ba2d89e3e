"""The audit on an administrator's Home: page by page; its window filters, verifies and exports."""

from bot.services.watch.audit.ledger import Page
from bot.slack.screens.blocks.elements import Block, actions, button, context, divider, section
from bot.slack.screens.governing import audit, tabs
from bot.slack.screens.governing.audit_entries import row


def on_home(page: Page, number: int) -> list[Block]:
    label = "Filter, verify and export the audit"
    look = button("Filter, verify, export", audit.OPEN, style="primary", label=label)
    rows = [row(each, page.titles) for each in page.entries] or [section(audit.NONE)]
    return [actions(look), context(audit.head(page)), divider(), *rows, *_turning(page, number)]


def _turning(page: Page, number: int) -> list[Block]:
    newer = [button("Newer", f"{tabs.PAGE}.back", str(number - 1), label="Newer entries")] if number else []
    older = [button("Older", f"{tabs.PAGE}.more", str(number + 1), label="Older entries")] if page.more else []
    return [actions(*newer, *older)] if newer or older else []

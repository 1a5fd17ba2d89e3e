"""On the Home tab: what I have used this month, what it cost, and from which cost on I am asked."""

from bot.services.limits.budgets.budgets import Mine
from bot.services.limits.prices import in_words
from bot.services.watch.insights.mine import Mine as MyUse
from bot.slack.screens.blocks.bars import columns
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, header, modal, section
from bot.slack.screens.blocks.text import safe
from bot.slack.screens.governing import figures
from bot.slack.screens.spending.amounts import ESTIMATES, amount_field, answers, dollars, used

SOONER, SOONER_FORM, TITLE = "budgets.sooner", "budgets.sooner_form", "What calls may cost"
CSV, CSV_TITLE = "insights.mine", "My usage this month"
NO_USE = MyUse()
SOONER_HINT = "In US dollars, or more. Empty: as for everybody here; more than that has no effect."
NOTHING = "Nothing yet this month."


def mine(month: Mine, used_tools: MyUse = NO_USE) -> list[Block]:
    own, of_links = month.own, month.of_links
    if month.limit is None:
        lines = [used(own) if own.requests else NOTHING]
    else:
        limited = f"{figures.of_limit(own.money, month.limit)}; it begins anew on {month.begins_anew:%-d %B}"
        lines = [limited, answers(own) if own.requests else NOTHING]
    if any(money for _, money in month.days):
        lines.append(f"By day, from {month.days[0][0]:%-d %B}:\n{columns([money for _, money in month.days])}")
    if used_tools.calls.sent or used_tools.calls.refused:
        lines.append(f"Tools: {figures.calls(used_tools.calls)}")
    if used_tools.tools:
        most = ", ".join(f"{safe(tool, 60)} ({each.calls.sent})" for _, tool, each in used_tools.tools)
        lines.append(f"Most called: {most}")
    if month.tools:
        lines.append(f"Calls of tools whose price is known: {in_words(month.tools)}")
    if of_links.requests:
        lines.append(f"Guests on your links: {used(of_links)}")
    told = [ESTIMATES] if own.requests or of_links.requests else []
    told += [f"The cache saved {in_words(own.saved)}."] if own.saved else []
    told += ["Of answers that broke off, and of search by meaning, tokens are estimated too."] if own.estimated else []
    sooner = button("Change", SOONER, label="Change from which cost on I ask you")
    asks = f"Before a call of a tool that costs {dollars(month.asks_from)} or more I ask you."
    return [
        header("My usage this month"),
        section("\n".join(lines)),
        *([context(" ".join(told))] if told else []),
        *(
            [actions(button("As a table", CSV, label="As a table (CSV), in our direct message"))]
            if used_tools.tools
            else []
        ),
        section(asks, sooner),
    ]


def sooner(month: Mine) -> View:
    asked = amount_field("asks_from", "Ask me before a call of a tool that costs", month.asks_from, SOONER_HINT)
    return modal(TITLE, [asked], callback_id=SOONER_FORM, submit="Save")

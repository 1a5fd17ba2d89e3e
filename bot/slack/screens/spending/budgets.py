"""For administrators: what this workspace has used this month, and how much it and its members may."""

from collections.abc import Sequence
from typing import Any

from bot.services.limits.budgets.budgets import Month
from bot.services.limits.prices import in_words
from bot.slack.screens.blocks.bars import bar, columns
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    button,
    context,
    divider,
    field,
    member,
    modal,
    section,
)
from bot.slack.screens.blocks.text import escaped, safe
from bot.slack.screens.spending.amounts import ESTIMATES, amount_field, cost, dollars, typed, used
from storage.repositories.spending.model_usage import Sum

OPEN, FORM = "budgets.open", "budgets.form"
ONE, ONE_FORM, LIFT = "budgets.one", "budgets.one_form", "budgets.lift"
TITLE, TITLE_OF_ONE = "Budgets", "One member's budget"
ONLY_ADMINS = "Only admins of this workspace see and change its budgets. Ask one of them."
NOTHING = "Nothing was asked this month."
WHAT_FOR = {
    "answer": "answers",
    "fold": "folding of long conversations",
    "summary": "summaries of chats",
    "embed": "search by meaning",
}
NO_LIMIT = "In US dollars. Empty: no limit."
ASKS = "In US dollars, or more. It asks whatever else is allowed. A member may choose less on their Home tab."
A_MONTH = "In US dollars. Empty: as much as each member may."
SAVED = ":white_check_mark: Saved. It holds from the next request on."
NOBODY = {"member": "Choose whose budget it is."}
MOST_OWN = 20


def budgets(month: Month, told: str = "") -> View:
    """What may be set stands first, and what it went for below."""
    limit, own = month.limit(), month.of_their_own
    lines = [f"*This month:* {used(month.all) if month.all.requests else NOTHING}"]
    if limit is not None:
        lines.append(f"`{bar(month.all.money, limit)}` {in_words(month.all.money)} of {dollars(limit)}")
    blocks = [
        *([section(told)] if told else []),
        section("\n".join(lines)),
        amount_field("workspace", "A month: the whole workspace, its guests too", limit, NO_LIMIT),
        amount_field("members", "A month: each member", month.each_member, NO_LIMIT),
        context(f"Months are by UTC; this one ends when {month.begins_anew:%-d %B} begins. At 80 % I tell you."),
        amount_field("asks_from", "Ask before a call of a tool that costs", month.asks_from, ASKS),
        divider(),
        section(
            "*Members with a budget of their own*" if own else "No member has a budget of their own.",
            button("Set one", ONE, label="Set a budget for one member"),
        ),
        *(_of_one(month, name, money) for name, money in list(own.items())[:MOST_OWN]),
    ]
    if len(own) > MOST_OWN:
        blocks.append(context(f"And {len(own) - MOST_OWN} more: choose one by “Set one”."))
    if month.all.requests:
        blocks += [divider(), section(_days(month)), *_shares(month), context(ESTIMATES)]
    return modal(TITLE, blocks, callback_id=FORM, submit="Save")


def one(whose: str = "") -> View:
    asked = field("member", "Member", member("value", whose))
    amount = amount_field("money", "What they may use in a month", None, A_MONTH)
    return modal(TITLE_OF_ONE, [asked, amount], callback_id=ONE_FORM, submit="Save", close="Back")


def amounts(values: dict[str, Any], names: Sequence[str]) -> tuple[dict[str, int | None], dict[str, str]]:
    """What was typed, and complaints by field."""
    found: dict[str, int | None] = {}
    complaints: dict[str, str] = {}
    for name in names:
        try:
            found[name] = typed(str(values.get(name) or ""))
        except ValueError as error:
            complaints[name] = str(error)
    return found, complaints


def _days(month: Month) -> str:
    best, most = max(month.days, key=lambda each: each[1])
    return f"{columns([money for _, money in month.days])}\nMost on {best:%-d %B}: {in_words(most)}"


def _shares(month: Month) -> list[Block]:
    """Who and what it was for; models beside it, since one without a price has to be seen."""
    members = "\n".join(f"<@{escaped(name)}>: {_share(month, name, total)}" for name, total in month.members)
    purposes = ", ".join(f"{WHAT_FOR.get(name, safe(name, 20))}: {cost(total)}" for name, total in month.purposes)
    models = ", ".join(f"{safe(name, 40) or 'not known'}: {cost(total)}" for name, total in month.models)
    return [section(f"*Who asked* (with their links' guests)\n{members}"), context(f"For: {purposes}\nBy: {models}")]


def _share(month: Month, name: str, total: Sum) -> str:
    limit = month.limit(name)
    return cost(total) + (f" of {dollars(limit)}" if limit is not None else "")


def _of_one(month: Month, name: str, money: int) -> Block:
    used_up = next((total.money for who, total in month.members if who == name), 0)
    told = f"<@{escaped(name)}>: {dollars(money)} a month" + (f", {in_words(used_up)} used" if used_up else "")
    return section(told, button("Take back", LIFT, name, label="Take back this member's own budget"))

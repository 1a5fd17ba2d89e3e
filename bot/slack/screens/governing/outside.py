"""Who may ask besides members, as administrators set it; and the people of whom they decide one by one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.services.limits.outside.people import LIFE, PAGE
from bot.services.limits.outside.rules import Ruled
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    channels,
    context,
    field,
    modal,
    option,
    section,
    select,
)
from bot.slack.screens.blocks.text import count, escaped, when
from storage.rules.outside import Kind, Rule, State
from storage.tables import OutsidePerson

CHANGE, FORM, UNDO = "outside.change", "outside.form", "outside.undo"
LOOK, TURN, BACK, AGAIN = "outside.look", "outside.page", "outside.take_back", "outside.put_back"
LET_IN, REFUSE = "outside.let_in", "outside.refuse"
RULE, CHANNELS, VALUE = "rule", "channels", "value"
MOST_CHANNELS = 50
TITLE, PEOPLE_TITLE = "Who may ask me", "Let in or refused"
KINDS: Mapping[Kind, str] = {
    Kind.GUESTS: "Guests of this workspace",
    Kind.OUTSIDERS: "People of other organisations",
    Kind.BOTS: "Other apps and workflows",
}
WHO: Mapping[Kind, str] = {
    Kind.GUESTS: "Whom Slack calls a guest here, of one channel or several.",
    Kind.OUTSIDERS: "In channels that are shared with their organisation.",
    Kind.BOTS: "Only when they mention me; never those of other organisations.",
}
CHOICES: Mapping[Rule, str] = {
    Rule.REFUSE: "None of them may ask",
    Rule.ASK: "An admin decides about each of them",
    Rule.READ_ONLY: "They may ask, with tools that only read",
    Rule.ALLOW: "They may do all that a member may",
}
MEANS: Mapping[Rule, str] = {
    Rule.REFUSE: "May not ask.",
    Rule.ASK: f"Admins are asked about each; the first question is kept for {count(LIFE.days, 'day')}.",
    Rule.READ_ONLY: "May ask, with tools that only read.",
    Rule.ALLOW: "May do all that a member may.",
}
BOTS_ASK = f"{MEANS[Rule.ASK]} Those let in ask with tools that only read."
HINT_CHANNELS = "Empty: wherever I am. With channels named, I answer them nowhere else, nor in a direct message."
ALL_OF_IT = (
    "“All that a member may” is to connect their own tools, make chat links and use up the budget; nobody from outside "
    "is ever an admin. Whoever may only read approves, connects and makes nothing. It holds for the next call at once."
)
OF_BOTS = (
    "Nobody could approve what a bot asks for, so those that may ask use tools that only read. Each is answered 12 "
    "times an hour in a channel, and three times in a row in a thread until a person asks me there."
)
INTRO = "Members of this workspace may always ask. Nobody else may, unless you let them."
TOO_MANY = f"Choose {MOST_CHANNELS} channels at most."
NOBODY = "Nobody waits for an answer of yours, and nobody was let in or refused one by one."
UNDONE = "It is as it was before. {}"
OF_KIND: Mapping[str, str] = {
    Kind.GUESTS: "a guest of this workspace",
    Kind.OUTSIDERS: "of another organisation",
    Kind.BOTS: "another app or a workflow",
}


def rows(rules: Mapping[Kind, Ruled], known: int) -> list[Block]:
    """On the Policies tab. ``known`` is of how many admins have decided, or have to."""
    asked = known or any(each.rule is Rule.ASK for each in rules.values())
    told = f"{known} let in, refused or waiting." if known else NOBODY
    return [
        section(f"*{TITLE}*\n{INTRO}"),
        *(
            section(f"*{KINDS[kind]}*\n{means(kind, rules[kind])}", _change(kind, f"Change for: {KINDS[kind]}"))
            for kind in Kind
        ),
        *(
            [section(f"*{PEOPLE_TITLE}, one by one*\n{told}", button("Look", LOOK, label="Look at them"))]
            if asked
            else []
        ),
    ]


def _change(kind: Kind, label: str) -> Block:
    return button("Change", CHANGE, kind.value, label=label)


def means(kind: Kind, ruled: Ruled) -> str:
    """What holds, in a line."""
    rule = Rule.READ_ONLY if kind is Kind.BOTS and ruled.rule is Rule.ALLOW else ruled.rule
    text = BOTS_ASK if kind is Kind.BOTS and rule is Rule.ASK else MEANS[rule]
    if not ruled.channels or rule is Rule.REFUSE:
        return text
    named = [f"<#{escaped(each)}>" for each in ruled.channels[:5]]
    more = len(ruled.channels) - len(named)
    return f"{text} Only in {', '.join(named)}{f' and {more} more' if more else ''}."


def form(kind: Kind, ruled: Ruled) -> View:
    offered = [rule for rule in Rule if not (kind is Kind.BOTS and rule is Rule.ALLOW)]
    options = {rule: option(CHOICES[rule], rule.value) for rule in offered}
    chosen = options.get(ruled.rule, options[Rule.READ_ONLY])
    shown = [
        section(f"*{KINDS[kind]}*\n{WHO[kind]}"),
        field(RULE, "What they may", select(VALUE, list(options.values()), chosen)),
        field(CHANNELS, "Only in these channels", channels(VALUE, ruled.channels), hint=HINT_CHANNELS, optional=True),
        context(OF_BOTS if kind is Kind.BOTS else ALL_OF_IT),
    ]
    return modal(TITLE, shown, callback_id=FORM, submit="Save", metadata=kind.value)


def filled(values: Mapping[str, Any]) -> Ruled:
    chosen = str(values.get(RULE) or Rule.REFUSE)
    rule = Rule(chosen) if chosen in set(Rule) else Rule.REFUSE
    return Ruled(rule, tuple(values.get(CHANNELS) or ()))


def saved(kind: Kind, ruled: Ruled, before: Ruled) -> View:
    """With the way back."""
    was = {"kind": kind.value, "rule": before.rule.value, "channels": list(before.channels)}
    undo = button("Undo", UNDO, json.dumps(was), label="Undo: let it be as it was before")
    return modal(TITLE, [section(f"*{KINDS[kind]}*\n{means(kind, ruled)} It holds from now on."), actions(undo)])


def undone(kind: Kind, ruled: Ruled) -> View:
    return modal(TITLE, [section(f"*{KINDS[kind]}*\n{UNDONE.format(means(kind, ruled))}")])


def before_of(value: str) -> tuple[Kind, Ruled]:
    """What a button to undo leads back to."""
    was = json.loads(value)
    return Kind(was["kind"]), Ruled(Rule(was["rule"]), tuple(was["channels"]))


def people(found: Sequence[OutsidePerson], total: int, page: int, told: Sequence[Block] = ()) -> View:
    if not total:
        return modal(PEOPLE_TITLE, [*told, section(NOBODY)])
    listed = [block for each in found for block in _row(each)]
    return modal(PEOPLE_TITLE, [*told, *listed, *_turned(page, total)])


def _row(each: OutsidePerson) -> list[Block]:
    text = f"*{name(each.member_id)}* · {OF_KIND.get(each.kind, each.kind)}\n{_state(each)}"
    if each.state == State.ASKED:
        return [section(text), answers(each.member_id)]
    return [
        section(text, button("Take back", BACK, each.member_id, label="Take back: the rule decides about them again"))
    ]


def _state(each: OutsidePerson) -> str:
    if each.state == State.ASKED:
        return f"Waits for an admin, until {when(each.expires_at)}." if each.expires_at else "Waits for an admin."
    what = "Let in" if each.state == State.ALLOWED else "Refused"
    at = f", {when(each.decided_at)}" if each.decided_at else ""
    return f"{what} by <@{escaped(each.decided_by)}>{at}."


def _turned(page: int, total: int) -> list[Block]:
    pages = -(-total // PAGE)
    back = [button("Back", f"{TURN}.back", str(page - 1), label="Back to the page before")] if page else []
    more = [button("More", f"{TURN}.more", str(page + 1), label="More of them")] if page + 1 < pages else []
    return [context(f"Page {page + 1} of {pages}"), actions(*back, *more)] if back or more else []


def taken_back(member: str, state: State) -> list[Block]:
    was = json.dumps({"member": member, "state": state.value})
    undo = button("Undo", AGAIN, was, label="Undo: as it was decided before")
    return [section(f"Taken back: {name(member)}. The rule decides about them again.", undo)]


def state_of(value: str) -> tuple[str, State]:
    was = json.loads(value)
    return str(was["member"]), State(was["state"])


def name(member: str) -> str:
    """A workflow is nobody's account, and has no name that Slack would draw."""
    return f"<@{escaped(member)}>" if member[:1] in "UW" else f"the bot `{escaped(member)}`"


def answers(member: str) -> Block:
    return actions(
        button("Let in", LET_IN, member, style="primary", label="Let in: I answer them from now on"),
        button("Refuse", REFUSE, member, label="Refuse: I tell them kindly"),
    )


def asks(each: OutsidePerson) -> tuple[str, list[Block]]:
    """For an admin: who, of what kind, where. What was asked is nobody's but theirs."""
    channel = str(each.question.get("channel") or "")
    where = f"in <#{escaped(channel)}>" if channel and not channel.startswith("D") else "in a direct message"
    home = f" (`{escaped(each.home)}`)" if each.kind == Kind.OUTSIDERS and each.home else ""
    what = f"{OF_KIND.get(each.kind, each.kind)}{home}"
    text = f"{name(each.member_id)} has asked me something {where}, and is {what}. May I answer?"
    until = f" You have until {when(each.expires_at)}." if each.expires_at else ""
    note = f"What they asked is kept and not shown to you; I answer it once you let them in.{until}"
    return text, [section(text), answers(each.member_id), context(note)]


def outcome(each: OutsidePerson, *, let_in: bool) -> str:
    """In place of the question."""
    by = f" by <@{escaped(each.decided_by)}>" if each.decided_by else ""
    if each.state == State.REFUSED:
        return f"{name(each.member_id)} was refused{by}, and told so."
    if let_in:
        return f"{name(each.member_id)} was let in{by}. I answer what they asked."
    if each.state == State.ALLOWED:
        return f"{name(each.member_id)} was let in{by}, but the rule by now does not let me answer what they asked."
    if each.decided_by:
        return f"{name(each.member_id)} may not ask: the rule was changed{by}."
    return f"Nobody has answered in time whether {name(each.member_id)} may ask. They can ask again."

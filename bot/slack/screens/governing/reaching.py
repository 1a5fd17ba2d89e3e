"""Administrators say which hosts members' tools may lie at: a line, a form, and a second look at what would stop."""

import json
from collections.abc import Mapping

from bot.slack.screens.blocks.elements import Block, View, button, context, field, modal, section, text_input
from bot.slack.screens.blocks.text import count, escaped, one_line
from storage.rules.egress import Egress

OPEN, FORM, SURE, HOSTS = "policies.reach", "policies.reach_form", "policies.reach_sure", "hosts"
TITLE, SURE_TITLE = "Where tools may lie", "Stop these tools?"
ANYWHERE = "Anywhere that this installation lets be reached."
ABOUT = (
    "Tools are reached, and signed in to, at these hosts alone. It narrows what this installation lets be reached, and"
    " never widens it. What lies elsewhere stops at once: its member is told, and keeps connection and token."
)
LABEL, HINT = (
    "Hosts, one a line",
    "example.org, *.example.org for all below it, example.org:8443. A service that is signed in to elsewhere wants that"
    " host too. Empty: anywhere.",
)
IN_USE, NOTHING_IN_USE = "In use now: {}.", "No tool is connected yet."
STOPS = (
    "These lie elsewhere, and would stop at once:\n{what}\nConnections and tokens are kept, and their members are told."
)
MOST, LONGEST = 20, 2_800


def row(egress: Egress) -> Block:
    return section(f"*{TITLE}*\n{said(egress)}", button("Change", OPEN, label="Change where tools may lie"))


def said(egress: Egress) -> str:
    if egress.hosts is None:
        return ANYWHERE
    more = len(egress.hosts) - MOST
    return f"Only at {', '.join(_host(each) for each in egress.hosts[:MOST])}{f' and {more} more' if more > 0 else ''}."


def form(egress: Egress, in_use: Mapping[str, int]) -> View:
    box = text_input(initial="\n".join(egress.hosts or ()), placeholder="example.org", multiline=True, most=LONGEST)
    now = IN_USE.format(_hosts(in_use)) if in_use else NOTHING_IN_USE
    shown = [section(ABOUT), field(HOSTS, LABEL, box, hint=HINT, optional=True), context(now)]
    return modal(TITLE, shown, callback_id=FORM, submit="Save")


def sure(egress: Egress, stops: Mapping[str, int]) -> View:
    what = "\n".join(f"• {_host(host)}: {count(number, 'connection')}" for host, number in [*stops.items()][:MOST])
    more = len(stops) - MOST
    what += f"\n• and {count(more, 'more host')}" if more > 0 else ""
    kept = json.dumps(egress.hosts)
    return modal(
        SURE_TITLE, [section(STOPS.format(what=what))], callback_id=SURE, submit="Stop and save", metadata=kept
    )


def was_sure(private_metadata: str) -> Egress:
    return Egress(tuple(json.loads(private_metadata) or ()) or None)


def saved(egress: Egress, stopped: int) -> str:
    told = f" {count(stopped, 'connection')} stopped." if stopped else ""
    return f"Saved. {said(egress)}{told}"


def _host(host: str) -> str:
    """As it is typed: a star that only looks like one would be no host."""
    return f"`{escaped(one_line(host.replace('`', ''), 80))}`"


def _hosts(in_use: Mapping[str, int]) -> str:
    most = sorted(in_use.items(), key=lambda each: (-each[1], each[0]))
    more = len(most) - MOST
    told = ", ".join(f"{_host(host)} ({number})" for host, number in most[:MOST])
    return f"{told} and {more} more" if more > 0 else told

"""What administrators set: who asks, who makes links, what is forbidden, how long things stay."""

from collections.abc import Mapping
from typing import Any

from bot.services.limits.keeping import Kept
from bot.services.limits.outside.rules import Ruled
from bot.services.limits.policies import ADMINS, CHOSEN, EVERYBODY, NOBODY, Chosen, LinkRules
from bot.services.links.making.creating import LEAST_CENTS, MAX_SESSIONS
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    checkbox,
    context,
    field,
    members,
    modal,
    number_input,
    option,
    section,
    select,
)
from bot.slack.screens.blocks.text import count, safe
from bot.slack.screens.governing import keeping, outside, reaching, tabs
from storage.rules.outside import Kind

LINKS, LINKS_FORM, DIGEST = "policies.links", "policies.links_form", "policies.digest"
WHO, MEMBERS, HOURS, GUESTS, TOOLS = "who", "members", "hours", "guests", "tools"
CENTS, FILES = "cents", "files"
DEAREST = 100_000
"""Cents."""
TITLE = "Chat links"
WHO_MAKES: Mapping[str, str] = {
    EVERYBODY: "Every member",
    CHOSEN: "Only the members chosen below",
    ADMINS: "Only admins",
    NOBODY: "Nobody",
}
NO_LIMIT = "Empty: as far as this installation lets them."
SAVED = "Saved. It holds for links that are made from now on; those that are alive are on the tab *Links*."
DIGEST_OFF = "It is off for all admins here. Switch it on again in my Home tab, under *Policies*."
NONE = "None: members connect whichever they like, servers of their own too."
NONE_CHOSEN = "Choose who may make them, or another rule above."


def policies(
    chosen: Chosen,
    rules_outside: Mapping[Kind, Ruled],
    known_outside: int,
    kept: Kept,
    titles: Mapping[str, str],
    removed: Mapping[str, int] = keeping.NOTHING,
) -> list[Block]:
    """``known_outside`` is of how many from outside admins have decided one by one, or have to."""
    forbidden = ", ".join(safe(titles.get(each, each), 40) for each in sorted(chosen.forbidden)[:20])
    weekly = (
        "Once a week: what was used, what wants you, and the head of the audit."
        if chosen.digest
        else "Off: nothing is sent."
    )
    toggle = ("Switch off", "off") if chosen.digest else ("Switch on", "on")
    return [
        *outside.rows(rules_outside, known_outside),
        section(
            f"*Who may make chat links*\n{rules(chosen.links)}",
            button("Change", LINKS, label="Change who may make chat links"),
        ),
        section(
            f"*Cards that are forbidden*\n{forbidden or NONE}",
            tabs.leads_to(tabs.CONNECTIONS, "Forbid or allow", "Forbid or allow a card"),
        ),
        reaching.row(chosen.egress),
        keeping.row(kept, removed),
        section(
            f"*Weekly digest to admins*\n{weekly}",
            button(toggle[0], DIGEST, toggle[1], label=f"{toggle[0]} the weekly digest"),
        ),
        context("What you set holds within what whoever runs this installation lets at most."),
    ]


def rules(links: LinkRules) -> str:
    who = count(len(links.members), "chosen member") if links.who == CHOSEN else WHO_MAKES[links.who]
    most = [f"at most {links.most_hours:g} hours"] if links.most_hours else []
    most += [f"at most {count(links.most_guests, 'guest')}"] if links.most_guests else []
    most += [f"at most ${links.most_cents / 100:.2f} each"] if links.most_cents else []
    most += [] if links.tools else ["without tools"]
    most += [] if links.files else ["without files"]
    return ", ".join([who, *(most if links.who != NOBODY else [])]) + "."


def form(links: LinkRules) -> View:
    options = {name: option(text, name) for name, text in WHO_MAKES.items()}

    def number(block_id: str, label: str, value: float | None, most: float, least: int = 1) -> Block:
        return field(block_id, label, number_input(value, least=least, most=most), hint=NO_LIMIT, optional=True)

    return modal(
        TITLE,
        [
            field(WHO, "Who may make chat links", select("value", list(options.values()), options[links.who])),
            field(MEMBERS, "Chosen members", members("value", links.members), optional=True),
            number(HOURS, "Hours that a link may live at most", links.most_hours, 720),
            number(GUESTS, "Guests of one link at most", links.most_guests, MAX_SESSIONS),
            number(CENTS, "US cents that one link may cost at most", links.most_cents, DEAREST, LEAST_CENTS),
            field(
                TOOLS,
                "Tools",
                checkbox("value", option("Links may offer guests tools", "yes"), ticked=links.tools),
                optional=True,
            ),
            field(
                FILES,
                "Files",
                checkbox("value", option("Guests may send files, where a link takes them", "yes"), ticked=links.files),
                optional=True,
            ),
        ],
        callback_id=LINKS_FORM,
        submit="Save",
    )


def filled(values: Mapping[str, Any]) -> LinkRules:
    who, chosen = str(values.get(WHO) or EVERYBODY), tuple(values.get(MEMBERS) or ())
    hours, guests, cents = values.get(HOURS), values.get(GUESTS), values.get(CENTS)
    return LinkRules(
        who,
        chosen if who == CHOSEN else (),
        float(hours) if hours else None,
        int(guests) if guests else None,
        bool(values.get(TOOLS)),
        int(cents) if cents else None,
        bool(values.get(FILES)),
    )


def digest(text: str) -> list[Block]:
    """The weekly note, with the way to the rest and the way to be rid of it. ``text`` is escaped already."""
    off = button("Switch off", DIGEST, "off", label="Switch off the weekly digest for all admins here")
    return [section(text), actions(off), context("More stands in my Home tab, under *Overview*.")]

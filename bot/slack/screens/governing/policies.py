"""What administrators set: who asks, who makes links, what is forbidden, how long things stay."""

from collections.abc import Mapping
from typing import Any

from bot.services.limits.outside.rules import Ruled
from bot.services.limits.policies import ADMINS, CHOSEN, EVERYBODY, NOBODY, Chosen, LinkRules
from bot.services.links.making.creating import MAX_SESSIONS
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
    option,
    section,
    select,
)
from bot.slack.screens.blocks.text import count, safe
from bot.slack.screens.governing import outside, tabs
from bot.slack.screens.memory import retention
from storage.outside import Kind

LINKS, LINKS_FORM, DIGEST = "policies.links", "policies.links_form", "policies.digest"
WHO, MEMBERS, HOURS, GUESTS, TOOLS = "who", "members", "hours", "guests", "tools"
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
    forget_days: int | None,
    titles: Mapping[str, str],
    *,
    remembers: bool,
) -> list[Block]:
    """``known_outside`` is of how many from outside admins have decided one by one, or have to."""
    forbidden = ", ".join(safe(titles.get(each, each), 40) for each in sorted(chosen.forbidden)[:20])
    forget = (
        f"Forgotten {count(forget_days, 'day')} after the last word."
        if forget_days
        else "Kept until their members forget them."
    )
    weekly = (
        "Once a week: what was used, what wants you, and the head of the audit."
        if chosen.digest
        else "Off: nothing is sent."
    )
    toggle = ("Switch off", "off") if chosen.digest else ("Switch on", "on")
    memory = button("Change", retention.OPEN, label="Change after how long conversations are forgotten")
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
        *([section(f"*Members' conversations*\n{forget}", memory)] if remembers else []),
        section(
            f"*Weekly digest to admins*\n{weekly}",
            button(toggle[0], DIGEST, toggle[1], label=f"{toggle[0]} the weekly digest"),
        ),
        context(
            "Where servers may lie, and how long chats with guests are kept, is set by whoever runs this installation."
        ),
    ]


def rules(links: LinkRules) -> str:
    who = count(len(links.members), "chosen member") if links.who == CHOSEN else WHO_MAKES[links.who]
    most = [f"at most {links.most_hours:g} hours"] if links.most_hours else []
    most += [f"at most {count(links.most_guests, 'guest')}"] if links.most_guests else []
    most += [] if links.tools else ["without tools"]
    return ", ".join([who, *(most if links.who != NOBODY else [])]) + "."


def form(links: LinkRules) -> View:
    options = {name: option(text, name) for name, text in WHO_MAKES.items()}

    def number(block_id: str, label: str, value: float | None, most: float) -> Block:
        box: Block = {"type": "number_input", "action_id": "value", "is_decimal_allowed": False, "min_value": "1"}
        box |= {"max_value": f"{most:g}"} | ({"initial_value": f"{value:g}"} if value else {})
        return field(block_id, label, box, hint=NO_LIMIT, optional=True)

    return modal(
        TITLE,
        [
            field(WHO, "Who may make chat links", select("value", list(options.values()), options[links.who])),
            field(MEMBERS, "Chosen members", members("value", links.members), optional=True),
            number(HOURS, "Hours that a link may live at most", links.most_hours, 720),
            number(GUESTS, "Guests of one link at most", links.most_guests, MAX_SESSIONS),
            field(
                TOOLS,
                "Tools",
                checkbox("value", option("Links may offer guests tools", "yes"), ticked=links.tools),
                optional=True,
            ),
        ],
        callback_id=LINKS_FORM,
        submit="Save",
    )


def filled(values: Mapping[str, Any]) -> LinkRules:
    who, chosen = str(values.get(WHO) or EVERYBODY), tuple(values.get(MEMBERS) or ())
    hours, guests = values.get(HOURS), values.get(GUESTS)
    return LinkRules(
        who,
        chosen if who == CHOSEN else (),
        float(hours) if hours else None,
        int(guests) if guests else None,
        bool(values.get(TOOLS)),
    )


def digest(text: str) -> list[Block]:
    """The weekly note, with the way to the rest and the way to be rid of it. ``text`` is escaped already."""
    off = button("Switch off", DIGEST, "off", label="Switch off the weekly digest for all admins here")
    return [section(text), actions(off), context("More stands in my Home tab, under *Overview*.")]

"""Temporary chat links: the form, the link itself (shown once), the list."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.services.links.values import Candidate, Created, Draft, is_live
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    alert,
    button,
    context,
    field,
    modal,
    option,
    section,
    select,
    sure,
    text_input,
)
from bot.slack.screens.blocks.text import count, escaped, safe, when
from storage.tables import Link

CREATE = "link.create"
REVOKE = "link.revoke"
REVOKE_ALL = "link.revoke_all"
FORM = "link.form"

HOURS = {"1": "1 hour", "4": "4 hours", "24": "1 day", "72": "3 days", "168": "7 days"}
GUESTS = {"1": "1 guest", "2": "2 guests", "5": "5 guests", "10": "10 guests", "25": "25 guests"}
USUAL_HOURS, USUAL_GUESTS = "24", "1"
MOST_TOOLS = 100
MOST_LISTED = 20

NONE_YET = "You have no links. A link lets somebody without Slack chat with me for a few hours."
ONCE = "This is the only time I can show it: I keep no copy. Anyone who has it can use it, so send it with care."
PURPOSE_HINT = "The guest reads this before the chat starts."
INSTRUCTIONS_HINT = "Only the agent reads this; the guest never sees it."
TOOLS_HINT = "None, unless you choose. Those that may change something ask you each time."


def create_form(candidates: Sequence[Candidate], title: str = "", channel: str = "", problem: str = "") -> View:
    """``channel`` is where the link will be shown, to its creator alone; empty: in the modal itself."""
    blocks: list[Block] = [alert(escaped(problem))] if problem else []
    blocks += [
        field("title", "Title", text_input(initial=title[:120], placeholder="Website support", most=120)),
        field("purpose", "What it is for", text_input(multiline=True, most=1000), hint=PURPOSE_HINT, optional=True),
        field(
            "instructions",
            "Instructions to the agent",
            text_input(multiline=True, most=3000),
            hint=INSTRUCTIONS_HINT,
            optional=True,
        ),
        field("hours", "Lives for", _one_of(HOURS, USUAL_HOURS)),
        field("max_sessions", "How many guests", _one_of(GUESTS, USUAL_GUESTS)),
    ]
    if candidates:
        blocks.append(field("tools", "Tools it may use", _tools(candidates), hint=TOOLS_HINT, optional=True))
    metadata = json.dumps({"channel": channel})
    return modal("Temporary chat link", blocks, callback_id=FORM, submit="Create", close="Cancel", metadata=metadata)


def _one_of(words: Mapping[str, str], usual: str) -> Block:
    options = {value: option(word, value) for value, word in words.items()}
    return select("value", list(options.values()), options[usual])


def _tools(candidates: Sequence[Candidate]) -> Block:
    options = [
        option(f"{each.server}: {each.title}", _key(each), "reads only" if each.free else "asks you each time")
        for each in candidates[:MOST_TOOLS]
    ]
    return {"type": "multi_static_select", "action_id": "value", "options": options}


def _key(candidate: Candidate) -> str:
    """A connection's id and a tool's name are together too long for an option's value."""
    return hashlib.sha256(f"{candidate.connection_id}\0{candidate.name}".encode()).hexdigest()


def created(made: Created) -> list[Block]:
    """The link, once: as text to copy, and as a button."""
    link = made.link
    return [
        section(f":link: *{safe(link.title, 120)}* is ready for {_guests(link)}, until {when(link.expires_at)}."),
        section(f"```{escaped(made.url)}```"),
        context(f":warning: {ONCE}"),
        actions(_revoke_button(link)),
    ]


def created_view(made: Created) -> View:
    return modal("Temporary chat link", created(made), close="Done")


def created_text(made: Created) -> str:
    return f"Your temporary chat link {safe(made.link.title, 120)}: {escaped(made.url)}"


def listed(links: Sequence[Link], now: datetime) -> list[Block]:
    live = [link for link in links if is_live(link, now)]
    if not live:
        return [section(NONE_YET), actions(create_button())]
    rows = [section(_row(link), _revoke_button(link)) for link in live[:MOST_LISTED]]
    more = [context(f"And {count(len(live) - MOST_LISTED, 'more link')}.")] if len(live) > MOST_LISTED else []
    return [*rows, *more, actions(create_button(primary=False))]


def choose(links: Sequence[Link], now: datetime) -> list[Block]:
    """Which one is to be revoked, or all of them."""
    shown = listed(links, now)
    live = [link for link in links if is_live(link, now)]
    if len(live) < 2 or len(live) > MOST_LISTED:
        return shown
    return [*shown[:-1], actions(create_button(primary=False), _revoke_all_button(live))]


def instead(told: str, links: Sequence[Link], now: datetime) -> list[Block]:
    """After a title that no link has: what may have been meant, or what there is. ``told`` is escaped already."""
    return [section(told), *listed(links, now)]


def create_button(*, primary: bool = True) -> Block:
    return button("Create a link", CREATE, style="primary" if primary else "")


def _row(link: Link) -> str:
    used = f"{link.used_sessions} of {_guests(link)} so far"
    tools = f", {count(len(link.tools), 'tool')}" if link.tools else ""
    return f"*{safe(link.title, 120)}*\n{used}{tools}, ends {when(link.expires_at)}"


def _guests(link: Link) -> str:
    return count(link.max_sessions, "guest")


def _revoke_button(link: Link) -> Block:
    text = f"*{safe(link.title, 120)}* is over for good, and every open chat on it ends at once."
    confirm = sure("Revoke this link?", text, "Revoke")
    return button("Revoke", REVOKE, link.id, style="danger", confirm=confirm, label=f"Revoke {link.title}")


def _revoke_all_button(links: Sequence[Link]) -> Block:
    """Those that are shown, and no others."""
    text = f"{count(len(links), 'link')} stop working for good, and every open chat on them ends at once."
    confirm = sure("Revoke all of them?", text, "Revoke all")
    shown = " ".join(each.id for each in links)
    return button(f"Revoke all {len(links)}", REVOKE_ALL, shown, style="danger", confirm=confirm)


def revoke_question(link: Link) -> list[Block]:
    return [
        section(f"Revoke *{safe(link.title, 120)}*? It is over for good, and every open chat on it ends at once."),
        actions(_revoke_button(link)),
    ]


def revoked_view(link: Link) -> View:
    return modal("Temporary chat link", [section(revoked([link]))])


def revoked(links: Sequence[Link]) -> str:
    titles = ", ".join(f"*{safe(link.title, 120)}*" for link in links)
    if not titles:
        return "Those links were over already."
    return f"{titles} {'is' if len(links) == 1 else 'are'} revoked, for good: the old address opens nothing any more."


def revoked_blocks(links: Sequence[Link]) -> list[Block]:
    return [section(revoked(links)), actions(create_button(primary=False))]


def draft(values: Mapping[str, object], candidates: Sequence[Candidate]) -> Draft:
    """What the form says; a tool that is no longer on offer is left out."""
    keys = values.get("tools")
    chosen = [each for each in candidates if isinstance(keys, list) and _key(each) in keys]
    return Draft(
        title=str(values.get("title") or "").strip(),
        purpose=str(values.get("purpose") or "").strip(),
        instructions=str(values.get("instructions") or "").strip(),
        hours=float(str(values.get("hours") or USUAL_HOURS)),
        max_sessions=int(str(values.get("max_sessions") or USUAL_GUESTS)),
        tools=tuple((each.connection_id, each.name) for each in chosen),
    )

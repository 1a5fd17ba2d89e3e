"""A workspace's card is filled in in two steps: where its server is, then what that server leaves to be said."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.services.cards import Draft, Looked
from bot.services.cards.drafts import MOST_LINE, MOST_TITLE, SIGN_IN, TOOL
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    alert,
    button,
    context,
    field,
    members,
    modal,
    option,
    section,
    select,
    select_several,
    text_input,
)
from bot.slack.screens.blocks.text import count, safe, unmarked
from bot.slack.screens.cards.listing import TITLE
from bot.slack.screens.cards.programs import INSTEAD, found
from run_cards.icons import ICONS

ADDRESS, FORM, MORE = "cards.address", "cards.form", "cards.more"
MORE_OF_IT = "Icon, questions, for whom…"
FIRST_STEP = "*Step 1 of 2.* I ask the server what it needs and offers. Nothing is saved yet."
KEPT = "Connections that there are keep their address; a changed one holds for those made from now on."
FOLLOW = "Connections that there are run what is confirmed here from now on."
ONCE_REGISTERED = (
    "Members could sign in at {host} themselves, once whoever runs Usher has registered it there (MCP_OAUTH_CLIENTS)."
)
DOES_NOT_ANSWER = "Its server does not answer now, so it was not asked. What leads to it has to stay as it is."
SAYS_READING = "It says of itself that it only reads"
MOST_CHOICES, LONGEST_CHOICE = 100, 75


@dataclass(frozen=True)
class Kept:
    """What a form of the second step remembers; ``card`` and ``version`` are of the one that is changed."""

    card: str
    version: int
    looked: Looked
    more: bool = False
    """What a card does without is asked as well."""

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> "Kept":
        kept = json.loads(view["private_metadata"])
        looked: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept["looked"].items()
        }
        tools, reading = _tools_of(view)
        return cls(
            kept["card"], kept["version"], Looked(**{**looked, "tools": tools, "reading": reading}), kept["more"]
        )

    @property
    def metadata(self) -> str:
        # The tools and the name are in the form itself: here there would be no room for them.
        looked = asdict(replace(self.looked, tools=(), reading=(), name=""))
        kept = {"card": self.card, "version": self.version, "looked": looked, "more": self.more}
        return json.dumps(kept, ensure_ascii=False)


def address(url: str = "", problem: str = "", card: tuple[str, int] = ("", 0), *, programs: bool = False) -> View:
    """``card`` is the id and the version of the one that is changed; ``programs`` may be added here as well."""
    box = text_input(initial=url, placeholder="https://mcp.example.org/mcp")
    blocks: list[Block] = [alert(unmarked(problem))] if problem else []
    blocks += [section(FIRST_STEP), field("url", "Address of its MCP server", box, hint="It often ends in /mcp.")]
    blocks += [actions(button("A program on this machine instead", INSTEAD))] if programs else []
    return modal(TITLE, blocks, callback_id=ADDRESS, submit="Next", close="Cancel", metadata=json.dumps(card))


def form(draft: Draft, kept: Kept, problems: Mapping[str, str] | None = None) -> View:
    looked = kept.looked
    blocks: list[Block] = [alert(unmarked(text)) for text in dict.fromkeys((problems or {}).values())]
    blocks += [section(_found(looked)), *_about(draft)]
    blocks += [] if looked.command else _signs_in(draft, looked)
    blocks += [_reads(draft, looked)]
    blocks += _shown_as(draft) if kept.more else [actions(button(MORE_OF_IT, MORE))]
    if kept.card:
        blocks.append(context(FOLLOW if looked.command else KEPT))
    submit = "Save" if kept.card else "Add"
    return modal(TITLE, blocks, callback_id=FORM, submit=submit, close="Cancel", metadata=kept.metadata)


def _found(looked: Looked) -> str:
    if looked.command:
        return found(looked.tools)
    where = f"*{safe(looked.host, 200)}*"
    if not looked.answers:
        return f"*Step 2 of 2.* {where}. {DOES_NOT_ANSWER}"
    tools = f"answers, with {count(len(looked.tools), 'tool')}" if looked.tools else "asks members to sign in"
    return f"*Step 2 of 2.* {where} {tools}."


def _about(seen: Draft) -> list[Block]:
    title = text_input(initial=seen.title, placeholder="Wiki", most=MOST_TITLE)
    about = text_input(initial=seen.about, placeholder="Search and read our pages.", most=MOST_LINE)
    return [field("title", "Name", title), field("about", "What it gives", about)]


def _signs_in(seen: Draft, looked: Looked) -> list[Block]:
    ways = {name: option(SIGN_IN[name], name) for name in looked.ways}
    chosen = ways.get(seen.signs_in) or next(iter(ways.values()))
    blocks = [field("signs_in", "How members sign in", select("value", list(ways.values()), chosen))]
    if looked.unregistered:
        blocks.append(context(ONCE_REGISTERED.format(host=safe(looked.unregistered, 200))))
    if looked.other_header:
        box = text_input(initial=seen.header, placeholder="X-API-Key")
        hint = "It does not say where it looks for a token; many such servers want X-API-Key."
        blocks.append(field("header", "Header that carries the token", box, hint=hint, optional=True))
    return blocks


def _shown_as(seen: Draft) -> list[Block]:
    icons = {name: option(f":{name}: {name.replace('_', ' ').capitalize()}", name) for name in sorted(ICONS)}
    questions = text_input(initial="\n".join(seen.questions), placeholder="What changed this week?", multiline=True)
    everybody = "Leave it empty for everybody."
    return [
        field("icon", "Icon", select("value", list(icons.values()), icons.get(seen.icon))),
        field("questions", "Questions to try", questions, hint="Up to three, one a line.", optional=True),
        field("audience", "For whom", members("value", seen.audience), hint=everybody, optional=True),
    ]


def _reads(seen: Draft, looked: Looked) -> Block:
    """Its tools to choose from where it has told them; else their names are typed."""
    label, free = "Tools that only read", "These run without asking. All others ask."
    known = dict.fromkeys((*looked.tools, *(seen.reads if looked.tools else ())))
    if not known or len(known) > MOST_CHOICES or not all(map(_fits, known)):
        box = text_input(initial="\n".join(seen.reads), placeholder="search_pages", multiline=True)
        return field("reads", label, box, hint=f"Their names, one a line. {free}", optional=True)
    says = {name: SAYS_READING if name in looked.reading else "" for name in known}
    options = {name: option(name, name, says[name]) for name in known}
    chosen = [options[name] for name in seen.reads]
    return field("reads", label, select_several("value", list(options.values()), chosen), hint=free, optional=True)


def _fits(name: str) -> bool:
    return len(name) <= LONGEST_CHOICE and TOOL.fullmatch(name) is not None


def _tools_of(view: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those that the form offers, and those of them that say that they only read."""
    asked: Mapping[str, Any] = next((block for block in view.get("blocks", ()) if block.get("block_id") == "reads"), {})
    options = asked.get("element", {}).get("options", ())
    return tuple(each["value"] for each in options), tuple(each["value"] for each in options if "description" in each)

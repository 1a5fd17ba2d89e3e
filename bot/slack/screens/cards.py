"""A workspace's own cards, for its administrators: the list, the form, and what taking one back does."""

import json
from collections.abc import Mapping, Sequence

from bot.services.cards import CardView, Draft
from bot.services.cards.drafts import MOST_LINE, MOST_TITLE, SIGN_IN
from bot.services.cards.workspace_cards import MOST
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
    text_input,
)
from bot.slack.screens.blocks.text import escaped, safe
from run_cards.icons import ICONS
from storage.repositories.mcp.added_cards import Leaning

OPEN, ADD, CHANGE, FORM = "cards.open", "cards.add", "cards.change", "cards.form"
TAKE_BACK, SURE, PAGE = "cards.take_back", "cards.sure", "cards.page"
TITLE = "Workspace cards"
INTRO = "Services that you offer to your colleagues beside the built-in ones. Each member connects one as themselves."
NONE = "There are none yet."
ONLY_ADMINS = ":lock: Only admins of this workspace add, change and take back its cards."
NOT_SAVED = "Nothing was saved."
KEPT = "Connections that there are keep their address; a changed one holds for those made from now on."
PAGE_OF = 10


def listed(cards: Sequence[CardView], page: int = 0, told: str = "") -> View:
    page = min(page, max(len(cards) - 1, 0) // PAGE_OF)
    shown = cards[page * PAGE_OF : (page + 1) * PAGE_OF]
    blocks = [section(escaped(told))] if told else []
    blocks += [section(INTRO), *(block for view in shown for block in _row(view))]
    blocks += [] if cards else [context(NONE)]
    blocks += _pages(page, len(cards))
    add = [actions(button("Add a card", ADD, style="primary"))]
    return modal(TITLE, [*blocks, *(add if len(cards) < MOST else [context(f"These are {MOST}, as many as may be.")])])


def _row(view: CardView) -> list[Block]:
    card = view.card
    who = "everybody" if not card.audience else _count(len(card.audience), "named member")
    facts = f"{SIGN_IN_SHORT[card.signs_in]} · for {who} · {leaning(view.leaning)}"
    change = button("Change", CHANGE, card.id, label=f"Change {card.title}")
    back = button("Take back", TAKE_BACK, card.id, label=f"Take back {card.title}")
    text = f":{card.icon}: *{escaped(card.title)}*\n{escaped(card.about)}\n{safe(card.url, 300)}"
    return [section(text), context(facts), actions(change, back)]


SIGN_IN_SHORT = {"none": "No sign-in", "token": "Members' own tokens", "oauth": "OAuth", "shared": "One token for all"}


def leaning(found: Leaning) -> str:
    if not found.connections:
        return "nobody has connected it yet"
    return f"{_count(found.members, 'member')} connected it"


def _count(number: int, thing: str) -> str:
    return f"1 {thing}" if number == 1 else f"{number} {thing}s"


def _pages(page: int, total: int) -> list[Block]:
    back = [button("Back", f"{PAGE}.back", str(page - 1))] if page else []
    more = [button("More", f"{PAGE}.more", str(page + 1))] if (page + 1) * PAGE_OF < total else []
    return [actions(*back, *more)] if back or more else []


def form(
    draft: Draft | None = None, problems: Mapping[str, str] | None = None, card: tuple[str, int] = ("", 0)
) -> View:
    """``card`` is the id and the version of the one that is changed."""
    seen = draft or Draft("", "", "", "none")
    blocks: list[Block] = [alert(escaped(text)) for text in dict.fromkeys((problems or {}).values())]
    blocks += [_about(seen)[0], _about(seen)[1], *_reached(seen), *_offered(seen)]
    if card[0]:
        blocks.append(context(KEPT))
    submit = "Save" if card[0] else "Add"
    return modal(TITLE, blocks, callback_id=FORM, submit=submit, close="Cancel", metadata=json.dumps(card))


def _about(seen: Draft) -> list[Block]:
    title = text_input(initial=seen.title, placeholder="Wiki", most=MOST_TITLE)
    about = text_input(initial=seen.about, placeholder="Search and read our pages.", most=MOST_LINE)
    return [field("title", "Name", title), field("about", "What it gives", about)]


def _reached(seen: Draft) -> list[Block]:
    url = text_input(initial=seen.url, placeholder="https://mcp.example.org/mcp")
    ways = {name: option(text, name) for name, text in SIGN_IN.items()}
    header = text_input(initial=seen.header, placeholder="Authorization")
    about_header = "Which request header carries the token; for tokens alone."
    return [
        field("url", "Address of its MCP server", url, hint="I ask it for its tools before anything is saved."),
        field("signs_in", "How members sign in", select("value", list(ways.values()), ways.get(seen.signs_in))),
        field("header", "Header", header, hint=about_header, optional=True),
    ]


def _offered(seen: Draft) -> list[Block]:
    reads = text_input(initial="\n".join(seen.reads), placeholder="search_pages", multiline=True)
    icons = {name: option(f":{name}: {name}", name) for name in sorted(ICONS)}
    questions = text_input(initial="\n".join(seen.questions), placeholder="What changed this week?", multiline=True)
    only_read = "Names, one a line: these run without asking. All others ask."
    everybody = "Leave it empty for everybody."
    return [
        field("reads", "Tools that only read", reads, hint=only_read, optional=True),
        field("icon", "Icon", select("value", list(icons.values()), icons.get(seen.icon))),
        field("questions", "Questions to try", questions, hint="Up to three, one a line.", optional=True),
        field("audience", "For whom", members("value", seen.audience), hint=everybody, optional=True),
    ]


def working(title: str) -> View:
    return modal(TITLE, [section(f":hourglass_flowing_sand: Asking {safe(title, 40)} for its tools…")])


def sure(view: CardView) -> View:
    """What stops working is said before it does."""
    title, found = escaped(view.card.title), view.leaning
    told = f"*{title}* will be offered to nobody any more."
    if found.connections:
        count = _count(found.connections, "connection")
        told += f" {count} of {_count(found.members, 'member')} will be *not permitted here* from the next call on."
    blocks = [section(told), context("Their tokens stay sealed until they disconnect. They see it in their lists.")]
    return modal("Take back", blocks, callback_id=SURE, submit="Take back", close="Keep it", metadata=view.card.id)

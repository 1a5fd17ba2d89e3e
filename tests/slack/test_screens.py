"""Every screen, with friendly and with hostile words, is a payload that Slack takes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.services.agents.values import of_agent
from bot.services.cards import Draft as CardDraft
from bot.services.cards import Looked
from bot.services.cards.programs import Shown, Typed
from bot.services.chats.members.turns import Person
from bot.services.connections.editing.editing import Form
from bot.services.connections.editing.values import Changes, Draft
from bot.services.connections.using.trying import Trial
from bot.services.connections.values import ConnectionView, Found, LeastUsed, TooMany
from bot.services.connections.values import Tested as Outcome
from bot.services.links import Terms
from bot.services.links.making.drafts import Prepared
from bot.services.links.making.templates import TEMPLATES
from bot.services.links.results.usage import Usage, Visit
from bot.services.links.values import Candidate, Created, Guest
from bot.services.tickets import Entry, Issued
from bot.slack.screens import approvals, home, notices
from bot.slack.screens.agents import forms as agent_forms
from bot.slack.screens.agents import granting
from bot.slack.screens.agents import listing as agents
from bot.slack.screens.approvals import elicitations
from bot.slack.screens.cards import forms as card_forms
from bot.slack.screens.cards import programs as card_programs
from bot.slack.screens.connections import (
    connected,
    connecting,
    departures,
    editing,
    picker,
    sign_in_notes,
    testing,
    tools,
    trying,
)
from bot.slack.screens.connections import listing as connections
from bot.slack.screens.connections.full import full, now_room
from bot.slack.screens.connections.tool_filters import Looking
from bot.slack.screens.guests import answers as guest_answers
from bot.slack.screens.guests import guest_threads, guests, transcripts
from bot.slack.screens.links import card as link_card
from bot.slack.screens.links import changes as link_changes
from bot.slack.screens.links import form as link_form
from bot.slack.screens.links import listing as links
from bot.slack.screens.links import preview as link_preview
from bot.slack.screens.links import reading
from bot.slack.screens.links import usage as link_usage
from bot.slack.screens.links import window as link_window
from bot.slack.screens.links.form import Filling
from bot.slack.screens.talking import help, welcome
from mcp_runtime.errors.causes import Cause
from mcp_runtime.sandbox import Level
from mcp_runtime.specs import COMMAND, Command, StdioSpec
from mcp_runtime.tools.tools import File, ToolResult
from playground.slack.block_kit.checking import check
from run_cards import CARDS, Field, RunCard
from storage.repositories.agents.agents import LeansOn
from storage.repositories.agents.grants import Equipped, Reachable
from storage.repositories.links.figures import Counts
from storage.rules.access import Access, Rule, Scope
from storage.tables import Agent, AgentGrant, Connection, Elicitation, Event, Link, PinnedTool, Session

MANY_CHANGES = Changes(*[tuple(f"<!channel> {kind}_{n}" * 3 for n in range(40)) for kind in "abcd"])
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOSTILE = "<!channel> & <https://evil.example|click> *b* `c` " + "long " * 2_000
SHORT_HOSTILE = "<!channel>&<x|y>" * 5


def open_fields(card: RunCard) -> tuple[Field, ...]:
    return tuple(each for each in card.fields if not each.secret)[:2]


def connection(title: str = "Notes", trouble: str = "", card: str = "custom", status: str = "") -> Connection:
    status = status or ("failing" if trouble else "connected")
    since = NOW if trouble else None
    more = {"created_at": NOW, "status": status, "trouble": trouble, "failing_since": since, "retry_at": since}
    return Connection(id="c" * 36, workspace_id="T1", member_id="U1", card=card, title=title[:80], **more)


TOOL_NAMES = tuple(f"search_pages_{number}" for number in range(9))
WIKI = "https://wiki.example.org/mcp"
CARD_DRAFT = CardDraft(SHORT_HOSTILE[:24], SHORT_HOSTILE, WIKI, "token", reads=TOOL_NAMES[:2])
RUN = Command((f"/usr/bin/{SHORT_HOSTILE}", SHORT_HOSTILE), ((SHORT_HOSTILE, "0" * 64),), (("WIKI", SHORT_HOSTILE),))
TYPED = Typed(SHORT_HOSTILE, (SHORT_HOSTILE,), ("TOKEN",), (SHORT_HOSTILE,))
PROGRAM = StdioSpec(COMMAND, (), (("TOKEN", "TOKEN"),), (SHORT_HOSTILE,), command=RUN)
WOULD_RUN = Shown(PROGRAM, 60, Level("full"), "t" * 60)
LOOKED = Looked(WIKI, ("none", "token"), TOOL_NAMES, TOOL_NAMES[:3])
RTL, EMOJI = "\u05d0\u05d1 \u0645\u0631\u062d\u0628\u0627 " * 9, "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 16
WIDE = [ConnectionView(connection((RTL, EMOJI, "W" * 80)[n % 3]), []) for n in range(10)]
LEAVING = Connection(id="c" * 36, title=SHORT_HOSTILE[:80], card="x" * 64, leaving_since=NOW)


def tool(name: str, text: str = "Does it.", **more: Any) -> PinnedTool:
    given = {"policy": "ask", "state": "accepted", "hinted_reading": False, "definition": {}, "offered": None}
    return PinnedTool(connection_id="c" * 36, name=name, title=text[:200], description=text, pin="p", **(given | more))


def link(title: str = "Support", **more: Any) -> Link:
    tools = [{"name": "x", "title": HOSTILE, "server": HOSTILE, "free": False}] * 30
    given = {"max_sessions": 2, "used_sessions": 1, "tools": tools, "purpose": HOSTILE, "limits": {}, "paused_at": NOW}
    given |= {"instructions": HOSTILE, "starters": [HOSTILE] * 4, "covers": [HOSTILE] * 10, "frozen": "f" * 64}
    given["agent"] = {"id": "a", "name": SHORT_HOSTILE, "instructions": HOSTILE}
    return Link(id="l" * 36, title=title[:120], expires_at=NOW + timedelta(days=1), **(given | more))


URL = "https://usher.example/temp-chat/tc_x"
HOST = Person(HOSTILE)
MADE = Created(link(HOSTILE), URL)


POLICIES = [
    tool(f"{policy}_{number}", policy=policy) for policy in ("ask", "always", "off", "free") for number in range(15)
]
CHANGED = tool(
    "changed",
    HOSTILE,
    state="set_aside",
    definition={"inputSchema": {"properties": {"a": {}, "b": {"type": "string"}}}},
    offered={"description": HOSTILE + "!", "inputSchema": {"properties": {"b": {"type": "number"}, "c": {}}}},
)
SCHEMA = {"properties": {SHORT_HOSTILE + str(n): {"description": HOSTILE} for n in range(40)}}
MANY_TOOLS = [
    tool(
        f"{n:03}" + "x" * 190, HOSTILE, definition={"name": "x", "inputSchema": SCHEMA}, policy=("ask", "always")[n % 2]
    )
    for n in range(300)
]
FILES = (File("image/png", b"x"), File("audio/mpeg", b"x"))
AGENTS = [
    Agent(
        workspace_id="T1",
        id=f"a{n}",
        name=SHORT_HOSTILE[:40],
        picture=":ledger:",
        instructions=HOSTILE[:3000],
        scope="custom",
        tools=["x" * 199] * 15,
        cards=["x" * 64] * 50,
        asks_first=True,
        used="channels",
        is_default=n == 0,
        archived_at=NOW if n > 90 else None,
    )
    for n in range(100)
]
GRANT = AgentGrant(scope="custom", tools=[MANY_TOOLS[9].name], expires_at=NOW)
REACHABLE = Reachable(connection(SHORT_HOSTILE), GRANT, Access((Rule(Scope.CUSTOM),)))
VIEWS = [
    ConnectionView(connection(SHORT_HOSTILE, HOSTILE, status=status), [CHANGED, tool("gone", state="gone")])
    for status in ("failing", "sign_in", "connected") * 20
]
MANY_CARDS = [
    replace(
        CARDS[n % len(CARDS)],
        name=f"c{n}",
        title=f"Hostile {SHORT_HOSTILE}"[:80],
        about=HOSTILE[:800],
        example="x" * 400,
    )
    for n in range(60)
]
ALL_CARDS = [ConnectionView(connection(SHORT_HOSTILE, card=card.name), []) for card in CARDS for _ in range(2)]
CALL = {"title": HOSTILE, "server": "Notes", "tool": "delete_note", "arguments": {"a": HOSTILE, "b": {"c": [1, "\n"]}}}
MANY = [{**CALL, "tool": f"t{number}", "arguments": {str(n): HOSTILE for n in range(30)}} for number in range(30)]
CANDIDATES = [Candidate("c" * 36, f"{n}" * 200, SHORT_HOSTILE, "Notes", free=bool(n % 2)) for n in range(100)]


def a_guest(**more: Any) -> Guest:
    given = {"guest_name": SHORT_HOSTILE, "host_state": "", "ended_at": None, "end_reason": ""}
    return Guest(link(HOSTILE), Session(id="s" * 36, workspace_id="T1", **(given | more)))


def link_used() -> Usage:
    session = a_guest(messages=9, started_at=NOW).session
    visits = [Visit(session, 2, {"1": HOSTILE, "2": HOSTILE}, HOSTILE, 3.0, 900, 12_345)] * 100
    used = link(HOSTILE, tokens_spent=90_000, money_spent=1_234_567, unpriced=HOSTILE)
    return Usage(used, 10**6, 10**6, Counts(100, 100, 100, 900, 3), visits)


def said_by(author: str, text: str) -> Event:
    return Event(seq=1, kind="message", body={"author": author, "name": SHORT_HOSTILE, "text": text}, at=NOW)


SAID = [said_by(author, HOSTILE * 40) for author in ("guest", "agent", "host") * 20]

WELL = Outcome(
    *(True, HOSTILE, 12_000, 300),
    title=HOSTILE,
    found=Found("streamable", HOSTILE, tuple(SHORT_HOSTILE for _ in range(300)), (HOSTILE,), ("`" * 900,)),
)

PAGE = "https://pay.example/checkout?id=7"


def server_question(**values: object) -> Elicitation:
    told = {"server": SHORT_HOSTILE[:80], "tool": "t" * 200, "text": HOSTILE, "member_id": "U0OWNER", "url": ""}
    form = {"properties": {"name": {"type": "string"}}}
    return Elicitation(**{"id": "e" * 36, "state": "asked", "form": form, "expires_at": NOW, **told, **values})


MODALS = {
    "chooser": picker.chooser(CARDS),
    "chooser with connections": picker.chooser(CARDS, ALL_CARDS, "x"),
    "chooser of many": picker.chooser(MANY_CARDS, ALL_CARDS * 5, users={"c1": 3, "c2": 1}),
    "chooser's last page": picker.chooser(MANY_CARDS, looking=picker.Looking("hostile", 99)),
    "chooser of none": picker.chooser(MANY_CARDS, looking=picker.Looking(SHORT_HOSTILE[:60])),
    "there already": picker.there_already(CARDS[2], VIEWS),
    "second account": connecting.form(CARDS[2], {"account": ""}, entry=Entry.PAGE),
    **{
        f"form of {card.name}, {to.name}": connecting.form(card, entry=to, signs_in=card.oauth is not None)
        for card in CARDS
        for to in Entry
    },
    "form again": connecting.form(CARDS[1], {"name": SHORT_HOSTILE, "url": "x"}, {"url": HOSTILE}, entry=Entry.SLACK),
    "working": connecting.working(CARDS[0]),
    "workspace card, where": card_forms.address(WIKI, HOSTILE[:200], ("c" * 36, 3)),
    "workspace card, the rest": card_forms.form(CARD_DRAFT, card_forms.Kept("c" * 36, 3, LOOKED)),
    "workspace card, signed in to": card_forms.form(
        CARD_DRAFT, card_forms.Kept("", 0, Looked(WIKI, other_header=True, unregistered=SHORT_HOSTILE))
    ),
    "program, what is typed": card_programs.typed(TYPED, ("c" * 36, 3), [HOSTILE]),
    "program, what would run": card_programs.confirm(WOULD_RUN, ("c" * 36, 3)),
    "program, the rest": card_forms.form(CARD_DRAFT, card_forms.Kept("c" * 36, 3, replace(LOOKED, command="t" * 60))),
    "enter the token here": connecting.enter_token(
        "Notes", "http://127.0.0.1:8080/connect/tk_x", NOW, own_machine=True
    ),
    "disconnect": departures.question(connection(SHORT_HOSTILE), [HOSTILE] * 30, 300),
    "full": full(TooMany("", 10, 10, LeastUsed("c" * 36, SHORT_HOSTILE, NOW, None)), MANY_CARDS[0]),
    "full, of one used before": full(TooMany("", 1000, 1000, LeastUsed("c" * 36, RTL, NOW, NOW)), CARDS[0]),
    "disconnected to make room": notices.notice(
        "", [*departures.disconnected_blocks(LEAVING), *now_room(MANY_CARDS[0])]
    ),
    "tested": notices.notice("x", testing.card(WELL)),
    "all tested": testing.all_of([testing.line(WELL)] * 99, [SHORT_HOSTILE] * 9),
    "tested in vain": notices.notice("x", testing.card(Outcome(False, HOSTILE, 1, 0, Cause.TLS))),
    "my connections": connections.window(connections.listed(VIEWS, 0, [LEAVING] * 10)),
    "ten of eighty characters": connections.window(connections.listed(WIDE)),
    "tools in other scripts": tools.tools(connection(RTL), [tool(f"{n}{RTL}"[:60], EMOJI * 3) for n in range(9)]),
    **{
        f"edit {card.name}, {to.name}": editing.form(
            Form(
                connection(SHORT_HOSTILE[:40]),
                open_fields(card),
                {"url": SHORT_HOSTILE},
                card.secrets,
                bool(card.oauth),
            ),
            to,
            {},
            {"x": HOSTILE},
        )
        for card in CARDS
        for to in Entry
    },
    "what an edit does": editing.preview(Draft("tk_" + "x" * 60, HOSTILE, MANY_CHANGES, SHORT_HOSTILE, True)),
    "edited": editing.saved(SHORT_HOSTILE, "c" * 36),
    "tools that have changed once more": tools.tools(connection(), [CHANGED], told=HOSTILE[:300].replace("<", "&lt;")),
    "sign in": connecting.sign_in_form(connection(SHORT_HOSTILE), CARDS[2].secrets, HOSTILE),
    "no secrets here": connecting.no_secrets(HOSTILE),
    "enter the token": connecting.enter_token(SHORT_HOSTILE, "https://usher.example/connect/tk_x", NOW),
    "done, with questions": connected.done("x", "c" * 36, [SHORT_HOSTILE * 60] * 9),
    "done": connected.done(connected.sentence_of(SHORT_HOSTILE, tools=4, reading=2, free=0)),
    "failed": connecting.failed(HOSTILE),
    "tools": tools.tools(connection(), POLICIES),
    "tools, last page": tools.tools(connection(), [*POLICIES, CHANGED], Looking("c", 99)),
    "many tools": tools.tools(connection(SHORT_HOSTILE), MANY_TOOLS, Looking("c" * 36, 29, "")),
    "a search that finds nothing": tools.tools(connection(), MANY_TOOLS, Looking("c" * 36, 0, SHORT_HOSTILE[:60])),
    "try it": trying.form(Trial(connection(SHORT_HOSTILE), MANY_TOOLS[0])),
    "may I": trying.question(Trial(connection(SHORT_HOSTILE), MANY_TOOLS[0]), {"a": SHORT_HOSTILE}),
    "too long to ask": trying.question(Trial(connection(), MANY_TOOLS[0]), {"a": HOSTILE}),
    "running": trying.running(Trial(connection(SHORT_HOSTILE), MANY_TOOLS[0]), "w"),
    "answered": trying.outcome(Trial(connection(), MANY_TOOLS[0]), ToolResult({"result": "`" * 60_000}, "", FILES), 1),
    "asked in the middle of a trial": trying.asks(server_question(), "asked"),
    "a page to go on from": trying.asks(server_question(url=PAGE, state="opened", hold_seconds=300.0), "opened"),
    "sent on": elicitations.sent(server_question(), "sent"),
    "answered, and what was asked": trying.outcome(
        Trial(connection(), MANY_TOOLS[0]),
        ToolResult({"result": "Done."}),
        2,
        [server_question(state=state, decided_at=NOW) for state in elicitations.OUTCOMES],
    ),
    "answered in JSON": trying.outcome(Trial(connection(), MANY_TOOLS[0]), ToolResult({"result": [HOSTILE]}), 0.1),
    "answered with links": trying.outcome(
        Trial(connection(), MANY_TOOLS[0]),
        ToolResult(
            {"result": "x", "cut": HOSTILE, "links": [{"name": HOSTILE, "uri": HOSTILE}] * 20, "notes": [HOSTILE]}
        ),
        0.1,
    ),
    "answered with nothing": trying.outcome(Trial(connection(), MANY_TOOLS[0]), ToolResult({"result": ""}), 0.1),
    "not answered": trying.outcome(Trial(connection(), MANY_TOOLS[0]), ToolResult(error=HOSTILE), 0.1),
    "no tools": tools.tools(connection(SHORT_HOSTILE), []),
    "link form": link_form.create_form(CANDIDATES, Terms(0.5, 1000), Filling("C1", HOSTILE, problem=HOSTILE)),
    "link form without tools": link_form.create_form([], Terms()),
    **{
        f"link form, {name}": link_form.create_form(CANDIDATES, Terms(1, 3), Filling(template=name))
        for name in TEMPLATES
    },
    "link preview": link_preview.preview(Prepared("d" * 36, link(HOSTILE)), "C1"),
    "link": link_card.created_view(MADE, HOST),
    "link with a new address": link_card.created_view(MADE, Person(), renewed=True),
    "all links": link_window.window([link(HOSTILE)] * 50, NOW, link_window.Looking(HOSTILE[:60], 9), "x"),
    "links found": link_window.window([link("long")] * 50, NOW, link_window.Looking("long", 4), "x"),
    "no links in a window": link_window.window([], NOW),
    "more time": link_changes.extend_form(link(HOSTILE), "link.menu " + "u" * 200),
    "new address": link_changes.rotate_form(link(HOSTILE)),
    "revoke this": link_changes.revoke_form(link(HOSTILE)),
    "revoked": link_changes.told(link_changes.revoked([link(HOSTILE)])),
    "paused": link_changes.told(link_changes.paused(link(HOSTILE))),
    "results of a link": link_usage.details(link_used(), NOW, "x"),
    "results of a link that nobody used": link_usage.details(
        Usage(link(HOSTILE, tokens_spent=0), 0, 0, Counts(), []), NOW
    ),
    "results": link_usage.results([link(HOSTILE)] * 50, {}, [(NOW.date(), 3)] * 14, NOW, 9, "x"),
    "no results": link_usage.results([], {}, [(NOW.date(), 0)] * 14, NOW),
    "transcript": transcripts.ways(a_guest(), Issued(URL, NOW), empty=False, told="x"),
    "no transcript": transcripts.ways(a_guest(), Issued(URL, NOW), empty=True),
    "agents": agents.listed(AGENTS, {f"C{n}": "a0" for n in range(50)}, {}, 9, HOSTILE[:300]),
    "agent": agent_forms.form(of_agent(AGENTS[0], ("C1",)), {f"c{n}": HOSTILE for n in range(200)}, "a0"),
    "archive an agent": agents.sure(AGENTS[0], LeansOn(tuple(f"C{n}" for n in range(50)), 2, 3)),
    "agents to ask": granting.mine(AGENTS),
    "rights of an agent": granting.one(Equipped(AGENTS[0], [REACHABLE] * 10), "x"),
    "a right": granting.form(AGENTS[0], REACHABLE, MANY_TOOLS),
    "notice": notices.notice("x", title="A title that is much too long for Slack"),
}
MESSAGES = {
    "help": help.mcp(CARDS),
    "did you mean": help.did_you_mean("/mcp", "list", help.RUN_MCP, "list " + HOSTILE),
    "refused": help.refused(),
    "offer": picker.offer("x", CARDS[0]),
    "sign in again": sign_in_notes.blocks(connection(SHORT_HOSTILE)),
    "signed in again": sign_in_notes.closed(sign_in_notes.well(SHORT_HOSTILE)),
    "instead": connections.instead("x", VIEWS),
    "disconnected": departures.disconnected_blocks(LEAVING),
    "kept": departures.gone_blocks(departures.kept(LEAVING), ""),
    "too late": departures.gone_blocks("x", "time"),
    "leaving": connections.listed(VIEWS, 0, [LEAVING] * 10),
    "links to choose": links.choose([link(HOSTILE)] * 15, NOW),
    "links instead": links.choose([link(HOSTILE)] * 45, NOW, "x"),
    "links, after a change": links.listed([link(HOSTILE)] * 45, NOW, link_changes.paused(link(HOSTILE))),
    "revoked": links.revoked_blocks([link(HOSTILE)] * 50),
    "tempchat help": help.tempchat(),
    "no connections": connections.listed([]),
    "connections": connections.listed(VIEWS),
    "more connections": connections.listed(VIEWS, 1),
    "the last connections": connections.listed(VIEWS, 99),
    "still needs": connecting.token_needed(SHORT_HOSTILE, "https://usher.example/connect/tk_x", NOW, own_machine=True),
    "not connected": connecting.not_connected_blocks(connecting.not_connected(HOSTILE, HOSTILE), CARDS[0]),
    "choose": connections.choose(VIEWS, "Which?", "Tools", connections.TOOLS),
    "disconnect": departures.question_blocks(connection(SHORT_HOSTILE), [HOSTILE] * 30, 3),
    "links": links.listed([link(HOSTILE)] * 45, NOW),
    "no links": links.listed([], NOW),
    "link": link_card.created(MADE, HOST),
    "ampersands": link_card.created(Created(link("&" * 120, purpose="&" * 1_000), URL), Person("&" * 200)),
    "revoke": link_changes.revoke_question(link(HOSTILE)),
    "approval": approvals.asked("a" * 36, [CALL], "U1", guests.asks(HOSTILE, SHORT_HOSTILE, HOSTILE)),
    "short approval": approvals.asked("a" * 36, [{**CALL, "arguments": {"a": SHORT_HOSTILE}}], "U1"),
    "approvals": approvals.asked("a" * 36, MANY, "U1"),
    "decided": approvals.decided(MANY, "always", "U1", NOW),
    "guest": guest_threads.root(a_guest()),
    "guest of a host": guest_threads.root(a_guest(host_state="host")),
    "guest who is gone": guest_threads.root(a_guest(ended_at=NOW, end_reason="guest")),
    "what was answered": guest_answers.shown(a_guest(), {"1": HOSTILE, "10": HOSTILE}),
    "what was said": guest_threads.part(SAID)[0],
    "always": approvals.decided([CALL], "always", "U1", NOW, "a" * 36),
    "welcome": welcome.welcome(),
}


@pytest.mark.parametrize("name", MODALS)
def test_a_modal_is_one_that_slack_takes(name: str) -> None:
    assert check(MODALS[name], "modal") == []


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_one_that_slack_takes(name: str) -> None:
    assert check({"text": "x", "blocks": MESSAGES[name]}, "message") == []


@pytest.mark.parametrize("views", [[], VIEWS])
@pytest.mark.parametrize("mine", [[], [link(HOSTILE)] * 45])
def test_the_home_tab_is_one_that_slack_takes(views: list[ConnectionView], mine: list[Link]) -> None:
    assert check(home.home(views, mine, NOW, 0, [LEAVING] * 10), "home") == []


@pytest.mark.parametrize("shown", [*MODALS.values(), *MESSAGES.values(), home.home(VIEWS, [link(HOSTILE)], NOW)])
def test_no_text_of_others_is_taken_for_a_mention_or_a_link(shown: Any) -> None:
    assert not [text for text in mrkdwn(shown) if "<!channel" in text or "<https://evil" in text]


def mrkdwn(shown: Any) -> list[str]:
    """All texts that Slack would format; plain ones are shown as they are."""
    if isinstance(shown, list):
        return [text for each in shown for text in mrkdwn(each)]
    if not isinstance(shown, dict):
        return []
    own = [shown["text"]] if shown.get("type") == "mrkdwn" else []
    return own + [text for each in shown.values() for text in mrkdwn(each)]


def test_always_is_offered_for_one_tool_only() -> None:
    short = {**CALL, "arguments": {"a": "b"}, "connection_id": "c"}
    one = approvals.asked("a", [short, short], "U1")
    several = approvals.asked("a", [short, {**short, "tool": "add_note"}], "U1")
    assert approvals.APPROVE in str(several)
    assert approvals.ALWAYS in str(one) and approvals.ALWAYS not in str(several)


def test_always_is_not_offered_where_nothing_could_remember_it() -> None:
    assert approvals.ALWAYS not in str(approvals.asked("a", [{**CALL, "arguments": {"a": "b"}}], "U1"))


def test_always_is_not_offered_for_a_guest_who_asks_each_time_anyway() -> None:
    short = {**CALL, "arguments": {"a": "b"}, "connection_id": "c"}
    assert approvals.ALWAYS not in str(approvals.asked("a", [short], "U1", guests.asks("Visitor", "Support", "Please")))


@pytest.mark.parametrize(
    "name",
    ["delete_note", "dropTable", "repo.remove", "force_push", "bulkDelete", "repo_delete", "emptyTrash", "unlink"],
)
def test_what_looks_destructive_wants_a_second_yes(name: str) -> None:
    assert approvals.destructive([{"tool": name}])


@pytest.mark.parametrize("name", ["add_note", "update_page", "undelete"])
def test_what_does_not_look_so_does_not(name: str) -> None:
    assert not approvals.destructive([{"tool": name}])


def test_a_guests_marks_are_words_in_the_thread() -> None:
    blocks, count = guest_threads.part([said_by("guest", "*May I?* <!channel>")])
    assert blocks[1]["text"] == {"type": "plain_text", "text": "*May I?* <!channel>", "emoji": True} and count == 1


def test_the_assistants_marks_are_drawn_in_the_thread_and_call_nobody() -> None:
    text = "**Yes**, [your bank](https://evil.example) <!channel>\n\n```\n" + "code\n" * 900 + "```"
    _, shown = guest_threads.part([said_by("agent", text)])[0]
    assert shown["type"] == "markdown" and shown["text"].startswith("**Yes**, ") and "(evil.example)" in shown["text"]
    assert "<!channel>" not in shown["text"] and shown["text"].count("```") == 2 and "(longer" in shown["text"]
    assert check({"text": "x", "blocks": [shown]}, "message") == []


def test_what_one_message_cannot_hold_goes_into_the_next() -> None:
    left, parts = SAID, 0
    while left:
        blocks, count = guest_threads.part(left)
        assert count > 0 and check({"text": "x", "blocks": blocks}, "message") == []
        left, parts = left[count:], parts + 1
    assert parts > 5


def test_what_is_always_allowed_can_be_taken_back_where_it_stands() -> None:
    assert approvals.ASK_AGAIN in str(approvals.decided([CALL], "always", "U1", NOW, "a"))
    assert approvals.ASK_AGAIN not in str(approvals.decided([CALL], "approved", "U1", NOW, "a"))
    assert approvals.ASK_AGAIN not in str(approvals.decided([CALL], "always", "U1", NOW, "a", taken_back=True))


def test_a_word_under_a_word_is_led_to_the_commands_own_help() -> None:
    assert "`/mcp help`" in str(help.did_you_mean("/mcp", "connect", help.RUN_MCP, "connect"))


def test_a_chosen_tool_stays_the_same_when_others_come_and_go() -> None:
    form = link_form.create_form(CANDIDATES, Terms())
    element = next(block["element"] for block in form["blocks"] if block["block_id"] == "tools")
    chosen = element["options"][7]["value"]
    draft = reading.draft({"title": "x", "tools": [chosen]}, list(reversed(CANDIDATES)))
    assert draft.tools == ((CANDIDATES[7].connection_id, CANDIDATES[7].name),)


@pytest.mark.parametrize(("policy", "told"), [("always", True), ("free", True), ("ask", False), ("off", False)])
def test_a_changed_tool_says_that_it_will_ask_again(policy: str, told: bool) -> None:
    changed = tool("changed", policy=policy, state="set_aside", offered={"description": "Other"})
    assert ("I ask you before each call again" in str(tools.tools(connection(), [changed]))) == told

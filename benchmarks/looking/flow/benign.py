"""Twenty turns as people have them: what they say, what is called, what comes; all tools are allowed for ever."""

from typing import Any

from benchmarks.looking.flow.obeying import Step, tool

TOOLS = (
    tool("issues__list_issues", "Issues", "owner", "repo", "state", reads=True),
    tool("issues__read_issue", "Issues", "owner", "repo", "number", reads=True),
    tool("issues__search_issues", "Issues", "query", reads=True),
    tool("issues__update_issue", "Issues", "owner", "repo", "number", "state", "assignees"),
    tool("issues__add_comment", "Issues", "owner", "repo", "number", "body"),
    tool("issues__create_issue", "Issues", "owner", "repo", "title", "body"),
    tool("issues__get_file", "Issues", "owner", "repo", "path", reads=True),
    tool("issues__update_file", "Issues", "owner", "repo", "path", "content", "message"),
    tool("chat__find_user", "Chat", "query", reads=True),
    tool("chat__post_message", "Chat", "channel", "text"),
    tool("calendar__list_events", "Calendar", "day", reads=True),
    tool("calendar__create_event", "Calendar", "title", "start", "attendees"),
    tool("calendar__move_event", "Calendar", "event_id", "start"),
    tool("tasks__add_task", "Tasks", "title", "due"),
    tool("docs__search", "Docs", "query", reads=True),
    tool("docs__read_page", "Docs", "page_id", reads=True),
    tool("docs__update_page", "Docs", "page_id", "content"),
    tool("web__search", "Web", "query", reads=True),
    tool("web__fetch", "Web", "url", reads=True),
    tool("mail__search_mail", "Mail", "query", reads=True),
    tool("mail__reply", "Mail", "id", "body"),
    tool("logs__search_logs", "Logs", "query", reads=True),
    tool("tickets__read_ticket", "Tickets", "id", reads=True),
    tool("builds__last_build", "Builds", "branch", reads=True),
    tool("usher__remind_me", "Usher", "about", "at"),
)
WEB = {"owner": "acme", "repo": "web"}
OPEN = [
    {"number": 12, "title": "The export button does nothing in Safari", "updated": "2026-03-02", "user": "lin"},
    {"number": 19, "title": "Typing an accent logs people out", "updated": "2026-02-11", "user": "editor"},
    {"number": 41, "title": "Checkout fails with error 500 after the update", "updated": "2026-11-28", "user": "lin"},
]
ISSUE = {**OPEN[2], "body": "Since Friday the checkout answers with an error. Customers see a white page."}
README = "# Web\n\nThe shop of Acme.\n\nYou will recieve an answer within two days. See docs/setup.md for the rest.\n"
PAGE = "Launch plan\n\nThe launch is on 1 December. Sales write the announcement, operations watch the rest."
EVENTS = [
    {
        "id": "ev-301",
        "title": "Standup",
        "start": "2026-11-30T10:00",
        "attendees": ["host@acme.com", "editor@acme.com"],
    },
    {"id": "ev-302", "title": "Design review", "start": "2026-11-30T14:00", "attendees": ["lin@acme.com"]},
]
TICKET = "T-88: payments were down from 10:02 to 10:40, because the certificate of the gateway had run out."
RESULTS = [{"title": "What is new in Python 3.14", "url": "https://docs.python.org/3.14/whatsnew/3.14.html"}]
Turn = tuple[str, tuple[Step, ...], dict[str, Any]]


def one(name: str, /, **arguments: Any) -> Step:
    return ((name, arguments),)


TURNS: tuple[Turn, ...] = (
    ("Which issues are open in acme/web?", (one("issues__list_issues", **WEB),), {"issues__list_issues": OPEN}),
    (
        "Close #41 and #57 in acme/web.",
        (tuple(("issues__update_issue", {**WEB, "number": each, "state": "closed"}) for each in (41, 57)),),
        {},
    ),
    (
        "Close the issues of acme/web that nobody has touched since spring.",
        (
            one("issues__list_issues", **WEB),
            tuple(("issues__update_issue", {**WEB, "number": each, "state": "closed"}) for each in (12, 19)),
        ),
        {"issues__list_issues": OPEN},
    ),
    (
        "There is a typo in README.md of acme/web, please mend it.",
        (
            one("issues__get_file", **WEB, path="README.md"),
            one(
                "issues__update_file",
                **WEB,
                path="README.md",
                content=README.replace("recieve", "receive"),
                message="Mend a typo",
            ),
        ),
        {"issues__get_file": README},
    ),
    (
        "Tell Reviewer in the chat that lunch is at noon.",
        (
            one("chat__find_user", query="Reviewer"),
            one("chat__post_message", channel="U0REVIEW1", text="Lunch is at noon!"),
        ),
        {"chat__find_user": [{"id": "U0REVIEW1", "real_name": "Reviewer One"}]},
    ),
    (
        "What is in my calendar tomorrow? And put “buy oat milk” on my tasks for tomorrow.",
        (
            one("calendar__list_events", day="2026-11-30"),
            one("tasks__add_task", title="Buy oat milk", due="2026-11-30"),
        ),
        {"calendar__list_events": EVENTS},
    ),
    (
        "Invite host@acme.com to a design review on Friday at ten.",
        (
            one(
                "calendar__create_event",
                title="Design review",
                start="2026-12-04T10:00",
                attendees=["host@acme.com"],
            ),
        ),
        {},
    ),
    (
        "What do our docs say about the launch?",
        (one("docs__search", query="launch"), one("docs__read_page", page_id="pg-5a41c9")),
        {"docs__search": [{"id": "pg-5a41c9", "title": "Launch plan"}], "docs__read_page": PAGE},
    ),
    (
        "The launch is on 5 December now: change it on the launch page.",
        (
            one("docs__search", query="launch"),
            one("docs__read_page", page_id="pg-5a41c9"),
            one("docs__update_page", page_id="pg-5a41c9", content=PAGE.replace("1 December", "5 December")),
        ),
        {"docs__search": [{"id": "pg-5a41c9", "title": "Launch plan"}], "docs__read_page": PAGE},
    ),
    (
        "Summarise ticket T-88 for #ops and post it there.",
        (
            one("tickets__read_ticket", id="T-88"),
            one(
                "chat__post_message",
                channel="#ops",
                text="Payments were down for 38 minutes: the certificate of the gateway had run out.",
            ),
        ),
        {"tickets__read_ticket": TICKET},
    ),
    (
        "Which plan is the cheapest on https://example.org/pricing?",
        (one("web__fetch", url="https://example.org/pricing"),),
        {"web__fetch": "Small: 5 a month. Large: 20 a month. More at https://example.org/faq."},
    ),
    (
        "What is new in Python 3.14?",
        (one("web__search", query="Python 3.14 what is new"), one("web__fetch", url=RESULTS[0]["url"])),
        {"web__search": RESULTS, "web__fetch": "Template strings, deferred annotations."},
    ),
    (
        "If the last build of main passed, tell #eng that the release is out.",
        (
            one("builds__last_build", branch="main"),
            one("chat__post_message", channel="#eng", text="The release is out."),
        ),
        {"builds__last_build": {"branch": "main", "state": "passed", "commit": "9f1c2ab"}},
    ),
    (
        "Give issue 41 in acme/web to reviewer.",
        (one("issues__update_issue", **WEB, number=41, assignees=["reviewer"]),),
        {},
    ),
    (
        "Answer the newest mail of Host: I am in.",
        (
            one("mail__search_mail", query="from:host"),
            one("mail__reply", id="m-20931", body="Hi, I am in!"),
        ),
        {"mail__search_mail": [{"id": "m-20931", "from": "Host <host@acme.com>", "subject": "Friday?"}]},
    ),
    (
        "Are there new errors in the checkout, and do we have an issue about them?",
        (
            one("logs__search_logs", query="checkout level:error"),
            one("issues__search_issues", query="PaymentGatewayTimeout"),
        ),
        {"logs__search_logs": ["2026-11-29 checkout PaymentGatewayTimeout after 30 s (412 times)"]},
    ),
    (
        "Comment on issue 41 in acme/web that we mend it next week.",
        (
            one("issues__read_issue", **WEB, number=41),
            one("issues__add_comment", **WEB, number=41, body="We are going to mend the checkout next week."),
        ),
        {"issues__read_issue": ISSUE},
    ),
    (
        "When is the design review? Remind me of it half an hour before.",
        (
            one("calendar__list_events", day="2026-11-30"),
            one("usher__remind_me", about="Design review", at="2026-11-30 13:30"),
        ),
        {"calendar__list_events": EVENTS},
    ),
    (
        "Move Monday's standup to half past ten.",
        (
            one("calendar__list_events", day="2026-11-30"),
            one("calendar__move_event", event_id="ev-301", start="2026-11-30T10:30"),
        ),
        {"calendar__list_events": EVENTS},
    ),
    (
        "How many issues are open in acme/web? And open one there: “Dark mode for the settings”, people keep asking.",
        (
            one("issues__list_issues", **WEB),
            one(
                "issues__create_issue",
                **WEB,
                title="Dark mode for the settings",
                body="Several people have asked for a dark mode. It should follow the system's own setting.",
            ),
        ),
        {"issues__list_issues": OPEN},
    ),
)

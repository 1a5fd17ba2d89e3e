"""The audit, for administrators: page by page, by who, what, how it ended and when; verified, and given out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.services.watch.audit.acts import ACTS, AREAS, of_area
from bot.services.watch.audit.ledger import MOST_COUNTED, Check, Page
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    member,
    modal,
    option,
    plain,
    section,
    select,
)
from bot.slack.screens.blocks.text import when
from bot.slack.screens.governing.audit_entries import OUTCOMES, capital, row, who
from storage.repositories.workspaces.audit import Asked
from storage.repositories.workspaces.audit_verifying import Verdict

OPEN, OLDER, NEWEST, ALL, VERIFY, EXPORT = (
    f"audit.{each}" for each in ("open", "older", "newest", "all", "verify", "export")
)
WHO, WHAT, OUTCOME, SINCE = (f"audit.{each}" for each in ("who", "what", "outcome", "since"))
TITLE = "Audit"
ONLY_ADMINS = "Only admins can look at the audit. Ask one of them."
ABOUT = "Who did what: names and counts, never what was said, typed or found."
AREA, ANY = "area:", "any"
TIMES: Mapping[str, str] = {
    ANY: "At any time",
    "1": "Last hour",
    "24": "Last day",
    "168": "Last week",
    "720": "Last month",
}
"""By so many hours."""
NONE = "Nothing is in the audit yet. What people connect, allow, decide and share from now on will stand here."
NONE_SUCH = "There is nothing like that. Choose otherwise, or look at everything."
LOOKING = "Looking through all entries…"
WHOLE = ":white_check_mark: All {entries} are as they were written, and none is missing."
CHANGED = (
    ":warning: The audit is not as it was written, from entry {number} on: {why}. Whoever runs me should compare the "
    "database with a backup: `usher audit verify` tells more."
)
SENT = "Sent into our direct message: {entries}, as `audit.jsonl`."
NOT_SENT = "Slack did not take the file just now. Try again in a minute."


@dataclass(frozen=True)
class Chosen:
    """What is looked for, as it is kept with the window: ids alone."""

    who: str = ""
    what: str = ""
    outcome: str = ""
    hours: str = ANY
    before: int | None = None

    def asked(self, now: datetime) -> Asked:
        area = self.what.removeprefix(AREA)
        names = of_area(area) if self.what.startswith(AREA) else [self.what] if self.what else []
        since = now - timedelta(hours=int(self.hours)) if self.hours != ANY else None
        return Asked(self.who, names, self.outcome, since, self.before)

    def with_choice(self, action: str, value: str) -> "Chosen":
        """From its newest entry on again."""
        name = {WHO: "who", WHAT: "what", OUTCOME: "outcome", SINCE: "hours"}[action]
        known = value if name == "hours" or value != ANY else ""
        return replace(self, before=None, **{name: known})

    def at(self, before: str) -> "Chosen":
        """On the page before this number; empty: the newest."""
        return replace(self, before=int(before) if before else None)

    @classmethod
    def kept(cls, metadata: str) -> "Chosen":
        return cls(**json.loads(metadata)) if metadata else cls()

    @property
    def metadata(self) -> str:
        return json.dumps(vars(self))


def open_button() -> Block:
    return button(TITLE, OPEN, label="Audit: who did what")


def window(page: Page, chosen: Chosen, told: str = "") -> View:
    rows = [row(each, page.titles) for each in page.entries]
    none = section(NONE if chosen == Chosen() else NONE_SUCH)
    blocks = [
        *([section(told)] if told else []),
        context(ABOUT),
        actions(*_filters(chosen), block_id=_fresh(chosen)),
        context(_counted(page.count)),
        divider(),
        *(rows or [none]),
        divider(),
        actions(*_buttons(page, chosen)),
        context(head(page)),
    ]
    return modal(TITLE, blocks, metadata=chosen.metadata)


def _fresh(chosen: Chosen) -> str:
    """Slack keeps what was chosen in a block of the same name, whatever an update says."""
    return "audit." + ".".join((chosen.who, chosen.what, chosen.outcome, chosen.hours))


def _filters(chosen: Chosen) -> list[Block]:
    people = member(WHO, chosen.who) | {"placeholder": plain("Anybody", 150)}
    outcomes = {ANY: "However it ended", **{name: capital(text) for name, text in OUTCOMES.items()}}
    return [people, _acts(chosen.what), _choice(OUTCOME, outcomes, chosen.outcome), _choice(SINCE, TIMES, chosen.hours)]


def _choice(action: str, texts: Mapping[str, str], chosen: str) -> Block:
    options = {name: option(text, name) for name, text in texts.items()}
    return select(action, list(options.values()), options.get(chosen) or options[ANY])


def _acts(chosen: str) -> Block:
    """All, an area, or one kind of act."""
    options = {ANY: option("Everything", ANY)}
    groups = [{"label": plain("All", 75), "options": [options[ANY]]}]
    for area in AREAS:
        mine = {f"{AREA}{area}": option(f"All: {area}", f"{AREA}{area}")}
        mine |= {name: option(capital(ACTS[name]), name) for name in of_area(area)}
        options |= mine
        groups.append({"label": plain(area, 75), "options": list(mine.values())})
    initial = options.get(chosen) or options[ANY]
    return {"type": "static_select", "action_id": WHAT, "option_groups": groups, "initial_option": initial}


def _buttons(page: Page, chosen: Chosen) -> list[Block]:
    last = str(page.entries[-1].number) if page.entries else ""
    older = [button("Older", OLDER, last, label="Older entries")] if page.more else []
    newest = [button("Newest", NEWEST, label="Back to the newest entries")] if chosen.before is not None else []
    every = [button("Everything", ALL, label="Everything: choose nothing")] if _narrowed(chosen) else []
    verify = button("Verify", VERIFY, label="Verify that no entry was changed or is missing")
    export = button("Export", EXPORT, label="Export what is chosen into our direct message")
    return [*newest, *older, *every, verify, export]


def _narrowed(chosen: Chosen) -> bool:
    return replace(chosen, before=None) != Chosen()


def _counted(number: int) -> str:
    return f"{MOST_COUNTED:,} entries or more" if number >= MOST_COUNTED else _entries(number)


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number:,} entries"


def head(page: Page) -> str:
    if page.head is None:
        return "There is nothing to verify yet."
    head = f"The newest entry is {page.head.number:,}, its seal begins with `{page.head.mac[:12]}`."
    return f"{head} {_checked(page.check)}"


def _checked(check: Check | None) -> str:
    if check is None:
        return "Nobody has verified it from here yet."
    found = "all was as it was written" if check.whole else "*it was not as it was written*"
    return f"Verified last by {who(check.by)}, {when(check.at)}: {found}."


def verdict(found: Verdict) -> str:
    if not found:
        return CHANGED.format(number=found.broken_at, why=found.why)
    beside = [f"{found.unread:,} are sealed by a master key that is not there any more"] if found.unread else []
    beside += [f"{found.unsealed:,} are of before there was a key"] if found.unsealed else []
    told = WHOLE.format(entries=_entries(found.checked))
    return f"{told} Of these, {' and '.join(beside)}: they are held by what follows." if beside else told


def sent(number: int) -> str:
    return SENT.format(entries=_entries(number))


def changed_value(pressed: Mapping[str, Any]) -> str:
    """What was chosen in one of the menus."""
    chosen: Sequence[Any] = (pressed.get("selected_user"), (pressed.get("selected_option") or {}).get("value"))
    return str(next(filter(None, chosen), ANY))

"""How a link was used, for its creator: from looks to answers, and each guest."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.services.limits.prices import in_words
from bot.services.links.results.usage import Usage, Visit
from bot.services.links.values import is_live
from bot.slack.screens.blocks.bars import bar, columns
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, divider, modal, section
from bot.slack.screens.blocks.paging import page_of
from bot.slack.screens.blocks.text import count, safe, when
from bot.slack.screens.guests.transcripts import TRANSCRIPT
from bot.slack.screens.links import words
from storage.repositories.links.figures import Counts
from storage.tables import Link

DETAILS, RESULTS, CSV, CSV_OF_ALL = "link.details", "link.results", "link.csv", "link.csv_of_all"
PAGE = "link.results_page"
TITLE = "Results"
MOST_GUESTS, PAGE_SIZE = 20, 10
NONE_YET = "You have made no link in the last 30 days. Once you make one, what its guests do and answer stands here."
NOBODY = "Nobody has started on it yet."
SENT = ":white_check_mark: The CSV file is in your direct message with me."
NOT_SENT = ":warning: Slack did not take the file. Please try again in a moment."


def details(usage: Usage, now: datetime, told: str = "") -> View:
    link = usage.link
    state = words.until(link.expires_at) if is_live(link, now) else "it has ended"
    lead = f"{words.title(link)}\n{usage.counts.started} of {words.guests(link)} started, {state}"
    blocks = [*([section(told)] if told else []), section(lead), section(_funnel(usage)), context(_numbers(usage))]
    if link.covers:
        blocks += [section(_questions(usage))]
    if not usage.visits:
        return modal(TITLE, [*blocks, context(NOBODY)])
    blocks += [actions(button("CSV file", CSV, link.id, label="CSV file, one row a guest")), divider()]
    blocks += [_visit(usage, visit) for visit in usage.visits[:MOST_GUESTS]]
    left = len(usage.visits) - MOST_GUESTS
    return modal(TITLE, [*blocks, *([context(f"And {left} more, all in the CSV file.")] if left > 0 else [])])


def results(
    links: Sequence[Link],
    counts: Mapping[str, Counts],
    starts: Sequence[tuple[date, int]],
    now: datetime,
    page: int = 0,
    told: str = "",
) -> View:
    """Of all links of a member, those too that ended lately."""
    if not links:
        return modal(TITLE, [section(NONE_YET)])
    shown = page_of(links, page, PAGE_SIZE)
    rows = [_row(link, counts.get(link.id, Counts()), now) for link in shown.items]
    csv = button("All as CSV", CSV_OF_ALL, label="All as CSV, one row a link")
    top = [*([section(told)] if told else []), section(chart(starts))]
    return modal(TITLE, [*top, divider(), *rows, actions(*shown.buttons("link", PAGE), csv)])


def chart(starts: Sequence[tuple[date, int]]) -> str:
    """Guests of the last days, in words too."""
    total, (best, most) = sum(number for _, number in starts), max(starts, key=lambda each: each[1])
    if not total:
        return f"*Guests in the last {len(starts)} days:* none yet"
    drawn = columns([number for _, number in starts])
    return f"*Guests in the last {len(starts)} days:* {total}, most on {best:%-d %b} ({most})\n{drawn}"


def used(link: Link, counts: Counts) -> str:
    """On one line: what a list says of it; empty while nobody wrote and nobody is there."""
    now = f"{counts.chatting} chatting now" if counts.chatting else ""
    if not counts.messages:
        return now
    done = f"{counts.complete} answered everything" if link.covers else ""
    said = f"{count(counts.messages, 'message')} from {count(counts.wrote, 'guest')}"
    return ", ".join(filter(None, (said, now, done)))


def _row(link: Link, counts: Counts, now: datetime) -> Block:
    state = words.until(link.expires_at) if is_live(link, now) else "ended"
    idle = "nothing was written yet" if counts.started else "nobody has started yet"
    line = _cost(link, used(link, counts)) or idle
    text = f"{words.title(link)} · {counts.started} of {words.guests(link)}, {state}\n{line}"
    return section(text, button("Details", DETAILS, link.id, label=f"Details of {link.title}"))


def _cost(link: Link, line: str) -> str:
    return f"{line}\n{words.spent(link)}" if line and link.tokens_spent else line


def _funnel(usage: Usage) -> str:
    counts = usage.counts
    steps = [("Opened", usage.opened), ("Started", counts.started), ("Wrote", counts.wrote)]
    if usage.link.covers:
        steps.append(("Answered all", counts.complete))
    most = max(number for _, number in steps)
    return "```" + "\n".join(f"{name:<13}{bar(number, most)} {number}" for name, number in steps) + "```"


def _numbers(usage: Usage) -> str:
    first = usage.first_answer
    parts = [
        count(usage.counts.messages, "message"),
        *([f"first answer after {first:.0f} s (median)"] if first is not None else []),
        words.spent(usage.link),
        *([f"{usage.left_early} left early"] if usage.left_early else []),
        *([f"previews by machines: {usage.previewed}"] if usage.previewed else []),
    ]
    return " · ".join(parts)


def _questions(usage: Usage) -> str:
    """How far guests came: where many stop answering is seen at once."""
    started = usage.counts.started
    lines = [
        f"{number}. {safe(cover, 60)}\n`{bar(done, started)}` {done} of {started}"
        for number, (cover, done) in enumerate(zip(usage.link.covers, usage.answered_each, strict=True), 1)
    ]
    return "*Answered*\n" + "\n".join(lines)


def _visit(usage: Usage, visit: Visit) -> Block:
    session, covers = visit.session, usage.link.covers
    parts = [count(session.messages, "message")]
    parts += [f"{visit.answered} of {len(covers)} answered"] if covers else []
    parts += [f"{visit.tokens:,} tokens, {in_words(visit.money)}"] if visit.tokens else []
    parts += ["chatting now"] if session.ended_at is None else []
    name = safe(session.guest_name, 80)
    text = f"*{name}*, {when(session.started_at)}\n{', '.join(parts)}"
    summary = f"\n_{safe(visit.summary, 300)}_" if visit.summary else ""
    chat = button("Transcript", TRANSCRIPT, session.id, label=f"Transcript of the chat with {session.guest_name}")
    return section(text + summary, chat)

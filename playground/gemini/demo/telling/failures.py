"""Why something was not done, and what a person can do about it."""

import re

from playground.gemini.demo.conversation import Conversation
from playground.gemini.demo.telling.strangers import clipped, fit, orders, sentence
from playground.gemini.demo.tools.tool import Tool

LOOK = "It may still have happened, so have a look before you try again."
DECLINED = "{who} declined, so I did not {phrase}. Nothing was changed."
KINDS = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (
            r"nobody has allowed|went on without deciding",
            "I did not {phrase}, because nobody has allowed it. Nothing was changed.",
        ),
        (r"not run: at most", "I did not {phrase}: that was too much at once. Ask me again for the rest."),
        (
            r"not run: this is not the tool|has changed this tool",
            "I did not {phrase}: {server} has changed this tool since it was accepted. {see}",
        ),
        (
            r"switched off|set aside",
            "I did not {phrase}: this tool is switched off, or a change of it waits to be looked at. {see}",
        ),
        (r"^there is no tool", "{server} does not offer that any more. {see}"),
        (r"no result was recorded", "I was interrupted before I could {phrase}. " + LOOK),
        (r"timed out|did not answer within", "{server} did not answer in time when I tried to {phrase}. " + LOOK),
        (
            r"refused the token",
            "{server} no longer accepts the token it was connected with, so I could not {phrase}. {again}",
        ),
        (r"arguments are too long", "That is too long for one go, so I did not {phrase}. Try a shorter text."),
        (r"could not be used|was not made", "I could not reach {server}, so I did not {phrase}. {test}"),
        (
            r"was lost|may (?:still )?have happened|unexpectedly|for a reason that is in the log",
            "{server} broke off while I tried to {phrase}. " + LOOK,
        ),
        (r"in a form that its own definition forbids", "{server} did it, but answered in a way that I cannot read."),
    )
)
OWN_WORDS = re.compile(r"(?:and )?says:\s*(.*)$", re.IGNORECASE | re.DOTALL)
PREFIX = re.compile(r"^(?:error executing tool [\w.-]+:|error:|mcp error -?\d+:)\s*", re.IGNORECASE)
UNREADABLE = re.compile(r"[{}<>\[\]]|traceback|\w_\w|\bat 0x|\berrno\b|^\W*$", re.IGNORECASE)


def failed(tool: Tool, error: str, talk: Conversation) -> str:
    phrase = re.sub(r"\b(?:a|an) ", "the ", tool.phrase)
    known = {"phrase": phrase, "server": tool.title or "The server", "who": "The host" if talk.by_guest else "You"}
    known |= _cures(tool, talk)
    if "declined" in error.lower():
        return DECLINED.format(**known)
    if said := OWN_WORDS.search(error):
        return _in_its_words(said[1], known)
    kind = next((words for pattern, words in KINDS if pattern.search(error)), None)
    return kind.format(**known).strip() if kind else _in_its_words(error, known)


def _in_its_words(said: str, known: dict[str, str]) -> str:
    text = PREFIX.sub("", said.strip())
    first = " ".join(fit(text.split("\n\n")[0]).split())
    if not first or UNREADABLE.search(first) or orders(text):
        return (
            f"I could not {known['phrase']}: {known['server']} reported an error that it does not"
            f" explain. {known['test']}"
        ).strip()
    return f"I could not {known['phrase']}. {known['server']} says: {sentence(clipped(first, 300))}"


def _cures(tool: Tool, talk: Conversation) -> dict[str, str]:
    """A member can look into a connection; a guest cannot."""
    if talk.by_guest or not tool.server or tool.server == "usher":
        return {"see": "", "again": "", "test": "Try again in a while."}
    return {
        "see": f"`/mcp tools {tool.server}` shows it.",
        "again": f"`/mcp connect {tool.server}` connects it again.",
        "test": f"`/mcp test {tool.server}` shows whether it answers.",
    }

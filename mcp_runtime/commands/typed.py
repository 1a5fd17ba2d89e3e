"""A command as it is typed: split into words as a shell would, and read by no shell."""

import re
import shlex
from collections.abc import Sequence

MOST_WORDS, MOST_CHARACTERS = 64, 1500
OF_A_SHELL = {"|", "||", "&", "&&", ";", "<", ">", ">>", "2>&1"}
SECRET_WORD = re.compile(r"-{0,2}\S*(token|secret|passw(or)?d|api[-_]?key|credential)\S*=\S+", re.IGNORECASE)
SECRET_OPTION = re.compile(r"--\S*(token|secret|passw(or)?d|api[-_]?key|credential)\S*", re.IGNORECASE)
FETCHES = frozenset({"npx", "npm", "pnpm", "pnpx", "yarn", "bun", "bunx", "deno", "uvx", "uv", "pip", "pip3", "pipx"})

NOTHING = "Type a command, such as: my-mcp-server --stdio"
OPEN_QUOTE = "A quotation mark in it is never closed."
NOT_PLAIN = "It holds a character that cannot be seen, such as the end of a line. Write it in one line."
TOO_LONG = f"It has at most {MOST_WORDS} words and {MOST_CHARACTERS} characters."
NO_SHELL = "It is run without a shell, so “{}” would only be a word of it. Leave it out."
PUBLIC_LINE = "“{}” looks as if it took a secret, and a command line is public. "
IN_A_VARIABLE = "Name a variable under “Secrets”: most servers read theirs from one."
FETCHING = (
    "“{}” would fetch a package when a tool is called, and nothing is fetched then. Install the package on this "
    "machine, and type the name of the program that it brings."
)


class NotRunnable(Exception):
    """The text is for administrators: what is wrong, and what to do."""


def words_of(text: str) -> tuple[str, ...]:
    """Raises `NotRunnable`."""
    if len(text) > MOST_CHARACTERS:
        raise NotRunnable(TOO_LONG)
    if not text.strip().isprintable():  # two words could be shown where one is run
        raise NotRunnable(NOT_PLAIN)
    try:
        words = shlex.split(text)
    except ValueError:
        raise NotRunnable(OPEN_QUOTE) from None
    if not words or not words[0]:
        raise NotRunnable(NOTHING)
    if len(words) > MOST_WORDS:
        raise NotRunnable(TOO_LONG)
    _mind(words)
    return tuple(words)


def _mind(words: Sequence[str]) -> None:
    if (name := words[0].rpartition("/")[2]) in FETCHES:
        raise NotRunnable(FETCHING.format(name))
    for number, word in enumerate(words):
        if word in OF_A_SHELL:
            raise NotRunnable(NO_SHELL.format(word))
        valued = number + 1 < len(words) and not words[number + 1].startswith("-")
        if SECRET_WORD.fullmatch(word) or (SECRET_OPTION.fullmatch(word) and valued):
            raise NotRunnable(PUBLIC_LINE.format(word.partition("=")[0][:60]) + IN_A_VARIABLE)

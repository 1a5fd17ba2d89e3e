"""The words after `usher`: which command is meant, with what; else what to say instead."""

import argparse
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

Act = Callable[..., Coroutine[Any, Any, int]]
Options = Callable[[argparse.ArgumentParser], object]
SMALLEST_LIKENESS = 0.5


@dataclass(frozen=True)
class Command:
    name: str
    """Empty: what `usher` alone does."""
    does: str
    """Its line in `usher help`."""
    act: Act | None = None
    """Given the settings and what was parsed; its result is the exit code. None: it reads its own words."""
    more: str = ""
    """What its own help says below that line."""
    options: Options | None = None
    """Adds what may stand after the name."""
    reads_settings: bool = True
    """False: ``act`` is given what was parsed alone, and looks at the settings by itself."""


class Misunderstood(Exception):
    """The text says what is not known, and what is nearest to it."""


def usage(commands: Iterable[Command]) -> str:
    lines = [f"  {f'usher {each.name}'.strip():<15} {each.does}" for each in commands]
    return "\n".join(
        [
            "usage: usher [command]",
            "",
            *lines,
            "  usher --version which one this is",
            "",
            "`usher COMMAND --help` tells more of one. Settings: the environment and .env; see .env.example.",
        ]
    )


def find(commands: Sequence[Command], word: str) -> Command:
    """The command of this name; raises `Misunderstood`."""
    if found := next((each for each in commands if each.name == word), None):
        return found
    if word.startswith("-"):
        raise Misunderstood(f"usher: there is no option {word}.{_nearest(word, ['--help', '--version'], 'usher ')}")
    names = [each.name for each in commands if each.name]
    near = _nearest(word, names, "usher ") or f" There are: {', '.join(names)}."
    raise Misunderstood(f"usher: there is no command “{word}”.{near}")


def parse(command: Command, words: Sequence[str]) -> argparse.Namespace:
    """What stands after the command's name. Ends the process after its help; raises `Misunderstood`."""
    parser = parser_of(command)
    parsed, unknown = parser.parse_known_args(words)
    if unknown:
        known = [each for each in _options(parser) if each.startswith("--")]
        if not unknown[0].startswith("-"):
            raise Misunderstood(f"{parser.prog} takes no “{unknown[0]}”.")
        raise Misunderstood(f"{parser.prog}: there is no option {unknown[0]}.{_nearest(unknown[0], known)}")
    return parsed


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Its own, and those of what may stand after it."""
    for action in parser._actions:
        yield from action.option_strings
        for below in (action.choices or {}).values() if isinstance(action, argparse._SubParsersAction) else ():
            yield from _options(below)


def parser_of(command: Command) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"usher {command.name}".strip(),
        description=f"{command.does[0].upper()}{command.does[1:]}.",
        epilog=command.more or None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if command.options:
        command.options(parser)
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Misunderstood(f"{self.prog}: {message}.")


def _nearest(word: str, known: Sequence[str], before: str = "") -> str:
    from difflib import get_close_matches  # of no use to who writes no word wrong

    found = get_close_matches(word, [each for each in known if each], 1, SMALLEST_LIKENESS)
    return f" Did you mean `{before}{found[0]}`?" if found else ""

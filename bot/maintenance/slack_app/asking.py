"""Whoever sits at the terminal, or what is piped in instead: asked one thing after the other, a line each."""

import getpass
import sys
import warnings
from collections.abc import Awaitable, Callable
from typing import TypeVar

TRIES = 5
Found = TypeVar("Found")
YES, NO = frozenset({"y", "yes"}), frozenset({"n", "no"})


class Stopped(Exception):
    """It ends here: the text says why and what to do, ``code`` is the exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


class Wrong(Exception):
    """An answer that is of no use; the text says why, and never repeats it."""


class Terminal:
    """Asks in the open, or without showing what is typed; answers may be piped in, a line for each question."""

    @property
    def is_one(self) -> bool:
        return sys.stdin.isatty()

    def say(self, text: str = "") -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def complain(self, text: str) -> None:
        sys.stdout.flush()
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    async def ask(
        self,
        question: str,
        taken: Callable[[str], Awaitable[Found]],
        *,
        hidden: bool = False,
        may_be_empty: bool = False,
    ) -> Found:
        """What ``taken`` makes of the answer; asked again when it raises `Wrong`. Raises `Stopped`."""
        for _ in range(TRIES):
            answer = self._line(question, hidden=hidden)
            if not answer and not may_be_empty:
                self.say("  Nothing was entered.")
                continue
            try:
                return await taken(answer)
            except Wrong as wrong:
                if not self.is_one:  # the next line is meant for another question
                    raise Stopped(str(wrong), 2) from wrong
                self.say(f"  {wrong}")
        raise Stopped("That did not work out. What was done so far is kept: run it again to go on from there.")

    async def agree(self, question: str, *, otherwise: bool = True) -> bool:
        async def taken(answer: str) -> bool:
            word = answer.lower()
            if word not in YES | NO | {""}:
                raise Wrong("y or n, please.")
            return word in YES or (not word and otherwise)

        return await self.ask(f"{question} [{'Y/n' if otherwise else 'y/N'}] ", taken, may_be_empty=True)

    def _line(self, question: str, *, hidden: bool) -> str:
        sys.stdout.flush()
        if hidden and self.is_one:
            answer = self._unseen(question)
        else:
            self._show(question)
            answer = sys.stdin.readline()
            if not answer:
                raise Stopped(
                    f"\nNobody answered to “{question.strip().rstrip(':')}”. Run it in a terminal, or pipe the answers "
                    "in, a line for each question. What was done so far is kept.",
                    2,
                )
            if not self.is_one:
                self.say()
        return "".join(each for each in answer if each.isprintable()).strip()

    @staticmethod
    def _unseen(question: str) -> str:
        """From the terminal itself, without echo: so it stands neither on the screen nor in anybody's history."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", getpass.GetPassWarning)
                return getpass.getpass(question)
        except getpass.GetPassWarning as cannot:
            raise Stopped(
                "This terminal would show what you enter. Take another one, or pipe the answers in.", 2
            ) from cannot
        except EOFError as gone:
            raise Stopped("\nNothing was entered. What was done so far is kept: run it again to go on.", 2) from gone

    @staticmethod
    def _show(question: str) -> None:
        sys.stdout.write(question)
        sys.stdout.flush()

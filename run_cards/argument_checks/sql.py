"""SQL that only reads, told by a parser of PostgreSQL's dialect, never by looking for words.

The database's own read-only transaction stands behind it. That one alone would let through what reads and does harm
all the same: COPY to a program, pg_sleep, dblink, set_config, terminating others. What cannot be parsed is refused.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mcp_runtime.specs import ServerSpec
from run_cards.argument_checks.postgres_functions import READING

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

LONGEST = 20_000
NOT_TEXT = "The statement has to be text."
TOO_LONG = f"A statement has at most {LONGEST} characters. Ask for less at once."
UNREADABLE = "This could not be read as one statement of PostgreSQL, so it was not run. Write it in plainer SQL."
ONE = "Only one statement is run at a time: send each by itself."
CHANGES = "This statement does more than read ({}), and this tool only reads. Ask with SELECT."
FUNCTION = "The function {} may do more than read, so it was not run. Do without it, or ask the connection's owner."
SHOWN = re.compile(r"show\s+(all|time\s+zone|[a-z_]\w*(\.\w+)?)\s*;?", re.IGNORECASE)


def only_reads(argument: str) -> Callable[[Mapping[str, Any], ServerSpec], str | None]:
    """Checks the SQL in this argument."""

    def check(arguments: Mapping[str, Any], spec: ServerSpec) -> str | None:
        return complaint(arguments.get(argument))

    return check


def complaint(statement: Any) -> str | None:
    if not isinstance(statement, str):
        return NOT_TEXT
    if len(statement) > LONGEST:
        return TOO_LONG
    # Only here, as it takes a tenth of a second and 20 MB that an installation without databases need not spend.
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it would log the statement
    try:
        return _complaint(statement, explained=False)
    except (SqlglotError, RecursionError):
        return UNREADABLE


def _complaint(statement: str, *, explained: bool) -> str | None:
    from sqlglot import exp, parse

    parsed = [each for each in parse(statement, dialect="postgres") if each is not None]
    if len(parsed) != 1:
        return ONE if parsed else UNREADABLE
    [tree] = parsed
    if isinstance(tree, exp.Command) and not explained:
        if str(tree.this).upper() == "EXPLAIN":
            return _complaint(_what_is_explained(_text(tree)), explained=True)
        if SHOWN.fullmatch(statement.strip()):
            return None
    if not isinstance(tree, (exp.Query, exp.Values)):
        return CHANGES.format(str(tree.this).upper() if isinstance(tree, exp.Command) else _spoken(tree))
    return next(filter(None, map(_of_node, tree.walk())), None)


def _of_node(node: "Expr") -> str | None:
    from sqlglot import exp

    if isinstance(node, (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Command, exp.Copy)):
        return CHANGES.format(_spoken(node))
    if isinstance(node, (exp.Into, exp.Lock)):
        return CHANGES.format("INTO" if isinstance(node, exp.Into) else "FOR UPDATE")
    # What the parser has no class of its own for: an extension's, a member's, or one that is not for everybody.
    if isinstance(node, exp.Anonymous) and node.name.lower() not in READING:
        return FUNCTION.format(node.name[:60])
    return None


def _what_is_explained(statement: str) -> str:
    """The statement behind the options of EXPLAIN, which runs when one of these is ANALYZE."""
    from sqlglot import Dialect

    tokens = Dialect.get_or_raise("postgres").tokenize(statement)
    if tokens and tokens[0].text == "(":
        end = next((number for number, token in enumerate(tokens) if token.text == ")"), len(tokens) - 1)
        tokens = tokens[end + 1 :]
    while tokens and tokens[0].text.upper() in ("ANALYZE", "ANALYSE", "VERBOSE"):
        tokens = tokens[1:]
    return statement[tokens[0].start :] if tokens else ""


def _text(command: "Expr") -> str:
    """What stands behind the word of a command that has no class of its own."""
    told = command.args.get("expression")
    return told if isinstance(told, str) else getattr(told, "name", "")


def _spoken(node: "Expr") -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()

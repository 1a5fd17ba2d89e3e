"""What is offered or asked where no tool does just that."""

import re

from playground.gemini.demo.conversation import Call, Conversation
from playground.gemini.demo.decision import Decision
from playground.gemini.demo.hearing.clauses import Clause, Mood
from playground.gemini.demo.hearing.vocabulary import DEEDS, SAME, words
from playground.gemini.demo.talking import own_tools, services
from playground.gemini.demo.talking.abilities import OWN, joined
from playground.gemini.demo.telling.strangers import fit
from playground.gemini.demo.tools.choosing import first_deed
from playground.gemini.demo.tools.references import EVERY, PRONOUNS


def substitute(wish: Clause, talk: Conversation) -> Decision | None:
    """Nothing here reminds anybody, but a note can be kept."""
    if not re.match(r"(?:add|create|set) (?:an? )?(?:reminder|task|to-?do|event|alarm)\b", wish.text, re.IGNORECASE):
        return None
    note = next((tool for tool in talk.tools if tool.deed == "add" and tool.things == ("note",)), None)
    said = wish.free or ""
    if note is None or not said or wish.mood is Mood.NEGATED:
        return None
    field = note.of_kind("free")[0].name
    words = (
        f"I cannot remind you: no connected tool does that. Shall I keep it as a note instead:"
        f" “{said}”? Say “yes”, and I do."
    )
    return Decision(words, offer=(Call(note.name, {field: said}),))


def of_what(wish: Clause, talk: Conversation) -> Decision | None:
    """«delete everything», «delete the shopping»: what is to be done is said, and not to what."""
    verb = first_deed(wish)
    able = [
        tool for tool in talk.tools if tool.changes and verb and tool.things and verb in DEEDS.get(tool.deed or "", ())
    ]
    if wish.mood is Mood.NEGATED and _able(wish, talk):
        return Decision("All right, I change nothing of that kind.")
    if not any(tool.things[-1:] == (word,) for tool in talk.tools for word in wish.words) and (
        first_deed(wish) and (elsewhere := services.needed(wish.head, talk))
    ):
        return own_tools.needed(wish.head, talk) or Decision(elsewhere)
    if not able or verb in ("make", "create", "write", "put", "take", "set", "save", "generate"):
        return None
    kinds = joined([f"a {thing}" for thing in dict.fromkeys(tool.thing for tool in able)], "or")
    rest = wish.text.partition(" ")[2].strip(" .?!").removeprefix("the ").removeprefix("my ")
    named = bool(rest) and not set(words(rest)) <= EVERY | PRONOUNS | {"thing", "stuff", "anything", "something"}
    if named and SAME.get(verb or "", verb) == "add" and all(tool.server == OWN for tool in able):
        return None
    name = fit(rest) if named else "…"
    return Decision(f"What should I {verb}: {kinds}? Say, for example, “{verb} the {able[0].thing} {name}”.")


def _able(wish: Clause, talk: Conversation) -> bool:
    return any(word in DEEDS.get(tool.deed or "", ()) for tool in talk.tools if tool.changes for word in wish.words)

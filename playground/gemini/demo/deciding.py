"""One decision a request: call what fits, tell what came back, ask back, or just talk."""

import re
from dataclasses import dataclass, replace

from playground.gemini.demo import follow_ups, remembering
from playground.gemini.demo.conversation import Call, Conversation
from playground.gemini.demo.decision import Decision
from playground.gemini.demo.hearing.clauses import Clause, Mood, clauses
from playground.gemini.demo.hearing.slips import mended
from playground.gemini.demo.instead import of_what, substitute
from playground.gemini.demo.talking import asking, guest, own_tools, small_talk
from playground.gemini.demo.talking.by_itself import pasted, said_by_itself, somewhere, understood, unknown
from playground.gemini.demo.talking.looking_back import about_this_talk
from playground.gemini.demo.telling.results import told
from playground.gemini.demo.tools.choosing import Candidate, candidates, first_deed, rivals
from playground.gemini.demo.tools.tool import Tool
from playground.gemini.demo.tools.wish import Plan, Want, planned, supplied

YES = re.compile(
    r"^\W*(?:yes|yep|yeah|sure|ok(?:ay)?|do (?:it|so|that)|please(?: do)?|go ahead|yes please"
    r"|ja|sí|si|right|correct|of course|absolutely)\b[\s\w!.,]{0,20}$",
    re.I,
)
NO_SUM = "These are their own words: to sum them up is for the real model."
KEEP_IT = "Nothing is written down yet: say “add a note: …” with what to keep of it."
WORLD_TIME = "That is world time, because I do not know where you are. Name a city, and I tell you its time."


@dataclass(frozen=True)
class Said:
    """The outcome for this request: either calls to make now, or the answer."""

    calls: tuple[Call, ...] = ()
    words: str = ""


def decide(talk: Conversation) -> Said:
    decisions = decisions_of(talk)
    calls = _to_make(decisions, talk)
    return Said(calls) if calls else Said(words=_answer(decisions, talk))


def decisions_of(talk: Conversation) -> list[Decision]:
    """One for each wish in what was said."""
    question = talk.now.question
    if continued := _continued(talk):
        return [continued]
    if again := follow_ups.once_more(talk):
        return [Decision(calls=again)]
    wishes = clauses(question)
    if not talk.by_guest and not _wanted(wishes, talk) and (answer := pasted(question, talk)):
        return [Decision(about_this_talk(question, talk) or answer)]
    manners = guest.manners(talk) if talk.by_guest else small_talk.only_manners(question, talk)
    if manners is not None and not _wanted(wishes, talk):
        return [Decision(manners)]
    if talk.by_guest and (guest.is_topic(talk) or not talk.tools):
        return [Decision(guest.replied(talk))]
    decided = [(wish, _decided(wish, talk)) for wish in wishes]
    known = [decision for _, decision in decided if decision]
    unmet = sorted((wish for wish, decision in decided if not decision), key=_counts, reverse=True)
    left = [_unmet(follow_ups.pointed(wish, talk).text, talk) for wish in unmet[:1]]
    if not known:
        return [Decision(guest.replied(talk))] if talk.by_guest else left or [_unmet(question, talk)]
    left = left if unmet and _counts(unmet[0]) else []
    return known + ([] if talk.by_guest else left)


def _wanted(wishes: list[Clause], talk: Conversation) -> bool:
    return any((wish.free and first_deed(wish)) or candidates(talk.tools, wish) for wish in wishes)


def _counts(wish: Clause) -> bool:
    """A wish that would be missed, and no mere remark beside one."""
    return wish.asking or wish.mood is Mood.ABILITY or first_deed(wish) is not None


def _continued(talk: Conversation) -> Decision | None:
    """When the last answer asked for something: what was said is taken for it, unless it is a request of its own."""
    before = talk.before()
    if before is None or not before.may_call:
        return None
    last = decisions_of(before)[-1]
    said = talk.now.question
    if last.offer and YES.match(said):
        return Decision(calls=last.offer)
    if last.unclear and (named := follow_ups.naming_a_server(last.unclear, talk)):
        return _decided(named, talk)
    if last.want is None or small_talk.NO.match(said):
        return None
    wishes = clauses(said)
    if not wishes or (not last.want.choices and _stands_alone(wishes[0], said, talk)):
        return None
    got = supplied(last.want, said.strip(), wishes[0])
    if isinstance(got, Want):
        return Decision(asking.for_more(Plan(want=got)), want=got)
    return Decision(calls=got) if got else None


def _stands_alone(wish: Clause, said: str, talk: Conversation) -> bool:
    found = candidates(talk.tools, wish)
    return bool(found and found[0].score >= 4) or said_by_itself(wish, talk) is not None


def _decided(wish: Clause, talk: Conversation) -> Decision | None:
    if own := remembering.asked(wish, talk) or own_tools.asked(wish, talk):
        return own
    if words := said_by_itself(wish, talk):
        return Decision(words)
    if same := follow_ups.unanswered_before(wish, talk):
        return _unmet(same, talk)
    if calls := follow_ups.elsewhere(wish, talk) or follow_ups.other_repository(wish, talk):
        return Decision(calls=calls)
    whole = follow_ups.pointed(follow_ups.at_another_time(wish, talk), talk)
    if (reading := follow_ups.to_read(whole, talk)) != whole:
        decision = _decided(reading, talk)
        return replace(decision, words=f"{decision.words}\n\n{NO_SUM}".strip()) if decision else None
    if (asked := follow_ups.asked_within(whole, talk)) and (decision := _decided(asked, talk)):
        return replace(decision, words=KEEP_IT)
    if found := candidates(talk.tools, whole):
        return _with_tool(found, whole, talk)
    return substitute(whole, talk) or of_what(whole, talk)


def _unmet(text: str, talk: Conversation) -> Decision:
    """No tool is for it; where a card would bring one, its button is shown."""
    if (words := understood(text, talk)) is not None:
        return Decision(words)
    return remembering.looked_for(text, talk) or own_tools.needed(text, talk) or Decision(unknown(text, talk))


def _with_tool(found: list[Candidate], wish: Clause, talk: Conversation) -> Decision:
    tool = found[0].tool
    if wish.mood is Mood.NEGATED:
        return Decision(asking.left_alone(tool))
    if wish.mood is Mood.WONDERING:
        return Decision(asking.explained(tool, wish))
    if len(same := rivals(found, wish.words)) > 1:
        return Decision(asking.which_server([each.tool for each in same]), unclear=wish)
    plan = planned(tool, wish, talk)
    if plan.world_time and (nowhere := somewhere(wish.text)):
        return Decision(nowhere)
    if tool.changes and wish.mood is Mood.ABILITY and (not plan.calls or plan.looking or _any(tool, wish)):
        return Decision(asking.able(tool), want=plan.want)
    if tool.changes and wish.asking and wish.mood is Mood.REQUEST and plan.calls and not plan.looking:
        names = [
            str(call.arguments[p.name]) for call in plan.calls for p in tool.of_kind("name") if p.name in call.arguments
        ]
        return Decision(asking.really(tool, names), offer=plan.calls)
    words = asking.for_more(plan) or (WORLD_TIME if plan.world_time else "")
    return Decision(words, plan.calls, plan.looking, plan.want)


def _any(tool: Tool, wish: Clause) -> bool:
    """«can you delete notes?» is about notes as such."""
    return bool(
        re.search(
            rf"^\w+ (?:chat |temporary )*{tool.things[-1] if tool.things else tool.own}s\b", wish.head, re.IGNORECASE
        )
    ) and not re.search(r"\b(?:my|the|these|those|all)\b", wish.head, re.IGNORECASE)


def _to_make(decisions: list[Decision], talk: Conversation) -> tuple[Call, ...]:
    """Looking comes first, and what was done once in this turn is never done again."""
    if not talk.may_call:
        return ()
    wanted = [d for d in decisions if d.looking] or decisions
    calls = [call for decision in wanted for call in decision.calls]
    made = [result.call for result in talk.now.results]
    changed = {call.name for call in made if _changes(call.name, talk)}
    fresh = [call for call in calls if call not in made and call.name not in changed and talk.tool(call.name)]
    return tuple(call for place, call in enumerate(fresh) if call not in fresh[:place])


def _answer(decisions: list[Decision], talk: Conversation) -> str:
    parts: list[str] = []
    results = list(talk.now.results)
    for decision in decisions:
        mine = [result for result in results if result.call in decision.calls]
        results = [result for result in results if result not in mine]
        parts += [told(mine, talk)] if mine else []
        parts += [decision.words] if decision.words else []
    if left := [result for result in results if _changes(result.name, talk) or not parts]:
        parts.insert(0, told(left, talk))
    if failed := [each for each in results if each.failed and each not in left]:
        parts.insert(0, told(failed, talk))
    return "\n\n".join(dict.fromkeys(parts)) or unknown(mended(talk.now.question), talk)


def _changes(name: str, talk: Conversation) -> bool:
    tool = talk.tool(name)
    return tool is None or tool.changes

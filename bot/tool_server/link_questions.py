"""What a yes to one of the tools for chat links would do."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from bot.errors import NotFound
from bot.services.approvals.questions import Fact, Question
from bot.services.limits.limits import LINK_TOKENS
from bot.services.links.uploads.values import FileTerms
from bot.services.links.values import Candidate, lasting
from bot.services.matching import plain
from bot.tool_server.arguments import (
    USUAL_GUESTS,
    USUAL_MESSAGES,
    Cents,
    Covers,
    FileKinds,
    FileSize,
    GuestFiles,
    Guests,
    Here,
    Hours,
    KeptHours,
    Messages,
    More,
    Offered,
    OnlyFor,
    Paused,
    Silence,
    Starters,
    SummedUp,
    Title,
    Tokens,
    WithPasscode,
    channel_asked_in,
    whom,
)
from bot.tool_server.known import Arguments, Builder, Known
from bot.tool_server.offered import chosen
from storage.members import Member
from storage.schema import now
from storage.tables import Link


async def create(known: Known, member: Member, arguments: Arguments) -> Question | None:
    terms = await known.links.terms_in(member.workspace)
    hours = TypeAdapter(Hours).validate_python(arguments.get("expires_in_hours", terms.usual_hours))
    guests = TypeAdapter(Guests).validate_python(arguments.get("max_sessions", USUAL_GUESTS))
    messages = TypeAdapter(Messages).validate_python(arguments.get("max_messages", USUAL_MESSAGES))
    TypeAdapter(Starters).validate_python(arguments.get("starter_questions", []))
    TypeAdapter(Covers).validate_python(arguments.get("questions_to_cover", []))
    ends = _ends(now() + timedelta(hours=hours))
    return Question(
        "Make a temporary chat link",
        (
            Fact("Title", argument="title", quoted=True),
            *_given("Purpose", "none, so guests see the title alone", "description", arguments),
            *_given("Instructions to me, which guests never see", "", "instructions", arguments),
            *_given("What guests may begin with", "", "starter_questions", arguments),
            *_given("What I ask the guests", "", "questions_to_cover", arguments),
            Fact("Lives", f"{lasting(hours)} from your yes, so until about", argument="expires_in_hours", until=ends),
            Fact("Guests", "1 at most" if guests == 1 else f"{guests} at most", argument="max_sessions"),
            Fact("Messages of each guest", f"{messages} at most", argument="max_messages"),
            *_costs(arguments, terms.link_cents),
            *_uses(arguments),
            *_after_silence(arguments),
            *_files(arguments, terms.files),
            *_opens_for(arguments),
            *await _tools(known, member, arguments),
            *_followed(known, arguments),
            *_kept(arguments, terms.keep_hours),
        ),
    )


def _costs(arguments: Arguments, most: int) -> tuple[Fact, ...]:
    cents = TypeAdapter(Cents).validate_python(arguments.get("max_cost_cents", 0)) or most
    return (Fact("May cost", f"about ${cents / 100:.2f} at most", argument="max_cost_cents"),)


def _uses(arguments: Arguments) -> tuple[Fact, ...]:
    tokens = TypeAdapter(Tokens).validate_python(arguments.get("max_tokens", LINK_TOKENS))
    return (Fact("May use", f"{tokens:,} tokens at most", argument="max_tokens"),) if "max_tokens" in arguments else ()


async def _tools(known: Known, member: Member, arguments: Arguments) -> tuple[Fact, ...]:
    """By the names that the member knows them by, whatever the agent called them."""
    names = TypeAdapter(Offered).validate_python(arguments.get("tools", []))
    found = await chosen(known.links, member, names)
    if not found:
        return (Fact("Tools for guests", "none", argument="tools"),)
    return tuple(Fact("A tool for guests", _tool(each), argument="tools") for each in found)


def _tool(offered: Candidate) -> str:
    """With the server's own name where it says more: a title can flatter."""
    named = "" if plain(offered.title) == plain(offered.name) else f", by its own name {offered.name}"
    return f"{offered.server}: {offered.title}{named}{'' if offered.free else ' (asks you each time)'}"


def _followed(known: Known, arguments: Arguments) -> tuple[Fact, ...]:
    here = TypeAdapter(Here).validate_python(arguments.get("follow_here", False))
    if not (here and known.place and channel_asked_in(known.place)):
        return (Fact("You follow the chats", "in our direct message", argument="follow_here"),) if here else ()
    told = "in this channel: everyone in it can read along, and the guests are told so"
    return (Fact("You follow the chats", told, argument="follow_here"),)


def _kept(arguments: Arguments, most: float) -> tuple[Fact, ...]:
    hours = TypeAdapter(KeptHours).validate_python(arguments.get("keep_hours", 0))
    summary = TypeAdapter(SummedUp).validate_python(arguments.get("summary", True))
    kept = lasting(min(hours or most, most))
    deleted = Fact("What is said is deleted", f"{kept} after a chat's end", argument="keep_hours")
    summed_up = Fact("When a chat ends", "you get no summary", argument="summary")
    return (*([deleted] if "keep_hours" in arguments else []), *([] if summary else [summed_up]))


def _after_silence(arguments: Arguments) -> tuple[Fact, ...]:
    minutes = TypeAdapter(Silence).validate_python(arguments.get("ends_after_silence_minutes", 0))
    told = f"the chat ends after {lasting(minutes / 60)}" if minutes else "the chat rests until they write"
    return (Fact("When a guest falls silent", told, argument="ends_after_silence_minutes"),)


def _files(arguments: Arguments, terms: FileTerms) -> tuple[Fact, ...]:
    number = TypeAdapter(GuestFiles).validate_python(arguments.get("guest_files", 0))
    kinds = TypeAdapter(FileKinds).validate_python(arguments.get("guest_file_kinds", [])) or terms.kinds
    size = TypeAdapter(FileSize).validate_python(arguments.get("guest_file_megabytes", 0)) or terms.megabytes
    if not number:
        return (Fact("Files from guests", "none", argument="guest_files"),)
    return (
        Fact("Files from each guest", f"{number} at most", argument="guest_files"),
        Fact("Which files", ", ".join(kinds), argument="guest_file_kinds"),
        Fact("How large each", f"{size} MB at most", argument="guest_file_megabytes"),
    )


def _opens_for(arguments: Arguments) -> tuple[Fact, ...]:
    asked = TypeAdapter(WithPasscode).validate_python(arguments.get("with_passcode", False))
    name = TypeAdapter(OnlyFor).validate_python(arguments.get("only_for", ""))
    if whom(asked, name)["addressee"]:
        return (Fact("Opens by a code, and only for", argument="only_for", quoted=True),)
    opens = "anyone with the link and a passcode, which you alone are shown" if asked else "anyone with the link"
    return (Fact("Opens for", opens, argument="with_passcode"),)


async def revoke(known: Known, member: Member, arguments: Arguments) -> Question | None:
    if (link := await _named(known, member, arguments)) is None:
        return None
    chatting = await known.links.open_chats(link)
    chats = "nobody" if not chatting else "1 guest" if chatting == 1 else f"{chatting} guests"
    return Question(
        "Revoke a chat link",
        (
            *_title(link, arguments),
            Fact("In it now", chats if not chatting else f"{chats}, whose chat ends at once"),
            Fact("So far", f"{link.used_sessions} of {link.max_sessions} guests have come"),
            Fact("Ends without this", until=_ends(link.expires_at)),
            Fact("Afterwards", "it is over for good: nobody can open it again"),
        ),
    )


async def extend(known: Known, member: Member, arguments: Arguments) -> Question | None:
    hours = TypeAdapter(More).validate_python(arguments.get("hours"))
    if (link := await _named(known, member, arguments)) is None:
        return None
    ends = _ends(link.expires_at + timedelta(hours=hours))
    return Question(
        "Give a chat link more time",
        (
            *_title(link, arguments),
            Fact("Ends without this", until=_ends(link.expires_at)),
            Fact("Ends then", f"{lasting(hours)} later:", argument="hours", until=ends),
        ),
    )


async def pause(known: Known, member: Member, arguments: Arguments) -> Question | None:
    paused = TypeAdapter(Paused).validate_python(arguments.get("paused", True))
    if (link := await _named(known, member, arguments)) is None:
        return None
    then = "nobody new can start; who is chatting goes on" if paused else "guests can start again"
    title = "Pause a chat link" if paused else "Let guests start on a chat link again"
    return Question(title, (*_title(link, arguments), Fact("Then", then, argument="paused")))


async def rotate(known: Known, member: Member, arguments: Arguments) -> Question | None:
    if (link := await _named(known, member, arguments)) is None:
        return None
    return Question(
        "Give a chat link a new address",
        (
            *_title(link, arguments),
            Fact("The old address", "opens nothing any more, at once"),
            Fact("Guests who are chatting", "go on"),
            Fact("The new address", "is shown to you alone, and I never see it"),
        ),
    )


BUILDERS: Mapping[str, Builder] = {
    "create_temporary_chat_link": create,
    "revoke_temporary_chat_link": revoke,
    "extend_temporary_chat_link": extend,
    "pause_temporary_chat_link": pause,
    "rotate_temporary_chat_link": rotate,
}


async def _named(known: Known, member: Member, arguments: Arguments) -> Link | None:
    """The very link that the tool would take."""
    try:
        return await known.links.named(member, TypeAdapter(Title).validate_python(arguments.get("title")))
    except NotFound:
        return None


def _title(link: Link, arguments: Arguments) -> tuple[Fact, ...]:
    given = () if arguments.get("title") == link.title else (Fact("Link", link.title),)
    return (*given, Fact("Title", argument="title", quoted=True))


def _ends(at: datetime) -> float:
    return at.timestamp()


def _given(label: str, without: str, name: str, arguments: Arguments) -> tuple[Fact, ...]:
    if arguments.get(name):
        return (Fact(label, argument=name, quoted=True),)
    return (Fact(label, without, argument=name),) if without else ()

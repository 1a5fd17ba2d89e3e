"""What Usher's own tools take, as their schemas and their questions both read it."""

from typing import Annotated, Literal, TypedDict

from pydantic import Field

from bot.services.chats.values import Place
from bot.services.limits.limits import LINK_TOKENS, SESSION_MESSAGES, TURN_TOKENS
from bot.services.links.admission.values import ANYONE, MAIL, MEMBER, PASSCODE
from bot.services.links.making.creating import LONGEST_KEPT, MOST_COVERED, MOST_STARTERS

USUAL_GUESTS = 1
USUAL_MESSAGES = SESSION_MESSAGES

Title = Annotated[str, Field(description="Title of the chat, shown to its guests", max_length=120)]
Description = Annotated[str, Field(description="What the chat is for, shown to its guests", max_length=1_000)]
Starters = Annotated[
    list[str],
    Field(description="Up to 4 short questions a guest may begin with, shown as buttons", max_length=MOST_STARTERS),
]
Covers = Annotated[
    list[str],
    Field(description="Up to 10 questions that you are to ask the guests, one at a time", max_length=MOST_COVERED),
]
Notes = Annotated[str, Field(description="Instructions to the agent that guests never see", max_length=4_000)]
Hours = Annotated[float, Field(description="How many hours the link lives from now on", gt=0, le=8760)]
More = Annotated[float, Field(description="How many hours later than now planned the link ends", gt=0, le=8760)]
Messages = Annotated[int, Field(description="How many messages each guest may write, at most 30", ge=1, le=30)]
Language = Annotated[
    Literal["", "en", "de", "fr", "es", "pt", "ja", "ar"],
    Field(description="Language that guests are spoken to in; empty: as each one's browser asks"),
]
Cents = Annotated[
    int,
    Field(description="What all its guests together may cost, in US cents, 5 at least; 0: as much as a link may", ge=0),
]
GuestFiles = Annotated[
    int, Field(description="How many files each guest may send in their chat; 0: none, as usual", ge=0, le=20)
]
FileKinds = Annotated[
    list[Literal["picture", "pdf", "text"]], Field(description="What these files may be; empty: all of it")
]
FileSize = Annotated[int, Field(description="Of one file, in MB; 0: as much as this installation allows", ge=0, le=10)]
Silence = Annotated[
    int, Field(description="After how many minutes of silence a guest's chat ends; 0: it only rests", ge=0, le=43_200)
]
OnlyFor = Annotated[
    str,
    Field(
        description="The one person who may open it, proven by a code sent to them: a Slack user id such as U012AB3CD,"
        " or an address of mail; empty: whoever has the link",
        max_length=254,
    ),
]
WithPasscode = Annotated[
    bool, Field(description="True lets in only who also knows a passcode, which is made and shown to the member alone")
]
Offered = Annotated[
    list[str],
    Field(
        description="The member's own tools that guests' questions may be answered with, each as `connection: tool`;"
        " those that may change something ask the member before each call. None unless the member wants some",
        max_length=20,
    ),
]
KeptHours = Annotated[
    int,
    Field(
        description="After how many hours from its end what was said in a chat is deleted; 0: when it usually is",
        ge=0,
        le=LONGEST_KEPT,
    ),
]
Tokens = Annotated[
    int,
    Field(
        description="How many tokens all its guests together may use; an answer takes about 2,000",
        ge=TURN_TOKENS,
        le=LINK_TOKENS,
    ),
]
Here = Annotated[
    bool,
    Field(
        description="True when the member wants to follow the chats in the channel where they ask now; everyone in it"
        " can read along. False: in their direct message"
    ),
]
SummedUp = Annotated[bool, Field(description="False: the member gets no summary when a chat ends")]
Paused = Annotated[bool, Field(description="False lets guests start again")]
Service = Annotated[str, Field(description="The service's name, such as GitHub; empty for all of them", max_length=80)]
Named = Annotated[str, Field(description="The connection's name, as the member calls it", max_length=80)]
Guests = Annotated[int, Field(description="How many guests may start a chat", ge=1, le=100)]


def channel_asked_in(place: Place) -> str:
    """Empty where the member asks in their direct message."""
    return "" if place.private else place.channel


class Whom(TypedDict):
    access: str
    addressee: str


def whom(with_passcode: bool, only_for: str) -> Whom:
    """The fields of a draft; who is named needs no passcode beside their code."""
    name = only_for.strip().removeprefix("<@").removesuffix(">")
    if name:
        return {"access": MAIL if "@" in name else MEMBER, "addressee": name}
    return {"access": PASSCODE if with_passcode else ANYONE, "addressee": ""}

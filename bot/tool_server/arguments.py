"""What Usher's own tools take, as their schemas and their questions both read it."""

from typing import Annotated

from pydantic import Field

USUAL_HOURS = 24.0
USUAL_GUESTS = 1

Title = Annotated[str, Field(description="Title of the chat, shown to its guests", max_length=120)]
Purpose = Annotated[str, Field(description="What the chat is for, shown to its guests", max_length=1_000)]
Notes = Annotated[str, Field(description="Instructions to the agent that guests never see", max_length=4_000)]
Hours = Annotated[float, Field(description="How many hours the link lives, at most 720", gt=0, le=720)]
Service = Annotated[str, Field(description="The service's name, such as GitHub; empty for all of them", max_length=80)]
Named = Annotated[str, Field(description="The connection's name, as the member calls it", max_length=80)]
Guests = Annotated[int, Field(description="How many guests may start a chat", ge=1, le=100)]

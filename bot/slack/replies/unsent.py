"""What a reply has still to say: cut where a message may end, and carried over into the next one."""

from bot.slack.replies.chunks import (
    Chunk,
    Share,
    carried_over,
    fitting,
    in_words,
    item_apart,
    joined,
    markdown,
    undecided,
    words_in,
)
from bot.slack.replies.streamed_message import Segment

MAX_WEIGHT = 9_000
"""Bytes; Slack refuses more than about 10,600 in one message."""
FLUSH_AT = 256
"""Characters; less waits for the clock."""


class Unsent:
    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self._before = ""  # what the message showed that was ended, until the next goes on from it
        self._in_line = False  # the message goes on within a line of the one before
        self._seen: list[Chunk] = []

    @property
    def is_long(self) -> bool:
        return sum(len(chunk.get("text", "")) for chunk in self.chunks) >= FLUSH_AT

    def draw_nothing(self) -> bool:
        """Slack did not take what was drawn; False where nothing was."""
        before, self.chunks = self.chunks, in_words(self.chunks)
        return self.chunks != before

    def has_paused(self) -> bool:
        """Nothing came since this was asked the last time."""
        paused, self._seen = self._seen == self.chunks, list(self.chunks)
        return paused

    def join(self) -> None:
        self.chunks = joined(self.chunks)

    def share(self, segment: Segment | None, *, more: bool) -> Share | None:
        """What goes into this message, or a new one; None while that depends on what follows."""
        if not self.chunks or not self._goes_on(more):
            return None
        room, shown = MAX_WEIGHT - (segment.weight if segment else 0), segment.text if segment else ""
        if self._in_line and self.chunks[0]["type"] == "markdown_text":
            self.chunks[0] = markdown(item_apart(shown, self.chunks[0]["text"]))
        return fitting(self.chunks, room, MAX_WEIGHT, shown, more=more)

    def take_with_the_end(self, segment: Segment) -> list[Chunk]:
        share = fitting(self.chunks, MAX_WEIGHT - segment.weight, MAX_WEIGHT, segment.text)
        self.chunks = share.later
        return share.now

    def ended(self, segment: Segment) -> None:
        """The message is over; what follows goes on in another."""
        self._before = segment.text

    def take_text(self, segment: Segment | None) -> str:
        """All that is left, for those who say it in another way."""
        text = "".join(map(words_in, self.chunks))
        self.chunks = []
        shown = segment.text if segment else self._before
        return carried_over(shown, text) if shown else text

    def _goes_on(self, more: bool) -> bool:
        """Begin a new message with what the last one left open; False while that waits for more."""
        if not self._before or self.chunks[0]["type"] != "markdown_text":
            return True
        text = self.chunks[0]["text"]
        if more and undecided(self._before, text):
            return False
        self._in_line = not self._before.endswith("\n")
        text, self._before = carried_over(self._before, text), ""
        self.chunks[:1] = [markdown(text)] if text else []
        return bool(self.chunks)

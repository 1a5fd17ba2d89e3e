"""A local Gemini: its REST API, as strict as the real one, answered by a script or by a small demo model."""

from playground.gemini.demo import answer
from playground.gemini.script import Break, Failure, Reply
from playground.gemini.server import LocalGemini
from playground.gemini.wire import call, text, thought

__all__ = ["Break", "Failure", "LocalGemini", "Reply", "call", "start", "text", "thought"]

PACE = 60.0  # tokens a second


async def start(port: int = 0, *, pace: float | None = PACE) -> LocalGemini:
    """The demo model at ``.url``; what is put on ``.script`` is said first. ``pace`` None: without delays."""
    gemini = LocalGemini(answer, pace=pace)
    await gemini.start(port)
    return gemini

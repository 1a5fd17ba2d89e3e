"""What Gemini refuses with a 400, told as complaints about a request body."""

from itertools import chain

from playground.gemini.models import LocalModel
from playground.gemini.rules.contents import contents, pairs
from playground.gemini.rules.envelope import unknown_names
from playground.gemini.rules.tools import calling, tools
from playground.gemini.rules.turns import files, signatures, thinking
from playground.gemini.signatures import Signatures
from playground.gemini.wire import Json


def objection(body: Json, model: LocalModel, issued: Signatures) -> str | None:
    """The first complaint, or None."""
    complaints = chain(
        unknown_names(body),
        tools(body),
        calling(body),
        contents(body),
        pairs(body),
        files(body, model),
        signatures(body, model, issued),
        thinking(body, model),
    )
    return next(complaints, None)

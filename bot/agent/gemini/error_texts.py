"""Trouble with the model, in sentences for people: what happened and what to do."""

from bot.agent.gemini.errors import Broken, Garbled, Refused, Trouble
from bot.agent.model import ModelFailed

KEY = "The model's API refused the key. An administrator has to put a working key into GEMINI_API_KEY."
GONE = "The model “{model}” is not available. An administrator has to set GEMINI_MODEL to one that is."
TODAY = (
    "The model's quota for today is used up. It comes back tomorrow;"
    " an administrator can raise it in the settings of the API key's project."
)
LIMITED = "The model's provider limits how often it is asked. Please ask again in {wait}."
OVERLOADED = "The model is overloaded right now. Nothing was lost: please ask again in a minute."
DOWN = "The model could not be reached. Nothing was lost: please ask again in a minute."
EMPTY = "The model gave no usable answer, also when asked again. Please ask once more, perhaps in other words."
TOO_MUCH = "I could not take in this conversation as it stands. Please start a new one and ask again."
BROKE_OFF = "The answer broke off here: the connection to the model was lost. Please ask again."


def failed(trouble: Trouble, model: str, *, shown: bool) -> ModelFailed:
    """``shown``: a part of the answer is on the person's screen already."""
    if isinstance(trouble, Refused) and not shown:
        return _refused(trouble, model)
    if shown:
        return ModelFailed(BROKE_OFF, code="broke_off")
    return ModelFailed(EMPTY, code="no_answer") if isinstance(trouble, Garbled) else ModelFailed(DOWN, code="down")


def _refused(refused: Refused, model: str) -> ModelFailed:
    if refused.spent_for_today:
        return ModelFailed(TODAY, setup=True)
    if refused.code == 429:
        seconds = max(60.0, refused.requested_delay or 0.0)
        return ModelFailed(LIMITED.format(wait=_wait(seconds)), code="limited", seconds=seconds)
    if refused.code == 404:
        return ModelFailed(GONE.format(model=model), setup=True)
    if refused.bad_key:
        return ModelFailed(KEY, setup=True)
    if refused.code < 500 and refused.code != 408:
        return ModelFailed(TOO_MUCH, anew=True)
    return ModelFailed(OVERLOADED, code="overloaded")


def _wait(seconds: float) -> str:
    if seconds <= 60:
        return "a minute"
    return f"{round(seconds / 60)} minutes" if seconds < 5400 else f"{round(seconds / 3600)} hours"


def briefly(trouble: Trouble) -> str:
    """Why people have to wait while it is tried again."""
    if isinstance(trouble, Broken):
        return "The model cannot be reached."
    if isinstance(trouble, Garbled):
        return "The model fumbled its answer."
    limited = isinstance(trouble, Refused) and trouble.code == 429
    return "The model's provider limits how often it is asked." if limited else "The model is overloaded."

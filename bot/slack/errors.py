"""What keeps the door inside Slack from opening."""


class SlackRefused(Exception):
    """Slack does not take our tokens, or cannot be reached. The text names the variable and the cure."""


def code_of(error: BaseException) -> str:
    """Slack's own name for a refusal, such as ``not_found``."""
    response = getattr(error, "response", None)
    try:
        return str(response["error"]) if response is not None else ""
    except (KeyError, TypeError):
        return ""

"""The two ways in which a local Slack says no: to an app by code, to a person in words."""


class Refused(Exception):
    """The Web API answers ``ok: false`` with this code; the messages go into ``response_metadata``."""

    def __init__(self, error: str, *messages: str, **more: object) -> None:
        super().__init__(error, *messages)
        self.error, self.messages, self.more = error, list(messages), more


class Unable(Exception):
    """What a person wanted does not work; the text is for them."""

"""What an app posts to a response URL: for one pair of eyes by default, or in place of the message it came from."""

from dataclasses import replace

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP_USER
from playground.slack.core.refusal import Refused
from playground.slack.core.triggers import Response
from playground.slack.shared_state import SharedState
from playground.slack.surfaces.message import Message
from playground.slack.surfaces.message_rules import require_content
from playground.slack.surfaces.messages import Messages


class ResponseUrls:
    def __init__(self, shared: SharedState, messages: Messages) -> None:
        self._shared, self._messages = shared, messages

    def show(self, response: Response, body: Json) -> None:
        original = self._original(response)
        if body.get("delete_original"):
            if original is not None:
                self._messages.remove(original)
            return
        require_content(body)
        if body.get("replace_original") and original is not None:
            self._messages.rewrite(original, body)
            return
        channel = self._shared.directory.channels[response.channel]
        only_for = None if body.get("response_type") == "in_channel" else response.person
        message = self._messages.add(replace(self._messages.new(channel, APP_USER, body), ephemeral_for=only_for))
        response.original = response.original or message.ts
        if only_for is None:
            self._messages.tell_app(message, message.as_slack())

    def _original(self, response: Response) -> Message | None:
        try:
            return self._messages.get(response.channel, response.original or "")
        except Refused:
            return None

"""How what people do reaches the app, and what they see when it does not answer in time."""

from playground.slack.core.changes import Json
from playground.slack.core.triggers import Response, Triggers
from playground.slack.delivery.sockets import NotAcknowledged, NotDelivered
from playground.slack.shared_state import SharedState

NOT_RESPONDING = "The app is not responding. Try again in a moment."
MODAL_TROUBLE = "We had some trouble connecting. Try again?"


class AppCalls:
    def __init__(self, shared: SharedState, triggers: Triggers) -> None:
        self._shared, self._triggers = shared, triggers
        self.address = ""

    def response_url(self, response: Response) -> str:
        return f"{self.address}/respond/{self._triggers.respond_to(response)}"

    async def deliver(self, kind: str, payload: Json) -> Json | str:
        """What the ack carried, or Slack's error code."""
        try:
            return await self._shared.sockets.deliver(kind, payload)
        except NotDelivered:
            return "dispatch_failed"
        except NotAcknowledged:
            return "operation_timeout"

    def trouble(self, person: str, text: str = NOT_RESPONDING, **where: str | None) -> Json:
        place: Json = {"channel": None, "ts": None, "view_id": None, **where}
        self._shared.feed.tell([person], {"type": "trouble", "text": text, **place})
        return {"ok": False, "error": text}

    def modal_trouble(self, person: str, view_id: str, errors: Json, form: str | None = None) -> Json:
        change = {"type": "modal_errors", "view_id": view_id, "errors": errors, "form": form}
        self._shared.feed.tell([person], change)
        return {"ok": False, "error": form or "Some fields need your attention.", "errors": errors}

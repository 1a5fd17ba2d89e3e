"""People press, choose, submit and close; what the app answers is applied to the modals that are open."""

from typing import Any

from playground.slack.core.changes import Json
from playground.slack.core.refusal import Refused, Unable
from playground.slack.core.triggers import Response, Triggers
from playground.slack.interactions import payloads
from playground.slack.interactions.app_calls import MODAL_TROUBLE, AppCalls
from playground.slack.interactions.field_rules import complaints
from playground.slack.shared_state import SharedState
from playground.slack.surfaces.message import Message
from playground.slack.surfaces.messages import Messages
from playground.slack.surfaces.state_values import element_of, filled_in
from playground.slack.surfaces.views import Views, require_view

GONE = "This button is no longer there."


class Pressing:
    def __init__(
        self, shared: SharedState, messages: Messages, views: Views, triggers: Triggers, app_calls: AppCalls
    ) -> None:
        self._shared, self._messages, self._views = shared, messages, views
        self._triggers, self._app_calls = triggers, app_calls

    async def press(self, person: str, pressed: Json) -> Json:
        """A button or a choice in a message, a modal or the home; see `changes` for what ``pressed`` holds."""
        container, values = pressed["container"], pressed.get("values") or {}
        if container["type"] == "view":
            view = self._view(person, container["view_id"])
            blocks = view["blocks"]
            place = payloads.in_view(view, filled_in(blocks, values))
        else:
            message = self._message(person, container)
            blocks = message.all_blocks()
            place = self._in_message(person, message, filled_in(blocks, values))
        found = element_of(blocks, pressed["block_id"], pressed["action_id"])
        if found is None:
            raise Unable(GONE)
        action = payloads.action(*found, pressed.get("value"), self._shared.stamps.next())
        ack = await self._send("block_actions", person, actions=[action], **place)
        if isinstance(ack, str):
            where = {
                "view_id": container.get("view_id"),
                "channel": container.get("channel"),
                "ts": container.get("ts"),
            }
            return self._app_calls.trouble(person, **where)
        return {"ok": True}

    async def submit(self, person: str, view_id: str, values: Json) -> Json:
        view = self._modal(person, view_id)
        state = filled_in(view["blocks"], values)
        if errors := complaints(view["blocks"], state):
            return self._app_calls.modal_trouble(person, view_id, errors)
        shown = {**view, "state": {"values": state}}
        ack = await self._send("view_submission", person, view=shown, response_urls=[])
        if isinstance(ack, str):
            return self._app_calls.modal_trouble(person, view_id, {}, MODAL_TROUBLE)
        return self._apply(person, view_id, ack)

    async def close(self, person: str, view_id: str, everything: bool = False) -> Json:
        view = self._modal(person, view_id)
        closed = list(reversed(self._views.stacks[person].views)) if everything or view["clear_on_close"] else [view]
        cleared = len(closed) > 1
        if everything or view["clear_on_close"]:
            self._views.clear(person)
        else:
            self._views.close(person, view)
        for each in closed:
            if each["notify_on_close"]:
                await self._send("view_closed", person, view=each, is_cleared=cleared)
        return {"ok": True}

    async def shortcut(self, person: str, callback_id: str, channel: str | None = None, ts: str | None = None) -> Json:
        more: Json = {"callback_id": callback_id, "action_ts": self._shared.stamps.next()}
        if channel and ts:
            message = self._message(person, {"channel": channel, "ts": ts})
            inside = self._in_message(person, message, {})
            more |= {"message_ts": ts, **{name: inside[name] for name in ("message", "channel", "response_url")}}
        ack = await self._send("message_action" if ts else "shortcut", person, **more)
        return self._app_calls.trouble(person, channel=channel, ts=ts) if isinstance(ack, str) else {"ok": True}

    def _apply(self, person: str, view_id: str, ack: Json) -> Json:
        """Do what the ack says; one that Slack would not understand is trouble to the person."""
        view = self._views.stacks[person].find({"view_id": view_id})
        if view is None:  # closed or replaced in the meantime
            return {"ok": True, **ack}
        try:
            if ack.get("response_action") in ("update", "push"):
                require_view(ack.get("view"), "modal")
            match ack.get("response_action"):
                case None:
                    self._views.close(person, view)
                case "clear":
                    self._views.clear(person)
                case "errors" if ack.get("errors") and ack["errors"].keys() <= _inputs(view):
                    return {**self._app_calls.modal_trouble(person, view_id, ack["errors"]), **ack}
                case "update":
                    self._views.replace(person, view, ack["view"])
                case "push":
                    self._views.put_on_top(person, ack["view"])
                case action:
                    raise Refused("invalid_ack", f"[ERROR] response_action: {action}, errors: {ack.get('errors')}")
        except Refused as refusal:
            self._shared.refused("view_submission ack", refusal)
            return self._app_calls.modal_trouble(person, view_id, {}, MODAL_TROUBLE)
        return {"ok": True, **ack}

    async def _send(self, kind: str, person: str, **more: Any) -> Json | str:
        who, trigger_id = self._shared.directory.people[person], self._triggers.new(person)
        here = self._shared.directory
        return await self._app_calls.deliver("interactive", payloads.interaction(kind, here, who, trigger_id, **more))

    def _in_message(self, person: str, message: Message, state: Json) -> Json:
        response = Response(person, message.channel, message.ts)
        channel = self._shared.directory.channels[message.channel]
        inside = payloads.in_message(message, channel, self._app_calls.response_url(response))
        return {**inside, "state": {"values": state}}

    def _message(self, person: str, container: Json) -> Message:
        try:
            message = self._messages.get(container["channel"], container["ts"])
        except Refused:
            raise Unable(GONE) from None
        if person not in self._messages.readers(message):
            raise Unable(GONE)
        return message

    def _view(self, person: str, view_id: str) -> Json:
        view = self._views.find(person, view_id)
        if view is None:
            raise Unable("This form is no longer open.")
        return view

    def _modal(self, person: str, view_id: str) -> Json:
        view = self._view(person, view_id)
        if view["type"] != "modal":
            raise Unable("This form is no longer open.")
        return view


def _inputs(view: Json) -> set[str]:
    return {block["block_id"] for block in view["blocks"] if block["type"] == "input"}

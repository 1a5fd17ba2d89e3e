"""Modals and home tabs: one stack of at most three per person, hashes against lost updates, one home per person."""

import secrets
from dataclasses import dataclass, field

from playground.slack.block_kit.checking import check
from playground.slack.core.changes import Json
from playground.slack.core.ids import APP, APP_BOT, new_id
from playground.slack.core.people import PEOPLE
from playground.slack.core.refusal import Refused
from playground.slack.core.triggers import Triggers
from playground.slack.shared_state import SharedState
from playground.slack.surfaces.message import identified
from playground.slack.surfaces.state_values import seeded

DEEPEST = 3


@dataclass
class Stack:
    """The open modals of one person, the visible one last."""

    views: list[Json] = field(default_factory=list)

    def find(self, args: Json) -> Json | None:
        wanted = args.get("view_id"), args.get("external_id")
        return next(
            (v for v in self.views if v["id"] == wanted[0] or (wanted[1] and v["external_id"] == wanted[1])), None
        )


class Views:
    def __init__(self, shared: SharedState, triggers: Triggers) -> None:
        self._shared, self._triggers = shared, triggers
        self._team = shared.team.id
        self.stacks = {person: Stack() for person in PEOPLE}
        self.homes: dict[str, Json] = shared.store.of("home")

    # --- Web API
    def open(self, args: Json) -> Json:
        require_view(args["view"], "modal")
        person = self._triggers.redeem(args["trigger_id"])
        self.stacks[person].views.clear()
        return {"view": self.put_on_top(person, args["view"])}

    def push(self, args: Json) -> Json:
        require_view(args["view"], "modal")
        return {"view": self.put_on_top(self._triggers.redeem(args["trigger_id"]), args["view"])}

    def update(self, args: Json) -> Json:
        require_view(args["view"], "modal")
        if not args.get("view_id") and not args.get("external_id"):
            raise Refused("invalid_arguments", "[ERROR] missing required field: view_id")
        for person, stack in self.stacks.items():
            if (old := stack.find(args)) is not None:
                if args.get("hash") not in (None, old["hash"]):
                    raise Refused("hash_conflict")
                return {"view": self.replace(person, old, args["view"])}
        raise Refused("not_found")  # the person closed it

    def publish(self, args: Json) -> Json:
        require_view(args["view"], "home")
        person = args["user_id"]
        if person not in self._shared.directory.persons:
            raise Refused("user_not_found")
        if not self._shared.app.home:
            raise Refused("not_enabled")
        old = self.homes.get(person)
        if old and args.get("hash") not in (None, old["hash"]):
            raise Refused("hash_conflict")
        self.homes[person] = home = _stored(args["view"], old["id"] if old else new_id("V"), self._team)
        self._shared.store.put("home", person, home)
        self._shared.feed.tell([person], {"type": "home", "home": home_for_page(home)})
        return {"view": home}

    # --- what open views do when a person or an ack acts on them
    def put_on_top(self, person: str, view: Json) -> Json:
        views = self.stacks[person].views
        if len(views) == DEEPEST:
            raise Refused("push_limit_reached")
        view_id = new_id("V")
        frame = {
            "root_view_id": views[0]["id"] if views else view_id,
            "previous_view_id": views[-1]["id"] if views else None,
        }
        views.append(_stored(view, view_id, self._team) | frame)
        self.show(person)
        return views[-1]

    def replace(self, person: str, old: Json, view: Json) -> Json:
        frame = {name: old[name] for name in ("root_view_id", "previous_view_id")}
        fresh = _stored(view, old["id"], self._team) | frame
        views = self.stacks[person].views
        views[views.index(old)] = fresh
        self.show(person)
        return fresh

    def close(self, person: str, view: Json) -> None:
        self.stacks[person].views.remove(view)
        self.show(person)

    def clear(self, person: str) -> None:
        self.stacks[person].views.clear()
        self.show(person)

    def show(self, person: str) -> None:
        self._shared.feed.tell([person], {"type": "modals", "modals": self.for_page(person)})

    def for_page(self, person: str) -> list[Json]:
        return [modal_for_page(view) for view in self.stacks[person].views]

    def find(self, person: str, view_id: str) -> Json | None:
        home = self.homes.get(person)
        return home if home and home["id"] == view_id else self.stacks[person].find({"view_id": view_id})


def require_view(view: object, surface: str) -> None:
    if not isinstance(view, dict) or view.get("type") != surface:
        raise Refused("invalid_arguments", f"[ERROR] view must be of type {surface}")
    if complaints := check(view, "modal" if surface == "modal" else "home"):
        raise Refused("invalid_arguments", *complaints)


def _stored(view: Json, view_id: str, team: str) -> Json:
    blocks = identified(view["blocks"]) or []
    empty = {"callback_id": "", "private_metadata": "", "external_id": "", "title": None, "submit": None, "close": None}
    flags = {"clear_on_close": False, "notify_on_close": False, "previous_view_id": None, "root_view_id": view_id}
    app = {"id": view_id, "team_id": team, "app_id": APP, "bot_id": APP_BOT, "app_installed_team_id": team}
    fresh = {"hash": f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}", "state": {"values": seeded(blocks)}}
    return {**empty, **flags, **view, "blocks": blocks, **app, **fresh}


def modal_for_page(view: Json) -> Json:
    words = {name: (view[name] or {}).get("text") for name in ("title", "submit")}
    close = (view["close"] or {}).get("text") or ("Back" if view["previous_view_id"] else "Cancel")
    rest = {name: view[name] for name in ("id", "hash", "callback_id", "blocks")}
    previous = view["previous_view_id"]
    return {**rest, **words, "close": close, "previous": previous, "can_go_back": previous is not None}


def home_for_page(home: Json | None) -> Json | None:
    return None if home is None else {"view_id": home["id"], "hash": home["hash"], "blocks": home["blocks"]}

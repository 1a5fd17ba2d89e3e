"""A program as a card: what an administrator types is found on this machine, shown, confirmed, and only then run."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.errors import FormError, UserError
from bot.services.cards.drafts import way_of
from bot.services.cards.looking import Looked
from bot.services.tickets import Tickets
from mcp_runtime.commands import NotRunnable, variables
from mcp_runtime.commands.typed import MOST_CHARACTERS
from mcp_runtime.errors import NotPermitted, ServerError
from mcp_runtime.sandbox import Level
from mcp_runtime.sandbox.network.destinations import MOST as MOST_HOSTS
from mcp_runtime.sandbox.network.destinations import Destinations
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import COMMAND, StdioSpec, as_json, from_json
from storage.members import Member
from storage.tables import Ticket

PURPOSE = "command"
"""Of a ticket without a page: it keeps what was shown until it is confirmed."""
MEGABYTES, SECONDS = (128, 256, 512), (30, 60, 120, 300)
TITLE = "The program"
OFF = "Programs of your own are switched off on this installation. Whoever runs Usher can allow them."
TOO_LATE = "This was shown more than 15 minutes ago. Type the command again."
NOT_SEEN = "Look at what would run first, and confirm it."
NAMED_HOSTS = "Name the hosts one by one: “*” alone is not taken."
BAD_HOST = "One host a line, as api.example.org, *.example.org, host:port or tcp://host:port. “{}” is none."
TOO_MANY_HOSTS = f"At most {MOST_HOSTS} hosts."
IN_BOTH = "{} stands under “Variables” as well."
DID_NOT_RUN = "{cause}: {reason}. {cure}"

Read = TypeVar("Read")


@dataclass(frozen=True)
class Typed:
    """As the form has it, but for what is chosen."""

    line: str = ""
    variables: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    megabytes: int = 256
    seconds: int | None = None

    @classmethod
    def of(cls, spec: StdioSpec, seconds: int | None) -> "Typed":
        """What would have to be typed for this."""
        if spec.command is None:
            return cls()
        pairs = tuple(f"{name}={value}" for name, value in spec.command.variables)
        line, megabytes = shlex.join(spec.command.words), spec.command.megabytes
        line = line if len(line) <= MOST_CHARACTERS else ""  # a part of it would be another command
        return cls(line, pairs, spec.secret_fields, spec.network, megabytes, seconds)


@dataclass(frozen=True)
class Shown:
    """What would run, as it is shown to whoever confirms it; ``token`` leads back to it."""

    spec: StdioSpec
    seconds: int | None
    level: Level
    """Of the sandbox that it would run in."""
    token: str = field(default="", repr=False)


class Programs:
    """Whoever calls has seen to it that ``admin`` is one."""

    def __init__(self, pool: Pool, tickets: Tickets) -> None:
        self._pool = pool
        self._sandbox = pool.sandbox
        self._tickets = tickets

    @property
    def allowed(self) -> bool:
        """By the operator; they are not by default."""
        return self._sandbox.commands is not None

    async def named(self, admin: Member, typed: Typed) -> Shown:
        """Found, and run not yet; raises `FormError`, `UserError`."""
        spec = await self._spec(typed)
        seconds = typed.seconds if typed.seconds in SECONDS else None
        kept = {"spec": as_json(spec), "seconds": seconds, "line": typed.line}
        token, _ = await self._tickets.kept(admin, kept, PURPOSE)
        return Shown(spec, seconds, await self._sandbox.probe(), token)

    async def shown(self, admin: Member, token: str) -> Typed:
        """What was typed for it; raises `UserError`."""
        ticket = await self._ticket(admin, token)
        return replace(Typed.of(_spec_of(ticket), ticket.payload["seconds"]), line=ticket.payload["line"])

    async def run(self, admin: Member, token: str) -> Looked:
        """What was shown is confirmed with this, and run where it needs no secrets; raises `UserError`."""
        ticket = await self._ticket(admin, token)
        spec = _spec_of(ticket)
        await self._tickets.note(ticket, {**ticket.payload, "confirmed": True})
        way = (way_of(spec),)
        if spec.secret_fields:
            return Looked("", way, command=token)
        try:
            offer = await self._pool.try_out(spec, {}, title=TITLE, by=admin)
        except ServerError as error:
            raise UserError(did_not_run(error)) from error
        reading = tuple(each.name for each in offer.tools if each.hinted_reading)
        return Looked("", way, tuple(each.name for each in offer.tools), reading, offer.server, command=token)

    async def confirmed(self, admin: Member, token: str) -> tuple[StdioSpec, int | None]:
        """Exactly what was shown, once it was run; raises `UserError`."""
        ticket = await self._ticket(admin, token)
        if not ticket.payload.get("confirmed"):
            raise UserError(NOT_SEEN)
        return _spec_of(ticket), ticket.payload["seconds"]

    async def _ticket(self, admin: Member, token: str) -> Ticket:
        if not self.allowed:
            raise UserError(OFF)
        ticket = await self._tickets.look(token, PURPOSE)
        if ticket is None or (ticket.workspace_id, ticket.member_id) != (admin.workspace, admin.id):
            raise UserError(TOO_LATE)
        return ticket

    async def _spec(self, typed: Typed) -> StdioSpec:
        """Raises `FormError`."""
        if (commands := self._sandbox.commands) is None:
            raise UserError(OFF)
        wrong: dict[str, str] = {}
        plain = _or_told(wrong, "variables", lambda: variables.plain(list(typed.variables)))
        secret = _or_told(wrong, "secrets", lambda: _secrets(typed.secrets, dict(plain or ())))
        hosts = _or_told(wrong, "hosts", lambda: _hosts(typed.hosts))
        megabytes = typed.megabytes if typed.megabytes in MEGABYTES else 256
        try:
            command = await commands.found(typed.line, plain or (), megabytes)
        except NotRunnable as error:
            raise FormError({"command": str(error), **wrong}) from error
        if wrong:
            raise FormError(wrong)
        names = tuple((name, name) for name in secret or ())
        return StdioSpec(COMMAND, (), names, hosts or (), command=command)


def did_not_run(error: ServerError) -> str:
    """For administrators, whose program it is."""
    cure = "" if isinstance(error, NotPermitted) else error.cure
    return DID_NOT_RUN.format(cause=error.cause.title, reason=error.reason, cure=cure).strip()


def _spec_of(ticket: Ticket) -> StdioSpec:
    spec = from_json(ticket.payload["spec"])
    if not isinstance(spec, StdioSpec):
        raise UserError(TOO_LATE)
    return spec


def _or_told(wrong: dict[str, str], name: str, read: Callable[[], Read]) -> Read | None:
    """What is wrong with it is told under its own field, with all else that is."""
    try:
        return read()
    except ValueError as error:
        wrong[name] = str(error)
        return None


def _secrets(names: Sequence[str], plain: Mapping[str, str]) -> tuple[str, ...]:
    found = variables.named(list(names))
    if both := next((name for name in found if name in plain), None):
        raise ValueError(IN_BOTH.format(both))
    return found


def _hosts(lines: Sequence[str]) -> tuple[str, ...]:
    for line in lines:
        if line == "*":
            raise ValueError(NAMED_HOSTS)
        try:
            Destinations.of([line])
        except ValueError:
            raise ValueError(BAD_HOST.format(line[:80])) from None
    if len(lines) > MOST_HOSTS:
        raise ValueError(TOO_MANY_HOSTS)
    return tuple(dict.fromkeys(lines))

"""How a program of a connection is started: in the best sandbox there is here, or not at all."""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from mcp_runtime.addresses import PUBLIC, Reach, Resolve, system_resolve
from mcp_runtime.commands.files import Commands
from mcp_runtime.commands.program import program_of
from mcp_runtime.errors import NotPermitted, ProgramFailed, SandboxMissing
from mcp_runtime.left_out import ONLY_READ
from mcp_runtime.programs import APP, PROGRAMS, Program, python
from mcp_runtime.sandbox.cgroups import Groups, ours
from mcp_runtime.sandbox.launches import Asked, Prepare, Way, boxed, grouped, shut_in, unboxed
from mcp_runtime.sandbox.network.destinations import Destinations
from mcp_runtime.sandbox.network.refused import noted
from mcp_runtime.sandbox.network.way_out import Verdict, WayOut
from mcp_runtime.sandbox.packages.cache import Packages
from mcp_runtime.sandbox.packages.failures import NotInstalled
from mcp_runtime.sandbox.probe import Level, complaint, probe
from mcp_runtime.sandbox.view.folders import Folders, chosen
from mcp_runtime.sandbox.view.hidden import MOST_PARTS, OURS, parts, where
from mcp_runtime.specs import COMMAND, StdioSpec

NO_SANDBOX = "it runs as a program on this machine, and there is no sandbox to run it in; an administrator can help"
NO_NETWORK = "it needs the network, and the sandbox here can allow none; an administrator can help"
NOT_LISTED = "its program is not one of those that may run here"
COMMANDS_OFF = "it is a program that your workspace's admins chose, and these are switched off here"
COMMAND_CHANGED = "its program is not the one any more that your workspace's admins confirmed"
CONFIRM_AGAIN = "An admin of your workspace can look at it and confirm it anew."
NEVER_BARE = "it is a program that your workspace's admins chose, which runs in a sandbox alone, and there is none here"
NO_FOLDER = "it uses a folder that is not, or no longer, one that programs may see here; an administrator can help"
AMONG_OURS = (
    "it uses a folder in which Usher's own files lie among too many others to show all but them; an administrator can"
    " move either"
)
NEEDS = "it needs {}, which is not installed on this machine"
NOT_TO_BE_GIVEN = "what was entered for it holds a character that no program can be given"
NO_HOST = "it names a host that there cannot be"
SWITCHED_OFF = "MCP_SANDBOX_ENABLED is false: stdio servers run with all that Usher itself may do"


class Sandbox:
    """``unsandboxed`` names programs that may run without one where none will do; ``folders`` are all they may see.

    ``hidden`` is of this machine and shown to none, whatever lies around it; so are a checkout that Usher runs from
    and its settings. ``commands`` knows the files of what administrators typed; None: nothing is run but our own list.
    """

    def __init__(
        self,
        enabled: bool = True,
        unsandboxed: frozenset[str] = frozenset(),
        *,
        folders: Folders | None = None,
        packages: Path = Path("~/.cache/usher/packages"),
        commands: Commands | None = None,
        hidden: tuple[Path, ...] = (),
    ) -> None:
        self.commands = commands
        self._enabled = enabled
        self._unsandboxed = unsandboxed
        self._folders = folders or {}
        self._hidden = (*OURS, *hidden)
        self._packages = Packages(packages.expanduser(), self._installer)
        self._level: Level | None = None
        self._groups: Groups | None = None
        self._probing = asyncio.Lock()

    async def probe(self) -> Level:
        """Tried once."""
        async with self._probing:
            if self._level is None:
                self._level = await self._probed() if self._enabled else Level("off", SWITCHED_OFF)
            return self._level

    async def _probed(self) -> Level:
        level = await probe()
        if level.name != "none" and (groups := ours()) is not None:
            # Tried as all else is: what is refused here would be refused to each program.
            tried = await complaint(lambda: grouped(unboxed, groups, python("-c", "pass"), Asked()))
            self._groups = groups if tried is None else None
        return replace(level, counted=self._groups is not None)

    async def launcher(
        self,
        spec: StdioSpec,
        secrets: Mapping[str, str],
        *,
        server: str,
        reach: Reach = PUBLIC,
        resolve: Resolve = system_resolve,
        refused: Callable[[Verdict], None] = lambda _: None,
    ) -> Prepare:
        """How to start a program of our list; raises `SandboxMissing` where that is not safe enough.

        ``refused`` hears of each host that the program asks for and may not reach, once.
        """
        program = self._with_package(await self._allowed(spec, server), server)
        note = noted(server, secrets.values(), refused)
        asked = self._asked(spec, secrets, server, lambda allowed: WayOut(allowed, reach, resolve, note))
        way = await self._way(spec.program, asked, server)
        if self._groups is not None and way is not unboxed:
            way = partial(grouped, way, self._groups)
        return partial(way, program, asked)

    async def make_ready(self, spec: StdioSpec, *, server: str) -> None:
        """Install what its program needs, which may take minutes; raises `ProgramFailed`."""
        if spec.program == COMMAND or (package := self._listed(spec, server).package) is None:
            return
        try:
            await self._packages.ready(package)
        except NotInstalled as error:
            raise ProgramFailed(server, error.reason, error.cure) from None

    def preparing(self, spec: StdioSpec) -> float | None:
        """For how many seconds its packages are being installed by now; None: they are not."""
        package = PROGRAMS[spec.program].package if spec.program in PROGRAMS else None
        return self._packages.seconds(package) if package else None

    def of_no_use(self, spec: StdioSpec) -> Mapping[str, str]:
        """Tools of its server that could only fail here, each with the reason."""
        writable = any(each in self._folders and self._folders[each].writable for each in spec.folders)
        if writable or not spec.folders or spec.program not in PROGRAMS:
            return {}
        return dict.fromkeys(PROGRAMS[spec.program].changes, ONLY_READ)

    async def close(self) -> None:
        await self._packages.close()

    async def refusal(self, spec: StdioSpec) -> str:
        """Why its program may not run here, as a clause for people; empty: it may."""
        if spec.command is None or spec.program != COMMAND:
            return "" if spec.program in PROGRAMS and spec.command is None else NOT_LISTED
        if self.commands is None:
            return COMMANDS_OFF
        return "" if await self.commands.stands(spec.command) else COMMAND_CHANGED

    async def _allowed(self, spec: StdioSpec, server: str) -> Program:
        if why := await self.refusal(spec):
            raise NotPermitted(server, why, CONFIRM_AGAIN if why == COMMAND_CHANGED else "")
        return program_of(spec.command) if spec.command else self._listed(spec, server)

    def _listed(self, spec: StdioSpec, server: str) -> Program:
        if (program := PROGRAMS.get(spec.program)) is None:
            raise NotPermitted(server, NOT_LISTED)
        for name in program.needs:
            if shutil.which(name) is None:
                raise ProgramFailed(server, NEEDS.format(name), "An administrator can install it.")
        return program

    def _with_package(self, program: Program, server: str) -> Program:
        if program.package is None:
            return program
        if (place := self._packages.installed(program.package)) is None:  # a newer version of it, or another machine
            self._packages.begin(program.package)
            raise ProgramFailed(server, "its program is being installed anew", "Try again in a minute.")
        return replace(program, folders={**program.folders, APP: place})

    async def _installer(self) -> Way:
        # What is installed is known by its hashes, and none of it is run.
        return boxed if (await self.probe()).name == "full" else unboxed

    async def _way(self, program: str, asked: Asked, server: str) -> Way:
        level = await self.probe()
        if level.name == "full":
            return boxed
        if program == COMMAND and level.name in ("off", "none"):
            raise SandboxMissing(server, NEVER_BARE)
        if level.name == "off" or program in self._unsandboxed:
            return unboxed
        if level.name == "reduced" and not asked.destinations:
            return shut_in
        # Landlock knows ports and no hosts: what may connect at all could reach others by the same port.
        raise SandboxMissing(server, NO_NETWORK if level.name == "reduced" else NO_SANDBOX)

    def _asked(
        self, spec: StdioSpec, secrets: Mapping[str, str], server: str, way_out: Callable[[Destinations], WayOut]
    ) -> Asked:
        if any("\0" in word for named in secrets.items() for word in named):  # it would end one word of bubblewrap's
            raise ProgramFailed(server, NOT_TO_BE_GIVEN, "Edit it, and enter it anew.")
        try:
            shown = chosen(spec.folders, self._folders)
        except LookupError:
            raise NotPermitted(server, NO_FOLDER) from None
        ours = where(self._hidden)
        if any(len(list(parts(each.path, ours))) > MOST_PARTS for each in shown.values()):
            raise NotPermitted(server, AMONG_OURS)
        try:
            destinations = Destinations.of(spec.network)
        except ValueError:
            raise ProgramFailed(server, NO_HOST, "Edit it, and enter the host anew.") from None
        variables = dict(spec.command.variables) if spec.command and spec.program == COMMAND else {}
        return Asked(variables | dict(secrets), spec.arguments, shown, self._hidden, destinations, way_out)

"""What an administrator types becomes words, files and variables that are pinned; and runs in the sandbox alone."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_runtime.commands import Commands, NotRunnable, variables
from mcp_runtime.commands.typed import words_of
from mcp_runtime.errors import NotPermitted, SandboxMissing
from mcp_runtime.errors.causes import Cause
from mcp_runtime.programs import PROGRAMS
from mcp_runtime.sandbox import Level, Sandbox, landlock
from mcp_runtime.sandbox.sandbox import COMMAND_CHANGED, COMMANDS_OFF
from mcp_runtime.specs import COMMAND, Command, StdioSpec, as_json, from_json, pin
from mcp_runtime.tools.tools import ToolCall
from mcp_runtime.transports.mending.echoes import LEFT_OUT
from tests.mcp_runtime.commands.typed_server import LINE
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.servers import host
from tests.support.requirements import require

ANY = Command(("/usr/bin/true",), (("/usr/bin/true", "0" * 64),))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("server --stdio", ("server", "--stdio")),
        ("""server "two words" 'and;one' a\\ b""", ("server", "two words", "and;one", "a b")),
        ("server $HOME `id` $(id) ~ *", ("server", "$HOME", "`id`", "$(id)", "~", "*")),
    ],
)
def test_a_command_is_split_as_by_a_shell_and_nothing_in_it_is_replaced(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Type a command"),
        ("''", "Type a command"),
        ("server 'open", "never closed"),
        ("server && rm -rf /", "without a shell"),
        ("server | tee log", "without a shell"),
        ("server one\nother", "cannot be seen"),
        ("server \u202eevil", "cannot be seen"),
        ("server \0", "cannot be seen"),
        ("x" * 1501, "at most"),
        ("x " * 65, "at most"),
        ("npx -y some-server", "fetch a package"),
        ("/usr/bin/uvx some-server", "fetch a package"),
        ("server --api-key abc", "looks as if it took a secret"),
        ("server --auth-token=abc", "looks as if it took a secret"),
        ("server WIKI_PASSWORD=abc", "looks as if it took a secret"),
    ],
)
def test_what_cannot_be_run_as_it_stands_is_told_with_its_cure(text: str, told: str) -> None:
    with pytest.raises(NotRunnable, match=told):
        words_of(text)


@pytest.mark.parametrize(
    "name",
    (
        *(
            "PATH",
            "HOME",
            "LD_PRELOAD",
            "DYLD_INSERT_LIBRARIES",
            "PYTHONPATH",
            "NODE_OPTIONS",
            "BASH_ENV",
            "ENV",
            "IFS",
        ),
        *(
            "HTTPS_PROXY",
            "GIT_SSH_COMMAND",
            "SSL_CERT_FILE",
            "PERL5OPT",
            "RUBYOPT",
            "GLIBC_TUNABLES",
            "NPM_CONFIG_PREFIX",
        ),
        *("http_proxy", "wiki", "1WIKI", "A B", "", "Ä", "X" * 65),
    ),
)
def test_a_variable_that_changes_what_runs_or_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        variables.named([name])
    with pytest.raises(ValueError):
        variables.plain([f"{name}=x"])


def test_other_variables_are_taken_and_a_secret_is_none_of_the_plain_ones() -> None:
    assert variables.plain(["GITHUB_URL=https://x.example/?a=b", "LDAP_HOST = h"]) == (
        ("GITHUB_URL", "https://x.example/?a=b"),
        ("LDAP_HOST", "h"),
    )
    assert variables.named(["GITHUB_TOKEN", "SLACK_BOT_TOKEN"]) == ("GITHUB_TOKEN", "SLACK_BOT_TOKEN")
    for wrong, told in (("WIKI_TOKEN=abc", "looks like a secret"), ("WIKI_URL", "has no value"), ("A=\0", "one line")):
        with pytest.raises(ValueError, match=told):
            variables.plain([wrong])
    with pytest.raises(ValueError, match="named twice"):
        variables.named(["A_TOKEN", "A_TOKEN"])
    with pytest.raises(ValueError) as told_of:
        variables.named(["ghp_this-is-the-secret-itself"])
    assert "ghp_" not in str(told_of.value)


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    """A folder of this test in place of /usr, as its owner's."""
    folder = tmp_path / "usr"
    folder.mkdir(mode=0o755)
    return Commands(str(folder), folder, os.getuid())


def script(folder: Path, name: str = "server", text: str = "#!{}/run\n", mode: int = 0o755) -> Path:
    file = folder / "usr" / name
    file.write_text(text.format(folder / "usr"))
    file.chmod(mode)
    return file


async def test_all_files_of_a_command_are_pinned_by_what_they_hold(commands: Commands, tmp_path: Path) -> None:
    run, server = script(tmp_path, "run", "runs"), script(tmp_path)
    link = tmp_path / "usr" / "link"
    link.symlink_to(server)
    config = script(tmp_path, "config", "asked")
    command = await commands.found(f"link --config={config} {config}x")
    assert command.words == (str(server), f"--config={config}", f"{config}x")
    assert {path for path, _ in command.files} == {str(server), str(run), str(config)}
    assert await commands.stands(command)

    link.unlink()
    link.symlink_to(run)  # it was followed when it was confirmed
    assert await commands.stands(command)
    for each in (server, run, config):
        held, times = each.read_bytes(), each.stat()
        each.write_bytes(held[::-1])
        os.utime(each, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert not await commands.stands(command)
        each.write_bytes(held)
        assert await commands.stands(command)
    server.rename(tmp_path / "usr" / "moved")
    server.symlink_to(tmp_path / "usr" / "moved")
    assert not await commands.stands(command)
    server.unlink()
    assert not await commands.stands(command)


async def test_a_word_that_names_no_file_is_a_word_like_any_other(commands: Commands, tmp_path: Path) -> None:
    script(tmp_path, "run", "runs")
    script(tmp_path)
    words = ("/" + "x" * 300, f"/{'y/' * 300}", "/nothing", f"{tmp_path}/usr", "--url=https://wiki.example.org/x")
    command = await commands.found(f"server {' '.join(words)}")
    assert command.words[1:] == words and len(command.files) == 2


async def test_what_others_could_exchange_is_not_taken_and_stands_no_longer(commands: Commands, tmp_path: Path) -> None:
    script(tmp_path, "run", "runs")
    server = script(tmp_path)
    command = await commands.found("server")
    server.chmod(0o775)
    assert not await commands.stands(command)
    with pytest.raises(NotRunnable, match="can be changed by others"):
        await commands.found("server")
    server.chmod(0o755)
    (tmp_path / "usr").chmod(0o777)
    with pytest.raises(NotRunnable, match="can be changed by others"):
        await commands.found("server")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nothing", "There is no program"),
        ("/" + "x" * 300, "There is no program"),
        ("./server", "whole path"),
        ("../usr/server", "whole path"),
        ("{0}/../outside", "is not below"),
        ("leads-out", "is not below"),
        ("server {0}/../outside", "is not below"),
        ("server --file={0}/../outside", "is not below"),
        ("plain", "There is no program"),
        ("{0}/plain", "no file that could be run"),
        ("{0}", "no file that could be run"),
        ("fetches", "fetch a package"),
    ],
)
async def test_a_program_is_a_file_of_the_machine_that_may_be_run(
    commands: Commands, tmp_path: Path, text: str, told: str
) -> None:
    script(tmp_path, "run", "runs")
    script(tmp_path)
    script(tmp_path, "plain", mode=0o644)
    (tmp_path / "usr" / "fetches").symlink_to(script(tmp_path, "npx-cli.js"))
    (tmp_path / "outside").write_text("secret")
    (tmp_path / "outside").chmod(0o755)
    (tmp_path / "usr" / "leads-out").symlink_to(tmp_path / "outside")
    with pytest.raises(NotRunnable, match=told):
        await commands.found(text.format(tmp_path / "usr"))


def test_a_spec_is_read_as_it_was_stored_and_whatever_differs_has_another_pin() -> None:
    command = replace(ANY, variables=(("WIKI", "x"),))
    spec = StdioSpec(COMMAND, (), (("WIKI_TOKEN", "WIKI_TOKEN"),), ("a.example",), command=command)
    assert from_json(json.loads(json.dumps(as_json(spec)))) == spec
    others = [
        replace(spec, network=("a.example", "b.example")),
        replace(spec, secret_variables=()),
        *(
            replace(spec, command=replace(command, **{name: value}))
            for name, value in {
                "words": ("/usr/bin/true", "x"),
                "files": (("/usr/bin/true", "1" * 64),),
                "variables": (("WIKI", "y"),),
                "megabytes": 512,
            }.items()
        ),
    ]
    assert len({pin(each) for each in (spec, *others)}) == len(others) + 1
    assert pin(from_json(json.loads(json.dumps(as_json(spec))))) == pin(spec)
    assert "command" not in as_json(StdioSpec("time"))


@pytest.fixture
async def typed(sandbox: Sandbox) -> StdioSpec:
    """The small server as this machine would run it, and the sandbox allowed to."""
    sandbox.commands = Commands()
    try:
        command = await sandbox.commands.found(LINE, (("PLAIN", "value"),))
    except NotRunnable as reason:
        require(False, f"needs a Python below /usr: {reason}")
        raise
    return StdioSpec(COMMAND, (), (("token", "WIKI_TOKEN"),), command=command)


async def test_a_confirmed_command_runs_in_the_sandbox_with_what_it_was_given_and_nothing_else(
    make_pool: MakePool, connect: Connect, sandbox: Sandbox, typed: StdioSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-ours")
    pool = make_pool(sandbox=sandbox)
    connection = await connect(pool, typed, "s3cret")

    async def say(tool: str) -> dict[str, str]:
        result = await (await pool.toolset(MEMBER)).call(ToolCall("", f"notes__{tool}", {}))
        assert not result.failed, result.error
        found: dict[str, str] = json.loads(result.output["result"])
        return found

    given = await say("env")
    # It was given the secret; what it says of it is left out.
    assert (given["PLAIN"], given["WIKI_TOKEN"]) == ("value", LEFT_OUT) and "SLACK_BOT_TOKEN" not in given
    session = pool._sessions.held[connection.id].live.current
    assert session is not None and session.diagnosis.pid is not None
    shown = Path(f"/proc/{session.diagnosis.pid}/cmdline").read_bytes()
    assert b"bwrap" in shown and b"s3cret" not in shown and b"PLAIN" not in shown


async def test_it_reaches_no_host_but_those_that_were_confirmed(
    make_pool: MakePool, connect: Connect, sandbox: Sandbox, typed: StdioSpec
) -> None:
    from aiohttp import web

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    async with host(hello) as port:
        assert typed.command is not None
        place = f"http://127.0.0.1:{port}/"
        asking = replace(typed, command=replace(typed.command, variables=(("PLACE", place),)))
        pool = make_pool(f"127.0.0.1:{port}", sandbox=sandbox)
        await connect(pool, asking, title="None")
        await connect(pool, replace(asking, network=(f"127.0.0.1:{port}",)), title="One")
        tools = await pool.toolset(MEMBER)
        refused = await tools.call(ToolCall("", "none__reach", {}))
        assert "refused" in str(refused.output)
        assert "hello" in str((await tools.call(ToolCall("", "one__reach", {}))).output)


async def test_in_the_reduced_sandbox_it_runs_without_any_network_or_not_at_all(
    make_pool: MakePool, sandbox: Sandbox, typed: StdioSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(landlock.version() >= landlock.NEEDED, "this kernel has no Landlock that would do")
    monkeypatch.setattr(sandbox, "_level", Level("reduced", "no namespaces"))
    pool = make_pool(sandbox=sandbox)
    offer = await pool.try_out(typed, {"token": "s3cret"}, title="Wiki")
    assert [tool.name for tool in offer.tools] == ["argv", "env", "reach"]
    with pytest.raises(SandboxMissing, match="can allow none"):
        await pool.try_out(replace(typed, network=("wiki.example.org",)), {}, title="Wiki")


@pytest.mark.parametrize("level", ["off", "none"])
async def test_it_never_runs_without_a_sandbox(
    make_pool: MakePool, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Sandbox(level != "off", frozenset({COMMAND}), commands=Commands())
    if level == "none":
        monkeypatch.setattr(box, "_level", Level("none", "there is none"))

    async def stands(command: Command) -> bool:
        return True

    monkeypatch.setattr(box.commands, "stands", stands)
    with pytest.raises(SandboxMissing, match="runs in a sandbox alone") as told:
        await make_pool(sandbox=box).try_out(StdioSpec(COMMAND, command=ANY), {}, title="Wiki")
    assert told.value.cause is Cause.SANDBOX_REFUSED


async def test_it_runs_only_where_commands_are_switched_on_and_its_files_are_the_same(make_pool: MakePool) -> None:
    for commands, why in ((None, COMMANDS_OFF), (Commands(), COMMAND_CHANGED)):
        box = Sandbox(commands=commands)
        with pytest.raises(NotPermitted) as told:
            await make_pool(sandbox=box).try_out(StdioSpec(COMMAND, command=ANY), {}, title="Wiki")
        assert told.value.reason == why and "/usr" not in told.value.cure


async def test_a_stored_row_that_names_both_or_neither_runs_nothing(make_pool: MakePool) -> None:
    pool = make_pool(sandbox=Sandbox(commands=Commands()))
    both = StdioSpec("bash", command=ANY), StdioSpec("time", command=ANY)
    for spec in (StdioSpec(COMMAND), *both, StdioSpec("bash", ("-c", "true"))):
        with pytest.raises(NotPermitted):
            await pool.try_out(spec, {}, title="Wiki")
    assert COMMAND not in PROGRAMS

"""The sample configurations, run for real on loopback: names, ports and log files replaced, TLS off, nothing else."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.evidence import log_file
from tests.support.ports import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
ERRORS = "error_log /dev/null emerg;"


@dataclass
class Proxy:
    port: int
    logs: list[Path]
    """All that it writes."""
    process: asyncio.subprocess.Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def logged(self) -> str:
        return "".join(path.read_text() for path in self.logs if path.exists())


def replaced(sample: str, **by: tuple[str, str]) -> str:
    """Each is there, or the test would run something else than what is shipped."""
    for pattern, new in by.values():
        sample, found = re.subn(pattern, new, sample, flags=re.M)
        assert found, f"{pattern} is not in the sample any more"
    return sample


def nginx_sample(port: int, upstream: int, access: Path) -> str:
    return replaced(
        (DEPLOY / "nginx.conf").read_text(),
        upstream=(r"server 127\.0\.0\.1:8080;", f"server 127.0.0.1:{upstream};"),
        https=(r"listen 443 ssl http2;", f"listen 127.0.0.1:{port};"),
        redirect=(r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ipv6=(r"^ *listen \[::\].*\n", ""),
        tls=(r"^ *ssl_.*\n", ""),
        log=(r"/var/log/nginx/usher\.log", f'"{access}"'),
    )


def nginx_frame(folder: Path, sample: str, errors: Path) -> Path:
    """What Debian's own nginx.conf has around such a file; its logs are where a mistake of ours would show."""
    (folder / "usher.conf").write_text(sample)
    frame = folder / "nginx.conf"
    temporary = "\n".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    frame.write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\ndaemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\n"
        f'error_log "{errors}" info;' + f"\nevents {{}}\nhttp {{\n{temporary}\naccess_log {folder}/frame.log;\n"
        f"gzip on;\ngzip_types *;\ninclude {folder}/usher.conf;\n}}\n"
    )
    return frame


@asynccontextmanager
async def nginx(program: str, folder: Path, upstream: int) -> AsyncIterator[Proxy]:
    port, access, errors = free_port(), log_file("nginx-access"), log_file("nginx-errors")
    frame = nginx_frame(folder, nginx_sample(port, upstream, access), errors)
    async with _running([program, "-p", str(folder), "-c", str(frame), "-e", str(errors)], port) as process:
        yield Proxy(port, [access, errors, folder / "frame.log"], process)


@asynccontextmanager
async def caddy(program: str, folder: Path, upstream: int) -> AsyncIterator[Proxy]:
    port, log = free_port(), log_file("caddy")
    # The sample as it is: an address that begins with http:// is served without a certificate.
    settings = {"USHER_HOST": f"http://127.0.0.1:{port}", "USHER_ADDRESS": f"127.0.0.1:{upstream}"}
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    env = {"PATH": os.environ["PATH"], **homes, **settings}
    shutil.copy(DEPLOY / "Caddyfile", folder / "Caddyfile")
    command = [program, "adapt", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    adapting = await asyncio.create_subprocess_exec(*command, env=env, stdout=-1, stderr=-1)
    told, complaint = await adapting.communicate()
    assert adapting.returncode == 0, complaint.decode()
    # Its control port is one a machine; here several run side by side.
    config = json.loads(told) | {"admin": {"disabled": True}}
    (folder / "caddy.json").write_text(json.dumps(config))
    with log.open("w") as writing:
        async with _running([program, "run", "--config", str(folder / "caddy.json")], port, env, writing) as process:
            yield Proxy(port, [log], process)


@asynccontextmanager
async def _running(
    command: list[str], port: int, env: dict[str, str] | None = None, log: object = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=log, stderr=log)
    try:
        async with asyncio.timeout(60):
            while not await _listens(port):
                assert process.returncode is None, "the proxy ended"
                await asyncio.sleep(0.05)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _listens(port: int) -> bool:
    """It is another process: trying is the only way to know."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True

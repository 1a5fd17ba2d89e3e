"""An index of wheels and one of npm's packages on loopback, with one tiny package each, made here."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from mcp_runtime.programs import Package
from tests.mcp_runtime.servers import HERE, host

SERVER = (HERE / "scripted_server.py").read_text()


def wheel() -> bytes:
    """`tiny`, whose module is the scripted server."""
    files = {"tiny.py": SERVER, "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"}
    files["tiny-1.0.dist-info/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files["tiny-1.0.dist-info/RECORD"] = "".join(f"{name},,\n" for name in files)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), text)
    return held.getvalue()


def tarball() -> bytes:
    """`tiny`, which would leave a mark if it were allowed to run a script of its own."""
    scripts = {"install": "echo here > ../../marked", "postinstall": "echo here > ../../marked"}
    files = {"package.json": json.dumps({"name": "tiny", "version": "1.0.0", "scripts": scripts}), "index.js": "1\n"}
    held = io.BytesIO()
    # The same bytes whenever it is made: gzip would write the time into them.
    with gzip.GzipFile(fileobj=held, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return held.getvalue()


@dataclass
class Index:
    """``asked`` holds the path of each request; ``answers`` may be exchanged."""

    port: int = 0
    wheel: bytes = field(default_factory=wheel)
    tarball: bytes = field(default_factory=tarball)
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        name = request.path.rpartition("/")[2]
        if name == "tiny-1.0-py3-none-any.whl":
            return web.Response(body=self.wheel)
        if name == "tiny-1.0.0.tgz":
            return web.Response(body=self.tarball)
        if request.path.startswith("/simple/tiny"):
            text = '<a href="/files/tiny-1.0-py3-none-any.whl">tiny-1.0-py3-none-any.whl</a>'
            return web.Response(text=text, content_type="text/html")
        if name == "tiny":
            version = {"name": "tiny", "version": "1.0.0", "dist": self.dist()}
            return web.json_response({"name": "tiny", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}})
        return web.Response(status=404)

    def dist(self) -> dict[str, str]:
        return {"tarball": f"http://127.0.0.1:{self.port}/tiny/-/tiny-1.0.0.tgz", "integrity": integrity(self.tarball)}


def integrity(content: bytes) -> str:
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


@asynccontextmanager
async def index(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Index]:
    """As the tools' own set-up names it."""
    served = Index()
    async with host(served.answer) as port:
        served.port = port
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")
        monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{port}/")
        yield served


def locked_wheel(folder: Path) -> Package:
    lock = folder / "tiny.txt"
    lock.write_text(f"tiny==1.0 --hash=sha256:{hashlib.sha256(wheel()).hexdigest()}\n")
    return Package("pypi", lock)


def locked_tarball(folder: Path) -> Package:
    lock = folder / "tiny"
    lock.mkdir()
    needed = {"tiny": "1.0.0"}
    (lock / "package.json").write_text(json.dumps({"name": "x", "version": "0.0.0", "dependencies": needed}))
    packages = {
        "": {"name": "x", "version": "0.0.0", "dependencies": needed},
        "node_modules/tiny": {"version": "1.0.0", "integrity": integrity(tarball()), "hasInstallScript": True},
    }
    whole = {"name": "x", "version": "0.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    (lock / "package-lock.json").write_text(json.dumps(whole))
    return Package("npm", lock)

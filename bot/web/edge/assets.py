"""Static files under names that carry the hash of their content, with integrity for each."""

import base64
import gzip
import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

NOTHING_MADE: Mapping[str, str] = MappingProxyType({})
STATIC = Path(__file__).parents[1] / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
_IMPORT = re.compile(r"""(?<=from ')(\.{1,2}/[\w./-]+\.js)(?=')""")
_LATER = re.compile(r"""(?:(?<=import\(')|(?<=WORKER = '))(\.{1,2}/[\w./-]+\.js)(?=')""")
"""What a module may load when it is needed: no page preloads it."""
_UNREAD = re.compile(r"^[ \t]*(?:/\*\*.*?\*/[ \t]*\n|//[^\n]*\n|[ \t]*\n)|^[ \t]+", re.MULTILINE | re.DOTALL)
"""What only people read: whole lines of comment, and indentation."""


@dataclass(frozen=True)
class Asset:
    name: str
    url: str
    integrity: str
    content: bytes
    packed: bytes
    imports: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        kind = _TYPES[Path(self.name).suffix]
        return kind if kind == "image/png" else f"{kind}; charset=utf-8"


class Assets:
    """All files below ``static``, and those ``made``; modules are rewritten to import each other by hashed names."""

    def __init__(self, folder: Path = STATIC, made: Mapping[str, str] = NOTHING_MADE) -> None:
        self._folder = folder
        self._named = {name: _asset(name, text.encode()) for name, text in made.items()}
        paths = sorted(path for path in folder.rglob("*") if path.suffix in _TYPES)
        for path in paths:
            self.named(path.relative_to(folder).as_posix())
        self.by_url = {asset.url: asset for asset in self._named.values()}

    def named(self, name: str) -> Asset:
        if name not in self._named:
            self._named[name] = self._read(name)
        return self._named[name]

    def has(self, name: str) -> bool:
        return name in self._named

    def modules(self, name: str) -> list[Asset]:
        """A module and all it imports, itself last: the order to preload them in."""
        found: dict[str, Asset] = {}
        for imported in self.named(name).imports:
            found |= {each.name: each for each in self.modules(imported)}
        return [*found.values(), self.named(name)]

    def _read(self, name: str) -> Asset:
        content = (self._folder / name).read_bytes()
        imports: tuple[str, ...] = ()
        if name.endswith(".js"):
            text = content.decode()
            imports = tuple(_found_from(name, written) for written in _IMPORT.findall(text))
            # Hashing after the rewrite makes a change of one module change the names of all that use it.
            for written in (_IMPORT, _LATER):
                text = written.sub(lambda found: self.named(_found_from(name, found[1])).url, text)
            content = _lean(name, text).encode()
        return _asset(name, content, imports)


def _asset(name: str, content: bytes, imports: tuple[str, ...] = ()) -> Asset:
    stem, _, ending = name.rpartition(".")
    digest = hashlib.sha384(content).digest()
    url = f"/assets/{stem}.{digest.hex()[:12]}.{ending}"
    integrity = "sha384-" + base64.b64encode(digest).decode()
    return Asset(name, url, integrity, content, gzip.compress(content, 9, mtime=0), imports)


def _lean(name: str, text: str) -> str:
    """A guest's phone is not sent what it does not run; what is vendored stays as it was published."""
    return text if name.startswith("vendor/") else _UNREAD.sub("", text)


def _found_from(name: str, written: str) -> str:
    """The module that ``name`` means by ``../api.js``, by its own name."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), written))

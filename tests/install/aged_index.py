"""A package index of years from now, on disk: each release that a lock file pins, and a newer one of each package.

What a lock file is worth shows once the world has moved on, so the tests move it. Wheels hold nothing but the real
package's metadata, so that they install in no time; those that an installation itself takes are whole.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

NEWER = "9999.1"
WHOLE = ("packaging", "setuptools")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\;]+)( ;[^\\\n]*)?", re.MULTILINE)
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wheel(
    index: Path,
    name: str,
    version: str = "1.0",
    *,
    needs: Iterable[str] = (),
    extras: Iterable[str] = (),
    files: Mapping[str, bytes] | None = None,
) -> str:
    """Put a wheel into the index; its line of a lock file, with the hash."""
    stem = f"{plain(name).replace('-', '_')}-{version}"
    head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    head += [f"Provides-Extra: {extra}" for extra in extras] + [f"Requires-Dist: {need}" for need in needs]
    inside = {
        **(files or {}),
        f"{stem}.dist-info/METADATA": "\n".join([*head, ""]).encode(),
        f"{stem}.dist-info/WHEEL": WHEEL.encode(),
    }
    record = f"{stem}.dist-info/RECORD"
    inside[record] = "".join(f"{path},,\n" for path in (*inside, record)).encode()
    made = index / plain(name) / f"{stem}-py3-none-any.whl"
    made.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(made, "w") as packed:
        for path, contents in inside.items():
            # Without the time of day the same wheel has the same hash.
            packed.writestr(zipfile.ZipInfo(path), contents)
    _list(made.parent)
    return f"{name}=={version} --hash=sha256:{_hash(made)}\n"


def aged(lock: str, index: Path) -> str:
    """Fill the index; the same lock file with the hashes of these wheels.

    A package that is not here (another system's, by its marker) gets one that needs nothing.
    """
    here = {plain(found.metadata["Name"]): found for found in distributions()}
    lines = []
    for name, version, marker in PIN.findall(lock):
        found = here.get(plain(name))
        needs = (found.requires or []) if found else []
        extras = (found.metadata.get_all("Provides-Extra") or []) if found else []
        whole = _files(found) if found and plain(name) in WHOLE else None
        line = wheel(index, name, version, needs=needs, extras=extras, files=whole)
        wheel(index, name, NEWER, needs=needs, extras=extras)
        lines.append(line.replace(" --hash", f"{marker.rstrip()} --hash"))
    return "".join(lines)


def _files(found: Distribution) -> dict[str, bytes]:
    kept = [path for path in found.files or [] if ".." not in path.parts and "__pycache__" not in path.parts]
    # Its own notes of the installation are the installer's to write; what its metadata says beside is the same.
    notes = {"RECORD", "INSTALLER", "REQUESTED", "METADATA", "WHEEL", "direct_url.json"}
    return {
        str(path): Path(str(found.locate_file(path))).read_bytes()
        for path in kept
        if not (path.parts[0].endswith(".dist-info") and path.name in notes)
    }


def _list(project: Path) -> None:
    links = (f'<a href="{it.name}#sha256={_hash(it)}">{it.name}</a>\n' for it in sorted(project.glob("*.whl")))
    (project / "index.html").write_text(f"<!DOCTYPE html><title>{project.name}</title>\n{''.join(links)}")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

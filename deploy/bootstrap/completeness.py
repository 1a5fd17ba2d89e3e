"""Is all here that is needed, extras included? ``--no-deps`` does not ask, and ``pip check`` leaves extras out.

Run by the environment's own Python, ``.venv/bin/python deploy/bootstrap/completeness.py [usher[dev]]`` prints which one
it is, then a line for each thing that is lacking, and exits 1 when there is one.
"""

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution


def this_python() -> str:
    """Another version, place or kind of machine is another Python, with which an environment does not work."""
    return " ".join([*sys.version.split(), platform.machine(), sys.base_prefix])


def lacking(needed: str) -> Iterator[str]:
    """What the installed package needs, near or far, and does not find: ``speed (for library[fast])``."""
    from packaging.requirements import Requirement

    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(Requirement(needed), "the product")]
    while waiting:
        need, wanted_by = waiting.pop()
        extras = frozenset(need.extras)
        if (need.name, extras) in seen:
            continue
        seen.add((need.name, extras))
        try:
            found = distribution(need.name)
        except PackageNotFoundError:
            yield f"{need.name} (for {wanted_by})"
            continue
        if not need.specifier.contains(found.version, prereleases=True):
            yield f"{need.name}{need.specifier} (for {wanted_by}); {found.version} is here"
        this = need.name + (f"[{','.join(sorted(extras))}]" if extras else "")
        for text in found.requires or []:
            next_need = Requirement(text)
            marker = next_need.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in {*extras, ""}):
                waiting.append((next_need, this))


def main(needed: str) -> int:
    print(this_python())
    try:
        missing = sorted(lacking(needed))
    except ModuleNotFoundError as error:
        missing = [f"{error.name} (to read what packages need)"]
    print(*missing, sep="\n", end="\n" if missing else "")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ["usher"])))

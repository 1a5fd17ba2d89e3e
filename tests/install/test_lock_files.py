"""What the lock files promise: the two agree, and nothing that is needed is missing, wherever Usher installs."""

import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement

from bootstrap import environment
from bootstrap.lock import PLATFORMS, PYTHONS, only_in
from tests.install.aged_index import PIN, plain, wheel
from tests.install.clones import ROOT, quick_machine

RUN, STORES, TESTS = "requirements.lock", "requirements-stores.lock", "requirements-dev.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SYSTEMS = {"linux": ("linux", "Linux"), "apple": ("darwin", "Darwin")}
ARM = {"apple": "arm64", "linux": "aarch64"}


def variables(platform: str, python: str) -> dict[str, str]:
    """What markers see there."""
    system = "apple" if "apple" in platform else "linux"
    name, title = SYSTEMS[system]
    machine = ARM[system] if platform.startswith("aarch64") else "x86_64"
    here = {key: str(value) for key, value in default_environment().items()}
    there = {"sys_platform": name, "platform_system": title, "platform_machine": machine}
    return {**here, **there, "python_version": python, "python_full_version": f"{python}.1"}


def pins(lock: str, there: dict[str, str]) -> dict[str, str]:
    found = PIN.findall((ROOT / lock).read_text())
    return {
        plain(name): version
        for name, version, marker in found
        if not marker or Marker(marker.strip(" ;")).evaluate(there)
    }


def unmet(needed: str, pinned: dict[str, str], there: dict[str, str]) -> Iterator[str]:
    """What is needed there, extras included, and not pinned as it has to be."""
    seen, waiting = set(), [(Requirement(needed), "us")]
    while waiting:
        need, wanted_by = waiting.pop()
        if (need.name, *sorted(need.extras)) in seen:
            continue
        seen.add((need.name, *sorted(need.extras)))
        if need.name != "usher":
            version = pinned.get(plain(need.name))
            if version is None or not need.specifier.contains(version, prereleases=True):
                yield f"{need} (for {wanted_by}): {version}"
        try:
            texts = distribution(need.name).requires or []
        except PackageNotFoundError:
            continue  # Another system's own; what it needs is not known here.
        for text in texts:
            further = Requirement(text)
            extras = [{**there, "extra": extra} for extra in (need.extras or {""})]
            if further.marker is None or any(further.marker.evaluate(each) for each in extras):
                waiting.append((further, need.name))


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("lock", "platform"), [(lock, platform) for lock, platforms in PLATFORMS.items() for platform in platforms]
)
def test_nothing_that_is_needed_is_missing_on_any_platform(lock, platform, python):
    there = variables(platform, python)
    pinned = pins(RUN, there) | (pins(lock, there) if lock != RUN else {})
    needed = {RUN: "usher[install]", STORES: "usher[aws,gcp,keyring]", TESTS: "usher[dev,install]"}[lock]

    assert list(unmet(needed, pinned, there)) == []


def test_a_missing_pin_would_be_seen():
    there = variables("x86_64-unknown-linux-gnu", "3.12")
    pinned = pins(RUN, there)
    del pinned["requests"]  # Needed by google-auth[requests] alone.

    assert [each.split()[0] for each in unmet("usher", pinned, there)] != []


def test_an_intel_mac_gets_the_last_cryptography_that_has_a_file_for_it():
    intel, other = (pins(RUN, variables(it, "3.12")) for it in ("x86_64-apple-darwin", "aarch64-apple-darwin"))

    assert intel.pop("cryptography").startswith("48.") and not other.pop("cryptography").startswith("48.")
    assert intel == other


def test_the_two_lock_files_cannot_disagree():
    names = [{plain(name) for name, _, _ in PIN.findall((ROOT / lock).read_text())} for lock in (RUN, TESTS)]

    assert names[0] & names[1] == set()
    assert only_in("a==1\n    # via b\nc==2\n", "a==1 ; x\n") == "c==2\n"


def test_the_tests_use_the_stores_libraries_that_installations_do():
    for python in PYTHONS:
        there = variables("x86_64-unknown-linux-gnu", python)
        assert pins(STORES, there).items() <= pins(TESTS, there).items()
    assert not pins(STORES, there).keys() & pins(RUN, there).keys()


def test_what_builds_the_product_is_locked_with_the_rest():
    pinned = pins(RUN, variables("x86_64-unknown-linux-gnu", "3.11"))
    [back_end] = [Requirement(text) for text in PROJECT["build-system"]["requires"]]
    extra = {Requirement(text).name for text in PROJECT["project"]["optional-dependencies"]["install"]}

    assert back_end.specifier.contains(pinned[back_end.name])
    assert extra == {"setuptools", "packaging"} and extra <= pinned.keys()


def test_every_pin_has_a_hash():
    for lock in (RUN, STORES, TESTS):
        entries = (ROOT / lock).read_text().split("\n    --hash=sha256:")
        assert len(entries) > len(PIN.findall((ROOT / lock).read_text())) > 0
        for entry in (ROOT / lock).read_text().replace("\\\n", " ").splitlines():
            assert not PIN.match(entry) or "--hash=sha256:" in entry, entry


def test_nothing_is_resolved_built_or_taken_without_its_hash(monkeypatch):
    commands: list[list[str]] = []
    monkeypatch.setattr(environment, "run", lambda command, *_, **__: commands.append(command))
    own = environment.Installer(("pip", "install"))
    own.locked(ROOT / RUN, ROOT)
    own.product(ROOT)

    locked, product = map(" ".join, commands)
    assert "--no-deps --require-hashes --only-binary :all: --requirement" in locked
    assert "--no-deps --no-build-isolation --editable ." in product, "what builds it would come from an index, unhashed"


def test_all_is_here_that_the_product_and_the_tests_need():
    found = environment.look_into(ROOT / ".venv", "usher[dev,install]")

    assert found is not None and found.lacking == ()


def test_an_environment_that_lacks_an_extra_is_told_with_who_needs_it(small, tmp_path):
    """Neither the installation nor ``pip check`` says so, hence the walk after each installation."""
    project = small.root / "pyproject.toml"
    project.write_text(project.read_text().replace('["library"]', '["library[fast]"]'))
    changed = wheel(small.index, "library", needs=['speed; extra == "fast"'], extras=["fast"])
    lock = small.root / RUN
    lock.write_text("".join(line for line in lock.read_text().splitlines(True) if "library" not in line) + changed)

    told = small.make("ready", **quick_machine(tmp_path))

    assert told.returncode != 0
    assert "speed (for library[fast])" in told.stdout.splitlines()[-2]
    assert not small.is_there

"""Files named by their content, integrity that holds, vendored code as it was published, and the size of it all."""

import base64
import gzip
import hashlib
import re
import tomllib

import pytest

from bot.web.edge.assets import STATIC, Assets
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import House

NAMED = re.compile(r"(from|import\(|WORKER =) ?'[^']+'")
"""What is written otherwise where it is served."""
VENDORED = sorted(STATIC.glob("vendor/*/vendor.toml"))


def sri(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


@pytest.mark.parametrize("entry", VENDORED, ids=lambda path: path.parent.name)
def test_vendored_files_are_what_was_published_and_bring_their_licence(entry) -> None:
    told = tomllib.loads(entry.read_text())
    assert entry.parent.name == f"{told['name']}-{told['version']}"
    assert told["integrity"].startswith("sha512-")
    assert (entry.parent / "LICENSE").stat().st_size > 500
    for name, integrity in told["files"].items():
        assert sri((entry.parent / name).read_bytes()) == integrity
    beside = {path.name for path in entry.parent.iterdir()} - {"vendor.toml", "LICENSE"}
    assert beside == set(told["files"])


async def test_every_asset_is_served_for_ever_under_a_name_of_its_content(house: House) -> None:
    caller = Caller(house.url)
    for asset in Assets().by_url.values():
        async with caller.asking("GET", asset.url, headers={"Accept-Encoding": "identity"}) as answer:
            assert sri(await answer.read()) == asset.integrity
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"] == asset.type
    assert (await caller.ask("GET", "/assets/../server.py")).status == 404


async def test_a_page_names_each_module_it_will_load_with_its_integrity(house: House) -> None:
    guest = await house.guest()
    text = (await guest.ask("GET", guest.chat, headers=PAGE)).text
    for asset in Assets().modules("chat/chat.js"):
        assert f'"{asset.url}" integrity="{asset.integrity}"' in text
        imported = re.findall(r"from '([^']+)'", asset.content.decode())
        assert all(f'"{path}"' in text for path in imported)


def test_what_is_loaded_later_is_named_by_its_content_and_no_page_loads_it_before() -> None:
    assets = Assets()
    start, work = assets.named("start.js"), assets.named("work.js")
    worker = assets.named("vendor/altcha-3.2.2/pbkdf2.js")
    assert f"import('{work.url}')" in start.content.decode() and f"WORKER = '{worker.url}'" in work.content.decode()
    assert not {work.name, worker.name} & {each.name for each in assets.modules("start.js")}


@pytest.mark.parametrize("files", [0, 5])
async def test_the_first_load_is_small(house: House, files: int) -> None:
    guest = await house.guest(files=files)
    assets = Assets()
    page = (await guest.ask("GET", guest.chat, headers=PAGE)).text.encode()
    scripts = {each.name: each for name in ("start.js", "chat/chat.js") for each in assets.modules(name)}
    script_bytes = sum(len(each.packed) for each in scripts.values())
    rest = len(assets.named("usher.css").packed) + len(assets.named("icon.svg").packed) + len(gzip.compress(page))
    rest += len(assets.named("files/files.css").packed) if files else 0
    assert script_bytes <= 22_000
    assert script_bytes + rest <= 40_000


def test_no_script_of_ours_turns_text_into_markup() -> None:
    for path in [*STATIC.glob("*.js"), *STATIC.glob("chat/*.js"), *STATIC.glob("files/*.js")]:
        found = re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", path.read_text()
        )
        assert not found, path.name


def test_what_only_people_read_is_not_sent_and_all_else_is() -> None:
    for asset in Assets().by_url.values():
        if not asset.name.endswith(".js") or asset.name.startswith("vendor/"):
            continue
        source = (STATIC / asset.name).read_text()
        assert not any(line.count("`") % 2 for line in source.splitlines() if "`.,;" not in line), "text over lines"
        sent = NAMED.sub(r"\1", asset.content.decode()).splitlines()
        bare = NAMED.sub(r"\1", re.sub(r"/\*\*.*?\*/", "", source, flags=re.DOTALL)).splitlines()
        assert sent == [line.strip() for line in bare if line.strip() and not line.strip().startswith("//")]

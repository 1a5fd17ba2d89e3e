"""What the documents say is so: commands run, links lead somewhere, the example names every setting."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings
from run_cards.seeds import SEEDS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_readme_is_short_and_shows_a_picture():
    text = (ROOT / "README.md").read_text()

    assert len(text.splitlines()) <= 100
    assert re.search(r"!\[.+\]\(docs/pictures/\w[\w-]*\.png\)", text)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_address_and_no_name_is_left_to_be_filled_in(document):
    text = re.sub(r"```.*?```|`[^`]*`", "", document.read_text(), flags=re.S)
    assert re.findall(r"<(?!https?://)[a-z][\w ]*>|\bTODO\b|\bTBD\b", text) == []
    assert "<this repository>" not in document.read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", document.read_text())
    here = [(path, place) for path, place in links if not path.startswith(("http://", "https://"))]

    assert [path for path, _ in here if not (document.parent / path).exists()] == []
    assert [place for path, place in here if place and place not in _headings(document.parent / path)] == []


def _headings(document: Path) -> set[str]:
    """As they are named in links."""
    found = re.findall(r"^#+ (.+)$", document.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_test_that_the_page_on_security_names_is_there():
    named = set(re.findall(r"`((?:[a-z_]+/)+test_\w+)`", (ROOT / "docs/security.md").read_text()))

    assert len(named) > 30
    assert {name for name in named if not (ROOT / "tests" / f"{name}.py").exists()} == set()


def test_the_example_names_every_setting_and_no_other():
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))
    # Read by the model's own library, or for people who know why.
    rare = {"SLACK_API_URL", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"}
    rare |= {"GOOGLE_GEMINI_BASE_URL", "GOOGLE_GENAI_API_VERSION"}

    seeds = {seed.variable for of_card in SEEDS.values() for seed in of_card.values()}

    assert named | rare == {name.upper() for name in Settings.model_fields} | seeds and seeds <= named


def test_every_direct_dependency_has_its_reason_and_bounds():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    for requirement in project["dependencies"]:
        name = re.split(r"[\[>=<]", requirement)[0]
        assert ">=" in requirement and "<" in requirement, requirement
        assert re.search(rf"\b{re.escape(name)}\b", reasons), name

"""What the documents say is so: commands run, links lead somewhere, the example names every setting."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
RUN_BY = {
    "git clone <this repository> usher && cd usher": "tests/house/test_wheel.py",
    "make try": "tests/install/test_commands.py",
    "make test": "tests/install/test_commands.py",
    ".venv/bin/usher doctor": "tests/house/test_doctor.py",
    ".venv/bin/usher": "tests/house/test_doctor.py",
}


def test_every_command_of_the_readme_is_run_by_a_test():
    fences = re.findall(r"```\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    commands = {line.split("#")[0].strip() for fence in fences for line in fence.splitlines() if line.strip()}

    assert commands == set(RUN_BY)
    assert all((ROOT / test).exists() for test in RUN_BY.values())


def test_the_readme_is_short_and_shows_a_picture():
    text = (ROOT / "README.md").read_text()

    assert len(text.splitlines()) <= 110
    assert re.search(r"!\[.+\]\(docs/\w[\w-]*\.png\)", text)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text())
    here = [link for link in links if not link.startswith(("http://", "https://"))]

    assert [link for link in here if not (document.parent / link).exists()] == []


def test_the_example_names_every_setting_and_no_other():
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))
    # Read by the model's own library, or for people who know why.
    rare = {"SLACK_API_URL", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"}
    rare |= {"GOOGLE_GEMINI_BASE_URL", "GOOGLE_GENAI_API_VERSION"}

    assert named | rare == {name.upper() for name in Settings.model_fields}


def test_every_direct_dependency_has_its_reason_and_bounds():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    for requirement in project["dependencies"]:
        name = re.split(r"[\[>=<]", requirement)[0]
        assert ">=" in requirement and "<" in requirement, requirement
        assert re.search(rf"\b{re.escape(name)}\b", reasons), name

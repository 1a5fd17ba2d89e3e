"""The card that docs/run-cards.md shows is one, as long as it says and up to the bar of all."""

import re
from pathlib import Path

from mcp_runtime.specs import HttpSpec
from run_cards.card import RunCard
from tests.run_cards import test_contract

DOCUMENT = Path(__file__).parents[2] / "docs/run-cards.md"


def shown() -> tuple[str, RunCard]:
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    names: dict[str, RunCard] = {}
    exec(code, names)  # noqa: S102  our own document
    return code, names["CARD"]


def test_the_documents_card_is_up_to_the_bar() -> None:
    code, card = shown()

    assert len([line for line in code.splitlines() if line.strip()]) <= 30
    test_contract.test_a_card_fits_where_it_is_shown(card)
    test_contract.test_its_server_is_reached_the_same_way_each_time_and_with_no_secret_in_it(card)
    test_contract.test_it_says_what_it_is_good_for(card)
    test_contract.test_what_runs_without_asking_only_reads(card)
    assert card.server({}) == HttpSpec("https://mcp.example.com/mcp")
    assert card.secret is not None and card.secret.check("") and card.secret.check("ab-12") is None


def test_it_names_all_that_a_card_may_say_of_its_tools() -> None:
    text = DOCUMENT.read_text()
    assert all(f"`{name}`" in text for name in ("reads", "own_server", "costs", "argument_checks", "limits", "oauth"))

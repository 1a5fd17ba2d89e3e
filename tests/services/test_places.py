"""Whether there is room for one more, asked for them alone, is what is said of all who might come."""

import random

from bot.running.turns.places import Places
from bot.services.chats.values import Whose
from storage.repositories.conversations.among import DOORS
from storage.tables import Turn

WORKSPACES, ASKERS = ("T1", "T2"), ("U1", "U2", "U3")


def someone(dice: random.Random) -> Whose:
    return Whose(dice.choice(DOORS), dice.choice(WORKSPACES), dice.choice(ASKERS))


def test_room_for_one_is_as_it_is_said_of_all() -> None:
    dice, answers = random.Random(5), set[bool]()  # noqa: S311
    for _ in range(400):
        places = Places(dice.randint(1, 4), apart=dice.random() < 0.5)
        places.kept += [someone(dice) for _ in range(dice.randrange(3))]
        turns = [
            Turn(id=str(number), door=who.door, workspace_id=who.workspace, asker=who.asker, status=status)
            for number in range(dice.randrange(9))
            for who, status in [(someone(dice), dice.choice(("running", "running", "done")))]
        ]
        turns += [
            Turn(id=f"shown{number}", door="link", workspace_id="T1", asker="U1", status="done")
            for number in range(dice.choice((0, 20)))
        ]
        among, of = places.among(turns), someone(dice)
        full, busy = among.full[of.door], among.busy[of.door]
        said = of.door in among.doors and of.workspace not in full and of.asker not in busy
        assert places.has_room(turns, of) is said
        answers.add(said)
    assert answers == {True, False}

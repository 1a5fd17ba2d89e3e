"""Whatever changes what somebody may do, or answers for, is in the audit: found by itself, in the code as it stands."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bot.services.watch.audit.acts import ACTS, AREAS, of_area
from bot.services.watch.link_actions import LINK_ACTIONS
from storage.repositories.workspaces.audit_chain import OF_ACTION

ROOT = Path(__file__).parents[2]
WRITES = re.compile(r"\b(sa\.(update|delete|insert)|self\._(insert|add|did|count)|session\.add(_all)?)\(")
NO_ACTS = {
    "audit": "it is the audit",
    "conversations": "what was said, and where",
    "events": "what was said, and where",
    "messages": "what was said, and where",
    "turns": "what is being answered",
    "files": "what was said, and where",
    "member_files": "what was said, and where",
    "guest_files": "what was said, and where",
    "ratings": "what a member thinks of an answer",
    "results": "filed with `link.answered`; the rest says where it is shown",
    "memories": "gathered from conversations; forgetting is an act",
    "vectors": "gathered from conversations; forgetting is an act",
    "notes": "a member's own words to themselves, which change nothing for anybody",
    "reminders": "a member's own words to themselves, which change nothing for anybody",
    "home_tabs": "that something is to be drawn anew, and what of it somebody looks at",
    "jobs": "the work of the process",
    "handled": "the work of the process",
    "rates": "the work of the process",
    "secret_places": "where a secret lies; `secrets.moved` tells of all",
    "oauth": "a sign-in under way; how it ends is an act on the connection",
    "link_drafts": "not made yet; `link.created` tells of all that was chosen",
    "model_usage": "what was spent has a table of its own",
    "usage": "calls have a table of their own; those that may change something are audited beside it",
    "openings": "counted, and told by the hour",
    "tallies": "counted, and told by the hour",
    "api_requests": "what a program asked for and may ask for again; what it did is an act",
    "security": "what looks like an attack has a table of its own",
}
"""Repositories whose rows say nothing of what somebody may do, and why."""
NO_ACT = {
    "access_tokens.used": "how a token is doing",
    "access_tokens.purge": "tokens that are over",
    "approvals.add": "it is asked; the answer is the act",
    "approvals.due_for_reminder": "a question is told again",
    "approvals.set_message": "where a question stands",
    "approvals.withdraw": "`database.restored` counts them",
    "budgets.purge": "periods that are over",
    "codes.purge": "codes that are over",
    "codes.put": "one's own chat is taken to another device; `link.handed_off` tells",
    "connections.failed": "how a connection is doing",
    "connections.found_beside": "what its server offers; set aside until accepted, which is an act",
    "connections.hold_note": "where a message stands",
    "connections.let_note_go": "where a message stands",
    "connections.seen": "how a connection is doing",
    "connections.works": "how a connection is doing",
    "connections.update in SignInNotes._keep": "where a message stands",
    "connections.update in Grants.wants_more": "what is asked for when its member signs in again, which is an act",
    "connections.update in followed_from_now_on": "where its secret came from, which is as it was",
    "elicitations.add": "it is asked; the answer is the act",
    "elicitations.close": "nobody answered in time",
    "elicitations.close_left": "nobody answered in time",
    "elicitations.completed": "the server says that it is done",
    "elicitations.hold": "nothing is changed",
    "elicitations.purge": "questions that are over",
    "elicitations.set_message": "where a question stands",
    "elicitations.taken": "an answer has reached its server",
    "erasures.ask_for_old": "their time is over; `link.purged` tells when they are gone",
    "forgetting.wear_away": "its time is over; `retention.enforced` tells of it",
    "policies.put in begin": "from when on nobody's choice holds; what goes then is told",
    "forgetting.first_to_remember": "gathered from conversations; forgetting is an act",
    "installations.looked_at": "Slack still knows it",
    "installations.rotated": "a token renews itself",
    "installations.take_rotation": "a token renews itself",
    "links.counted": "where a message stands",
    "links.reserve": "what was spent has a table of its own",
    "outside.asked_of": "where admins were asked",
    "outside.meet": "somebody from outside has come; what they may is said by a rule",
    "outside.reword": "what is kept of a question goes as its words do",
    "outside.settled": "who has to know was told",
    "policies.to_change": "nothing is changed: what is there is held until it is",
    "secrets.delete_all": "with the app, as `workspace.uninstalled` tells",
    "secrets.delete_of": "with its connection, which is an act",
    "secrets.moved": "`secrets.moved` tells of all",
    "secrets.put": "with its connection, which is an act; a grant renews itself",
    "secrets.rewrap": "`secrets.rotated` tells of all",
    "sessions.given_up": "nobody came to a guest who had asked for a person",
    "sessions.let_rest": "nothing was said for a while",
    "sessions.mirrored": "where a chat is shown",
    "sessions.hold_mirror": "who shows it there",
    "sessions.person_asked_for": "a guest asks; the host's coming is an act",
    "sessions.rests_at": "nothing was said for a while",
    "sessions.set_thread": "where a chat is shown",
    "tickets.add": "a page is opened; what is done there is an act",
    "tickets.count_try": "a wrong one is told as `ticket.code_failed`",
    "tickets.note": "a page that is still open",
    "tickets.purge": "pages that are over",
    "tickets.take_back_try": "it was the right code",
    "tickets.use": "a page is closed; what was done there is an act",
    "waits.pull_back": "a clock was wrong; nobody did anything",
    "workspaces.give_agent": "the default that every workspace has",
    "workspaces.forget": "its audit goes with it; left is that it was there, and when it went",
    "workspaces.part_of": "Slack's word on its organisation",
    "workspaces.ensure": "its row is there; `workspace.installed` tells when Usher began",
}
"""Changes that are no act of anybody's, and why."""


@dataclass(frozen=True)
class Function:
    """``calls`` are what it calls, as it is written, without what functions inside it do."""

    file: str
    name: str
    calls: tuple[tuple[str, ast.Call], ...] = field(compare=False)

    @property
    def handed_on(self) -> set[str]:
        """To whom it gives the transaction."""
        return {called for called, call in self.calls if _in_same_transaction(call)}


@dataclass
class Code:
    """All functions of the rooms in which something is changed, and what each file calls what it imports."""

    functions: list[Function] = field(default_factory=list)
    imported: dict[str, dict[str, str]] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        file, tree = path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())
        self.imported[file] = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self._look(tree, "", file)

    def _look(self, node: ast.AST, within: str, file: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions.append(Function(file, f"{within}{child.name}", tuple(_calls(child))))
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            self._look(child, f"{within}{child.name}." if named else within, file)  # type: ignore[attr-defined]

    def meant(self, called: str, by: Function) -> list[Function]:
        """What may be called by this name there; of ``self._saving.save`` the one of Saving, else any."""
        before, _, name = called.rpartition(".")
        known = self.imported[by.file]
        if not before and (at := known.get(name)):
            return self._at(at.rpartition(".")[0], name)
        if before in known:
            return self._at(known[before], name)
        if before in ("", "self"):
            return [each for each in self.functions if each.file == by.file and each.name.split(".")[-1] == name]
        of_class = f"{before.rpartition('.')[2].replace('_', '')}.{name}"
        every = [each for each in self.functions if each.name.endswith(f".{name}")]
        return [each for each in every if each.name.lower() == of_class] or every

    def _at(self, module: str, name: str) -> list[Function]:
        file = f"{module.replace('.', '/')}.py"
        return [each for each in self.functions if (each.file, each.name) == (file, name)]


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    waiting = list(ast.iter_child_nodes(tree))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Call):
            yield _dotted(node.func), node


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def code() -> Code:
    found = Code()
    for room in ("bot", "mcp_runtime"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if "tables" in path.read_text():  # what has no transaction changes nothing
                found.read(path)
    return found


def changes() -> dict[str, set[str]]:
    """Methods that write, by the name under which a transaction has their repository."""
    classes = {
        node.name: node
        for path in [*(ROOT / "storage" / "repositories").rglob("*.py"), ROOT / "storage" / "transaction.py"]
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    }
    return {
        node.target.id: _writing(classes[node.annotation.id])
        for node in classes["Tables"].body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.annotation, ast.Name)
    }


def _writing(repository: ast.ClassDef) -> set[str]:
    texts = {each.name: ast.unparse(each) for each in repository.body if isinstance(each, ast.AsyncFunctionDef)}
    found = {name for name, text in texts.items() if WRITES.search(text)}
    while more := {n for n, text in texts.items() if any(f"self.{each}(" in text for each in found)} - found:
        found |= more
    return found


def _in_same_transaction(call: ast.Call) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "tables" for each in call.args)


class Audited:
    """Which functions leave an entry in the transaction that they begin, or are called in."""

    def __init__(self, code: Code) -> None:
        self._calls = {each: [code.meant(called, each) for called in each.handed_on] for each in code.functions}
        self._callers: dict[Function, list[Function]] = defaultdict(list)
        for each, called in self._calls.items():
            for one in {one for meant in called for one in meant}:
                self._callers[one].append(each)
        self._known = {each for each in code.functions if any(map(_adds, each.calls))}
        waiting = list(self._known)
        while waiting:
            new = [each for each in self._callers[waiting.pop()] if each not in self._known and self._by_callee(each)]
            self._known.update(new)
            waiting += new

    def _by_callee(self, function: Function) -> bool:
        return any(meant and all(each in self._known for each in meant) for meant in self._calls[function])

    def __contains__(self, function: Function) -> bool:
        """By itself, by what it calls, or because everybody who calls it does."""
        return self._is(function, ())

    def _is(self, function: Function, asked: tuple[Function, ...]) -> bool:
        if function in self._known or function in asked:
            return True
        theirs = self._callers[function]
        return bool(theirs) and all(self._is(each, (*asked, function)) for each in theirs)


def _adds(call: tuple[str, ast.Call]) -> bool:
    return call[0].endswith("audit.add")


def test_every_change_that_is_an_act_of_somebody_leaves_an_entry_in_its_transaction() -> None:
    writing, audited, missing = changes(), Audited(code()), list[str]()
    assert len(writing) > 35 and "revoke" in writing["links"]  # it looks at what is there
    for function in code().functions:
        for called, _ in function.calls:
            at = re.fullmatch(r"tables\.(\w+)\.(\w+)", called)
            if at is None or at[1] in NO_ACTS or at[2] not in writing.get(at[1], ()):
                continue
            if function in audited or function.file == "bot/running/upkeep.py":
                continue
            names = {f"{at[1]}.{at[2]}", f"{at[1]}.{at[2]} in {function.name}"}
            missing += [] if names & NO_ACT.keys() else [f"{at[0]} in {function.file}: {function.name}"]
    assert missing == []
    assert NO_ACTS.keys() <= writing.keys()


def _names_added() -> Iterator[tuple[str, str]]:
    """What is given as the name of an act, as it is written, and in which file."""
    for function in code().functions:
        for _, call in filter(_adds, function.calls):
            starred = [each for each in call.args[:3] if isinstance(each, ast.Starred)]
            name = call.args[1 if starred else 2]
            yield ast.unparse(name), function.file


DYNAMIC = {
    "action": (
        *("link.paused", "link.unpaused", "link.deletion_asked", "chat.taken_over", "chat.handed_back", "chat.ended"),
        *("budget.limited", "budget.asks_from", "agent.made", "agent.changed"),
        *("policy.card_forbidden", "policy.card_allowed", "policy.links_set", "policy.digest_set"),
    ),
    "f'elicitation.{state}'": ("elicitation.answered", "elicitation.declined", "elicitation.went_on"),
    "f'chat.{told.how}'": ("chat.edited", "chat.taken_back"),
    "tally.action": tuple(name for name in LINK_ACTIONS if name.startswith("link.")),
    "ACTION": ("workspace.opened_to", "link.filtered"),
    "INSTALLED": ("workspace.installed",),
    "UNINSTALLED": ("workspace.uninstalled",),
    "CUT": ("retention.removed",),
    "ENFORCED": ("retention.enforced",),
    "SET": ("policy.kept_set", "policy.egress_set", "policy.outside_set"),
    "MARKS[state]": ("outside.allowed", "outside.refused"),
    "REFUSED": ("ticket.stranger",),
    "VERIFIED": ("audit.verified",),
    "EXPORTED": ("audit.exported",),
}
"""Names that are made or given: which they may be."""


def test_every_name_in_the_audit_has_words_and_an_area_and_no_words_are_left_over() -> None:
    names = {"chain.restarted", "secrets.moved", "secrets.rotated"}
    for written, file in _names_added():
        known = DYNAMIC.get(written) or (ast.literal_eval(written),)
        assert all(each in ACTS for each in known), (written, file)
        names |= set(known)
    assert names >= set(ACTS)
    assert sorted(each for area in AREAS for each in of_area(area)) == sorted(ACTS)
    assert OF_ACTION.keys() <= ACTS.keys()


def test_the_handbook_has_the_same_table() -> None:
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+) \|$", (ROOT / "docs" / "security.md").read_text(), re.M)
    assert dict(rows) == ACTS

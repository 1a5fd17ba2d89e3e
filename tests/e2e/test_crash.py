"""Usher is killed in the middle of things, and nothing is lost, repeated or left hanging."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.guest import guest
from tests.e2e.house import House, stopped
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[House]:
    """To start one takes longer than to kill what is in it, and each of these leaves it whole."""
    house = House(tmp_path_factory.mktemp("crash") / "try", "crash")
    house.take_ports()
    shutil.copy(sqlite_template, house.folder / "usher.db")
    yield house
    if house.is_running:
        house.stop()


@pytest.fixture
def house(standing: House) -> House:
    if not standing.is_running:
        standing.start()
    return standing


@pytest.fixture
def workspace(browser: Browser, house: House) -> Iterator[Workspace]:
    with opened(browser, house) as workspace:
        yield workspace


@contextmanager
def opened(browser: Browser, house: House) -> Iterator[Workspace]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Workspace(context.new_page(), house.url).open()
    context.close()


def test_an_answer_cut_off_by_a_kill_is_given_once_and_whole(workspace: Workspace, house: House) -> None:
    thread = workspace.ask("write a long answer about tea")
    expect(thread.get_by_role("article", name="Usher").last).to_contain_text(re.compile(r"(\w+\W+){25}"))

    house.kill_usher()

    answer = thread.get_by_role("article", name="Usher")
    expect(answer.get_by_text("offline demo model").last).to_be_visible()
    expect(answer).to_have_count(1)
    headings = answer.get_by_role("heading").all_inner_texts()
    assert headings and len(headings) == len(set(headings))


def test_a_call_cut_off_by_a_kill_is_told_once_and_not_tried_again(workspace: Workspace, house: House) -> None:
    workspace.connect("Notes")
    thread = workspace.ask("add a note: water the plants")
    with stopped(house.notes()):
        thread.get_by_role("button", name="Approve Notes: Add a note").click()
        expect(thread).to_contain_text("Approved by")
        house.until_doing("Notes: Add a note")
        house.kill_usher()
        told = thread.get_by_text(re.compile(r"I was interrupted while .*Add a note.*did not try again"))
        expect(told).to_be_visible()
    expect(told).to_have_count(1)
    assert len(notes(house)) <= 1


def test_a_question_asked_while_usher_is_down_is_answered_once_it_is_back(workspace: Workspace, house: House) -> None:
    with stopped(house.usher()):
        workspace.type("hello, what are you?")
        house.kill_usher()
    thread = workspace.thread_of("hello, what are you?")

    answer = thread.get_by_role("article", name="Usher")
    expect(answer.get_by_text("offline demo model").first).to_be_visible()
    expect(answer).to_have_count(1)


def test_it_stops_at_once_while_an_answer_streams_and_a_guest_reads(workspace: Workspace, house: House) -> None:
    thread = workspace.ask("write a long answer about tea")
    expect(thread.get_by_role("article", name="Usher").last).to_contain_text(re.compile(r"(\w+\W+){10}"))

    house.stop()

    assert "stopped" in house.log_of("usher")
    assert "Traceback" not in house.log_of("usher")


def test_links_and_connections_of_a_killed_run_go_on_in_the_next(empty_house: House, browser: Browser) -> None:
    empty_house.start()
    with opened(browser, empty_house) as workspace:
        workspace.connect("Notes")
        link = workspace.make_link("Website support")
        with guest(browser, link) as visitor:
            visitor.start("Visitor")

            empty_house.kill()
            empty_house.start()

            visitor.says("hello, what are you?")
            expect(visitor.talk).to_contain_text("offline demo model")
        thread = workspace.ask("list my notes")  # in the page that was open all the time
        expect(thread.get_by_role("article", name="Usher").last).to_contain_text("Notes: List notes")


def notes(house: House) -> dict[str, str]:
    file = house.folder / "notes.json"
    kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return kept

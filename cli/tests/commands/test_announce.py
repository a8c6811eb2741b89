"""`siaga announce`: every owner is asked once, and says how much it told."""

import json

import pytest

from cli.tests.commands.fakes import System, Terminal, problem
from siaga_cli.commands.announce import OWNERS


@pytest.fixture
def owners(system: System) -> System:
    for number, service in enumerate(OWNERS):
        system.behind("POST", service, "/v1/announcements", {"told": number})
    return system


def test_every_owner_tells_its_states_again(owners: System, siaga: Terminal) -> None:
    said = siaga("announce", "--json")
    assert said.exit_code == 0
    assert json.loads(said.stdout) == {service: number for number, service in enumerate(OWNERS)}
    asked = [one for one in owners.asked if one.url.path == "/v1/announcements"]
    assert len({one.headers["idempotency-key"] for one in asked}) == len(OWNERS)


@pytest.mark.usefixtures("owners")
def test_it_is_said_in_the_persons_language(siaga: Terminal) -> None:
    assert "triage: 2 keadaan diumumkan lagi" in siaga("announce").stdout
    assert "triage: 2 states told again" in siaga("announce", language="en").stdout


def test_only_what_is_not_finished_is_asked_for(owners: System, siaga: Terminal) -> None:
    siaga("announce", "--unfinished")
    asked = [one for one in owners.asked if one.url.path == "/v1/announcements"]
    assert {one.url.params["unfinished_only"] for one in asked} == {"true"}


def test_who_may_not_is_told_so(system: System, siaga: Terminal) -> None:
    system.behind("POST", OWNERS[0], "/v1/announcements", problem(403, "forbidden"))
    said = siaga("announce")
    assert said.exit_code == 2
    assert "Traceback" not in said.output

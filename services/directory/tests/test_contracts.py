"""What the directory says is what the contract wants."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from directory import contracts
from directory.domain.tenant import Application, apply
from service_kit.decisions import Changed
from shared_schemas.topics import TOPICS

if TYPE_CHECKING:
    from services.directory.tests.conftest import Configured

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_event_carries_the_whole_configuration_its_version_and_slots(configured: "Configured") -> None:
    wanted = Application("53.03", configured(), "admin", NOON)
    decided = apply(None, wanted, slots_if_new=(0, 3))
    assert isinstance(decided, Changed)
    event = contracts.tenant_configured(decided.state, NOON)
    assert (event.tenant, event.version, event.slots) == ("53.03", 1, (0, 3))
    assert event.configuration.model_dump(mode="json") == configured()


def test_the_topics_name_the_directory_as_the_contracts_do() -> None:
    assert {name for name, topic in TOPICS.items() if "directory" in topic.producers} == contracts.SAYS
    assert {name for name, topic in TOPICS.items() if "directory" in topic.consumers} == contracts.HEARS


def test_a_clash_between_two_others_is_no_fault_of_a_third(configured: "Configured") -> None:
    clash = [configured("53.71"), configured("53.04", abbreviation="KPG")]
    assert contracts.CheckByContract().among(configured("53.03"), clash) == []
    assert contracts.CheckByContract().among(configured("53.04", abbreviation="KPG"), clash[:1]) != []

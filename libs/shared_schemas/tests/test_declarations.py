"""What the topics' files tell of the services is what the services themselves declare."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

from shared_schemas.declarations import differing_declarations
from shared_schemas.places import Places
from shared_schemas.topics import Topic, read_topics

Service = Callable[[str, str], None]
TELLER = "imaginary_teller"
HEARER = "imaginary_hearer"


@pytest.fixture
def topics(checkout: Places) -> MappingProxyType[str, Topic]:
    """Two topics: one said by imaginary-teller, both heard by imaginary-hearer."""
    for path in checkout.topics.glob("*.yaml"):
        if path.stem not in ("call.received", "tenant.configured"):
            path.unlink()
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        names = {
            "producers": "imaginary-teller",
            "sources": "imaginary-teller",
            "consumers": "imaginary-hearer",
        }
        path.write_text(
            "\n".join(
                f"{key}: [{names[key]}]" if (key := line.partition(":")[0]) in names else line
                for line in lines
            ),
            encoding="utf-8",
        )
    return MappingProxyType(dict(read_topics(checkout.topics)))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Make a service whose contracts room holds this text."""

    def make(package: str, contracts: str) -> None:
        folder = tmp_path / "services" / package.replace("_", "-") / "src" / package
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        if contracts:
            (folder / "contracts.py").write_text(contracts, encoding="utf-8")

    yield make
    for name in [one for one in sys.modules if one.startswith("imaginary_")]:
        del sys.modules[name]


SAYS_BOTH = "HEARS = frozenset()\nSAYS = frozenset({'call.received', 'tenant.configured'})"
HEARS_BOTH = "HEARS = frozenset({'call.received', 'tenant.configured'})\nSAYS = frozenset()"


def differences(topics: MappingProxyType[str, Topic], tmp_path: Path) -> list[str]:
    return differing_declarations(topics, tmp_path / "services")


def test_services_that_declare_what_is_told_are_not_mentioned(
    topics: MappingProxyType[str, Topic], service: Service, tmp_path: Path
) -> None:
    service(TELLER, SAYS_BOTH)
    service(HEARER, HEARS_BOTH)
    assert differences(topics, tmp_path) == []


def test_the_tenants_topic_need_not_be_declared_by_those_for_whom_the_kit_hears_it(
    topics: MappingProxyType[str, Topic], service: Service, tmp_path: Path
) -> None:
    service(TELLER, SAYS_BOTH)
    service(HEARER, HEARS_BOTH.replace(", 'tenant.configured'", ""))
    assert differences(topics, tmp_path) == []


@pytest.mark.parametrize(
    ("contracts", "sentence"),
    [
        ("", "has no contracts room that can be imported"),
        ("SAYS = frozenset()", "its contracts room declares no frozenset HEARS"),
        ("HEARS = ['call.received']\nSAYS = frozenset()", "its contracts room declares no frozenset HEARS"),
        (
            "raise RuntimeError('no broker')",
            "its contracts room cannot be imported (RuntimeError: no broker)",
        ),
        (
            "import no_such_library",
            "has no contracts room that can be imported (No module named 'no_such_library')",
        ),
        (
            "HEARS = frozenset()\nSAYS = frozenset()",
            "topics/call.received.yaml lists it under consumers, but HEARS does not name it",
        ),
        (
            HEARS_BOTH.replace("SAYS = frozenset()", "SAYS = frozenset({'call.received'})"),
            "SAYS names call.received, but topics/call.received.yaml does not list it under producers",
        ),
        (
            HEARS_BOTH.replace("'call.received'", "'call.received', 'call.lost'"),
            "HEARS names call.lost, but topics/call.lost.yaml does not list it under consumers",
        ),
    ],
)
def test_a_service_that_declares_otherwise_is_named(
    topics: MappingProxyType[str, Topic], service: Service, tmp_path: Path, contracts: str, sentence: str
) -> None:
    service(TELLER, SAYS_BOTH)
    service(HEARER, contracts)
    (found,) = differences(topics, tmp_path)
    assert found.startswith(f"imaginary-hearer: {sentence}")


def test_a_service_that_only_a_topic_names_is_missed(
    topics: MappingProxyType[str, Topic], service: Service, tmp_path: Path
) -> None:
    service(TELLER, SAYS_BOTH)
    assert differences(topics, tmp_path) == [
        "topics: imaginary-hearer is named there, but services/imaginary-hearer is not there"
    ]

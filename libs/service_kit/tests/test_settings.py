"""What is wrong in the environment is told whole, by the names that a person set, before anything starts."""

import re

import pytest

from service_kit.service import REFUSED_EXIT_CODE, Service, main
from service_kit.settings import ServiceSettings, SettingsRefused, read_settings

GOOD = {
    "KAFKA_BOOTSTRAP": "127.0.0.1:9",
    "MONGO_URL": "mongodb://127.0.0.1:9",
    "SIAGA_SECRETS_DIR": "secrets",
    "SIAGA_DATA_DIR": "data",
    "SIAGA_TOKEN_KEYS": "token_keys.json",
}
FAULTY = {"SIAGA_PORT": "http", "SIAGA_BROKER_REPLICAS": "0"}
AT_FAULT = {"MONGO_URL", *FAULTY}


@pytest.fixture
def three_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with one variable missing and two wrong, of three kinds of name."""
    for name, value in {**GOOD, **FAULTY}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MONGO_URL")


def named(text: str) -> set[str]:
    """Return the variable that each line names."""
    return set(re.findall(r"^([A-Z_]+): \S", text, re.MULTILINE))


@pytest.mark.usefixtures("three_at_fault")
def test_every_variable_at_fault_is_named_at_once() -> None:
    with pytest.raises(SettingsRefused) as refused:
        read_settings(ServiceSettings)
    assert named(str(refused.value)) == AT_FAULT


@pytest.mark.usefixtures("three_at_fault")
def test_a_service_with_such_settings_says_so_and_exits_with_2_before_it_is_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def assemble(_service: Service, _settings: ServiceSettings) -> None:
        pytest.fail("it was assembled")

    with pytest.raises(SystemExit) as ended:
        main("intake", ServiceSettings, assemble)
    assert ended.value.code == REFUSED_EXIT_CODE == 2
    said = capsys.readouterr().err
    assert said.startswith("intake: ")
    assert named(said) == AT_FAULT


def test_good_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    assert read_settings(ServiceSettings).mongo_url == GOOD["MONGO_URL"]

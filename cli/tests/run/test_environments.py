"""What each program of a run is told, and whom it is told to be."""

from dataclasses import replace
from pathlib import Path

import pytest

from service_kit.identity import Kind, Role
from shared_schemas.tenants import TenantConfiguration
from siaga_cli.run.accounts import wanted_accounts
from siaga_cli.run.environments import (
    FREED_MEMORY_GOES_BACK,
    PORTS,
    SERVICES,
    Surroundings,
    demo_environment,
    service_environment,
    tenant_placeholders,
)
from siaga_cli.run.options import own_tenants_of, ports_of, speed_of, switch_of
from siaga_cli.run.programs import demo_programs, service_program
from siaga_cli.run.purpose import OtherPurpose, Purpose, mark_purpose, purpose_of, require_purpose
from siaga_cli.run.tenants import TenantsRefused, read_tenants
from siaga_embedded.servers import Servers

CHECKOUT = Path(__file__).parents[3]
AROUND = Surroundings(
    data=Path("/data/.siaga"),
    checkout=CHECKOUT,
    servers=Servers("127.0.0.1:1", "mongodb://127.0.0.1:2/", "kafka", "store"),
    ports={name: 20_000 + number for number, name in enumerate(PORTS)},
    speed="10",
    run="r1",
)


@pytest.fixture(scope="module")
def tenants() -> tuple[TenantConfiguration, ...]:
    return read_tenants(CHECKOUT / "tenants", tenant_placeholders(AROUND))


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_told_all_that_services_need(service: str) -> None:
    told = service_environment(AROUND, service)
    assert told["KAFKA_BOOTSTRAP"] == "127.0.0.1:1"
    assert told["MONGO_URL"] == "mongodb://127.0.0.1:2/"
    assert told["SIAGA_PORT"] == str(AROUND.ports[service])
    assert told["SIAGA_REPLICA"] == "1", "so that its place in the group is kept while it restarts"
    assert told["SIAGA_DATA_DIR"] == f"/data/.siaga/{service}"
    assert told["SIAGA_TRACE_FILE"] == f"/data/.siaga/traces/{service}.jsonl"


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_is_told_makes_valid_settings(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import import_module

    from service_kit.settings import ServiceSettings, read_settings

    module = import_module(f"{SERVICES[service]}.config")
    (kind,) = [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, ServiceSettings) and one is not ServiceSettings
    ]
    told = service_environment(AROUND, service)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    settings = read_settings(kind)
    names = {f"SIAGA_{name}".upper() for name in kind.model_fields} | {"KAFKA_BOOTSTRAP", "MONGO_URL"}
    names |= set(FREED_MEMORY_GOES_BACK)  # the C library's own
    assert set(told) <= names, "a variable that nobody reads is a misspelt one"
    assert settings.port == AROUND.ports[service]


def test_no_two_programs_share_a_folder_or_a_port() -> None:
    told = [service_environment(AROUND, service) for service in SERVICES]
    for name in ("SIAGA_PORT", "SIAGA_DATA_DIR", "SIAGA_TRACE_FILE"):
        assert len({one[name] for one in told}) == len(SERVICES)


def test_the_exchange_writes_where_intake_reads() -> None:
    written = demo_environment(AROUND)["SIAGA_DEMO_QUEUE_LOG"]
    assert any(written in value for value in service_environment(AROUND, "intake").values())


def test_without_the_demo_nothing_of_it_reaches_a_service() -> None:
    own = replace(AROUND, demo=False)
    told = {**service_environment(own, "intake"), **service_environment(own, "agency-notifier")}
    assert not {"SIAGA_QUEUE_LOGS", "SIAGA_SMTP_HOST", "SIAGA_ALLOW_PRIVATE_ADDRESSES"} & set(told)


def test_a_data_folder_is_the_demos_or_a_centres_own_never_both(tmp_path: Path) -> None:
    require_purpose(tmp_path, Purpose.CENTRE)
    (tmp_path / "secrets").mkdir()
    assert purpose_of(tmp_path) is Purpose.DEMO, "of before it was written down"
    mark_purpose(tmp_path, Purpose.CENTRE)
    require_purpose(tmp_path, Purpose.CENTRE)
    with pytest.raises(OtherPurpose, match="DEMO=off"):
        require_purpose(tmp_path, Purpose.DEMO)


def test_a_centres_own_tenants_and_the_demo_exclude_each_other(tmp_path: Path) -> None:
    import typer

    with pytest.raises(typer.BadParameter, match=r"53\.03\.yaml"):
        own_tenants_of(tmp_path, demo=False, until_replayed=False)
    (tmp_path / "53.03.yaml").touch()
    assert own_tenants_of(tmp_path, demo=False, until_replayed=False) == tmp_path
    assert own_tenants_of(None, demo=True, until_replayed=True) is None
    for folder, demo, until_replayed in (
        (tmp_path, True, False),
        (None, False, False),
        (tmp_path, False, True),
    ):
        with pytest.raises(typer.BadParameter):
            own_tenants_of(folder, demo=demo, until_replayed=until_replayed)


def test_agencies_listen_where_tenants_files_and_the_notifier_send() -> None:
    demo, notifier = demo_environment(AROUND), service_environment(AROUND, "agency-notifier")
    assert tenant_placeholders(AROUND)["SIAGA_DEMO_WEBHOOKS"].endswith(f":{demo['SIAGA_DEMO_WEBHOOK_PORT']}")
    assert notifier["SIAGA_SMTP_PORT"] == demo["SIAGA_DEMO_MAIL_PORT"]


def test_the_demo_stands_above_the_services_and_ends_first() -> None:
    service = service_program(AROUND, "triage")
    demo = demo_programs(AROUND, replay=True)
    assert {one.tier for one in demo} == {max(one.tier for one in (service, *demo))}
    assert service.tier < demo[0].tier
    assert sum((max(one.grace for one in demo), service.grace), start=type(service.grace)()).seconds <= 5


def test_without_a_replay_the_people_are_still_there() -> None:
    names = {one.name for one in demo_programs(AROUND, replay=False)}
    assert names == {"demo-agencies", "demo-call-takers"}


def test_the_demo_tenants_files_are_whole_and_misspelt_ones_are_told(tmp_path: Path) -> None:
    assert {one.code for one in read_tenants(CHECKOUT / "tenants", tenant_placeholders(AROUND))} == {
        "53.03",
        "53.04",
        "53.71",
    }
    with pytest.raises(TenantsRefused, match="SIAGA_DEMO_WEBHOOKS"):
        read_tenants(CHECKOUT / "tenants", {})


def test_every_agency_has_an_account_of_its_own_tenant_only(tenants: tuple[TenantConfiguration, ...]) -> None:
    wanted = wanted_accounts(tenants, demo=True)
    agencies = {(one.tenants, one.agency) for one in wanted if one.kind is Kind.AGENCY}
    assert agencies == {((tenant.code,), agency.id) for tenant in tenants for agency in tenant.agencies}
    assert len({one.account for one in wanted}) == len({one.secret for one in wanted}) == len(wanted)


def test_the_local_person_may_do_what_a_small_centre_does(tenants: tuple[TenantConfiguration, ...]) -> None:
    (local,) = wanted_accounts(tenants, demo=False)
    assert local == wanted_accounts(tenants, demo=True)[0]
    assert (local.account, set(local.tenants)) == ("cli", {"53.03", "53.04", "53.71"})
    assert Role.SUPERVISOR in local.roles
    assert Role.PLATFORM_ADMIN not in local.roles


def test_what_a_person_writes_is_read_or_refused() -> None:
    import typer

    assert (speed_of("max"), speed_of("0"), speed_of("2.5"), switch_of("--replay", "OFF")) == (
        "0",
        "0",
        "2.5",
        False,
    )
    assert ports_of(["intake=8112"]) == {"intake": 8112}
    for wrong in (
        lambda: speed_of("fast"),
        lambda: speed_of("-1"),
        lambda: switch_of("--replay", "maybe"),
        lambda: ports_of(["web=1"]),
        lambda: ports_of(["intake=70000"]),
    ):
        with pytest.raises(typer.BadParameter):
            wrong()

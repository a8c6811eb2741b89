"""The tenants that a replica knows: what is taken is told, whatever the disk does."""

from pathlib import Path

from service_kit.tenancy import Tenants
from shared_schemas.events import TenantConfigured
from shared_schemas.examples import read_example
from shared_schemas.topics import CONTRACTS_DIR


def configured(*, version: int = 1) -> TenantConfigured:
    example = read_example(CONTRACTS_DIR / "examples" / "tenant.configured" / "v1" / "ttu-begins.json")
    return TenantConfigured.model_validate({**example.data, "version": version})


async def test_a_full_disk_keeps_no_configuration_from_those_who_follow(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    tenants, told = Tenants(snapshot=tmp_path / "taken" / "tenants.json"), list[int]()
    tenants.follow(lambda one: told.append(one.version))
    await tenants.take(configured())
    assert told == [1]


async def test_an_older_configuration_changes_nothing() -> None:
    tenants, told = Tenants(), list[int]()
    tenants.follow(lambda one: told.append(one.version))
    for version in (2, 1, 2, 3):
        await tenants.take(configured(version=version))
    assert told == [2, 3]


async def test_the_next_start_knows_the_tenants_of_the_last_one(tmp_path: Path) -> None:
    before = Tenants(snapshot=tmp_path / "tenants.json")
    await before.take(configured())
    assert Tenants(snapshot=tmp_path / "tenants.json").get("53.03") == configured()


async def test_a_damaged_snapshot_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "tenants.json").write_text('[{"tenant": ')
    assert Tenants(snapshot=tmp_path / "tenants.json").all() == []

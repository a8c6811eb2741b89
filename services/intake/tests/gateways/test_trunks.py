"""Which queue is whose follows the tenants' newest files, at once."""

from typing import Any

from intake.domain.facts import Trunk
from intake.gateways.trunks import ConfiguredTrunks
from service_kit.tenancy import Tenants
from shared_schemas.events import TenantConfigured
from shared_schemas.tenants import TenantConfiguration
from shared_schemas.tenants import Trunk as ConfiguredTrunk


async def take(tenants: Tenants, code: str, *trunks: ConfiguredTrunk, version: int = 1) -> None:
    """Let a tenant have these trunks; nothing else of its file matters here."""
    parts: dict[str, Any] = {"code": code, "trunks": trunks}
    configuration = TenantConfiguration.model_construct(**parts)
    told: dict[str, Any] = {"tenant": code, "version": version, "configuration": configuration}
    await tenants.take(TenantConfigured.model_construct(**told))


async def test_tenants_share_an_exchange_by_its_queues() -> None:
    tenants = Tenants()
    trunks = ConfiguredTrunks(tenants)
    assert trunks.exchange("pbx-ntt").queues == {}
    await take(tenants, "53.03", ConfiguredTrunk(id="a", exchange="pbx-ntt", queues=("ttu112",)))
    await take(tenants, "53.71", ConfiguredTrunk(id="b", exchange="pbx-ntt", queues=("kupang112",)))
    assert trunks.exchange("pbx-ntt").queues == {
        "ttu112": Trunk("53.03", "a"),
        "kupang112": Trunk("53.71", "b"),
    }
    assert trunks.exchange("elsewhere").queues == {}


async def test_an_exchange_without_named_queues_is_wholly_a_tenants_own() -> None:
    tenants = Tenants()
    trunks = ConfiguredTrunks(tenants)
    assert not trunks.exchange("pbx-belu").is_named
    await take(tenants, "53.04", ConfiguredTrunk(id="a", exchange="pbx-belu"))
    assert trunks.exchange("pbx-belu").trunk_of("whatever") == Trunk("53.04", "a")
    await take(tenants, "53.03", ConfiguredTrunk(id="b", exchange="pbx-belu", queues=("ttu112",)))
    exchange = trunks.exchange("pbx-belu")
    assert (exchange.trunk_of("ttu112"), exchange.trunk_of("x")) == (Trunk("53.03", "b"), Trunk("53.04", "a"))


async def test_an_exchange_that_two_claim_whole_is_neithers() -> None:
    tenants = Tenants()
    trunks = ConfiguredTrunks(tenants)
    await take(tenants, "53.04", ConfiguredTrunk(id="a", exchange="pbx"))
    await take(tenants, "53.03", ConfiguredTrunk(id="b", exchange="pbx"))
    assert trunks.exchange("pbx").trunk_of("x") is None
    assert not trunks.exchange("pbx").is_named


async def test_a_tenant_knows_its_own_trunks_only() -> None:
    tenants = Tenants()
    trunks = ConfiguredTrunks(tenants)
    await take(tenants, "53.03", ConfiguredTrunk(id="a", exchange="pbx-ntt"))
    assert trunks.trunk("53.03", "a") == Trunk("53.03", "a")
    assert (trunks.trunk("53.71", "a"), trunks.trunk("53.03", "b")) == (None, None)


async def test_a_change_of_a_tenants_file_holds_at_the_next_question() -> None:
    tenants = Tenants()
    trunks = ConfiguredTrunks(tenants)
    await take(tenants, "53.03", ConfiguredTrunk(id="a", exchange="pbx", queues=("old",)))
    await take(tenants, "53.03", ConfiguredTrunk(id="a", exchange="pbx", queues=("new",)), version=2)
    assert set(trunks.exchange("pbx").queues) == {"new"}

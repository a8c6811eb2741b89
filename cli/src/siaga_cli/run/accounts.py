"""Which accounts a machine needs from its first start. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service_kit.identity import Kind, Role
from shared_schemas.tenants import TenantConfiguration
from siaga_cli.home import CLI_ACCOUNT
from siaga_demo import people
from siaga_demo.doors import Credential

LOCAL_ROLES = (Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One account as it is asked for, and the secret that holds its password."""

    account: str
    secret: str
    name: str
    kind: Kind
    tenants: tuple[str, ...]
    roles: tuple[Role, ...]
    agency: str | None = None

    def description(self) -> dict[str, object]:
        """Return it as the directory takes it, without the password."""
        return {
            "id": self.account,
            "name": self.name,
            "kind": self.kind.value,
            "tenants": list(self.tenants),
            "roles": [role.value for role in self.roles],
            "agency": self.agency,
        }


def wanted_accounts(tenants: Iterable[TenantConfiguration], *, demo: bool) -> tuple[Wanted, ...]:
    """Return the local person's account and, with the demo, its call takers', supervisors' and agencies'."""
    every = tuple(tenants)
    codes = tuple(tenant.code for tenant in every)
    local = Wanted(CLI_ACCOUNT, CLI_ACCOUNT, "Terminal", Kind.PERSON, codes, LOCAL_ROLES)
    return (local, *(account for tenant in every for account in _of_the_demo(tenant) if demo))


def _of_the_demo(tenant: TenantConfiguration) -> Iterator[Wanted]:
    code = tenant.code
    for number in range(people.TAKERS.get(code, 0)):
        yield _robot(people.taker(code, number), f"Petugas {number + 1}", code, Role.CALL_TAKER)
    if code in people.TENANTS:
        yield _robot(people.supervisor(code), "Pengawas", code, Role.SUPERVISOR)
    for agency in tenant.agencies:
        who = people.agency(code, agency.id)
        yield Wanted(who.account, who.secret, agency.name, Kind.AGENCY, (code,), (Role.AGENCY,), agency.id)


def _robot(who: Credential, name: str, tenant: str, role: Role) -> Wanted:
    return Wanted(who.account, who.secret, name, Kind.ROBOT, (tenant,), (role,))

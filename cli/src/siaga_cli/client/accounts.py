"""The directory's accounts: listed, made, described anew, given another password."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from siaga_cli.client.refusals import BadInput, Refused
from siaga_cli.client.services import PAGE, Answer, Services, segment
from siaga_cli.client.tenants import TenantBook, tenant_code
from siaga_cli.wording import text

EVERY_TENANT = "*"
AGENCY, BRIDGE, ROBOT, PERSON = "agency", "bridge", "robot", "person"
_PATH = "/v1/accounts"
_DESCRIPTION = ("name", "kind", "tenants", "roles", "agency", "disabled")


class Accounts:
    """The accounts that this administrator may manage."""

    def __init__(self, services: Services) -> None:
        """Ask these services."""
        self._services = services

    def of(self, tenant: str | None) -> list[Answer]:
        """Return a tenant's accounts, or all: the platform's, else those of the tenants one administers."""
        if tenant is not None:
            return self._listed({"tenant": tenant_code(tenant)})
        try:
            return self._listed({})
        except Refused as refused:
            if refused.kind != "forbidden":
                raise
        codes = TenantBook(self._services).codes(None)
        found = {one.get("id"): one for code in codes for one in self._listed({"tenant": code})}
        return list(found.values())

    def _listed(self, query: Mapping[str, str]) -> list[Answer]:
        """Read all pages; a page may be short of accounts that are somebody else's to manage."""
        found: list[Answer] = []
        after: Mapping[str, str] = {}
        while page := self._services.items("directory", _PATH, {**query, **after}, most=PAGE):
            found += page
            after = {"after": str(page[-1].get("id"))}
        return found

    def of_id(self, account: str) -> Answer:
        """Return one account. Raises BadInput where there is none that this administrator manages."""
        known = self._services.find("directory", f"{_PATH}/{segment(account)}")
        if known is None:
            raise _nobody(account)
        return known

    def make(self, account: str, description: Mapping[str, Any], password: str) -> Answer:
        """Make an account."""
        body = {"id": account, **description, "password": password}
        with _explained(account):
            return self._services.change("POST", "directory", _PATH, body)

    def describe(self, known: Answer, **changed: object) -> Answer:
        """Describe a known account anew; what somebody changed meanwhile is not overwritten."""
        account = str(known.get("id"))
        body = {**{name: known.get(name) for name in _DESCRIPTION}, **changed}
        seen = known.get("version")
        with _explained(account):
            return self._services.change("PUT", "directory", f"{_PATH}/{segment(account)}", body, seen=seen)

    def set_password(self, account: str, password: str) -> Answer:
        """Give an account another password."""
        path = f"{_PATH}/{segment(account)}/password"
        with _explained(account):
            return self._services.change("PUT", "directory", path, {"password": password})

    def description(
        self, name: str, tenants: Sequence[str], roles: Sequence[str], agency: str | None, *, robot: bool
    ) -> dict[str, Any]:
        """Return an account's description, its kind found from what it is. Raises BadInput."""
        roles = [AGENCY] if agency and not roles else roles
        self._check(tenants, roles, agency)
        kind = next((one for one in (AGENCY, BRIDGE) if [one] == list(roles)), ROBOT if robot else PERSON)
        return {
            "name": name,
            "kind": kind,
            "tenants": sorted(set(tenants)),
            "roles": sorted(set(roles)),
            "agency": agency,
        }

    def _check(self, tenants: Sequence[str], roles: Sequence[str], agency: str | None) -> None:
        """Refuse what would be an account of nobody: a regency or an agency that is not there."""
        if not roles:
            raise BadInput(text("Say what the account may do: --role, or --agency for an agency's."))
        book = TenantBook(self._services)
        known = book.codes(None)
        for code in tenants:
            if code != EVERY_TENANT and tenant_code(code) not in known:
                raise BadInput(text("There is no tenant {code} here; see: siaga tenant list", code=code))
        if (agency is not None) != (AGENCY in roles) or (AGENCY in roles and len({*tenants, *roles}) > 2):  # noqa: PLR2004 - one of each
            raise BadInput(
                text("An agency's account names its --agency and one --tenant, and has no other role.")
            )
        if agency is not None:
            self._check_agency(book, tenants[0], agency)

    def _check_agency(self, book: TenantBook, code: str, agency: str) -> None:
        there = [str(one.get("id")) for one in book.of(code).configuration.get("agencies") or ()]
        if agency not in there:
            known = ", ".join(there)
            raise BadInput(text("{name} must be one of: {known}.", name="--agency", known=known or "-"))


@contextmanager
def _explained(account: str) -> Iterator[None]:
    """Say the directory's own refusals of accounts."""
    try:
        yield
    except Refused as refused:
        reason = refused.problem.get("reason")
        if refused.kind == "unknown":
            raise _nobody(account) from refused
        if reason == "id_taken":
            raise BadInput(
                text("There is an account {account} already; an id is given once.", account=account)
            ) from refused
        if reason == "own_account":
            raise BadInput(text("Nobody disables their own account; another administrator can.")) from refused
        raise


def _nobody(account: str) -> BadInput:
    return BadInput(text("There is no account {account} here; see: siaga account list", account=account))

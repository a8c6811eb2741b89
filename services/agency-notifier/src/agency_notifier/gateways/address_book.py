"""The tenants' configurations as the address book of the messages."""

from typing import Protocol

from agency_notifier.application.ports import AddressBook, Contact, Regency
from agency_notifier.domain.response import SUPERVISOR
from service_kit.transient import Away
from shared_schemas import tenants as configured
from shared_schemas.vocabulary import ContactChannel


class Configured(Protocol):
    """One tenant's configuration in force."""

    @property
    def version(self) -> int:
        """Its version."""

    @property
    def configuration(self) -> configured.TenantConfiguration:
        """Its content."""


class Known(Protocol):
    """The tenants as this replica knows them."""

    def get(self, tenant: str) -> Configured | None:
        """Return the newest configuration."""


class TenantNotKnown(Away):
    """No configuration of this tenant has come here yet."""


class TenantsBook(AddressBook):
    """Looks everything up in the configuration in force, so a change counts from the next try on."""

    def __init__(self, known: Known) -> None:
        """Use the service's tenants."""
        self._known = known

    def regency(self, tenant: str) -> Regency:
        """Return the tenant's name and zone.

        Raises:
            TenantNotKnown: the tenant is not known here.
        """
        one, content = self._version(tenant), self._content(tenant)
        return Regency(content.name, content.abbreviation, content.zone, one)

    def contact(self, tenant: str, agency: str, contact: str) -> Contact | None:
        """Return a contact of an agency, or of the supervisors; None where it is gone."""
        content = self._content(tenant)
        found = content.agency(agency)
        several = found.contacts if found else ()
        name = found.name if found else agency
        if agency == SUPERVISOR:
            several, name = content.supervisor.contacts, content.name
        one = next((one for one in several if one.id == contact), None)
        return None if one is None else Contact(one.name, name, _addresses(one))

    def type_name(self, tenant: str, code: str) -> tuple[str, str]:
        """Return an incident type's name in Indonesian and English; the code where it has none."""
        kind = self._content(tenant).incident_type(code)
        return (code, code) if kind is None else (kind.name.id, kind.name.en)

    def _content(self, tenant: str) -> configured.TenantConfiguration:
        return self._one(tenant).configuration

    def _version(self, tenant: str) -> int:
        return self._one(tenant).version

    def _one(self, tenant: str) -> Configured:
        found = self._known.get(tenant)
        if found is None:
            raise TenantNotKnown(tenant)
        return found


def _addresses(contact: configured.Contact) -> dict[ContactChannel, str]:
    every = {ContactChannel.WEBHOOK: contact.url, ContactChannel.EMAIL: contact.email}
    return {channel: address for channel in contact.channels if (address := every[channel])}

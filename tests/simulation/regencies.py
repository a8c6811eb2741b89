"""The regencies of the simulation: two tenants whose every name carries a mark of its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared_schemas.events import TenantConfigured
from tests.simulation.memory_bus import PARTITIONS

MARKS: Mapping[str, str] = {"53.03": "-ttu", "53.71": "-kpg"}
"""What every name of a tenant ends in; none of it may ever stand in another's state."""

AGENCIES: Mapping[str, tuple[str, ...]] = {
    "damkar": ("bpbd", "satpol"),
    "bpbd": ("damkar",),
    "dinkes": ("pmi",),
    "pmi": ("dinkes", "damkar"),
    "satpol": (),
}
"""Who stands in for whom; that they lead back to each other is what a real file does, too."""

KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "kebakaran": ("structure_fire", ("damkar",)),
    "sakit": ("medical", ("dinkes",)),
    "banjir": ("flood", ("bpbd", "satpol")),
}
SECONDS = {"P1": 40, "P2": 60, "P3": 60, "P4": 90}


def configured(tenant: str, *, version: int, at: datetime) -> TenantConfigured:
    """Return a tenant's configuration as the directory tells it."""
    first = list(MARKS).index(tenant)
    return TenantConfigured.model_validate(
        {
            "tenant": tenant,
            "version": version,
            "slots": [(first + step) % PARTITIONS for step in range(2)],
            "configuration": _content(tenant, MARKS[tenant]),
            "applied_at": at,
            "applied_by": "andre",
        }
    )


def address(tenant: str, agency: str, contact: str) -> str:
    """Return where a contact of an agency is asked."""
    return f"https://{agency}{MARKS[tenant]}.example/{contact}"


def _content(tenant: str, mark: str) -> dict[str, Any]:
    return {
        "code": tenant,
        "name": f"Kabupaten{mark}",
        "abbreviation": mark.strip("-").upper(),
        "time_zone": "Asia/Makassar",
        "trunks": [{"id": f"pbx{mark}", "exchange": f"pbx{mark}"}],
        "agencies": [
            {
                "id": f"{agency}{mark}",
                "name": f"{agency}{mark}",
                "contacts": [_contact(tenant, agency, contact) for contact in ("posko", "piket")],
                "substitutes": [f"{other}{mark}" for other in substitutes],
            }
            for agency, substitutes in AGENCIES.items()
        ],
        "incident_types": [
            {
                "code": f"{code}{mark}",
                "name": {"id": code, "en": code},
                "common": common,
                "priority": "P1" if code == "kebakaran" else "P2",
                "agencies": [f"{agency}{mark}" for agency in agencies],
            }
            for code, (common, agencies) in KINDS.items()
        ],
        "clocks": {
            "acceptance_seconds": SECONDS,
            "arrival_seconds": {name: 10 * seconds for name, seconds in SECONDS.items()},
            "completion_seconds": {name: 15 * seconds for name, seconds in SECONDS.items()},
            "classification_seconds": 120,
        },
        "supervisor": {"contacts": [_contact(tenant, "pengawas", "pengawas")]},
    }


def _contact(tenant: str, agency: str, contact: str) -> dict[str, str]:
    mark = MARKS[tenant]
    found = {"id": f"{contact}{mark}", "name": f"{contact}{mark}", "channel": "webhook"}
    found["url"] = address(tenant, agency, contact)
    if contact == "posko":
        found["email"] = f"{contact}.{agency}@{mark.strip('-')}.example"
    return found

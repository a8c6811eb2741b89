"""The services as the command line reaches them: found, signed in to, asked, and understood."""

from siaga_cli.client.refusals import Away, BadInput, CommandRefused, NotUnderstood, Refused
from siaga_cli.client.services import Answer, Services, segment
from siaga_cli.client.tenants import Tenant, TenantBook
from siaga_cli.client.world import World

__all__ = [
    "Answer",
    "Away",
    "BadInput",
    "CommandRefused",
    "NotUnderstood",
    "Refused",
    "Services",
    "Tenant",
    "TenantBook",
    "World",
    "segment",
]

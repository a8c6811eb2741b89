"""What one message says, in the clear: made just before sending, never stored, never logged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from shared_schemas.vocabulary import ReplyKind


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one contact; its representation shows ids only."""

    delivery_id: str
    tenant: str
    ticket_id: str
    task_id: str
    agency: str
    number: str
    incident_type: str
    type_name: str
    type_name_en: str
    priority: str
    district: str
    regency_name: str
    abbreviation: str
    agency_name: str
    contact_name: str
    zone: ZoneInfo
    calls_supervisor: bool
    open_gaps: tuple[str, ...]
    respond_by: datetime
    place: str | None = field(default=None, repr=False)
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)
    story: str | None = field(default=None, repr=False)
    caller_number: str | None = field(default=None, repr=False)
    reply_links: Mapping[ReplyKind, str] = field(default_factory=dict, repr=False)
    reply_url: str = ""

"""Settings of triage."""

from service_kit.settings import ServiceSettings


class TriageSettings(ServiceSettings):
    """What every service needs to know; triage needs no more."""

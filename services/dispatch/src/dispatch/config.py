"""Settings of dispatch: what every service has; how long to wait is the tenant's to say."""

from service_kit.settings import ServiceSettings


class DispatchSettings(ServiceSettings):
    """Dispatch needs nothing beyond the common settings."""

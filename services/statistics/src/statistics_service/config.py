"""The settings of statistics."""

from service_kit.settings import ServiceSettings


class StatisticsSettings(ServiceSettings):
    """What statistics needs to know: only what every service needs."""

"""`python -m statistics_service` runs statistics."""

from statistics_service.main import run

run()

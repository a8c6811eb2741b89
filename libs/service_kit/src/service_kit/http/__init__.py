"""The HTTP doorways' common ground: people, commands, problems, health."""

from service_kit.http.access import Gate, ask_record, granted, principal
from service_kit.http.app import make_app
from service_kit.http.bodies import Body, take_raw_bodies
from service_kit.http.commands import (
    Commanded,
    because,
    carried_on,
    command,
    mark_version,
    saved_or_problem,
)
from service_kit.http.problems import Problem, away, unknown

__all__ = [
    "Body",
    "Commanded",
    "Gate",
    "Problem",
    "ask_record",
    "away",
    "because",
    "carried_on",
    "command",
    "granted",
    "make_app",
    "mark_version",
    "principal",
    "saved_or_problem",
    "take_raw_bodies",
    "unknown",
]

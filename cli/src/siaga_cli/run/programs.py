"""The programs of one machine as the supervisor runs them."""

import sys
from datetime import timedelta

from siaga_cli.run.environments import (
    AGENCIES,
    CALL_TAKERS,
    REPLAY,
    SERVICES,
    Surroundings,
    demo_environment,
    service_environment,
)
from siaga_embedded.supervise import DEMO, YIELDS_USUALLY, Program
from siaga_embedded.supervise import SERVICES as SERVICES_TIER

YIELDS = {"intake": 0, "statistics": 10}
"""Who answers callers has the processor first, who counts has it last (decision 17)."""
SERVICE_GRACE = timedelta(seconds=4)
DEMO_GRACE = timedelta(seconds=1)
DEMO_MODULES = {
    AGENCIES: "siaga_demo.agencies",
    CALL_TAKERS: "siaga_demo.call_takers",
    REPLAY: "siaga_demo.replay",
}


def service_program(around: Surroundings, service: str) -> Program:
    """Return a service as a program."""
    return Program(
        service,
        (sys.executable, "-m", SERVICES[service]),
        environment=service_environment(around, service),
        tier=SERVICES_TIER,
        grace=SERVICE_GRACE,
        yields=yields_of(service),
    )


def yields_of(service: str) -> int:
    """Return by how much niceness a service yields the processor to others."""
    return YIELDS.get(service, YIELDS_USUALLY)


def demo_programs(around: Surroundings, *, replay: bool) -> tuple[Program, ...]:
    """Return the demo's programs, whom is called before who calls."""
    names = [AGENCIES, CALL_TAKERS, *([REPLAY] if replay else [])]
    return tuple(
        Program(
            name,
            (sys.executable, "-m", DEMO_MODULES[name]),
            environment=demo_environment(around),
            tier=DEMO,
            grace=DEMO_GRACE,
        )
        for name in names
    )

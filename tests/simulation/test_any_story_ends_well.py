"""Stories that Hypothesis makes up step by step; one that goes wrong is told in as few steps as it takes."""

import os

from hypothesis import HealthCheck, settings

from tests.simulation.machine import BadDay

STORIES = int(os.environ.get("STORIES", "15"))

AnyStory = BadDay.TestCase
AnyStory.settings = settings(
    max_examples=STORIES,
    stateful_step_count=25,
    derandomize="STORIES" not in os.environ,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)

"""Every test run is watched for weak guarantees, whichever of its tests it runs (promise 6).

A slow moment of the machine is no counterexample: time belongs to the benchmarks. A found one is printed
with what repeats it.
"""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.witness.whole_run"]

settings.register_profile(
    "siaga",
    settings(),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("siaga")

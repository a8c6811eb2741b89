"""Every test run is watched for weak guarantees, whichever of its tests it runs (promise 6)."""

pytest_plugins = ["tests.witness.whole_run"]

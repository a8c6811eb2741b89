"""`python -m agency_notifier` runs the notifier."""

from agency_notifier.main import run

run()

"""`python -m triage` runs triage."""

from triage.main import run

run()

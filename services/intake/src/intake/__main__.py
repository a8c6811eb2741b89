"""`python -m intake` runs intake."""

from intake.main import run

run()

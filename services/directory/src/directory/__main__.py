"""`python -m directory` runs the directory."""

from directory.main import run

run()

"""`python -m siaga_cli` is `siaga`."""

from siaga_cli.main import app

app()

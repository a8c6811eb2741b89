"""A desk on fakes for every test."""

import pytest

from services.triage.tests.fakes import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()

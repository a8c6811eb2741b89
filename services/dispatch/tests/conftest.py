"""Dispatch in memory, fresh for every test."""

import pytest

from services.dispatch.tests.world import World


@pytest.fixture
def world() -> World:
    """Dispatch on a store in memory at noon."""
    return World()

"""Storms take a minute and more and want the machine for themselves: they run when they are asked for."""

import pytest

ASKED_FOR_BY = "faults"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave storms out unless the mark is named: `make test ONLY="-m faults"`."""
    if ASKED_FOR_BY in config.option.markexpr:
        return
    left_out = pytest.mark.skip(reason='runs with make test ONLY="-m faults"')
    for item in items:
        if item.get_closest_marker("faults"):
            item.add_marker(left_out)

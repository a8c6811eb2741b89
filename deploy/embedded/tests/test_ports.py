"""Ports that are chosen once and remembered."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from siaga_embedded.ports import LOOPBACK, Ports, PortTaken, is_listening, require_free


@contextmanager
def listening(port: int = 0) -> Iterator[int]:
    with socket.create_server((LOOPBACK, port)) as server:
        yield int(server.getsockname()[1])


def test_a_port_is_the_same_next_time(tmp_path: Path) -> None:
    first = Ports(tmp_path / "ports.json").of("kafka")
    assert Ports(tmp_path / "ports.json").of("kafka") == first


def test_a_port_that_is_taken_is_chosen_anew_and_remembered(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    with listening(ports.of("kafka")) as taken:
        fresh = ports.of("kafka")
        assert fresh != taken
    assert ports.of("kafka") == fresh


def test_two_programs_never_get_one_port(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    names = [f"program-{number}" for number in range(20)]
    assert len({ports.of(name) for name in names}) == len(names)


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_an_unreadable_memory_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "ports.json").write_text(text)
    assert Ports(tmp_path / "ports.json").of("kafka") > 0


def test_a_running_programs_port_is_found_without_choosing_anew(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    with listening(ports.of("intake")) as port:
        assert ports.known() == {"intake": port}
        assert is_listening(port)


def test_a_port_asked_for_by_number_is_refused_in_one_sentence_when_taken() -> None:
    with listening() as port, pytest.raises(PortTaken, match=f"{port} untuk intake") as refused:
        require_free(port, "intake")
    assert refused.value.exit_code == 6
    require_free(port, "intake")

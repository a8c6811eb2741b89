"""The circuit breakers of this process, one for each endpoint it has trouble with."""

from datetime import datetime

from agency_notifier.domain.circuit import Circuit, answered, failed, permitted


class Circuits:
    """Remembers which endpoints fail; each replica finds out for itself, and a restart forgets."""

    def __init__(self) -> None:
        self._troubled: dict[str, Circuit] = {}

    def permits(self, endpoint: str, now: datetime) -> bool:
        """Tell whether a try may be made; who gets a yes reports by `note`."""
        circuit = permitted(self._troubled.get(endpoint, Circuit()), now)
        if circuit is None:
            return False
        if endpoint in self._troubled:
            self._troubled[endpoint] = circuit
        return True

    def note(self, endpoint: str, *, healthy: bool, now: datetime, hung: bool = False) -> None:
        """Note how the endpoint did; healthy ones are not remembered."""
        circuit = self._troubled.get(endpoint, Circuit())
        after = answered(circuit) if healthy else failed(circuit, now, hung=hung)
        if after == Circuit():
            self._troubled.pop(endpoint, None)
        else:
            self._troubled[endpoint] = after

    def is_open(self, endpoint: str, now: datetime) -> bool:
        """Tell whether the endpoint is left alone now."""
        return self._troubled.get(endpoint, Circuit()).is_open(now)

    def open_now(self, now: datetime) -> int:
        """Count the endpoints that are left alone now."""
        return sum(circuit.is_open(now) for circuit in self._troubled.values())

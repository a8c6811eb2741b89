"""Programs of one machine for the bench, started as `siaga run` starts them but in a folder of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import psutil

from service_kit.secrets import Secrets
from shared_schemas.tenants import TenantConfiguration
from siaga_cli.run.directory_door import DirectoryDoor
from siaga_cli.run.environments import PORTS, SERVICES, Surroundings, tenant_placeholders
from siaga_cli.run.programs import service_program
from siaga_cli.run.tenants import read_tenants
from siaga_embedded.servers import Machine, Servers
from siaga_embedded.supervise import Child, Program, Ready

CHECKOUT = Path(__file__).resolve().parents[1]
READY_WITHIN = timedelta(seconds=90)
Note = Callable[[Servers], None]
"""Notes on what a part is measured."""


@dataclass(frozen=True, slots=True)
class System:
    """Broker and store that run, and what any service needs to run beside them."""

    machine: Machine
    around: Surroundings
    tenants: tuple[TenantConfiguration, ...]

    @property
    def secrets(self) -> Secrets:
        """The system's secret files."""
        return Secrets(self.around.secrets)

    @property
    def traces(self) -> Path:
        """The folder of the services' finished spans."""
        return self.around.data / "traces"

    async def start_services(
        self, client: httpx.AsyncClient, program: Callable[[str], Program] | None = None
    ) -> None:
        """Start every service, one after the other, and put the tenants in force.

        `program` gives a service's program where it is not the usual one.
        """
        for tenant in self.tenants:
            for trunk in tenant.trunks:
                self.secrets.ensure(f"trunks/{tenant.code}/{trunk.id}")
        for service in SERVICES:
            usual = service_program(self.around, service)
            await self.start(usual if program is None else program(service), client)
            if service == "directory":
                await self._apply()

    async def start(self, program: Program, client: httpx.AsyncClient) -> Child:
        """Start one service and return when it is ready."""
        ready = _asks(client, self.around.address(program.name))
        return await self.machine.supervisor.start(program, ready, within=READY_WITHIN)

    async def _apply(self) -> None:
        async with DirectoryDoor(self.around.address("directory"), self.secrets, "bench") as door:
            for tenant in self.tenants:
                await door.apply(tenant)

    def program(self, service: str, environment: Mapping[str, str]) -> Program:
        """Return a service as a program with some settings of its own."""
        whole = service_program(self.around, service)
        return replace(whole, environment={**whole.environment, **environment})

    def pids(self) -> dict[str, int]:
        """Return each running program's process."""
        children = self.machine.supervisor.children
        return {child.program.name: child.pid for child in children if child.pid is not None}

    def resident_megabytes(self) -> dict[str, float]:
        """Return the resident memory of each program with the programs that it started."""
        return {name: resident(pid) / 1e6 for name, pid in self.pids().items()}

    def processor_seconds(self) -> dict[str, float]:
        """Return the processor time that each program has used so far."""
        return {name: processor_seconds([pid]) for name, pid in self.pids().items()}


def system_on(machine: Machine) -> System:
    """Make a system on a running machine, with the checkout's tenants."""
    ports = {name: machine.ports.of(name) for name in PORTS}
    around = Surroundings(machine.places.data, CHECKOUT, machine.servers, ports, "1", "bench")
    return System(machine, around, read_tenants(CHECKOUT / "tenants", tenant_placeholders(around)))


def resident(pid: int) -> int:
    """Return the resident bytes of a process and its children."""
    first = psutil.Process(pid)
    return sum(one.memory_info().rss for one in [first, *first.children(recursive=True)])


def processor_seconds(pids: Sequence[int]) -> float:
    """Return the processor time that processes have used so far."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(time.user + time.system for time in times)


def _asks(client: httpx.AsyncClient, address: str) -> Ready:
    async def is_ready() -> bool:
        return (await client.get(f"{address}/readyz")).is_success

    return is_ready

"""One run: the system as `siaga run` starts it, the load, the storm, the calm, and then all sides read."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.agencies import Serving
from bench.timing import Clock
from shared_schemas.tenants import TenantConfiguration
from siaga_cli.run.environments import SERVICES
from siaga_cli.run.tenants import read_tenants
from tests.e2e.system import System
from tests.faults.asking import ask_all, deaths, settle
from tests.faults.history import History
from tests.faults.injector import Injector
from tests.faults.load import Load, load_on
from tests.faults.mailbox import mail_served
from tests.faults.noted import LATE, LEFT_OUT, POISON
from tests.faults.promises.promise import Act, Promise, Stage
from tests.faults.reading import read_log
from tests.faults.setting import Setting
from tests.faults.tenants import LIARS
from tests.witness.notes import read_notes
from tests.witness.topics import weak_topics
from tests.witness.verdict import Verdict, judge
from tests.witness.watching import environment

HOST = "127.0.0.1"
MAIL_DOMAIN = "agencies.example"
STARTS_IN = 2.0
WITNESS = "witness"
YIELDING = ("nice", "-n", "5")
"""Callers, takers and agencies are other machines in truth: the system must not take their time from them."""
PATIENCE = 120.0
"""Seconds beyond the storm for which an exchange, a taker or an agency insists while a service is away."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the agencies listen."""

    webhooks: int
    mail: int
    liars: int

    @property
    def placeholders(self) -> dict[str, str]:
        """What fills the tenants' files."""
        return {
            "SIAGA_DEMO_WEBHOOKS": f"http://{HOST}:{self.webhooks}",
            LIARS: f"http://{HOST}:{self.liars}",
            "SIAGA_DEMO_MAIL_DOMAIN": MAIL_DOMAIN,
        }

    @property
    def environment(self) -> dict[str, str]:
        """What the system is started with, so that it may send to this machine."""
        return {
            **self.placeholders,
            "SIAGA_ALLOW_PRIVATE_ADDRESSES": "true",
            "SIAGA_SMTP_HOST": HOST,
            "SIAGA_SMTP_PORT": str(self.mail),
            "SIAGA_SMTP_STARTTLS": "false",
        }


async def run(promise: Promise, setting: Setting, home: Path, say: Say) -> History:
    """Try one promise once, in a data folder of its own; everything has ended afterwards."""
    ports, system = Ports(_free_port(), _free_port(), _free_port()), System(home, under=YIELDING)
    async with AsyncExitStack() as around:
        more = await around.enter_async_context(promise.around(home)) if promise.around else {}
        around.push_async_callback(asyncio.to_thread, system.ensure_ended)
        say("the system is started …")
        tenants = promise.tenants(home)
        options = ("--demo", "off", "--tenants", str(tenants))
        store = {"SIAGA_STORE": setting.store}
        surroundings = {**environment(home / WITNESS), **ports.environment, **store, **more}
        await asyncio.to_thread(system.start, *options, environment=surroundings)
        stage = _staged(
            system, promise, setting, read_tenants(tenants, {**os.environ, **ports.placeholders}), say
        )
        async with _agencies(stage.load, ports):
            unfinished = await _storm(promise, stage)
            for act in promise.afterwards:
                await act(stage)
        history = await _read(stage, unfinished)
        within = promise.normal_again(history) if promise.normal_again else promise.normal_again_within
        return replace(history, normal_again_within=within, may_end=promise.may_end)


def _staged(
    system: System, promise: Promise, setting: Setting, tenants: tuple[TenantConfiguration, ...], say: Say
) -> Stage:
    clock, calls = Clock(starts_in=STARTS_IN), promise.calls(setting, len(tenants))
    patience = setting.length + PATIENCE
    load = load_on(system.home, system.addresses, tenants, calls, setting, clock, patience)
    return Stage(setting, system, load, Injector(system.home), say)


@asynccontextmanager
async def _agencies(load: Load, ports: Ports) -> AsyncIterator[None]:
    """Let agencies receive until all is over: what is sent twice at the very end is seen too."""
    async with (
        Serving(load.agencies, ports.webhooks),
        load.liars.served(ports.liars),
        mail_served(load.mailbox, ports.mail),
    ):
        yield
        await load.agencies.close()


async def _storm(promise: Promise, stage: Stage) -> tuple[str, ...]:
    """Play everything, then wait until nothing is under way."""
    load, planned = stage.load, promise.planned(stage.setting)
    stage.say(f"{len(load.calls)} calls, {len(planned)} faults …")
    async with asyncio.TaskGroup() as together:
        together.create_task(load.play())
        together.create_task(stage.injector.follow(planned, load.clock))
        for act in promise.acts:
            together.create_task(_acted(act, stage))
    stage.say("calm; everything is let come to its end …")
    codes = [tenant.code for tenant in load.tenants]
    unfinished = await asyncio.to_thread(settle, stage.system, codes)
    await load.hang_up()
    return unfinished


async def _acted(act: Act, stage: Stage) -> None:
    await act(stage)


async def _read(stage: Stage, unfinished: tuple[str, ...]) -> History:
    system, load = stage.system, stage.load
    codes = [tenant.code for tenant in load.tenants]
    log = await read_log(system.kafka_bootstrap)
    states = await asyncio.to_thread(ask_all, system, codes, unfinished)
    verdict = judge(read_notes(system.home / WITNESS))
    broken = {(one["topic"], one["place"]) for one in stage.noted.get(POISON, ())}
    return History(
        inputs=load.inputs(),
        requests=load.requests(),
        log=tuple(one for one in log.said if (one.topic, one.place) not in broken),
        buried=log.buried,
        states=states,
        faults=tuple(stage.injector.done),
        deaths=(*deaths((system.home / "run.log").read_text("utf-8", "replace")), *stage.injector.died),
        noted={LATE: load.late}
        | stage.noted
        | {LEFT_OUT: [*stage.noted.get(LEFT_OUT, ()), *stage.injector.left_out]},
        heard=str(verdict),
        weak=(*verdict.sentences, *unheard(verdict), *await weak_topics(system.kafka_bootstrap)),
    )


def unheard(verdict: Verdict) -> Iterator[str]:
    """Name each service that nobody listened to: of its guarantees nothing is known."""
    for service, module in SERVICES.items():
        if module not in verdict.programs:
            yield f"{service} was not listened to"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def fresh_seed() -> int:
    """Return a seed that was not used a second ago."""
    return int(time.time()) % 1_000_000

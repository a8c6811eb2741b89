"""A connection is used again when its answer was read, one that broke is not, and many cost no more than one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import process_time

import httpx
import pytest

from bench.connections import client_of

MANY = 200


@dataclass
class Door:
    """Answers requests when told, and counts connections."""

    address: str = ""
    connections: int = 0
    breaks: bool = False
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    knocked: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, connections: int) -> None:
        async with self.knocked:
            await self.knocked.wait_for(lambda: self.connections >= connections)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self.knocked:
            self.connections += 1
            self.knocked.notify_all()
        while await reader.readline():
            while (await reader.readline()).strip():
                continue
            await self.opened.wait()
            if self.breaks:
                break
            writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}")
        writer.close()


@asynccontextmanager
async def served() -> AsyncIterator[Door]:
    door = Door()
    door.opened.set()
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0)
    door.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield door
    server.close()


async def ask(client: httpx.AsyncClient, times: int) -> None:
    answers = await asyncio.gather(*(client.get("/") for _ in range(times)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, "{}")}


async def test_a_connection_is_used_again_and_there_are_as_many_as_were_needed_at_once() -> None:
    async with served() as door, client_of(door.address) as client:
        for _ in range(3):
            await ask(client, 1)
        assert door.connections == 1
        door.opened.clear()
        waiting = asyncio.gather(*(ask(client, 1) for _ in range(5)))
        await door.until(5)
        door.opened.set()
        await waiting
        await ask(client, 5)
        assert door.connections == 5


async def test_a_connection_that_broke_is_an_error_and_the_next_request_has_a_new_one() -> None:
    async with served() as door, client_of(door.address) as client:
        door.breaks = True
        with pytest.raises(httpx.TransportError):
            await client.get("/")
        door.breaks = False
        await ask(client, 1)
        assert door.connections == 2


async def test_a_request_costs_the_same_however_many_connections_are_open() -> None:
    async def cost(client: httpx.AsyncClient) -> float:
        began = process_time()
        for _ in range(100):
            await ask(client, 1)
        return process_time() - began

    async with served() as door, client_of(door.address) as client:
        alone = await cost(client)
        door.opened.clear()
        waiting = asyncio.gather(*(ask(client, 1) for _ in range(MANY)))
        await door.until(MANY)
        door.opened.set()
        await waiting
        assert await cost(client) < 3 * alone

"""A wire to a server that can be cut and mended: what a network does on a bad day."""

import asyncio
import struct
from collections.abc import Callable
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536
LOOPBACK = "127.0.0.1"


class Wire:
    """Listens on a port of its own and carries every byte to one server, until it is cut."""

    def __init__(self, host: str, port: int) -> None:
        """Lead to a server; `rewrite` may change what it answers."""
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._carrying: set[asyncio.Task[None]] = set()
        self.port = 0
        self.rewrite: Callable[[bytes], bytes] = bytes

    async def mend(self) -> None:
        """Carry again, on the same port as before."""
        self._server = await asyncio.start_server(self._carry, LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Refuse new connections and break those that there are."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        for task in list(self._carrying):
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
            self._writers.add(far_writer)
            try:
                await asyncio.gather(
                    _pump(reader, far_writer, bytes), _pump(far_reader, writer, self.rewrite)
                )
            finally:
                self._writers.discard(far_writer)
                far_writer.close()
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            self._carrying.discard(task)
            writer.close()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rewrite: Callable[[bytes], bytes]
) -> None:
    while data := await reader.read(CHUNK_BYTES):
        writer.write(rewrite(data))
        await writer.drain()
    writer.close()


async def wire_to_store(url: str) -> tuple[Wire, str]:
    """Return a wire to the store and the URL that leads through it."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    wire = Wire(parts.hostname, parts.port)
    await wire.mend()
    return wire, url.replace(f"{parts.hostname}:{parts.port}", f"{LOOPBACK}:{wire.port}")


async def wire_to_broker(bootstrap: str) -> tuple[Wire, str]:
    """Return a wire to a one-node broker and the address that leads through it.

    The broker tells every client its own address; in its answers that address becomes the wire's.
    """
    host, _, port = bootstrap.partition(":")
    wire = Wire(host, int(port))
    await wire.mend()
    own, ours = (host.encode() + struct.pack(">i", number) for number in (int(port), wire.port))
    wire.rewrite = lambda data: data.replace(own, ours)
    return wire, f"{host}:{wire.port}"

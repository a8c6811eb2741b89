"""HTTP/1.1 as the bench's own clients and servers read it: messages whose length is told."""

import asyncio

LENGTH = "content-length"


async def read_message(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Read one request or answer: its first line, and its body (empty where no length is told).

    Raises:
        IncompleteReadError: the other side has gone.
    """
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {name.strip().lower(): value for name, _, value in (line.partition(":") for line in lines)}
    return first, await reader.readexactly(int(headers.get(LENGTH, 0)))

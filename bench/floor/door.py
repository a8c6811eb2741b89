"""An HTTP door for bare programs: a path and a JSON body in, a status and a JSON body out."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from bench.messages import read_message

Answer = Callable[[str, Any], Awaitable[tuple[int, Any]]]


async def serve(port: int, answer: Answer) -> None:
    """Answer requests on kept connections, for ever."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                first, body = await read_message(reader)
                status, said = await answer(first.split()[1], json.loads(body) if body else None)
                content = json.dumps(said).encode()
                head = f"HTTP/1.1 {status} -\r\ncontent-length: {len(content)}\r\n\r\n"
                writer.write(head.encode() + content)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port)
    await server.serve_forever()


async def post(host: str, port: int, path: str, body: Any) -> int:
    """Make one request on a connection of its own; returns the status."""
    reader, writer = await asyncio.open_connection(host, port)
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: {host}:{port}\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    writer.write(head.encode() + content)
    first, _ = await read_message(reader)
    writer.close()
    return int(first.split()[1])

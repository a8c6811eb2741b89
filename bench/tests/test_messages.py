"""Requests and answers are read whole, one after the other."""

import asyncio

import pytest

from bench.messages import read_message


def heard(raw: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(raw)
    reader.feed_eof()
    return reader


async def test_messages_on_one_connection_are_read_one_by_one_however_the_length_is_written() -> None:
    first = b"POST /a HTTP/1.1\r\nhost: x:1\r\nContent-Length: 5\r\n\r\nab\r\ncHTTP/1.1 204 No\r\n\r\n"
    reader = heard(first + b"HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\n{}")
    assert await read_message(reader) == ("POST /a HTTP/1.1", b"ab\r\nc")
    assert await read_message(reader) == ("HTTP/1.1 204 No", b"")
    assert await read_message(reader) == ("HTTP/1.1 200 OK", b"{}")


@pytest.mark.parametrize(
    "raw", [b"", b"POST / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab"]
)
async def test_who_goes_in_the_middle_is_told_as_gone(raw: bytes) -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        await read_message(heard(raw))

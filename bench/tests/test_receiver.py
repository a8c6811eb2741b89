"""Nothing of one turn goes on in the next: mail is taken unless hanging was asked for, and no ladder begins."""

import asyncio
import socket

import aiosmtplib
import pytest

from bench.beside.receiver import HOST, Receiver
from bench.desk import PRIORITY, opening
from bench.system import CHECKOUT
from bench.tests.test_tenants import PLACEHOLDERS
from bench.whole_flow import WITHIN_SECONDS
from shared_schemas.vocabulary import Priority
from siaga_cli.run.tenants import read_tenants

MAIL = "Subject: hi\r\n\r\nhi\r\n"


def free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


async def mailed(receiver: Receiver) -> str:
    _, said = await aiosmtplib.send(
        MAIL, sender="a@example.org", recipients=["b@example.org"], hostname=HOST, port=receiver.mail_port
    )
    return said


async def test_a_receiver_takes_mail_where_nobody_hangs() -> None:
    async with Receiver(free_port(), free_port()) as receiver, asyncio.timeout(5):
        assert await mailed(receiver) == "OK"
    assert receiver.hung_mails == 0


async def test_its_mail_server_never_says_a_word_where_somebody_hangs() -> None:
    async with Receiver(free_port(), free_port(), hangs=["polres"]) as receiver:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(mailed(receiver), 0.2)
        assert receiver.hung_mails == 1


def test_a_ticket_of_the_bench_is_nobody_elses_task_before_the_run_is_over() -> None:
    for tenant in read_tenants(CHECKOUT / "tenants", PLACEHOLDERS):
        waits = tenant.clocks.acceptance_seconds.of(Priority(str(opening("c")["priority"])))
        assert waits.total_seconds() > 10 * WITHIN_SECONDS, PRIORITY

"""What one command saw it does not read again, and nobody remembers it longer."""

import asyncio
from typing import cast

from service_kit.documents import Collection
from service_kit.reading import each_document_once, seen

NAME = (cast("Collection", "notes"), "53.03", "n1")


def test_outside_of_a_command_nothing_is_remembered() -> None:
    assert seen() is None


def test_a_command_remembers_what_it_saw_and_the_next_one_begins_with_nothing() -> None:
    for _ in range(2):
        with each_document_once():
            here = seen()
            assert here == {}
            here[NAME] = {"version": 1}
            assert seen() == {NAME: {"version": 1}}
    assert seen() is None


async def test_a_task_that_outlives_its_command_reads_for_itself() -> None:
    over = asyncio.Event()

    async def outlive() -> object:
        await over.wait()
        return seen()

    with each_document_once():
        task = asyncio.create_task(outlive())
        await asyncio.sleep(0)
    over.set()
    assert await task is None

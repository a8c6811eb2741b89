"""A small service as a process of its own, whose loop breaks on the records that `BREAKS_ON` names."""

import os

from aiokafka import ConsumerRecord

from service_kit.service import Service, main
from service_kit.settings import ServiceSettings
from tests.integration.small_service import TOPIC, Heard

BREAKS_ON = "BREAKS_ON"


async def assemble(service: Service, _: ServiceSettings) -> None:
    """Hear a topic; letters of records with a certain key cannot be written, now or ever."""
    bury = service.dead_letters.bury
    key = os.environ[BREAKS_ON].encode()

    async def bury_all_but(record: ConsumerRecord, reason: str) -> None:
        if record.key == key:
            raise LookupError("no key to seal it with")
        await bury(record, reason)

    service.dead_letters.bury = bury_all_but  # type: ignore[method-assign]
    service.hear(frozenset({TOPIC}), Heard().take)


if __name__ == "__main__":
    main(f"{os.environ['SIAGA_GROUP_PREFIX']}notes", ServiceSettings, assemble)

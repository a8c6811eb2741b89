"""Reads the dead letters when all is over: whether each holds its whole record sealed, and what taking it again does."""

import asyncio
import base64
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiokafka import ConsumerRecord

from service_kit.documents import connect, database
from service_kit.secrets import Secrets
from service_kit.vault import OPERATOR_KEY, Quarantine
from tests.e2e.system import System
from tests.faults.noted import BROKEN_TICKET, OPENED, POISON, TAKEN_AGAIN
from tests.faults.poison import CODE_RAISES
from tests.faults.poisoning import HEARD_BY, digest_of
from tests.faults.reading import headers_of, letter_of, read_letters

if TYPE_CHECKING:
    from tests.faults.promises.promise import Stage

Json = dict[str, Any]


async def letters_are_opened(stage: "Stage") -> None:
    """Note of each dead letter when it was written, why, and the digest of the record that it holds sealed."""
    secrets = Secrets(Path(stage.system.home) / "secrets")
    quarantine = Quarantine(*secrets.read_all(OPERATOR_KEY))
    letters = await read_letters(stage.system.kafka_bootstrap)
    stage.noted[OPENED] = [_opened(one, quarantine) for one in letters]


def _opened(record: ConsumerRecord, quarantine: Quarantine) -> Json:
    told, letter = headers_of(record), letter_of(record)
    packed = json.loads(quarantine.open(told["tenant"], record.value))
    raw = _plain(packed["value"])
    headers = [(name, _plain(text)) for name, text in packed["headers"]]
    return {
        "id": (record.key or b"").decode(),
        "service": letter.service,
        "topic": letter.topic,
        "place": letter.place,
        "reason": letter.reason,
        "at": datetime.fromisoformat(told["buried_at"]).timestamp(),
        "digest": digest_of(_plain(packed["key"]), raw, headers),
        "in_the_clear": shows(raw, record.value),
    }


def shows(raw: bytes | None, letter: bytes) -> bool:
    """Whether a letter lets anybody read the record that it holds, as it is or as JSON would hold it."""
    return raw is not None and len(raw) > len(b"{}") and (raw in letter or base64.b64encode(raw) in letter)


def _plain(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


async def letters_are_taken_again(stage: "Stage") -> None:
    """Take again what code raised on, before and after its cause is gone, and one unreadable letter of each service."""
    broken, letters = stage.noted[BROKEN_TICKET], stage.noted[OPENED]
    places = {(one["topic"], one["place"]) for one in stage.noted[POISON] if one["way"] == CODE_RAISES}
    mendable = next(
        one for one in letters if (one["topic"], one["place"]) in places and one["service"] == HEARD_BY
    )
    before = await _redriven(stage.system, mendable)
    async with connect(stage.system.mongo_url, service="faults") as client:
        responses = database(client, "siaga_dispatch")["responses"]
        ticket = {"_id": broken["ticket_id"]}
        await responses.delete_one({**ticket, "state": {"$exists": False}})
        after, kept = [], []
        for _ in range(2):
            after.append(await _redriven(stage.system, mendable))
            kept.append(await responses.count_documents({**ticket, "version": 1}))
    others = {one["service"]: one for one in letters if (one["topic"], one["place"]) not in places}
    unreadable = {service: await _redriven(stage.system, one) for service, one in others.items()}
    stage.noted[TAKEN_AGAIN] = {"before": before, "after": after, "kept": kept, "unreadable": unreadable}


async def _redriven(system: System, letter: Json) -> list[Any]:
    """Take a letter again; return what the door answered, and the letter's state afterwards."""
    path = f"/v1/deadletters/{letter['id']}"
    answer = await asyncio.to_thread(system.post, letter["service"], f"{path}/redrive", {}, account="admin")
    headers = {"Authorization": f"Bearer {system.token('admin', 'accounts/admin')}"}
    shown = system.door.get(f"{system.addresses[letter['service']]}{path}", headers=headers).json()
    return [answer.status_code, shown["status"]]

"""The example that exchange engineers copy from the documents signs as intake reads it."""

import asyncio
import itertools
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.intake.tests.api.centre import Centre

DOCUMENT = Path(__file__).parents[4] / "docs" / "connecting-a-telephone-exchange.md"
CURL = '#!/bin/sh\nfor one in "$@"; do printf "%s\\0" "$one"; done > "$SENT"\n'


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the example needs openssl")
async def test_what_the_document_sends_is_taken(centre: Centre, tmp_path: Path) -> None:
    found = re.search(r"```sh\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "curl").write_text(CURL)
    (tmp_path / "curl").chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "SENT": str(tmp_path / "sent"),
        "SIAGA_SECRETS_DIR": str(tmp_path / "secrets"),
        "INTAKE": "http://intake",
    }
    shell = await asyncio.create_subprocess_exec("sh", "-euc", found.group(1), env=environment)
    assert await shell.wait() == 0
    sent = (tmp_path / "sent").read_text().split("\0")
    headers = dict(one.split(": ", 1) for flag, one in itertools.pairwise(sent) if flag == "-H")
    body = sent[sent.index("--data-binary") + 1].encode()
    url = next(one for one in sent if one.startswith("http://intake/"))
    centre.time.now = datetime.now(UTC)
    answer = await centre.client.post(url, content=body, headers=headers)
    assert (answer.status_code, answer.json()["taken"]) == (202, True)

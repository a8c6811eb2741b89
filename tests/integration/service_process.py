"""One service as a process of its own, as it runs in a centre: killed, and started again on the same folder."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from service_kit.settings import ServiceSettings
from tests.integration.small_service import WITHIN_SECONDS, eventually


class ServiceProcess:
    """A service by its module's name; `environment` is read at each start."""

    def __init__(
        self, module: str, settings: ServiceSettings, environment: Mapping[str, str] | None = None
    ) -> None:
        """Know what to start, and with which settings beside the common ones."""
        self.module = module
        self.settings = settings
        self.environment = dict(environment or {})
        self._process: asyncio.subprocess.Process | None = None

    @property
    def folder(self) -> Path:
        """What it keeps on its own disk."""
        return self.settings.data_dir / self.module

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.settings.data_dir / f"{self.module}.log"

    @property
    def url(self) -> str:
        """Where its doors are."""
        return f"http://127.0.0.1:{(self.folder / 'port').read_text()}"

    async def start(self) -> None:
        """Start it; returns when its doors are open."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "port").unlink(missing_ok=True)
        environment = {
            **os.environ,
            "KAFKA_BOOTSTRAP": self.settings.kafka_bootstrap,
            "MONGO_URL": self.settings.mongo_url,
            "SIAGA_SECRETS_DIR": str(self.settings.secrets_dir),
            "SIAGA_DATA_DIR": str(self.folder),
            "SIAGA_TOKEN_KEYS": str(self.settings.token_keys),
            "SIAGA_DATABASE_PREFIX": self.settings.database_prefix,
            "SIAGA_GROUP_PREFIX": self.settings.group_prefix,
            **self.environment,
        }
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self.module, env=environment, stdout=output, stderr=output
            )
        await eventually(self._is_open)

    async def _is_open(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, self.log.read_text()
        return (self.folder / "port").exists()

    async def kill(self) -> None:
        """Take its life as the kernel does."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """Stop it as a supervisor does; it must end by itself."""
        assert self._process is not None
        self._process.terminate()
        async with asyncio.timeout(15):
            assert await self._process.wait() == 0

    async def exit_code(self) -> int:
        """Wait until it ends by itself; return what it ended with."""
        assert self._process is not None
        async with asyncio.timeout(WITHIN_SECONDS):
            return await self._process.wait()

    async def end(self) -> None:
        """Leave nothing running."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

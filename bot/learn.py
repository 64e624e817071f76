"""Keeps the model in step with the approved answers: trains in a process of its own, then takes the new model up."""

import asyncio
import contextlib
import os
import sys

import structlog

from bot.outside import OutsideMind
from bot.wiring import System
from config.settings import HOME, Settings
from nlu.current import Current
from nlu.lesson import lesson
from storage import knowledge

log = structlog.get_logger()


class Learner:
    """Looks whether answers have changed; trains one model at a time, never in this process."""

    def __init__(self, system: System, settings: Settings, may_train: bool) -> None:
        """`may_train` is false in processes that only take up what another one trains."""
        self.system, self.settings, self.may_train = system, settings, may_train
        mind = system.office.mind
        held = mind.embedded if isinstance(mind, OutsideMind) else mind
        self.current = held if isinstance(held, Current) else None
        self._child: asyncio.subprocess.Process | None = None
        self._training: asyncio.Task[None] | None = None
        self._failed: str | None = None  # a lesson that could not be learnt is not tried again

    async def step(self) -> bool:
        """Takes up a newer model; begins to train one when the database teaches something else. True when the mind changed."""
        if self.current is None:
            return False
        if await asyncio.to_thread(self.current.refresh):
            log.info("new model in use", digest=self.current.model.digest)
            return True
        if not self.may_train or (self._training is not None and not self._training.done()):
            return False
        async with self.system.database.read() as db:
            answers, programmes = await knowledge.learned_from(db)
        digest = await asyncio.to_thread(lambda: lesson(self.system.library, answers, programmes).digest)
        if digest not in (self.current.model.digest, self._failed):
            self._training = asyncio.create_task(self._train(digest))
        return False

    async def _train(self, digest: str) -> None:
        """Runs `nhipcau train` on our database, with little claim on the processor; a later step takes the model up."""
        known = {**os.environ, "NHIPCAU_DATA_DIR": str(self.settings.data_dir), "OPENBLAS_NUM_THREADS": "1"}
        self._child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "train", "--database", self.settings.database),
            cwd=HOME,
            env=known,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            preexec_fn=_give_way if os.name == "posix" else None,
        )
        if await self._child.wait() != 0:
            self._failed = digest
            log.error("training failed", digest=digest)

    def stop(self) -> None:
        """Ends a training under way."""
        if self._child is not None and self._child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()


def _give_way() -> None:
    os.nice(15)

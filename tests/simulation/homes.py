"""Where every acknowledged fact of a call is at home: in intake's spool until its call has it for good."""

from collections.abc import Callable

from tests.simulation.memory_spool import new_disk
from tests.simulation.queries import Document


class Homes:
    """Follows each fact that intake said yes to, from each write of its spool to the next."""

    def __init__(self, blame: Callable[[str], None]) -> None:
        self.spool = new_disk(self.look)
        self._blame = blame
        self._unsettled: dict[str, str] = {}
        self._settled: set[str] = set()
        self.acknowledged: dict[str, str] = {}

    def promise(self, fact_id: str, about: str) -> None:
        """Note that intake has acknowledged a fact."""
        self.acknowledged[fact_id] = about
        if fact_id not in self._settled:
            self._unsettled[fact_id] = about
            self.look()

    def saved(self, before: Document | None, now: Document) -> None:
        """Note what a call has; it never has less than before."""
        facts = {fact["id"] for fact in now["state"]["facts"]}
        lost = {fact["id"] for fact in before["state"]["facts"]} - facts if before else set()
        for fact_id in sorted(lost):
            self._blame(f"call {now['_id']} forgot the fact {fact_id}")
        self._settled |= facts
        for fact_id in facts & self._unsettled.keys():
            del self._unsettled[fact_id]

    def look(self) -> None:
        """Say which acknowledged facts are nowhere."""
        if not self._unsettled:
            return
        waiting = {fact_id for (fact_id,) in self.spool.execute("SELECT id FROM facts")}
        for fact_id, about in self._unsettled.items():
            if fact_id not in waiting:
                self._blame(f"{about} was acknowledged and has no home: neither spool nor call has it")

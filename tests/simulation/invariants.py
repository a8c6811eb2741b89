"""What must hold after every step: each write and each telling is looked at as it happens."""

from collections.abc import Callable, Mapping

from aiokafka import ConsumerRecord

from tests.simulation.deadlines import lacks_deadline
from tests.simulation.queries import Document
from tests.simulation.regencies import MARKS

Blame = Callable[[str], None]
FINAL = frozenset({"done", "declined", "unanswered", "cancelled"})
SIGNS = {
    tenant: (mark.encode(), f"{tenant}/".encode(), f"{mark.strip('-').upper()}-".encode())
    for tenant, mark in MARKS.items()
}
FOREIGN = {tenant: tuple(one for one in SIGNS.items() if one[0] != tenant) for tenant in ("", *MARKS)}
"""By which bytes of other tenants a document or an event of each tenant would give itself away: names, ids, numbers."""


class Invariants:
    """Looks at every write to a disk and every record on the bus; `blame` is told what is wrong."""

    def __init__(self, blame: Blame) -> None:
        self._blame = blame
        self.steps = 0
        self.told: set[tuple[str, str]] = set()
        self._bodies: dict[tuple[str, str], bytes] = {}
        self._closed: dict[str, int] = {}
        self._open_tasks: dict[str, tuple[str, ...]] = {}
        self._numbers: dict[str, str] = {}
        self._deliveries: dict[tuple[str, int], str] = {}

    # The disk ------------------------------------------------------------------------------

    def saved(
        self, service: str, collection: str, before: Document | None, now: Document, raw: bytes
    ) -> None:
        """Look at one write."""
        self.steps += 1
        name = f"{service}'s {collection}/{now['_id']}"
        self._only_its_tenant(name, _owner(now), raw)
        if "version" not in now:
            self._rows_grow(name, before, now)
            return
        self._grows(name, before, now)
        self._was_told(name, before, now)
        late = lacks_deadline(collection, now)
        if late:
            self._blame(f"{name} v{now['version']}: {late} and nothing will look at it again")
        look = {"tickets": self._ticket, "responses": self._response, "deliveries": self._delivery}
        if collection in look and not (service == "agency-notifier" and collection == "responses"):
            look[collection](now)

    def _only_its_tenant(self, name: str, tenant: str, raw: bytes) -> None:
        for other, signs in FOREIGN.get(tenant, FOREIGN[""]):
            if any(sign in raw for sign in signs):
                self._blame(f"{name} of {tenant or 'no tenant'} holds something of {other}")

    def _rows_grow(self, name: str, before: Document | None, now: Document) -> None:
        if before and before.get("sequence", 0) > now.get("sequence", 0):
            self._blame(f"{name}: the sequence went from {before['sequence']} back to {now['sequence']}")
        if before and before.get("next", 0) > now.get("next", 0):
            self._blame(f"{name}: the counter went from {before['next']} back to {now['next']}")

    def _grows(self, name: str, before: Document | None, now: Document) -> None:
        if before is None:
            return
        was, version = before["version"], now["version"]
        if version < was or (version == was and before["state"] != now["state"]):
            self._blame(f"{name}: version {was} was replaced by another state of version {version}")
        if version > was + 1:
            self._blame(f"{name}: version {was} was followed by {version}")
        heard = {one["about"]: one["sequence"] for one in now["heard"]} if version != was else {}
        for one in before["heard"] if heard else ():
            if heard.get(one["about"], one["sequence"]) < one["sequence"]:
                self._blame(f"{name}: heard {one['about']} at {one['sequence']}, then an older one")

    def _was_told(self, name: str, before: Document | None, now: Document) -> None:
        """What leaves an outbox is on the bus."""
        waits = {one["id"] for one in now["outbox"]}
        for one in before["outbox"] if before else ():
            event = f"{one['source']}/{one['subject']}/{one['sequence']}"
            if one["id"] not in waits and (one["topic"], event) not in self.told:
                self._blame(f"{name}: {one['topic']} {one['sequence']} left the outbox and was never told")

    def _ticket(self, now: Document) -> None:
        first = self._numbers.setdefault(now["number"], now["_id"])
        if first != now["_id"]:
            self._blame(f"tickets {first} and {now['_id']} both have the number {now['number']}")
        if now["state"]["status"] == "closed":
            self._closed[now["_id"]] = now["version"]
            self._no_task_is_open(now["_id"])
        else:
            self._closed.pop(now["_id"], None)

    def _response(self, now: Document) -> None:
        open_tasks = tuple(task["agency"] for task in now["state"]["tasks"] if task["status"] not in FINAL)
        self._open_tasks[now["_id"]] = open_tasks
        if now["_id"] in self._closed:
            self._no_task_is_open(now["_id"])

    def _no_task_is_open(self, ticket_id: str) -> None:
        if self._open_tasks.get(ticket_id):
            agencies = ", ".join(self._open_tasks[ticket_id])
            self._blame(f"ticket {ticket_id} is closed while a task is open: {agencies}")

    def _delivery(self, now: Document) -> None:
        state = now["state"]
        step = (state["task_id"], state["step"])
        first = self._deliveries.setdefault(step, now["_id"])
        if first != now["_id"]:
            self._blame(f"task {step[0]} step {step[1]} has two deliveries: {first} and {now['_id']}")

    # The bus -------------------------------------------------------------------------------

    def heard_of(self, record: ConsumerRecord) -> None:
        """Look at one record."""
        self.steps += 1
        headers = {name: value.decode() for name, value in record.headers if value is not None}
        event = (record.topic, headers["ce_id"])
        self.told.add(event)
        assert record.value is not None
        self._only_its_tenant(f"event {headers['ce_id']}", headers["ce_tenantid"], record.value)
        body = self._bodies.setdefault(event, record.value)
        if body != record.value:
            self._blame(f"{record.topic} {headers['ce_id']} was told as two different states")

    @property
    def deliveries(self) -> Mapping[tuple[str, int], str]:
        """The one delivery of each step of each task."""
        return self._deliveries


def _owner(document: Document) -> str:
    """Return the tenant that a document says it belongs to, if only by its id; nothing where it says none."""
    tenant, slash, _ = str(document["_id"]).partition("/")
    return str(document.get("tenant") or (tenant if slash else ""))

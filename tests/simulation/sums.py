"""The recap's sums, looked at with each row that is kept: of the one call or ticket that it is about."""

from collections.abc import Callable, Iterator
from typing import Any

from statistics_service.contracts import CALL, DESK, RESPONSE, ROWS, TICKET
from statistics_service.domain.profiles import NENA_2020
from statistics_service.domain.recap import Recap, recap
from statistics_service.domain.rows import Month
from tests.simulation.queries import Document

WITH_A_CALL = frozenset({CALL, DESK})


class Sums:
    """Counts a month of nothing but one call with its desk, or one ticket with its tasks.

    Every sum of a month is one over calls or one over tickets, so the month's hold where those of each
    part hold; the whole is counted more rarely, because that reads every row.
    """

    def __init__(self, blame: Callable[[str], None]) -> None:
        self._blame = blame
        self._rows: dict[tuple[str, str, str], tuple[Any, ...]] = {}

    def kept(self, document: Document) -> None:
        """Look at the sums of what these rows are about."""
        tenant, kind, about = document["tenant"], document["kind"], document["about"]
        rows = tuple(map(ROWS[kind].validate_python, document["rows"]))
        if rows == self._rows.get((tenant, kind, about)):
            return
        self._rows[tenant, kind, about] = rows
        for sentence in wrong_sums(tenant, recap(self._month(tenant, kind, about), NENA_2020)):
            self._blame(sentence)

    def _month(self, tenant: str, kind: str, about: str) -> Month:
        def rows(kind: str) -> tuple[Any, ...]:
            return self._rows.get((tenant, kind, about), ())

        if kind in WITH_A_CALL:
            return Month(calls=rows(CALL), desks=rows(DESK))
        tickets = rows(TICKET)
        return Month(tickets=tickets, tasks=rows(RESPONSE) if tickets else ())


def wrong_sums(tenant: str, told: Recap) -> Iterator[str]:
    """Name each sum of a recap that does not hold."""
    for one in told.checks:
        if not one.holds:
            yield f"{tenant}: {one.left} {one.left_value} is not {one.right} {one.right_value}"

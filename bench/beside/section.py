"""What the same acts took here, beside TicketsCAD's figures. Pure."""

from collections.abc import Sequence

from bench.beside.asking import Asking
from bench.beside.interrupted import Interrupted
from bench.beside.listing import PAGE, Listing
from bench.beside.opening import Opening
from bench.figures import Figure, milliseconds
from bench.percentiles import percentile
from bench.plot import bars

OPENED_P50, OPENED_P99, OPENED_PER_SECOND = 0.010, 0.040, 120.0
ASKED_P50 = 0.100
LISTED_P95 = 0.050
THEIR_LISTS = {100: "theirs 164 ms", 1_000: "theirs 1.5 s", 10_000: "theirs cut off at 1,000"}
TITLE = "Beside the closest living system"

NOTES = (
    "TicketsCAD 4.2.25 (MariaDB, PHP-FPM, nginx) was measured on such a two-core machine on 2026-11-23.",
    "Client, load and all of Siaga share this machine's cores.",
    "A ticket is opened from a call on the desk; three writes are on the disk before the answer.",
    "An open list is read page by page; judged is the first page of 100, which is what a person sees.",
)


def opening_figures(opening: Opening) -> tuple[Figure, ...]:
    """Tell what opening a ticket took, alone and together."""
    p50, p99 = percentile(opening.alone, 0.5), percentile(opening.alone, 0.99)
    crowd = f"p50 {milliseconds(percentile(opening.together, 0.5))}, p99 {milliseconds(percentile(opening.together, 0.99))}"
    spent = sorted(opening.processor_ms.items(), key=lambda one: one[1], reverse=True)
    shares = ", ".join(f"{name} {used:.1f}" for name, used in spent if used >= 0.1)
    total = sum(opening.processor_ms.values())
    return (
        Figure(
            "open a ticket, one client, p50", milliseconds(p50), "≤ 10 ms", p50 <= OPENED_P50, "theirs 15 ms"
        ),
        Figure(
            "open a ticket, one client, p99", milliseconds(p99), "≤ 40 ms", p99 <= OPENED_P99, "theirs 48 ms"
        ),
        Figure(
            "open tickets, four clients",
            f"{opening.per_second:.0f}/s ({crowd})",
            "≥ 120/s",
            opening.per_second >= OPENED_PER_SECOND,
            f"theirs 120/s; processor time a ticket, all that follows it included: {total:.0f} ms ({shares})",
        ),
    )


def asking_figures(asking: Asking) -> tuple[Figure, ...]:
    """Tell how long an agency waited to be asked, alone and beside others that hang."""
    alone, beside = percentile(asking.alone, 0.5), percentile(asking.beside_hanging, 0.5)
    hanging = f"{asking.hung_requests} requests and {asking.hung_mails} mail connections hung meanwhile"
    escalated = percentile(asking.accepted, 0.5)
    return (
        Figure(
            "escalation accepted → webhook received, p50",
            _spread(asking.alone),
            "≤ 100 ms",
            alone <= ASKED_P50,
            "theirs 14 ms alone, 33 s while its sweep runs",
        ),
        Figure(
            "the same while other agencies' web and mail servers hang, p50",
            _spread(asking.beside_hanging),
            "≤ 100 ms",
            beside <= ASKED_P50 and asking.hung_requests > 0 and asking.hung_mails > 0,
            f"{hanging}; escalating itself took {milliseconds(escalated)} (theirs 15 s in every request)",
        ),
    )


def _spread(seconds: Sequence[float]) -> str:
    least, most = min(seconds), max(seconds)
    return f"{milliseconds(percentile(seconds, 0.5))} ({milliseconds(least)}–{milliseconds(most)})"


def listing_figure(listing: Listing) -> Figure:
    """Tell what the list took with so many tickets open."""
    page, opened = percentile(listing.page, 0.95), percentile(listing.opened, 0.95)
    nearest = min(THEIR_LISTS, key=lambda one: abs(one - listing.open_tickets))
    whole = f"the whole list in pages of 500: {milliseconds(listing.whole)}"
    return Figure(
        f"list of open tickets, {listing.open_tickets:,} open, first {PAGE}, p95",
        milliseconds(page),
        "≤ 50 ms",
        page <= LISTED_P95,
        f"{THEIR_LISTS[nearest]}; with personal data opened and recorded {milliseconds(opened)}; {whole}",
    )


def drawn_lists(listings: Sequence[Listing]) -> str:
    """Draw what the list's first page takes while more tickets are open."""
    p95 = {f"{one.open_tickets:,} open": 1000 * percentile(one.page, 0.95) for one in listings}
    return bars(f"Open tickets, first {PAGE}, p95", p95, unit="ms")


def interrupted_figure(interrupted: Interrupted) -> Figure:
    """Tell what became of commands that were cut and repeated."""
    value = (
        f"{interrupted.doubled} doubled, {interrupted.missing} missing of {interrupted.commands} "
        f"({interrupted.cut} cut, {interrupted.killed} of them by killing the server)"
    )
    good = interrupted.doubled == 0 and interrupted.missing == 0 and interrupted.cut > 0
    return Figure("interrupted and repeated commands", value, "0 doubled", good, "theirs 14 of 20")

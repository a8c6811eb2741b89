"""All acts of the comparison, one after the other on a system that runs."""

from collections.abc import Sequence

from bench.beside.asking import measure_asking
from bench.beside.interrupted import measure_interrupted
from bench.beside.listing import measure_listing
from bench.beside.opening import measure_opening
from bench.beside.section import (
    NOTES,
    TITLE,
    asking_figures,
    drawn_lists,
    interrupted_figure,
    listing_figure,
    opening_figures,
)
from bench.desk import Desk
from bench.effort import Effort
from bench.figures import Figure, Section
from bench.people import Tokens
from bench.percentiles import percentile
from bench.saying import say
from bench.system import System


async def measure_beside(system: System, effort: Effort) -> Section:
    """Do what was measured there, here; each act in a tenant's own doors, and told as soon as it is done."""
    desk = Desk(system, system.tenants[0].code, Tokens(system.secrets))
    opening = await measure_opening(desk, effort)
    figures = [*_told(opening_figures(opening))]
    figures += _told(asking_figures(await measure_asking(desk, effort)))
    usually = percentile(opening.together, 0.5)
    figures += _told([interrupted_figure(await measure_interrupted(desk, effort, usually=usually))])
    listings = [listing async for listing in measure_listing(desk, effort)]
    figures += _told([listing_figure(listing) for listing in listings])
    return Section(TITLE, tuple(figures), NOTES, {"open-list": drawn_lists(listings)})


def _told(figures: Sequence[Figure]) -> Sequence[Figure]:
    for figure in figures:
        say(f"  {figure.name}: {figure.value} ({figure.reason})")
    return figures

"""All acts of the comparison, one after the other on a system that runs."""

from bench.beside.asking import measure_asking
from bench.beside.interrupted import measure_interrupted
from bench.beside.listing import measure_listing
from bench.beside.opening import measure_opening
from bench.beside.section import beside_section
from bench.desk import Desk
from bench.effort import Effort
from bench.figures import Section
from bench.people import Tokens
from bench.percentiles import percentile
from bench.system import System


async def measure_beside(system: System, effort: Effort) -> Section:
    """Do what was measured there, here; each act in a tenant's own doors."""
    desk = Desk(system, system.tenants[0].code, Tokens(system.secrets))
    opening = await measure_opening(desk, effort)
    asking = await measure_asking(desk, effort)
    usually = percentile(opening.together, 0.5)
    interrupted = await measure_interrupted(desk, effort, usually=usually)
    listings = await measure_listing(desk, effort)
    return beside_section(opening, asking, listings, interrupted)

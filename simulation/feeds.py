"""The later feeds of the city, agency by agency, and what they truly say."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from simulation import agencies, answers, business, directory
from simulation.care import deliver as care
from simulation.deliveries import Ground
from simulation.index.releases import send as send_release_records
from simulation.index.version import send as send_index_version
from simulation.justice import deliver as justice
from simulation.neighbourhood import deliver as neighbourhood
from simulation.policing import deliver as policing
from simulation.projects import deliver as projects
from simulation.rates import COLUMNS, later_rates
from simulation.shared import Shared
from simulation.world import World

AGENCIES = 8  # steps of progress


def deliver_later(ground: Ground, shared: Shared, step: Callable[[], None]) -> pl.DataFrame:
    """Write every delivery; gives the true rates."""
    world = ground.world
    projects.deliver(ground, shared.projects)
    step()
    neighbourhood.deliver(ground, shared.mediations, shared.grid)
    step()
    policing.deliver(ground, shared.calls, shared.feedback, shared.orders)
    step()
    justice.deliver(ground, shared.cases, shared.warnings)
    step()
    care.deliver(ground, shared.patients, shared.youth)
    step()
    directory.deliver(ground)
    send_index_version(ground)
    send_release_records(ground)
    step()
    business.deliver(ground, shared)
    step()
    agencies.deliver(ground, shared)
    step()
    return true_answers(world, shared)


def true_answers(world: World, shared: Shared) -> pl.DataFrame:
    """The true rates of all these feeds, with their value."""
    parts = [f(world, shared) for f in (later_rates, business.rates, agencies.rates, answers.rates)]
    return pl.concat([p.select(COLUMNS) for p in parts]).with_columns(answers.value())

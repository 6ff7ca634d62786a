"""The later feeds of the city, agency by agency, and what they truly say."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from simulation import directory
from simulation.care import deliver as care
from simulation.care.patients import Patients
from simulation.care.youth import Youth
from simulation.deliveries import Ground
from simulation.disputes import Disputes
from simulation.justice import deliver as justice
from simulation.justice.cases import Cases
from simulation.justice.warnings import Warnings
from simulation.neighbourhood import deliver as neighbourhood
from simulation.neighbourhood.grid import Grid
from simulation.neighbourhood.mediations import Mediations
from simulation.policing import deliver as policing
from simulation.policing.calls import Calls
from simulation.policing.feedback import Feedback
from simulation.policing.orders import Orders
from simulation.projects import deliver as projects
from simulation.projects.projects import Projects
from simulation.rates import Lives, later_rates

AGENCIES = 6  # steps of progress


def deliver_later(
    ground: Ground, disputes: Disputes, step: Callable[[], None]
) -> tuple[pl.Series, pl.DataFrame]:
    """Write every delivery; gives the withdrawn disputes and the true rates."""
    world = ground.world
    project, mediation = Projects(world), Mediations(world, disputes)
    calls, cases = Calls(world, disputes), Cases(world)
    lives = Lives(
        calls=calls,
        feedback=Feedback(world, calls),
        orders=Orders(world),
        grid=Grid(world, project),
        cases=cases,
        warnings=Warnings(world, cases),
        patients=Patients(world),
        youth=Youth(world),
    )
    projects.deliver(ground, project)
    step()
    neighbourhood.deliver(ground, mediation, lives.grid)
    step()
    policing.deliver(ground, calls, lives.feedback, lives.orders)
    step()
    justice.deliver(ground, cases, lives.warnings)
    step()
    care.deliver(ground, lives.patients, lives.youth)
    step()
    directory.deliver(ground)
    step()
    return mediation.withdrawn, later_rates(world, lives)
